"""The verb on built-in and synthetic cities: complete, in both languages, repeatable, honest about what is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from headframe.catalog.load import LANGUAGES, catalog
from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel
from headframe.core.results import Message
from headframe.evidence.folder import City, builtin_places, load_city, open_city
from headframe.measure.measure import measure
from headframe.measure.results import TABLE_COLUMNS, MeasureResult
from tests.measure.conftest import obs

Make = Callable[..., City]
DRAWS = 200


@pytest.fixture(scope="module")
def fuxin() -> MeasureResult:
    return measure(open_city("fuxin"), draws=DRAWS)


def messages(result: MeasureResult) -> list[Message]:
    """Everything that the result may say."""
    said = [*result.explain(), *(need.reason for need in result.needs())]
    for item in result.measures:
        said += [item.formula, *item.notes]
    said += [field.name for year in result.meter.years for field in year.fields]
    said += [entry.name for entry in result.lifecycle.classes]
    return said + [step for figure in result.figures() for step in figure.steps]


def test_every_row_of_the_scope_is_there(fuxin: MeasureResult) -> None:
    shown = {item.scope for item in fuxin.measures}
    assert {"M4", "M5", "M6", "M7", "M8", "M9", "M10", "M13", "M14"} <= shown
    assert fuxin.measures[0].id == "gdp"  # structure is read first
    assert fuxin.peers
    assert any(item.compared_with("nation") for item in fuxin.measures)
    assert len({(item.id, item.dims) for item in fuxin.measures}) == len(fuxin.measures)
    assert all(item.known or item.needs for item in fuxin.measures)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_is_said_in_both_languages(fuxin: MeasureResult, lang: str) -> None:
    words = catalog().words(lang)
    for message in messages(fuxin):
        assert words.say(message).strip()
    for item in fuxin.measures:
        assert words.name(item.title.kind, item.title.id) != item.title.id


def test_the_meter_of_fuxin_has_scores_only_where_evidence_carries_them(fuxin: MeasureResult) -> None:
    marks = {year.year: year for year in fuxin.meter.years if year.mark}
    assert sorted(marks) == [2001, 2008, 2013, 2020]
    assert marks[2020].score.known
    for year in fuxin.meter.years:
        enough = year.coverage >= fuxin.meter.coverage_needed and all(field.coverage >= 0.25 for field in year.fields)
        assert year.score.known == enough
        assert year.score.known or year.needs
    scored = fuxin.meter.scored[-1]
    assert sum(part.points.value or 0 for part in scored.contributions) == pytest.approx(scored.default.value)
    assert scored.rank.value is not None
    assert 1 <= scored.rank.value <= len(scored.ranked)


def test_every_known_figure_names_its_observations(fuxin: MeasureResult) -> None:
    for item in fuxin.measures:
        for figure in item.series:
            assert figure.observations, item.id
    assert set(fuxin.sources()) >= {"fuxin/fuxin-0013"}


def test_the_table_holds_every_part(fuxin: MeasureResult) -> None:
    table = fuxin.table()
    assert table.columns == list(TABLE_COLUMNS)
    assert set(table.get_column("part").unique()) == {"measure", "exhaustion", "lifecycle", "meter"}
    compared = table.filter(pl.col("id") == "unemployment_rate", pl.col("role") == "nation")
    assert compared.is_empty()  # the rate printed is of the mining areas, so it implies no rate of the nation
    intensity = table.filter(pl.col("id") == "rd_intensity", pl.col("role") == "province").get_column("value")
    assert intensity.to_list() != []


def test_the_result_survives_its_schema(fuxin: MeasureResult) -> None:
    import jsonschema

    jsonschema.validate(fuxin.model_dump(mode="json"), MeasureResult.model_json_schema())
    assert MeasureResult.model_validate_json(fuxin.model_dump_json()) == fuxin


def test_the_same_inputs_and_seed_give_the_same_bytes(fuxin: MeasureResult) -> None:
    again = measure(open_city("fuxin"), draws=DRAWS)
    assert again.model_dump_json() == fuxin.model_dump_json()
    other = measure(open_city("fuxin"), draws=DRAWS, seed=1)
    assert other.record.id != fuxin.record.id
    assert other.meter != fuxin.meter


def test_deleting_evidence_makes_a_figure_unknown_and_never_zero(tmp_path: Path) -> None:
    folder = tmp_path / "fuxin"
    shutil.copytree(open_city("fuxin").folder, folder)
    for path in (folder / "evidence").glob("*.csv"):
        kept = [
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if "gangue_heaps" not in line and "pm25" not in line
        ]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    result = measure(load_city(folder), draws=DRAWS)
    for gone in ("gangue_heaps", "pm25"):
        found = result.measure(gone)
        assert found is not None
        assert found.figure.value is None
        assert [need.indicator for need in found.needs] == [gone]
    assert gone in {need.indicator for need in result.meter.scored[-1].needs}


def test_an_empty_city_gives_needs_and_no_figure(city: Make) -> None:
    result = measure(city([]), draws=DRAWS)
    assert not any(item.known for item in result.measures)
    assert result.lifecycle.classes == ()
    assert result.meter.scored == ()
    assert result.peers == ()
    assert {"gdp", "recoverable_reserves_original"} <= {need.indicator for need in result.needs()}
    words = catalog().words("en")
    assert all(words.say(message) for message in messages(result))


def test_every_built_in_place_can_be_measured() -> None:
    for name in builtin_places():
        result = measure(open_city(name), draws=100)
        assert result.place == name
        assert all(catalog().words("zh").say(message) for message in messages(result)), name


def test_a_stop_is_heard_before_the_work(city: Make) -> None:
    stop = Cancel()
    stop.request()
    with pytest.raises(HeadframeError, match="HF116"):
        measure(city([obs("gdp", 1)]), cancel=stop)
