"""Matching: what each series of an extract is, with reasons; what is not sure becomes a question, never a guess."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from headframe.catalog.load import Catalogue
from headframe.catalog.schema import Indicator
from headframe.core.errors import HeadframeError, shown
from headframe.core.results import Message, Ref
from headframe.core.units import is_money
from headframe.evidence.check import DIMS
from headframe.evidence.importing.concordance import Concordance, Entry, concept_text, concordance, plain
from headframe.evidence.importing.extract import Extract, Series
from headframe.evidence.importing.fitting import Fit, fit
from headframe.evidence.importing.identities import with_identities
from headframe.evidence.importing.labels import Candidate, candidates, near, restricting, says_rate
from headframe.evidence.importing.matches import SURE, Alternative, Ask, SeriesMatch
from headframe.evidence.importing.plausible import better_unit, bounds_of, middle_fits, with_plausible_units

ALTERNATIVES = 3
MOST_NEAR = 2000  # series without a label of the concordance for which near ones are looked for
DISTRICTS = "urban-districts"
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
# What reading doubted that makes the unit a question.
_UNIT_DOUBTS = frozenset({"reading.units-disagree", "reading.unit-of-rate"})


def match(extract: Extract, catalogue: Catalogue, words: Concordance | None = None) -> tuple[SeriesMatch, ...]:
    """What every series is, in the order of the extract.

    A series keeps a question (`asks`) where its label is not sure, its unit is not said or does not fit, a concept
    is open, its figures are implausible, or another series has the same target. Identities between series
    (product = product per head × population) settle what they can, and say what they cannot.
    """
    known = words or concordance()
    looked = 0
    found = []
    for series in extract.series:
        listed = candidates(series, known)
        if not listed and looked < MOST_NEAR:
            looked += 1
            listed = near(series, known)
        found.append(_match(series, listed, catalogue, known))
    told = with_identities(extract, found, catalogue)
    return _with_conflicts(with_plausible_units(extract, told, catalogue, known))


def _match(series: Series, listed: list[Candidate], catalogue: Catalogue, words: Concordance) -> SeriesMatch:
    """The best candidate whose unit fits; the others are alternatives."""
    listed = [item for item in listed if _possible(item, series, catalogue, words)]
    fitting = [item for item in listed if _fit(item, series, catalogue).fits]
    if not listed:
        reason = Message(id="importing.no-label")
        return SeriesMatch(series.key, asks=(Ask.INDICATOR,), reasons=(reason,))
    best = max(fitting or listed, key=lambda item: item.score)
    made = _matched(series, best, catalogue, words)
    others = [item for item in listed if item.entry.id != best.entry.id][:ALTERNATIVES]
    reasons = list(made.reasons)
    other = next((item for item in others if item.language != best.language and item.how in {"label", "codes"}), None)
    if other is not None and other.entry.indicator != best.entry.indicator and best.how != "near":
        reasons.append(Message(id="importing.languages-disagree", values={"other": _named(other.entry, series)}))
    alternatives = tuple(
        Alternative(
            _indicator(item.entry, series),
            item.entry.dims_text,
            concept_text([*item.entry.concept, series.scope]),
            round(item.score, 3),
        )
        for item in others
    )
    return replace(made, reasons=tuple(reasons), alternatives=(*made.alternatives, *alternatives))


def _possible(item: Candidate, series: Series, catalogue: Catalogue, words: Concordance) -> bool:
    """Whether a candidate is one at all: where a label is only near, a unit or a rate may say that it is not."""
    of = catalogue.indicators.get(_indicator(item.entry, series))
    if of is None:
        return False
    if item.how not in {"near", "weak"}:
        return True
    return _fit(item, series, catalogue).how != "unit-differs" and (of.kind == "ratio" or not says_rate(series, words))


def _matched(series: Series, chosen: Candidate, catalogue: Catalogue, words: Concordance) -> SeriesMatch:
    """A series as the chosen candidate, with everything that is open about it."""
    entry = chosen.entry
    concepts, asked, options = _concepts(series, entry, words)
    indicator = _indicator(entry, series, concepts)
    of = catalogue.indicators[indicator]
    asks, reasons = [], [Message(id=f"importing.by-{chosen.how}", values={"indicator": _ref(indicator)})]
    if chosen.score < SURE:
        asks.append(Ask.INDICATOR)
    fitted = fit(series, of.unit, entry.unit)
    if chosen.how == "codes" and not fitted.said and entry.unit:
        fitted = Fit(entry.unit, said=True, fits=True, how="unit-of-code")  # the publisher's code fixes the unit
    asks += _unit_asks(series, fitted, reasons)
    basis, open_prices = _prices(series, fitted, of, words, reasons)
    if open_prices:
        asks.append(Ask.PRICES)
    if asked:
        asks.append(Ask.CONCEPT)
        reasons.append(Message(id="importing.concept-open", values={"concepts": ", ".join(options)}))
    score = chosen.score if fitted.fits else chosen.score * 0.4
    middle = bounds_of(words, "middles", indicator) if fitted.said else (None, None)
    if not middle_fits(series, fitted.unit, of, middle):
        score *= 0.7
        reasons.append(Message(id="importing.values-implausible", values={"median": series.median or 0.0}))
        better = better_unit(series, fitted.unit, of, middle) if fitted.fits else ""
        asks.append(Ask.UNIT if better else Ask.VALUES)
        if better:  # what is accepted is the plausible unit, never the implausible one
            fitted = replace(fitted, unit=better)
            reasons.append(Message(id="importing.unit-perhaps", values={"unit": better}))
    alternatives = tuple(
        Alternative(
            _indicator(entry, series, [concept]), entry.dims_text, concept_text([*concepts, concept, series.scope]), 0.5
        )
        for concept in options
    )
    return SeriesMatch(
        key=series.key,
        indicator=indicator,
        dims=_dims(series, entry, words),
        concept=concept_text([*concepts, series.scope]),
        unit=fitted.unit,
        price_basis=basis,
        confidence=round(score, 3),
        asks=tuple(dict.fromkeys(asks)),
        reasons=tuple(reasons),
        alternatives=alternatives,
    )


def _indicator(entry: Entry, series: Series, concepts: Sequence[str] = ()) -> str:
    if entry.districts and series.scope == DISTRICTS:
        return entry.districts
    return next((entry.becomes[concept] for concept in concepts if concept in entry.becomes), entry.indicator)


def _dims(series: Series, entry: Entry, words: Concordance) -> str:
    """The dimensions of the entry, with the codes that restrict a series and that no entry names."""
    dims = dict(entry.dims)
    if not entry.codes:
        codes = restricting(series, words)
        told = {key: shown(" ".join(value.split())) for key, value in codes.items()}  # what is kept can be read again
        dims |= {key: value for key, value in told.items() if re.fullmatch(DIMS, f"{key}={value}")}
    return ";".join(f"{key}={value}" for key, value in sorted(dims.items()))


def _fit(item: Candidate, series: Series, catalogue: Catalogue) -> Fit:
    return fit(series, catalogue.indicators[_indicator(item.entry, series)].unit, item.entry.unit)


def _named(entry: Entry, series: Series) -> Ref:
    return _ref(_indicator(entry, series))


def _ref(indicator: str) -> Ref:
    return Ref(kind="indicator", id=indicator)


def _concepts(series: Series, entry: Entry, words: Concordance) -> tuple[list[str], bool, tuple[str, ...]]:
    """The concepts that label and entry say, whether one is open, and the ones it may be."""
    path = "/".join(plain(step) for step in (*series.chinese, *series.english))
    found = list(entry.concept)
    for axis in entry.axes:
        found += [concept for word, concept in words.concept_words[axis] if word in path][:1]
    if not entry.one_of:
        return found, False, ()
    notes = "/".join(plain(note) for note in series.notes)
    told = {c for word, c in words.concept_words["population"] if word in path or word in notes} & set(entry.one_of)
    if len(told) == 1:
        return [*found, *told], False, ()
    return found, "one_of" not in entry.optional, entry.one_of


def _unit_asks(series: Series, fitted: Fit, reasons: list[Message]) -> list[Ask]:
    if fitted.how:
        said = series.unit.printed if series.unit is not None else ""
        reasons.append(Message(id=f"importing.{fitted.how}", values={"unit": fitted.unit, "printed": said}))
    doubted = [reason for reason in series.reasons if reason.id in _UNIT_DOUBTS]
    reasons += doubted
    if series.reasons and any(reason.id == "reading.label-repeated" for reason in series.reasons):
        reasons.append(Message(id="reading.label-repeated"))
        return [Ask.TARGET, *([Ask.UNIT] if doubted or not fitted.said or not fitted.fits else [])]
    return [Ask.UNIT] if doubted or not fitted.said or not fitted.fits else []


def _prices(series: Series, fitted: Fit, of: Indicator, words: Concordance, reasons: list[Message]) -> tuple[str, bool]:
    """The price basis of money, and whether it is open: published amounts are at current prices unless they say so."""
    try:
        money = is_money(fitted.unit or of.unit)
    except HeadframeError:
        return "", False
    if not money:
        return "", False
    if said_by_code := series.codes.get("price_basis", ""):
        return said_by_code, False
    path = "/".join((*series.chinese, *series.english))
    bare_path = plain(path)
    if any(word in bare_path for word in words.plain_words("constant")):
        year = _YEAR.search(path)
        return (f"real:{year[1]}", False) if year else ("", True)
    said = any(word in bare_path for word in words.plain_words("current"))
    reasons.append(Message(id="importing.prices-said" if said else "importing.prices-usual"))
    return "nominal", False


def _with_conflicts(found: list[SeriesMatch]) -> tuple[SeriesMatch, ...]:
    """Series with the same target are asked about, all of them."""
    sharing: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for item in found:
        if item.indicator and Ask.INDICATOR not in item.asks:
            sharing[item.target].append(item.key)
    made = []
    for item in found:
        others = [key for key in sharing.get(item.target, ()) if key != item.key]
        if not others or item.key not in sharing[item.target]:
            made.append(item)
            continue
        reason = Message(id="importing.same-target", values={"other": others[0]})
        asks = tuple(dict.fromkeys((*item.asks, Ask.TARGET)))
        made.append(replace(item, asks=asks, reasons=(*item.reasons, reason)))
    return tuple(made)
