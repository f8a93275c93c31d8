"""Tables that no careful office would print: refused with a code, or read without a guess."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.evidence.importing.choosing import read_extract
from headframe.evidence.importing.conversion import Converted, Fate, convert
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.mapping import PeriodRule, accepted, proposed
from headframe.evidence.importing.matches import Ask
from headframe.evidence.importing.matching import match
from tests.evidence.importing.made import codes, extract_of, matches_of
from tests.evidence.reading.sheets import write_workbook


def _csv(folder: Path, text: str | bytes) -> Extract:
    path = folder / "hostile.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_extract(path)


def _done(extract: Extract) -> Converted:
    mapping = replace(accepted(proposed(extract, match(extract, catalog()))), period=PeriodRule(2018))
    done = convert(extract, mapping, catalog(), dict.fromkeys(extract.places, "somewhere"), here="somewhere")
    assert sum(account.count for account in done.accounts) == extract.cells.height
    return done


def test_a_million_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HeadframeError) as caught:
        _csv(tmp_path, "city," + ",".join(map(str, range(10**6))) + "\n阜新市," + ",".join("1" * 10**6) + "\n")
    assert codes(caught) == ["HF377"]


def test_thousands_of_columns_are_read(tmp_path: Path) -> None:
    width = 4000
    head = ",".join(f"指标{number}（万元）" for number in range(10_000, 10_000 + width))
    body = "".join(f"{city}," + ",".join("1.5" for _ in range(width)) + "\n" for city in ("阜新市", "抚顺市"))
    extract = _csv(tmp_path, f"城市,{head}\n{body}")
    assert (len(extract.series), extract.cells.height) == (width, 2 * width)
    assert not any(item.sure for item in match(extract, catalog()))


def test_cells_that_are_all_texts_are_no_figures(tmp_path: Path) -> None:
    with pytest.raises(HeadframeError) as caught:
        _csv(tmp_path, "城市,地区生产总值\n" + "阜新市,很多\n抚顺市,更多\n本溪市,不多\n" * 5)
    assert codes(caught) == ["HF450"]


def test_equal_heads_are_kept_apart_and_asked_about() -> None:
    rows = [["城市", "医院数（个）", "医院数（个）"], ["阜新市", 30, 31], ["抚顺市", 40, 41], ["本溪市", 55, 51]]
    found = matches_of(extract_of(rows))
    assert len(found) == 2
    assert all(Ask.TARGET in item.asks for item in found.values())


def test_formulae_without_a_result_and_injected_ones_are_no_figures(tmp_path: Path) -> None:
    rows = [["城市", "医院数（个）"], ["阜新市", "=1+1"], ["抚顺市", 30], ["本溪市", '=HYPERLINK("http://x")']]
    rows += [["锦州市", "@SUM(A1)"], ["丹东市", "-1+cmd|' /C calc'!A0"], ["营口市", 51]]
    done = _done(read_extract(write_workbook(tmp_path / "a.xlsx", rows)))
    assert done.rows["value"].to_list() == [30.0, 51.0]
    assert done.count(Fate.CONVERTED) == 2


def test_dates_among_figures_are_not_taken_for_figures() -> None:
    rows = [["城市", "医院数（个）"], ["阜新市", 30], ["抚顺市", "2019-12-31"], ["本溪市", "2019年"], ["锦州市", 41]]
    done = _done(extract_of(rows))
    assert done.count(Fate.UNREADABLE) + done.count(Fate.MISSING) == 2
    assert done.rows["value"].to_list() == [30.0, 41.0]


def test_numbers_of_days_under_a_date_have_no_indicator() -> None:
    rows = [["城市", "统计日期"], ["阜新市", 43465], ["抚顺市", 43466], ["本溪市", 43467]]
    assert not any(item.sure for item in matches_of(extract_of(rows)).values())


def test_nul_bytes_and_controls_do_not_reach_a_row(tmp_path: Path) -> None:
    try:
        done = _done(_csv(tmp_path, "城市,医院数（个）\n阜新\x00市,30\n抚顺市,4\x0041\n本溪市,51\n".encode()))
    except HeadframeError as error:
        assert all(problem.code.startswith("HF3") for problem in error.problems)
        return
    for column in ("raw_text", "locator", "obs_id"):
        assert not done.rows[column].str.contains(r"[\x00-\x08\x0b-\x1f]").any()


def test_values_beyond_numbers(tmp_path: Path) -> None:
    text = "城市,医院数（个）\n阜新市,1e400\n抚顺市,NaN\n本溪市,Infinity\n锦州市,30\n丹东市,-0\n营口市,１２\n盘锦市,5\n"
    done = _done(_csv(tmp_path, text))
    assert done.rows["value"].drop_nulls().is_finite().all()
    assert sorted(done.rows["value"].drop_nulls().to_list()) == [0.0, 5.0, 12.0, 30.0]


def test_a_label_as_long_as_a_book_and_a_place_like_a_path(tmp_path: Path) -> None:
    text = f'城市,{"地区生产总值" * 5000}（万元）\n../../etc/passwd,1.5\n"a|b;c=d",2.5\n<b>x</b>,3.5\n'
    extract = _csv(tmp_path, text)
    assert not any(item.sure for item in match(extract, catalog()))
    assert {place.name for place in extract.places} >= {"../../etc/passwd"}


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"1,1\n" * (40 << 20)))
    with pytest.raises(HeadframeError) as caught:
        read_extract(path)
    assert codes(caught)[0] in {"HF376", "HF377", "HF378"}


def test_rows_that_all_look_alike_get_ids_of_their_own(tmp_path: Path) -> None:
    extract = _csv(tmp_path, "城市,年份,医院数（个）\n" + "阜新市,2018,30\n" * 500)
    done = _done(extract)
    assert done.rows["obs_id"].n_unique() == done.rows.height == 500
    assert isinstance(done.rows, pl.DataFrame)


def test_very_many_products_and_populations_are_looked_at_within_bounds() -> None:
    head = [
        "城市",
        *(f"{name}" for _ in range(60) for name in ("地区生产总值（亿元）", "人均GDP（元）", "总人口（万人）")),
    ]
    rows = [head, *([f"第{n}市", *([100.0 + n, 30_000.0, 33.0 + n] * 60)] for n in range(12))]
    found = matches_of(extract_of(rows))
    assert len(found) == 180
    assert not any(item.sure for item in found.values())
