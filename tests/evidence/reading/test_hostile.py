"""Damaged and hostile files: a clear error or a clean reading, within bounds, and nothing else.

The ordinary run takes a sample; the campaign runs ten thousand.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import resource
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.formats import read_file, read_text
from headframe.evidence.reading.limits import Limits
from headframe.evidence.reading.preview import preview
from tests.conftest import FULL
from tests.evidence.reading.old_workbook import write_old_workbook
from tests.evidence.reading.sheets import write_workbook

RUNS = 2500 if FULL else 60  # of each of the four kinds of file
SEED = int(os.environ.get("HEADFRAME_SEED", "20130045"))
LIMITS = Limits(unpacked=8 << 20, text=8 << 20, cells=200_000, area=400_000)
MEMORY = 600 << 10  # kilobytes that reading may add at its highest
ROWS = [
    ["中国2018年城市数据", "", "2-1 人口", "", "2-2 财政（万元）"],
    ["城市", "City", "全市", "市辖区", "收入"],
    *[[f"第{n}市", "City", n * 1.5, n, 1000 * n] for n in range(1, 30)],
]
WRONG = (
    b"", b"\x00", b"\xff\xfe", b"<", b">", b'"', b"'", b"&", b";", b",", b"\t", b"nan", b"1e999", b"-", b"\xe9\x98",
    b"<row>", b"</row>", b"<c", b'r="XFD1048576"', b'r="A0"', b"<f>", b"9" * 40, b"\r\n", b'<mergeCell ref="A1:XFD9"/>',
)  # fmt: skip


def damaged(data: bytes, draw: random.Random) -> bytes:
    """The bytes with a few of them cut, changed, moved or doubled."""
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(data) + 1)
        kind = draw.randrange(5)
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            data = data[:at] + draw.choice(WRONG) + data[at:]
        elif kind == 2:
            data = data[:at] + bytes(draw.randrange(256) for _ in range(draw.randint(1, 8))) + data[at + 4 :]
        elif kind == 3:
            end = min(len(data), at + draw.randint(1, 200))
            data = data[:at] + data[at:end] * draw.randint(2, 5) + data[end:]
        else:
            end = min(len(data), at + draw.randint(1, 200))
            data = data[:at] + data[end:]
    return data


def damaged_inside(data: bytes, draw: random.Random) -> bytes:
    """A packed workbook with one of its parts damaged and packed again."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        target = draw.choice([name for name in names if name.endswith((".xml", ".rels"))])
        for name in names:
            part = old.read(name)
            new.writestr(name, damaged(part, draw) if name == target else part)
    return out.getvalue()


def outcome(path: Path) -> str:
    """The code of what is raised, or what came of it; anything else than our error is a failure of the test."""
    try:
        book = read_file(path, LIMITS)
    except HeadframeError as error:
        for problem in error.problems:
            assert problem.why("en")
            assert problem.fix("zh")
        return error.problems[0].code
    preview(book)
    return "read"


KINDS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "xlsx": damaged,
    "inside": damaged_inside,
    "xls": damaged,
    "csv": damaged,
}


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files(tmp_path: Path, kind: str) -> None:
    draw = random.Random(f"{SEED} {kind}")
    if kind in {"xlsx", "inside"}:
        whole = write_workbook(tmp_path / "whole.xlsx", ROWS, ["A1:B1", "C1:D1"]).read_bytes()
    elif kind == "xls":
        grid = [[float(v) if isinstance(v, int | float) else (v or None) for v in row] for row in ROWS]
        whole = write_old_workbook(tmp_path / "whole.xls", grid, [(0, 0, 2, 3)]).read_bytes()
    else:
        text = "\n".join(",".join(str(value) for value in row) for row in ROWS)
        whole = text.encode(draw.choice(["utf-8", "gb18030", "utf-16"]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = Counter[str]()
    path = tmp_path / "damaged"
    for _ in range(RUNS):
        path.write_bytes(KINDS[kind](whole, draw))
        found[outcome(path)] += 1
    assert sum(found.values()) == RUNS
    assert set(found) <= {"read", *(f"HF{code}" for code in (341, *range(372, 389)))}, found
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY
    assert sorted(tmp_path.iterdir()) == sorted({path, *tmp_path.glob("whole.*")})  # nothing was written beside


def test_pasted_noise() -> None:
    draw = random.Random(SEED)
    letters = "阜新市 \u3000\t|,;1234567890.-…（）()%\n<tr><td>年"
    for _ in range(RUNS):
        text = "".join(draw.choice(letters) for _ in range(draw.randint(0, 300)))
        try:
            preview(read_text(text, limits=LIMITS))
        except HeadframeError as error:
            assert error.problems[0].code in {"HF382", "HF388", "HF377", "HF385"}


@pytest.mark.parametrize(
    ("name", "data", "codes"),
    [
        ("columns.csv", b"1," * 1_000_000 + b"\n", {"HF377"}),
        ("quotes.csv", b'a,b\n"' + b"x\n" * 200_000, {"HF385"}),
        ("long.csv", b"a,b\n" + b"x" * 3_000_000 + b",1\n", {"HF385", "read"}),
        ("zeros.csv", b"\x00" * 100_000, {"HF381", "HF373"}),
        ("bomb.csv.gz", gzip.compress(b"a,1\n" * 5_000_000), {"HF376", "HF378", "HF377"}),
        ("nested.gz", gzip.compress(gzip.compress(b"a,1\n" * 1000)), {"HF373"}),
        ("markup.xls", b"<table>" + b"<tr><td>" * 300_000, {"HF377", "HF378", "read"}),
        ("deep.xls", b"<table><tr><td>" * 50_000, {"HF374"}),
        ("marks.csv", ("a,b\n" + "…,—\n" * 50_000).encode(), {"read"}),
        ("control.csv", bytes(range(256)) * 50, {"HF373", "HF379", "HF381"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-",
)
def test_hostile_shapes(tmp_path: Path, name: str, data: bytes, codes: set[str]) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert outcome(path) in codes


def test_many_merged_ranges(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", ROWS)
    ranges = "".join(f'<mergeCell ref="A{n}:XFD{n + 90000}"/>' for n in range(1, 20_000)).encode()
    out = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b"</worksheet>", b"<mergeCells>" + ranges + b"</mergeCells></worksheet>")
            new.writestr(name, part)
    assert outcome(out) == "read"
