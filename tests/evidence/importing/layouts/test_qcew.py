"""The Quarterly Census of Employment and Wages: suppression is no zero, levels stay apart, many rows are no burden."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.layouts.qcew import LAYOUT
from headframe.evidence.importing.layouts.source import Source
from tests.evidence.importing.layouts.written import rows_text, taken, zipped

HEAD = ["area_fips", "own_code", "industry_code", "agglvl_code", "size_code", "year", "qtr", "disclosure_code"]
FIGURES = ["annual_avg_estabs", "annual_avg_emplvl", "total_annual_wages", "avg_annual_pay"]
MORE = ["lq_disclosure_code", "lq_annual_avg_emplvl", "oty_annual_avg_emplvl_chg"]
ROWS = [
    ["1001", "0", "10", "70", "0", "2019", "A", "", "900", "11000", "400000000", "36364", "", "1.0", "12"],
    ["01001", "5", "10", "71", "0", "2019", "A", "", "800", "9000", "300000000", "33333", "", "0.9", "11"],
    ["01001", "5", "21", "74", "0", "2019", "A", "N", "3", "0", "0", "0", "N", "0", "0"],
    ["C1018", "0", "10", "40", "0", "2019", "A", " ", "4", "70", "3000000", "42857", "", "1.0", "0"],
    ["US000", "0", "10", "10", "0", "2019", "A", "", "10000000", "147000000", "9e12", "59219", "", "1", "0"],
]


def annual() -> str:
    return rows_text([[*HEAD, *FIGURES, *MORE], *ROWS])


def test_suppressed_is_missing_and_not_zero() -> None:
    cells = taken(annual(), "qcew").cells.filter(pl.col("key").str.contains("industry_code=21"))
    by_measure = {row["key"].split(";")[1]: row for row in cells.iter_rows(named=True)}
    jobs = by_measure["measure=annual_avg_emplvl"]
    assert (jobs["value"], jobs["status"], jobs["meaning"], jobs["flags"], jobs["raw"]) == (
        None, "Q", "suppressed", "N", "0",
    )  # fmt: skip
    assert by_measure["measure=annual_avg_estabs"]["value"] == 3.0
    assert by_measure["measure=total_annual_wages"]["value"] is None


def test_levels_of_aggregation_are_series_of_their_own() -> None:
    extract = taken(annual(), "qcew")
    jobs = [series for series in extract.series if series.codes["measure"] == "annual_avg_emplvl"]
    levels = [(one.codes["own_code"], one.codes["industry_code"], one.codes["agglvl_code"]) for one in jobs]
    assert levels == [("0", "10", "70"), ("5", "10", "71"), ("5", "21", "74"), ("0", "10", "40"), ("0", "10", "10")]
    assert [one.maximum for one in jobs] == [11000.0, 9000.0, None, 70.0, 147000000.0]


def test_codes_of_areas_get_their_zero_back() -> None:
    places = [place.code for place in taken(annual(), "qcew").places]
    assert places == ["01001", "C1018", "US000"]


def test_quotients_and_changes_are_left_out() -> None:
    measures = {series.codes["measure"] for series in taken(annual(), "qcew").series}
    assert measures == set(FIGURES)


def test_units_and_prices() -> None:
    units = {
        series.codes["measure"]: (series.unit.canonical if series.unit else "", series.codes.get("price_basis", ""))
        for series in taken(annual(), "qcew").series
    }
    assert units == {
        "annual_avg_estabs": ("count", ""),
        "annual_avg_emplvl": ("person", ""),
        "total_annual_wages": ("USD", "nominal"),
        "avg_annual_pay": ("USD/person", "nominal"),
    }


def test_titles_of_a_slice_are_kept() -> None:
    head = [*HEAD, "area_title", "own_title", "industry_title", "agglvl_title", "size_title", *FIGURES]
    row = [
        *ROWS[0][:8],
        "Autauga County, Alabama",
        "Total Covered",
        "10 Total, all industries",
        "x",
        "All",
        *ROWS[0][8:12],
    ]
    extract = taken(rows_text([head, row]), "qcew")
    assert extract.places[0].name == "Autauga County, Alabama"
    assert extract.series[1].english == ("Employment", "Total Covered", "10 Total, all industries", "All")


def test_quarters_and_their_months() -> None:
    head = [*HEAD, "qtrly_estabs", "month1_emplvl", "month2_emplvl", "month3_emplvl", "total_qtrly_wages"]
    extract = taken(rows_text([head, [*ROWS[0][:6], "2", "", "9", "10", "20", "30", "5000"]]), "qcew")
    said = {
        (row["key"].split(";")[1].split("=")[1], row["value"]): (str(row["period_start"]), str(row["period_end"]))
        for row in extract.cells.iter_rows(named=True)
    }
    assert said == {
        ("qtrly_estabs", 9.0): ("2019-04-01", "2019-06-30"),
        ("month_emplvl", 10.0): ("2019-04-01", "2019-04-30"),
        ("month_emplvl", 20.0): ("2019-05-01", "2019-05-31"),
        ("month_emplvl", 30.0): ("2019-06-01", "2019-06-30"),
        ("total_qtrly_wages", 5000.0): ("2019-04-01", "2019-06-30"),
    }


def test_a_single_file_in_its_archive_is_read(tmp_path: Path) -> None:
    packed = taken(zipped(tmp_path / "2019_annual_singlefile.zip", {"2019.annual.singlefile.csv": annual()}), "qcew")
    assert packed.cells.equals(taken(annual(), "qcew").cells)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (annual()[:-25], "HF374"),
        (annual().replace("year,", "yxar,"), "HF460"),
        (annual().replace("total_annual_wages", "annual_avg_emplvl"), "HF460"),
        (rows_text([[*HEAD, *FIGURES]]), "HF382"),
        (rows_text([["a", "b"], ["1", "2"]]), "HF460"),
    ],
    ids=["cut off", "no year", "column twice", "head alone", "another table"],
)
def test_damage_is_told(text: str, code: str) -> None:
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(text, name="x.csv"))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_half_a_million_rows_come_back_whole(data_folder: Path, tmp_path: Path) -> None:
    """County Business Patterns of 2018, 569,017 rows, written as a single file of the census."""
    path = data_folder / "us_cbsa_naics_employment_2018/cbsa_naics_emp_estab.parquet"
    if not path.is_file():
        pytest.skip("us_cbsa_naics_employment_2018 is not in the data folder")
    table = pl.read_parquet(path)
    written = tmp_path / "2018.annual.singlefile.csv"
    table.select(
        area_fips=pl.concat_str(pl.lit("C"), pl.col("cbsa_code").str.slice(0, 4)),
        own_code=pl.lit("5"),
        industry_code="naics_code",
        agglvl_code=pl.col("naics_level") + 42,
        size_code=pl.lit("0"),
        year=pl.lit("2018"),
        qtr=pl.lit("A"),
        disclosure_code=pl.lit(""),
        annual_avg_estabs="ESTAB",
        annual_avg_emplvl="EMP",
    ).write_csv(written)
    extract = taken(written, "qcew")
    assert extract.cells.height == 2 * table.height
    assert extract.cells["value"].to_list() == [*map(float, table["ESTAB"]), *map(float, table["EMP"])]
    assert len(extract.series) == 2 * table.select("naics_code", "naics_level").n_unique()
    assert not extract.problems
