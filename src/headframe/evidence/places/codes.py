"""Codes of places: GB/T 2260 (2, 4, 6 digits), FIPS states and counties, NUTS, ISO 3166-1 countries."""

from __future__ import annotations

import re
import unicodedata

from headframe.evidence.places.index import Hit, Index
from headframe.evidence.places.load import NUTS_COUNTRIES, Builtin, county, us_recodes
from headframe.evidence.places.records import DatedName, KnownPlace

LONGEST = 24  # characters of a code
_NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{1,3}")
_FLOAT = re.compile(r"([0-9]+)\.0+")
_STATISTICAL = re.compile(r"([0-9]{6})(000|000000)")

EXTRA_REGIO = re.compile(r"([A-Z]{2})(?:Z{1,3}|X{1,3})")
GROUPS = re.compile(r"(?:EU|EA|EFTA|EEA|OECD|G7|G20|WLD|WORLD)(?:[0-9]{0,2}(?:_20[0-9]{2})?)?|EU_V|EU-?[0-9]{2}")


def tidy(code: str) -> str:
    """A code as written in lists: no padding, half width, capitals, no `.0` of a spreadsheet, six digits of twelve."""
    if len(code) > LONGEST:
        return ""
    text = unicodedata.normalize("NFKC", code).strip().upper().strip("'\"")
    text = _FLOAT.sub(r"\1", text) if _FLOAT.fullmatch(text) else text
    statistical = _STATISTICAL.fullmatch(text)
    return statistical[1] if statistical else text


def is_weak(code: str) -> bool:
    """Whether a code could as well be the number of a row: up to four digits."""
    return code.isdigit() and len(code) <= 4


def looks_like_code(name: str, index: Index) -> bool:
    """Whether a printed name is in truth a code: digits, a known code in capitals, or a NUTS code with a digit."""
    text = tidy(name)
    if not text or not text.isascii():
        return False
    if text.isdigit():
        return True
    if name.strip().strip("'\"") != text:  # `Fra` or `us` are names, `FRA` and `US` codes
        return False
    nuts = _NUTS.fullmatch(text) and text[:2] in index.codes
    return text in index.codes or bool(nuts and any(c.isdigit() for c in text))


def find(code: str, country: str, index: Index, data: Builtin) -> list[Hit]:
    """Every place that a tidy code may mean; `country` (ISO 3166-1 alpha-3) leaves only places of that country."""
    found: dict[str, Hit] = {}
    for key in _keys(code, country):
        for hit in index.codes.get(key, ()):
            fits = _fits(key, code, hit.place)
            if fits and (not country or hit.place.country == country):
                found.setdefault(hit.place.id, hit)
    if code.isdigit() and country in {"", "USA"} and len(code) in {4, 5}:
        one = _county(code.zfill(5), data)
        if one is not None:
            found.setdefault(one.place.id, one)
    if not found and _NUTS.fullmatch(code) and len(code) == 5:
        found.update({hit.place.id: hit for hit in _nuts3(code, index)})
    return [hit for hit in found.values() if not country or hit.place.country == country]


def _keys(code: str, country: str) -> list[str]:
    """The spellings under which a code may be listed."""
    keys = [code]
    if code.isdigit():
        if country in {"", "CHN"} and len(code) in {2, 4}:
            keys.append(code.ljust(6, "0"))
        if country in {"", "USA"}:
            keys += [code.zfill(2)] if len(code) == 1 else []
            keys += [code.zfill(5)[:2]] if len(code) in {4, 5} and code.endswith("000") else []
            keys += ["USA"] if code in {"0", "00", "00000", "000"} else []
    elif code == "US000":
        keys.append("USA")
    elif len(code) == 2 and code in NUTS_COUNTRIES.values():
        keys.append(code)
    elif len(code) == 4 and code.startswith("GR"):  # Eurostat wrote GR until NUTS 2010 came into use
        keys.append("EL" + code[2:])
    return keys


def _fits(key: str, code: str, place: KnownPlace) -> bool:
    """Two digits mean a Chinese province or a state, six a Chinese place; a number is no other country's code."""
    if not code.isdigit():
        return True
    if place.country == "CHN":
        return len(key) == 6
    return place.level == "state" or place.country != "USA" or key == "USA"


def _county(code: str, data: Builtin) -> Hit | None:
    newer, date = us_recodes().get(code, (code, ""))
    place = county("us-" + newer, data.states)
    return Hit(place, "code", DatedName(code, "", date)) if place is not None else None


def _nuts3(code: str, index: Index) -> list[Hit]:
    """A NUTS 3 region below a known region of level 2: recognised by its code alone, its names are not kept."""
    found = []
    for hit in index.codes.get(code[:4], ()):
        if hit.place.level == "nuts2" and code[4] not in "XZ":
            place = KnownPlace(
                "nuts-" + code.lower(),
                f"NUTS 3 {code}",
                f"NUTS 3 区域 {code}",
                "nuts3",
                "nuts",
                parents=(hit.place.id,),
                country=hit.place.country,
                code=code,
                source="eurostat-statistical-regions",
            )
            found.append(Hit(place, "code", hit.held))
    return found
