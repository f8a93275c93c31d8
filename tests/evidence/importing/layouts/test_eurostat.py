"""Eurostat in all its formats: the same figures from each, with flags, kinds of missing, units and price bases."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.layouts.eurostat import LAYOUT, dataset_in_name
from headframe.evidence.importing.layouts.source import Source
from tests.evidence.importing.layouts.written import (
    DATASET,
    EUROSTAT,
    FACTS,
    Fact,
    bulk,
    figures,
    gzipped,
    recognised,
    rows_text,
    sdmx_1,
    sdmx_2,
    taken,
    zipped,
)

EXPECTED = {
    ("MIO_EUR", "AT11", "2018"): (9000.1, "", ""),
    ("MIO_EUR", "AT11", "2019"): (9123.4, "P", ""),
    ("MIO_EUR", "AT12", "2018"): (None, "Q", "suppressed"),
    ("MIO_EUR", "AT12", "2019"): (-60000.0, "D", ""),
    ("PC", "AT11", "2018"): (0.0, "", ""),
    ("PC", "AT12", "2018"): (None, "M", "not-applicable"),
    ("PC", "AT12", "2019"): (1500.0, "E", ""),
}
NAME = f"estat_{DATASET}.tsv"


@pytest.mark.parametrize("written", EUROSTAT)
def test_each_format_says_the_same(written: str) -> None:
    extract = taken(EUROSTAT[written](FACTS), "eurostat", NAME)
    said = figures(extract)
    assert {key: said[key] for key in EXPECTED} == EXPECTED
    assert {row for key, row in said.items() if key not in EXPECTED} <= {(None, "", "not-collected")}
    assert [series.key for series in extract.series] == [f"dataflow={DATASET};unit={u}" for u in ("MIO_EUR", "PC")]
    assert not extract.problems


codes = st.sampled_from(["AT11", "DE30", "FR10", "EL13"])
numbers = st.floats(-1e12, 1e12, allow_nan=False).map(repr)
facts = st.lists(
    st.builds(Fact, st.sampled_from(["MIO_EUR", "PC"]), codes, st.sampled_from(["2018", "2019", "2020"]), numbers,
              st.sampled_from(["", "p", "bp", "e"])),
    min_size=1, max_size=12, unique_by=lambda one: one[:3],
)  # fmt: skip


@given(facts)
def test_figures_come_back_exactly_from_every_format(drawn: list[Fact]) -> None:
    expected = {one[:3]: float(one.value) for one in drawn}
    for write in EUROSTAT.values():
        said = figures(LAYOUT.extract(Source.of(write(drawn), name=NAME)))
        assert {key: value for key, (value, _, _) in said.items() if value is not None} == expected


def test_a_series_has_statistics_unit_and_labels() -> None:
    extract = taken(sdmx_2(FACTS), "eurostat")
    euro = extract.one(f"dataflow={DATASET};unit=MIO_EUR")
    assert euro.unit is not None
    assert (euro.unit.canonical, euro.unit.multiplier, euro.unit.printed) == ("1000000 EUR", 1e6, "Million euro")
    assert (euro.count, euro.minimum, euro.median, euro.maximum) == (3, -60000.0, 9000.1, 9123.4)
    assert euro.english == ("GDP at current market prices, by region",)
    assert [(place.name, place.code, place.count) for place in extract.places] == [
        ("Burgenland", "AT11", 3),
        ("Niederösterreich", "AT12", 2),
    ]
    assert extract.cells["locator"].to_list()[:2] == ["row 2, OBS_VALUE", "row 3, OBS_VALUE"]
    assert extract.cells["flags"].to_list()[3] == "b;d"


def test_packed_tables_are_read(tmp_path: Path) -> None:
    packed = taken(gzipped(tmp_path / f"{NAME}.gz", bulk(FACTS)), "eurostat")
    archive = taken(zipped(tmp_path / "x.zip", {"a/readme.txt": "nothing", "a/data.csv": sdmx_1(FACTS)}), "eurostat")
    assert figures(packed) | EXPECTED == figures(packed)
    assert figures(archive) == EXPECTED
    assert (packed.format, archive.format) == ("tsv", "zip")


def test_semicolons_and_a_mark_of_order_are_read() -> None:
    assert figures(taken("\ufeff" + sdmx_1(FACTS, ";"), "eurostat")) == EXPECTED


def test_the_file_name_gives_the_dataset_only_with_a_doubt() -> None:
    named, bare = taken(bulk(FACTS), "eurostat", NAME), taken(bulk(FACTS), "eurostat", "copy.tsv")
    assert [reason.id for reason in named.series[0].reasons] == ["layouts.dataflow-from-name"]
    assert named.series[0].confidence < 1
    assert bare.series[0].key == "unit=MIO_EUR"
    assert [reason.id for reason in bare.series[0].reasons] == ["layouts.no-dataflow"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("estat_nama_10r_2gdp.tsv.gz", "nama_10r_2gdp"),
        ("nama_10r_2gdp__custom_123_page_linear_2_0.csv", "nama_10r_2gdp"),
        ("nama_10r_2gdp_linear.csv", "nama_10r_2gdp"),
        ("tgs00003.tsv", "tgs00003"),
        ("tgs00003 (1).tsv", ""),
        ("copy.tsv", ""),
        ("daten 2019.csv", ""),
    ],
)
def test_datasets_in_names(name: str, code: str) -> None:
    assert dataset_in_name(name) == code


def test_prices_are_told_by_codes() -> None:
    facts = [Fact("CLV10_MEUR", "AT11", "2019", "1"), Fact("CP_MEUR", "AT11", "2019", "1"), *FACTS[:1]]
    basis = [series.codes.get("price_basis", "") for series in taken(sdmx_1(facts), "eurostat").series]
    assert basis == ["real:2010", "nominal", ""]


def test_a_flag_of_confidentiality_withholds_what_is_empty() -> None:
    text = sdmx_1([Fact("PC", "AT11", "2019", "")]).replace(",,,\n", ",,,C\n")
    row = taken(text, "eurostat").cells.row(0, named=True)
    assert (row["value"], row["status"], row["mark"], row["meaning"], row["flags"]) == (
        None, "Q", "empty", "suppressed", "C",
    )  # fmt: skip


def test_the_printed_text_of_a_cell_is_kept() -> None:
    cells = taken(bulk([Fact("PC", "AT11", "2019", "12.3", "bp")]), "eurostat").cells
    assert cells["raw"].to_list() == ["12.3 bp"]
    assert cells["locator"].to_list() == ["row 2, 2019"]


def test_what_is_no_number_is_missing_and_told() -> None:
    facts = [
        Fact("PC", "AT11", "2019", "about 5"),
        Fact("PC", "AT11", "2020", "1e999"),
        Fact("PC", "AT12", "20x9", "1"),
    ]
    extract = taken(sdmx_1(facts), "eurostat")
    assert extract.cells["value"].to_list() == [None, None, 1.0]
    assert extract.cells["period_start"].is_null().to_list() == [False, False, True]
    assert {(problem.code, problem.severity) for problem in extract.problems} == {("HF464", "warning")}
    assert [problem.where for problem in extract.problems] == [", row 4, OBS_VALUE", ", row 2, OBS_VALUE"]


def test_figures_told_twice_differently_are_kept_and_told() -> None:
    facts = [Fact("PC", "AT11", "2019", "1"), Fact("PC", "AT11", "2019", "2"), Fact("PC", "AT11", "2020", "2")]
    extract = taken(sdmx_1(facts), "eurostat")
    (problem,) = extract.problems
    assert (problem.code, problem.values["count"], problem.values["places"]) == ("HF465", 2, 1)
    assert extract.cells.height == 3
    assert not taken(sdmx_1([facts[0], facts[0]]), "eurostat").problems


DAMAGED = {
    "cut off in the middle of a row": (sdmx_1(FACTS)[:-12], "HF374"),
    "no place": (sdmx_1(FACTS).replace(",geo,", ",gxo,"), "HF460"),
    "column twice": (sdmx_1(FACTS).replace("CONF_STATUS", "unit"), "HF460"),
    "head alone": (sdmx_1([]), "HF382"),
    "row too long": (sdmx_1(FACTS) + "a,b,c,d,e,f,g,h,i,j,k,l\n", "HF374"),
    "quotation open": (sdmx_1(FACTS) + '"a,b,c\n', "HF374"),
    "bulk without place": (bulk(FACTS).replace("geo", "sex"), "HF460"),
    "bulk with a period twice": (bulk(FACTS).replace("2019", "2018"), "HF460"),
    "bulk with too few codes": (bulk(FACTS) + "A,AT13\t1\t2\n", "HF374"),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_damage_is_told(how: str) -> None:
    text, code = DAMAGED[how]
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(text, name=NAME))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_damaged_packing_is_told(tmp_path: Path) -> None:
    path = gzipped(tmp_path / NAME, bulk([Fact("PC", f"AT{number}", "2019", str(number)) for number in range(9000)]))
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(path))
    assert [problem.code for problem in caught.value.problems] == ["HF374"]


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tsv.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(b"freq,unit,geo\\TIME_PERIOD\t2019\nA,PC,AT11\t")
        for _ in range(160):
            stream.write(b"1" * (1 << 20))
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(path))
    assert [problem.code for problem in caught.value.problems] == ["HF376"]


def test_too_many_series_are_refused() -> None:
    facts = (Fact(f"U{number}", "AT11", "2019", "1") for number in range(100_001))
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(sdmx_1(facts), name="x"))
    assert [problem.code for problem in caught.value.problems] == ["HF463"]


def test_other_tables_are_left_alone() -> None:
    assert recognised(Source.of(rows_text([["city", "year", "gdp"], ["Fuxin", "2019", "5"]]))) == "table"


def test_the_real_long_table_comes_back_whole(data_folder: Path, tmp_path: Path) -> None:
    """55,209 figures of 22 datasets, read as published and read again from each dataset's bulk table."""
    path = data_folder / "eu_nuts2_panel_2005_2020/eu_nuts_indicators.csv.gz"
    if not path.is_file():
        pytest.skip("eu_nuts2_panel_2005_2020 is not in the data folder")
    extract = taken(path, "eurostat")
    raw = pl.read_csv(path, infer_schema=False).with_columns(pl.col("values").cast(pl.Float64))
    assert extract.cells.height == raw.height
    assert extract.cells["value"].to_list() == raw["values"].to_list()
    assert extract.cells["place_code"].to_list() == raw["geo"].to_list()
    starts = extract.cells["period_start"].dt.strftime("%YM%m").str.replace("M01$", "").to_list()
    assert starts == raw["time"].str.replace("M01$", "").to_list()
    part = raw.filter(pl.col("input_var_code") == "tgs00003")
    facts = [Fact(row["unit"], row["geo"], row["time"], repr(row["values"])) for row in part.iter_rows(named=True)]
    again = taken(gzipped(tmp_path / "tgs00003.tsv.gz", bulk(facts)), "eurostat")
    assert again.series[0].codes == {"dataflow": "tgs00003", "unit": "MIO_EUR"}
    said = {key[1:]: value for key, (value, _, _) in figures(again).items() if value is not None}
    assert said == {(one.geo, one.time): float(one.value) for one in facts}
