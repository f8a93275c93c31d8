"""The tables of the workbook: which columns each sheet has, and its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message, Ref
from headframe.measure.results import Measure, Need
from headframe.show.blocks import Answer, text
from headframe.show.linked import clean
from headframe.show.sections.meter import field_name
from headframe.show.sections.one_page import answers, five_numbers
from headframe.show.spreadsheet import CellValue

if TYPE_CHECKING:
    from headframe.diagnose.results import Evidence
    from headframe.show.linked import ReportWords
    from headframe.show.results_bundle import Report

Row = Sequence[CellValue]
Both = Mapping[str, "ReportWords"]
FIGURE = ("value", "low", "high", "unit", "qualifier", "period", "price_basis", "concept", "status", "method")


@dataclass(frozen=True)
class Heading:
    """A column: its id (also its text id) and its width in characters."""

    id: str
    width: int = 12


@dataclass(frozen=True)
class Sheet:
    """A sheet: its columns, its rows, and how many columns stay in view."""

    id: str
    columns: tuple[Heading, ...]
    rows: tuple[Row, ...]
    frozen: int = 1


def sheets_of(report: Report, words: Both) -> tuple[Sheet, ...]:
    """Every sheet, in reading order; one whose result is missing is left out, the overview says so."""
    found = [_overview(report, words), _observations(report, words), _sources(report)]
    if report.measured is not None:
        found += [_measures(report, words), _meter(report, words)]
    if report.diagnosed is not None:
        found.append(_diagnosis(report, words))
    found += [_findings(report), _missing(report, words), _glossary()]
    others = _others(report, words)
    return tuple(found if not others.rows else [*found, others])


def _columns(*items: str | tuple[str, int]) -> tuple[Heading, ...]:
    return tuple(Heading(item) if isinstance(item, str) else Heading(*item) for item in items)


def _say(words: Both, message: Message | str) -> tuple[str, str]:
    spoken = (words[code].say(message) if isinstance(message, Message) else message for code in ("en", "zh"))
    first, second = (clean(part) for part in spoken)
    return first, second


def _named(words: Both, kind: str, identifier: str) -> tuple[str, str]:
    return words["en"].name(kind, identifier), words["zh"].name(kind, identifier)


def _figure(figure: Figure) -> tuple[CellValue, ...]:
    bounds = (figure.value, figure.low, figure.high)
    return (*bounds, *(str(getattr(figure, name)) for name in FIGURE[3:]))


def _overview(report: Report, words: Both) -> Sheet:
    columns = _columns(("topic_en", 26), ("topic_zh", 18), ("said_en", 70), ("said_zh", 60))
    rows: list[Row] = [(*_say(words, text("workbook.place")), *_named(words, "place", report.place.id))]
    rows += [row for answer in answers(report) for row in _answer(words, answer)]
    if report.measured is not None:
        for number in five_numbers(report.measured):
            name = _named(words, "indicator", number.figure.indicator)
            said = (words[code].figure(number.figure) for code in ("en", "zh"))
            rows.append((*name, *said))
    for record in report.records:
        run = f"{record.verb} {record.id}"
        rows.append((*_say(words, text("page.record.id")), run, run))
    absent = [kind for kind in ("measure", "diagnose") if not report.has(kind)]
    for kind in absent:
        rows.append((*_say(words, text("workbook.absent")), *_say(words, text(f"page.room.{kind}"))))
    rows.append((*_say(words, text("workbook.how")), *_say(words, text("workbook.edit"))))
    return Sheet("overview", columns, tuple(rows), frozen=0)


def _answer(words: Both, answer: Answer) -> Iterator[Row]:
    topic = _say(words, answer.question)
    for number, sentence in enumerate(answer.sentences):
        yield (*(topic if number == 0 else ("", "")), *_say(words, sentence))


TEXT_COLUMNS = (
    *("period_text", "freq", "dims", "qualifier"),
    *("value", "low", "high"),
    *("value_text", "unit", "price_basis", "concept", "status", "method", "vintage", "reference_date"),
    *("boundary_version", "source_id", "locator", "raw_text", "import_id", "note", "note_zh"),
)
WIDE = {"note": 44, "note_zh": 40, "locator": 26, "raw_text": 22, "source_id": 26, "dims": 20, "concept": 22}


def _observations(report: Report, words: Both) -> Sheet:
    """The place's own observations as the folder has them, so that an edited copy can be read back."""
    own = report.observations.filter(report.observations["place_id"] == report.place.id)
    columns = (
        *_columns(("obs_id", 14), ("place_id", 10), ("indicator_id", 28), ("name_en", 34), ("name_zh", 26)),
        *_columns(("period_start", 12), ("period_end", 12)),
        *(Heading(name, WIDE.get(name, 11)) for name in TEXT_COLUMNS),
        *_columns(("amount", 16), ("amount_low", 12), ("amount_high", 12), ("amount_unit", 12), "active"),
    )
    rows = tuple(_observation(row, words) for row in own.iter_rows(named=True))
    return Sheet("observations", columns, rows, frozen=3)


def _observation(row: Mapping[str, Any], words: Both) -> Row:
    def plain(name: str) -> CellValue:
        value = row.get(name)
        return value if isinstance(value, int | float | bool) else "" if value is None else str(value)

    indicator = str(row["indicator_id"])
    entry = catalog().indicators.get(indicator)
    return (
        *(plain(name) for name in ("obs_id", "place_id", "indicator_id")),
        *_named(words, "indicator", indicator),
        *(plain(name) for name in ("period_start", "period_end", *TEXT_COLUMNS)),
        *(plain(name) for name in ("amount", "amount_low", "amount_high")),
        entry.unit if entry else "",
        bool(row.get("active", True)),
    )


def _others(report: Report, words: Both) -> Sheet:
    """The observations of other places that the results rest on, to look at and not to edit."""
    columns = _columns(
        *("ref", ("place_en", 16), ("place_zh", 12), ("name_en", 34), ("name_zh", 26), "dims"),
        *(("period", 12), ("printed", 16), ("printed_unit", 12), ("amount", 16), ("amount_unit", 12)),
        *("price_basis", ("concept", 22), "status", "method", "vintage", ("source_id", 26), ("locator", 26)),
    )
    used = {ref for result in (report.measured, report.diagnosed) if result is not None for ref in result.sources()}
    rows = tuple(
        (
            *(
                entry.ref,
                *_named(words, "place", entry.place),
                *_named(words, "indicator", entry.indicator),
                entry.dims,
            ),
            *(entry.period, entry.value, entry.unit, entry.amount.value, entry.amount.unit),
            *(entry.price_basis, entry.concept, entry.status, entry.method, entry.vintage, entry.source, entry.locator),
        )
        for entry in report.entries.values()
        if entry.place != report.place.id and entry.ref in used
    )
    return Sheet("compared", columns, rows)


def _sources(report: Report) -> Sheet:
    columns = _columns(
        *(("source_id", 26), ("title", 50), ("title_en", 44), ("title_zh", 40), ("author", 20), ("publisher", 24)),
        *("date", "language", ("licence", 20), ("doi", 20), ("url", 30), "reliability", "how_read"),
        *(("note_en", 50), ("note_zh", 44), ("sha256", 20)),
    )
    used = {entry.source for entry in report.entries.values()} | {event.source for event in report.dated_events}
    found = (report.sources[name] for name in sorted(used) if name in report.sources)
    rows = tuple(tuple(str(getattr(source, column.id)) for column in columns) for source in found)
    return Sheet("sources", columns, rows)


def _measures(report: Report, words: Both) -> Sheet:
    names = ("figure_value", *FIGURE[1:])  # `value` is for observations alone
    columns = _columns(
        *("scope", ("indicator_id", 28), ("name_en", 36), ("name_zh", 28), ("dims", 20), *names, "direction"),
        *("province", "nation", "peers", ("observations", 30), ("formula_en", 50), ("formula_zh", 40)),
    )
    measures = report.measured.measures if report.measured is not None else ()
    return Sheet("measures", columns, tuple(_measure(item, words) for item in measures), frozen=3)


def _measure(item: Measure, words: Both) -> Row:
    others = {comparison.kind: comparison.figure.value for comparison in item.comparisons}
    return (
        *(item.scope, item.id, *_named(words, "indicator", item.id), item.dims, *_figure(item.figure), item.direction),
        *(others.get(kind) for kind in ("province", "nation", "peers")),
        ";".join(item.figure.observations),
        *_say(words, item.formula),
    )


def _meter(report: Report, words: Both) -> Sheet:
    columns = _columns(
        *("year", "part", ("id", 28), ("name_en", 36), ("name_zh", 28), "score", "low", "high", "weight", "points"),
        *("coverage", "rank", "ranked", "figure_value", "unit", "bound_low", "bound_high", ("observations", 30)),
    )
    rows: list[Row] = []
    head: Row
    for year in report.measured.meter.years if report.measured is not None else ():
        score = (year.score.value, year.score.low, year.score.high)
        named = _say(words, text("page.meter.name"))
        head = (year.year, "meter", "meter", *named, *score, 1, None, year.coverage, year.rank.value, len(year.ranked))
        rows.append((*head, None, "", None, None, ";".join(year.score.observations)))
        for field in year.fields:
            score = (field.score.value, field.score.low, field.score.high)
            named = _say(words, field_name(field.field))
            head = (year.year, "field", field.field, *named, *score, field.weight, None, field.coverage, None, None)
            rows.append((*head, None, "", None, None, ";".join(field.score.observations)))
        for part in year.contributions:
            score = (part.score.value, part.score.low, part.score.high)
            named = _named(words, "indicator", part.indicator)
            head = (year.year, part.field, part.indicator, *named, *score, part.weight, part.points.value)
            value = (part.value.value, part.value.unit, part.bound_low, part.bound_high)
            rows.append((*head, None, None, None, *value, ";".join(part.value.observations)))
    return Sheet("meter", columns, tuple(rows), frozen=3)


def _diagnosis(report: Report, words: Both) -> Sheet:
    columns = _columns(
        *("part", ("id", 24), ("name_en", 36), ("name_zh", 28), ("state", 16), "severity", "low", "high"),
        *("figure_value", "unit", "period", "weight", "concern", "severe", "grade", ("observations", 30)),
        *(("said_en", 60), ("said_zh", 50)),
    )
    found = report.diagnosed
    rows: list[Row] = []
    head: Row
    for challenge in found.challenges if found is not None else ():
        severity = (challenge.severity.value, challenge.severity.low, challenge.severity.high)
        head = ("challenge", challenge.id, *_say(words, challenge.name), challenge.severity_class, *severity)
        rows.append((*head, None, "", "", None, None, None, "", "", *_say(words, challenge.message)))
        rows += [_piece(piece, words) for piece in challenge.evidence]
    for judgement in found.judgements if found is not None else ():
        head = ("judgement", judgement.id, *_say(words, judgement.name), judgement.state, None, None, None)
        rows.append((*head, None, "", "", None, None, None, "", "", *_say(words, judgement.message)))
        pieces = (*judgement.evidence, *(piece for sign in judgement.signs for piece in sign.evidence))
        rows += [_piece(piece, words) for piece in pieces]
    for loop in found.loops if found is not None else ():
        head = ("loop", loop.id, *_say(words, loop.name), loop.state, None, None, None)
        rows.append((*head, None, "", "", None, None, None, "", "", *_say(words, loop.message)))
    return Sheet("diagnosis", columns, tuple(rows), frozen=4)


def _piece(piece: Evidence, words: Both) -> Row:
    line = piece.threshold
    points = (line.concern.figure.value, line.severe.figure.value, line.severe.grade) if line else (None, None, "")
    severity = (piece.severity.value, piece.severity.low, piece.severity.high)
    figure = (piece.figure.value, piece.figure.unit, piece.figure.period, piece.weight)
    named = _named(words, piece.indicator.kind, piece.indicator.id)
    refs = ";".join(piece.figure.observations)
    return (
        "evidence",
        piece.id,
        *named,
        piece.standing,
        *severity,
        *figure,
        *points,
        refs,
        *_say(words, piece.message),
    )


def _findings(report: Report) -> Sheet:
    columns = _columns(
        *(("finding_id", 14), ("kind", 20), "severity", "decidable", ("about", 26), ("against", 26)),
        *(("treatment", 30), ("note_en", 60), ("note_zh", 50)),
    )
    rows = tuple(
        (
            *(finding.id, finding.kind, finding.severity, finding.decidable),
            *(";".join(finding.about), ";".join(finding.against), finding.treatment, finding.note_en, finding.note_zh),
        )
        for finding in report.audit
    )
    return Sheet("findings", columns, rows)


def _missing(report: Report, words: Both) -> Sheet:
    columns = _columns(
        *(("indicator_id", 28), ("name_en", 36), ("name_zh", 28), ("place_id", 12), "period", ("dims", 20)),
        *(("reason_en", 60), ("reason_zh", 50), ("command", 44)),
    )
    return Sheet("missing", columns, tuple(_need(need, words) for need in report.needs()))


def _need(need: Need, words: Both) -> Row:
    names = _named(words, Ref(kind="indicator", id=need.indicator).kind, need.indicator)
    return (need.indicator, *names, need.place, need.period, need.dims, *_say(words, need.reason), need.command)


def _glossary() -> Sheet:
    columns = _columns(
        ("id", 26), ("name_en", 34), ("name_zh", 22), ("definition_en", 60), ("definition_zh", 50), "verified"
    )
    rows = tuple(
        (term.id, term.name_en, term.name_zh, term.definition_en, term.definition_zh, term.status)
        for term in catalog().terms.values()
    )
    return Sheet("glossary", columns, rows)
