"""The workbook: what it holds, that it is safe to open, and that it comes back as it went out."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from headframe import api
from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.words import Words
from headframe.evidence.exchange import returned_from
from headframe.evidence.folder import open_city
from headframe.evidence.schema import FREQUENCIES, METHODS, OBSERVATION_COLUMNS, QUALIFIERS, STATUSES
from headframe.show import workbook
from headframe.show.codes import evidence_columns
from headframe.show.results_bundle import Report
from headframe.show.spreadsheet import LONGEST_CELL, cell_text, csv_cell
from headframe.show.workbook import observations_csv, render_csv, render_workbook, sheet_name
from tests.show.fake import Recipe
from tests.show.fake import report as fake_report
from tests.show.fake_evidence import place, row, rows
from tests.show.real import MAIN, edited, fuxin, fuxin_words, fuxin_workbook, named, parts, sheet_paths, stored

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+cmd|'x'!A1",
    "@SUM(1,1)",
    "\t=1",
    "＝１＋１",
    "<script>alert(1)</script>",
    "<r><t>a</t></r>",
    "<r></si><si><f>1+1</f></r>",
    "_x0041_ and _x000D_",
    "]]>&lt;![CDATA[",
    "http://example.org/?a=1&b=2",
    "אבג \u202eabc",
    "阜新市“煤电之城”😀",
    "a\x00b\x0bcd\uffff",
    "{=1}",
    "007",
)
LONG = "=长" * 20_000


def hostile_report() -> Report:
    """A small report whose every text of the user is out to do harm."""
    bad = [
        row(100 + n, "gdp_per_head", 1990 + n, 5.0, "CNY/person", note=text, note_zh=text, raw_text=text, locator=text)
        for n, text in enumerate((*HOSTILE, LONG))
    ]
    return fake_report(Recipe(here=place(name_en="=HYPERLINK(1)", name_zh="@市"), entries=[*rows(), *bad], title="+1"))


@pytest.fixture(scope="module")
def hostile() -> bytes:
    return render_workbook(hostile_report())


def text_of(frame: pl.DataFrame, name: str) -> list[str]:
    return ["" if value is None else str(value) for value in frame.get_column(name)]


def test_nothing_in_it_is_a_formula_a_link_or_broken(hostile: bytes) -> None:
    for data in (hostile, fuxin_workbook()):
        for name, part in parts(data).items():
            tags = {element.tag.rpartition("}")[2] for element in part.iter()}
            if name.startswith("xl/worksheets/"):
                assert not {"f", "hyperlink", "hyperlinks"} & tags, name
            assert "externalLink" not in name


def test_hostile_texts_are_stored_as_texts(hostile: bytes) -> None:
    notes = [str(cells["note"]) for cells in named(hostile, "Observations") if str(cells["obs_id"]) >= "oldmine-0100"]
    wanted = [cell_text(text) for text in HOSTILE]
    shown = [re.sub("_x005F_", "_", note) for note in notes[: len(HOSTILE)]]
    assert shown == wanted
    assert "a\x00" not in "".join(notes)
    assert notes[HOSTILE.index("a\x00b\x0bcd\uffff")] == "abcd"


def test_a_text_longer_than_a_cell_is_cut_with_a_mark(hostile: bytes, languages: dict[str, Words]) -> None:
    note = str(named(hostile, "Observations")[-1]["note"])
    assert len(note) == LONGEST_CELL
    assert note.startswith("=长=长")
    assert note.endswith(" ".join(languages[code].say("workbook.cut") for code in ("zh", "en")))
    assert len(cell_text("😀" * 20_000).encode("utf-16-le")) // 2 <= LONGEST_CELL
    assert cell_text("😀" * 16_383) == "😀" * 16_383
    assert cell_text("a\ud800b") == "ab"


def test_same_report_same_bytes_without_time_or_path(hostile: bytes) -> None:
    assert render_workbook(fuxin(), fuxin_words()) == fuxin_workbook()
    assert render_workbook(hostile_report()) == hostile
    with zipfile.ZipFile(io.BytesIO(fuxin_workbook())) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        together = b"".join(archive.read(name) for name in archive.namelist())
    assert str(Path.home()).encode() not in together
    assert str(Path(api.__file__).parent).encode() not in together
    assert b">2000-01-01T00:00:00Z<" in together


def test_observations_have_the_columns_of_the_folder_in_row_one() -> None:
    assert evidence_columns(fuxin()) == OBSERVATION_COLUMNS
    assert tuple(stored(fuxin_workbook(), "Observations")[0].values()) == OBSERVATION_COLUMNS


def test_observations_hold_exactly_what_the_folder_holds() -> None:
    """Numbers as numbers, dates as ISO text, what is missing as a blank cell: never 0."""
    own = fuxin().observations.filter(pl.col("place_id") == "fuxin")
    found = named(fuxin_workbook(), "Observations")
    assert len(found) == own.height
    for entry, cells in zip(own.iter_rows(named=True), found, strict=True):
        for name in OBSERVATION_COLUMNS:
            value = entry[name]
            wanted = value if isinstance(value, float) else None if value in {None, ""} else str(value)
            assert cells.get(name) == wanted, (entry["obs_id"], name)
    assert any("value" not in cells for cells in found)


def test_a_spreadsheet_reader_reads_the_same(tmp_path: Path) -> None:
    (tmp_path / "阜新 1.xlsx").write_bytes(fuxin_workbook())
    book = fastexcel.read_excel(tmp_path / "阜新 1.xlsx")
    read = book.load_sheet("观测数据 Observations", dtypes="string").to_polars()
    own = fuxin().observations.filter(pl.col("place_id") == "fuxin")
    for name in ("obs_id", "period_start", "qualifier", "note_zh", "unit"):
        assert text_of(read, name) == text_of(own, name), name


def test_sheets_have_valid_names_in_both_languages(languages: dict[str, Words]) -> None:
    names = fastexcel.read_excel(fuxin_workbook()).sheet_names
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert len(name) <= 31
        assert not set("[]:*?/\\") & set(name)
        assert re.match(r"[\u4e00-\u9fff]+ [A-Z]", name), name
    texts = {"workbook.sheet.x": "a/b:c*[d]?" * 6}
    odd = {code: Words(code, texts, {}) for code in ("en", "zh")}
    assert re.fullmatch(r"[a-d ]{1,31}", sheet_name("x", odd))


def test_every_sheet_of_the_report_is_there_in_both_languages() -> None:
    data = fuxin_workbook()
    wanted = [
        "Overview",
        "Observations",
        "Evidence by name",
        "Sources",
        "Measures",
        "Transformation meter",
        "Diagnosis",
    ]
    wanted += ["Integrity", "Checks of the audit", "Not checked"]
    wanted += ["Findings of the audit", "Events", "Missing evidence", "Other places", "Columns", "Codes", "Glossary"]
    assert list(sheet_paths(data)) == [*wanted, "Run records"]
    for sheet in sheet_paths(data):
        if sheet != "Observations":
            english, chinese = (list(cells.values()) for cells in stored(data, sheet)[:2])
            assert len(english) == len(chinese) == len(stored(data, sheet)[2])
            assert all(
                re.search("[\u4e00-\u9fff]", str(label)) or str(label) in {"DOI", "SHA-256"} for label in chinese
            )
    used = {cells["source_id"] for cells in named(data, "Observations")}
    assert used <= {cells["source_id"] for cells in named(data, "Sources")}
    assert {str(cells["ref"]).split("/")[0] for cells in named(data, "Evidence by name")} == {"fuxin"}
    assert "fuxin" not in {str(cells["ref"]).split("/")[0] for cells in named(data, "Other places")}
    assert {record.id for record in fuxin().records} <= {cells.get("held") for cells in named(data, "Run records")}
    assert {event.id for event in fuxin().dated_events} == {cells["event_id"] for cells in named(data, "Events")}


def test_cells_with_codes_offer_exactly_the_codes() -> None:
    data = fuxin_workbook()
    codes = stored(data, "Codes")
    wanted = {code.column: set(code.codes) for code in (FREQUENCIES, QUALIFIERS, STATUSES, METHODS)}
    wanted["indicator_id"] = set(catalog().indicators)
    letters = {str(name): letter for letter, name in stored(data, "Observations")[0].items()}
    found: dict[str, set[object]] = {}
    for rule in parts(data)[sheet_paths(data)["Observations"]].iter(f"{MAIN}dataValidation"):
        source = rule.findtext(f"{MAIN}formula1") or ""
        first, last = re.fullmatch(r"'代码 Codes'!\$B\$(\d+):\$B\$(\d+)", source).groups()  # type: ignore[union-attr]
        name = next(name for name, letter in letters.items() if rule.attrib["sqref"].startswith(f"{letter}2:{letter}"))
        assert int(rule.attrib["sqref"].rpartition(letters[name])[2]) > len(stored(data, "Observations")) + 100
        found[name] = {cells["B"] for cells in codes[int(first) - 1 : int(last)]}
    assert found == wanted


def test_what_is_typed_into_a_text_column_stays_text() -> None:
    """Format 49 is text: 2020-01 becomes no date, 007 no number, and = no formula, also in the empty rows below."""
    data = fuxin_workbook()
    forms = [form.get("numFmtId") for form in next(parts(data)["xl/styles.xml"].iter(f"{MAIN}cellXfs"))]
    sheet = parts(data)[sheet_paths(data)["Observations"]]
    columns: dict[int, str | None] = {}
    for column in sheet.iter(f"{MAIN}col"):
        for number in range(int(column.attrib["min"]), int(column.attrib["max"]) + 1):
            columns[number - 1] = forms[int(column.attrib["style"])]
    numbers = {OBSERVATION_COLUMNS.index(name) for name in ("value", "low", "high")}
    assert columns == {at: "0" if at in numbers else "49" for at in range(len(OBSERVATION_COLUMNS))}
    below = [cell for row in list(sheet.iter(f"{MAIN}row"))[1:] for cell in row.iter(f"{MAIN}c")]
    assert {forms[int(cell.attrib["s"])] for cell in below if cell.get("t") == "s"} == {"49"}


def test_what_is_not_known_is_blank_and_never_zero() -> None:
    data = render_workbook(fake_report())
    measure = next(cells for cells in named(data, "Measures") if cells["indicator_id"] == "online_approval_rate")
    assert not {"figure_value", "low", "high", "province", "nation", "peers"} & measure.keys()
    challenge = next(cells for cells in named(data, "Diagnosis") if cells["state"] == "not-known")
    assert not {"severity", "low", "high", "figure_value"} & challenge.keys()
    years = [cells for cells in named(data, "Transformation meter") if cells["part"] == "meter"]
    assert [("score" in cells, "rank" in cells) for cells in years] == [(False, False), (True, True), (True, True)]
    infinite = fake_report(
        Recipe(entries=[row(1, "gdp_per_head", 2020, float("nan"), "CNY/person")], measure=False, diagnose=False)
    )
    assert "value" not in named(render_workbook(infinite), "Observations")[0]


def test_what_did_not_run_is_said_and_its_sheets_are_left_out(languages: dict[str, Words]) -> None:
    data = render_workbook(fake_report(Recipe(measure=False, diagnose=False)), languages)
    assert not {"Measures", "Transformation meter", "Diagnosis"} & sheet_paths(data).keys()
    said = [(cells.get("said_en"), cells.get("said_zh")) for cells in named(data, "Overview")]
    assert said.count(("Not computed.", "未计算。")) == 2
    error = HeadframeError.of("HF317", "row 7", text="gpd", suggestion="gdp")
    failed = render_workbook(fake_report(Recipe(diagnose=False), failures={"diagnose": error}))
    assert any("HF317 row 7" in str(cells.get("said_en")) for cells in named(failed, "Overview"))


def test_a_table_longer_than_a_sheet_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 10)
    with pytest.raises(HeadframeError) as raised:
        render_workbook(fake_report())
    assert raised.value.problems[0].code == "HF603"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of Fuxin with rows that are hard to carry through a spreadsheet."""
    folder = tmp_path / "我的 city"
    api.new(folder, copy_of="fuxin")
    path = folder / "evidence/observations.csv"
    text = path.read_text(encoding="utf-8")
    header = next(csv.reader(io.StringIO(text)))
    old = next(csv.DictReader(io.StringIO(text)))
    lines = io.StringIO()
    writer = csv.DictWriter(lines, header, lineterminator="\n")
    hard = [text for text in HOSTILE if not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\uffff]", text)]
    for n, note in enumerate(hard):
        value = 1e-12 if n == 3 else (0.1 + 0.2) * 10 ** (n % 5) / 7
        writer.writerow(old | {"obs_id": f"fuxin-h{n}", "value": repr(value), "note": note, "note_zh": note})
    path.write_text(text + lines.getvalue(), encoding="utf-8")
    return folder


def exported(folder: Path) -> bytes:
    """The workbook of a folder, without the verbs, which take seconds."""
    city = open_city(folder)
    return render_workbook(Report(city.place, city.observations, city.events, city.findings, city.sources))


def test_an_unchanged_workbook_brings_nothing_back(mine: Path) -> None:
    (mine.parent / "回.xlsx").write_bytes(exported(mine))
    with pytest.raises(HeadframeError) as raised:
        returned_from(mine.parent / "回.xlsx", open_city(mine))
    assert raised.value.problems[0].code == "HF343"


def test_an_edited_value_and_a_new_row_come_back(mine: Path) -> None:
    data = exported(mine)
    columns = stored(data, "Observations")[0]
    letter = {str(name): at for at, name in columns.items()}
    rows_of = stored(data, "Observations")
    at = next(n for n, cells in enumerate(rows_of, start=1) if cells.get("A") == "fuxin-0004")
    typed = {"indicator_id": "gdp", "period_start": "2030", "value": "7", "unit": "亿元", "price_basis": "nominal"}
    typed |= {"source_id": "lin-lyu-2025", "locator": "=1", "concept": "whole-city"}
    last = len(rows_of) + 1
    cells = "".join(
        f'<c r="{letter[name]}{last}" t="inlineStr"><is><t>{text}</t></is></c>' for name, text in typed.items()
    )
    changed = edited(data, "Observations", {f"{letter['value']}{at}": "4.25"}, f'<row r="{last}">{cells}</row>')
    (mine.parent / "回.xlsx").write_bytes(changed)
    found = returned_from(mine.parent / "回.xlsx", open_city(mine))
    assert [(one.obs_id, dict(one.changes)) for one in found.corrections] == [("fuxin-0004", {"value": "4.25"})]
    assert [{name: one[name] for name in typed} for one in found.additions] == [typed]

    before = named(data, "Observations")
    api.correct_from(mine, mine.parent / "回.xlsx", author="Li", reason="recount", today=date(2026, 1, 2))
    after = exported(mine)
    assert len(named(after, "Observations")) == len(before) + 2
    styles = {
        cell.attrib["r"]: cell.attrib["s"] for cell in parts(after)[sheet_paths(after)["Observations"]].iter(f"{MAIN}c")
    }
    assert styles[f"A{at}"] != styles[f"A{at + 1}"], "a corrected row is grey"
    (mine.parent / "回.xlsx").write_bytes(after)
    with pytest.raises(HeadframeError) as raised:
        returned_from(mine.parent / "回.xlsx", open_city(mine))
    assert raised.value.problems[0].code == "HF343"


def test_csv_is_safe_and_leaves_numbers_alone() -> None:
    data = observations_csv(hostile_report())
    assert data.startswith(b"\xef\xbb\xbf")
    found = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    begins = ("=", "+", "-", "@", "\t", "\r", "＝")
    for entry in found:
        texts = [text for name, text in entry.items() if name not in {"value", "low", "high"}]
        assert not any(text.startswith(begins) for text in texts)
    assert found[-1]["note"] == "'" + LONG
    assert [csv_cell(value) for value in (-5, -0.25, 76.0, 0.1 + 0.2, None, "-5", "+1", "=")] == [
        *("-5", "-0.25", "76", "0.30000000000000004", "", "'-5", "'+1", "'=")
    ]


def test_export_writes_a_workbook_or_csv_by_name(tmp_path: Path) -> None:
    api.export("fuxin", tmp_path / "o.xlsx")
    assert (tmp_path / "o.xlsx").read_bytes() == fuxin_workbook()
    api.export("fuxin", tmp_path / "o.csv")
    text = (tmp_path / "o.csv").read_text(encoding="utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    own = fuxin().observations.filter(pl.col("place_id") == "fuxin")
    assert tuple(found[0]) == OBSERVATION_COLUMNS
    assert [float(entry["value"]) if entry["value"] else None for entry in found] == own.get_column("value").to_list()
    assert [entry["note_zh"].removeprefix("'") for entry in found] == text_of(own, "note_zh")
    with pytest.raises(KeyError):
        render_csv(fuxin(), "no-such-sheet")
