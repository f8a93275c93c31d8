"""NUTS codes between the vintages of the classification: 2003, 2006, 2010, 2013, 2016, 2021, 2024."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from headframe.core.errors import HeadframeError
from headframe.evidence.places.codes import EXTRA_REGIO, GROUPS, tidy
from headframe.evidence.places.load import VINTAGES, builtin, rows
from headframe.evidence.places.records import Recoding, VintageGuess

LEVELS = {2: 0, 3: 1, 4: 2, 5: 3}  # length of a code → level


def level_of(code: str) -> int | None:
    """The NUTS level of a code by its length: 2 letters of the country are level 0; None for any other length."""
    return LEVELS.get(len(code))


@cache
def _codes(vintage: int) -> frozenset[str]:
    return frozenset(code.code for code in builtin().nuts if code.valid(vintage))


@cache
def _steps(vintage: int) -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    """The changes that made this vintage from the one before: kind, old codes, new codes."""
    return tuple(
        (row["kind"], frozenset(row["from"].split(";")), frozenset(row["to"].split(";")))
        for row in rows("nuts_changes.csv")
        if int(row["vintage"]) == vintage
    )


def recode(code: str, from_vintage: int, to_vintage: int) -> Recoding:
    """What a NUTS 1 or 2 code of one vintage is called in another.

    `targets` are all codes that share area with it; `exact` says that one code stands for the same area. Level 0 codes
    stay. Raises HF394 for a vintage that is none, or a code that is not in its vintage.
    """
    for vintage in (from_vintage, to_vintage):
        if vintage not in VINTAGES:
            raise HeadframeError.of("HF394", "NUTS", value=vintage, known=", ".join(map(str, VINTAGES)))
    text = tidy(code)
    if len(text) == 2 and any(other.startswith(text) for other in _codes(from_vintage)):
        return Recoding(text, from_vintage, to_vintage, (text,), exact=True)
    if text not in _codes(from_vintage):
        near = ", ".join(sorted(c for c in _codes(from_vintage) if c[:2] == text[:2])) or "–"
        raise HeadframeError.of("HF394", f"NUTS {from_vintage}", value=code[:40], known=near)
    current, exact, kinds = frozenset({text}), True, []
    forwards = to_vintage > from_vintage
    lower, upper = sorted((from_vintage, to_vintage))
    between = [vintage for vintage in VINTAGES if lower < vintage <= upper]
    for vintage in between if forwards else reversed(between):
        following: set[str] = set()
        for one in current:
            targets, same, used = _one_step(one, vintage, forwards=forwards)
            following |= targets
            exact = exact and same
            kinds += used
        current = frozenset(following)
    last = tuple(sorted(current))
    return Recoding(text, from_vintage, to_vintage, last, exact and len(last) == 1, tuple(dict.fromkeys(kinds)))


def _one_step(code: str, vintage: int, *, forwards: bool) -> tuple[frozenset[str], bool, list[str]]:
    """The codes after one change of vintage, whether the area stayed, and the kinds of change."""
    targets: set[str] = set()
    kinds: list[str] = []
    for kind, old, new in _steps(vintage):
        if code in (old if forwards else new):
            targets |= new if forwards else old
            kinds.append(kind)
    if not targets:
        return frozenset({code}), True, []
    return frozenset(targets), kinds == ["recode"], kinds


def guess_vintage(codes: Iterable[str]) -> VintageGuess:
    """The vintages that most of these NUTS 1 and 2 codes belong to.

    Codes of groups (EU27_2020), countries, NUTS 3 and extra-regio codes say nothing and are left out; `unknown` are
    codes of no vintage, `misfits` those of other vintages than the best: where there are any, vintages are mixed.
    """
    texts = dict.fromkeys(tidy(code) for code in codes)
    told = [text for text in texts if len(text) in {3, 4} and not GROUPS.fullmatch(text) and not _extra(text)]
    known = [text for text in told if any(text in _codes(vintage) for vintage in VINTAGES)]
    fitting = {vintage: sum(text in _codes(vintage) for text in known) for vintage in VINTAGES}
    most = max(fitting.values())
    best = tuple(vintage for vintage in VINTAGES if most and fitting[vintage] == most)
    misfits = tuple(text for text in known if best and text not in _codes(best[-1]))
    return VintageGuess(best, fitting, tuple(text for text in told if text not in known), misfits)


def _extra(text: str) -> bool:
    return bool(EXTRA_REGIO.fullmatch(text)) and not any(text in _codes(vintage) for vintage in VINTAGES)
