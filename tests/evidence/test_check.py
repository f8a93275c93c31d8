"""Every fault of a table is found, with its code, row and column, all at once; nothing ends in a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError, Problems
from headframe.evidence.create import create
from headframe.evidence.folder import load_city, open_city
from tests.conftest import FULL
from tests.evidence.conftest import row, write_rows

FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "HF101": ({"unit": "gold"}, "unit"),
    "HF102": ({"unit": "km2"}, "unit"),
    "HF103": ({"price_basis": ""}, "price_basis"),
    "HF104": ({"price_basis": "constant"}, "price_basis"),
    "HF314": ({"obs_id": ""}, "obs_id"),
    "HF315": ({"obs_id": "testville-0001"}, "obs_id"),
    "HF316": ({"place_id": "elsewhere"}, "place_id"),
    "HF317": ({"indicator_id": "gpd"}, "indicator_id"),
    "HF318": ({"source_id": "nobody-2000"}, "source_id"),
    "HF319": ({"status": "ok"}, "status"),
    "HF320": ({"note": "x" * 3000}, "note"),
    "HF321": ({"raw_text": "a\x07b"}, "raw_text"),
    "HF322": ({"dims": "coal"}, "dims"),
    "HF323": ({"concept": "whole-town"}, "concept"),
    "HF324": ({"period_start": "20200101"}, "period_start"),
    "HF325": ({"period_start": "2021", "period_end": "2020"}, "period_end"),
    "HF326": ({"period_start": "", "period_end": ""}, "period_start"),
    "HF327": ({"value": "1,234"}, "value"),
    "HF328": ({"low": "9", "high": "3"}, "low"),
    "HF329": ({"qualifier": "range", "value": "", "low": "3"}, "low"),
    "HF330": ({"value": ""}, "value"),
    "HF331": ({"unit": ""}, "unit"),
    "HF348": ({"source_id": ""}, "source_id"),
    "HF349": ({"period_start": "2020/1/1", "period_end": "2020-01-01"}, "period_start"),
}


def problems_of(folder: Path) -> Problems:
    problems = Problems()
    load_city(folder, problems)
    return problems


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_is_named_with_row_and_column(folder: Path, code: str) -> None:
    changes, column = FAULTS[code]
    write_rows(folder, [row(1, period_start="2018", period_end="2018"), row(2, **changes)])
    found = [p for p in problems_of(folder) if p.code == code]
    assert found
    assert f"row 3, column {column}" in found[-1].where
    assert found[-1].why("en")
    assert found[-1].fix("zh")
    with pytest.raises(HeadframeError):
        open_city(folder)


def test_all_faults_at_once(folder: Path) -> None:
    bad = [row(n + 2, **changes) for n, (changes, _) in enumerate(FAULTS.values())]
    write_rows(folder, [row(1), *bad])
    assert set(FAULTS) <= set(problems_of(folder).counts)


def test_suspicious_value_is_warned_of_and_kept(folder: Path) -> None:
    write_rows(folder, [row(1, indicator_id="primary_share", unit="%", value="250", price_basis="")])
    city = open_city(folder)
    assert [p.code for p in city.warnings] == ["HF333"]
    assert city.latest("primary_share").value == 250


def test_a_million_bad_rows_stay_readable(folder: Path) -> None:
    count = 1_000_000 if FULL else 30_000
    frame = pl.DataFrame([row(1, unit="gold", indicator_id="gpd")]).select(pl.all().repeat_by(count).explode())
    frame.with_columns(pl.int_range(count).cast(pl.String).alias("obs_id")).write_csv(
        folder / "evidence/observations.csv"
    )
    problems = problems_of(folder)
    assert problems.counts["HF317"] == count
    assert len(problems) < 200


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "HF313"),
        (b"\xff\xfe\x00", "HF115"),
        ("城市,数值\n阜新,1\n".encode("gb18030"), "HF115"),
        (b"obs_id,obs_id\n1,2\n", "HF312"),
        (b"obs_id,value\n1,2\n", "HF310"),
        (b"a,b\n1,2,3\n", "HF313"),
        (b'obs_id,value\n"1,2\n', "HF313"),
        (b"\x00\x00", "HF115"),
        (b"PK\x03\x04", "HF310"),
    ],
)
def test_tables_that_are_no_tables(folder: Path, content: bytes, code: str) -> None:
    (folder / "evidence/observations.csv").write_bytes(content)
    assert code in problems_of(folder).counts


def test_unknown_column_gets_a_suggestion(folder: Path) -> None:
    path = folder / "evidence/observations.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("indicator_id", "indicator"), encoding="utf-8")
    with pytest.raises(HeadframeError) as raised:
        open_city(folder)
    assert {p.code for p in raised.value.problems} == {"HF310", "HF311"}
    assert "indicator_id" in str(raised.value)


def test_parquet_that_is_none(folder: Path) -> None:
    (folder / "evidence/observations-2.parquet").write_bytes(b"PAR1" * 20)
    assert "HF313" in problems_of(folder).counts


def test_too_large_a_file_is_refused_before_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headframe.evidence.table.LARGEST_FILE", 100)
    assert "HF332" in problems_of(folder).counts


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_random_damage_gives_codes_or_a_sound_city(
    tmp_path_factory: pytest.TempPathFactory, seed: int, hits: int
) -> None:
    """Bytes of any file of the folder replaced, removed, doubled, swapped for hostile pieces."""
    folder = tmp_path_factory.mktemp("damage") / "testville"
    create(folder, name_en="Testville", name_zh="试城", level="city", country="CHN", resource_type="coal")
    write_rows(folder, [row(n) for n in range(1, 6)])
    draw = random.Random(seed)
    pieces = [
        b"\xff",
        b"\0",
        b",",
        b'"',
        b"\n",
        b"=1+1",
        b"<script>alert(1)</script>",
        b"../../etc",
        "亿元".encode(),
        b"1e999",
        b"nan",
    ]
    for _ in range(hits):
        path = draw.choice([p for p in folder.rglob("*") if p.is_file() and p.suffix in {".toml", ".csv"}])
        data = bytearray(path.read_bytes())
        at = draw.randrange(len(data) + 1)
        match draw.randrange(4):
            case 0:
                data[at : at + draw.randrange(1, 30)] = b""
            case 1:
                data[at:at] = draw.choice(pieces)
            case 2:
                data[at:at] = data[at : at + 50]
            case _:
                data[at : at + 3] = draw.randbytes(3)
        path.write_bytes(bytes(data))
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    try:
        open_city(folder)
    except HeadframeError as error:
        assert all(p.why("en") and p.fix("zh") and p.where for p in error.problems)
    assert before == {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}, "reading changed a file"


def test_a_period_after_the_publication_is_warned_of_and_a_year_may_carry_its_sign(folder: Path) -> None:
    write_rows(
        folder, [row(1, period_start="2035", period_end="2035"), row(2, period_start="2019年", period_end="2019年")]
    )
    city = open_city(folder)
    assert [p.code for p in city.warnings] == ["HF350"]
    assert [f.period for f in city.series("gdp")] == ["2019", "2035"]


def test_an_indicator_called_by_its_chinese_name_is_pointed_to(folder: Path) -> None:
    write_rows(folder, [row(1, indicator_id="地区生产总值")])
    (problem,) = [p for p in problems_of(folder) if p.code == "HF317"]
    assert "gdp" in problem.fix("zh")
