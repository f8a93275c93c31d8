"""Old workbooks (.xls, .et): merged ranges, errors, hidden sheets, and what hostile ones claim."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.evidence.reading.compound import Compound, DamagedCompoundError
from headframe.evidence.reading.formats import read_file
from headframe.evidence.reading.grid import Kind, Range
from headframe.evidence.reading.limits import LIMITS
from headframe.evidence.reading.records import outlines, unpacked
from tests.evidence.reading.old_workbook import compound, record, workbook_stream, write_old_workbook
from tests.evidence.reading.sheets import refused, refused_file, texts, warnings_of, written

GRID = [[None, None], [None, "城市", "GDP（万元）", None], [None, "阜新市", 504.6, 7.0], [None, "抚顺市", None, -3.25]]


def test_cells_ranges_and_errors(tmp_path: Path) -> None:
    book = read_file(write_old_workbook(tmp_path / "a.xls", GRID, [(1, 1, 2, 3)], {(3, 2): 0x2A}))
    sheet = book.sheets[0]
    assert (book.format, sheet.name, sheet.merged) == ("xls", "表1", (Range(2, 3, 2, 4),))
    assert texts(book)[2] == ["", "阜新市", "504.6", "7"]
    assert sheet.cell(4, 3).kind is Kind.ERROR
    assert sheet.cell(4, 4).number == -3.25
    assert warnings_of(book) == ["HF387"]


def test_several_sheets(tmp_path: Path) -> None:
    stream = workbook_stream({"甲": ([["a", 1.0]], [], {}), "empty": ([], [], {}), "乙": ([["b", 2.0]], [], {})})
    book = read_file(written(tmp_path / "a.xls", compound(stream)))
    assert [(sheet.name, sheet.height) for sheet in book.sheets] == [("甲", 1), ("empty", 0), ("乙", 1)]


@given(st.integers(-(1 << 29), (1 << 29) - 1), st.booleans())
def test_packed_integers(number: int, by_a_hundred: bool) -> None:
    packed = ((number & 0x3FFFFFFF) << 2) | 2 | int(by_a_hundred)
    assert unpacked(packed) == (number / 100 if by_a_hundred else number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_packed_floats(number: float) -> None:
    high = struct.unpack("<Q", struct.pack("<d", number))[0] >> 34 << 34
    assert unpacked(high >> 32) == struct.unpack("<d", struct.pack("<Q", high))[0]


def test_packed_numbers_in_rows(tmp_path: Path) -> None:
    several = record(0xBD, struct.pack("<HHHIHIH", 0, 1, 0, (-7 << 2 & 0xFFFFFFFF) | 2, 0, (12345 << 2) | 3, 2))
    single = record(0x27E, struct.pack("<HHHI", 0, 3, 0, (99 << 2) | 2))
    stream = workbook_stream({"a": ([["x"]], [], {})})
    hostile = stream[:-4] + several + single + record(0x0A, b"")
    sheet = read_file(written(tmp_path / "a.xls", compound(hostile))).sheets[0]
    assert [sheet.cell(1, column).number for column in (2, 3, 4)] == [-7.0, 123.45, 99.0]


def test_a_password(tmp_path: Path) -> None:
    stream = workbook_stream({"a": ([["a", 1.0]], [], {})}, record(0x2F, b"\0" * 6))
    assert refused_file(written(tmp_path / "a.xls", compound(stream)))[0] == "HF375"


@pytest.mark.parametrize(
    "extra",
    [
        record(0x200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)),
        record(0x203, struct.pack("<HHHd", 0xFFFF, 0xFFFF, 0, 1.0)),
        record(0xBD, struct.pack("<HH", 0xFFFF, 0) + bytes(6) + struct.pack("<H", 0xFFFF)),
    ],
)
def test_sheets_that_claim_to_reach_far(extra: bytes) -> None:
    stream = workbook_stream({"a": ([["a", 1.0]], [], {})})
    hostile = stream[:-4] + extra + record(0x0A, b"")
    assert refused(lambda: outlines(hostile, "a.xls", LIMITS))[0] == "HF377"


def test_a_table_of_strings_that_claims_to_be_endless(tmp_path: Path) -> None:
    stream = workbook_stream({"a": ([["a", 1.0]], [], {})}, record(0xFC, struct.pack("<II", 5, 0x7FFFFFFF)))
    assert refused_file(written(tmp_path / "a.xls", compound(stream)))[0] == "HF374"


def test_chains_that_run_in_circles() -> None:
    data = bytearray(compound(workbook_stream({"a": ([["a", 1.0]] * 300, [], {})})))
    table = 512
    numbers = list(struct.unpack_from("<20I", data, table))
    for at, number in enumerate(numbers):
        if number == at + 1:
            struct.pack_into("<I", data, table + 4 * at, at)
            break
    with pytest.raises(DamagedCompoundError):
        Compound(bytes(data)).stream("Workbook")


def test_a_stream_without_sheets(tmp_path: Path) -> None:
    assert refused_file(written(tmp_path / "a.xls", compound(record(0x809, bytes(16)))))[0] == "HF374"
    assert refused_file(written(tmp_path / "b.xls", compound(b"\xff" * 5000)))[0] == "HF374"
    assert refused_file(written(tmp_path / "c.xls", compound(b"")[:600]))[0] == "HF374"
