"""Opening places: strict city.toml, names and aliases, reconciliation, unknown is never zero."""

from __future__ import annotations

from pathlib import Path

import pytest

from headframe.core.errors import HeadframeError
from headframe.core.files import STAGING
from headframe.evidence.create import MIGRATIONS, city_toml, create, upgrade
from headframe.evidence.folder import builtin_places, find_folder, load_city, open_city
from headframe.evidence.naming import words_for
from headframe.evidence.schema import SCHEMA_VERSION
from tests.evidence.conftest import row, write_rows

TOML = {
    "HF302": "schema_version = = 1",
    "HF303": city_toml({"id": "x", "name_en": "X", "name_zh": "X", "level": "city"}).replace("= 1", "= 99"),
    "HF304": city_toml({"id": "x", "name_en": "X", "name_zh": "X"}),
    "HF305": city_toml({"id": "x", "name_en": "X", "name_zh": "X", "level": "city", "levle": "city"}),
    "HF306": city_toml({"id": "x", "name_en": ["X"], "name_zh": "X", "level": "city"}),
    "HF307": city_toml({"id": "../X", "name_en": "X", "name_zh": "X", "level": "city"}),
    "HF308": city_toml({"id": "x", "name_en": "X", "name_zh": "X", "level": "village"}),
}


@pytest.mark.parametrize("code", TOML)
def test_faults_of_city_toml(tmp_path: Path, code: str) -> None:
    (tmp_path / "city.toml").write_text(TOML[code], encoding="utf-8")
    with pytest.raises(HeadframeError) as raised:
        open_city(tmp_path)
    assert code in {p.code for p in raised.value.problems}


def test_names_aliases_and_paths_mean_the_same_place(tmp_path: Path) -> None:
    assert find_folder("fuxin") == find_folder("阜新市") == find_folder("FUXIN")
    with pytest.raises(HeadframeError, match="fuxin") as raised:
        open_city("fuxim")
    assert raised.value.problems[0].code == "HF300"
    with pytest.raises(HeadframeError) as raised:
        open_city(tmp_path)
    assert raised.value.problems[0].code == "HF301"


@pytest.mark.parametrize("name", ["", ".", "..", "a\0b", "x" * 5000, "~nobody/x", "con:"])
def test_hostile_names_of_cities(name: str) -> None:
    with pytest.raises(HeadframeError):
        open_city(name)


def test_every_built_in_place_opens_clean() -> None:
    assert "fuxin" in builtin_places()
    for name in builtin_places():
        city = open_city(name)
        assert city.place.id == name
        assert city.is_builtin


def test_nothing_known_is_unknown_not_zero(folder: Path) -> None:
    city = open_city(folder)
    assert city.latest("rd_intensity").value is None
    assert not city.latest("rd_intensity").known
    assert city.figure("gdp", year=1999).value is None
    with pytest.raises(HeadframeError, match="gdp"):
        city.series("gdpp")


def test_values_arrive_in_the_indicators_unit(folder: Path) -> None:
    assert [f.value for f in open_city(folder).series("gdp")] == pytest.approx([401e8, 402e8, 403e8])


def test_rule_of_choice_step_by_step(folder: Path) -> None:
    """Each candidate differs from the winner in one criterion; the rule names it and the others stay visible."""
    cases = {
        "superseded": {"vintage": "2020"},
        "unusable": {"status": "U", "locator": "b"},
        "reliability": {"source_id": "scmp-2019-rust-belt", "locator": "b"},
        "method": {"method": "estimated", "locator": "b"},
        "inexact": {"qualifier": "~", "locator": "b"},
        "status": {"status": "P", "locator": "b"},
        "concept": {"concept": "urban-districts"},
    }
    best = row(1, source_id="cn-city-statistical-yearbook-2021", value="100")
    for criterion, changes in cases.items():
        other = {**row(2, source_id="cn-city-statistical-yearbook-2021", value="900"), **changes}
        write_rows(folder, [other, best])
        (choice,) = open_city(folder).choices("gdp")
        assert choice.chosen.value == pytest.approx(100e8), criterion
        assert [f.value for f in choice.others] == pytest.approx([900e8]), criterion
        assert choice.rule.id == f"reconcile.{criterion}"
        for language in ("en", "zh"):
            assert words_for(None, language).say(choice.rule)


def test_years_months_and_spans_are_read(folder: Path) -> None:
    dates = [("2020", ""), ("2020-02", "2020-02"), ("2018", "2020"), ("", "")]
    rows = [row(n, period_start=a, period_end=b, period_text="n.d.") for n, (a, b) in enumerate(dates, start=1)]
    write_rows(folder, rows)
    periods = [f.period for f in open_city(folder).series("gdp")]
    assert periods == ["n.d.", "2018–2020", "2020-01-01", "2020-02-01–2020-02-29"]


def test_interrupted_write_is_warned_of_and_finished(folder: Path) -> None:
    (folder / f"{STAGING}-1").mkdir()
    assert [p.code for p in open_city(folder).warnings] == ["HF334"]
    assert upgrade(folder) == (SCHEMA_VERSION, SCHEMA_VERSION)
    assert not open_city(folder).warnings


def test_upgrade_runs_each_step_and_refuses_the_unknown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (folder / "city.toml").read_text(encoding="utf-8")
    (folder / "city.toml").write_text(text.replace("schema_version = 1", "schema_version = 0"), encoding="utf-8")
    with pytest.raises(HeadframeError) as raised:
        upgrade(folder)
    assert raised.value.problems[0].code == "HF345"
    monkeypatch.setitem(MIGRATIONS, 0, lambda path: {"city.toml": text})
    assert upgrade(folder) == (0, 1)
    assert load_city(folder).place.id == "testville"
    with pytest.raises(HeadframeError) as raised:
        upgrade(folder / "evidence")
    assert raised.value.problems[0].code == "HF301"


def test_new_refuses_a_folder_with_contents(folder: Path, tmp_path: Path) -> None:
    about = {"name_en": "A", "name_zh": "A", "level": "city", "country": "", "resource_type": "coal"}
    with pytest.raises(HeadframeError) as raised:
        create(folder, **about)
    assert raised.value.problems[0].code == "HF338"
    create(tmp_path / "有 空格 的 文件夹", **{**about, "name_en": "Spaced City"})
    assert open_city(tmp_path / "有 空格 的 文件夹").place.id == "spaced-city"


@pytest.mark.parametrize("damage", [{"reliability": "superb"}, {"source_id": "A B"}, {"title": ""}])
def test_damaged_source_row(folder: Path, damage: dict[str, str]) -> None:
    from headframe.evidence.change import csv_text
    from headframe.evidence.schema import SOURCE_COLUMNS

    sound = {"source_id": "own", "title": "Own", "reliability": "high", "how_read": "full"}
    (folder / "sources.csv").write_text(csv_text(SOURCE_COLUMNS, [{**sound, **damage}]), encoding="utf-8")
    with pytest.raises(HeadframeError) as raised:
        open_city(folder)
    assert raised.value.problems[0].code == "HF335"


@pytest.mark.parametrize("wrong", [{"level": "县"}, {"resource_type": "Coal"}, {"parent": "Liao Ning"}])
def test_new_refuses_what_check_would_refuse(tmp_path: Path, wrong: dict[str, str]) -> None:
    about = {"name_en": "A", "name_zh": "A", "level": "city", "country": "", "resource_type": "coal", **wrong}
    with pytest.raises(HeadframeError):
        create(tmp_path / "place", **about)
    assert not (tmp_path / "place").exists()
