"""Workbooks as spreadsheets write them: kinds of cells, merged ranges, formats, and the same read two ways."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from headframe.evidence.reading.formats import read_file
from headframe.evidence.reading.grid import Kind, Range, Sheet, letters
from headframe.evidence.reading.limits import LIMITS, Limits
from headframe.evidence.reading.number_format import number_format
from headframe.evidence.reading.scan import scan
from headframe.evidence.reading.sheet_xml import SheetXml
from tests.evidence.reading.sheets import packed, refused, refused_file, remade, warnings_of, write_workbook

SHEET = "xl/worksheets/sheet1.xml"


def first_sheet(path: Path) -> Sheet:
    return read_file(path).sheets[0]


def test_kinds_of_cells(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    page = book.add_worksheet("数据")
    page.write_string(0, 0, "  城市 ")
    page.write_number(0, 1, 8.97)
    page.write_formula(0, 2, "=1/0", None, "#DIV/0!")
    page.write_formula(0, 3, "=1+1", None, 2)
    page.write_formula(0, 4, '="a"&"b"', None, "a&b")
    page.write_boolean(0, 5, True)
    page.write_datetime(0, 6, date(2018, 12, 31), book.add_format({"num_format": "yyyy/m/d"}))
    page.write_number(0, 7, 0.123, book.add_format({"num_format": "0.0%"}))
    page.write_string(0, 9, "   ")
    book.close()
    sheet = first_sheet(tmp_path / "a.xlsx")
    assert sheet.name == "数据"
    row = next(iter(sheet.rows))
    assert [cell.kind for cell in row] == [
        Kind.TEXT, Kind.NUMBER, Kind.ERROR, Kind.NUMBER, Kind.TEXT, Kind.TEXT, Kind.DATE, Kind.NUMBER,
    ]  # fmt: skip
    assert [cell.text for cell in row] == ["  城市 ", "8.97", "#DIV/0!", "2", "a&b", "TRUE", "2018-12-31", "12.3%"]
    assert [cell.number for cell in row] == [None, 8.97, None, 2.0, None, None, None, 0.123]
    assert row[7].reference == "H1"
    assert sheet.width == 8  # a cell with spaces alone is empty


def test_a_formula_whose_result_was_never_stored(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    page = book.add_worksheet()
    page.write_row(0, 0, ["城市", "GDP"])
    page.write_string(1, 0, "阜新市")
    page.write_formula(1, 1, "=1+1", None, 77)
    book.close()
    path = remade(tmp_path / "a.xlsx", SHEET, lambda data: data.replace(b"<v>77</v>", b""))
    found = read_file(path)
    assert found.sheets[0].cell(2, 2).kind is Kind.FORMULA
    assert found.sheets[0].cell(2, 2).number is None
    assert warnings_of(found) == ["HF387"]
    assert "B2" in found.problems[0].why("en")


def test_merged_ranges_know_their_origin(tmp_path: Path) -> None:
    rows = [["城市", "GDP", ""], ["", "全市", "市辖区"], ["阜新市", 1, 2]]
    sheet = first_sheet(write_workbook(tmp_path / "a.xlsx", rows, ["A1:A2", "B1:C1"]))
    assert sheet.merged == (Range(1, 1, 2, 1), Range(1, 2, 1, 3))
    assert sheet.cell(1, 3).origin == (1, 2)
    assert sheet.cell(2, 1).origin == (1, 1)
    assert sheet.cell(3, 1).origin is None
    assert sheet.cell(1, 3).text == ""


def test_merged_ranges_reach_no_further_than_the_sheet(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["a", 1], ["b", 2]])
    whole = b'<mergeCells count="2"><mergeCell ref="A1:XFD1048576"/><mergeCell ref="Z9:Z99"/></mergeCells></worksheet>'
    sheet = first_sheet(remade(path, SHEET, lambda data: data.replace(b"</worksheet>", whole)))
    assert sheet.merged == (Range(1, 1, 2, 2),)
    assert sheet.owners.shape == (2, 2)


def test_hidden_sheets_are_read_and_marked(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet("shown").write_number(0, 0, 1)
    hidden = book.add_worksheet("hidden")
    hidden.write_number(0, 0, 2)
    hidden.hide()
    book.add_chartsheet("chart")
    book.close()
    assert [(sheet.name, sheet.hidden) for sheet in read_file(tmp_path / "a.xlsx").sheets] == [
        ("shown", False),
        ("hidden", True),
    ]


def test_raised_digits_stay_apart(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    page, raised = book.add_worksheet(), book.add_format({"font_script": 1})
    page.write_rich_string(0, 0, "三沙市", raised, "1")
    page.write_rich_string(1, 0, "10", raised, "8", "cu.m")
    book.close()
    sheet = first_sheet(tmp_path / "a.xlsx")
    assert [sheet.text(1, 1), sheet.text(2, 1)] == ["三沙市¹", "10⁸cu.m"]


def test_dates_of_1904(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"), {"date_1904": True})
    book.add_worksheet().write_datetime(0, 0, date(2018, 12, 31), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    assert first_sheet(tmp_path / "a.xlsx").text(1, 1) == "2018-12-31"


@pytest.mark.parametrize(
    ("code", "builtin", "number", "text"),
    [
        ("", 14, 43465.0, "2018-12-31"),
        ("", 57, 43465.0, "2018-12-31"),  # a built-in date format of Chinese locales
        ("", 10, 0.07, "7%"),
        ("", 9, 0.29, "29%"),
        ('yyyy"年"m"月"d"日"', 170, 43465.0, "2018-12-31"),
        ('yyyy"年"', 170, 43465.0, "2018"),
        ('yyyy"年"m"月"', 170, 43465.0, "2018-12"),
        ("[h]:mm:ss", 170, 1.5, "36:00:00"),
        ("h:mm", 170, 0.25, "06:00:00"),
        ("yyyy-mm-dd hh:mm", 170, 43465.25, "2018-12-31 06:00:00"),
        ("yyyy-mm-dd", 170, 1.0, "1900-01-01"),
        ("yyyy-mm-dd", 170, 59.0, "1900-02-28"),
        ("yyyy-mm-dd", 170, 61.0, "1900-03-01"),
        ('0"万元"', 170, 12.0, "12万元"),
        ('"¥"#,##0.00', 170, 12.5, "¥12.5"),
        ("#,##0,", 170, 1234567.0, "1235"),
        ("0.00", 170, 8.966666, "8.97"),
        ("0.00", 2, 8.97, "8.97"),
        ("0.00E+00", 11, 1234.0, "1234"),
        ("General", 0, 0.1 + 0.2, "0.3"),
        ("@", 49, 5.0, "5"),
        ("0.00;[Red](0.00)", 170, -8.97, "-8.97"),
    ],
)
def test_what_a_format_shows(code: str, builtin: int, number: float, text: str) -> None:
    shown = number_format(code, builtin).shown(number)
    assert (shown.text if not isinstance(shown, float) else f"{shown:.15g}") == text


def test_a_date_is_never_a_number() -> None:
    assert number_format("yyyy-m-d").shown(43465.0) == (Kind.DATE, "2018-12-31", None)
    assert number_format("yyyy-m-d").shown(-5.0) == (Kind.ERROR, "-5", None)
    assert number_format("yyyy-m-d").shown(1e12)[0] == Kind.ERROR  # type: ignore[index]


PLAIN = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1"><v>2.5</v></c><c r="D1" s="1"/></row>',
    '<row r="2"><c r="A2"><f>A1</f><v>7</v></c><c r="B2" t="str"><f>A1</f><v>a &amp; b</v></c></row>',
    '<row r="3"><c r="A3" t="inlineStr"><is><t>x &lt; y</t></is></c><c r="B3" t="b"><v>1</v></c></row>',
    '<row r="5"/>',
    '<row r="6"><c r="B6" t="n"><v>1e3</v></c></row>',
)


def read_xml(body: str, prefix: str = "", block: int = 1 << 16) -> list[list[object]]:
    tag = f"{prefix}:" if prefix else ""
    body = body.replace("<", f"<{tag}").replace(f"<{tag}/", f"</{tag}") if tag else body
    space = f'xmlns{":" + prefix if prefix else ""}="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    text = f'<?xml version="1.0"?><{tag}worksheet {space}><{tag}sheetData>{body}</{tag}sheetData></{tag}worksheet>'
    reader = SheetXml("s", ["text"], [], LIMITS)
    data = text.encode()
    for start in range(0, len(data), block):
        reader.feed(data[start : start + block])
    reader.close()
    return [list(row) for row in reader.rows]


def test_usual_and_unusual_spellings_give_the_same() -> None:
    usual = read_xml("".join(PLAIN))
    assert usual[0] == ["text", None, 2.5]
    assert usual[1][:2] == [7.0, "a & b"]
    assert usual[2] == ["x < y", (Kind.TEXT, "TRUE", None)]
    assert usual[3:5] == [[], []]
    assert usual[5] == [None, 1000.0]
    body = "".join(PLAIN)
    assert read_xml(body, prefix="x") == usual
    assert read_xml(body, block=7) == usual
    assert read_xml(body.replace("<row", "\n <row").replace("<c ", "\n  <c ")) == usual
    assert read_xml(body.replace(' t="', ' cm="1" t="')) == usual
    assert (
        read_xml(body.replace('r="A', "r='A").replace('1"', "1'") if False else body.replace("<c r", "<c  r")) == usual
    )


@given(
    st.lists(
        st.lists(
            st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8)), max_size=6
        ),
        max_size=6,
    ),
    st.sampled_from([1, 13, 1 << 16]),
)
def test_fast_and_slow_reading_agree(rows: list[list[float | str | None]], block: int) -> None:
    def body(extra: str) -> str:
        lines = []
        for number, row in enumerate(rows, start=1):
            cells = ""
            for column, value in enumerate(row, start=1):
                name = f"{letters(column)}{number}"
                if isinstance(value, float):
                    cells += f'<c r="{name}"{extra}><v>{value!r}</v></c>'
                elif value is not None:
                    clean = "".join(letter for letter in value if letter.isprintable())
                    cells += f'<c r="{name}"{extra} t="str"><v>{escape(clean)}</v></c>'
            lines.append(f'<row r="{number}">{cells}</row>')
        return "".join(lines)

    assert read_xml(body(""), block=block) == read_xml(body(' ph="1"'), block=block)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<sheetData>", b"<sheetData"),
        (b"</sheetData>", b""),
        (
            b"</row>",
            b"",
        ),
        (b"<worksheet", b"<!DOCTYPE w [<!ENTITY a 'b'>]><worksheet"),
        (b'<c r="A2"', b'<c r="A2" <'),
        (b"<v>0</v>", b"<v>999</v>"),
        (b'<row r="2"', b'<row r="0"'),
        (b'<row r="2"', b'<row r="1"'),
    ],
)
def test_damaged_sheets_are_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["a", "b"], ["c", 1]])
    other = remade(path, SHEET, lambda data: data.replace(old, new, 1))
    assert refused_file(other)[0] == "HF374"


def test_parts_that_are_missing_or_wrong(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["a", 1]])
    rels = "xl/_rels/workbook.xml.rels"
    assert refused_file(remade(path, rels, lambda data: data[:-30]))[0] == "HF374"
    assert refused_file(remade(path, rels, lambda data: data.replace(b"worksheet", b"nothing")))[0] == "HF374"
    assert refused_file(remade(path, "xl/workbook.xml", lambda data: b"\xff\xfe" + data))[0] == "HF374"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != rels}
    assert refused_file(packed(tmp_path / "b.xlsx", parts))[0] == "HF374"


def test_entities_do_not_grow(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["a", 1]])
    bomb = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "' + b"x" * 1000 + b'">]><sst><si><t>&a;&a;</t></si></sst>'
    assert refused_file(remade(path, "xl/sharedStrings.xml", lambda _: bomb))[0] == "HF374"


def test_a_cell_far_away(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["a", 1]])
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    code, where = refused_file(remade(path, SHEET, lambda data: data.replace(b"</sheetData>", far)))
    assert code == "HF377"
    assert where == "remade.xlsx, Sheet1"
    blank = far.replace(b"<v>1</v>", b"")
    assert read_file(remade(path, SHEET, lambda data: data.replace(b"</sheetData>", blank))).sheets[0].height == 1


def test_too_many_cells(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [[1.0] * 30] * 40)
    assert refused(lambda: read_file(path, Limits(cells=1000)))[0] == "HF378"


def test_numbers_that_are_none(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["a", "b"], ["c", 77]])
    for wrong in (b"nan", b"inf", b"7x"):
        other = remade(path, SHEET, lambda data, wrong=wrong: data.replace(b"<v>77</v>", b"<v>" + wrong + b"</v>"))
        assert first_sheet(other).cell(2, 2).kind is Kind.ERROR
        assert str(scan(first_sheet(other)).reading(2, 2).mark) == "error"
