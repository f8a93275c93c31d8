"""Tables of a model as Markdown for GitHub, as LaTeX and as data frames.

GitHub hands formulas to MathJax. Between plain dollars Markdown first takes backslashes and underscores for its own, so
formulas stand between dollar and backtick, whose content it leaves alone. A vertical bar would end a cell even there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headframe.engine.equations.latex import escaped, for_latex, for_mathjax

if TYPE_CHECKING:
    import polars as pl

Formulas = Literal["math", "code"]
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~$&#])")


@dataclass(frozen=True)
class Code:
    """A name, to be shown as such."""

    text: str


@dataclass(frozen=True)
class Formula:
    """Lines of mathematics, each as plain text and as LaTeX."""

    text: tuple[str, ...]
    latex: tuple[str, ...]


Cell = str | Code | Formula


@dataclass(frozen=True)
class Listing:
    """A table: its title, its columns, its rows. `broad` columns get lines of their own in LaTeX."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    broad: frozenset[str] = frozenset()

    def table(self) -> pl.DataFrame:
        """The table as text, formulas in plain text with a line for each part."""
        import polars as pl

        columns = {name: [_plain(row[at]) for row in self.rows] for at, name in enumerate(self.columns)}
        return pl.DataFrame(columns, schema=dict.fromkeys(self.columns, pl.String))

    def markdown(self, formulas: Formulas = "math", words: Mapping[str, str] | None = None) -> str:
        """A heading and a table for GitHub; `formulas` as mathematics, or as code where no MathJax is at hand."""
        told = words or {}
        lines = [f"## {markdown_text(told.get(self.title, self.title))}", ""]
        lines.append("| " + " | ".join(markdown_text(told.get(name, name)) for name in self.columns) + " |")
        lines.append("|" + "---|" * len(self.columns))
        lines += ["| " + " | ".join(_markdown(cell, formulas) for cell in row) + " |" for row in self.rows]
        return "\n".join(lines) + "\n"

    def latex(self, words: Mapping[str, str] | None = None) -> str:
        """A section with a `longtable` (needs amsmath, array and longtable)."""
        told = words or {}
        narrow = [at for at, name in enumerate(self.columns) if name not in self.broad]
        broad = [at for at, name in enumerate(self.columns) if name in self.broad]
        width = rf"\dimexpr {1 / len(narrow):.4f}\linewidth-2\tabcolsep\relax"
        heads = " & ".join(rf"\textbf{{{escaped(told.get(self.columns[at], self.columns[at]))}}}" for at in narrow)
        lines = [
            rf"\section*{{{escaped(told.get(self.title, self.title))}}}",
            rf"\begin{{longtable}}{{*{{{len(narrow)}}}{{>{{\raggedright\arraybackslash}}p{{{width}}}}}}}",
            rf"\hline {heads} \\ \hline \endhead",
        ]
        for row in self.rows:
            lines.append(" & ".join(_latex(row[at]) for at in narrow) + r" \\*" * bool(broad) + r" \\" * (not broad))
            for at in broad:
                lines += _own_lines(len(narrow), told.get(self.columns[at], self.columns[at]), row[at])
            lines.append(r"\hline")
        return "\n".join([*lines, r"\end{longtable}", ""])


def markdown_text(text: str) -> str:
    """Text for a cell in Markdown, shown as it is."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split())) or "—"


def _plain(cell: Cell) -> str:
    if isinstance(cell, Formula):
        return "\n".join(cell.text)
    return cell.text if isinstance(cell, Code) else cell


def _markdown(cell: Cell, formulas: Formulas) -> str:
    if isinstance(cell, Formula) and formulas == "math":
        return "<br>".join(f"$`\\displaystyle {for_mathjax(line)}`$" for line in cell.latex)
    if isinstance(cell, Formula):
        return "<br>".join(map(_code, cell.text))
    return _code(cell.text) if isinstance(cell, Code) else markdown_text(cell)


def _code(text: str) -> str:
    """Text in a fixed font; a bar is escaped for the table, and a longer fence holds backticks."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if fence != "`" else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", r"\|") if text else "—"


def _latex_lines(cell: Cell) -> Sequence[str]:
    return [rf"$\displaystyle {line}$" for line in cell.latex] if isinstance(cell, Formula) else [_latex(cell)]


def _latex(cell: Cell) -> str:
    if isinstance(cell, Formula):
        return r" \newline ".join(_latex_lines(cell))
    if isinstance(cell, Code):
        return rf"\texttt{{{escaped(cell.text)}}}".replace(r"\_", r"\_\allowbreak{}")
    return escaped(cell)


def _own_lines(columns: int, heading: str, cell: Cell) -> list[str]:
    """Lines of their own below a row: formulas as they are, text after its heading."""
    lines = _latex_lines(cell)
    if not isinstance(cell, Formula):
        lines = [rf"\emph{{{escaped(heading)}:}} {line}" for line in lines if line]
    kind = r">{\raggedright\arraybackslash}p{\dimexpr\linewidth-2\tabcolsep\relax}"
    return [rf"\multicolumn{{{columns}}}{{{kind}}}{{{line}}} \\" for line in lines]


PREAMBLE = r"""\documentclass[a4paper]{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[utf8]{inputenc}
  \usepackage[T1]{fontenc}
\else
  \usepackage{fontspec}
\fi
\usepackage{amsmath,array,longtable}
\usepackage[margin=2cm]{geometry}
\renewcommand{\arraystretch}{1.3}
\begin{document}
"""


def markdown(listings: Sequence[Listing], formulas: Formulas = "math", words: Mapping[str, str] | None = None) -> str:
    """Several tables as one Markdown text."""
    return "\n".join(listing.markdown(formulas, words) for listing in listings)


def latex(listings: Sequence[Listing], *, document: bool = True, words: Mapping[str, str] | None = None) -> str:
    """Several tables as a LaTeX document, or as its body alone.

    pdfLaTeX knows Latin and Greek letters and mathematical characters; other scripts need XeLaTeX or LuaLaTeX and a
    font that has them.
    """
    body = for_latex("\n".join(listing.latex(words) for listing in listings))
    return PREAMBLE + body + "\\end{document}\n" if document else body
