"""The tables of the workbook: which columns each sheet has, and its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message, Ref
from headframe.measure.results import Measure, Need
from headframe.show.audited import summary as audit_summary
from headframe.show.blocks import Answer, text
from headframe.show.codes import NUMBERS, coded, column_rows, evidence_columns
from headframe.show.linked import clean
from headframe.show.sections.one_page import answers, five_numbers
from headframe.show.sheet import Heading, Row, Sheet, headings
from headframe.show.sheets_audit import audit_sheets
from headframe.show.spreadsheet import CellValue

if TYPE_CHECKING:
    import polars as pl

    from headframe.core.provenance import RunRecord
    from headframe.diagnose.results import Evidence
    from headframe.show.linked import ReportWords
    from headframe.show.results_bundle import Kind, Observation, Report

Both = Mapping[str, "ReportWords"]
KINDS_SHOWN: tuple[Kind, ...] = ("audit", "measure", "diagnose")
GUIDE = ("read", "numbers", "edit", "rows", "unofficial")
FIGURE = ("value", "low", "high", "unit", "qualifier", "period", "price_basis", "concept", "status", "method")


def sheets_of(report: Report, words: Both) -> tuple[Sheet, ...]:
    """Every sheet, in reading order; one whose result is missing is left out, the overview says so."""
    found = [_overview(report, words), _observations(report), _named_evidence(report, words, "evidence")]
    found.append(_sources(report))
    if report.measured is not None:
        found += [_measures(report, words), _meter(report, words)]
    if report.diagnosed is not None:
        found.append(_diagnosis(report, words))
    if report.audited is not None:
        found += audit_sheets(report.audited, words)
    found += [_findings(report), _events(report), _missing(report, words)]
    others = _named_evidence(report, words, "compared")
    found += [others] if others.rows else []
    return (*found, _columns_explained(report, words), _lists(words), _glossary(), _records(report))


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
    columns = headings(("topic_en", 26), ("topic_zh", 18), ("said_en", 70), ("said_zh", 60))
    rows: list[Row] = [(*_say(words, text("workbook.place")), *_named(words, "place", report.place.id))]
    rows += [row for answer in answers(report) for row in _answer(words, answer)]
    if report.measured is not None:
        for number in five_numbers(report.measured):
            name = _named(words, "indicator", number.figure.indicator)
            said = (words[code].figure(number.figure) for code in ("en", "zh"))
            rows.append((*name, *said))
    if report.audited is not None:
        rows.append((*_say(words, text("integrity.name")), *_say(words, audit_summary(report.audited))))
    for kind in KINDS_SHOWN:
        rows += [_state(report, words, kind)] if not report.has(kind) or kind in report.stale else []
    rows += [(*_say(words, text(f"workbook.{part}")), *_say(words, text(f"workbook.{part}.text"))) for part in GUIDE]
    rows += [_run(record, words) for record in report.records]
    return Sheet("overview", columns, tuple(rows), frozen=0)


def _state(report: Report, words: Both, kind: Kind) -> Row:
    """Why a part is not there, or that it is out of date."""
    topic = _say(words, text(f"page.room.{kind}"))
    if kind in report.failures:
        problems = report.failures[kind].problems
        said = (" ".join(f"{one.code} {one.where}: {one.why(code)}" for one in problems) for code in ("en", "zh"))
        return (*topic, *(clean(part) for part in said))
    return (*topic, *_say(words, text("page.state.stale" if kind in report.stale else "workbook.absent")))


def _run(record: RunRecord, words: Both) -> Row:
    """Which run this is; the sheet of run records has all that is needed to repeat it."""
    run = f"{record.verb} {record.id}"
    return (*_say(words, text("page.record.id")), run, run)


def _records(report: Report) -> Sheet:
    columns = headings(("verb", 14), ("part", 12), ("key", 26), ("held", 70))
    rows: list[Row] = []
    for record in report.records:
        rows += [(record.verb, part, part, str(getattr(record, part))) for part in ("id", "seed", "backend")]
        for part, held in (("versions", record.versions), ("options", record.options), ("inputs", record.inputs)):
            rows += [(record.verb, part, key, value) for key, value in held.items()]
    return Sheet("records", columns, tuple(rows))


def _answer(words: Both, answer: Answer) -> Iterator[Row]:
    topic = _say(words, answer.question)
    for number, sentence in enumerate(answer.sentences):
        yield (*(topic if number == 0 else ("", "")), *_say(words, sentence))


WIDE = {"obs_id": 14, "indicator_id": 28, "dims": 20, "period_text": 14, "value_text": 14, "concept": 22}
WIDE |= {"source_id": 26, "locator": 26, "raw_text": 22, "note": 44, "note_zh": 44}


def _observations(report: Report) -> Sheet:
    """The place's own observations as the folder has them and nothing else, so that an edited copy can be read back."""
    own = report.observations.filter(report.observations["place_id"] == report.place.id)
    names = evidence_columns(report)
    columns = tuple(Heading(name, WIDE.get(name, 11)) for name in names)
    rows = tuple(tuple(_entered(row, name) for name in names) for row in own.iter_rows(named=True))
    return Sheet("observations", columns, rows, frozen=3, editable=True, past=_past(own))


def _past(own: pl.DataFrame) -> frozenset[int]:
    """The positions of withdrawn rows and of those that a correction in force replaces."""
    rows = list(own.iter_rows(named=True))
    replaced = {row.get("replaces") for row in rows if row.get("active", True)} - {None, ""}
    return frozenset(
        place for place, row in enumerate(rows) if not row.get("active", True) or row["obs_id"] in replaced
    )


def _entered(row: Mapping[str, Any], name: str) -> CellValue:
    value = row.get(name)
    if value is None:
        return None
    return float(value) if name in NUMBERS else str(value)


def _named_evidence(report: Report, words: Both, sheet: str) -> Sheet:
    """Observations with names and converted amounts, to look at: the place's own, or those it is compared with."""
    columns = headings(
        *("ref", ("place_en", 16), ("place_zh", 12), ("name_en", 34), ("name_zh", 26), "dims"),
        *(("period", 12), "qualifier", ("printed", 16), ("printed_unit", 12), ("amount", 16), ("amount_unit", 12)),
        *("price_basis", ("concept", 22), "status", "method", "vintage", ("source_id", 26), ("locator", 26)),
    )
    used = {ref for result in (report.measured, report.diagnosed) if result is not None for ref in result.sources()}
    own = sheet == "evidence"
    found = [
        entry
        for entry in report.entries.values()
        if (entry.place == report.place.id) == own and entry.active and (own or entry.ref in used)
    ]
    rows = tuple(_entry(entry, words) for entry in found)
    return Sheet(sheet, columns, rows)


def _entry(entry: Observation, words: Both) -> Row:
    named = (*_named(words, "place", entry.place), *_named(words, "indicator", entry.indicator))
    value = (entry.period, entry.qualifier, entry.value, entry.unit, entry.amount.value, entry.amount.unit)
    standing = (entry.price_basis, entry.concept, entry.status, entry.method, entry.vintage)
    return (entry.ref, *named, entry.dims, *value, *standing, entry.source, entry.locator)


def _sources(report: Report) -> Sheet:
    columns = headings(
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
    columns = headings(
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
    columns = headings(
        *("year", "part", ("id", 28), ("name_en", 36), ("name_zh", 28), "score", "low", "high", "weight", "points"),
        *(
            "coverage",
            "rank",
            "rank_low",
            "rank_high",
            "ranked",
            "figure_value",
            "unit",
            "bound_low",
            "bound_high",
            ("observations", 30),
        ),
    )
    rows: list[Row] = []
    head: Row
    for year in report.measured.meter.years if report.measured is not None else ():
        score = (year.score.value, year.score.low, year.score.high)
        named = _say(words, text("page.meter.name"))
        head = (year.year, "meter", "meter", *named, *score, 1, None, year.coverage)
        rank = (year.rank.value, year.rank.low, year.rank.high, len(year.ranked))
        rows.append((*head, *rank, None, "", None, None, ";".join(year.score.observations)))
        for field in year.fields:
            score = (field.score.value, field.score.low, field.score.high)
            named = _say(words, field.name)
            head = (
                year.year,
                "field",
                field.field,
                *named,
                *score,
                field.weight,
                None,
                field.coverage,
                None,
                None,
                None,
                None,
            )
            rows.append((*head, None, "", None, None, ";".join(field.score.observations)))
        for part in year.contributions:
            score = (part.score.value, part.score.low, part.score.high)
            named = _named(words, "indicator", part.indicator)
            head = (year.year, part.field, part.indicator, *named, *score, part.weight, part.points.value)
            value = (part.value.value, part.value.unit, part.bound_low, part.bound_high)
            rows.append((*head, None, None, None, None, None, *value, ";".join(part.value.observations)))
    return Sheet("meter", columns, tuple(rows), frozen=3)


def _diagnosis(report: Report, words: Both) -> Sheet:
    columns = headings(
        *("part", ("id", 24), ("name_en", 36), ("name_zh", 28), ("state", 16), "severity", "low", "high"),
        *(
            ("confidence", 12),
            "figure_value",
            "unit",
            "period",
            "weight",
            "concern",
            "severe",
            "grade",
            ("observations", 30),
        ),
        *(("said_en", 60), ("said_zh", 50)),
    )
    found = report.diagnosed
    rows: list[Row] = []
    head: Row
    for challenge in found.challenges if found is not None else ():
        severity = (challenge.severity.value, challenge.severity.low, challenge.severity.high)
        head = ("challenge", challenge.id, *_say(words, challenge.name), challenge.severity_class, *severity)
        head = (*head, challenge.confidence.grip)
        rows.append((*head, None, "", "", None, None, None, "", "", *_say(words, challenge.message)))
        rows += [_piece(piece, words) for piece in challenge.evidence]
    for judgement in found.judgements if found is not None else ():
        head = ("judgement", judgement.id, *_say(words, judgement.name), judgement.state, None, None, None, "")
        rows.append((*head, None, "", "", None, None, None, "", "", *_say(words, judgement.message)))
        pieces = (*judgement.evidence, *(piece for sign in judgement.signs for piece in sign.evidence))
        rows += [_piece(piece, words) for piece in pieces]
    for loop in found.loops if found is not None else ():
        head = ("loop", loop.id, *_say(words, loop.name), loop.state, None, None, None, "")
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
        "",
        *figure,
        *points,
        refs,
        *_say(words, piece.message),
    )


def _findings(report: Report) -> Sheet:
    columns = headings(
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


def _events(report: Report) -> Sheet:
    columns = headings(
        *(("event_id", 14), ("date_start", 12), ("date_end", 12), ("date_text", 18), ("kind", 14), ("title_en", 60)),
        *(("title_zh", 50), "qualifier", ("source_id", 26), ("locator", 26), ("note_en", 50), ("note_zh", 44)),
    )
    at = {event.id: place for place, event in enumerate(report.dated_events)}
    found = sorted(report.events.iter_rows(named=True), key=lambda row: at.get(str(row["event_id"]), len(at)))
    rows = tuple(tuple("" if (v := row.get(c.id)) is None else str(v) for c in columns) for row in found)
    return Sheet("events", columns, rows)


def _columns_explained(report: Report, words: Both) -> Sheet:
    columns = headings(("column", 20), ("name_en", 26), ("name_zh", 20), ("about_en", 70), ("about_zh", 60))
    return Sheet("columns", columns, column_rows(report, words))


def _lists(words: Both) -> Sheet:
    columns = headings(("list", 16), ("code", 34), ("name_en", 44), ("name_zh", 36), ("unit", 14))
    return Sheet("lists", columns, coded(words), frozen=2)


def _missing(report: Report, words: Both) -> Sheet:
    columns = headings(
        *(("indicator_id", 28), ("name_en", 36), ("name_zh", 28), ("place_id", 12), "period", ("dims", 20)),
        *(("reason_en", 60), ("reason_zh", 50), ("command", 44)),
    )
    return Sheet("missing", columns, tuple(_need(need, words) for need in report.needs()))


def _need(need: Need, words: Both) -> Row:
    names = _named(words, Ref(kind="indicator", id=need.indicator).kind, need.indicator)
    return (need.indicator, *names, need.place, need.period, need.dims, *_say(words, need.reason), need.command)


def _glossary() -> Sheet:
    columns = headings(
        ("id", 26), ("name_en", 34), ("name_zh", 22), ("definition_en", 60), ("definition_zh", 50), "verified"
    )
    rows = tuple(
        (term.id, term.name_en, term.name_zh, term.definition_en, term.definition_zh, term.status)
        for term in catalog().terms.values()
    )
    return Sheet("glossary", columns, rows)
