"""Coded layouts against anything: a clear error or a clean reading, and no recogniser that raises."""

from __future__ import annotations

import zipfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import CELLS, Extract
from headframe.evidence.importing.layouts import eurostat, jsonstat, oecd, qcew, stata, template, worldbank
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.reading.limits import Limits
from tests.conftest import FULL
from tests.evidence.importing.layouts import test_oecd, test_qcew, test_worldbank
from tests.evidence.importing.layouts.written import FACTS, bulk, recognised, sdmx_1, sdmx_2

TEXTS = {
    "sdmx": (eurostat.LAYOUT, sdmx_1(FACTS)),
    "labelled": (eurostat.LAYOUT, sdmx_2(FACTS)),
    "bulk": (eurostat.LAYOUT, bulk(FACTS)),
    "worldbank": (worldbank.LAYOUT, test_worldbank.worldbank(test_worldbank.ROWS, test_worldbank.YEARS)),
    "oecd": (oecd.LAYOUT, test_oecd.plain()),
    "older oecd": (oecd.LAYOUT, test_oecd.older()),
    "qcew": (qcew.LAYOUT, test_qcew.annual()),
}
CODED = (eurostat.LAYOUT, jsonstat.LAYOUT, worldbank.LAYOUT, oecd.LAYOUT, qcew.LAYOUT, template.LAYOUT)
ODD = (
    *(
        "",
        "\0",
        "\r",
        '"',
        ",",
        "\t",
        "\n",
        ";",
        "=1+1",
        "\u202e",
        "\ufeff",
        "9" * 400,
        "1e999",
        "NaN",
        "-",
        "……",
        "\\",
    ),
    "%",
)
EXPECTED = {
    *("HF374", "HF376", "HF377", "HF378", "HF379", "HF381", "HF382", "HF385"),
    *("HF460", "HF461", "HF463", "HF464", "HF465"),
}
STARTS = (b"", b"\xef\xbb\xbf", b"\xff\xfe", b"PK\x03\x04", b"\x1f\x8b\x08", b"<stata_dta>", b"{", b"q\x02\x01\x00")


def sound(extract: Extract) -> None:
    """What holds for every extract."""
    assert extract.cells.schema == CELLS
    keys = [series.key for series in extract.series]
    assert len(set(keys)) == len(keys)
    assert set(extract.cells["key"].unique()) <= set(keys)
    assert extract.cells["value"].is_nan().sum() == 0
    assert extract.cells["value"].is_infinite().sum() == 0
    assert sum(series.count for series in extract.series) <= extract.cells["value"].count()


def codes_of(error: HeadframeError) -> set[str]:
    return {problem.code for problem in error.problems}


@pytest.mark.parametrize("which", TEXTS)
@pytest.mark.parametrize("seed", range(400 if FULL else 12))
def test_damaged_texts_are_read_or_refused(which: str, seed: int) -> None:
    layout, text = TEXTS[which]
    random = Random(seed)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(text))
        kind = random.choice(["put", "cut", "swap", "repeat"])
        if kind == "put":
            text = text[:at] + random.choice(ODD) + text[at:]
        elif kind == "cut":
            text = text[:at] + text[at + random.randrange(1, 30) :]
        elif kind == "swap":
            text = text[:at] + chr(random.randrange(32, 0x2FFF)) + text[at + 1 :]
        else:
            text = text[:at] + text[max(0, at - 60) :]
    try:
        sound(layout.extract(Source.of(text, name="x")))
    except HeadframeError as error:
        assert codes_of(error) <= EXPECTED


@given(st.binary(max_size=400), st.sampled_from(STARTS))
def test_no_recogniser_raises(tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(start + data)
    for layout in (*CODED, stata.LAYOUT):
        assert 0.0 <= layout.recognises(Source.of(path)) <= 1.0


@given(st.text(alphabet=st.sampled_from('ab1,;\t\n"\\{}:geoTIME_PERIODOBS_VALUE'), max_size=200))
def test_any_text_is_read_or_refused_by_every_layout(text: str) -> None:
    for layout in CODED:
        try:
            layout.extract(Source.of(text, name="x"))
        except HeadframeError as error:
            assert error.problems


@given(st.lists(st.lists(st.sampled_from([*ODD, "AT11", "2019", "5", "p"]), min_size=7, max_size=7), max_size=6))
def test_any_cells_below_a_head_are_read_or_refused(rows: list[list[str]]) -> None:
    import csv
    import io

    out = io.StringIO()
    head = ["DATAFLOW", "freq", "unit", "geo", "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG"]
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    try:
        sound(eurostat.LAYOUT.extract(Source.of(out.getvalue(), name="x")))
    except HeadframeError as error:
        assert codes_of(error) <= EXPECTED


def test_bounds_hold(tmp_path: Path) -> None:
    wide = "freq,unit,geo\\TIME_PERIOD\t" + "\t".join(str(year) for year in range(1000, 2200)) + "\n"
    wide += "\n".join(f"A,PC,G{number}\t" + "\t".join(["1"] * 1200) for number in range(50)) + "\n"
    cases = {
        "figures": (wide, Limits(cells=10_000), "HF378"),
        "columns": ("geo,TIME_PERIOD,DATAFLOW,OBS_VALUE," + "a," * 20_000 + "\n" + "1\n", Limits(), "HF377"),
        "bytes": (sdmx_1(FACTS), Limits(text=100), "HF376"),
    }
    for text, limits, code in cases.values():
        with pytest.raises(HeadframeError) as caught:
            eurostat.LAYOUT.extract(Source.of(text, name="x", limits=limits))
        assert codes_of(caught.value) == {code}


def test_other_encodings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for encoding in ("utf-16", "utf-16-le", "gb18030", "utf-8-sig"):
        path.write_bytes(sdmx_2(FACTS).replace("Niederösterreich", "下奥地利").encode(encoding))
        assert recognised(Source.of(path)) == "eurostat"
        extract = eurostat.LAYOUT.extract(Source.of(path))
        assert [place.name for place in extract.places] == ["Burgenland", "下奥地利"]
        assert extract.encoding.startswith(encoding[:5])


def test_zero_bytes_are_told() -> None:
    for text in (sdmx_1(FACTS) + "\0", "\ufeff" + sdmx_1(FACTS).replace("unit", "un\0it")):
        with pytest.raises(HeadframeError) as caught:
            eurostat.LAYOUT.extract(Source.of(text, name="x"))
        assert codes_of(caught.value) == {"HF381"}


def test_a_bomb_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", sdmx_1(FACTS) + "x" * (60 << 20))
    assert recognised(Source.of(path)) == "eurostat"
    with pytest.raises(HeadframeError) as caught:
        eurostat.LAYOUT.extract(Source.of(path))
    assert codes_of(caught.value) == {"HF376"}


def test_names_like_columns_of_cells_do_no_harm() -> None:
    """Dimensions may be called what this program calls its own columns."""
    own = ["place", "period", "raw", "flags", "series", "value", "row", "key", "locator", "power", "basis", "mark"]
    head = ["DATAFLOW", *own, "geo", "TIME_PERIOD", "OBS_VALUE"]
    rows = [["X", *[f"{name}{number}" for name in own], "AT11", "2019", str(number)] for number in range(3)]
    text = "\n".join(",".join(row) for row in [head, *rows]) + "\n"
    extract = oecd.LAYOUT.extract(Source.of(text, name="x"))
    assert [series.maximum for series in extract.series] == [0.0, 1.0, 2.0]
    assert extract.series[2].codes["value"] == "value2"


def test_codes_with_signs_of_keys_stay_apart() -> None:
    head = ["DATAFLOW", "a", "b", "geo", "TIME_PERIOD", "OBS_VALUE"]
    rows = [
        ["X", "1;b=2", "", "AT11", "2019", "1"],
        ["X", "1", "2", "AT11", "2019", "2"],
        ["X", " 1", "2", "AT11", "2020", "3"],
    ]
    text = "\n".join(",".join(row) for row in [head, *rows]) + "\n"
    keys = [series.key for series in oecd.LAYOUT.extract(Source.of(text, name="x")).series]
    assert keys == ["dataflow=x;a=1%3Bb%3D2", "dataflow=x;a=1;b=2"]
