r"""Equations in LaTeX, for amsmath and for the MathJax of Markdown pages.

Only commands that both know are used: no `\operatorname`, which GitHub refuses.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from headframe.engine.equations.names import Named
from headframe.engine.equations.printer import (
    ATOM,
    CALL,
    LOOSEST,
    OVER,
    POWER,
    PRODUCT,
    Printer,
    Shown,
)
from headframe.engine.equations.tree import Apply, Reduce

GIVEN = {"time": "t", "time_step": r"\Delta t"}
_AROUND = {
    "exp": ("e^{", "}", POWER),
    "sqrt": (r"\sqrt{", "}", CALL),
    "absolute": (r"\left\lvert ", r" \right\rvert", ATOM),
    "floor": (r"\left\lfloor ", r" \right\rfloor", ATOM),
}
FEW = 12  # numbers of a written-out array that stand in a row
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"\textquotedbl{}",
}


# Commands and characters that MathJax lacks, or that end a cell or a tag in Markdown, with what stands for them there.
FOR_MATHJAX = {
    _ESCAPES["\\"]: "∖",
    _ESCAPES["^"]: "ˆ",
    _ESCAPES["~"]: "˜",
    _ESCAPES["<"]: "＜",
    _ESCAPES[">"]: "＞",
    _ESCAPES["|"]: "∣",
    _ESCAPES["`"]: "‘",
    _ESCAPES['"']: "”",
    "<": r"\lt ",
    ">": r"\gt ",
    "|": r"\vert ",
}


def for_mathjax(text: str) -> str:
    """A formula for MathJax in a cell of a Markdown table."""
    for there, here in FOR_MATHJAX.items():
        text = text.replace(there, here)
    return text


_SIGNS = {
    "−": "-",
    "≤": r"\le",
    "≥": r"\ge",
    "≠": r"\ne",
    "≈": r"\approx",
    "∞": r"\infty",
    "√": r"\surd",
    "∑": r"\sum",
    "∏": r"\prod",
    "∂": r"\partial",
    "→": r"\to",
    "←": r"\leftarrow",
    "↔": r"\leftrightarrow",
    "∈": r"\in",
    "∧": r"\land",
    "∨": r"\lor",
    "′": "'",
}
_GREEK = {
    letter: word.lower() if letter.islower() else word.capitalize()
    for letter in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
    for word in [unicodedata.name(letter).split()[-1].replace("LAMDA", "LAMBDA")]
}
_RAISED = {"<super>": "^", "<sub>": "_"}


def _command(character: str) -> str:
    """The mathematical command of a character that pdfLaTeX does not know; the character itself where there is none."""
    kind, _, shown = unicodedata.decomposition(character).partition(" ")
    if kind in _RAISED:
        inner = "".join(chr(int(code, 16)) for code in shown.split())
        return rf"\ensuremath{{{_RAISED[kind]}{{{_SIGNS.get(inner, inner)}}}}}"
    if character in _GREEK:
        return rf"\ensuremath{{\{_GREEK[character]}}}"
    return rf"\ensuremath{{{_SIGNS[character]}}}" if character in _SIGNS else character


def for_latex(text: str) -> str:
    """LaTeX with mathematical characters, Greek letters, and raised and lowered ones as commands."""
    return "".join(character if character.isascii() else _command(character) for character in text)


def escaped(text: str) -> str:
    """Text for LaTeX, with everything that would be a command written as a character; line ends become spaces."""
    return "".join(_ESCAPES.get(character, character) for character in " ".join(text.split()))


class LatexPrinter(Printer):
    """LaTeX in mathematical mode."""

    signs: Mapping[str, str] = {
        "logical_or": r" \lor ",
        "logical_and": r" \land ",
        "add": " + ",
        "subtract": " - ",
        "multiply": r" \cdot ",
        "less": " < ",
        "less_equal": r" \le ",
        "greater": " > ",
        "greater_equal": r" \ge ",
        "equal": " = ",
        "not_equal": r" \ne ",
        "negative": "-",
        "logical_not": r"\lnot ",
    }
    none = r"\ast"
    functions: Mapping[str, str] = {
        "log": r"\ln",
        "log2": r"\log_{2}",
        "log10": r"\log_{10}",
        "sin": r"\sin",
        "cos": r"\cos",
        "tanh": r"\tanh",
        "sign": r"\mathrm{sgn}",
        "minimum": r"\min",
        "maximum": r"\max",
        "sum": r"\sum",
    }

    def apply(self, tree: Apply) -> Shown:
        """An operation; fractions, powers, roots and brackets hold their parts together themselves."""
        parts = tree.arguments
        if tree.operation == "divide":
            return rf"\frac{{{self.at(parts[0], LOOSEST)}}}{{{self.at(parts[1], LOOSEST)}}}", PRODUCT
        if tree.operation == "power":
            return f"{self.at(parts[0], ATOM)}^{{{self.at(parts[1], LOOSEST)}}}", POWER
        if tree.operation in _AROUND:
            before, after, level = _AROUND[tree.operation]
            return before + self.at(parts[0], LOOSEST) + after, level
        return super().apply(tree)

    def number(self, tree: object) -> Shown:
        """A number; powers of ten are written out."""
        text, level = super().number(tree)  # type: ignore[arg-type]
        text = {"∞": r"\infty", "-∞": r"-\infty", "NaN": r"\mathrm{NaN}"}.get(text, text)
        if text in ("true", "false"):
            return rf"\mathrm{{{text}}}", ATOM
        mantissa, tens, exponent = text.partition("e")
        if not tens:
            return text, level
        return rf"{mantissa} \times 10^{{{int(exponent)}}}", min(level, PRODUCT)

    def reduce(self, tree: Reduce) -> Shown:
        """A sum, or a greatest or least, over an index."""
        text, body = "", tree
        while True:
            text += self.functions[tree.operation] + self.range(self.names[body.index])
            if not isinstance(body.body, Reduce) or body.body.operation != tree.operation:
                return f"{text} {self.at(body.body, OVER)}", OVER
            body = body.body

    def range(self, named: Named) -> str:
        """What an index of a sum runs over, below the sign and above."""
        index, ends = self.index(named), self.ends(named)
        if named.axis is not None and named.runs_along_all:
            return f"_{{{index}}}"
        if ends is not None:
            return f"_{{{index} = {ends[0]}}}^{{{ends[1]}}}"
        return f"_{{{self.among(index, [self.position(place, named.axis) for place in named.domain])}}}"

    def name(self, name: str) -> str:
        """A variable's symbol, or its name."""
        symbol = self.style.symbols.get(name)
        if symbol is not None:
            return f"{{{symbol}}}"
        return GIVEN.get(name) or rf"\mathit{{{escaped(name)}}}"

    def part(self, name: str) -> str:
        """A letter, with its number below."""
        letter, number = name.rstrip("0123456789"), name[len(name.rstrip("0123456789")) :]
        return f"{{{letter}_{{{number}}}}}" if number else letter

    def index(self, named: Named) -> str:
        """An index."""
        name = named.name if named.axis is None else rf"\mathrm{{{escaped(named.name)}}}"
        return name if not named.primes else f"{name}{chr(39) * named.primes}"

    def label(self, label: str) -> str:
        """A label of an axis."""
        return rf"\text{{{escaped(label)}}}"

    def indexed(self, name: str, places: Sequence[str]) -> str:
        """A name with its places."""
        return f"{name}_{{{', '.join(places)}}}" if places else name

    def array(self, array: np.ndarray) -> str:
        """Written-out numbers."""
        if array.ndim == 0:
            return self.plain(float(array))
        if array.ndim == 2 and array.size > FEW:
            rows = [" & ".join(self.plain(float(value)) for value in row) for row in array]
            return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"
        return r"\left(" + ", ".join(self.array(part) for part in array) + r"\right)"

    def grouped(self, text: str) -> str:
        """In brackets, as tall as what they hold; plain ones where a line may break."""
        tall = any(command in text for command in (r"\frac", r"\sum", r"\begin", r"\max_", r"\min_"))
        return rf"\left({text}\right)" if tall else f"({text})"

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """A function with its arguments."""
        known = name if name.startswith("\\") else rf"\mathrm{{{escaped(name)}}}"
        return known + self.grouped(", ".join(arguments))

    def count(self, condition: str) -> str:
        """1 where a condition holds, 0 elsewhere."""
        return rf"\left[{condition}\right]"

    def interpolated(self, argument: str, points: Sequence[tuple[str, str]]) -> str:
        """A table without a name, by its points."""
        return self.call("interpolate", [rf"{argument};\; " + ",\\; ".join(rf"{x} \mapsto {y}" for x, y in points)])

    def among(self, index: str, names: Sequence[str]) -> str:
        """The condition that an index is one of several."""
        return rf"{index} \in \{{{', '.join(names)}\}}"

    def modulo(self, text: str, length: int) -> str:
        """A place on an axis that closes to a ring."""
        return rf"({text}) \bmod {length}"

    def cases(self, rows: Sequence[tuple[str, str]]) -> Shown:
        """A choice; in brackets within anything else, as its brace is not closed."""
        words = {word: escaped(text) for word, text in self.style.words.items()}
        told = [rf"{value} & \text{{{words['if']} }} {condition}" for value, condition in rows[:-1]]
        told.append(rf"{rows[-1][0]} & \text{{{words['otherwise']}}}")
        return r"\begin{cases} " + r" \\ ".join(told) + r" \end{cases}", LOOSEST
