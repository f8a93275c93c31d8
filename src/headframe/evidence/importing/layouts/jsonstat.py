"""JSON-stat 2.0 (and the datasets of 1.x): a cube of figures, dense or sparse, with the codes of its dimensions.

The size of the cube is never allocated: only cells that the file holds are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headframe.core.errors import HeadframeError
from headframe.core.results import Message
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts.coded import Coded, dim, extract_of, label
from headframe.evidence.importing.layouts.json_text import json_of
from headframe.evidence.importing.layouts.period_codes import coded_period
from headframe.evidence.importing.layouts.source import Layout, Source
from headframe.evidence.importing.layouts.unit_codes import CodedUnit, times_power
from headframe.evidence.reading.unit_text import UnitText, read_unit

LARGEST = 1 << 62  # cells of a cube; beyond it positions are no 64-bit numbers
MOST_DIMENSIONS = 60
TIMES = ("time", "time_period", "tid", "year", "period")
PLACES = ("geo", "ref_area", "region", "area", "country", "location", "territory")
UNITS = ("unit", "unit_measure")
FREQUENCY = ("freq", "frequency")
_DATASET = re.compile(r'"class"\s*:\s*"dataset"')
_OLDER = re.compile(r'"dataset"\s*:\s*\{')
WITHOUT_NAME = 0.8


@dataclass(frozen=True)
class Dimension:
    """A dimension: its id, its label, codes in the order of their positions, labels and units of the codes."""

    id: str
    title: str
    codes: tuple[str, ...]
    labels: Mapping[str, str]
    units: Mapping[str, CodedUnit]


@dataclass(frozen=True, eq=False)
class Cube:
    """The cells that a file holds: their positions, the texts of their values and statuses."""

    positions: NDArray[np.int64]
    values: list[str]
    statuses: list[str]


def recognises(source: Source) -> float:
    """How sure it is that a file is JSON-stat; any JSON is taken, so that what is wrong with it can be said."""
    start = source.head.lstrip()
    if not start.startswith("{"):
        return 0.0
    if _DATASET.search(start) or (_OLDER.search(start) and '"dimension"' in start):
        return 0.95
    return 0.8 if '"dimension"' in start and '"value"' in start else 0.4


def extract(source: Source) -> Extract:
    """What a JSON-stat dataset says. Raises HF376, HF461 and HF462; see also `extract_of`."""
    loaded, encoding = json_of(source)
    data = _dataset(loaded, source.name)
    dimensions = _dimensions(data, source.name)
    sizes = _sizes(data, dimensions, source.name)
    cube = _cube(data, prod(sizes), source)
    coded = _coded(data, dimensions, sizes, cube)
    return extract_of(source, LAYOUT.name, "json", encoding, coded)


def _refused(where: str, reason: str) -> HeadframeError:
    return HeadframeError.of("HF461", where, reason=reason)


def _disagree(where: str, part: str, found: object, expected: object) -> HeadframeError:
    return HeadframeError.of("HF462", where, part=part, found=found, expected=expected)


def _dataset(loaded: Any, where: str) -> Mapping[str, Any]:
    """The one dataset of a response; of the older bundles the first."""
    if not isinstance(loaded, dict):
        raise _refused(where, type(loaded).__name__)
    kind = loaded.get("class")
    if kind in ("collection", "dimension"):  # anything can stand there, also what has no hash
        raise _refused(where, f"class = {kind}")
    if "dimension" in loaded and "value" in loaded:
        return loaded
    inside = [one for one in loaded.values() if isinstance(one, dict) and "dimension" in one and "value" in one]
    if not inside:
        raise _refused(where, "dimension, value")
    found: Mapping[str, Any] = inside[0]
    return found


def _dimensions(data: Mapping[str, Any], where: str) -> tuple[Dimension, ...]:
    described = data["dimension"]
    if not isinstance(described, dict):
        raise _refused(where, "dimension")
    ids = data.get("id", described.get("id"))
    if not isinstance(ids, list) or not ids or not all(isinstance(one, str) for one in ids):
        raise _refused(where, "id")
    if len(set(ids)) < len(ids) or len(ids) > MOST_DIMENSIONS:
        raise _disagree(where, "id", len(ids), len(set(ids[:MOST_DIMENSIONS])))
    return tuple(_dimension(one, described.get(one), where) for one in ids)


def _dimension(name: str, entry: Any, where: str) -> Dimension:
    category = entry.get("category") if isinstance(entry, dict) else None
    if not isinstance(category, dict):
        raise _refused(where, f"dimension.{name[:60]}.category")
    labels = category.get("label", {})
    labels = {code: text for code, text in labels.items() if isinstance(text, str)} if isinstance(labels, dict) else {}
    codes = _ordered(category.get("index", list(labels)), name, where)
    units = category.get("unit")
    known = {code: _unit(one) for code, one in units.items()} if isinstance(units, dict) else {}
    title = entry.get("label")
    return Dimension(name, title if isinstance(title, str) else "", codes, labels, known)


def _ordered(index: Any, name: str, where: str) -> tuple[str, ...]:
    """The codes of a dimension in the order of their positions, from a list or from an object with positions."""
    part = f"dimension.{name[:60]}.index"
    if isinstance(index, dict):
        places = [at for at in index.values() if isinstance(at, int)]
        if sorted(places) != list(range(len(index))):
            raise _disagree(where, part, str(sorted(places)[-3:])[:80], f"0 … {len(index) - 1}")
        return tuple(sorted(index, key=lambda code: int(index[code])))
    if not isinstance(index, list) or not all(isinstance(code, str) for code in index):
        raise _refused(where, part)
    if len(set(index)) < len(index):
        raise _disagree(where, part, len(index), len(set(index)))
    return tuple(index)


def _unit(entry: Any) -> CodedUnit:
    """The unit of a category: its label, times ten to its multiplier."""
    text = entry.get("label") if isinstance(entry, dict) else None
    if not isinstance(text, str) or not text.strip():
        return CodedUnit(None)
    unit = read_unit(text) or UnitText(text.strip()[:120])
    power = entry.get("multiplier", 0)
    return CodedUnit(times_power(unit, power if isinstance(power, int) and not isinstance(power, bool) else 0))


def _sizes(data: Mapping[str, Any], dimensions: Sequence[Dimension], where: str) -> list[int]:
    sizes = data.get("size", data["dimension"].get("size"))
    counted = [len(one.codes) for one in dimensions]
    if not isinstance(sizes, list) or not all(isinstance(size, int) for size in sizes):
        raise _refused(where, "size")
    if sizes != counted:
        raise _disagree(where, "size", str(sizes)[:80], counted)
    if prod(counted) > LARGEST:
        raise _disagree(where, "size", prod(counted), f"≤ {LARGEST}")
    return counted


def _cube(data: Mapping[str, Any], total: int, source: Source) -> Cube:
    """The cells of a dense list or of a sparse object; a cell with a status alone is a missing one."""
    value, where = data["value"], source.name
    values = _by_position(value, "value", total, where)
    status = data.get("status")
    given = status if not isinstance(status, str) else {}
    if isinstance(given, list) and len(given) == 1 and total != 1:  # one status for all cells
        status, given = str(given[0]), {}
    flags = _by_position(given if given is not None else {}, "status", total, where)
    positions = sorted(values.keys() | flags.keys())
    source.limits.check_cells(where, len(positions))
    same = status if isinstance(status, str) else ""
    texts = [_text(values.get(at)) for at in positions]
    told = [_text(flags.get(at)) or same for at in positions]
    return Cube(np.asarray(positions, np.int64), texts, told)


def _by_position(given: Any, part: str, total: int, where: str) -> dict[int, Any]:
    if isinstance(given, list):
        if len(given) != total:
            raise _disagree(where, part, len(given), total)
        return {at: one for at, one in enumerate(given) if one is not None or part == "value"}
    if not isinstance(given, dict):
        raise _refused(where, part)
    found: dict[int, Any] = {}
    for key, one in given.items():
        at = int(key) if key.isascii() and key.isdigit() and len(key) < 20 else -1
        if not 0 <= at < total:
            raise _disagree(where, f"{part}[{key[:40]}]", key[:40], f"0 … {total - 1}")
        found[at] = one
    return found


def _text(one: Any) -> str:
    """A value as it is printed; what is no value of a cell is shown so that it is not taken for one."""
    if one is None:
        return ""
    if isinstance(one, str):
        return one[:200]
    if isinstance(one, bool) or not isinstance(one, int | float):
        return f"{one!r}"[:80] if not isinstance(one, dict | list) else type(one).__name__
    return str(one) if -(10**40) < one < 10**40 else "10^40"


def _coded(data: Mapping[str, Any], dimensions: Sequence[Dimension], sizes: list[int], cube: Cube) -> Coded:
    time, place = _time(data, dimensions), _place(data, dimensions)
    columns = _columns(dimensions, sizes, cube.positions)
    own = [one for one in dimensions if one not in (time, place) and one.id.casefold() not in FREQUENCY]
    marks = pl.Series("mark", cube.statuses, dtype=pl.String)
    raw = pl.Series("raw", cube.values, dtype=pl.String)
    blank = pl.Series("blank", [""] * len(raw), dtype=pl.String)
    table = pl.DataFrame(
        [
            _spoken(place, columns).alias("place") if place is not None else blank.alias("place"),
            columns[place.id].alias("place_code") if place is not None else blank.alias("place_code"),
            _periods(time, columns).alias("period") if time is not None else blank.alias("period"),
            raw,
            marks,
            pl.Series("at", cube.positions),
            *(columns[one.id].alias(dim(one.id)) for one in own),
            *(_spoken(one, columns).alias(label(one.id)) for one in own),
        ]
    ).with_columns(
        pl.when((pl.col("raw") == "") & ~pl.col("mark").str.contains("[A-Za-z]"))
        .then("mark")
        .otherwise("raw")
        .alias("raw"),
        pl.when(pl.col("place") == "").then("place_code").otherwise("place").alias("place"),
        pl.col("mark").alias("flags"),
        pl.concat_str(pl.lit("value["), "at", pl.lit("]")).alias("locator"),
    )
    name = _dataset_name(data)
    unit = next((one for one in own if one.id.casefold() in UNITS), None)
    measured = next((one for one in own if one.units), None) if unit is None else None
    return Coded(
        rows=table.drop("mark", "at"),
        dims=tuple(one.id for one in own),
        labelled=frozenset(one.id for one in own),
        always={"dataflow": name} if name else {},
        titles=tuple(text[:300] for text in (data.get("label"),) if isinstance(text, str) and text),
        unit=unit.id if unit is not None else measured.id if measured is not None else "",
        units=measured.units if measured is not None else {},
        flags="eurostat",
        reasons=() if name else (Message(id="layouts.no-dataflow"),),
        notes=tuple(text[:600] for text in (data.get("source"), data.get("updated")) if isinstance(text, str) and text),
        confidence=1.0 if name else WITHOUT_NAME,
    )


def _columns(dimensions: Sequence[Dimension], sizes: list[int], positions: NDArray[np.int64]) -> dict[str, pl.Series]:
    """The code of each cell in each dimension; the last dimension runs fastest."""
    found: dict[str, pl.Series] = {}
    rest = positions
    for one, size in zip(reversed(dimensions), reversed(sizes), strict=True):
        rest, at = np.divmod(rest, max(size, 1))
        found[one.id] = pl.Series(one.id, one.codes, dtype=pl.String).gather(pl.Series(at, dtype=pl.UInt32))
    return found


def _spoken(one: Dimension, columns: Mapping[str, pl.Series]) -> pl.Series:
    """The labels of the codes of a dimension, empty for a code without one."""
    labels = {code: one.labels.get(code, "")[:400] for code in one.codes}
    return columns[one.id].replace_strict(labels, return_dtype=pl.String)


def _periods(one: Dimension, columns: Mapping[str, pl.Series]) -> pl.Series:
    """The periods of the cells: codes, or labels where only they are periods."""
    said = {code: one.labels.get(code, code) for code in one.codes}
    read = {
        code: said[code] if coded_period(code) is None and coded_period(said[code]) is not None else code
        for code in one.codes
    }
    return columns[one.id].replace_strict(read, return_dtype=pl.String)


def _roles(data: Mapping[str, Any], role: str) -> tuple[str, ...]:
    roles = data.get("role", data["dimension"].get("role"))
    named = roles.get(role) if isinstance(roles, dict) else None
    return tuple(one for one in named if isinstance(one, str)) if isinstance(named, list) else ()


def _time(data: Mapping[str, Any], dimensions: Sequence[Dimension]) -> Dimension | None:
    """The dimension of time: of those with that role the first whose codes are periods, else one of its usual names."""
    named = [one for one in dimensions if one.id in _roles(data, "time")]
    usual = [one for one in dimensions if one.id.casefold() in TIMES]
    return next((one for one in (*named, *usual) if _dated(one)), next(iter((*named, *usual)), None))


def _dated(one: Dimension) -> bool:
    return any(coded_period(code) or coded_period(one.labels.get(code, "")) for code in one.codes[:20])


def _place(data: Mapping[str, Any], dimensions: Sequence[Dimension]) -> Dimension | None:
    named = [one for one in dimensions if one.id in _roles(data, "geo")]
    usual = [one for one in dimensions if one.id.casefold() in PLACES]
    return next(iter((*named, *usual)), None)


def _dataset_name(data: Mapping[str, Any]) -> str:
    """The code of the dataset where the publisher gives one beside the standard's own properties."""
    extension = data.get("extension")
    if not isinstance(extension, dict):
        return ""
    inner = extension.get("px")
    found = extension.get("id") or extension.get("datasetId")
    if not found and isinstance(inner, dict):
        found = inner.get("tableid")
    return found[:120].lower() if isinstance(found, str) else ""


LAYOUT = Layout("jsonstat", recognises, extract)
