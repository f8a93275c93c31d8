"""What a modeller writes: stocks, flows, auxiliaries, parameters, paths, tables, delays.

An equation is a small function in plain NumPy; its signature is the causal link: every argument is the name of another
variable. Values that equations read are declared beside them. `headframe.engine.model.Model` collects them by name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.engine.operations import Array, Shape

Distribution = Literal["uniform", "triangular", "loguniform", "normal"]
Initial = float | str | Callable[..., Any]
Range = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Declaration:
    """What every named thing of a model has; `name` is filled in by the model that collects it."""

    name: str = ""
    unit: str = "1"
    axes: tuple[Axis, ...] = ()
    description: str = ""
    source: str = ""
    block: str = ""

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        return type(self).__name__.lower()

    @property
    def shape(self) -> Shape:
        """The lengths of its axes."""
        return tuple(len(axis) for axis in self.axes)

    def called(self, name: str, block: str = "") -> Declaration:
        """The same under a name, and in a block where it has none."""
        return replace(self, name=self.name or name, block=self.block or block)


@dataclass(frozen=True, kw_only=True, eq=False)
class Value(Declaration):
    """A number or an array that is given, not computed; unlisted bounds are not known."""

    default: Array
    low: Array | None = None
    high: Array | None = None

    def __post_init__(self) -> None:
        """Raises HF917 when the shape does not fit the axes, or the default is no number or outside its range."""
        for label, array in (("default", self.default), ("low", self.low), ("high", self.high)):
            if array is not None and (array.shape not in ((), self.shape) or np.isnan(array).any()):
                raise HeadframeError.of("HF917", self.name or self.kind, what=label, shape=self.shape, value=array)
        outside = (self.low is not None and (self.default < self.low).any()) or (
            self.high is not None and (self.default > self.high).any()
        )
        if outside:
            raise HeadframeError.of(
                "HF917", self.name or self.kind, what="default", shape=self.shape, value=self.default
            )


class Constant(Value):
    """A number that no run changes, such as the hours of a year; it folds into the equations."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameter(Value):
    """A number that may differ from run to run but not in time; `distribution` says how it is drawn in its range."""

    distribution: Distribution = "uniform"


class Path(Value):
    """A number that changes in time as the user says."""


class Lever(Path):
    """A path that somebody decides."""


class Exogenous(Path):
    """A path that nobody in the model decides."""


class Event(Path):
    """A path that is 0 but for the dated entries of an event register, which add up."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Structure(Declaration):
    """A choice between alternative equations, made per run; equations read its number, 0 for the first option."""

    options: tuple[str, ...]
    default: int = 0

    def number(self, option: str) -> int:
        """The number of an option. Raises HF924 for one that there is not."""
        if option not in self.options:
            raise HeadframeError.of("HF924", self.name, option=option, options=", ".join(self.options))
        return self.options.index(option)


@dataclass(frozen=True, kw_only=True, eq=False)
class Table(Declaration):
    """A function given by points: linear between them, held at both ends. Called in equations: `effect(x)`."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    x_unit: str = "1"

    def __post_init__(self) -> None:
        """Raises HF917 unless there are two points at least and the xs rise."""
        points = np.array([self.xs, self.ys]) if len(self.xs) == len(self.ys) else np.zeros((2, 0))
        if points.shape[1] < 2 or not np.isfinite(points).all() or not (np.diff(points[0]) > 0).all():
            raise HeadframeError.of("HF917", self.name or "table", what="table", shape="x ↑", value=(self.xs, self.ys))

    def __call__(self, x: ArrayLike) -> Any:
        """The table's value at `x`, elementwise."""
        looked_up = getattr(x, "look_up", None)  # symbolic arrays know how to read a table with its units
        return (
            looked_up(self) if looked_up is not None else np.interp(np.asarray(x, dtype=np.float64), self.xs, self.ys)
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Equation(Declaration):
    """A variable that is computed: `function` of the variables named in `reads`, in that order.

    `bounds` is a range that every element keeps to in a sane run; leaving it is recorded as a failure.
    """

    function: Callable[..., Any]
    reads: tuple[str, ...]
    bounds: Range | None = None
    generated: bool = False  # made by the engine from another declaration

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The function itself, to be tried by hand."""
        return self.function(*arguments, **named)


class Auxiliary(Equation):
    """A variable computed from others at the same time."""


class Flow(Equation):
    """A rate per year that moves a stock."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Stock(Equation):
    """A quantity that its flows change; the function gives its net rate per year besides its `exits`.

    `exits` are competing hazards, flow → variable with its hazard per year. With H their sum, a step of length h takes
    `remaining × (1 − exp(−H h))` away, split in proportion to the hazards, where `remaining` is the stock less what
    the flows in `after` take in that step. Nothing can be taken twice, so nothing is clipped.
    """

    initial: Initial
    exits: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Yearly(Equation):
    """The new value of `stock` when a year has ended, from variables as they are after the year's last step."""

    stock: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Lag(Declaration):
    """A delayed or smoothed copy of the variable `of`.

    `conserving` lags keep what is under way in stocks of their own.
    """

    of: str
    time: str
    order: int
    initial: str | float | None
    conserving: bool

    def __post_init__(self) -> None:
        """Raises HF917 for an order below one."""
        if self.order < 1:
            raise HeadframeError.of("HF917", self.name or "delay", what="order", shape=">= 1", value=self.order)


@dataclass(frozen=True, kw_only=True, eq=False)
class Conserved(Declaration):
    """A total that must change only by its gains and losses: Σ stocks, with d/dt Σ = Σ gains − Σ losses."""

    stocks: tuple[str, ...]
    gains: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Feedback(Declaration):
    """Links (source variable, variable that reads it) that are cut together: a cut link reads the base run's path."""

    links: tuple[tuple[str, str], ...]


def _array(value: ArrayLike | None) -> Array | None:
    return None if value is None else np.array(value, dtype=np.float64)


def _given(made: type[Any], default: ArrayLike, low: ArrayLike | None, high: ArrayLike | None, **rest: Any) -> Any:
    """A `Value`; one number for all elements is spread over the axes."""
    shape = tuple(len(axis) for axis in rest.get("axes", ()))
    whole = _array(default)
    spread = np.broadcast_to(whole, shape) if whole is not None and whole.ndim == 0 else whole
    return made(default=spread, low=_array(low), high=_array(high), **rest)


def parameter(
    default: ArrayLike,
    *,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    unit: str = "1",
    axes: tuple[Axis, ...] = (),
    distribution: Distribution = "uniform",
    **about: Any,
) -> Parameter:
    """A parameter: its default, its range, and how it is drawn. `about`: name, description, source, block."""
    made: Parameter = _given(Parameter, default, low, high, unit=unit, axes=axes, distribution=distribution, **about)
    return made


def constant(value: ArrayLike, *, unit: str = "1", axes: tuple[Axis, ...] = (), **about: Any) -> Constant:
    """A constant with a unit."""
    made: Constant = _given(Constant, value, None, None, unit=unit, axes=axes, **about)
    return made


def lever(
    default: ArrayLike = 0.0,
    *,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    unit: str = "1",
    axes: tuple[Axis, ...] = (),
    **about: Any,
) -> Lever:
    """A path that somebody decides; `default` holds at all times."""
    made: Lever = _given(Lever, default, low, high, unit=unit, axes=axes, **about)
    return made


def exogenous(
    default: ArrayLike,
    *,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    unit: str = "1",
    axes: tuple[Axis, ...] = (),
    **about: Any,
) -> Exogenous:
    """A path from outside the model; `default` holds at all times."""
    made: Exogenous = _given(Exogenous, default, low, high, unit=unit, axes=axes, **about)
    return made


def event(*, unit: str = "1", axes: tuple[Axis, ...] = (), **about: Any) -> Event:
    """A path that the event register fills."""
    made: Event = _given(Event, 0.0, None, None, unit=unit, axes=axes, **about)
    return made


def structure(options: Iterable[str], *, default: str | None = None, **about: Any) -> Structure:
    """A choice between alternative equations; the first option where no default is named."""
    named = tuple(options)
    made = Structure(options=named, **about)
    return made if default is None else replace(made, default=made.number(default))


def table(xs: Iterable[float], ys: Iterable[float], *, x_unit: str = "1", unit: str = "1", **about: Any) -> Table:
    """A function given by points."""
    return Table(xs=tuple(map(float, xs)), ys=tuple(map(float, ys)), x_unit=x_unit, unit=unit, **about)


def smooth(of: str, *, time: str, order: int = 1, initial: str | float | None = None, **about: Any) -> Lag:
    """A smoothed copy of a variable: `order` stocks in a row, each closing its gap in `time / order`.

    It starts at `initial`, or at the variable's own value at the start.
    """
    return Lag(of=of, time=time, order=order, initial=initial, conserving=False, **about)


def delay(of: str, *, time: str, order: int = 3, initial: str | float | None = None, **about: Any) -> Lag:
    """A flow delayed on its way: what goes in comes out later, `time` on average, through `order` stocks in a row.

    It starts in balance with `initial`, or with the flow's own value at the start.
    """
    return Lag(of=of, time=time, order=order, initial=initial, conserving=True, **about)


def conserved(
    *, stocks: Iterable[str], gains: Iterable[str] = (), losses: Iterable[str] = (), **about: Any
) -> Conserved:
    """A total that changes only by its gains and losses."""
    return Conserved(stocks=tuple(stocks), gains=tuple(gains), losses=tuple(losses), **about)


def feedback(name: str, links: Iterable[tuple[str, str]], **about: Any) -> Feedback:
    """A feedback that can be cut in a run: its links (source variable, variable that reads it)."""
    return Feedback(name=name, links=tuple((source, target) for source, target in links), **about)


def reads_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's arguments. Raises HF916 for `*args`, `**kwargs` and defaults."""
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    arguments = inspect.signature(function).parameters.values()
    for argument in arguments:
        if argument.kind not in plain or argument.default is not argument.empty:
            raise HeadframeError.of("HF916", getattr(function, "__name__", "function"), argument=str(argument))
    return tuple(argument.name for argument in arguments)


def _equation(made: type[Any], function: Callable[..., Any], about: dict[str, Any]) -> Any:
    about.setdefault("name", function.__name__)
    about.setdefault("description", inspect.getdoc(function) or "")
    return made(function=function, reads=reads_of(function), **about)


def auxiliary(
    *, unit: str = "1", axes: tuple[Axis, ...] = (), bounds: Range | None = None, **about: Any
) -> Callable[[Callable[..., Any]], Auxiliary]:
    """A variable computed from others at the same time."""
    return lambda function: _equation(Auxiliary, function, {"unit": unit, "axes": axes, "bounds": bounds, **about})


def flow(
    *, unit: str, axes: tuple[Axis, ...] = (), bounds: Range | None = None, **about: Any
) -> Callable[[Callable[..., Any]], Flow]:
    """A rate per year that moves a stock; its unit is the stock's per year."""
    return lambda function: _equation(Flow, function, {"unit": unit, "axes": axes, "bounds": bounds, **about})


def stock(
    *,
    unit: str,
    initial: Initial,
    axes: tuple[Axis, ...] = (),
    bounds: Range | None = None,
    exits: Mapping[str, str] | None = None,
    after: Iterable[str] = (),
    **about: Any,
) -> Callable[[Callable[..., Any]], Stock]:
    """A quantity that its flows change (see `Stock`); `initial` is a number, a name, or a function of names."""
    kept = {"unit": unit, "axes": axes, "bounds": bounds, "initial": initial, **about}
    kept |= {"exits": dict(exits or {}), "after": tuple(after)}
    return lambda function: _equation(Stock, function, kept)


def yearly(stock: str, **about: Any) -> Callable[[Callable[..., Any]], Yearly]:
    """The new value of a stock when a year has ended."""
    return lambda function: _equation(Yearly, function, {"stock": stock, **about})
