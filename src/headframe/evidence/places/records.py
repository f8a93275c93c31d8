"""What the gazetteer holds and answers: known places, dated names, changes, matches, comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headframe.core.errors import HeadframeError, Problem
from headframe.core.results import Message

COUNTY_LEVELS = ("county_city", "county", "district")
ALTERS_BOUNDARIES = ("split", "merger", "boundary", "abolished")
# How a name or code led to its place, with the confidence that goes with it.
CONFIDENCE: Mapping[str, float] = {
    "own": 1.0,
    "code": 1.0,
    "exact": 1.0,
    "aggregate": 1.0,
    "short": 0.95,
    "english": 0.95,
    "alias": 0.9,
    "pinyin": 0.9,
    "former": 0.9,
    "lineage": 0.8,
    "company": 0.8,
    "": 0.0,
}


def year_of(date: str) -> int | None:
    """The year of an ISO date or year; None where the date is not given."""
    return int(date[:4]) if date else None


@dataclass(frozen=True, slots=True)
class DatedName:
    """A name that held from `since` to `until` (ISO dates or years; empty where it has no bound)."""

    text: str
    since: str = ""
    until: str = ""

    def held(self, year: int | None) -> bool:
        """Whether the name was in use at some time of this calendar year (None: whether it is in use now)."""
        since, until = year_of(self.since), year_of(self.until)
        if year is None:
            return until is None
        return (since is None or since <= year) and (until is None or year <= until)


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place with its stable id.

    `level` is country, province, prefecture, county_city, county, district, state, nuts1, nuts2, nuts3 or group;
    `kind` says it finer. `parents` are ids of superior places, the present one first. `code` is the code of now
    (GB/T 2260, FIPS, NUTS, ISO 3166-1), `other_codes` those of other times or lengths. Latitude and longitude of the
    seat in degrees, to about 0.1. `first` and `last` bound its existence; `names` are its dated Chinese names.
    """

    id: str
    name_en: str
    name_zh: str
    level: str
    kind: str = ""
    short: str = ""
    pinyin: str = ""
    parents: tuple[str, ...] = ()
    country: str = ""
    code: str = ""
    other_codes: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    first: str = ""
    last: str = ""
    names: tuple[DatedName, ...] = ()
    aliases: tuple[str, ...] = ()
    source: str = ""

    def exists(self, year: int | None) -> bool:
        """Whether the place existed at some time of this calendar year (None: whether it exists now)."""
        return DatedName(self.name_zh, self.first, self.last).held(year)

    def name(self, language: str) -> str:
        """The name in `en` or `zh`."""
        return self.name_zh if language == "zh" else self.name_en

    @property
    def company(self) -> tuple[str, str]:
        """The class of places it is usually listed with: country and level, a municipality among provinces."""
        return self.country, "county" if self.level in COUNTY_LEVELS else self.level


@dataclass(frozen=True, slots=True)
class Change:
    """A dated change: rename, recode, upgraded, split, merger, boundary or abolished.

    `share` is the part of the (single) predecessor that went to each successor, where known. `checked` is `compared`
    where an independent compilation gives the same year, else `unverified`.
    """

    date: str
    kind: str
    from_ids: tuple[str, ...]
    to_ids: tuple[str, ...]
    share: float | None = None
    note_en: str = ""
    note_zh: str = ""
    source: str = ""
    checked: str = "unverified"

    @property
    def year(self) -> int:
        """The calendar year of the change."""
        return int(self.date[:4])

    @property
    def alters_boundaries(self) -> bool:
        """Whether figures before and after stand for different areas."""
        return self.kind in ALTERS_BOUNDARIES

    def note(self, language: str) -> str:
        """What changed, in `en` or `zh`."""
        return self.note_zh if language == "zh" else self.note_en


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """What a printed name leads to: one place, a question with candidates, an aggregate, or nothing.

    `how`: code, exact, short, english, pinyin, alias, former, own, lineage (the place did not exist in that year and
    its one successor or predecessor is given), company (settled by the other names of the list), aggregate, or empty.
    `confidence` is 0 where a question is open. `aggregate`: country, total, average, group, rest or empty.
    """

    printed: str
    place_id: str = ""
    how: str = ""
    confidence: float = 0.0
    candidates: tuple[str, ...] = ()
    question: Message | None = None
    remarks: tuple[Message, ...] = ()
    aggregate: str = ""
    suggestions: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether nothing is left to ask: a place or an aggregate."""
        return self.question is None

    def problem(self, where: str = "") -> Problem | None:
        """HF390 for an unknown name, HF391 for an ambiguous one, None where nothing is to be asked."""
        if self.question is None:
            return None
        if self.candidates:
            listed = ", ".join(self.candidates)
            return Problem("HF391", where or self.printed, {"name": self.printed, "candidates": listed}, "warning")
        near = ", ".join(self.suggestions) or "–"
        return Problem("HF390", where or self.printed, {"name": self.printed, "suggestions": near}, "warning")

    def require(self, where: str = "") -> str:
        """The id of the place; raises HF390 or HF391 where there is a question."""
        problem = self.problem(where)
        if problem is not None:
            raise HeadframeError(Problem(problem.code, problem.where, problem.values))
        return self.place_id


@dataclass(frozen=True, slots=True)
class Matches:
    """The matches of a whole list in its order, and what is asked about the list as such."""

    matches: tuple[PlaceMatch, ...]
    questions: tuple[Message, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def settled(self) -> int:
        """How many names need no answer."""
        return sum(match.settled for match in self.matches)

    @property
    def asked(self) -> tuple[PlaceMatch, ...]:
        """The matches with an open question."""
        return tuple(match for match in self.matches if not match.settled)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a place of one year is found in another: `ids` existing then; several are parts, not choices."""

    place_id: str
    year: int
    ids: tuple[str, ...]
    changes: tuple[Change, ...] = ()

    @property
    def one(self) -> str:
        """The only id, or empty where there are several or none."""
        return self.ids[0] if len(self.ids) == 1 else ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether figures of two years stand for the same area, and what lies between.

    `same` is False where a known change altered the boundaries after the end of the earlier year and until the end of
    the later one, or where the place did not exist in one of them. `complete` is False where changes of that time are
    not all recorded (China before 2000), so that `same` is then only "no change known".
    """

    place_id: str
    from_year: int
    to_year: int
    same: bool
    complete: bool
    changes: tuple[Change, ...] = ()
    breaks: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Recoding:
    """What a NUTS code of one vintage is called in another; `exact` where one code stands for the same area."""

    code: str
    from_vintage: int
    to_vintage: int
    targets: tuple[str, ...]
    exact: bool
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VintageGuess:
    """Which NUTS vintages a set of codes fits: `best` share the largest number of known codes, newest last."""

    best: tuple[int, ...]
    fitting: Mapping[int, int] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    misfits: tuple[str, ...] = ()
