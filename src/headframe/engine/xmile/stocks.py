"""Stocks with their flows: net rates taken apart into what fills and what drains, and yearly updates as pulses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from headframe.engine.declare import Stock, Yearly
from headframe.engine.graph import Node
from headframe.engine.making.expand import initial_equation, rate_unit
from headframe.engine.system import StockEquations
from headframe.engine.xmile.drafts import Drafts
from headframe.engine.xmile.scalars import Scalar


class Flows:
    """The ends of flows: a flow fills one stock and drains one at most, as in a diagram."""

    def __init__(self, drafts: Drafts) -> None:
        self.drafts = drafts
        self.connected: set[tuple[str, int]] = set()  # flows that fill (1) or drain (-1) a stock already

    def stock(self, declared: Stock, equations: StockEquations, start: Node) -> None:
        """A stock with its flows. What is no sum of flows becomes one more flow, the rest of its change."""
        drafts, pool = self.drafts, self.drafts.scalars
        initial = drafts.unroller(initial_equation(declared).reads, drafts.reference)
        rates = drafts.unroller((*declared.reads, *declared.exits), drafts.reference)
        for place, own in np.ndenumerate(drafts.variables[declared.name]):
            flows: dict[int, list[str]] = {1: [], -1: []}
            rest = []
            for sign, term in self.terms(rates.number(equations.rate, place)):
                if self._kind(term) == "flow":
                    flows[sign].append(self._connect(term.payload, sign, own, declared))
                else:
                    rest.append(term if sign > 0 else pool.negative(term))
            if rest:
                flows[1].append(self._made(f"change_of_{own}", pool.sum(rest), declared, f"Net change of {own}."))
            drained = [pool.negative(pool.name(flow)) for flow in flows[-1]]
            drafts.changes[own] = pool.sum([*(pool.name(flow) for flow in flows[1]), *drained])
            sides = {"inflows": tuple(flows[1]), "outflows": tuple(flows[-1])}
            drafts.add(own, initial.number(start, place), declared, **sides)

    def terms(self, scalar: Scalar, sign: int = 1) -> Iterator[tuple[int, Scalar]]:
        """An expression as a signed sum; auxiliaries that only add flows up are taken apart too."""
        if scalar.operation in ("add", "subtract", "negative"):
            for position, argument in enumerate(scalar.arguments):
                turned = scalar.operation == "negative" or (scalar.operation == "subtract" and position == 1)
                yield from self.terms(argument, -sign if turned else sign)
        elif self._kind(scalar) == "aux":
            parts = list(self.terms(self.drafts.entries[scalar.payload].root, sign))
            adds_flows = len(parts) > 1 and all(self._kind(part) == "flow" for _, part in parts)
            yield from parts if adds_flows else [(sign, scalar)]
        elif scalar.operation != "number" or scalar.payload != 0:
            yield sign, scalar

    def _kind(self, scalar: Scalar) -> str:
        entry = self.drafts.entries.get(scalar.payload) if scalar.operation == "name" else None
        return entry.kind if entry is not None else ""

    def _connect(self, flow: str, sign: int, stock: str, declared: Stock) -> str:
        """The flow, or a copy where it fills or drains a stock already."""
        if (flow, sign) not in self.connected:
            self.connected.add((flow, sign))
            return flow
        way = "into" if sign > 0 else "out_of"
        about = f"{flow} as it goes {way.replace('_', ' ')} {stock}."
        return self._made(f"{flow}_{way}_{stock}", self.drafts.scalars.name(flow), declared, about)

    def _made(self, wanted: str, root: Scalar, declared: Stock, about: str) -> str:
        name = self.drafts.names.claim(wanted)
        self.drafts.add(name, root, declared, kind="flow", unit=rate_unit(declared.unit), description=about)
        return name

    def yearly(self, declared: Yearly, stock: Stock, renewed: Node) -> None:
        """A pulse in the step that ends a year, as large as brings the stock to its new value."""
        drafts, pool = self.drafts, self.drafts.scalars
        unroller = drafts.unroller(declared.reads, drafts.reference_after)
        for place, own in np.ndenumerate(drafts.variables[stock.name]):
            value, after = unroller.number(renewed, place), drafts.reference_after(stock.name, place)
            if value is after:
                continue  # this element is left as it is
            pulse = pool.apply("divide", pool.apply("subtract", value, after), drafts.step_length())
            ends = pool.compare("greater", drafts.year_ends(), pool.literal(0.5))
            labels = [axis.labels[index] for axis, index in zip(stock.axes, place, strict=True)]
            flow = drafts.names.claim("_".join([declared.name, *labels]))
            about: dict[str, Any] = {"kind": "flow", "unit": rate_unit(stock.unit), "variable": declared.name}
            drafts.add(flow, pool.choose(ends, pulse, pool.literal(0)), declared, **about)
            drafts.entries[own] = replace(drafts.entries[own], inflows=(*drafts.entries[own].inflows, flow))
