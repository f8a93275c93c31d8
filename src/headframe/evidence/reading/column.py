"""A column described from the texts over it: label paths, unit, scope, year, and how sure all this is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from headframe.core.results import Message
from headframe.evidence.reading.column_kind import ColumnKind
from headframe.evidence.reading.description import ColumnDescription, Role
from headframe.evidence.reading.grid import letters
from headframe.evidence.reading.head import Column, HeadText, steps_of
from headframe.evidence.reading.script import bare, has_chinese
from headframe.evidence.reading.unit_text import UnitText

_RATE = re.compile(
    r"(?:率|比重|占比|构成|指数|密度)$|(?:\brates?\b|\bratio\b|\bpercent|\bshares?\b|\bproportion\b|%)", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z][A-Za-z \-]{2,}|[\u4e00-\u9fff]{2,}")
_PERCENT_NAME = re.compile(
    r"^(?:percent(?:age)?|per cent)\b|^pct(?=[A-Z_ ])|(?:_pct|_percent|[a-z]Pct)$|^%\s|%$|百分比$", re.IGNORECASE
)
_YEAR_IN_NAME = re.compile(r"[\s_,.]*(?:1[89]|20)[0-9]{2}年?[\s_,.]*")
WITHOUT_UNIT = 0.8
MONEY = frozenset({"CNY", "USD", "EUR", "GBP", "JPY"})


@dataclass(frozen=True)
class TableFacts:
    """What the titles say about every column of a table."""

    unit: UnitText | None = None
    scope: str = ""
    several_units: bool = False


def described(column: int, texts: Column, kind: ColumnKind, facts: TableFacts) -> ColumnDescription:
    """One column; its key is not yet told apart from equal ones."""
    steps = steps_of(texts)
    chinese, english = _path([_chinese(step) for step in steps]), _path([(_english(step),) for step in steps])
    if not chinese and not english and steps:
        chinese, english = _unit_as_label(steps)
    reasons: list[Message] = []
    unit, unit_from, others = _unit(steps, facts if kind.role is Role.VALUE else TableFacts())
    scope, scope_from = _scope(texts, facts if kind.role is Role.VALUE else TableFacts())
    lowest = steps[-1] if steps else ()
    per_head = any(text.label.per_head for text in lowest)
    if per_head and unit is not None and unit.base in MONEY:
        unit = replace(unit, canonical=f"{unit.canonical}/person", base=f"{unit.base}/person")
    confidence = (
        _doubts(texts, chinese or english, unit, unit_from, others, reasons) if kind.role is Role.VALUE else 1.0
    )
    year = next((text.label.year for text in reversed(texts) if text.label.year is not None), None)
    period = next((text.label.period for text in reversed(texts) if text.label.period), "")
    return ColumnDescription(
        key=_key(chinese or english, scope, str(year) if year is not None else period) or letters(column),
        column=column,
        letter=letters(column),
        role=kind.role,
        holds=kind.holds,
        chinese=chinese,
        english=english,
        printed=tuple(text.label.printed for text in texts),
        unit=unit,
        unit_from=unit_from,
        other_units=others,
        scope=scope,
        scope_from=scope_from,
        year=year,
        period=period,
        per_head=per_head,
        notes=tuple(dict.fromkeys(mark for text in texts for mark in text.label.notes)),
        confidence=confidence,
        reasons=tuple(reasons),
    )


def _chinese(step: tuple[HeadText, ...]) -> tuple[str, ...]:
    return next((text.label.chinese for text in step if text.label.chinese), ())


def _english(step: tuple[HeadText, ...]) -> str:
    return next((text.label.english for text in step if text.label.english), "")


def _unit_as_label(steps: tuple[tuple[HeadText, ...], ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A word that is a unit and the only text over its column names it too: `Year`, `Employees`, not `(%)`."""
    printed = steps[-1][-1].label.printed
    if not _WORD.fullmatch(printed):
        return (), ()
    return ((printed,), ()) if has_chinese(printed) else ((), (printed,))


def _path(parts: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The steps of a path without empty ones and without repetitions directly behind each other."""
    found: list[str] = []
    for step in parts:
        for part in step:
            if part and (not found or bare(found[-1]) != bare(part)):
                found.append(part)
    return tuple(found)


def _unit(
    steps: tuple[tuple[HeadText, ...], ...], facts: TableFacts
) -> tuple[UnitText | None, str, tuple[UnitText, ...]]:
    """The unit of the lowest step that has one, the Chinese form before the English, and forms that differ from it."""
    for number, step in enumerate(reversed(steps)):
        units = [unit for text in step for unit in text.label.units]
        if not units:
            continue
        chosen = next((unit for unit in units if has_chinese(unit.printed)), units[0])
        others = tuple(dict.fromkeys(unit for unit in units if not unit.same(chosen)))
        return chosen, "above" if number else "column", others
    names = [name for text in (steps[-1] if steps else ()) for name in (*text.label.chinese, text.label.english)]
    if any(_PERCENT_NAME.search(name) for name in names):
        return UnitText("%", "%", 1.0, "%"), "name", ()
    return facts.unit, "title" if facts.unit is not None else "", ()


def _scope(texts: Column, facts: TableFacts) -> tuple[str, str]:
    for text in reversed(texts):
        if text.label.scope:
            return text.label.scope, "column"
    for number, text in enumerate(reversed(texts)):
        if text.label.bracketed_scope:
            return text.label.bracketed_scope, "above" if number else "column"
    return (facts.scope, "title") if facts.scope else ("", "")


def _doubts(
    texts: Column,
    path: tuple[str, ...],
    unit: UnitText | None,
    unit_from: str,
    others: tuple[UnitText, ...],
    reasons: list[Message],
) -> float:
    """How sure the description is: one, lowered by each thing that speaks against it."""
    confidence = 1.0
    if not texts:
        reasons.append(Message(id="reading.no-head"))
        return 0.3
    if not path and not any(text.label.period for text in texts):
        reasons.append(Message(id="reading.no-label"))
        confidence *= 0.5
    if any(text.spread for text in texts):
        reasons.append(Message(id="reading.label-spread"))
        confidence *= 0.95
    for text in texts:
        if text.misprint:
            reasons.append(Message(id="reading.scope-misprint", values={"text": text.label.printed}))
            confidence *= 0.9
    if others and unit is not None:
        other = ", ".join(unit.printed for unit in others)
        reasons.append(Message(id="reading.units-disagree", values={"one": unit.printed, "other": other}))
        confidence *= 0.7
    inherited = unit is not None and unit_from != "column" and unit.base not in {"%", "‰", "pp"}
    if inherited and path and _RATE.search(path[-1]):
        reasons.append(Message(id="reading.unit-of-rate", values={"unit": unit.printed if unit is not None else ""}))
        confidence *= 0.6
    if unit is None:
        reasons.append(Message(id="reading.no-unit"))
        confidence *= WITHOUT_UNIT
    return round(confidence, 3)


def _key(path: tuple[str, ...], scope: str, period: str) -> str:
    """The name of a column in mappings: its path, its scope and its period, without spaces, units and table numbers."""
    parts = [bare(_YEAR_IN_NAME.sub(" ", part) if period else part) for part in path]
    key = "/".join(part for part in parts if part)
    return f"{key}{'#' + scope if scope else ''}{'@' + bare(period) if period else ''}"


def told_apart(columns: list[ColumnDescription]) -> tuple[ColumnDescription, ...]:
    """The columns with keys of their own: equal ones get their unit, and where that is equal too a number."""
    counts = Counter(column.key for column in columns)
    named = [
        replace(column, key=f"{column.key}[{column.unit.base}]")
        if counts[column.key] > 1 and column.unit is not None and column.unit.base
        else column
        for column in columns
    ]
    counts, seen = Counter(column.key for column in named), Counter[str]()
    found = []
    for column in named:
        if counts[column.key] == 1:
            found.append(column)
            continue
        seen[column.key] += 1
        reasons, confidence = column.reasons, column.confidence
        if column.role is Role.VALUE:
            reasons, confidence = (*reasons, Message(id="reading.label-repeated")), round(column.confidence * 0.5, 3)
        number = seen[column.key]
        key = column.key if number == 1 else f"{column.key}~{number}"
        found.append(replace(column, key=key, reasons=reasons, confidence=confidence))
    return tuple(found)
