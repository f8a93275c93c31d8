"""A reader of mathematical LaTeX that computes what it reads: written from the rules of notation, not from the printer.

A sum reaches as far as products do; fractions, exponents, roots and brackets hold what is between them.
"""

from __future__ import annotations

import re
from itertools import product
from typing import Any, ClassVar

import numpy as np

FUNCTIONS = {r"\ln": np.log, r"\sin": np.sin, r"\cos": np.cos, r"\tanh": np.tanh}
RELATIONS = {
    "<": np.less,
    r"\le": np.less_equal,
    ">": np.greater,
    r"\ge": np.greater_equal,
    r"\ne": np.not_equal,
    "=": np.equal,
}
NAMED = re.compile(r"\\math(?:it|rm)\{((?:[^{}\\]|\\_)*)\}('*)|(?<![A-Za-z\\])([i-n])(?![A-Za-z])('*)")


class Reader:
    """Reads one line in a world of variables, tables, axes (name → labels) and lines defined before."""

    def __init__(self, text: str, world: dict[str, Any], indices: dict[str, int]) -> None:
        self.text, self.world, self.indices, self.at = text, world, indices, 0

    # Reading

    def space(self) -> None:
        while self.text.startswith((" ", r"\,", r"\;"), self.at):
            self.at += 1 if self.text[self.at] == " " else 2

    def sees(self, token: str) -> bool:
        self.space()
        if not self.text.startswith(token, self.at):
            return False
        after = self.text[self.at + len(token) : self.at + len(token) + 1]
        return not (token[-1:].isalpha() and token.startswith("\\") and after.isalpha())

    def takes(self, token: str) -> bool:
        found = self.sees(token)
        self.at += len(token) if found else 0
        return found

    def needs(self, token: str) -> None:
        assert self.takes(token), f"{token} expected: …{self.text[self.at : self.at + 40]}"

    def group(self) -> str:
        self.needs("{")
        start, depth = self.at, 1
        while depth:
            escaped = self.text[self.at] == "\\"
            depth += 0 if escaped else {"{": 1, "}": -1}.get(self.text[self.at], 0)
            self.at += 2 if escaped else 1
        return self.text[start : self.at - 1]

    def inside(self, text: str) -> Any:
        reader = Reader(text, self.world, self.indices)
        value = reader.expression()
        reader.space()
        assert reader.at == len(text), text[reader.at :]
        return value

    # The grammar

    def expression(self) -> Any:
        value = self.conjunction()
        while self.takes(r"\lor"):
            other = self.conjunction()
            value = bool(value) or bool(other)
        return value

    def conjunction(self) -> Any:
        value = self.negation()
        while self.takes(r"\land"):
            other = self.negation()
            value = bool(value) and bool(other)
        return value

    def negation(self) -> Any:
        return not self.negation() if self.takes(r"\lnot") else self.relation()

    def relation(self) -> Any:
        value = self.sum()
        held: list[bool] = []
        while True:
            sign = next((sign for sign in RELATIONS if self.takes(sign)), None)
            if sign is None and self.takes(r"\in"):
                self.needs(r"\{")
                return value in self.listed(r"\}")
            if sign is None:
                return all(held) if held else value
            other = self.sum()
            held.append(bool(RELATIONS[sign](value, other)))
            value = other

    def sum(self) -> Any:
        value = -self.product() if self.takes("-") else self.product()
        while self.sees("+") or self.sees("-"):
            value = value + self.product() if self.takes("+") else value - (self.needs("-") or self.product())
        return value

    def product(self) -> Any:
        value = self.factor()
        while self.takes(r"\cdot") or self.takes(r"\times"):
            value = value * self.factor()
        if self.takes(r"\bmod"):
            value = value % self.factor()
        return value

    def factor(self) -> Any:
        for sign, joined in ((r"\sum", np.sum), (r"\max_", np.max), (r"\min_", np.min)):
            if self.sees(sign):
                return self.over(sign, joined)
        value = self.atom()
        if self.takes("^"):
            value = np.power(np.float64(value), self.inside(self.group()))
            assert not self.sees("^"), "two exponents"
        return value

    def over(self, sign: str, joined: Any) -> Any:
        self.needs(sign)
        if sign == r"\sum":
            self.needs("_")
        header, top = self.group(), self.group() if self.takes("^") else None
        name, values = self.range(header, top)
        start, found, kept = self.at, [], self.indices
        for value in values:
            self.at, self.indices = start, kept | {name: value}
            found.append(self.product())
        self.indices = kept
        return joined(found)

    def range(self, header: str, top: str | None) -> tuple[str, Any]:
        met = NAMED.match(header)
        assert met, header
        name, rest = met.group(0), header[met.end() :].strip()
        if top is not None:
            return name, range(self.inside(rest.removeprefix("=")), self.inside(top) + 1)
        if rest.startswith(r"\in"):
            reader = Reader(rest.removeprefix(r"\in").strip().removeprefix(r"\{"), self.world, self.indices)
            return name, reader.listed(r"\}")
        assert not rest, rest
        return name, range(len(self.world["axes"][met.group(1)]))

    def listed(self, end: str) -> list[Any]:
        found = []
        while not self.takes(end):
            found.append(self.sum())
            self.takes(",")
        return found

    def atom(self) -> Any:
        self.space()
        number = re.compile(r"\d+(\.\d+)?").match(self.text, self.at)
        if number:
            self.at = number.end()
            return float(number.group()) if "." in number.group() else int(number.group())
        for token, read in self.ATOMS.items():
            if self.sees(token):
                self.needs(token)
                return read(self)
        return self.called()

    def fraction(self) -> Any:
        above, below = self.inside(self.group()), self.inside(self.group())
        assert not self.sees("^"), "the exponent of a fraction needs brackets around it"
        return np.float64(above) / below

    def exponential(self) -> Any:
        value = np.exp(self.inside(self.group()))
        assert not self.sees("^"), "two exponents"
        return value

    def bracket(self) -> Any:
        """What is in round brackets; several numbers are an array, of which one is picked."""
        values = [self.expression()]
        while self.takes(","):
            values.append(self.expression())
        if not self.takes(r"\right)"):
            self.needs(")")
        if len(values) == 1 and not self.sees("_"):
            return values[0]
        return self.picked(np.array(values)) if self.sees("_") else values

    def between(self, end: str) -> Any:
        value = self.expression()
        self.needs(end)
        return value

    def choice(self) -> Any:
        chosen, found = None, False
        while True:
            value = self.expression()
            self.needs("&")
            otherwise = self.takes(r"\text{otherwise}")
            if not otherwise:
                self.needs(r"\text{if }")
            holds = True if otherwise else bool(self.expression())
            if holds and not found:
                chosen, found = value, True
            if self.takes(r"\end{cases}"):
                ends = (r"\right", ")", ",", "&", r"\\", r"\end")
                assert self.at == len(self.text) or any(map(self.sees, ends)), "an open brace needs brackets around it"
                return chosen
            self.needs(r"\\")

    def matrix(self) -> Any:
        rows, row = [], [self.expression()]
        while not self.takes(r"\end{pmatrix}"):
            if self.takes(r"\\"):
                rows.append(row)
                row = []
            else:
                self.needs("&") if row else None
            row.append(self.expression())
        return self.picked(np.array([*rows, row]))

    def picks(self) -> Any:
        values = self.listed("]")
        self.needs("_")
        return values[self.inside(self.group())]

    def label(self) -> int:
        label = self.group()
        return next(labels.index(label) for labels in self.world["axes"].values() if label in labels)

    def picked(self, array: Any) -> Any:
        self.needs("_")
        reader = Reader(self.group() + ")", self.world, self.indices)
        places = tuple(int(place) for place in reader.listed(")"))
        inside = all(0 <= place < length for place, length in zip(places, array.shape, strict=True))
        return array[places] if inside else np.float64("nan")

    def part(self) -> Any:
        """A letter that a line before has defined."""
        letter = re.compile(r"\{([A-Za-z]_\{\d+\})\}|([A-Z])").match(self.text, self.at)
        assert letter, self.text[self.at :]
        self.at = letter.end()
        array = self.world["parts"][letter.group(1) or letter.group(2)]
        return self.picked(array) if array.ndim else array[()]

    def called(self) -> Any:
        name = NAMED.match(self.text, self.at)
        if name is None:
            return self.part()
        self.at = name.end()
        if name.group(0) in self.indices:
            return self.indices[name.group(0)]
        plain = name.group(1).replace(r"\_", "_")
        if plain == "sgn":
            return np.sign(self.argument())
        if plain == "interpolate":
            return self.interpolated()
        value = self.world["variables"][plain]
        if callable(value):
            return value(self.argument())
        return self.picked(value) if np.ndim(value) else value

    def argument(self) -> Any:
        self.needs("(") if not self.takes(r"\left(") else None
        value = self.expression()
        self.needs(")") if not self.takes(r"\right)") else None
        return value

    def interpolated(self) -> Any:
        self.needs("(") if not self.takes(r"\left(") else None
        x, xs, ys = self.expression(), [], []
        while not (self.takes(")") or self.takes(r"\right)")):
            self.takes(";"), self.takes(",")
            xs.append(self.sum())
            self.needs(r"\mapsto")
            ys.append(self.sum())
        return np.interp(x, xs, ys)

    def extreme(self, joined: Any) -> Any:
        self.needs("(") if not self.takes(r"\left(") else None
        values = [self.expression()]
        while self.takes(","):
            values.append(self.expression())
        self.needs(")") if not self.takes(r"\right)") else None
        return joined(values)

    ATOMS: ClassVar[dict[str, Any]] = {
        r"\frac": fraction,
        r"\sqrt": lambda self: np.sqrt(self.inside(self.group())),
        r"\left\lvert": lambda self: np.abs(self.between(r"\right\rvert")),
        r"\left\lfloor": lambda self: np.floor(self.between(r"\right\rfloor")),
        r"\left[": lambda self: float(self.between(r"\right]")),
        r"\left(": bracket,
        "(": bracket,
        r"\begin{cases}": choice,
        r"\begin{pmatrix}": lambda self: self.matrix(),
        r"\log_{2}": lambda self: np.log2(self.argument()),
        r"\log_{10}": lambda self: np.log10(self.argument()),
        r"\max": lambda self: self.extreme(np.max),
        r"\min": lambda self: self.extreme(np.min),
        r"\text": label,
        r"\mathrm{true}": lambda self: True,
        r"\mathrm{false}": lambda self: False,
        r"\ast": lambda self: np.nan,
        r"\infty": lambda self: np.inf,
        r"\Delta t": lambda self: self.world["variables"]["time_step"],
        "[": picks,
        "e^": exponential,
        "t": lambda self: self.world["variables"]["time"],
        **{name: (lambda self, function=function: function(self.argument())) for name, function in FUNCTIONS.items()},
    }


def computed(lines: tuple[str, ...], variables: dict[str, Any], axes: dict[str, tuple[str, ...]]) -> np.ndarray:
    """The values of the last line; the lines before define what it names. Own indices run over their axes."""
    world: dict[str, Any] = {"variables": variables, "axes": axes, "parts": {}}
    array = np.zeros(())
    for line in lines:
        left, _, right = line.partition(" = ")
        name, places = _left_side(left)
        sizes = [len(axes[met.group(1)]) if met.group(1) else 3 for met in places]
        array = np.empty(tuple(sizes))
        for element in product(*map(range, sizes)):
            indices = {met.group(0): value for met, value in zip(places, element, strict=True)}
            array[element] = Reader(right, world, indices).inside(right)
        world["parts"][name] = array
    return array


def _left_side(text: str) -> tuple[str, list[re.Match[str]]]:
    """The name that a line defines, and its indices."""
    met = re.match(r"\{([A-Za-z]_\{\d+\})\}|\\mathit\{[^}]*\}|[A-Z]", text)
    assert met, text
    places = [NAMED.match(part.strip()) for part in text[met.end() :].removeprefix("_{").removesuffix("}").split(",")]
    return met.group(1) or met.group(0), [place for place in places if place]
