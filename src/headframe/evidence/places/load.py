"""The built-in places and changes, read from the data files of the catalogue once and when first needed."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import headframe.catalog
from headframe.evidence.places.records import Change, DatedName, KnownPlace

FOLDER = Path(headframe.catalog.__file__).with_name("places")
VINTAGES = (2003, 2006, 2010, 2013, 2016, 2021, 2024)
# Eurostat writes two countries otherwise than ISO 3166-1.
NUTS_COUNTRIES = {"GR": "EL", "GB": "UK"}
# From this year on, changes of boundaries between places of these countries are recorded in full, as far as known.
COMPLETE_FROM = {"CHN": 2000, "USA": 1990}
_NUTS_LEVELS = {3: "nuts1", 4: "nuts2", 5: "nuts3"}
# Places of the built-in city folders that stand in no list: cities and groups outside the Chinese system of divisions.
_OTHERS = (
    KnownPlace("chicago", "Chicago", "芝加哥", "city", "city", parents=("illinois",), country="USA"),
    KnownPlace("cleveland", "Cleveland", "克利夫兰", "city", "city", parents=("ohio",), country="USA"),
    KnownPlace("detroit", "Detroit", "底特律", "city", "city", parents=("michigan",), country="USA"),
    KnownPlace("pittsburgh", "Pittsburgh", "匹兹堡", "city", "city", parents=("pennsylvania",), country="USA"),
    KnownPlace("us-rust-belt", "United States rust belt", "美国锈带", "group", "region", country="USA"),
    KnownPlace("northeast-china", "North-east China", "东北地区", "group", "region", country="CHN"),
    KnownPlace("exhausted-cities-69", "The 69 resource-exhausted cities", "69个资源枯竭城市", "group", country="CHN"),
)


@dataclass(frozen=True)
class NutsCode:
    """A NUTS code with the vintages it belongs to and the place it stands for."""

    code: str
    name: str
    first: int
    last: int
    place_id: str

    def valid(self, vintage: int) -> bool:
        """Whether this vintage of the classification has the code."""
        return self.first <= vintage <= self.last


@dataclass(frozen=True)
class State:
    """A state of the United States or an area treated like one, and which county codes it has had."""

    place_id: str
    fips: str
    postal: str
    counties: frozenset[str]


@dataclass(frozen=True)
class Builtin:
    """Everything the data files say."""

    places: Mapping[str, KnownPlace]
    changes: tuple[Change, ...]
    nuts: tuple[NutsCode, ...]
    states: Mapping[str, State]


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a data file of the folder."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


@cache
def builtin() -> Builtin:
    """The built-in places, changes and code lists."""
    places: dict[str, KnownPlace] = {}
    for place in (*_countries(), *_china(), *_OTHERS):
        places[place.id] = place
    states = _states(places)
    nuts = tuple(
        NutsCode(row["code"], row["name"], int(row["first"]), int(row["last"]), row["place_id"])
        for row in rows("nuts_codes.csv")
    )
    for place in _nuts_places(nuts, places):
        places[place.id] = place
    return Builtin(places, (*_china_changes(), *_us_changes(), *_nuts_changes(nuts)), nuts, states)


def _countries() -> list[KnownPlace]:
    return [
        KnownPlace(
            row["place_id"],
            row["name_en"],
            row["name_zh"],
            "country",
            "country",
            country=row["iso3"],
            code=row["iso3"],
            other_codes=tuple(dict.fromkeys(filter(None, (row["iso2"], row["nuts"])))),
            aliases=_parts(row["aliases"]),
            source="iso3166",
        )
        for row in rows("countries.csv")
    ]


# Regions of China with codes of their own in ISO 3166-1.
_CHINA_ISO = {"taiwan": ("TWN", "TW"), "hong-kong": ("HKG", "HK"), "macao": ("MAC", "MO")}


def _china() -> list[KnownPlace]:
    dated: dict[str, list[DatedName]] = defaultdict(list)
    for row in rows("china_names.csv"):
        dated[row["place_id"]].append(DatedName(row["name"], row["since"], row["until"]))
    return [
        KnownPlace(
            row["place_id"],
            row["name_en"],
            row["name_zh"],
            row["level"],
            row["kind"],
            row["short"],
            row["pinyin"],
            _parts(row["parent"]),
            "CHN",
            row["code"],
            _parts(row["other_codes"]) + _CHINA_ISO.get(row["place_id"], ()),
            float(row["latitude"]),
            float(row["longitude"]),
            row["first"],
            row["last"],
            tuple(dated.get(row["place_id"], ())),
            _parts(row["aliases"]),
            row["source"],
        )
        for row in rows("china.csv")
    ]


def _china_changes() -> list[Change]:
    return [_change(row) for row in rows("china_events.csv")]


def _change(row: Mapping[str, str], prefix: str = "") -> Change:
    share = row.get("share") or ""
    return Change(
        row["date"],
        row["kind"],
        tuple(prefix + part for part in _parts(row["from"])),
        tuple(prefix + part for part in _parts(row["to"])),
        float(share) if share else None,
        row["note_en"],
        row["note_zh"],
        row["source"],
        row["checked"],
    )


def _states(places: dict[str, KnownPlace]) -> dict[str, State]:
    """The states by FIPS code; their places are added, or get their codes where a country's row stands already."""
    states: dict[str, State] = {}
    for row in rows("us_states.csv"):
        odd = {f"{number:03}" for number in range(1, int(row["highest"]) + 1, 2)}
        counties = frozenset((odd - set(row["absent"].split())) | set(row["extra"].split()))
        states[row["fips"]] = State(row["place_id"], row["fips"], row["postal"], counties)
        known = places.get(row["place_id"])
        places[row["place_id"]] = KnownPlace(
            row["place_id"],
            row["name_en"],
            row["name_zh"],
            "state",
            "state",
            row["name_zh"].removesuffix("州"),
            parents=("united-states",),
            country="USA",
            code=row["fips"],
            other_codes=(row["postal"], *((known.code, *known.other_codes) if known else ())),
            aliases=known.aliases if known else (),
            source="fips",
        )
    return states


def county(identifier: str, states: Mapping[str, State]) -> KnownPlace | None:
    """The county `us-SSCCC` of a known state; its names say only state and code, which is all the code tells."""
    code = identifier.removeprefix("us-")
    if not identifier.startswith("us-") or len(code) != 5 or not (code.isascii() and code.isdigit()):
        return None
    state = states.get(code[:2])
    if state is None or code[2:] not in state.counties | former_counties().get(code[:2], frozenset()):
        return None
    first, last = _county_years().get(code, ("", ""))
    return KnownPlace(
        identifier,
        f"County {code}",
        f"{code}县",
        "county",
        "us_county",
        parents=(state.place_id,),
        country="USA",
        code=code,
        first=first,
        last=last,
        source="fips",
    )


@cache
def former_counties() -> Mapping[str, frozenset[str]]:
    """County codes that changes since 1987 ended, by state."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows("us_changes.csv"):
        for code in (*_parts(row["from"]), *_parts(row["to"])):
            found[code[:2]].add(code[2:])
    return {state: frozenset(codes) for state, codes in found.items()}


@cache
def us_recodes() -> Mapping[str, tuple[str, str]]:
    """County codes replaced for the same area: old code → new code and date."""
    return {row["from"]: (row["to"], row["date"]) for row in rows("us_changes.csv") if row["kind"] == "recode"}


@cache
def _county_years() -> Mapping[str, tuple[str, str]]:
    """First and last date of counties that changes made or ended."""
    current = {state.fips + code for state in builtin().states.values() for code in state.counties}
    years: dict[str, tuple[str, str]] = {}
    for row in rows("us_changes.csv"):
        if row["kind"] not in {"split", "merger"}:
            continue
        ended, made = _parts(row["from"]), _parts(row["to"])
        for code in (code for code in ended if code not in current):
            years[code] = (years.get(code, ("", ""))[0], row["date"])
        for code in made if row["kind"] == "split" else ():
            years[code] = (row["date"], years.get(code, ("", ""))[1])
    return years


def _us_changes() -> list[Change]:
    """Changes of counties; a mere recoding keeps the place, whose id is made from the newer code."""
    found = []
    for row in rows("us_changes.csv"):
        change = _change(row, "us-")
        if change.kind == "recode":
            change = _change({**row, "from": row["to"]}, "us-")
        found.append(change)
    return found


def _nuts_places(codes: tuple[NutsCode, ...], places: Mapping[str, KnownPlace]) -> list[KnownPlace]:
    countries = {code: place for place in places.values() if place.level == "country" for code in place.other_codes}
    by_id: dict[str, list[NutsCode]] = defaultdict(list)
    for code in codes:
        by_id[code.place_id].append(code)
    found = []
    for identifier, unsorted in by_id.items():
        own = sorted(unsorted, key=lambda code: code.last)
        newest = own[-1]
        country = countries[newest.code[:2]]
        upper = next((c.place_id for c in codes if c.code == newest.code[:3] and c.valid(newest.last)), "")
        parents = (upper, country.id) if upper and len(newest.code) > 3 else (country.id,)
        first = str(own[0].first) if own[0].first > VINTAGES[0] else ""
        gone = newest.last != VINTAGES[-1] and newest.code[:2] != "UK"  # the United Kingdom left, its regions stay
        last = "" if not gone else str(VINTAGES[VINTAGES.index(newest.last) + 1])
        found.append(
            KnownPlace(
                identifier,
                newest.name,
                newest.name,
                _NUTS_LEVELS[len(newest.code)],
                "nuts",
                parents=parents,
                country=country.code,
                code=newest.code,
                other_codes=tuple(code.code for code in own[:-1] if code.code != newest.code),
                first=first,
                last=last,
                source=f"nuts-{newest.last}",
            )
        )
    return found


def _nuts_changes(codes: tuple[NutsCode, ...]) -> list[Change]:
    def place(code: str, vintage: int) -> str:
        return next(c.place_id for c in codes if c.code == code and c.valid(vintage))

    found = []
    for row in rows("nuts_changes.csv"):
        vintage = int(row["vintage"])
        before = VINTAGES[VINTAGES.index(vintage) - 1]
        old = tuple(dict.fromkeys(place(code, before) for code in _parts(row["from"])))
        new = tuple(dict.fromkeys(place(code, vintage) for code in _parts(row["to"])))
        listed = f"{row['from']} → {row['to']}"
        found.append(Change(row["vintage"], row["kind"], old, new, None, listed, listed, row["source"], row["checked"]))
    return found
