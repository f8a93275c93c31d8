"""OECD: the data explorer's SDMX-CSV, plain and labelled, and exports of the older stats.oecd.org."""

from __future__ import annotations

import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts.oecd import LAYOUT
from headframe.evidence.importing.layouts.source import Source
from tests.evidence.importing.layouts.written import rows_text, taken

FLOW = ["DATAFLOW", "OECD.CFE.EDS:DSD_REG@DF_GDP(2.0)", "Gross domestic product - Regions", "I"]
HEAD = ["STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "REF_AREA", "FREQ", "MEASURE", "UNIT_MEASURE"]
HEAD += ["PRICE_BASE", "TIME_PERIOD", "OBS_VALUE", "BASE_PER", "OBS_STATUS", "UNIT_MULT", "DECIMALS"]
ROWS = [
    ["AT11", "A", "GDP", "EUR", "Q", "2019", "9123.4", "2015", "A", "6", "1"],
    ["AT11", "A", "GDP", "EUR", "Q", "2020", "9.4", "2015", "P", "9", "1"],
    ["AT12", "A", "GDP", "EUR", "Q", "2019", "60000", "2015", "B", "6", "1"],
    ["AT12", "A", "GDP", "EUR", "Q", "2020", "", "2015", "Q", "6", "1"],
    ["AT12", "A", "POP", "PS", "_Z", "2020", "1.7", "", "E", "6", "1"],
    ["AT12", "A", "GDP", "USD_PPP", "V", "2020", "5", "", "A", "6", "1"],
]
LABELS = {
    "REF_AREA": ("Reference area", {"AT11": "Burgenland", "AT12": "Niederösterreich"}),
    "FREQ": ("Frequency of observation", {"A": "Annual"}),
    "MEASURE": ("Measure", {"GDP": "Gross domestic product", "POP": "Population"}),
    "UNIT_MEASURE": ("Unit of measure", {"EUR": "Euro", "PS": "Persons", "USD_PPP": "US dollars, PPP converted"}),
    "PRICE_BASE": ("Price base", {"Q": "Constant prices", "V": "Current prices", "_Z": "Not applicable"}),
    "TIME_PERIOD": ("Time period", {}),
    "OBS_VALUE": ("Observation value", {}),
    "BASE_PER": ("Base period", {}),
    "OBS_STATUS": ("Observation status", {"A": "Normal value"}),
    "UNIT_MULT": ("Unit multiplier", {"6": "Millions", "9": "Billions"}),
    "DECIMALS": ("Decimals", {"1": "One"}),
}


def plain() -> str:
    return rows_text([HEAD, *([*FLOW, *row] for row in ROWS)])


def labelled(*, named: bool = True) -> str:
    """The same with a column of labels behind each column of codes; its heading may be empty."""
    head = HEAD[:4]
    for name in HEAD[4:]:
        head = [*head, name, LABELS[name][0] if named else ""]
    body = []
    for row in ROWS:
        line = list(FLOW)
        for name, code in zip(HEAD[4:], row, strict=True):
            line += [code, LABELS[name][1].get(code, "")]
        body.append(line)
    return rows_text([head, *body])


TEXTS = {"plain": plain(), "labelled": labelled(), "labels without headings": labelled(named=False)}


def by_measure(extract: Extract) -> dict[str, tuple[str, str, float | None]]:
    return {
        f"{one.codes['MEASURE']} {one.codes['UNIT_MEASURE']}": (
            one.unit.canonical if one.unit else "", one.codes.get("price_basis", ""), one.maximum,
        )
        for one in extract.series
    }  # fmt: skip


@pytest.mark.parametrize("form", TEXTS)
def test_the_power_of_ten_belongs_to_the_unit(form: str) -> None:
    extract = taken(TEXTS[form], "oecd")
    assert by_measure(extract) == {
        "GDP EUR": ("1000000 EUR", "real:2015", 60000.0),
        "POP PS": ("1000000 person", "", 1.7),
        "GDP USD_PPP": ("", "nominal", 5.0),
    }
    assert extract.cells["value"].to_list() == [9123.4, 9.4, 60000.0, None, 1.7, 5.0]
    assert extract.cells["unit"].to_list() == ["", "1000000000 EUR", "", "", "", ""]
    assert extract.cells["status"].to_list() == ["A", "P", "B", "Q", "E", "A"]
    assert extract.cells["meaning"].to_list() == ["", "", "", "suppressed", "", ""]


def test_the_forms_have_the_same_keys() -> None:
    keys = [[series.key for series in taken(text, "oecd").series] for text in TEXTS.values()]
    assert keys[0] == keys[1] == keys[2]
    assert keys[0][0] == "dataflow=dsd_reg@df_gdp;MEASURE=GDP;UNIT_MEASURE=EUR;PRICE_BASE=Q;BASE_PER=2015"


def test_labels_make_paths_and_names() -> None:
    extract = taken(labelled(), "oecd")
    assert extract.series[0].english == (FLOW[2], "Gross domestic product", "Constant prices")
    assert [place.name for place in extract.places] == ["Burgenland", "Niederösterreich"]
    assert extract.titles == (FLOW[2],)


def test_rows_that_delete_are_no_figures() -> None:
    text = plain().replace(",I,AT12", ",D,AT12")
    assert taken(text, "oecd").cells["place_code"].unique().to_list() == ["AT11"]


def test_other_agencies_are_read_too() -> None:
    text = plain().replace("OECD.CFE.EDS:DSD_REG@DF_GDP(2.0)", "ILO:DF_UNE(1.0)")
    assert taken(text, "oecd").series[0].codes["dataflow"] == "df_une"


OLDER_HEAD = ["TL", "Territory Level", "REG_ID", "Region", "VAR", "Indicator", "TIME", "Year", "Unit Code", "Unit"]
OLDER_HEAD += [
    "PowerCode Code",
    "PowerCode",
    "Reference Period Code",
    "Reference Period",
    "Value",
    "Flag Codes",
    "Flags",
]
OLDER = [
    ["3", "Small", "AT11", "Burgenland", "GDP", "Regional GDP", "2010", "2010", "EUR", "Euro", "6", "Millions", "", ""],
    ["3", "Small", "AT11", "Burgenland", "GDP", "Regional GDP", "2011", "2011", "EUR", "Euro", "6", "Millions", "", ""],
    [
        "3",
        "Small",
        "AT11",
        "Burgenland",
        "UNE",
        "Unemployment",
        "2011",
        "2011",
        "PC",
        "Percentage",
        "0",
        "Units",
        "",
        "",
    ],
]
OLDER_ENDS = [["6500.1", "B", "Break"], ["", "C", "Confidential"], ["4.5", "", ""]]


def older() -> str:
    return rows_text([OLDER_HEAD, *(row + end for row, end in zip(OLDER, OLDER_ENDS, strict=True))])


def test_the_older_export_is_read() -> None:
    extract = taken(older(), "oecd")
    gdp, jobless = extract.series
    assert gdp.key == "tl=3;var=GDP;unit=EUR"
    assert gdp.unit is not None
    assert (gdp.unit.canonical, gdp.english) == ("1000000 EUR", ("Small", "Regional GDP"))
    assert jobless.unit is not None
    assert jobless.unit.canonical == "%"
    assert extract.cells["value"].to_list() == [6500.1, None, 4.5]
    assert extract.cells["status"].to_list() == ["B", "Q", ""]
    assert extract.places[0].name == "Burgenland"


def test_the_short_export_of_the_data_portal_is_read() -> None:
    head = ["LOCATION", "INDICATOR", "SUBJECT", "MEASURE", "FREQUENCY", "TIME", "Value", "Flag Codes"]
    extract = taken(rows_text([head, ["CHN", "GDP", "TOT", "MLN_USD", "A", "2019", "14279937.5", "E"]]), "oecd")
    assert extract.series[0].key == "indicator=GDP;subject=TOT;measure=MLN_USD"
    assert extract.cells.row(0, named=True)["value"] == 14279937.5
    assert extract.cells.row(0, named=True)["status"] == "E"


DAMAGED = {
    "cut off": (plain()[:-30], "HF374"),
    "no place": (plain().replace("REF_AREA", "REF_ARXA"), "HF460"),
    "column twice": (plain().replace("DECIMALS", "MEASURE"), "HF460"),
    "head alone": (rows_text([HEAD]), "HF382"),
    "older, cut off": (older()[:-20], "HF374"),
    "no head": (rows_text([[*FLOW, *row] for row in ROWS]), "HF460"),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_damage_is_told(how: str) -> None:
    text, code = DAMAGED[how]
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(text, name="x.csv"))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_power_that_is_none_leaves_the_unit() -> None:
    text = plain().replace(",6,1\n", ",x,1\n").replace(",9,1\n", ",999999,1\n")
    extract = taken(text, "oecd")
    assert extract.series[0].unit is not None
    assert extract.series[0].unit.canonical == "EUR"


def test_answers_in_words_are_told() -> None:
    text = plain().replace("9123.4", "Yes")
    (problem,) = taken(text, "oecd").problems
    assert (problem.code, problem.values["text"]) == ("HF464", "Yes")
