"""Names and units of an XMILE file: identifiers that every tool accepts, each once whatever its case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, product

import numpy as np
from numpy.typing import NDArray

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.core.units import signature
from headframe.engine.declare import Conserved, Declaration, Feedback, Table, Yearly

# Words and functions of XMILE 1.0, and the names that tools give to the settings of a simulation.
RESERVED = frozenset((
    "and", "or", "not", "mod", "if", "then", "else", "nan", "na", "std", "user", "abs", "arccos", "arcsin",
    "arctan", "cos", "exp", "inf", "int", "ln", "log10", "max", "min", "pi", "sin", "sqrt", "tan", "exprnd",
    "lognormal", "normal", "poisson", "random", "uniform", "delay", "delay1", "delay3", "delayn", "forcst", "smth1",
    "smth3", "smthn", "trend", "pulse", "ramp", "step", "dt", "starttime", "stoptime", "time", "init", "previous",
    "self", "mean", "rank", "size", "stddev", "sum", "lookup", "round", "safediv", "sign", "integer", "log",
    "time_step", "initial_time", "final_time", "saveper", "integ", "smooth", "smoothi", "smooth3", "smooth3i",
    "delay1i", "delay3i", "if_then_else", "modulo",
))  # fmt: skip
_BETWEEN = re.compile("_+")
_UNIT_SYMBOLS = {"**": "^", "％": "percent", "%": "percent", "‰": "permille", "²": "^2", "³": "^3", "·": "*", "／": "/"}
_UNIT_TOKEN = re.compile(r"\^\s*-?\d+|[0-9][0-9.,]*(?:[eE][+-]?\d+)?|[^\W\d]\w*|[*/()]|\S")
_SOLE = re.compile(r"^\((\w+)\)(?=$|[*/])")


class Names:
    """The identifiers of one file. Two that differ only in case, or in blanks, count as the same."""

    def __init__(self) -> None:
        self._taken = set(RESERVED)

    def claim(self, wanted: str) -> str:
        """The first identifier that is free: `people`, else `people_2`, `people_3` and so on."""
        name = identifier(wanted)
        if name.casefold() in RESERVED:
            name += "_value"
        for number in count(2):
            if name.casefold() not in self._taken:
                break
            name = f"{identifier(wanted)}_{number}"
        self._taken.add(name.casefold())
        return name


def identifier(text: str) -> str:
    """Letters of any script, digits and single underscores; no digit at the front, no underscore at the ends."""
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(letter if f"a{letter}".isidentifier() else "_" for letter in normal)
    name = _BETWEEN.sub("_", kept).strip("_") or "variable"
    return name if name.isidentifier() else f"v_{name}"


def element_names(names: Names, name: str, axes: Iterable[Axis]) -> NDArray[np.object_]:
    """The identifiers of a variable's elements: the name, and the label of each axis behind it."""
    listed = tuple(axes)
    found = np.empty([len(axis) for axis in listed], dtype=object)
    for place in product(*(range(len(axis)) for axis in listed)):
        labels = (_label(axis.labels[index], index) for axis, index in zip(listed, place, strict=True))
        found[place] = names.claim("_".join([name, *labels]))
    return found


def _label(label: str, index: int) -> str:
    """A label, or its number where none of its characters may stand in a name."""
    return label if any(f"a{letter}".isidentifier() for letter in label) else str(index + 1)


def variable_names(names: Names, declarations: Mapping[str, Declaration]) -> dict[str, NDArray[np.object_]]:
    """The identifiers of everything that has a value; single numbers choose before arrays, so that they keep theirs."""
    valued = {n: d for n, d in declarations.items() if not isinstance(d, Table | Conserved | Feedback | Yearly)}
    ordered = sorted(valued, key=lambda name: len(valued[name].axes) > 0)
    found = {name: element_names(names, name, valued[name].axes) for name in ordered}
    return {name: found[name] for name in valued}


def unit_equation(unit: str) -> str:
    """A unit as XMILE writes it: names joined by `*`, `/` and whole powers.

    A number before a name becomes part of the name, since XMILE has none in units: `10,000 yuan` is
    `unit_of_10_000_yuan`.
    """
    text = unit.strip() or "1"
    for symbol, replacement in _UNIT_SYMBOLS.items():
        text = text.replace(symbol, replacement)
    found = "".join(_joined(_UNIT_TOKEN.findall(text)))
    return _SOLE.sub(r"\1", found) or "1"


def _joined(tokens: list[str]) -> Iterator[str]:
    """Tokens with neighbours that have no operator between them made one name."""
    run: list[str] = []
    for piece in tokens:
        if piece in ("*", "/", "(", ")") or piece.startswith("^"):
            yield from _unit_name(run)
            yield piece.replace(" ", "")
            run = []
        else:
            run.append(piece)
    yield from _unit_name(run)


def _unit_name(run: list[str]) -> Iterator[str]:
    text = "_".join(run)
    if text:
        yield text if text == "1" else identifier(f"unit_of_{text}" if text[0].isdigit() else text)


def unit_definitions(units: Iterable[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Name, equation and aliases of the unit names in some unit equations that mean the same as others.

    Names of plain numbers have the equation 1; of names for one unit the first has the others as aliases.
    """
    listed = dict.fromkeys(name for unit in units for name in re.findall(r"[^\W\d]\w*", unit_equation(unit)))
    alike: dict[object, list[str]] = {}
    for name in listed:
        alike.setdefault(_meaning(name), []).append(name)
    for meaning, names in alike.items():
        if meaning == (1.0, ()):
            yield from ((name, "1", ()) for name in names)
        elif len(names) > 1:
            yield names[0], "", tuple(names[1:])


def _meaning(name: str) -> object:
    """What a unit name stands for; a name that was joined from several stands for itself."""
    try:
        return signature(name)
    except HeadframeError:
        return name
