"""Symbolic arrays: what equations receive when a model is traced.

They answer to NumPy's own protocols, so that a function written for arrays builds the expression graph instead of
computing. Each symbolic array knows its node, the names of its axes and its unit; what does not fit is reported with
the line of the equation that asked for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from headframe.core.errors import HeadframeError, Problem
from headframe.engine.graph import Graph, Node
from headframe.engine.operations import Shape
from headframe.engine.symbolic.dimensions import Dimension

if TYPE_CHECKING:
    from headframe.engine.declare import Table

Axes = tuple[str | None, ...]
_ENGINE = str(Path(__file__).parents[1])
_NUMPY = str(Path(np.__file__).parent)


@dataclass(frozen=True)
class Dispatch:
    """What symbolic arrays answer with when NumPy asks them; see `headframe.engine.symbolic.functions.DISPATCH`."""

    ufunc: Callable[..., Any]
    function: Callable[..., Any]
    item: Callable[[Any, Any], Any]
    table: Callable[[Any, Any], Any]


class Trace:
    """What one tracing of a model collects: the graph, and problems that do not stop it."""

    def __init__(self, graph: Graph, dispatch: Dispatch) -> None:
        self.graph, self.dispatch = graph, dispatch
        self.problems: list[Problem] = []
        self.variable = ""
        self.names: dict[int, str] = {}  # nodes that are variables, for messages

    def report(self, code: str, **values: object) -> None:
        """Note a problem at the line of the equation that is being traced, once."""
        problem = Problem(code, self.place(), {"variable": self.variable, "line": _source_line(), **values})
        if not any(known.code == code and known.where == problem.where for known in self.problems):
            self.problems.append(problem)

    def refuse(self, code: str, **values: object) -> NoReturn:
        """Raise for something that no expression can be made of."""
        raise HeadframeError.of(code, self.place(), variable=self.variable, line=_source_line(), **values)

    def place(self) -> str:
        """`file:line` of the equation."""
        frame = _author_frame()
        return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}" if frame else self.variable

    def constant(self, value: Any) -> Symbol:
        """A literal: its unit is that of a plain number, and a zero's or infinity's is any."""
        array = np.asarray(value)
        if array.dtype.kind not in "bifu":
            self.refuse("HF908", asked=f"{type(value).__name__} {value!r:.40}")
        numbers = np.abs(array)
        anything = bool(((numbers == 0) | (numbers == np.inf)).all())
        node = self.graph.constant(array)
        return Symbol(self, node, (None,) * array.ndim, None if anything else Dimension())

    def symbol(self, value: Any) -> Symbol:
        """A symbolic array of what an equation computes with."""
        if isinstance(value, Symbol):
            return value
        if isinstance(value, list | tuple) and any(isinstance(item, Symbol) for item in value):
            self.refuse("HF908", asked="a list of arrays (use np.stack)")
        return self.constant(value)

    def describe(self, symbol: Symbol) -> str:
        """A value in words: the variable's name, where it is one, and its unit."""
        name = self.names.get(symbol.node.number)
        if name is None and symbol.node.operation == "constant":
            name = np.array2string(symbol.node.value, threshold=4, precision=4)
        return f"{name or '…'} [{symbol.dimension or '?'}]"


def _author_frame() -> Any:
    """The innermost frame that is neither the engine's nor NumPy's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((_ENGINE, _NUMPY, "<__array")):
        frame = frame.f_back
    return frame


def _source_line() -> str:
    import linecache

    frame = _author_frame()
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip() if frame else ""


class Symbol(NDArrayOperatorsMixin):
    """A symbolic array: a node, names of its axes (None where an axis has none), and a unit (None where unknown)."""

    __slots__ = ("axes", "dimension", "node", "trace")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, trace: Trace, node: Node, axes: Axes, dimension: Dimension | None) -> None:
        self.trace, self.node, self.axes, self.dimension = trace, node, axes, dimension

    @property
    def shape(self) -> Shape:
        """Lengths of the axes."""
        return self.node.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.node.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.node.size

    @property
    def T(self) -> Symbol:  # noqa: N802
        """The array with its axes in reverse order."""
        return self._numpy("transpose", self)  # type: ignore[no-any-return]

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a single number has no length")
        return self.shape[0]

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return self.trace.dispatch.ufunc(self.trace, ufunc, method, inputs, options)

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, arguments: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        return self.trace.dispatch.function(self.trace, function.__name__, arguments, options)

    def __getitem__(self, key: Any) -> Symbol:
        return self.trace.dispatch.item(self, key)  # type: ignore[no-any-return]

    def look_up(self, table: Table) -> Symbol:
        """The value of a table, with its units checked."""
        return self.trace.dispatch.table(self, table)  # type: ignore[no-any-return]

    def _numpy(self, name: str, *arguments: Any, **options: Any) -> Any:
        return self.trace.dispatch.function(self.trace, name, arguments, options)

    def sum(self, axis: Any = None, *, keepdims: bool = False) -> Symbol:
        """The sum along axes, as `np.sum`."""
        return self._numpy("sum", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Symbol:
        """The mean along axes, as `np.mean`."""
        return self._numpy("mean", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def max(self, axis: Any = None, *, keepdims: bool = False) -> Symbol:
        """The greatest element along axes, as `np.max`."""
        return self._numpy("max", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def min(self, axis: Any = None, *, keepdims: bool = False) -> Symbol:
        """The least element along axes, as `np.min`."""
        return self._numpy("min", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def prod(self, axis: Any = None) -> Symbol:
        """The product along an axis, as `np.prod`."""
        return self._numpy("prod", self, axis=axis)  # type: ignore[no-any-return]

    def clip(self, low: Any = None, high: Any = None) -> Symbol:
        """The values held between two bounds, as `np.clip`."""
        return self._numpy("clip", self, low, high)  # type: ignore[no-any-return]

    def dot(self, other: Any) -> Symbol:
        """The product with another array, as `np.dot`."""
        return self._numpy("dot", self, other)  # type: ignore[no-any-return]

    def transpose(self, *axes: int) -> Symbol:
        """The array with its axes in another order, as `np.transpose`."""
        return self._numpy("transpose", self, axes or None)  # type: ignore[no-any-return]

    def __bool__(self) -> bool:  # noqa: PLE0304 — it never answers
        self.trace.refuse("HF907")

    def __float__(self) -> float:
        self.trace.refuse("HF908", asked="float(…) or a function of the math module")

    def __int__(self) -> int:
        self.trace.refuse("HF908", asked="int(…)")

    __index__ = __int__
    __complex__ = __int__

    def __array__(self, *_arguments: Any, **_options: Any) -> Any:
        self.trace.refuse("HF908", asked="conversion to a plain array")

    def __setitem__(self, key: Any, value: Any) -> None:
        self.trace.refuse("HF908", asked="assignment into an array")

    def __format__(self, _specification: str) -> str:
        self.trace.refuse("HF908", asked="text made of a value")

    def __repr__(self) -> str:
        return f"<symbolic {self.trace.describe(self)} {list(self.shape)}>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # NumPy probes such names and must not find them
        self.trace.refuse("HF909", function=f"array.{name}")
