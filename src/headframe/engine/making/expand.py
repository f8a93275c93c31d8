"""What the engine itself adds to a model: the flows of competing hazards, and the hidden stocks of delays.

The added parts are ordinary declarations, so that everything that reads a model treats them like the author's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from headframe.core.axes import Axis
from headframe.engine.declare import Auxiliary, Declaration, Equation, Flow, Lag, Stock, Yearly, constant
from headframe.engine.operations import Array

TIME_STEP = "time_step"  # readable by the engine's own equations only: the step is not the modeller's business (law 2)
_SERIES = (1.0, -1.0 / 2, 1.0 / 6, -1.0 / 24, 1.0 / 120, -1.0 / 720, 1.0 / 5040, -1.0 / 40320)
_SERIES_LIMIT = 0.03  # below it the series is exact to 1e-16, above it the difference loses no more than two digits


def mean_remaining(x: Any) -> Any:
    """(1 − exp(−x)) / x, the mean share still there while a hazard x runs its course; 1 at 0."""
    series: Any = _SERIES[-1]
    for coefficient in reversed(_SERIES[:-1]):
        series = coefficient + x * series
    small = np.abs(x) < _SERIES_LIMIT
    return np.where(small, series, (1.0 - np.exp(-x)) / np.where(small, 1.0, x))


def expanded(declarations: Mapping[str, Declaration]) -> dict[str, Declaration]:
    """The declarations with those that the engine adds; what a `Lag` stands for takes the lag's place."""
    stocks = [declaration for declaration in declarations.values() if isinstance(declaration, Stock)]
    exits = {name: flow for stock in stocks for name, flow in _exits(stock).items()}
    found: dict[str, Declaration] = {}
    for name, declaration in declarations.items():
        if isinstance(declaration, Lag):
            found |= _lag(declaration, {**declarations, **exits})
        elif isinstance(declaration, Yearly) and declaration.stock in declarations:
            stock = declarations[declaration.stock]
            found[name] = replace(declaration, unit=stock.unit, axes=stock.axes)
        else:
            found[name] = declaration
            if isinstance(declaration, Stock):
                found |= _exits(declaration)
    return found


def _exits(stock: Stock) -> dict[str, Declaration]:
    """One flow for each exit of a stock."""
    hazards, others = tuple(stock.exits.values()), stock.after
    reads = (stock.name, *hazards, *others, TIME_STEP)

    def leaving(chosen: int) -> Any:
        def flow(held: Any, *rest: Any) -> Any:
            rates, taken, step = rest[: len(hazards)], rest[len(hazards) : -1], rest[-1]
            total = _sum(rates)
            remaining = held - step * _sum(taken) if taken else held
            return remaining * rates[chosen] * mean_remaining(total * step)

        return flow

    about: dict[str, Any] = {"unit": rate_unit(stock.unit), "axes": stock.axes, "block": stock.block, "reads": reads}
    return {
        name: Flow(name=name, function=leaving(index), generated=True, **about, description=f"{hazard} × {stock.name}")
        for index, (name, hazard) in enumerate(stock.exits.items())
    }


def _sum(values: Iterable[Any]) -> Any:
    listed = list(values)
    total = listed[0]
    for value in listed[1:]:
        total = total + value
    return total


def rate_unit(unit: str) -> str:
    """A unit per year."""
    number, rest = _number_apart(unit)
    return f"{number}({rest})/year" if "/" in rest else f"{number}{rest}/year"


def amount_unit(unit: str) -> str:
    """A unit per year, times a year."""
    number, rest = _number_apart(unit)
    return unit.removesuffix("/year") if rest.endswith("/year") else f"{number}({rest})*year"


def _number_apart(unit: str) -> tuple[str, str]:
    """`10000 person` in two, because a unit has its number in front and not in brackets."""
    found = re.match(r"\s*[0-9][0-9,.eE+-]*\s+(?=[\w(])", unit)
    return (found[0], unit[found.end() :]) if found else ("", unit)


def _lag(lag: Lag, declarations: Mapping[str, Declaration]) -> dict[str, Declaration]:
    source, passed = declarations.get(lag.of), {lag.name}
    while isinstance(source, Lag) and source.name not in passed:  # a lag of a lag has the unit of what both follow
        passed.add(source.name)
        source = declarations.get(source.of)
    unit, axes = (source.unit, source.axes) if source is not None else ("1", ())
    return _delay(lag, unit, axes) if lag.conserving else _smooth(lag, unit, axes)


def _smooth(lag: Lag, unit: str, axes: tuple[Axis, ...]) -> dict[str, Declaration]:
    """Stocks in a row; the last one has the name of the lag."""
    names = [f"{lag.name}_stage_{stage}" for stage in range(1, lag.order)] + [lag.name]
    before = [lag.of, *names[:-1]]
    order = lag.order

    def closing(incoming: Any, held: Any, time: Any) -> Any:
        return (incoming - held) * order / time

    return {
        name: Stock(
            name=name,
            unit=unit,
            axes=axes,
            block=lag.block,
            description=lag.description,
            source=lag.source,
            function=closing,
            reads=(source, name, lag.time),
            generated=True,
            initial=lag.of if lag.initial is None else lag.initial,
        )
        for name, source in zip(names, before, strict=True)
    }


def _delay(lag: Lag, unit: str, axes: tuple[Axis, ...]) -> dict[str, Declaration]:
    """Stocks under way, each emptied by the outflow into the next; the last outflow has the name of the lag."""
    order = lag.order
    stocks = [f"{lag.name}_under_way_{stage}" for stage in range(1, order + 1)]
    outflows = [f"{lag.name}_stage_{stage}" for stage in range(1, order)] + [lag.name]
    found: dict[str, Declaration] = {}
    start = lag.of if lag.initial is None else lag.initial
    if not isinstance(start, str):  # a number is in the flow's unit, which a literal would not be
        found[f"{lag.name}_at_start"] = constant(start, name=f"{lag.name}_at_start", unit=unit, axes=axes)
        start = f"{lag.name}_at_start"
    about: dict[str, Any] = {"axes": axes, "block": lag.block, "source": lag.source, "generated": True}

    def out(held: Any, time: Any) -> Any:
        return held * order / time

    def net(incoming: Any, outgoing: Any) -> Any:
        return incoming - outgoing

    def balance(incoming: Any, delay_time: Any) -> Any:
        return incoming * delay_time / order  # at which as much leaves a stage as comes in

    initial = Auxiliary(name="initial", function=balance, reads=(start, lag.time), generated=True)
    for stock, outflow, source in zip(stocks, outflows, [lag.of, *outflows[:-1]], strict=True):
        found[stock] = Stock(
            name=stock, unit=amount_unit(unit), function=net, reads=(source, outflow), initial=initial, **about
        )
        found[outflow] = Flow(
            name=outflow, unit=unit, function=out, reads=(stock, lag.time), description=lag.description, **about
        )
    return found


def initial_equation(stock: Stock) -> Equation:
    """The initial value of a stock as an equation."""
    initial = stock.initial
    about: dict[str, Any] = {"name": stock.name, "unit": stock.unit, "axes": stock.axes}
    if isinstance(initial, Equation):
        return replace(initial, **about)
    if isinstance(initial, str):
        return Auxiliary(function=lambda value: value, reads=(initial,), **about)
    if callable(initial):
        from headframe.engine.declare import reads_of

        return Auxiliary(function=initial, reads=reads_of(initial), **about)
    given: Array = np.array(initial, dtype=np.float64)
    return Auxiliary(function=lambda: given, reads=(), generated=True, **about)
