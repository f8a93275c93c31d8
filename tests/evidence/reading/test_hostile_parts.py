"""What the fuzz campaign found, each with the smallest file that shows it, and its neighbours."""

from __future__ import annotations

import tracemalloc
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.reading import archive, markup
from headframe.evidence.reading.block import MOST_TABLES
from headframe.evidence.reading.formats import read_file, read_text
from headframe.evidence.reading.grid import Kind, Shown
from headframe.evidence.reading.header import describe
from headframe.evidence.reading.limits import LIMITS
from headframe.evidence.reading.markup import read_markup
from headframe.evidence.reading.scan import scan
from tests.evidence.reading.sheets import (
    only_table,
    packed,
    refused,
    refused_file,
    remade,
    sheet_of,
    texts,
    write_workbook,
    written,
)

SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
ROWS = [["城市", "产值（万元）"], ["阜新市", 1.5], ["抚顺市", 2.5]]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_workbook(tmp_path / "a.xlsx", ROWS)


# Archives
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_of_packing_that_no_workbook_has_are_refused(tmp_path: Path, book: Path, method: int) -> None:
    path = tmp_path / "b.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(path, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert refused_file(path)[0] == "HF374"


def test_a_damaged_stream_of_another_method_is_refused_too(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("a.csv", b"a,b\n1,2\n" * 50)
    data = bytearray(path.read_bytes())
    data[60:64] = b"\xff" * 4
    assert refused_file(written(path, bytes(data)))[0] == "HF374"


def test_a_long_list_of_parts_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", {f"{number}.csv": b"" for number in range(900)})

    def opened(*_: Any) -> None:
        raise AssertionError("the list was read")

    monkeypatch.setattr(archive.zipfile, "ZipFile", opened)
    few = replace(LIMITS, entries=800)
    assert refused(lambda: read_file(path, few))[0] == "HF376"
    monkeypatch.setattr(archive, "BLOCK", 7)  # an entry's mark may lie across two blocks
    assert refused(lambda: read_file(path, few))[0] == "HF376"


def test_the_cells_of_all_tables_in_an_archive_are_bounded_together(tmp_path: Path) -> None:
    table = b"a,b\n" + b"1,2\n" * 100
    path = packed(tmp_path / "a.zip", {f"{number}.csv": table for number in range(6)})
    assert refused(lambda: read_file(path, replace(LIMITS, cells=1000)))[0] == "HF378"
    assert len(read_file(path, replace(LIMITS, cells=1300)).sheets) == 6


# XML
@pytest.mark.parametrize("part", [BOOK, SHEET, STRINGS])
@pytest.mark.parametrize("comment", [0, 5000, 300_000])
def test_definitions_are_refused_wherever_they_begin(book: Path, part: str, comment: int) -> None:
    before = b"<!--" + b"x" * comment + b"-->" if comment else b""
    entity = before + b'<!DOCTYPE a [<!ENTITY a "b">]>'
    path = remade(book, part, lambda data: data.replace(b"\n", b"\n" + entity, 1))
    assert refused_file(path)[0] == "HF374"


@pytest.mark.parametrize("part", [BOOK, SHEET, STRINGS])
@pytest.mark.parametrize("name", ["GBK", "iso-8859-1", "utf-7", "nonsense"])
def test_another_encoding_of_a_part_is_refused(book: Path, part: str, name: str) -> None:
    path = remade(book, part, lambda data: data.replace(b"UTF-8", name.encode(), 1))
    code, _ = refused_file(path)
    assert code == "HF374"


def test_a_comment_before_the_root_is_harmless(book: Path) -> None:
    path = remade(book, SHEET, lambda data: data.replace(b"\n", b"\n<!-- made by hand -->\n", 1))
    assert texts(read_file(path))[1] == ["阜新市", "1.5"]


@pytest.mark.parametrize("number", [b"-1", b"1_0", b"99", b"9" * 5000, b"1.0", "１".encode()])
def test_numbers_of_strings_that_do_not_exist_are_damage(book: Path, number: bytes) -> None:
    path = remade(book, SHEET, lambda data: data.replace(b't="s"><v>2</v>', b't="s"><v>' + number + b"</v>"))
    assert refused_file(path)[0] == "HF374"


def test_digits_with_underscores_are_no_number(book: Path) -> None:
    path = remade(book, SHEET, lambda data: data.replace(b"<v>1.5</v>", b"<v>1_5</v>"))
    assert read_file(path).sheets[0].values[1][1] == Shown(Kind.ERROR, "1_5")


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000 + "65"])
def test_a_reference_to_no_character(book: Path, digits: str) -> None:
    text = f"A&#{digits};B"
    cell = f'<c r="B2" t="str"><v>{text}</v></c>'.encode()
    path = remade(book, SHEET, lambda data: data.replace(b'<c r="B2"><v>1.5</v></c>', cell))
    assert texts(read_file(path))[1][1] == "A�B"
    page = f"<table><tr><td>城市</td><td>{text}</td></tr></table>"
    assert texts(read_text(page))[0] == ["城市", "A�B"]


# Pages
@pytest.mark.parametrize("piece", ["<td ", "<td a='", "<!--", "</td "])
def test_a_tag_that_never_ends_is_looked_at_once(monkeypatch: pytest.MonkeyPatch, piece: str) -> None:
    looks = 0
    known = HTMLParser.goahead  # type: ignore[attr-defined]

    def counted(self: HTMLParser, end: bool) -> None:
        nonlocal looks
        looks += bool(end)
        known(self, end)

    monkeypatch.setattr(markup._Tables, "goahead", counted)
    page = "<table><tr><td>1</td></tr></table>" + piece * 50
    assert texts(read_markup(page, "a", LIMITS)) == [["1"]]
    assert looks == 0


@pytest.mark.parametrize("end", ["", "<td", "<!-- ", "</tr>", "<tr><td>2</td></tr><td a='</table>"])
def test_a_table_that_does_not_end_was_cut_off(end: str) -> None:
    assert refused(lambda: read_text(f"<table><tr><td>1</td></tr>{end}"))[0] == "HF374"


def test_a_table_hidden_by_a_tag_that_never_ends_is_not_passed_over() -> None:
    whole = "<table><tr><td>1</td></tr></table>"
    assert refused(lambda: read_text(f"{whole}<p title='x>{whole}"))[0] == "HF374"


@pytest.mark.parametrize("declaration", ["<![<![", "<![1]>"])
def test_a_declaration_that_nobody_knows(declaration: str) -> None:
    """Python's parser refuses it or, in later versions, takes it for a comment."""
    page = f"<table><tr><td>1</td></tr></table>{declaration}"
    try:
        assert texts(read_text(page)) == [["1"]]
    except HeadframeError as error:
        assert error.problems[0].code == "HF374"
    known = "<![if !supportMisalignedColumns]><table><tr><td>1</td></tr></table><![endif]>"
    assert texts(read_text(known)) == [["1"]]


def test_a_page_beyond_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "LARGEST", 100)
    assert refused(lambda: read_text("<table><tr><td>" + "x" * 100))[0] == "HF376"


# Pasted text
COMMUNIQUE = """表1  2018年主要指标
指标            单位      绝对数      比上年增长（%）
地区生产总值      亿元    2,859.55    -2.4
　第一产业      亿元    1,464.65    -2.8
年末总人口      万人    412,345    6.0
"""


def test_thousands_marks_in_a_pasted_table_separate_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", COMMUNIQUE.encode())
    found = read_file(path)
    assert found.format == "pasted"
    assert texts(found)[2] == ["地区生产总值", "亿元", "2,859.55", "-2.4"]
    noted = COMMUNIQUE + "Note: prices of 2015, preliminary; revised in 2019\n"
    assert read_file(written(tmp_path / "b.txt", noted.encode())).format == "pasted"


@pytest.mark.parametrize(
    "text",
    [
        "City name,GDP total\nFu Xin,1\nFu Shun,2\n",
        "City  name,GDP\nFu  Xin, 1\nFu  Shun, 2\n",
        "1,234\n2,345\n",
        "a b;c\nd e;f\n",
        "a b\tc\nd e\t1,234\n",
    ],
)
def test_separators_between_words_stay_separators(tmp_path: Path, text: str) -> None:
    assert read_file(written(tmp_path / "a.txt", text.encode())).format != "pasted"


def test_more_tables_than_are_told_apart_are_refused_and_not_passed_over() -> None:
    """One head repeats in the body of its table; two that take turns begin a new table each time."""
    one, other = [["城市", "产值（万元）"], ["阜新市", 1.5]], [["指标", "人口（人）", "面积"], ["男", 2, 3]]
    tables = [*one, [], *other, []]
    for count in (20, MOST_TABLES // 2):
        assert len(describe(sheet_of(tables * count))) == 2 * count
    code, where = refused(lambda: describe(sheet_of(tables * (MOST_TABLES // 2 + 1))))
    assert (code, where) == ("HF395", f"s, row {len(tables) * MOST_TABLES // 2 + 2}")


@pytest.mark.parametrize("mark", ["①", "*", " 1)"])
def test_marks_of_notes_are_looked_for_at_the_end_of_a_name_alone(mark: str) -> None:
    """A name is searched from every character on; a long one of nothing but marks would take minutes."""
    long = "城" + mark * 20_000 + "x"
    rows = [["城市", "产值（万元）"], [long, 1.5], [f"抚顺市{mark}", 2.5], ["鞍" * 70 + mark, 3.5]]
    table = only_table(sheet_of(rows))
    stub = table.description.stubs[0]
    assert table.name(2, stub) == long
    assert table.name(3, stub) == "抚顺市"
    assert table.name(4, stub) == "鞍" * 70


def test_many_readings_stay_small() -> None:
    """Cells that are no plain numbers are kept one by one; what each of them takes is bounded."""
    sheet = sheet_of([[f"{row}.{column} p" for column in range(20)] for row in range(200)])
    scan(sheet)
    tracemalloc.start()
    found = scan(sheet)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.readings) == 4000
    assert taken < 370 * len(found.readings)
