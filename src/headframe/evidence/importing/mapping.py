"""The mapping file: what the series, places and marks of an extract mean, kept so that it can be used again."""

from __future__ import annotations

import re
import tomllib
from collections import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from headframe.catalog.load import Catalogue
from headframe.core.errors import HeadframeError, Problems, did_you_mean
from headframe.core.prices import PriceBasis
from headframe.core.units import is_money
from headframe.evidence.check import DIMS, NAMED
from headframe.evidence.importing.extract import Extract, Series
from headframe.evidence.importing.fitting import factor_to
from headframe.evidence.importing.matches import Ask, SeriesMatch
from headframe.evidence.place import row_of_dots
from headframe.evidence.reading.missing import Meaning
from headframe.evidence.schema import METHODS, STATUSES

LARGEST = 8 << 20  # characters
FIRST_YEAR, LAST_YEAR = 1000, 2500
AS_PRINTED = frozenset({"name", "key", "printed"})
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\u202a-\u202e\u2066-\u2069]")
POPULATIONS = frozenset({"registered", "resident"})


@dataclass(frozen=True)
class SourceRule:
    """The source of an import: its id, and for one that the folder lacks what is known of it."""

    source_id: str = ""
    title: str = ""
    publisher: str = ""
    date: str = ""
    language: str = ""
    licence: str = ""
    url: str = ""
    reliability: str = ""


@dataclass(frozen=True)
class PeriodRule:
    """`year` holds where the file says no period; `offset` is added to the years that the file says."""

    year: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class Defaults:
    """What holds for every observation unless its series or its cell says otherwise."""

    price_basis: str = ""
    status: str = "A"
    method: str = "reported"
    vintage: str = ""


@dataclass(frozen=True)
class SeriesRule:
    """What one series becomes. `printed` is the unit as the file printed it when the mapping was made.

    A rule with `ask` waits for a decision: its cells are counted, not converted. `sign` -1 turns the figures round.
    """

    key: str
    indicator: str = ""
    unit: str = ""
    dims: str = ""
    concept: str = ""
    price_basis: str = ""
    sign: int = 1
    skip: bool = False
    ask: tuple[str, ...] = ()
    printed: str = ""

    @property
    def converts(self) -> bool:
        """Whether the cells of this series become observations."""
        return bool(self.indicator) and not self.skip and not self.ask


@dataclass(frozen=True)
class Mapping:
    """A whole mapping. `places` goes from the printed name (or code, or `name|section`) to a place id, `meanings` from
    a mark or its printed text to what it means.
    """

    name: str = ""
    layout: str = "table"
    source: SourceRule = SourceRule()
    period: PeriodRule = PeriodRule()
    defaults: Defaults = Defaults()
    series: tuple[SeriesRule, ...] = ()
    places: abc.Mapping[str, str] = field(default_factory=dict)
    meanings: abc.Mapping[str, str] = field(default_factory=dict)

    @property
    def by_key(self) -> dict[str, SeriesRule]:
        """The rules by the key of their series."""
        return {rule.key: rule for rule in self.series}


def proposed(extract: Extract, matches: Sequence[SeriesMatch], source: SourceRule | None = None) -> Mapping:
    """The mapping that matching proposes; series without any indicator are skipped, open ones ask."""
    series = {one.key: one for one in extract.series}
    return Mapping(
        name=extract.name,
        layout=extract.layout,
        source=source or SourceRule(),
        series=tuple(rule_of(series[item.key], item) for item in matches),
    )


def rule_of(series: Series, item: SeriesMatch) -> SeriesRule:
    """The rule that one match of a series proposes."""
    unit = series.unit
    return SeriesRule(
        key=item.key,
        indicator=item.indicator,
        unit=item.unit,
        dims=item.dims,
        concept=item.concept,
        price_basis=item.price_basis,
        skip=not item.indicator,
        ask=tuple(str(ask) for ask in item.asks) if item.indicator else (),
        printed=unit.printed if unit is not None else "",
    )


def accepted(
    mapping: Mapping,
    keys: Sequence[str] | None = None,
    asks: Sequence[str] = (),
    catalogue: Catalogue | None = None,
) -> Mapping:
    """The mapping with questions answered as proposed: of the series `keys` (all by default), of the kinds `asks`.

    What has no proposal stays a question: a unit that is not known, a concept that nothing tells. With a catalogue, a
    unit that is none of the indicator's is no proposal either: `read_mapping` would refuse it.
    """
    chosen, kinds = frozenset(keys) if keys is not None else None, frozenset(asks) or frozenset(map(str, Ask))
    rules = tuple(
        replace(rule, ask=tuple(ask for ask in rule.ask if ask not in kinds or not _proposes(rule, ask, catalogue)))
        if chosen is None or rule.key in chosen
        else rule
        for rule in mapping.series
    )
    return replace(mapping, series=rules)


def _proposes(rule: SeriesRule, ask: str, catalogue: Catalogue | None) -> bool:
    """Whether a rule holds an answer to one of its questions."""
    if ask == Ask.UNIT:
        indicator = catalogue.indicators.get(rule.indicator) if catalogue is not None else None
        return bool(rule.unit) if indicator is None else factor_to(rule.unit, indicator.unit) is not None
    if ask == Ask.CONCEPT:
        return bool(set(rule.concept.split(";")) & POPULATIONS)
    return bool(rule.price_basis) if ask == Ask.PRICES else True


def read_mapping(text: str, where: str, catalogue: Catalogue) -> Mapping:
    """A mapping from its TOML, every problem at once.

    Raises HF451 for what is no TOML, HF452 for unknown keys, HF453 for values that cannot be, HF454 for unknown ids,
    HF455 for units and price bases that do not fit, HF456 for a series named twice.
    """
    if len(text) > LARGEST:
        raise HeadframeError.of("HF451", where, reason=f"> {LARGEST}")
    if row := row_of_dots(text):
        raise HeadframeError.of("HF451", f"{where}, row {row}", reason="[[[…")
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise HeadframeError.of("HF451", where, reason=str(error).splitlines()[0] if str(error) else "—") from error
    problems = Problems()
    reader = _Reader(where, problems)
    mapping = _mapping(content, reader)
    _check(mapping, reader, catalogue)
    problems.raise_if_any()
    return mapping


class _Reader:
    """Reads typed values out of a TOML table; what does not belong is a problem."""

    def __init__(self, where: str, problems: Problems) -> None:
        self.where, self.problems = where, problems

    def table(self, content: object, part: str) -> dict[str, object]:
        """A table, or an empty one with HF453."""
        if isinstance(content, dict):
            return content
        self.wrong(part, "[…]")
        return {}

    def known(self, content: dict[str, object], part: str, keys: Sequence[str]) -> None:
        """HF452 for every key that is not among those known."""
        for key in sorted(content.keys() - set(keys)):
            self.unknown("HF452", f"{self.where}, {part}", "key", key, list(keys), ", ".join(keys))

    def unknown(self, code: str, where: str, slot: str, text: str, known: list[str], otherwise: str) -> None:
        """A problem with the nearest known word; beyond the first `NAMED` of a code they are counted alone.

        Looking for a near word takes milliseconds, and a file can hold a hundred thousand unknown ones.
        """
        if self.problems.counts.get(code, 0) >= NAMED:
            self.problems.count_more(code, 1)
            return
        values: dict[str, Any] = {slot: text[:80], "suggestion": did_you_mean(text, known) or otherwise}
        self.problems.add(code, where, **values)

    def wrong(self, part: str, expected: str) -> None:
        """HF453 for a value."""
        self.problems.add("HF453", f"{self.where}, {part}", expected=expected)

    def text(self, content: dict[str, object], key: str, part: str, default: str = "") -> str:
        """A text without control characters, but where it repeats what a file prints: there anything can stand."""
        value = content.get(key, default)
        if isinstance(value, str) and (key in AS_PRINTED or _CONTROL.search(value) is None):
            return value
        self.wrong(f"{part} {key}", "text")
        return default

    def number(self, content: dict[str, object], key: str, part: str, default: int | None) -> int | None:
        """A whole number."""
        value = content.get(key, default)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self.wrong(f"{part} {key}", "0, 1, 2 …")
        return default

    def texts(self, content: object, part: str) -> dict[str, str]:
        """A table of texts."""
        found = self.table(content, part)
        return {key: self.text(found, key, part) for key in found}


_TOP = ("name", "layout", "source", "period", "defaults", "series", "places", "meanings")


def _mapping(content: dict[str, object], reader: _Reader) -> Mapping:
    reader.known(content, "—", _TOP)
    listed = content.get("series", [])
    if not isinstance(listed, list):
        reader.wrong("series", "[[series]]")
        listed = []
    rules = [_rule(reader.table(entry, f"series {at}"), f"series {at}", reader) for at, entry in enumerate(listed, 1)]
    return Mapping(
        name=reader.text(content, "name", "—"),
        layout=reader.text(content, "layout", "—", "table"),
        source=SourceRule(**_texts_of(content, "source", SourceRule, reader)),
        period=_period(reader.table(content.get("period", {}), "period"), reader),
        defaults=Defaults(**_texts_of(content, "defaults", Defaults, reader)),
        series=tuple(rules),
        places=reader.texts(content.get("places", {}), "places"),
        meanings=reader.texts(content.get("meanings", {}), "meanings"),
    )


def _texts_of(content: dict[str, object], part: str, model: Callable[..., object], reader: _Reader) -> dict[str, str]:
    table = reader.table(content.get(part, {}), part)
    keys = list(model.__dataclass_fields__)  # type: ignore[attr-defined]
    reader.known(table, part, keys)
    return {key: reader.text(table, key, part) for key in keys if key in table}


def _period(table: dict[str, object], reader: _Reader) -> PeriodRule:
    reader.known(table, "period", ("year", "offset"))
    year, offset = reader.number(table, "year", "period", None), reader.number(table, "offset", "period", 0)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        reader.wrong("period year", f"{FIRST_YEAR} … {LAST_YEAR}")
        year = None
    if offset is None or abs(offset) > LAST_YEAR:
        reader.wrong("period offset", "-1, 0, 1 …")
        offset = 0
    return PeriodRule(year, offset)


def _rule(table: dict[str, object], part: str, reader: _Reader) -> SeriesRule:
    keys = list(SeriesRule.__dataclass_fields__)
    reader.known(table, part, keys)
    texts = ("key", "indicator", "unit", "dims", "concept", "price_basis", "printed")
    sign = reader.number(table, "sign", part, 1)
    skip, asked = table.get("skip", False), table.get("ask", [])
    if sign not in {1, -1}:
        reader.wrong(f"{part} sign", "1, -1")
    if not isinstance(skip, bool):
        reader.wrong(f"{part} skip", "true, false")
    kinds = [str(ask) for ask in Ask]
    if not isinstance(asked, list) or any(ask not in kinds for ask in asked):
        reader.wrong(f"{part} ask", ", ".join(kinds))
        asked = []
    return SeriesRule(
        **{key: reader.text(table, key, part) for key in texts},
        sign=-1 if sign == -1 else 1,
        skip=skip is True,
        ask=tuple(asked),
    )


def _check(mapping: Mapping, reader: _Reader, catalogue: Catalogue) -> None:
    """What the ids, units and codes of a mapping refer to."""
    seen: set[str] = set()
    for number, rule in enumerate(mapping.series, 1):
        part = f"{reader.where}, series {number}"
        if not rule.key:
            reader.wrong(f"series {number} key", "text")
        elif rule.key in seen:
            reader.problems.add("HF456", part, key=rule.key)
        seen.add(rule.key)
        _check_rule(rule, part, reader, catalogue, mapping.defaults)
    defaults = mapping.defaults
    for key, value, allowed in (
        ("status", defaults.status, STATUSES.codes),
        ("method", defaults.method, METHODS.codes),
    ):
        if value not in allowed:
            reader.wrong(f"defaults {key}", ", ".join(allowed))
    if defaults.price_basis and not _is_basis(defaults.price_basis):
        reader.wrong("defaults price_basis", "nominal, real:2015")
    for mark, meaning in mapping.meanings.items():
        if meaning not in set(Meaning):
            reader.wrong(f"meanings {mark}", ", ".join(Meaning))


def _check_rule(rule: SeriesRule, part: str, reader: _Reader, catalogue: Catalogue, defaults: Defaults) -> None:
    if rule.price_basis and not _is_basis(rule.price_basis):
        reader.wrong(f"{part} price_basis", "nominal, real:2015")
    if not re.fullmatch(DIMS, rule.dims):
        reader.wrong(f"{part} dims", "key=value;key=value")
    for concept in rule.concept.split(";") if rule.concept else ():
        if concept not in catalogue.concepts:
            reader.unknown("HF454", part, "id", concept, list(catalogue.concepts), "—")
    _check_indicator(rule, part, reader, catalogue, defaults)


def _check_indicator(rule: SeriesRule, part: str, reader: _Reader, catalogue: Catalogue, defaults: Defaults) -> None:
    if not rule.indicator:
        if not rule.skip and not rule.ask:
            reader.wrong(f"{part} indicator", "skip = true")
        return
    if rule.indicator not in catalogue.indicators:
        reader.unknown("HF454", part, "id", rule.indicator, list(catalogue.indicators), "—")
        return
    wanted = catalogue.indicators[rule.indicator].unit
    if rule.skip or Ask.UNIT in rule.ask:
        return
    if factor_to(rule.unit, wanted) is None:
        reader.problems.add("HF455", part, unit=rule.unit or "—", indicator=rule.indicator, expected=wanted)
    elif is_money(rule.unit) and not (rule.price_basis or defaults.price_basis) and Ask.PRICES not in rule.ask:
        reader.problems.add("HF455", part, unit=rule.unit, indicator=rule.indicator, expected="price_basis = …")


def _is_basis(text: str) -> bool:
    try:
        PriceBasis.parse(text)
    except HeadframeError:
        return False
    return True


def meaning_of_mark(mapping: Mapping, mark: str, raw: str, said: str) -> str:
    """What a mark means: as the mapping says for its printed text or its kind, else as the file says."""
    return mapping.meanings.get(raw.strip()) or mapping.meanings.get(mark) or said


# For those who use the abstract mappings of the standard library beside it.
ImportMapping = Mapping
