"""The preview: everything a person needs to see, as data, with a text for every id in both languages."""

from __future__ import annotations

import json

from headframe.catalog.load import catalog
from headframe.core.results import Message
from headframe.evidence.reading.description import Holds
from headframe.evidence.reading.doubt import Doubt
from headframe.evidence.reading.formats import read_text
from headframe.evidence.reading.grid import Book
from headframe.evidence.reading.missing import Mark, Meaning
from headframe.evidence.reading.preview import Preview, described_tables, preview
from tests.evidence.reading.sheets import sheet_of

ROWS = [
    ["主要指标（2018年）"],
    ["城市", "GDP（亿元）", "", "建成日期", "备注"],
    ["", "全市", "市辖区", "", ""],
    *[[f"第{n}市", 100.0 + n, n, 40000 + n, "x"] for n in range(1, 6)],
    ["抚顺市", "1 1.44", "…", 40100, "y"],
    ["鞍山市", 90, "", 40200, ""],
    ["注：“…”表示不足最小单位数。"],
]


def shown() -> Preview:
    sheets = (sheet_of(ROWS, ["B2:C2"]), sheet_of([["说明"]], name="说明"))
    return preview(Book("a.xlsx", "xlsx", sheets), rows=2)


def test_what_a_preview_shows() -> None:
    found = shown()
    (table,) = found.tables
    assert found.without_table == ("说明",)
    assert (table.rows, table.years, table.titles) == (7, (2018,), ("主要指标(2018年)",))
    assert table.head[0][:2] == ("城市", "GDP(亿元)")
    assert table.first_rows == (("第1市", "101", "1", "40001", "x"), ("第2市", "102", "2", "40002", "x"))
    whole, districts, built = (column for column in table.columns if column.role == "value")
    assert (whole.unit, whole.unit_canonical, whole.scope) == ("亿元", "100000000 CNY", "whole-city")
    assert (whole.figures, whole.minimum, whole.median, whole.maximum) == (6, 90.0, 102.5, 105.0)
    assert whole.doubts[0].examples == ("B9: 1 1.44",)
    assert [(count.meaning.id, count.count) for count in districts.missing] == [
        ("reading.meaning.negligible", 1),
        ("reading.meaning.open", 1),
    ]
    assert "reading.may-be-dates" in {remark.id for remark in built.remarks}


def test_a_preview_is_data() -> None:
    again = Preview.model_validate(json.loads(shown().model_dump_json()))
    assert again == shown()
    assert set(Preview.model_json_schema()["properties"]) >= {"tables", "problems", "encoding"}


def test_every_id_has_a_text_in_both_languages() -> None:
    ids = [f"reading.doubt.{doubt}" for doubt in Doubt]
    ids += [f"reading.mark.{mark}" for mark in Mark] + [f"reading.meaning.{meaning}" for meaning in Meaning]
    ids += [f"reading.holds.{holds}" for holds in Holds]
    for language in ("en", "zh"):
        words = catalog().words(language)
        assert all(words.say(name) for name in ids)
        for table in shown().tables:
            for column in table.columns:
                remarks: list[Message] = [*column.remarks, column.holds]
                assert all(words.say(remark.id, **remark.values) for remark in remarks)


def test_descriptions_alone() -> None:
    book = read_text("城市\tGDP（亿元）\n阜新市\t504.6\n抚顺市\t827\n")
    ((sheet, table),) = described_tables(book)
    assert (sheet.name, [column.label for column in table.values]) == ("", ["GDP"])
