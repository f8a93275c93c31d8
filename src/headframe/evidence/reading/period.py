"""Periods as tables write them: years, ranges of years, quarters, months, days. None of them is a measurement."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass

from headframe.evidence.reading.script import narrow

FIRST_YEAR, LAST_YEAR = 1800, 2100
LONGEST = 40  # characters
_YEAR = r"(?:1[89]|20)[0-9]{2}"
_TO = r"\s*[-–—~～至/]\s*"
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_WITHIN = re.compile(rf"(?<![0-9.,]){_YEAR}(?![0-9.,]|\s*年?\s*[=＝]\s*100)")
_ONLY_YEAR = re.compile(
    rf"^[(（\[]?\s*(?P<year>{_YEAR})\s*(?:年(?:度|末|底|份)?)?\s*(?:[(（]?[a-z]{{1,2}}[)）]?|\*+|[⁰-⁹¹²³]+)?\s*[)）\]]?$"
)
_GLUED = re.compile(rf"^(?P<year>{_YEAR})(?P<notes>[0-9]{{1,2}}(?:,[0-9]{{1,2}})*)$")


@dataclass(frozen=True)
class Period:
    """A period with its first and last day (ISO dates), as far as the text says; `notes` are glued to it."""

    start: str
    end: str
    notes: tuple[str, ...] = ()

    @property
    def year(self) -> int | None:
        """The year when the period is one whole year."""
        whole = self.start[4:] == "-01-01" and self.end[4:] == "-12-31" and self.start[:4] == self.end[:4]
        return int(self.start[:4]) if whole else None


def _years(first: int, last: int, notes: str = "") -> Period:
    return Period(f"{first}-01-01", f"{last}-12-31", tuple(part for part in notes.split(",") if part))


def _span(match: re.Match[str]) -> Period | None:
    first, ending = int(match["first"]), match["last"]
    last = int(ending) if len(ending) == 4 else first - first % 100 + int(ending)
    return _years(first, last, match["notes"] or "") if first < last <= first + 100 else None


def _months(year: int, first: int, last: int) -> Period:
    return Period(f"{year}-{first:02}-01", f"{year}-{last:02}-{calendar.monthrange(year, last)[1]:02}")


def _quarter(match: re.Match[str]) -> Period | None:
    number = _QUARTERS[match["quarter"]]
    return _months(int(match["year"]), 3 * number - 2, 3 * number)


def _month(match: re.Match[str]) -> Period | None:
    return _months(int(match["year"]), int(match["month"]), int(match["last"] or match["month"]))


def _one_year(match: re.Match[str]) -> Period | None:
    return _years(int(match["year"]), int(match["year"]))


def _named_month(match: re.Match[str]) -> Period | None:
    month = _MONTHS.get(match["month"].capitalize())
    year = int(match["year"]) if len(match["year"]) == 4 else 2000 + int(match["year"])
    return _months(year, month, month) if month else None


def _day(match: re.Match[str]) -> Period | None:
    month, day = int(match["month"]), int(match["day"])
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(int(match["year"]), month)[1]:
        return None
    date = f"{match['year']}-{month:02}-{day:02}"
    return Period(date, date)


# Each form with what it says; the first that fits is taken.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period | None]], ...] = tuple(
    (re.compile(rf"^(?:{pattern})$"), reader)
    for pattern, reader in (
        (
            rf"(?P<year>{_YEAR})(?:\s*年\s*|[-/.])(?P<month>[0-9]{{1,2}})(?:\s*月\s*|[-/.])(?P<day>[0-9]{{1,2}})\s*日?(?:[T\s].{{1,20}})?",
            _day,
        ),
        (
            rf"(?P<first>{_YEAR})年?\s*[-–—~～至/]\s*(?P<last>{_YEAR})年?(?P<notes>[0-9]{{1,2}}(?:,[0-9]{{1,2}})*)?",
            _span,
        ),
        (rf"(?P<year>{_YEAR})\s*[-年]?\s*(?:Q|第?)\s?(?P<quarter>[1-4一二三四])(?:\s*季度?|(?<=Q[1-4]))", _quarter),
        (rf"(?P<year>{_YEAR})\s*年\s*(?P<month>1)\s*[-–—~～至]\s*(?P<last>1[0-2]|[2-9])\s*月(?:份)?", _month),
        (rf"(?P<year>{_YEAR})(?:\s*年\s*|[-/M])(?P<month>1[0-2]|0?[1-9])(?P<last>)(?:\s*月(?:末|底|份)?)?", _month),
        (rf"(?P<first>{_YEAR})年?{_TO}(?P<last>[0-9]{{2}})年?(?P<notes>)", _span),
        (rf"(?P<month>[A-Za-z]{{3}})[-\s](?P<year>{_YEAR}|[0-9]{{2}})", _named_month),
        (
            rf"(?P<year>{_YEAR})\s*(?:年(?:度|末|底|份)?|财年)",
            lambda match: _years(int(match["year"]), int(match["year"])),
        ),
        (rf"(?:FY|CY)\s?(?P<year>{_YEAR})", lambda match: _years(int(match["year"]), int(match["year"]))),
    )
)


def read_period(text: str, notes: frozenset[str] = frozenset()) -> Period | None:
    """The period that a text is; `notes` are the numbers of notes that may be glued to a year (`19428` is 1942⁸)."""
    plain = narrow(text).strip()
    if not 4 <= len(plain) <= LONGEST:
        return None
    year = only_year(plain)
    if year is not None:
        return _years(year, year)
    for pattern, reader in _FORMS:
        match = pattern.match(plain)
        if match is not None and (found := reader(match)) is not None:
            return found
    glued = _GLUED.match(plain)
    if glued is not None and set(glued["notes"].split(",")) <= notes:
        return _years(int(glued["year"]), int(glued["year"]), glued["notes"])
    return None


def is_period(text: str) -> bool:
    """Whether a text is a period or a date: `2018年`, `1853-1862`, `2018-12-31`. A bare `2018` is left open."""
    plain = narrow(text).strip()
    return not plain.isdigit() and read_period(plain) is not None


def is_year(number: float) -> bool:
    """Whether a number could be a year."""
    return FIRST_YEAR <= number <= LAST_YEAR and number == int(number)


def may_be_glued(text: str) -> bool:
    """Whether a text is a year with the numbers of notes behind it, if there are such notes."""
    return _GLUED.match(narrow(text).strip()) is not None


def only_year(text: str) -> int | None:
    """The year that a text is and nothing beside it, such as `2018`, `2018年`, `(2018)`, `2018 p`."""
    match = _ONLY_YEAR.match(narrow(text).strip())
    return int(match["year"]) if match else None


def years_within(text: str) -> tuple[int, ...]:
    """The years that a text names, in their order; the year of an index base (`2010年=100`) is none of them."""
    return tuple(dict.fromkeys(int(year) for year in _WITHIN.findall(narrow(text)))) if text else ()
