"""Rows that are indicators: their labels, units and what they are part of, where columns are years or places."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from headframe.evidence.reading.description import Holds, ItemDescription, Role, TableDescription
from headframe.evidence.reading.label import read_label
from headframe.evidence.reading.scan import Scan
from headframe.evidence.reading.script import bare, indent
from headframe.evidence.reading.unit_text import read_unit

MOST_ITEMS = 20_000


def items_of(scan: Scan, table: TableDescription, body: NDArray[np.int64]) -> tuple[ItemDescription, ...]:
    """The rows of figures as indicators, each below those it is moved in from or is named to be part of."""
    stub = next(
        (
            column
            for column in table.columns
            if column.role is Role.STUB and column.holds in {Holds.INDICATOR, Holds.TEXT}
        ),
        None,
    )
    if stub is None:
        return ()
    units = next((column for column in table.columns if column.holds is Holds.UNIT), None)
    above: list[ItemDescription] = []
    found: list[ItemDescription] = []
    for row in (int(row) + 1 for row in body[:MOST_ITEMS]):
        printed = scan.sheet.text(row, stub.column)
        label = read_label(printed)
        unit, origin = label.units[0] if label.units else None, "row"
        given = read_unit(scan.sheet.text(row, units.column)) if units is not None else None
        if given is not None:
            unit, origin = given, "column"
        depth = indent(printed) + (1 if label.of_which else 0)
        while above and above[-1].indent >= depth:
            above.pop()
        parents = above[-1] if above else None
        if unit is None and parents is not None and parents.unit is not None:
            unit, origin = parents.unit, "above"
        if unit is None:
            unit, origin = table.unit, "title" if table.unit is not None else ""
        item = ItemDescription(
            key="",
            row=row,
            chinese=(*(parents.chinese if parents else ()), *label.chinese),
            english=(*(parents.english if parents else ()), *((label.english,) if label.english else ())),
            printed=label.printed,
            unit=unit,
            unit_from=origin if unit is not None else "",
            scope=label.bracketed_scope,
            of_which=label.of_which,
            indent=depth,
        )
        found.append(item)
        above.append(item)
    return _named(found)


def _named(items: list[ItemDescription]) -> tuple[ItemDescription, ...]:
    """The items with keys of their own."""
    seen = Counter[str]()
    named = []
    for item in items:
        key = "/".join(bare(part) for part in item.chinese or item.english) + (f"#{item.scope}" if item.scope else "")
        seen[key] += 1
        named.append(replace(item, key=key if seen[key] == 1 else f"{key}~{seen[key]}"))
    return tuple(named)
