"""Hostile coded tables: JSON that contradicts itself, and the codes, periods and figures of statistical offices."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from typing import Any

from tests.evidence.importing.fuzz.sound import (
    File,
    Maker,
    eurostat,
    jsonstat_of,
    long_csv,
    packed,
    qcew,
    sdmx,
    unpacked,
    worldbank,
)
from tests.evidence.importing.fuzz.texts import ODD, long_text

PERIODS = (
    "2018", "2018-Q5", "9999", "0000", "2018-M13", "2018-W54", "2018-13", "-2018", "20180", "1e3", "2018-S3",
    "99999-12-31", "", "A",
    "2018-02-30", "2018/2019", "2018T", "１９９９", "2018-D400", "1999-01-01/P1Y", "2018 ", "1800", "2101",
    "2018-12-31T23:59:60",
)  # fmt: skip
CODES = (
    "",
    "_T",
    "_Z",
    "TOTAL",
    "=1+1",
    "a;b=c",
    "x" * 3000,
    "\u202e",
    "..",
    "a,b",
    "%",
    '"',
    "阜新",
    "999999",
    "-6",
    "1e3",
    "\x07",
)
WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    "",
    "x",
    [],
    {},
    [None],
    {"a": 1},
    [[]],
    float("nan"),
    "1e400",
    "NaN",
)


def _written(data: object) -> File:
    return File(".json", json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


def _paths(data: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of everything in an object of JSON."""
    found = [path] if path else []
    if isinstance(data, dict):
        for key, value in data.items():
            found += _paths(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            found += _paths(value, (*path, number))
    return found


def wrong_members(draw: random.Random) -> File:
    """Members of another type, missing, or empty."""
    data: Any = jsonstat_of(draw)
    for _ in range(draw.choice((1, 1, 2))):
        path = draw.choice(_paths(data))
        inner = data
        for step in path[:-1]:
            inner = inner[step]
        if draw.random() < 0.3:
            del inner[path[-1]]
        else:
            inner[path[-1]] = draw.choice(WRONG)
    return _written(data)


def vast(draw: random.Random) -> File:
    """Dimensions whose product is beyond any memory, with a few figures."""
    data = jsonstat_of(draw)
    count, each = draw.choice(((4, 1000), (6, 100), (12, 10), (61, 2), (200, 1)))
    names = [f"d{n}" for n in range(count)]
    data["dimension"] = {name: {"category": {"index": [f"c{n}" for n in range(each)]}} for name in names}
    data |= {
        "id": names,
        "size": [each] * count,
        "value": draw.choice(({"0": 1.5, str(each**count - 1): 2}, [1, 2, 3])),
    }
    return _written(data)


def wrong_lengths(draw: random.Random) -> File:
    """Sizes, codes and values that do not fit each other."""
    data: Any = jsonstat_of(draw)
    kind = draw.randrange(5)
    if kind == 0:
        data["size"][draw.randrange(3)] = draw.choice((0, -1, 3, 10**12, 2**63, True))
    elif kind == 1:
        data["value"] = list(range(draw.choice((0, 1, 7, 9, 3000))))
    elif kind == 2:
        data["value"] = {draw.choice(("-1", "99", "1.0", "１", "x", "", "9" * 30, " 1", "+1", "01")): 1, "1": 2}
    elif kind == 3:
        data["dimension"]["geo"]["category"]["index"] = draw.choice(
            ({"A": 0, "B": 0}, {"A": 1, "B": 5}, {"A": -1}, ["A", "A"], {})
        )
    else:
        data["id"] = draw.choice((["geo"], ["geo", "geo", "geo"], ["unit", "geo", "x"], [[]], "geo"))
    return _written(data)


def deep_json(draw: random.Random) -> File:
    """Lists in lists in lists, closed or not, at the beginning or within."""
    depth = draw.choice((500, 2000, 100_000, 900_000))
    nest = draw.choice(("[", '{"a":', "[{}, [", '{"dimension":'))
    text = nest * depth
    if draw.random() < 0.5:
        text = json.dumps(jsonstat_of(draw)).replace('"2.0"', text)
    return File(".json", text.encode())


def odd_json(draw: random.Random) -> File:
    """Keys twice, numbers beyond numbers, half letters, comments, several documents."""
    text = json.dumps(jsonstat_of(draw))
    old = draw.choice(
        ('"MIO_EUR"', '"value"', '"2.0"', '"ESTAT"', "2.0", '"Stuttgart"', "null", '"2015"', '"p"', '"id"')
    )
    new = draw.choice((
        '"value": 1, "value"', "1e999", "NaN", "-Infinity", '"\\ud800"', '"\\u0000"', "1" * 5000, "0x1", '"a" /* x */',
        "'x'", '"'
        + "x" * 10**6 + '"', "[1, 2, [3]]", '"\\q"', "-0", "1.", "truE", '"MIO_EUR": 1, "MIO_EUR"', '""', '"\u2028"',
    ))  # fmt: skip
    text = text.replace(old, new, draw.choice((1, -1)))
    if draw.random() < 0.2:
        text = text * 2
    return File(".json", text.encode(draw.choice(("utf-8", "utf-8", "utf-16", "gb18030", "utf-8-sig")), "replace"))


def _fields(text: str, mark: str, draw: random.Random) -> str:
    """A delimited text with some cells changed, heads among them."""
    lines = [line.split(mark) for line in text.split("\n")]
    for _ in range(draw.choice((1, 3, 20))):
        row = draw.choice([line for line in (lines[:2] if draw.random() < 0.2 else lines) if line] or [[""]])
        kind = draw.randrange(10)
        at = draw.randrange(len(row))
        if kind == 0:
            del row[at]
        elif kind == 1:
            row.insert(at, row[draw.randrange(len(row))])
        else:
            source = draw.choice((PERIODS, CODES, ODD, ODD))
            row[at] = draw.choice(source).replace("\n", " ") if kind < 9 else long_text(draw, 10_000).replace("\n", " ")
    if draw.random() < 0.1:
        lines = lines * draw.choice((2, 200))
    return "\n".join(mark.join(row) for row in lines)


def _changed(maker: Maker, mark: str = ",") -> Maker:
    def made(draw: random.Random) -> File:
        suffix, data = maker(draw)
        packed_data = suffix.endswith(".gz")
        text = (gzip.decompress(data) if packed_data else data).decode()
        found = _fields(text, mark, draw).encode("utf-8", "replace")
        return File(suffix, gzip.compress(found, mtime=0) if packed_data else found)

    made.__name__ = f"changed_{maker.__name__}"
    return made


def worldbank_parts(draw: random.Random) -> File:
    """The archive of an indicator with its files changed, lacking, doubled, or not in UTF-8."""
    parts = unpacked(worldbank(draw).data)
    names = sorted(parts)
    data = _fields(parts[names[0]].decode(), draw.choice((",", '","')), draw).encode(
        draw.choice(("utf-8", "utf-16", "gb18030")), "replace"
    )
    kept = {names[0]: data, names[1]: parts[names[1]], "a/b.csv": data, "readme.txt": b"1 2 3\n4 5 6\n"}
    return File(".zip", packed({name: kept[name] for name in draw.sample(sorted(kept), draw.randint(1, 4))}))


JSON: tuple[Maker, ...] = (
    wrong_members,
    wrong_members,
    wrong_members,
    wrong_lengths,
    wrong_lengths,
    vast,
    odd_json,
    odd_json,
)
CODED: tuple[Maker, ...] = (
    _changed(sdmx), _changed(sdmx), _changed(sdmx), _changed(qcew), _changed(qcew), _changed(eurostat, "\t"),
    _changed(eurostat, "\t"), _changed(long_csv), worldbank_parts, worldbank_parts,
)  # fmt: skip


def many_codes(draw: random.Random) -> File:
    """As many codes, periods, places or series as rows, or one series told a hundred thousand times."""
    count = draw.choice((20_000, 150_000))
    head = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,MEASURE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT"
    line = draw.choice((
        "DATAFLOW,A:B(1.0),I,R{n},GDP,USD,2018,{n}.5,A,6", "DATAFLOW,A:B(1.0),I,R1,M{n},USD,2018,{n}.5,A,6",
        "DATAFLOW,A:B(1.0),I,R1,GDP,U{n},2018,{n}.5,A,6", "DATAFLOW,A:B(1.0),I,R1,GDP,USD,P{n},{n}.5,A,6",
        "DATAFLOW,A:B(1.0),I,R1,GDP,USD,2018,{n}.5,A,{n}", "DATAFLOW,A:B(1.0),I,R1,GDP,USD,2018,{n}.5,F{n},6",
        "DATAFLOW,A:B(1.0),I,R1,GDP,USD,2018,x{n},A,6",
    ))  # fmt: skip
    return File(".csv", (head + "\n" + "\n".join(line.format(n=n) for n in range(count)) + "\n").encode())


HEAVY: tuple[Callable[[random.Random], File], ...] = (deep_json, many_codes)
