"""The World Bank's CSV, alone and in its archive beside the files of metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.layouts.worldbank import LAYOUT
from tests.evidence.importing.layouts.written import rows_text, taken, worldbank, zipped

GDP = ("GDP (constant 2015 US$)", "NY.GDP.MKTP.KD")
JOBLESS = ("Unemployment, total (% of total labor force) (modeled ILO estimate)", "SL.UEM.TOTL.ZS")
ROWS = (
    ("China", "CHN", *GDP, "", "11061553079871.9"),
    ("China", "CHN", *JOBLESS, "4.6", "5.0"),
    ("Côte d'Ivoire", "CIV", *GDP, "1", "0"),
)
YEARS = ("2014", "2015")
METADATA = (
    '"INDICATOR_CODE","INDICATOR_NAME","SOURCE_NOTE","SOURCE_ORGANIZATION",\n"NY.GDP.MKTP.KD","GDP","Note","Org",\n'
)


def test_the_archive_gives_its_data_file(tmp_path: Path) -> None:
    members = {
        "Metadata_Indicator_API_X.csv": METADATA,
        "API_X.csv": worldbank(ROWS, YEARS),
        "Metadata_Country_API_X.csv": '"Country Code","Region","TableName",\n"CHN","East Asia","China",\n',
    }
    extract = taken(zipped(tmp_path / "API_X.zip", members), "worldbank")
    plain = taken(worldbank(ROWS, YEARS), "worldbank")
    assert extract.cells.equals(plain.cells)
    assert (extract.format, plain.format) == ("zip", "csv")
    assert extract.notes == ("Data Source: World Development Indicators", "Last Updated Date: 2024-02-21")


def test_years_become_cells_and_names_give_units() -> None:
    extract = taken(worldbank(ROWS, YEARS), "worldbank")
    assert [series.key for series in extract.series] == ["indicator=NY.GDP.MKTP.KD", "indicator=SL.UEM.TOTL.ZS"]
    gdp, jobless = extract.series
    assert gdp.english == (GDP[0],)
    assert [series.unit.canonical for series in (gdp, jobless) if series.unit is not None] == ["USD", "%"]
    assert gdp.count == 3
    assert [series.codes.get("price_basis") for series in (gdp, jobless)] == ["real:2015", None]
    table = {
        (row["place"], row["place_code"], row["key"], row["period_start"].year): (
            row["value"],
            row["mark"],
            row["locator"],
        )
        for row in extract.cells.iter_rows(named=True)
    }
    assert table[("China", "CHN", gdp.key, 2015)] == (11061553079871.9, "", "row 6, 2015")
    assert table[("China", "CHN", gdp.key, 2014)] == (None, "empty", "row 6, 2014")
    assert table[("Côte d'Ivoire", "CIV", gdp.key, 2015)] == (0.0, "", "row 8, 2015")
    assert table[("China", "CHN", jobless.key, 2014)] == (4.6, "", "row 7, 2014")


def test_the_data_bank_is_read_with_its_own_names_and_marks() -> None:
    head = ["Country Name", "Country Code", "Series Name", "Series Code", "2014 [YR2014]", "2015 [YR2015]"]
    rows = [head, ["China", "CHN", *GDP, "..", "12"], ["", "", "", "", "", ""], ["Data from database: X"] + [""] * 5]
    extract = taken(rows_text(rows), "worldbank")
    assert extract.cells["value"].to_list() == [None, 12.0]
    assert extract.cells["meaning"].to_list() == ["not-collected", ""]


def test_a_head_of_many_years_is_one_row_each() -> None:
    years = [str(year) for year in range(1960, 2024)]
    extract = taken(worldbank([("China", "CHN", *GDP, *years)], years), "worldbank")
    assert extract.cells["value"].to_list() == [float(year) for year in years]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (worldbank(ROWS, YEARS)[:-9], "HF374"),
        (worldbank(ROWS, ("2014", "2014")), "HF460"),
        (worldbank((), YEARS), "HF382"),
        (worldbank(ROWS, YEARS).replace("Country Code", "Country"), "HF460"),
    ],
    ids=["cut off", "year twice", "head alone", "no codes of countries"],
)
def test_damage_is_told(text: str, code: str) -> None:
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(text, name="x.csv"))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.csv": worldbank(ROWS, YEARS)})
    data = bytearray(path.read_bytes())
    data[60:80] = bytes(20)
    path.write_bytes(data)
    assert LAYOUT.recognises(Source.of(path)) == 0.0
