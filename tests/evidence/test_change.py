"""Corrections and imports add vintages; nothing is overwritten; a failed change leaves the folder byte for byte."""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from headframe.core.errors import HeadframeError
from headframe.evidence.change import Correction, append, correct, restore, withdraw
from headframe.evidence.create import copy_builtin
from headframe.evidence.exchange import returned_from
from headframe.evidence.folder import City, open_city
from headframe.evidence.schema import OBSERVATION_COLUMNS
from tests.conftest import FULL
from tests.evidence.conftest import row, write_rows

TODAY = date(2026, 1, 31)
WHO = {"author": "Li Wei", "reason": "misread the table", "today": TODAY}


def snapshot(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != ".headframe.lock")
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def test_correction_is_a_vintage_and_the_old_value_stays_visible(folder: Path) -> None:
    before = (folder / "evidence/observations.csv").read_text(encoding="utf-8")
    import_id = correct(open_city(folder), [Correction("testville-0002", {"value": "777"})], **WHO)
    assert (folder / "evidence/observations.csv").read_text(encoding="utf-8").startswith(before)
    city = open_city(folder)
    choice = next(c for c in city.choices("gdp") if c.chosen.period == "2019")
    assert choice.chosen.value == pytest.approx(777e8)
    assert [f.value for f in choice.others] == pytest.approx([402e8])
    entry = city.imports.row(0, named=True)
    assert (entry["import_id"], entry["author"], entry["reason"]) == (import_id, "Li Wei", "misread the table")


def test_correction_of_period_or_concept_replaces_the_row_it_names(folder: Path) -> None:
    correct(open_city(folder), [Correction("testville-0002", {"concept": "urban-districts"})], **WHO)
    (choice,) = [c for c in open_city(folder).choices("gdp") if c.chosen.period == "2019"]
    assert choice.chosen.concept == "urban-districts"


def test_undo_and_redo(folder: Path) -> None:
    city = open_city(folder)
    import_id = correct(city, [Correction("testville-0002", {"value": "777"})], **WHO)
    withdraw(open_city(folder), import_id, **WHO)
    assert open_city(folder).figure("gdp", year=2019).value == pytest.approx(402e8)
    assert "777" in (folder / "evidence/observations.csv").read_text(encoding="utf-8")
    restore(open_city(folder), import_id, author="Li Wei", reason="was right after all")
    assert open_city(folder).figure("gdp", year=2019).value == pytest.approx(777e8)
    with pytest.raises(HeadframeError) as raised:
        withdraw(open_city(folder), "import-1", **WHO)
    assert raised.value.problems[0].code == "HF340"


def test_append_as_one_import(folder: Path) -> None:
    rows = [row(n, period_start=str(2015 + n), period_end=str(2015 + n)) for n in (50, 51)]
    import_id = append(open_city(folder), rows, **WHO, file="a.xlsx")
    assert open_city(folder).observations.filter(import_id=import_id).height == 2
    withdraw(open_city(folder), import_id, **WHO)
    assert len(open_city(folder).series("gdp")) == 3


@pytest.mark.parametrize(
    ("corrections", "who", "code"),
    [
        ([Correction("testville-0002", {"value": "x"})], WHO, "HF344"),
        ([Correction("testville-0002", {"unit": "km2"})], WHO, "HF344"),
        ([Correction("testville-002", {"value": "1"})], WHO, "HF336"),
        ([Correction("testville-0002", {})], WHO, "HF339"),
        ([], WHO, "HF339"),
        ([Correction("testville-0002", {"value": "1"})], {**WHO, "author": " "}, "HF339"),
    ],
)
def test_refused_correction_changes_nothing(folder: Path, corrections: list[Correction], who: dict, code: str) -> None:
    before = snapshot(folder)
    with pytest.raises(HeadframeError) as raised:
        correct(open_city(folder), corrections, **who)
    assert code in {p.code for p in raised.value.problems}
    assert snapshot(folder) == before


def test_built_in_places_are_read_only_and_can_be_copied(tmp_path: Path) -> None:
    city = open_city("fuxin")
    with pytest.raises(HeadframeError) as raised:
        correct(city, [Correction("fuxin-0001", {"value": "1"})], **WHO)
    assert raised.value.problems[0].code == "HF337"
    copy_builtin(tmp_path / "mine", city)
    copied = open_city(tmp_path / "mine")
    assert copied.observations.height == city.observations.height
    first = copied.observations.filter(copied.observations["value"].is_not_null()).item(0, "obs_id")
    correct(copied, [Correction(first, {"status": "U"})], **WHO)
    assert open_city(tmp_path / "mine").observations.height == city.observations.height + 1


def test_hand_written_table_without_optional_columns_is_widened(folder: Path) -> None:
    short = [name for name in OBSERVATION_COLUMNS if row(1).get(name)]
    text = ",".join(short) + "\n" + ",".join(row(1)[name] for name in short)
    (folder / "evidence/observations.csv").write_text(text, encoding="utf-8")
    correct(open_city(folder), [Correction("testville-0001", {"value": "5"})], **WHO)
    assert open_city(folder).figure("gdp", year=2020).value == pytest.approx(5e8)


def workbook(path: Path, city: City, edits: dict[tuple[str, str], object]) -> Path:
    """What an analyst sends back: the sheet of observations with some cells changed."""
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("overview").write_string(0, 0, "Testville")
    sheet = book.add_worksheet("observations")
    columns = ["obs_id", "indicator_id", "value", "unit", "status", "note"]
    sheet.write_row(0, 0, columns)
    for number, entry in enumerate(city.observations.iter_rows(named=True), start=1):
        for at, column in enumerate(columns):
            cell = edits.get((entry["obs_id"], column), entry[column])
            if cell is not None:
                sheet.write(number, at, cell)
    book.close()
    return path


def test_edited_workbook_comes_back_as_corrections(folder: Path, tmp_path: Path) -> None:
    city = open_city(folder)
    edits = {("testville-0002", "value"): 999.5, ("testville-0003", "note"): "see footnote 4"}
    found = returned_from(workbook(tmp_path / "回.xlsx", city, edits), city).corrections
    assert [(c.obs_id, dict(c.changes)) for c in found] == [
        ("testville-0002", {"value": "999.5"}),
        ("testville-0003", {"note": "see footnote 4"}),
    ]
    correct(city, found, **WHO, file="回.xlsx")
    assert open_city(folder).figure("gdp", year=2019).value == pytest.approx(999.5e8)


def test_workbooks_that_cannot_be_used(folder: Path, tmp_path: Path) -> None:
    city = open_city(folder)
    (tmp_path / "none.xlsx").write_bytes(b"not a workbook")
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (600 << 20))
    cases = {
        "HF114": [tmp_path / "absent.xlsx"],
        "HF341": [tmp_path / "none.xlsx", bomb],
        "HF342": [workbook(tmp_path / "a.xlsx", city, {("testville-0002", "value"): "about 5"})],
        "HF336": [workbook(tmp_path / "b.xlsx", city, {("testville-0002", "obs_id"): "testville-9"})],
        "HF343": [workbook(tmp_path / "c.xlsx", city, {})],
    }
    for code, paths in cases.items():
        for path in paths:
            with pytest.raises(HeadframeError) as raised:
                returned_from(path, city)
            assert raised.value.problems[0].code == code, path


KILLED = """
import sys
from datetime import date
from pathlib import Path
from headframe.evidence.change import Correction, correct
from headframe.evidence.folder import open_city
print("ready", flush=True)
for turn in range(10000):
    correct(open_city(Path(sys.argv[1])), [Correction("testville-0002", {"value": str(turn)})],
            author="a", reason="b", today=date(2026, 1, 1))
"""


def test_kill_during_corrections_loses_nothing(folder: Path) -> None:
    """After each kill: the old rows are all there, and table and import list are of one state."""
    write_rows(folder, [row(n, period_start=str(1950 + n), period_end=str(1950 + n)) for n in range(1, 60)])
    for attempt in range(60 if FULL else 5):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02 + 0.031 * (attempt % 13))
        process.kill()
        process.wait()
        process.stdout.close()
        from headframe.evidence.create import upgrade

        upgrade(folder)
        city = open_city(folder)
        added = city.observations.filter(city.observations["import_id"].fill_null("") != "")
        assert city.observations.height == 59 + added.height
        assert set(added["import_id"]) == set(city.imports["import_id"])


def test_rows_without_an_id_are_new_observations(folder: Path, tmp_path: Path) -> None:
    city = open_city(folder)
    path = tmp_path / "filled.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("observations")
    columns = ["obs_id", "indicator_id", "period_start", "value", "unit", "price_basis", "source_id"]
    sheet.write_row(0, 0, columns)
    sheet.write_row(1, 0, ["", "gdp", "2021", 431.5, "亿元", "nominal", "lin-lyu-2025"])
    sheet.write_row(2, 0, ["", "population_resident", "2020/11/1", 164.7, "万人", "", "lin-lyu-2025"])
    book.close()
    found = returned_from(path, city)
    correct(city, found.corrections, additions=found.additions, **WHO)
    fresh = open_city(folder)
    assert fresh.figure("gdp", year=2021).value == pytest.approx(431.5e8)
    assert fresh.latest("population_resident").value == pytest.approx(1.647e6)
    assert fresh.latest("population_resident").period == "2020-11-01"


def test_the_same_rows_twice_are_refused_and_yearbook_digits_are_read(folder: Path, tmp_path: Path) -> None:
    city = open_city(folder)
    path = tmp_path / "filled.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("observations")
    columns = ["obs_id", "indicator_id", "period_start", "value", "unit", "price_basis", "source_id", "locator"]
    sheet.write_row(0, 0, columns)
    sheet.write_row(1, 0, ["", "gdp", "2021年", "约１，１２４．５", "亿元", "nominal", "lin-lyu-2025", "p. 1"])
    book.close()
    found = returned_from(path, city)
    correct(city, found.corrections, additions=found.additions, **WHO)
    figure = open_city(folder).figure("gdp", year=2021)
    assert figure.value == pytest.approx(1124.5e8)
    assert figure.qualifier == "~"
    before = snapshot(folder)
    with pytest.raises(HeadframeError) as raised:
        correct(open_city(folder), (), additions=returned_from(path, open_city(folder)).additions, **WHO)
    assert {p.code for p in raised.value.problems} == {"HF344", "HF351"}
    assert snapshot(folder) == before


def test_faults_of_a_workbook_are_named_by_its_own_rows(folder: Path, tmp_path: Path) -> None:
    city = open_city(folder)
    path = tmp_path / "filled.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("observations")
    sheet.write_row(0, 0, ["obs_id", "indicator_id", "period_start", "value", "unit", "price_basis", "source_id"])
    sheet.write_row(6, 0, ["", "gdp", "2021", 5, "gold", "nominal", "lin-lyu-2025"])
    book.close()
    with pytest.raises(HeadframeError) as raised:
        correct(city, (), additions=returned_from(path, city).additions, **WHO)
    assert any("row 7, column unit" in problem.where for problem in raised.value.problems)


UNREADABLE = {
    "author-escape": ({"author": "Li\x1b[2J"}, "HF321"),
    "author-long": ({"author": "x" * 30_000}, "HF320"),
    "reason-nul": ({"reason": "a\x00b"}, "HF321"),
    "reason-tab-of-lines": ({"reason": "a\x0bb"}, "HF321"),
}


@pytest.mark.parametrize(("told", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_no_change_writes_what_could_not_be_read_again(folder: Path, told: dict, code: str) -> None:
    done = correct(open_city(folder), [Correction("testville-0002", {"value": "777"})], **WHO)
    before = snapshot(folder)
    who = {**WHO, **told}
    for change in (
        lambda: correct(open_city(folder), [Correction("testville-0003", {"value": "5"})], **who),
        lambda: append(open_city(folder), [row(50, period_start="2010", period_end="2010")], **who, file="a.xlsx"),
        lambda: withdraw(open_city(folder), done, **who),
    ):
        with pytest.raises(HeadframeError, match=code):
            change()
        assert snapshot(folder) == before


def test_author_and_reason_that_are_too_long_only_together_are_refused(folder: Path) -> None:
    done = correct(open_city(folder), [Correction("testville-0002", {"value": "777"})], **WHO)
    with pytest.raises(HeadframeError, match="HF320"):
        withdraw(open_city(folder), done, author="x" * 1500, reason="y" * 1500, today=TODAY)
    withdraw(open_city(folder), done, author="x" * 900, reason="y" * 900, today=TODAY)
    assert open_city(folder).figure("gdp", year=2019).value == pytest.approx(402e8)


def test_a_correction_that_leaves_the_figure_alone_can_be_undone_and_redone_in_any_order(folder: Path) -> None:
    first = correct(open_city(folder), [Correction("testville-0002", {"note": "checked"})], **WHO)
    second = correct(open_city(folder), [Correction(f"{first}-1", {"note": "checked twice"})], **WHO)
    withdraw(open_city(folder), first, **WHO)
    restore(open_city(folder), first, author="Li", reason="right")
    for one in (first, second):
        withdraw(open_city(folder), one, **WHO)
    for one in (second, first):
        restore(open_city(folder), one, author="Li", reason="right")
    assert len(open_city(folder).series("gdp")) == 3


def test_the_same_correction_made_again_is_not_restored_beside_it(folder: Path) -> None:
    first = correct(open_city(folder), [Correction("testville-0002", {"value": "777"})], **WHO)
    withdraw(open_city(folder), first, **WHO)
    second = correct(open_city(folder), [Correction("testville-0002", {"value": "777"})], **WHO)
    with pytest.raises(HeadframeError, match=f"HF396.*{second}"):
        restore(open_city(folder), first, author="Li", reason="right")
    restore(open_city(folder), second, author="Li", reason="was never withdrawn")
