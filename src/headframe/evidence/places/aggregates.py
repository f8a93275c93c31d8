"""Rows that name no single place: totals, averages, groups of places, what is left over."""

from __future__ import annotations

import re
from functools import cache

from headframe.evidence.places import codes
from headframe.evidence.places.load import builtin, rows
from headframe.evidence.places.normal import Printed
from headframe.evidence.places.records import CONFIDENCE, PlaceMatch

_ENDINGS = re.compile(r"(.{2,})(合计|总计|小计|共计|平均)")
# Metropolitan, combined and micropolitan areas of the Bureau of Labor Statistics: sums of counties.
_METROPOLITAN = re.compile(r"C[0-9]{4}|CS[0-9]{3}|US(?:CMS|MSA|NMS)")
_FIPS_REST = re.compile(r"[0-9]{2}99[0-9]")


@cache
def _listed() -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["kind"], row["place_id"]) for row in rows("aggregates.csv")}


def aggregate_of(name: str, printed: Printed, code: str, country: str) -> PlaceMatch | None:
    """The match for a row that is an aggregate; None for any other name.

    Its `aggregate` is country, total, average, group or rest. A place is given only where the words name one (全国,
    东北地区, US); a total under a section is not taken for the section: it may count listed cities only.
    """
    found = _by_words(printed) or _by_code(codes.tidy(name), country)
    if found is None and printed.empty and code:
        found = _by_code(code, country)
    if found is None:
        return None
    kind, place = found
    return PlaceMatch(
        name.strip(), place, "aggregate", CONFIDENCE["aggregate"], (place,) if place else (), aggregate=kind
    )


def _by_words(printed: Printed) -> tuple[str, str] | None:
    listed = _listed()
    if len(printed.chinese) == 1:
        run = printed.chinese[0]
        if run in listed:
            return listed[run]
        ending = _ENDINGS.fullmatch(run)
        if ending:
            return ("average" if ending[2] == "平均" else "total"), ""
        return None
    if not printed.chinese and printed.whole in listed:
        return listed[printed.whole]
    return None


def _by_code(code: str, country: str) -> tuple[str, str] | None:
    if codes.GROUPS.fullmatch(code) or (country in {"", "USA"} and _METROPOLITAN.fullmatch(code)):
        return "group", ""
    extra = codes.EXTRA_REGIO.fullmatch(code)
    if extra and _is_country(extra[1]) and code not in _other_codes():
        return "rest", ""
    if country in {"", "USA"} and len(code) in {4, 5} and _FIPS_REST.fullmatch(code.zfill(5)):
        return ("rest", "") if code.zfill(5)[:2] in builtin().states else None
    return None


@cache
def _other_codes() -> frozenset[str]:
    """Codes of regions and countries that happen to end like an extra-regio code."""
    countries = {place.code for place in builtin().places.values() if place.level == "country"}
    return frozenset(countries) | {code.code for code in builtin().nuts}


@cache
def _is_country(letters: str) -> bool:
    return any(place.level == "country" and letters in place.other_codes for place in builtin().places.values())
