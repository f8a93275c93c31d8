"""Labels: one text over a column taken apart into Chinese and English label, unit, scope, year and enumeration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from headframe.evidence.reading.period import only_year, read_period, years_within
from headframe.evidence.reading.script import CJK, HAS_CJK, bare, narrow, tidy
from headframe.evidence.reading.unit_text import UnitText, read_unit, says_per_head
from headframe.evidence.reading.wordings import scope_words, wordings, words

LONGEST = 600  # characters
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】")
_TABLE_NUMBER = re.compile(
    r"^(?:表|Table)?\s*[0-9]{1,2}(?:[-–—.][0-9]{1,3}){1,2}[\s、.:：]+(?=\D)|^(?:续表|表)\s*[0-9]*\s*", re.IGNORECASE
)
_PART = re.compile(r"^(?:[一二三四五六七八九十]{1,3}|续.{0,3}|[0-9]|continued|cont\.?)$", re.IGNORECASE)
_ORDINAL = re.compile(
    r"^\s*(?:\(([0-9]{1,2})\)|([⑴-⒇])|([①-⑳])|([0-9]{1,2})[、)]|([0-9]{1,2})\.(?=\s|[^0-9\s])"
    r"|[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\))\s*"
)
_INNER_ORDINAL = re.compile(rf"^(.*[{CJK}])\s*\(([0-9]{{1,2}})\)\s*(.*[{CJK}].*)$")
_ENGLISH_FIRST = re.compile(rf"^([A-Za-z][A-Za-z0-9 &,.'’/()%\-]*[a-z][A-Za-z0-9 &,.'’/()%\-]*?)\s+(?=[{CJK}])")
_LETTERS = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[a-z]{2}")
_BEHIND_SEPARATOR = re.compile(r"^(.+?)\s*[,，、;:：/|]\s*([^,，、;:：|]{1,30})$")
_UNIT_LINE = re.compile(r"^(?:计量)?单位\s*[:：]?\s*|^units?\s*[:：]\s*", re.IGNORECASE)
_SUFFIX = re.compile(r"^([A-Za-z][A-Za-z0-9_.]*?)[_.]([A-Za-z0-9]+(?:_[A-Za-z]+)?)$")
_NOTE_DIGITS = re.compile(r"(?<=[A-Za-z)])([0-9]{1,2}(?:,[0-9]{1,2})*)$")
_RAISED = re.compile(r"(?<![0-9mM])[⁰¹²³⁴-⁹⁽⁾]+$|[①-⑳*†‡]+$")
_NOTE_NUMBER = re.compile(r"^\s*(?:\(?([0-9]{1,2})\)?[\s.、)）]|([①-⑳])|注\s*([0-9]{1,2}))")
_FORMULAE = frozenset({"co2", "so2", "no2", "pm10", "pm2", "h2", "o3", "nh3", "n2"})


@dataclass(frozen=True)
class Label:
    """One text over a column. `chinese` and `english` are paths, nearly always of one step.

    `scope` is set when the text is nothing but a scope, `bracketed_scope` when one stands in brackets. `only` tells a
    text that is nothing but a unit, a scope or a year from a label.
    """

    printed: str
    chinese: tuple[str, ...] = ()
    english: str = ""
    units: tuple[UnitText, ...] = ()
    scope: str = ""
    bracketed_scope: str = ""
    year: int | None = None
    period: str = ""
    ordinal: int | None = None
    per_head: bool = False
    of_which: bool = False
    notes: tuple[str, ...] = ()
    only: str = ""

    @property
    def words(self) -> str:
        """The label in one piece for comparison, without unit, scope and spaces."""
        return bare("".join(self.chinese) or self.english)


@cache
def read_label(text: str, notes: frozenset[str] = frozenset()) -> Label:
    """Take a text over a column apart; `notes` are the numbers of the notes below the table."""
    printed = tidy(text[:LONGEST])
    period = read_period(printed, notes)
    if period is not None:
        return Label(printed, year=period.year, period=printed, only="year", notes=period.notes)
    scope = _scope_of(printed)
    if scope:
        return Label(printed, scope=scope, only="scope")
    whole = read_unit(_UNIT_LINE.sub("", printed))
    if whole is not None:
        return Label(printed, units=(whole,), only="unit")
    plain, marks = _without_notes(_TABLE_NUMBER.sub("", printed), notes)
    plain, ordinal = _without_ordinal(plain)
    rest, units, bracketed, years = _without_brackets(plain)
    rest, units = _without_bare_unit(rest, units)
    of_which = any(bare(rest).startswith(word) for word in words("of_which"))
    if of_which:
        rest = re.sub(r"^\s*(?:其中|#|of which|including|in which)\s*[:：]?\s*", "", rest, flags=re.IGNORECASE)
    chinese, english = split_languages(rest)
    found = years or years_within(rest)
    steps = _steps(chinese)
    return Label(
        printed,
        steps,
        english,
        units,
        bracketed_scope=bracketed,
        year=found[0] if len(found) == 1 else None,
        ordinal=ordinal if ordinal is not None else _inner_ordinal(chinese),
        per_head=says_per_head(chinese) or says_per_head(english),
        of_which=of_which,
        notes=marks,
    )


def _scope_of(text: str) -> str:
    """The scope that a text is in Chinese, in English or in both."""
    sure = scope_words(sure=True)
    plain = bare(text).strip("()")
    if plain in sure:
        return sure[plain]
    chinese, english = split_languages(text)
    one, other = sure.get(bare(chinese).strip("()"), ""), sure.get(bare(english).strip("()"), "")
    return one if one and one == other else ""


def paired_scope(text: str) -> str:
    """The scope that a word may stand for beside a word for another scope (`地区` beside `市区`)."""
    plain = bare(text).strip("()")
    return scope_words(sure=False).get(plain, "") or scope_words(sure=True).get(plain, "")


def _without_notes(text: str, notes: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """A label without the signs and numbers at its end that point to notes."""
    raised = _RAISED.search(text)
    if raised is not None and raised.start():
        return text[: raised.start()].rstrip(), (raised[0],)
    digits = _NOTE_DIGITS.search(text)
    if digits is None or not notes:
        return text, ()
    marks = tuple(digits[1].split(","))
    last_word = text[: digits.end()].rpartition(" ")[2].casefold()
    if not set(marks) <= notes or any(last_word.endswith(formula) for formula in _FORMULAE):
        return text, ()
    return text[: digits.start()].rstrip(), marks


def _without_ordinal(text: str) -> tuple[str, int | None]:
    match = _ORDINAL.match(text)
    if match is None or match.end() == len(text):
        return text, None
    number = None
    for digits in (match[1], match[4], match[5]):
        number = int(digits) if digits else number
    if match[2]:
        number = ord(match[2]) - ord("⑴") + 1
    if match[3]:
        number = ord(match[3]) - ord("①") + 1
    return text[match.end() :], number


def _without_brackets(text: str) -> tuple[str, tuple[UnitText, ...], str, tuple[int, ...]]:
    """A label without the brackets that hold a unit, a scope, a year or the number of a part."""
    units: list[UnitText] = []
    years: list[int] = []
    scope = ""

    def taken(match: re.Match[str]) -> str:
        nonlocal scope
        inner = (match[1] or match[2] or match[3] or "").strip()
        unit = read_unit(_UNIT_LINE.sub("", inner)) if inner else None
        year = only_year(inner)
        found = _scope_of(inner) if inner else ""
        if unit is not None:
            units.append(UnitText(inner, unit.canonical, unit.multiplier, unit.base))
        elif found:
            scope = found
        elif year is not None:
            years.append(year)
        elif not _PART.match(inner) or (inner.isdigit() and _INNER_ORDINAL.match(text)):
            return match[0]
        return " "

    rest = tidy(_BRACKETS.sub(taken, text))
    return rest, tuple(units), scope, tuple(years)


def _without_bare_unit(text: str, units: tuple[UnitText, ...]) -> tuple[str, tuple[UnitText, ...]]:
    """A label without a unit behind a comma, or behind an underscore in a name made for programs."""
    if units:
        return text, units
    match = _BEHIND_SEPARATOR.match(text)
    if match is not None and (unit := read_unit(match[2])) is not None and not unit.printed.isdigit():
        return match[1].strip(), (unit,)
    named = _SUFFIX.match(text)
    if named is not None:
        ending = named[2].casefold()
        for form in (ending, ending.rpartition("_")[2]):
            if form in wordings()["suffixes"]:
                canonical = str(wordings()["suffixes"][form])
                number, _, base = canonical.rpartition(" ")
                return text, (UnitText(form, canonical, float(number or 1), base),)
    return text, units


def split_languages(text: str) -> tuple[str, str]:
    """The Chinese and the English part of a text: `年末总人口 Total Population` has both."""
    plain = narrow(text)
    if HAS_CJK.search(plain) is None:
        return "", tidy(plain)
    first = _ENGLISH_FIRST.match(plain)
    if first is not None and _WORD.search(first[1]):
        return tidy(plain[first.end() :]), tidy(first[1])
    last = max(match.end() for match in HAS_CJK.finditer(plain))
    tail = plain[last:]
    closing = len(tail) - len(tail.lstrip(" )]】》”、,，。:：;"))
    english = tail[closing:]
    if len(_LETTERS.findall(english)) < 4 or _WORD.search(english) is None:
        return tidy(plain), ""
    return tidy(plain[: last + closing]).rstrip(" ,，、:："), tidy(english)


def _steps(chinese: str) -> tuple[str, ...]:
    """The steps of a Chinese label: `第二产业(1)采矿业` has two."""
    match = _INNER_ORDINAL.match(chinese)
    if match is not None:
        return match[1].strip(), match[3].strip()
    return (chinese,) if chinese else ()


def _inner_ordinal(chinese: str) -> int | None:
    match = _INNER_ORDINAL.match(chinese)
    return int(match[2]) if match else None


def note_marks(note: str) -> tuple[str, ...]:
    """The number or sign with which a note begins."""
    match = _NOTE_NUMBER.match(note)
    return tuple(part for part in match.groups() if part) if match else ()
