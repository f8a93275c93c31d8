"""What the template offers for choosing: each choice is a name with its id in brackets, so that the two never part.

`万元 [10000 CNY]`, `地区生产总值 [gdp]`: a row that is moved, copied or typed over keeps name and id together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from headframe.catalog.load import catalog
from headframe.core.units import is_money, same_dimension
from headframe.core.words import Words
from headframe.evidence.reading.script import narrow
from headframe.evidence.schema import STATUSES

LANGUAGES = ("zh", "en")
NOMINAL, REAL = "nominal", "real:"
BASE_YEARS = (2000, 2005, 2010, 2015, 2020)
# Units whose figures are usually given in a multiple, and the multiples that each language uses.
SCALED = ("CNY", "USD", "EUR", "person", "household", "count", "t", "kWh", "m2", "m3")
SCALES: dict[str, tuple[tuple[int, str], ...]] = {
    "zh": ((10_000, "ten-thousand"), (100_000_000, "hundred-million")),
    "en": ((1_000, "thousand"), (1_000_000, "million"), (1_000_000_000, "billion")),
}
_CHOICE = re.compile(r"^(?P<name>.*?)\s*\[(?P<id>[^\[\]]{1,80})\]$", re.DOTALL)


def choice(name: str, identifier: str) -> str:
    """A choice as it stands in a cell."""
    return f"{name} [{identifier}]" if name else f"[{identifier}]"


def chosen(text: str) -> tuple[str, str]:
    """Name and id of a choice; the id is empty for a text without one."""
    plain = narrow(text).strip()
    match = _CHOICE.match(plain)
    return (match["name"].strip(), match["id"].strip()) if match is not None else (plain, "")


def unit_choices(units: Iterable[str], words: Words) -> tuple[str, ...]:
    """The units of the indicators and their usual multiples, each once, in the order of the indicators."""
    found: dict[str, str] = {}
    for unit in dict.fromkeys(units):
        name = unit_name(unit, words)
        found[unit] = choice(name, unit)
        if unit in SCALED:
            for number, word in SCALES[words.lang]:
                notation = f"{number} {unit}"
                found[notation] = choice(words.say(f"import-template.unit.{word}", unit=name), notation)
    return tuple(found.values())


def unit_name(unit: str, words: Words) -> str:
    """The name of a unit; a ratio has one too."""
    return words.unit(unit) or words.say("import-template.unit.plain")


def suggested_unit(unit: str, words: Words) -> str:
    """The choice that a row begins with: none where multiples of the unit are usual, so that somebody has to choose."""
    return "" if unit in SCALED else choice(unit_name(unit, words), unit)


def price_choices(years: Sequence[str], words: Words) -> tuple[str, ...]:
    """Current prices, and constant prices of the years at hand and of the usual base years."""
    at_hand = (int(year[:4]) for year in years if year[:4].isdigit())
    bases = sorted({*BASE_YEARS, *at_hand})
    real = (choice(words.say("import-template.price.real", year=str(year)), f"{REAL}{year}") for year in bases)
    return choice(words.say("import-template.price.nominal"), NOMINAL), *real


def status_choices(words: Words) -> tuple[str, ...]:
    """The statuses of a figure."""
    return tuple(choice(words.say(f"page.status.{code}"), code) for code in STATUSES.codes)


def concept_choices(words: Words) -> tuple[str, ...]:
    """The concepts of the catalogue."""
    return tuple(choice(words.name("concept", identifier), identifier) for identifier in catalog().concepts)


def indicator_choices(indicators: Iterable[str], words: Words) -> tuple[str, ...]:
    """Indicators by name and id."""
    return tuple(choice(words.name("indicator", identifier), identifier) for identifier in indicators)


def indicator_of(text: str) -> str:
    """The id of an indicator that is chosen or named in either language; empty where there is none of this name."""
    name, identifier = chosen(text)
    known = catalog().indicators
    if identifier in known:
        return identifier
    if identifier:
        return ""
    plain = name.casefold()
    return next(
        (one.id for one in known.values() if plain in {one.id, one.name_en.casefold(), one.name_zh.casefold()}), ""
    )


def fits(unit: str, indicator: str) -> bool:
    """Whether figures in a unit can be figures of an indicator."""
    return same_dimension(unit, catalog().indicators[indicator].unit)


def is_amount(indicator: str) -> bool:
    """Whether an indicator is money, so that its figures need a price basis."""
    return is_money(catalog().indicators[indicator].unit)
