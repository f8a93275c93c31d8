"""A folder of many places: opened whole or one place at a time; imports appended, checked and undone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from headframe import api
from headframe.core.errors import HeadframeError, Problems
from headframe.core.provenance import Source
from headframe.evidence.append import LARGEST_TEXT_TABLE, Additions, append_table
from headframe.evidence.change import restore, withdraw
from headframe.evidence.collection import (
    Collection,
    load_collection,
    open_place,
    panel_toml,
    place_entries,
    place_row,
    places_text,
)
from headframe.evidence.folder import City, load_city
from headframe.evidence.place import Place
from headframe.evidence.schema import OBSERVATION_COLUMNS
from tests.evidence.conftest import row

TODAY = date(2026, 1, 2)
WHO = {"author": "Li", "reason": "test"}
ALPHA = Place(id="alpha", name_en="Alpha", name_zh="甲市", level="prefecture_city", aliases=("甲", "A"))
BETA = Place(id="beta", name_en="Beta", name_zh="乙市", level="prefecture_city", parent="liaoning")


def frame(*rows: dict[str, str]) -> pl.DataFrame:
    """Rows in the columns of observations, as text."""
    table = [[one.get(name, "") for name in OBSERVATION_COLUMNS] for one in rows]
    return pl.DataFrame(table, schema=dict.fromkeys(OBSERVATION_COLUMNS, pl.String), orient="row")


@pytest.fixture
def panel(tmp_path: Path) -> Collection:
    """Two places, without evidence."""
    folder = tmp_path / "panel"
    folder.mkdir()
    about = {"id": "panel", "name_en": "Panel", "name_zh": "面板"}
    (folder / "panel.toml").write_text(panel_toml(about), encoding="utf-8")
    (folder / "places.csv").write_text(places_text([BETA, ALPHA]), encoding="utf-8")
    return load_collection(folder)


def some(*places: str, value: str = "500") -> pl.DataFrame:
    return frame(*(row(n, place_id=place, value=value) for n, place in enumerate(places)))


def test_places_go_to_their_table_and_back(panel: Collection) -> None:
    assert panel.places == {"alpha": ALPHA, "beta": BETA}
    assert Place(**place_entries(place_row(ALPHA))) == ALPHA
    assert panel.name("zh") == "面板"
    assert panel.id == "panel"


def test_an_import_is_a_file_of_its_own_and_each_place_is_a_city(panel: Collection) -> None:
    done = append_table(panel, Additions(some("alpha", "beta")), **WHO, today=TODAY, file="a.csv", sha256="x")
    assert (done.rows, done.already) == (2, 0)
    found = open_place(panel.folder)
    assert isinstance(found, Collection)
    assert found.observations.get_column("obs_id").to_list() == [f"{done.import_id}-1", f"{done.import_id}-2"]
    alpha = open_place(panel.folder / "alpha")
    assert isinstance(alpha, City)
    assert alpha.figure("gdp", year=2020).value == 500e8
    assert alpha.inputs_hash != found.city("beta").inputs_hash
    assert [city.id for city in found.cities()] == ["alpha", "beta"]
    with pytest.raises(HeadframeError, match="HF300"):
        open_place(panel.folder / "gamma")


def test_undo_takes_an_import_out_and_redo_brings_it_back(panel: Collection) -> None:
    done = append_table(panel, Additions(some("alpha")), **WHO, today=TODAY, file="a.csv", sha256="x")
    files = sorted(path.name for path in (panel.folder / "evidence").iterdir())
    withdraw(panel, done.import_id, **WHO, today=TODAY)
    assert not load_collection(panel.folder).observations.filter("active").height
    restore(load_collection(panel.folder).city("alpha"), done.import_id, **WHO)
    assert load_collection(panel.folder).observations.filter("active").height == 1
    assert sorted(path.name for path in (panel.folder / "evidence").iterdir()) == files


def test_the_same_file_is_refused_until_undone_and_the_same_figures_are_left_out(panel: Collection) -> None:
    first = append_table(panel, Additions(some("alpha")), **WHO, today=TODAY, file="a.csv", sha256="x")
    with pytest.raises(HeadframeError, match="HF470"):
        append_table(panel, Additions(some("beta")), **WHO, today=TODAY, file="a.csv", sha256="x")
    with pytest.raises(HeadframeError, match="HF473"):
        append_table(panel, Additions(some("alpha")), **WHO, today=TODAY, file="b.csv", sha256="y")
    second = append_table(panel, Additions(some("alpha", "beta")), **WHO, today=TODAY, file="b.csv", sha256="y")
    assert (second.rows, second.already) == (1, 1)
    other = append_table(panel, Additions(some("alpha", value="501")), **WHO, today=TODAY, file="c.csv", sha256="z")
    assert other.rows == 1
    withdraw(panel, first.import_id, **WHO, today=TODAY)
    again = append_table(panel, Additions(some("alpha")), **WHO, today=TODAY, file="a.csv", sha256="x")
    assert again.rows == 1


def test_an_import_brings_its_places_sources_and_mapping(panel: Collection) -> None:
    source = Source(source_id="book-1", title="Book", reliability="medium", how_read="full")
    gamma = Place(id="gamma", name_en="Gamma", name_zh="丙市", level="county")
    rows = frame(row(1, place_id="gamma", source_id="book-1"))
    brought = Additions(rows, places=(gamma,), sources=(source,), files={"mappings/book.toml": "schema_version = 1\n"})
    append_table(panel, brought, **WHO, today=TODAY, file="a.csv")
    found = load_collection(panel.folder)
    assert sorted(found.places) == ["alpha", "beta", "gamma"]
    assert found.sources["book-1"].title == "Book"
    assert (panel.folder / "mappings" / "book.toml").is_file()
    assert found.city("gamma").figure("gdp").value == 500e8


def test_a_list_of_sources_with_few_columns_is_widened(panel: Collection) -> None:
    (panel.folder / "sources.csv").write_text("source_id,title,reliability,how_read\nold,Old,low,full\n", "utf-8")
    source = Source(source_id="book-2", title="Book", reliability="medium", how_read="full")
    brought = Additions(frame(row(1, place_id="alpha", source_id="old")), sources=(source,))
    append_table(panel, brought, **WHO, today=TODAY, file="b.csv")
    assert {"old", "book-2"} <= set(load_collection(panel.folder).sources)


def test_a_faulty_row_stops_the_whole_import_and_nothing_is_written(panel: Collection) -> None:
    before = sorted(panel.folder.rglob("*"))
    bad = frame(row(1, place_id="alpha"), row(2, place_id="nowhere"), row(3, place_id="beta", unit="parsec"))
    with pytest.raises(HeadframeError) as caught:
        append_table(panel, Additions(bad), **WHO, today=TODAY, file="a.csv")
    assert {"HF344", "HF316"} <= {problem.code for problem in caught.value.problems}
    assert [path for path in sorted(panel.folder.rglob("*")) if path.name != ".headframe.lock"] == before


def test_a_large_import_is_parquet_and_reads_back(panel: Collection) -> None:
    many = [row(n, place_id="alpha", value=str(n)) for n in range(LARGEST_TEXT_TABLE + 1)]
    done = append_table(panel, Additions(frame(*many)), **WHO, today=TODAY, file="a.csv")
    assert done.file.endswith(".parquet")
    assert load_collection(panel.folder).observations.height == LARGEST_TEXT_TABLE + 1


def test_an_import_into_a_city_is_about_that_city_alone(folder: Path) -> None:
    city = load_city(folder)
    done = append_table(city, Additions(frame(row(1, value="9"))), **WHO, today=TODAY, file="a.csv")
    assert load_city(folder).observations.height == 4
    with pytest.raises(HeadframeError, match="HF316"):
        append_table(city, Additions(some("alpha")), **WHO, today=TODAY, file="a.csv")
    withdraw(city, done.import_id, **WHO, today=TODAY)
    assert load_city(folder).observations.filter("active").height == 3


def test_damage_is_told_with_its_place(panel: Collection) -> None:
    places = panel.folder / "places.csv"
    places.write_text("place_id,name_en,level\nalpha,Alpha,city\nalpha,Twice,city\nB B,X,city\nc,C,village\n", "utf-8")
    problems = Problems()
    found = load_collection(panel.folder, problems)
    assert set(found.places) == {"alpha"}
    assert {"HF471", "HF307", "HF308"} == {problem.code for problem in problems}
    (panel.folder / "panel.toml").write_text('schema_version = 1\n[panel]\nid = "x"\ncolour = "red"\n', "utf-8")
    with pytest.raises(HeadframeError) as caught:
        load_collection(panel.folder)
    assert {"HF304", "HF305"} <= {problem.code for problem in caught.value.problems}
    (panel.folder / "panel.toml").unlink()
    with pytest.raises(HeadframeError, match="HF301"):
        load_collection(panel.folder)


def test_too_many_places_are_refused(panel: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headframe.evidence.collection.MOST_PLACES", 1)
    with pytest.raises(HeadframeError, match="HF472"):
        load_collection(panel.folder)


def test_a_new_folder_of_many_places_is_sound_and_can_be_upgraded(tmp_path: Path) -> None:
    folder = tmp_path / "Coal Belt"
    made = api.new(folder, panel=True, name_en="Coal Belt", name_zh="煤炭带")
    assert str(folder / "panel.toml") in made.files
    checked = api.check(folder)
    assert (checked.place, checked.places, checked.sound) == ("coal-belt", 0, True)
    assert api.upgrade(folder).change == "1 → 1"
    with pytest.raises(HeadframeError, match="HF338"):
        api.new(folder, panel=True)
    with pytest.raises(HeadframeError, match="HF307"):
        api.new(tmp_path / "煤", panel=True)


def test_a_correction_in_a_place_of_a_collection_leaves_the_others(panel: Collection) -> None:
    append_table(panel, Additions(some("alpha", "beta")), **WHO, today=TODAY, file="a.csv")
    obs_id = load_collection(panel.folder).city("beta").observations.get_column("obs_id").item()
    api.correct(panel.folder / "beta", obs_id, {"value": "501"}, **WHO, today=TODAY)
    found = load_collection(panel.folder)
    assert found.city("beta").figure("gdp").value == 501e8
    assert found.city("alpha").figure("gdp").value == 500e8


def test_an_import_that_was_made_again_is_not_restored_beside_the_other(panel: Collection) -> None:
    first = append_table(panel, Additions(some("alpha")), **WHO, today=TODAY, file="a.csv", sha256="x")
    withdraw(panel, first.import_id, **WHO, today=TODAY)
    second = append_table(panel, Additions(some("alpha", "beta")), **WHO, today=TODAY, file="a.csv", sha256="x")
    before = (panel.folder / "evidence/imports.csv").read_bytes()
    with pytest.raises(HeadframeError, match=f"HF396.*{second.import_id}"):
        restore(load_collection(panel.folder).city("alpha"), first.import_id, **WHO)
    assert (panel.folder / "evidence/imports.csv").read_bytes() == before
    withdraw(panel, second.import_id, **WHO, today=TODAY)
    restore(panel, first.import_id, **WHO)
    assert load_collection(panel.folder).observations.filter("active").height == 1


BAD_SOURCES = {
    "long": ({"title": "x" * 30_000}, "HF320"),
    "nul": ({"publisher": "a\x00b"}, "HF321"),
    "escape": ({"licence": "\x1b[31m"}, "HF321"),
    "blank": ({"title": "   "}, "HF335"),
}


@pytest.mark.parametrize(("about", "code"), BAD_SOURCES.values(), ids=BAD_SOURCES)
def test_a_source_that_could_not_be_read_again_stops_the_import(
    panel: Collection, about: dict[str, str], code: str
) -> None:
    source = Source(**{"source_id": "new", "title": "T", "reliability": "high", "how_read": "full", **about})  # type: ignore[arg-type]
    brought = Additions(frame(row(1, place_id="alpha", source_id="new")), sources=[source])
    with pytest.raises(HeadframeError, match=code):
        append_table(panel, brought, **WHO, today=TODAY, file="a.csv")
    assert not (panel.folder / "sources.csv").exists()
    assert not (panel.folder / "evidence").exists()
    assert load_collection(panel.folder).observations.is_empty()


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"author": "Li\x1b"}, "HF321"), ({"reason": "y" * 30_000}, "HF320"), ({"file": "a\x01.csv"}, "HF321")],
    ids=["author", "reason", "file"],
)
def test_an_entry_or_place_that_could_not_be_read_again_stops_the_import(
    panel: Collection, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(HeadframeError, match=code):
        append_table(panel, Additions(some("alpha")), **{**WHO, "file": "a.csv", **changes}, today=TODAY)  # type: ignore[arg-type]
    named = Place(id="gamma", name_en="G\x07", name_zh="丙", level="city")
    with pytest.raises(HeadframeError, match="HF309"):
        append_table(panel, Additions(some("gamma"), places=[named]), **WHO, today=TODAY, file="a.csv")
    assert load_collection(panel.folder).observations.is_empty()
