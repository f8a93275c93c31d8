"""Periods as coded tables write them: `2019`, `2019-Q1`, `2019-S1`, `2019M01`, `2019-W05`, `2019-12-31`."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

FIRST, LAST = 1000, 2200  # years beyond are no period of a statistic
LONGEST = 32  # characters
MONTHS = {"A": 12, "S": 6, "H": 6, "B": 6, "T": 4, "Q": 3, "K": 3, "M": 1}
_WITHIN = re.compile(r"^(?P<year>[0-9]{4})[- ]?(?P<kind>[ASHBTQKMWD])-?(?P<number>[0-9]{1,3})$")
_DATE = re.compile(r"^(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})(?:T[0-9:.Z+-]{1,16})?)?$")
_SPAN = re.compile(r"^(?P<first>[0-9]{4})[-–/_](?P<last>[0-9]{4})$")


class CodedPeriod(NamedTuple):
    """The first and last day, and how often such figures come in the code of observations.

    `A` is a calendar year, `M` several years, `P` a day or another part of a year.
    """

    start: date
    end: date
    freq: str


def coded_period(text: str) -> CodedPeriod | None:
    """The period of a code, or None for a text that is none."""
    plain = text.strip().upper()
    if not 4 <= len(plain) <= LONGEST or not plain.isascii():
        return None
    if plain.isdigit():
        return _years(int(plain), int(plain)) if len(plain) == 4 else None
    for pattern, reader in ((_DATE, _of_date), (_WITHIN, _of_part), (_SPAN, _of_span)):
        match = pattern.match(plain)
        if match is not None:
            return reader(match)
    return None


def _years(first: int, last: int) -> CodedPeriod | None:
    if not FIRST <= first <= last <= LAST:
        return None
    return CodedPeriod(date(first, 1, 1), date(last, 12, 31), "A" if first == last else "M")


def _of_span(match: re.Match[str]) -> CodedPeriod | None:
    return _years(int(match["first"]), int(match["last"]))


def _of_date(match: re.Match[str]) -> CodedPeriod | None:
    year, month = int(match["year"]), int(match["month"])
    if not FIRST <= year <= LAST or not 1 <= month <= 12:
        return None
    if match["day"] is None:
        return CodedPeriod(date(year, month, 1), date(year, month, monthrange(year, month)[1]), "P")
    if not 1 <= int(match["day"]) <= monthrange(year, month)[1]:
        return None
    day = date(year, month, int(match["day"]))
    return CodedPeriod(day, day, "P")


def _of_part(match: re.Match[str]) -> CodedPeriod | None:
    """A part of a year by its number: half-year, third, quarter, month, week, day."""
    year, kind, number = int(match["year"]), match["kind"], int(match["number"])
    if not FIRST <= year <= LAST or number < 1:
        return None
    if kind == "D":
        day = date(year, 1, 1) + timedelta(days=number - 1)
        return CodedPeriod(day, day, "P") if day.year == year else None
    if kind == "W":
        if number > date(year, 12, 28).isocalendar().week:
            return None
        monday = date.fromisocalendar(year, number, 1)
        return CodedPeriod(monday, monday + timedelta(days=6), "P")
    months = MONTHS[kind]
    last = number * months
    if last > 12:
        return None
    start, end = date(year, last - months + 1, 1), date(year, last, monthrange(year, last)[1])
    return CodedPeriod(start, end, "A" if months == 12 else "P")


def period_table(texts: Iterable[str]) -> pl.DataFrame:
    """A table that joins `period` with `period_start`, `period_end` and `freq`, null where a text is no period."""
    rows = [(text, *(coded_period(text) or (None, None, ""))) for text in texts]
    schema = {"period": pl.String, "period_start": pl.Date, "period_end": pl.Date, "freq": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
