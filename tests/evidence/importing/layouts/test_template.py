"""The template: written safely, opened by what opens workbooks, read back exactly, every fault told with its cell."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError, error_texts
from headframe.core.units import parse_unit
from headframe.evidence.importing.conversion import convert
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.layouts.template import LAYOUT, template_sources
from headframe.evidence.importing.layouts.template_cells import chinese_numeral
from headframe.evidence.importing.layouts.template_mapping import template_mappings
from headframe.evidence.reading.formats import read_file
from headframe.evidence.reading.grid import Book, Kind, Sheet, Shown
from headframe.evidence.template import TemplatePlace, template_bytes, write_template
from headframe.evidence.template_lists import choice, chosen, indicator_of
from tests.evidence.importing.layouts.forms import (
    COLUMNS,
    HEAD_ROWS,
    INDICATORS,
    PLACES,
    YEARS,
    Rows,
    book_of,
    empty,
    fill,
    filled,
    read,
    rows_of,
    saved,
)
from tests.evidence.importing.layouts.written import recognised

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return empty(tmp_path_factory.mktemp("template"))


def faults(rows: Rows) -> list[tuple[str, str]]:
    with pytest.raises(HeadframeError) as caught:
        read(rows)
    return [(problem.code, problem.where.split(", ", 1)[1]) for problem in caught.value.problems]


def said(rows: Rows) -> list[tuple[str, str, int, str, float | None, str]]:
    """Every cell without where it stands, sorted."""
    return sorted(
        (row["key"], row["place_code"], row["period_start"].year, row["raw"], row["value"] or 0.0, row["status"])
        for row in read(rows).cells.iter_rows(named=True)
    )


# --- writing


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sheet_asks_for_every_place_and_indicator(tmp_path: Path, language: str) -> None:
    book = empty(tmp_path, language)
    rows = rows_of(book)
    assert [str(name).removeprefix("hf.") for name in rows[1]] == list(COLUMNS)
    names = catalog().words(language)
    asked = [(choice(p.name, p.id), choice(names.name("indicator", i), i)) for p in PLACES for i in INDICATORS]
    assert [(row[0], row[1]) for row in rows[HEAD_ROWS:]] == asked
    assert [row[2] for row in rows[HEAD_ROWS : HEAD_ROWS + 3]] == [None, "% [%]", None]
    assert all("\n" in str(heading) for heading in rows[0][:3])
    assert len(book.sheets) == 4


def test_nothing_is_a_formula_and_lists_and_protection_are_there(tmp_path: Path) -> None:
    hostile = [TemplatePlace("", "=1+1"), TemplatePlace("x", "<r>a</r>"), TemplatePlace("", "\x07@a\nb\ud800")]
    write_template(tmp_path / "t.xlsx", hostile, INDICATORS, YEARS)
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        sheets = [ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml")) for number in range(1, 5)]
    assert not any(list(sheet.iter(f"{MAIN}f")) for sheet in sheets)
    assert all(sheet.find(f"{MAIN}sheetProtection") is not None for sheet in sheets)
    rules = list(sheets[0].iter(f"{MAIN}dataValidation"))
    assert sorted(rule.get("type", "") for rule in rules) == ["decimal", *["list"] * 7]
    assert rows_of(read_file(tmp_path / "t.xlsx"))[HEAD_ROWS][0] == "=1+1"


def test_equal_inputs_give_equal_bytes() -> None:
    assert template_bytes(PLACES, INDICATORS, YEARS) == template_bytes(PLACES, INDICATORS, YEARS)


def test_every_choice_of_a_unit_is_one_that_is_read(book: Book) -> None:
    lists = book.sheets[3]
    column = next(at for at in range(1, 8) if "Unit" in lists.text(1, at))
    units = [lists.text(row, column) for row in range(2, lists.height + 1) if lists.text(row, column)]
    assert len(units) > 4
    for unit in units:
        parse_unit(chosen(unit)[1])


def test_unknown_indicators_and_too_many_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HeadframeError) as caught:
        write_template(tmp_path / "t.xlsx", PLACES, ["gdpp"], YEARS)
    assert [problem.code for problem in caught.value.problems] == ["HF201"]
    many = [TemplatePlace("", str(number)) for number in range(400_000)]
    with pytest.raises(HeadframeError) as caught:
        write_template(tmp_path / "t.xlsx", many, INDICATORS, YEARS)
    assert [problem.code for problem in caught.value.problems] == ["HF377"]
    assert not (tmp_path / "t.xlsx").exists()


@pytest.mark.full
def test_another_office_keeps_what_is_in_it(tmp_path: Path) -> None:
    """LibreOffice opens the template and saves it: cells, lists and protection are what they were."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("no LibreOffice on the PATH")
    write_template(tmp_path / "t.xlsx", PLACES, INDICATORS, YEARS)
    for form, name in (("ods", "t.xlsx"), ("xlsx:Calc MS Excel 2007 XML", "t.ods")):
        command = [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", form]
        subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / name)], check=True, capture_output=True)
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        sheet = ET.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    assert sum(1 for _ in sheet.iter(f"{MAIN}dataValidation")) == 8
    assert sheet.find(f"{MAIN}sheetProtection") is not None
    expected = [list(page.values) for page in empty(tmp_path).sheets]
    assert [list(page.values) for page in read_file(tmp_path / "t.xlsx").sheets] == expected


# --- reading back


def test_an_empty_template_has_nothing_in_it(book: Book) -> None:
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(book))
    assert [problem.code for problem in caught.value.problems] == ["HF382"]


def test_what_was_filled_in_comes_back(book: Book) -> None:
    extract = read(filled(book))
    table = [
        (
            row["place_code"],
            row["period_start"].year,
            row["qualifier"],
            row["value"],
            row["unit"],
            row["status"],
            row["meaning"],
        )
        for row in extract.cells.iter_rows(named=True)
    ]
    assert table == [
        ("fuxin", 2019, "=", 488.3, "", "", ""),
        ("fuxin", 2020, "=", 504.6, "", "", ""),
        ("fuxin", 2019, "=", None, "", "", "negligible-or-unknown"),
        ("fuxin", 2020, "=", 35.5, "", "", ""),
        ("fuxin", 2019, "=", 1.2, "", "P", ""),
        ("fuxin", 2020, "~", 35.0, "", "P", ""),
        ("hegang", 2020, "=", 1234.0, "", "", ""),
        ("hegang", 2019, "=", 41.2, "", "", ""),
    ]
    assert [series.key for series in extract.series] == [
        "indicator=gdp;price_basis=nominal;source=yb2020",
        "indicator=forest_cover",
        "indicator=employment",
        "indicator=gdp;price_basis=real:2015;source=yb2020",
    ]
    units = [series.unit.canonical for series in extract.series if series.unit]
    assert units == ["100000000 CNY", "%", "10000 person", "10000 CNY"]
    assert extract.cells["locator"].to_list()[0] == "数据填报 Figures!D3"
    assert extract.notes == ("数据填报 Figures, row 5: after the census",)
    assert [(place.name, place.code, place.count) for place in extract.places] == [
        ("阜新市", "fuxin", 5),
        ("鹤岗市", "hegang", 2),
    ]


def test_another_unit_in_another_row_is_kept_by_the_cell(book: Book) -> None:
    rows = filled(book)
    fill(rows, 3, price_basis="nominal")
    extract = read(rows)
    assert len(extract.series) == 3
    assert extract.cells["unit"].to_list() == ["", "", "", "", "", "", "10000 CNY", ""]
    assert extract.series[0].maximum == 504.6


@given(st.randoms(use_true_random=False))
def test_the_order_of_columns_and_rows_does_not_matter(random: Random) -> None:
    rows = filled(SAMPLE)
    order = list(range(len(COLUMNS)))
    random.shuffle(order)
    body = rows[HEAD_ROWS:]
    random.shuffle(body)
    moved = [[row[at] for at in order] for row in [*rows[:HEAD_ROWS], *body]]
    for _ in range(random.randrange(4)):
        moved.insert(random.randrange(HEAD_ROWS, len(moved) + 1), [None] * len(order))
    for _ in range(random.randrange(3)):
        moved.insert(0, ["anything", "above"])
    assert said(moved) == said(rows)


def test_rows_and_columns_that_people_add(book: Book) -> None:
    rows = filled(book)
    expected = said(rows)
    rows[0].append("2021"), rows[1].append(None)
    rows[HEAD_ROWS].append(600)
    rows.append(["# 以下数据待补", None, None, 5])
    rows.append(["仅供参考"])
    rows.append(["阜新市", "地区生产总值", "亿元", 1, None, "nominal"])
    added = [row for row in said(rows) if row not in expected]
    assert [(row[1], row[2], row[4]) for row in added] == [("", 2019, 1.0), ("fuxin", 2021, 600.0)]


def test_names_in_either_language_and_ids_alone_are_understood() -> None:
    for text in ("gdp", "GDP [gdp]", "地区生产总值", "gross domestic product", "［gdp］", "anything [gdp]"):
        assert indicator_of(text) == "gdp"
    for text in ("", "gdpp", "GDP [gdpp]", "[]"):
        assert indicator_of(text) == ""


def test_saved_by_another_program_and_as_csv(book: Book, tmp_path: Path) -> None:
    rows = filled(book)
    fill(rows, 4, y2019=41.2)
    path = saved(rows, tmp_path / "saved.xlsx")
    assert recognised(Source.of(path)) == "template"
    table = [(row["raw"], row["value"]) for row in LAYOUT.extract(Source.of(path)).cells.iter_rows(named=True)]
    assert table == [(row["raw"], row["value"]) for row in read(rows).cells.iter_rows(named=True)]
    import csv

    with (tmp_path / "saved.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
    assert recognised(Source.of(tmp_path / "saved.csv")) == "template"
    assert LAYOUT.extract(Source.of(tmp_path / "saved.csv")).cells.height == len(table)


# --- faults


def test_every_fault_is_told_with_its_cell(book: Book) -> None:
    rows = filled(book)
    fill(rows, 0, y2019="十二", price_basis=None, source="other")
    fill(rows, 1, y2020="about right", unit="万元 [10000 CNY]")
    fill(rows, 2, indicator="从业人员数量", status="official", concept="everybody")
    fill(rows, 3, place=None, unit=None)
    assert faults(rows) == [
        ("HF467", "row 3, column F 价格基础 Price basis"),
        ("HF469", "row 3, column I 数据来源 Source"),
        ("HF468", "row 3, column D 2019"),
        ("HF469", "row 4, column C 计量单位 Unit"),
        ("HF468", "row 4, column E 2020"),
        ("HF469", "row 5, column B 指标 Indicator"),
        ("HF469", "row 5, column G 统计口径 Concept"),
        ("HF469", "row 5, column H 数据状态 Status"),
        ("HF467", "row 6, column A 地区 Place"),
        ("HF467", "row 6, column C 计量单位 Unit"),
    ]


NO_FIGURES = {
    "one or dash": "一",
    "numeral": "三万五千",
    "letters": "abc",
    "space inside": "1 1.44",
    "percentage": "12.3%",
    "another unit": "3.2 km",
    "date as text": "2019-01-01",
    "groups of two": "1,23,4",
    "date": Shown(Kind.DATE, "2019-05-01"),
    "truth": Shown(Kind.TEXT, "TRUE"),
}


@pytest.mark.parametrize("what", NO_FIGURES)
def test_what_is_no_figure_in_ten_thousand_yuan(book: Book, what: str) -> None:
    rows = filled(book)
    fill(rows, 0, y2019=NO_FIGURES[what])
    assert faults(rows) == [("HF468", "row 3, column D 2019")]


@pytest.mark.parametrize(("text", "value"), [("5-", -5.0), ("(1,234)", -1234.0), ("１２．５", 12.5), ("≥ 3", 3.0)])
def test_numbers_as_yearbooks_print_them(book: Book, text: str, value: float) -> None:
    rows = filled(book)
    fill(rows, 0, y2019=text)
    assert read(rows).cells["value"][0] == value


def test_errors_and_formulas_are_lost_values(book: Book) -> None:
    rows = filled(book)
    fill(rows, 0, y2019=Shown(Kind.ERROR, "#DIV/0!"), y2020=Shown(Kind.FORMULA, "x"))
    assert read(rows).cells["meaning"].to_list()[:2] == ["lost", "lost"]


def test_numbers_with_words_are_put_into_the_unit_of_their_row(book: Book) -> None:
    rows = filled(book)
    fill(rows, 3, y2020="3.2亿元", y2019="0.5亿")
    assert [row[4] for row in said(rows) if row[1] == "hegang" and "gdp" in row[0]] == [5000.0, 32000.0]


def test_a_template_without_ids_or_with_a_column_twice_is_told(book: Book) -> None:
    rows = filled(book)
    rows[1][4] = "hf.2019"
    with pytest.raises(HeadframeError) as caught:
        read(rows)
    assert [problem.code for problem in caught.value.problems] == ["HF460"]
    rows[1][4] = "hf.2019-A1"  # the same year in another form
    with pytest.raises(HeadframeError) as caught:
        read(rows)
    assert [problem.code for problem in caught.value.problems] == ["HF460"]
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(Book("x", "xlsx", (Sheet("a", [["city", "gdp"], ["x", 1.0]]),))))
    assert [problem.code for problem in caught.value.problems] == ["HF460"]


cells = (
    st.none()
    | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["gdp", "亿元 [100000000 CNY]", "nominal", "…", "[", "#"])
)


@given(st.lists(st.lists(cells, max_size=12), max_size=6))
def test_anything_below_the_head_is_read_or_refused(body: Rows) -> None:
    try:
        read([*filled(SAMPLE)[:HEAD_ROWS], *body])
    except HeadframeError as error:
        assert {problem.code for problem in error.problems} <= {"HF382", "HF467", "HF468", "HF469"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("三万五千", 35000),
        ("十二", 12),
        ("二〇一八", 2018),
        ("一亿二千万", 120_000_000),
        ("两百零五", 205),
        ("", None),
        ("三x", None),
    ],
)
def test_chinese_numerals(text: str, number: float | None) -> None:
    assert chinese_numeral(text) == number


# --- onwards


def test_a_filled_template_becomes_observations(book: Book) -> None:
    rows = filled(book)
    form = book_of(rows)
    extract = LAYOUT.extract(Source.of(form))
    mappings = template_mappings(extract, form)
    assert [mapping.source.source_id for mapping in mappings] == ["yb2020", ""]
    assert mappings[0].source.publisher == "阜新市统计局"
    found = [
        row
        for mapping in mappings
        for row in convert(extract, mapping, catalog(), today=date(2026, 1, 1)).rows.iter_rows(named=True)
    ]
    table = [
        (row["place_id"], row["indicator_id"], row["value"], row["unit"], row["price_basis"], row["status"])
        for row in found
    ]
    assert ("fuxin", "gdp", 488.3, "100000000 CNY", "nominal", "A") in table
    assert ("hegang", "gdp", 1234.0, "10000 CNY", "real:2015", "A") in table
    assert ("fuxin", "employment", 35.0, "10000 person", "", "P") in table
    assert len([row for row in found if row["value"] is not None]) == 7


def test_sources_are_read_by_their_columns(book: Book) -> None:
    assert template_sources(book) == ()
    assert template_sources(book_of([])) == (
        {"source_id": "yb2020", "title": "阜新统计年鉴 2020", "publisher": "阜新市统计局"},
    )


def test_formats_that_are_not_read_offer_the_template() -> None:
    for code in ("HF372", "HF373"):
        assert all("headframe import --template" in error_texts()[code][language]["fix"] for language in ("en", "zh"))


SAMPLE = book_of([])


@pytest.fixture(scope="module", autouse=True)
def _sample(book: Book) -> None:
    """Properties draw many examples of one template that is written once."""
    global SAMPLE  # noqa: PLW0603
    SAMPLE = book
