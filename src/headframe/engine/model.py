"""A model: declarations collected by name, wired, traced and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from types import ModuleType
from typing import Any

from headframe.core.errors import HeadframeError, Problems
from headframe.core.units import CURRENCY_UNITS, remember_signatures, signature
from headframe.engine.declare import (
    Conserved,
    Declaration,
    Equation,
    Feedback,
    Flow,
    Stock,
    Table,
    Yearly,
)
from headframe.engine.inputs import Given, runs_of
from headframe.engine.making.expand import expanded
from headframe.engine.making.guard import differences
from headframe.engine.making.tracing import traced
from headframe.engine.making.wiring import RESERVED, check_wiring, initial_order, of_kind, step_order
from headframe.engine.runs import Backend, Horizon, Outcomes, Recorded, Runs
from headframe.engine.system import System


class Model:
    """A stock-flow model.

    `parts` are declarations that carry their name (equations do); `named` are those that get it here. `prices` names
    the price basis of every amount of money in the model, such as `real:2020`; a model with money must have one.

    Everything that can be wrong is found when the model is made and raised together: names (HF901), cycles (HF902),
    units (HF903, HF904, HF922, HF923), axes (HF905, HF906), what cannot be traced (HF907 to HF910), flows and stocks
    (HF911, HF912, HF919), what is declared twice or reserved (HF913, HF918), equations that are not pure (HF914,
    HF915), links (HF920).
    """

    def __init__(
        self, name: str, parts: Iterable[Declaration] = (), *, prices: str | None = None, **named: Declaration
    ) -> None:
        self.name = name
        self.prices = prices
        problems = Problems()
        self._parts = _collected(parts, named, problems)
        self.declarations: dict[str, Declaration] = expanded(self._parts)
        _check_names(self.declarations, self._parts, problems)
        _check_money(self.declarations, prices, problems)
        check_wiring(self.declarations, problems)
        problems.raise_if_any()
        self.order = step_order(self.declarations, problems)
        self.order_at_start = initial_order(self.declarations, problems)
        problems.raise_if_any()
        self.system: System = self._traced()
        remember_signatures()

    def _traced(self) -> System:
        system, found = traced(self.name, self.declarations, (self.order, self.order_at_start))
        if found:
            raise HeadframeError(found)
        problems = Problems()
        for variable, line, raised in differences(self.declarations, system):
            if raised:
                problems.add("HF910", line, variable=variable, error=raised, line="")
            else:
                problems.add("HF915", line, variable=variable)
        problems.raise_if_any()
        return system

    @classmethod
    def of(cls, *modules: ModuleType, name: str | None = None, prices: str | None = None) -> Model:
        """A model of everything that the modules declare at their top level; each module is a block."""
        parts: dict[str, Declaration] = {}
        for module in modules:
            block = module.__name__.rpartition(".")[2]
            for attribute, value in vars(module).items():
                if isinstance(value, Declaration):
                    called = value.called(attribute, block)
                    if parts.setdefault(called.name, called) is not called and not _same(parts[called.name], called):
                        raise HeadframeError.of("HF913", module.__name__, name=called.name)
        return cls(name or modules[0].__name__.rpartition(".")[2], parts.values(), prices=prices)

    def replaced(self, *parts: Declaration, **named: Declaration) -> Model:
        """The same model with some declarations replaced, or added, by name."""
        problems = Problems()
        changed = _collected(parts, named, problems)
        problems.raise_if_any()
        return Model(self.name, (self._parts | changed).values(), prices=self.prices)

    def without(self, *names: str) -> Model:
        """The same model without some declarations. Raises HF901 for a name that there is not."""
        for name in names:
            if name not in self._parts:
                raise HeadframeError.of("HF901", self.name, name=name, suggestion=", ".join(list(self._parts)[:8]))
        return Model(self.name, [part for name, part in self._parts.items() if name not in names], prices=self.prices)

    @cached_property
    def feedbacks(self) -> dict[str, Feedback]:
        """The feedbacks that can be cut."""
        return of_kind(self.declarations, Feedback)

    @cached_property
    def conserved(self) -> dict[str, Conserved]:
        """The totals that are conserved."""
        return of_kind(self.declarations, Conserved)

    @property
    def stocks(self) -> tuple[str, ...]:
        """The names of the stocks, those of delays included."""
        return tuple(stock.name for stock in self.system.stocks)

    def runs(self, horizon: Horizon, count: int = 1, **given: Any) -> Runs:
        """Inputs of `count` runs: what is not given has its default. See `headframe.engine.inputs.Given`."""
        return runs_of(self.declarations, self.system, horizon, count, Given(**given))

    def outcomes(self, names: Iterable[str] | None = None, *, means: Iterable[str] = ()) -> Outcomes:
        """Outcomes of these variables (default: the author's own stocks, flows and auxiliaries). Errors: HF939."""
        every = [n for n, d in self.declarations.items() if isinstance(d, Equation) and not isinstance(d, Yearly)]
        chosen = tuple(names) if names is not None else tuple(n for n in every if not self.declarations[n].generated)  # type: ignore[attr-defined]
        for name in (*chosen, *means):
            if name not in every:
                from headframe.core.errors import did_you_mean

                raise HeadframeError.of(
                    "HF939", name, name=name, suggestion=did_you_mean(name, every) or ", ".join(every[:8])
                )
        return Outcomes.of(chosen, means=means)

    def simulate(
        self, horizon: Horizon, outcomes: Iterable[str] | None = None, *, means: Iterable[str] = (), **given: Any
    ) -> Recorded:
        """Compute runs without compiling: one by the equations themselves, several at once by the graph."""
        from headframe.engine.batch.backend import Batch
        from headframe.engine.reference import Reference

        wanted = self.outcomes(outcomes, means=means)
        runs = self.runs(horizon, **given)
        backend: Backend = Reference(self, horizon, wanted) if len(runs) == 1 else Batch(self.system, horizon, wanted)
        return backend.run(runs)


def _same(one: Declaration, other: Declaration) -> bool:
    """Whether two declarations are one that was imported elsewhere."""
    if isinstance(one, Equation) and isinstance(other, Equation):
        return one.function is other.function
    return (
        type(one) is type(other)
        and all(getattr(one, field) is getattr(other, field) for field in ("unit", "axes", "description"))
        and getattr(one, "default", 0) is getattr(other, "default", 0)
    )


def _collected(
    parts: Iterable[Declaration], named: Mapping[str, Declaration], problems: Problems
) -> dict[str, Declaration]:
    found: dict[str, Declaration] = {}
    for part in (*parts, *(declared.called(name) for name, declared in named.items())):
        if not part.name.isidentifier() or part.name in RESERVED:
            problems.add("HF918", part.name or part.kind, name=part.name or "—")
        elif part.name in found:
            problems.add("HF913", part.name, name=part.name)
        found.setdefault(part.name, part)
    return found


def _check_names(declarations: Mapping[str, Declaration], parts: Mapping[str, Declaration], problems: Problems) -> None:
    """What the engine adds must not take the place of what the author wrote."""
    for name in declarations:
        if name in parts and getattr(declarations[name], "generated", False) and declarations[name].kind != "stock":
            author = parts[name]
            if author is not declarations[name] and isinstance(author, Flow | Stock):
                problems.add("HF913", name, name=name)


def _check_money(declarations: Mapping[str, Declaration], prices: str | None, problems: Problems) -> None:
    """Money without a price basis is an error, not a default (law 1); an unknown unit is HF101."""
    for name, declared in declarations.items():
        units = (declared.unit, declared.x_unit) if isinstance(declared, Table) else (declared.unit,)
        for unit in units:
            try:
                money = any(base in CURRENCY_UNITS for base, _ in signature(unit)[1])
            except HeadframeError:
                problems.add("HF101", name, unit=unit)
            else:
                if money and prices is None:
                    problems.add("HF923", name, unit=unit)
