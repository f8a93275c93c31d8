"""The published yearbook workbooks: every cell against the derived table, hand-read columns against matching."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from headframe.catalog.load import catalog
from headframe.core.errors import Problems
from headframe.evidence.check import Known, check_observations
from headframe.evidence.importing.choosing import read_extract
from headframe.evidence.importing.conversion import Fate, convert
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.mapping import SourceRule, accepted, proposed
from headframe.evidence.importing.matches import Ask, SeriesMatch
from headframe.evidence.importing.matching import match
from headframe.evidence.reading.formats import read_file
from headframe.evidence.reading.grid import position
from headframe.evidence.reading.script import bare
from tests.evidence.importing.hand_checked import EDITIONS, Column

WORKBOOKS, TABLE = "cn_city_yearbook_workbooks", "cn_city_yearbook_2018_2023/yearbook_long.csv.gz"
HEAD_ROWS = 6


def _workbooks(data_folder: Path) -> list[Path]:
    found = sorted((data_folder / WORKBOOKS).glob("*.xlsx"))
    if not found:
        pytest.skip(f"{data_folder / WORKBOOKS} holds no workbook")
    return found


@cache
def _extract(path: Path) -> Extract:
    return read_extract(path)


@cache
def _matches(path: Path) -> tuple[SeriesMatch, ...]:
    return match(_extract(path), catalog())


def _at(locator: str) -> int:
    found = position(locator.partition("!")[2])
    return found[1] if found else 0


@pytest.fixture(scope="module", params=sorted(EDITIONS))
def edition(request: pytest.FixtureRequest, data_folder: Path) -> Path:
    """The workbook whose own title names this year."""
    return next(path for path in _workbooks(data_folder) if _extract(path).years == (request.param,))


def test_nearly_every_cell_is_that_of_the_derived_table(data_folder: Path) -> None:
    if not (data_folder / TABLE).exists():
        pytest.skip(f"{data_folder / TABLE} is missing")
    theirs = pl.read_csv(data_folder / TABLE, infer_schema=False)
    kinds: dict[str, int] = {}
    equal = 0
    for path in _workbooks(data_folder):
        extract = _extract(path)
        mine = extract.cells.select(
            "place", "value", "mark", col=pl.col("locator").map_elements(_at, return_dtype=pl.Int64) - 1
        )
        year = theirs.filter(pl.col("year") == str(extract.years[0]))
        asked = year.select(
            pl.col("city").alias("place"), pl.col("col").cast(pl.Int64), pl.col("value").cast(pl.Float64)
        )
        joined = asked.join(mine, on=["place", "col"], how="left", suffix="_mine")
        same = joined.filter(pl.col("value") == pl.col("value_mine"))
        equal += same.height
        for mark, count in (
            joined.filter((pl.col("value") == pl.col("value_mine")).not_().fill_null(value=True))["mark"]
            .value_counts()
            .iter_rows()
        ):
            kinds[str(mark)] = kinds.get(str(mark), 0) + count
    assert equal >= 0.995 * theirs.height
    # The one difference: a number that a merged range hides, which the derived table took out of the file.
    assert kinds == {"covered": 1}
    assert equal + 1 == theirs.height == 132_295


def test_the_hand_read_columns_are_there(edition: Path) -> None:
    """The table of expectations is about this workbook: its labels stand over its columns."""
    sheet = read_file(edition).sheets[0]
    for column in EDITIONS[_extract(edition).years[0]]:
        beside = (column.position, column.position - 1)  # a merged head stands over the first column of a pair
        head = [sheet.text(row, place) for row in range(1, HEAD_ROWS + 1) for place in beside]
        assert any(bare(column.printed) in bare(text).replace("（", "(") for text in head), (column, head)


@pytest.mark.parametrize("year", sorted(EDITIONS))
def test_sixty_columns_were_read(year: int) -> None:
    assert len({column.position for column in EDITIONS[year]}) >= 60


def test_hand_read_columns_are_matched_so(edition: Path) -> None:
    extract, matches = _extract(edition), {item.key: item for item in _matches(edition)}
    key_at = dict(
        extract.cells.group_by("key")
        .agg(pl.col("locator").first())
        .select(pl.col("locator").map_elements(_at, return_dtype=pl.Int64), "key")
        .iter_rows()
    )
    wrong = [
        (column.position, column.printed, told)
        for column in EDITIONS[extract.years[0]]
        if (told := _differs(column, matches[key_at[column.position]]))
    ]
    assert not wrong


def _differs(column: Column, item: SeriesMatch) -> str:
    """In what a match differs from a hand-read column; what a person was unsure of must be asked."""
    if (item.indicator, item.dims) != (column.indicator, column.dims):
        return f"{item.indicator} {item.dims}"
    if item.unit != column.unit:
        return f"unit {item.unit}"
    if frozenset(item.concept.split(";")) != column.concept:
        return f"concept {item.concept}"
    return "" if {str(ask) for ask in item.asks} == column.asked else f"asks {item.asks}"


def test_the_figure_per_head_tells_the_population(edition: Path) -> None:
    """Resident population times product per head gives the product; registered population does not."""
    by_indicator = {item.indicator: item for item in _matches(edition) if "whole-city" in item.concept}
    for name, wanted in (("population_resident", "agrees"), ("population_registered", "differs")):
        if name in by_indicator:
            assert f"importing.per-head-{wanted}" in {reason.id for reason in by_indicator[name].reasons}


def test_the_misprinted_unit_of_product_is_settled_by_the_figures(edition: Path) -> None:
    product = next(item for item in _matches(edition) if item.indicator == "gdp")
    assert Ask.UNIT not in product.asks
    assert "importing.units-confirmed" in {reason.id for reason in product.reasons}


def test_every_cell_is_accounted_for_and_every_row_is_sound(edition: Path) -> None:
    extract = _extract(edition)
    mapping = accepted(proposed(extract, _matches(edition), SourceRule("yearbook", "a yearbook")))
    places = {place: f"place-{number}" for number, place in enumerate(extract.places)}
    done = convert(extract, mapping, catalog(), places)
    assert sum(account.count for account in done.accounts) == extract.cells.height
    assert done.count(Fate.CONVERTED) == done.rows.height > 35_000
    assert {account.fate for account in done.accounts} <= {Fate.CONVERTED, Fate.MISSING, Fate.UNREADABLE}
    problems = Problems()
    known = Known(
        frozenset(places.values()), catalog().indicators, frozenset(catalog().concepts), frozenset({"yearbook"})
    )
    sound = check_observations(done.rows.with_row_index("row", offset=2), known, "import", problems)
    assert sound.height == done.rows.height
    assert not problems.errors


def test_nothing_is_keyed_to_a_name_or_a_year(data_folder: Path, tmp_path: Path) -> None:
    """The same workbook under another name, and its title with another year, is understood in the same way."""
    path = _workbooks(data_folder)[0]
    renamed = tmp_path / "x.xlsx"
    renamed.write_bytes(path.read_bytes())
    assert match(read_extract(renamed), catalog()) == _matches(path)
    source = Path(__file__).parents[3] / "src/headframe"
    files = [*source.glob("evidence/importing/*.py"), *source.glob("evidence/importing/layouts/table*.py")]
    files += source.glob("catalog/concordance/*.yaml")
    for file in files:
        text = re.sub(r"#.*", "", file.read_text(encoding="utf-8"))
        assert not re.search(r"(?<![0-9])20(?:1[0-9]|2[0-9])(?![0-9])", text.replace("real:2015", "")), file.name
