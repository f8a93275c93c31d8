from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headframe.engine import Model
from headframe.engine.equations.equation import Equations, Writer, equations
from headframe.engine.equations.printer import Style
from headframe.engine.equations.render import latex, markdown
from headframe.engine.equations.tables import documentation, equation_tables
from tests.engine import equations_drawn as drawn
from tests.engine.equations_rich import rich
from tests.engine.models.collect import TEXTBOOK, textbook
from tests.engine.models.medium import medium


@pytest.fixture(scope="module", name="rich")
def the_rich_model() -> Model:
    return rich()


def cells(line: str) -> list[str]:
    """The cells of a line as GitHub's tables split it: at bars that no backslash precedes."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)][1:-1]


@pytest.mark.parametrize("formulas", ["math", "code"])
def test_markdown_tables_hold_together_whatever_stands_in_them(rich: Model, formulas: Any) -> None:
    listings = documentation(rich)
    text = markdown(listings, formulas)
    assert text == equation_tables(rich, formulas)
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles == [
        "Equations",
        "Initial values",
        "Yearly updates",
        "Parameters",
        "Constants",
        "Levers",
        "Exogenous paths",
        "Events",
        "Structures",
        "Tables",
        "Feedbacks",
        "Conserved totals",
    ]
    for listing, section in zip(listings, text.split("## ")[1:], strict=True):
        lines = [line for line in section.splitlines() if line.startswith("|")]
        assert [len(cells(line)) for line in lines] == [len(listing.columns)] * (len(listing.rows) + 2)
    assert "operatorname" not in text
    assert not re.search(r"\\(?:text[a-z]|ensuremath)", text)  # MathJax may not know them
    assert r"\*all\* of them \| even \`these\` \[see\](it)." in text
    row = next(line for line in text.splitlines() if line.startswith("| `births`"))
    formula = cells(row)[5]
    if formulas == "math":
        assert formula.startswith(r"$`\displaystyle \mathit{births} = \begin{cases} ")
        assert all("|" not in cell and cell.count("`") == 2 for cell in formula.split("<br>"))
    else:
        assert formula.startswith("`births = {help_given + shock if closure = ")


def test_latex_escapes_everything_and_compiles(rich: Model, tmp_path: Path) -> None:
    models = [rich, medium(), *map(textbook, TEXTBOOK)]
    writer = Writer(drawn.declarations(), Style())
    operations = Equations("", tuple(map(writer.step, drawn.every_operation())))
    text = latex([*(table for model in models for table in documentation(model)), *operations.listings()])
    plain = re.sub(r"\\[a-zA-Z]+\*?|\\.", "", text)
    assert not set("#$%&~") & set(re.sub(r"\$.*?\$|^.* & .*$|^%$", "", plain, flags=re.MULTILINE))
    assert r"CO\ensuremath{_{2}} \ensuremath{\ge} 5·10\ensuremath{^{-}}\ensuremath{^{3}} m\ensuremath{^{2}}" in text
    assert r"\ensuremath{\lambda} \ensuremath{\to} \ensuremath{\infty}, \ensuremath{\Delta} \ensuremath{\le}" in text
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex on the PATH")
    (tmp_path / "model.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "model.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Missing character" not in (tmp_path / "model.log").read_text(encoding="utf-8", errors="replace")


def test_tables_say_what_a_model_is_given(rich: Model) -> None:
    tables = {listing.title: listing.table() for listing in documentation(rich)}
    parameters = tables["Parameters"]
    assert parameters.row(by_predicate=pl.col("Name") == "growth", named=True) == {
        "Name": "growth",
        "Default": "0.03",
        "Low": "0.01",
        "High": "0.05",
        "Unit": "1/year",
        "Axes": "",
        "Distribution": "uniform",
        "Block": "",
        "Description": "",
        "Source": "Smith & Jones (2001), p. 3 | table_2",
    }
    assert parameters.filter(pl.col("Name") == "same_growth")["Distribution"].item() == ""
    assert tables["Tables"]["Points"].to_list() == ["0 → 1.2, 1 → 1, 2.5 → -0.3"]
    assert tables["Structures"].row(0)[:3] == ("closure", "supply, demand side", "supply")
    assert tables["Feedbacks"].row(0)[:2] == ("R1", "room → births")
    assert tables["Conserved totals"].row(0)[:4] == ("total", "people", "births", "deaths, moves")
    every = equations(rich).table()
    assert every.filter(pl.col("Phase") == "yearly")["Name"].to_list() == ["ageing"]
    assert len(every) == len(equations(rich).equations)


def test_the_same_model_is_written_in_the_same_bytes(rich: Model) -> None:
    assert latex(documentation(rich)) == latex(documentation(rich.replaced()))
