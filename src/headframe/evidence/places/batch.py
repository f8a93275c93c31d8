"""Matching a whole list: names settled by the company they stand in, and names that contradict each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from headframe.core.errors import Problem
from headframe.core.results import Message, Ref
from headframe.evidence.places.codes import tidy
from headframe.evidence.places.load import builtin
from headframe.evidence.places.normal import chinese_stem, latin_key, taken_apart
from headframe.evidence.places.nuts import guess_vintage
from headframe.evidence.places.records import CONFIDENCE, KnownPlace, Matches, PlaceMatch

if TYPE_CHECKING:
    from headframe.evidence.importing.extract import PrintedPlace

FEWEST_IN_COMPANY = 10  # settled names that make a list tell something about its other names
SHARE_IN_COMPANY = 0.9  # of the settled names that have to be places of one class
MOST_SUGGESTED = 200  # unknown names that get suggestions
Key = tuple[str, str, str]


class Known(Protocol):
    """What a list is matched with: a gazetteer."""

    def match(
        self,
        name: str,
        *,
        code: str = "",
        section: str = "",
        country: str = "",
        year: int | None = None,
        level: str = "",
        suggest: bool = True,
    ) -> PlaceMatch:
        """The match of one name."""
        ...

    def suggestions(self, name: str, section: str = "") -> tuple[str, ...]:
        """Ids of places with names near to this one."""
        ...

    def get(self, place_id: str) -> KnownPlace | None:
        """The place of this id, or None."""
        ...


def match_list(known: Known, printed: Sequence[PrintedPlace], year: int | None, *, country: str, level: str) -> Matches:
    """The matches of `printed`, in its order.

    A name that could mean places of several classes (吉林: province or city) takes the class of the list where at least
    10 names are settled and nine tenths of them are of that class; this is said in a remark. Two different names for
    one place in one year are a question (HF392).
    """
    found: dict[Key, PlaceMatch] = {}
    for place in printed:
        key = (place.name, place.code, place.section)
        if key not in found:
            name, code, section = key
            found[key] = known.match(
                name,
                code=code,
                section=section,
                country=country,
                year=year,
                level=level,
                suggest=False,
            )
    _suggest(known, found)
    _in_company(known, found)
    _in_vintage(found)
    questions, problems = _doubles(found, year)
    for match in found.values():
        problem = match.problem()
        if problem is not None:
            problems.append(problem)
    return Matches(tuple(found[place.name, place.code, place.section] for place in printed), questions, tuple(problems))


def _suggest(known: Known, found: dict[Key, PlaceMatch]) -> None:
    unknown = [key for key, match in found.items() if match.question is not None and not match.candidates]
    for key in unknown[:MOST_SUGGESTED]:
        near = known.suggestions(key[0], key[2])
        if near:
            found[key] = PlaceMatch(found[key].printed, question=found[key].question, suggestions=near)


def _in_company(known: Known, found: dict[Key, PlaceMatch]) -> None:
    """Settle names with one candidate of the class to which nearly all settled names of the list belong."""
    companies: Counter[tuple[str, str]] = Counter()
    for match in found.values():
        place = known.get(match.place_id) if match.settled and not match.aggregate else None
        if place is not None:
            if place.kind == "municipality":  # stands among provinces and among cities: it tells nothing
                continue
            companies[place.company] += 1
    if not companies:
        return
    company, count = companies.most_common(1)[0]
    total = sum(companies.values())
    if count < FEWEST_IN_COMPANY or count < SHARE_IN_COMPANY * total:
        return
    for key, match in found.items():
        if match.question is None or match.question.id != "places.ask.several":
            continue
        fitting = [c for c in match.candidates if (p := known.get(c)) is not None and p.company == company]
        if len(fitting) == 1:
            values = {"name": match.printed, "place": Ref(kind="place", id=fitting[0]), "count": count, "total": total}
            remark = Message(id="places.remark.company", values=values)
            found[key] = PlaceMatch(
                match.printed, fitting[0], "company", CONFIDENCE["company"], match.candidates, None, (remark,)
            )


def _in_vintage(found: dict[Key, PlaceMatch]) -> None:
    """Settle a NUTS code that has meant two regions by the other codes of its country: HR05 tells which HR02 it is."""
    codes = {key: tidy(key[1] or key[0]) for key in found}
    for key, match in found.items():
        if match.question is None or not match.candidates or not all(c.startswith("nuts-") for c in match.candidates):
            continue
        beside = [code for code in codes.values() if code[:2] == codes[key][:2] and code != codes[key]]
        best = guess_vintage(beside).best
        fitting = {nuts.place_id for nuts in builtin().nuts if nuts.code == codes[key] and any(map(nuts.valid, best))}
        if len(fitting) == 1:
            place = fitting.pop()
            values = {"code": codes[key], "place": Ref(kind="place", id=place), "vintage": str(best[-1])}
            remark = Message(id="places.remark.vintage", values=values)
            found[key] = PlaceMatch(
                match.printed, place, "company", CONFIDENCE["company"], match.candidates, None, (remark,)
            )


def _doubles(found: dict[Key, PlaceMatch], year: int | None) -> tuple[tuple[Message, ...], list[Problem]]:
    """Different names that lead to one place: HF392, except where they are one name written in two ways.

    Without a year a former and a present name may stand for different years of one file, and are let pass.
    """
    by_place: dict[str, dict[tuple[str, str], PlaceMatch]] = defaultdict(dict)
    for (name, code, _), match in found.items():
        if match.place_id and match.settled and not match.aggregate:
            by_place[match.place_id].setdefault((_same_name(name, code), match.how), match)
    questions: list[Message] = []
    problems: list[Problem] = []
    for place_id, matches in by_place.items():
        dated = [match for match in matches.values() if match.how in {"former", "lineage"} or match.remarks]
        names = {name for name, _ in matches}
        scripts = {name.isascii() for name in names}
        two_languages = len(names) == 2 and len(scripts) == 2
        if len(names) < 2 or two_languages or (year is None and dated):
            continue
        listed = ", ".join(dict.fromkeys(match.printed for match in matches.values()))
        values: dict[str, str | Ref] = {"names": listed, "place": Ref(kind="place", id=place_id)}
        questions.append(Message(id="places.ask.same", values={**values, "year": str(year or "–")}))
        problems.append(Problem("HF392", listed, {"names": listed, "place": place_id}, "warning"))
    return tuple(questions), problems


def _same_name(name: str, code: str) -> str:
    """What is left of a name when padding, case, marks and the word for its kind are gone; the code of a bare code."""
    printed = taken_apart(name)
    if printed.chinese:
        return chinese_stem(printed.chinese[0])[0]
    return latin_key(printed.latin[0]) if printed.latin else (name.strip() or code).upper()
