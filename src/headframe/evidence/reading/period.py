"""Periods as tables write them: years, ranges of years, months, days. None of them is a measurement."""

from __future__ import annotations

import re

from headframe.evidence.reading.script import narrow

FIRST_YEAR, LAST_YEAR = 1800, 2100
_YEAR = r"(?:1[89]|20)[0-9]{2}"
_FORMS = re.compile(
    rf"""^(?:
      (?P<year>{_YEAR})\s*(?:年(?:度|末|底|份)?|财年)
    | (?:FY|CY)\s?(?P<fiscal>{_YEAR})
    | (?P<from>{_YEAR})年?\s*[-–—~～至/]\s*(?P<to>{_YEAR}|[0-9]{{2}})年?(?P<marks>[0-9](?:,[0-9])*)?
    | (?P<quarter>{_YEAR})\s*[-年]?\s*(?:Q|第?)\s?[1-4一二三四]\s*季?度?
    | (?P<month>{_YEAR})(?:\s*年\s*|[-/M])(?:1[0-2]|0?[1-9])\s*月?(?:末|底)?
    | (?P<months>{_YEAR})\s*年\s*1\s*[-–—~]\s*(?:1[0-2]|[2-9])\s*月
    | (?P<day>{_YEAR})(?:\s*年\s*|[-/.])(?:1[0-2]|0?[1-9])(?:\s*月\s*|[-/.])
      (?:3[01]|[12][0-9]|0?[1-9])\s*日?(?:[T\s].{{1,20}})?
    | (?:[0-9]{{1,2}}[-/.]){{2}}(?P<last>{_YEAR})
    | (?:[A-Z][a-z]{{2}})[-\s](?P<named>{_YEAR}|[0-9]{{2}})
    )$""",
    re.VERBOSE,
)
_YEAR_WITHIN = re.compile(rf"(?<![0-9.,]){_YEAR}(?![0-9.,]|\s*[=＝]\s*100)")
_ONLY_YEAR = re.compile(
    rf"^[(（\[]?\s*(?P<year>{_YEAR})\s*(?:年(?:度|末|底|份)?)?\s*(?:[(（]?[a-z]{{1,2}}[)）]?|\*+|[⁰-⁹¹²³]+)?\s*[)）\]]?$"
)


def is_period(text: str) -> bool:
    """Whether a text is a period or a date: `2018年`, `1853-1862`, `2018-12-31`. A bare `2018` is left open."""
    return len(text) <= 40 and _FORMS.match(narrow(text).strip()) is not None


def is_year(number: float) -> bool:
    """Whether a number could be a year."""
    return FIRST_YEAR <= number <= LAST_YEAR and number == int(number)


def only_year(text: str) -> int | None:
    """The year that a text is and nothing beside it, such as `2018`, `2018年`, `(2018)`, `2018 p`."""
    match = _ONLY_YEAR.match(narrow(text).strip())
    return int(match["year"]) if match else None


def years_within(text: str) -> tuple[int, ...]:
    """The years that a text names, in their order; the year of an index base (`2010年=100`) is none of them."""
    return tuple(dict.fromkeys(int(year) for year in _YEAR_WITHIN.findall(narrow(text)))) if text else ()
