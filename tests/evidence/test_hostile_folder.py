"""City folders as careless or hostile hands leave them: every fault named, nothing silently dropped, bounded work."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from headframe.core.errors import HeadframeError, Problems
from headframe.evidence import table
from headframe.evidence.change import Correction, correct, csv_text
from headframe.evidence.create import create
from headframe.evidence.folder import load_city, open_city
from headframe.evidence.place import LONGEST_ID, is_place_id, read_toml
from headframe.evidence.schema import (
    EVENT_COLUMNS,
    FINDING_COLUMNS,
    IMPORT_COLUMNS,
    OBSERVATION_COLUMNS,
    SOURCE_COLUMNS,
)
from tests.evidence.conftest import row, write_rows

WHO = {"author": "Li Wei", "reason": "test", "today": date(2026, 1, 2)}
OBSERVATIONS = "evidence/observations.csv"


def found_in(folder: Path) -> dict[str, str]:
    """Each code that a check of the folder meets, with the place where it is met first."""
    problems = Problems()
    load_city(folder, problems)
    return {problem.code: problem.where for problem in reversed(list(problems))}


def table_text(folder: Path) -> str:
    return (folder / OBSERVATIONS).read_text(encoding="utf-8")


def rewrite(folder: Path, change: Callable[[str], str]) -> None:
    text = change(table_text(folder))
    (folder / OBSERVATIONS).write_bytes(text.encode("utf-8"))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n\n",
        lambda text: text + "," * (len(OBSERVATION_COLUMNS) - 1) + "\n , ,\n",
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: text.replace(",", ", ", 5),
    ],
)
def test_what_spreadsheets_leave_behind_does_no_harm(folder: Path, change: Callable[[str], str]) -> None:
    rewrite(folder, change)
    assert open_city(folder).observations.height == 3


def test_blanks_around_names_of_columns_cost_no_cell(folder: Path) -> None:
    """A correction rewrites such a table; every cell of it has to be there afterwards."""
    rewrite(folder, lambda text: "\n".join([text.split("\n", 1)[0].replace(",", " , "), text.split("\n", 1)[1]]))
    before = open_city(folder).observations.drop("file")
    correct(open_city(folder), [Correction("testville-0001", {"value": "5"})], **WHO)
    assert open_city(folder).observations.drop("file").head(3).equals(before)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace(",", ";"), "HF361"),
        (lambda text: text.replace(",", "\t"), "HF361"),
        (lambda text: text.replace("\n", "\r"), "HF361"),
        (lambda text: ",".join(f"c{n}" for n in range(100_000)) + "\n", "HF361"),
        (lambda text: "x" * (2 << 20), "HF361"),
        (lambda text: text + "a," * 40 + "\n", "HF313"),
    ],
)
def test_tables_that_are_none_are_told_at_once(folder: Path, change: Callable[[str], str], code: str) -> None:
    rewrite(folder, change)
    started = time.perf_counter()
    assert "row" in found_in(folder)[code]
    assert time.perf_counter() - started < 10


def test_the_bad_byte_is_found_across_blocks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "BLOCK", 7)
    assert open_city(folder).observations.height == 3  # 亿元 lies across blocks
    data = (folder / OBSERVATIONS).read_bytes()
    (folder / OBSERVATIONS).write_bytes(data + b"\xe4\xba")
    problems = Problems()
    load_city(folder, problems)
    (bad,) = [problem for problem in problems if problem.code == "HF115"]
    assert bad.values["position"] == len(data)


@pytest.mark.parametrize(
    "name", ["sources.csv", "events.csv", "audit/findings.csv", OBSERVATIONS, "evidence/imports.csv"]
)
@pytest.mark.parametrize("kind", ["folder", "pipe", "dead link"])
def test_what_is_no_file_is_said_not_passed_over(folder: Path, name: str, kind: str) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(folder / "nowhere")
    found = found_in(folder)
    assert name in found["HF114" if kind == "dead link" else "HF120"]


def test_evidence_that_cannot_be_looked_into_is_no_empty_evidence(folder: Path) -> None:
    for path in (folder / "evidence").iterdir():
        path.unlink()
    (folder / "evidence").rmdir()
    (folder / "evidence").write_text("x", encoding="utf-8")
    assert "HF114" in found_in(folder)


def test_files_that_are_not_read_are_named(folder: Path) -> None:
    for name in ("observations (1).csv", "Observations.CSV", "data.xlsx", "~$data.xlsx", "notes.md"):
        (folder / "evidence" / name).write_text("x", encoding="utf-8")
    warnings = [problem.where for problem in open_city(folder).warnings if problem.code == "HF363"]
    assert warnings == ["evidence/Observations.CSV", "evidence/data.xlsx", "evidence/observations (1).csv"]


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"value": "1e308"}, "HF367", "value"),
        ({"value": "1e-320", "unit": "1e-10 CNY"}, "HF367", "value"),
        ({"unit": "CNY**9**9**9"}, "HF101", "unit"),
        ({"obs_id": "<script>"}, "HF369", "obs_id"),
        ({"obs_id": "a b"}, "HF369", "obs_id"),
        ({"obs_id": "\u200b"}, "HF369", "obs_id"),
        ({"obs_id": "x" * 121}, "HF369", "obs_id"),
        ({"vintage": "soon"}, "HF324", "vintage"),
        ({"period_start": "0000"}, "HF324", "period_start"),
        ({"period_end": "9999"}, "HF324", "period_end"),
        ({"dims": "sector=coal;sector=steel"}, "HF322", "dims"),
        ({"concept": "whole-city;;"}, "HF323", "concept"),
        ({"price_basis": "real:２０２０"}, "HF104", "price_basis"),
        ({"replaces": "testville-0002"}, "HF370", "replaces"),
        ({"replaces": "nothing"}, "HF370", "replaces"),
    ],
)
def test_rows_that_would_mislead(folder: Path, changes: dict[str, str], code: str, column: str) -> None:
    write_rows(folder, [row(1, period_start="2018", period_end="2018"), row(2, **changes)])
    assert found_in(folder)[code].endswith(f"row 3, column {column}")


def test_rows_that_replace_each_other_in_a_circle(folder: Path) -> None:
    """Each would supersede the next, and all would silently be gone."""
    years = {n: {"period_start": str(2000 + n), "period_end": str(2000 + n)} for n in range(1, 5)}
    after = {1: "testville-0002", 2: "testville-0003", 3: "testville-0001", 4: "testville-0001"}
    write_rows(folder, [row(n, **years[n], replaces=after[n]) for n in after])
    problems = Problems()
    load_city(folder, problems)
    assert [problem.where.split(", ")[1] for problem in problems] == ["row 2", "row 3", "row 4"]


def test_dimensions_are_found_whatever_their_order(folder: Path) -> None:
    write_rows(folder, [row(1, dims="sex=female;age=20-24")])
    assert open_city(folder).latest("gdp", dims={"age": "20-24", "sex": "female"}).known


@pytest.mark.parametrize("column", ["unit", "concept", "price_basis", "indicator_id", "dims"])
def test_a_column_of_a_hundred_thousand_different_texts(folder: Path, column: str) -> None:
    write_rows(folder, [row(n, **{column: f"x{n}"}) for n in range(100_000)])
    started = time.perf_counter()
    assert found_in(folder)
    assert time.perf_counter() - started < 30


def test_one_enormous_cell(folder: Path) -> None:
    for column in ("unit", "concept", "price_basis", "indicator_id", "source_id"):
        write_rows(folder, [row(1, **{column: "n" * 5_000_000})])
        started = time.perf_counter()
        assert "HF320" in found_in(folder)
        assert time.perf_counter() - started < 10


def test_tables_of_events_and_findings_are_checked(folder: Path) -> None:
    event = {"event_id": "e1", "place_id": "testville", "kind": "closure", "source_id": "lin-lyu-2025"}
    bad = {"kind": "party", "qualifier": "?", "source_id": "nobody", "date_start": "soon", "title_en": "\x07"}
    reversed_period = {"date_start": "2021", "date_end": "2020"}
    events = [event, {**event, **bad, "place_id": "elsewhere"}, {**event, "event_id": "e3", **reversed_period}]
    (folder / "events.csv").write_text(csv_text(EVENT_COLUMNS, events), encoding="utf-8")
    found = found_in(folder)
    assert {"HF316", "HF318", "HF319", "HF321", "HF324", "HF325", "HF364"} <= set(found)
    assert found["HF319"] == "events.csv, row 3, column kind"
    finding = {"finding_id": "f1", "place_id": "testville", "kind": "gossip", "decidable": "maybe", "severity": "awful"}
    (folder / "events.csv").write_text(csv_text(EVENT_COLUMNS, []), encoding="utf-8")
    (folder / "audit/findings.csv").write_text(csv_text(FINDING_COLUMNS, [finding]), encoding="utf-8")
    assert found_in(folder) == {"HF319": "audit/findings.csv, row 2, column kind"}


def test_ids_of_sources_and_imports_are_unique(folder: Path) -> None:
    source = {"source_id": "own", "title": "Own", "reliability": "high", "how_read": "full"}
    (folder / "sources.csv").write_text(csv_text(SOURCE_COLUMNS, [source, source]), encoding="utf-8")
    assert found_in(folder) == {"HF364": "sources.csv, row 3, column source_id"}
    (folder / "sources.csv").write_text(csv_text(SOURCE_COLUMNS, [{**source, "title": "a\x1bb"}]), encoding="utf-8")
    assert found_in(folder) == {"HF321": "sources.csv, row 2, column title"}
    (folder / "sources.csv").unlink()
    entries = [{"import_id": "x"}, {"import_id": "x"}]
    (folder / "evidence/imports.csv").write_text(csv_text(IMPORT_COLUMNS, entries), encoding="utf-8")
    assert "HF364" in found_in(folder)


def test_a_lost_list_of_imports_does_not_stop_corrections(folder: Path) -> None:
    first = correct(open_city(folder), [Correction("testville-0001", {"value": "5"})], **WHO)
    (folder / "evidence/imports.csv").unlink()
    assert correct(open_city(folder), [Correction("testville-0002", {"value": "6"})], **WHO) != first


def test_parquet_of_odd_types_and_sizes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / OBSERVATIONS).unlink()
    path = folder / "evidence/observations.parquet"
    frame = pl.DataFrame([row(1)]).with_columns(
        pl.lit(date(2021, 1, 1)).alias("vintage"),
        pl.col("indicator_id").cast(pl.Categorical),
        value=pl.lit(5, pl.Int64),
    )
    frame.write_parquet(path)
    assert open_city(folder).figure("gdp", year=2020).value == pytest.approx(5e8)
    monkeypatch.setattr(table, "MOST_ROWS", 0)
    assert found_in(folder)["HF362"].endswith("observations.parquet")
    path.unlink()
    os.mkfifo(path)
    assert "HF120" in found_in(folder)


@pytest.mark.parametrize(
    "text",
    [
        "schema_version = " + "9" * 5000,
        "schema_version = 0x" + "f" * 10_000,
        "schema_version = 1.0\n[place]",
        "x = " + "[" * 100_000,
        "a." * 50_000 + "b = 1",
        '"a".' * 50_000 + "b = 1",
        "#" + "x" * (1 << 20),
        "schema_version = 1\n[place]\n" + "k" * 100_000 + " = 1",
    ],
)
def test_city_files_made_to_exhaust(folder: Path, text: str) -> None:
    (folder / "city.toml").write_text(text, encoding="utf-8")
    started = time.perf_counter()
    with pytest.raises(HeadframeError) as raised:
        open_city(folder)
    assert time.perf_counter() - started < 5
    assert len(str(raised.value)) < 20_000


def test_dots_in_texts_are_no_nesting(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f'note = "{"." * 500}"\n', encoding="utf-8")
    assert read_toml(path)["note"] == "." * 500


@pytest.mark.parametrize("text", ["con", "nul", "lpt1", "a\n", "a" * (LONGEST_ID + 1), "A", "a--b", "", "../a"])
def test_ids_that_no_system_could_hold(text: str) -> None:
    assert not is_place_id(text)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"level": "village"}, "HF308"),
        ({"resource_type": "gold"}, "HF308"),
        ({"parent": "../.."}, "HF307"),
        ({"name_en": "a\x7fb"}, "HF309"),
        ({"name_en": "x" * 1000}, "HF309"),
        ({"name_en": "\udcff"}, "HF309"),
        ({"country": "Z" * 300}, "HF309"),
    ],
)
def test_a_new_place_is_checked_before_it_is_made(tmp_path: Path, change: dict[str, str], code: str) -> None:
    about = {"name_en": "A", "name_zh": "A", "level": "city", "country": "CHN", "resource_type": "coal"}
    with pytest.raises(HeadframeError) as raised:
        create(tmp_path / "new", **{**about, **change})
    assert code in {problem.code for problem in raised.value.problems}
    assert not (tmp_path / "new").exists()
