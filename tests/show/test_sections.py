"""Sections: their order, their states, and that a missing room or figure is said and never made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from headframe.core.errors import HeadframeError
from headframe.core.results import Figure, Message
from headframe.show import sections as registry
from headframe.show.blocks import (
    Answer,
    Block,
    Fold,
    Heading,
    Missing,
    Notice,
    Numbers,
    Paragraph,
    SectionContent,
    Table,
    text,
)
from headframe.show.results_bundle import Kind, Report, places_named, year_fraction
from headframe.show.sections import State, content_of, register, sections
from headframe.show.sections.one_page import answers, five_numbers, since_the_peak
from headframe.show.sections.where import against_peers
from tests.show.fake import Recipe
from tests.show.fake import report as fake_report
from tests.show.fake_evidence import row, rows

IDS = ("one-page", "where", "why", "could-follow", "try-it", "plan", "programmes", "integrity", "unknown", "sources")


def blocks_of(report: Report, name: str) -> tuple[Block, ...]:
    return content_of(next(section for section in sections() if section.id == name), report).blocks


def flat(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Fold):
            yield from flat(block.blocks)


def states(report: Report) -> dict[str, State]:
    return {section.id: section.state(report) for section in sections()}


def test_sections_stand_in_the_order_of_the_law() -> None:
    assert tuple(section.id for section in sections()) == IDS


def test_states_of_a_full_report(report: Report) -> None:
    found = states(report)
    assert [name for name, state in found.items() if state == "ready"] == [
        "one-page",
        "where",
        "why",
        "integrity",
        "unknown",
        "sources",
    ]
    assert [name for name, state in found.items() if state == "empty"] == [
        "could-follow",
        "try-it",
        "plan",
        "programmes",
    ]


def test_without_results_sections_say_what_would_fill_them() -> None:
    bare = fake_report(Recipe(measure=False, diagnose=False))
    assert states(bare)["where"] == "empty"
    assert states(bare)["why"] == "empty"
    (notice,) = blocks_of(bare, "where")
    assert isinstance(notice, Notice)
    assert notice.commands == ("headframe measure oldmine",)


def test_without_anything_the_first_page_says_so() -> None:
    nothing = fake_report(Recipe(entries=[], measure=False, diagnose=False))
    assert states(nothing)["one-page"] == "empty"
    assert states(nothing)["sources"] == "ready"


def test_rooms_to_come_offer_no_command_that_does_not_exist(report: Report) -> None:
    for name in ("could-follow", "try-it", "plan", "programmes"):
        (notice,) = blocks_of(report, name)
        assert isinstance(notice, Notice)
        assert notice.commands == ()


def test_a_failed_verb_is_shown_with_code_where_why_and_fix() -> None:
    error = HeadframeError.of("HF317", "oldmine/evidence/observations.csv, row 7", text="gpd", suggestion="gdp")
    failed = fake_report(Recipe(diagnose=False), failures={"diagnose": error})
    assert states(failed)["why"] == "failed"
    (notice,) = blocks_of(failed, "why")
    assert isinstance(notice, Notice)
    ((code, where, why, fix),) = notice.problems
    assert (code, where) == ("HF317", "oldmine/evidence/observations.csv, row 7")
    assert "gpd" in why.en
    assert why.zh != why.en
    assert fix.zh


def test_a_failure_leaves_standing_what_is_there() -> None:
    error = HeadframeError.of("HF317", "x", text="gpd", suggestion="gdp")
    failed = fake_report(Recipe(diagnose=False), failures={"diagnose": error})
    kinds = [type(block).__name__ for block in blocks_of(failed, "one-page")]
    assert kinds[0] == "Notice"
    assert "Answer" in kinds


def test_a_stale_result_is_shown_under_a_notice(report: Report) -> None:
    stale = fake_report(stale=frozenset({"measure"}))
    assert states(stale)["where"] == "stale"
    assert states(stale)["why"] == "ready"
    first, *rest = blocks_of(stale, "where")
    assert isinstance(first, Notice)
    assert first.kind == "stale"
    assert len(rest) == len(blocks_of(report, "where"))


def test_a_sentence_whose_room_is_missing_is_left_out() -> None:
    full = [answer.question.id for answer in answers(fake_report())]
    assert full == ["page.answer.where", "page.answer.why", "page.answer.unknown"]
    undiagnosed = [answer.question.id for answer in answers(fake_report(Recipe(diagnose=False)))]
    assert "page.answer.why" not in undiagnosed
    rooms = [block for block in blocks_of(fake_report(Recipe(diagnose=False)), "sources") if isinstance(block, Heading)]
    assert rooms[0].anchor == "sources-missing"


def test_no_score_is_said_with_how_much_is_missing() -> None:
    without = [entry for entry in rows() if entry["indicator_id"] != "gdp_per_head"]
    found = next(
        answer for answer in answers(fake_report(Recipe(entries=without))) if answer.question.id == "page.answer.where"
    )
    last = found.sentences[-1]
    assert last.id == "page.where.no-score"
    assert last.values["coverage"] == Figure(value=10, unit="%", method="derived")


def test_five_numbers_are_known_ones_and_say_how_they_moved(report: Report) -> None:
    assert report.measured is not None
    found = five_numbers(report.measured)
    assert len(found) == 5
    assert all(number.figure.known for number in found)
    moved = {number.figure.indicator: [message.id for message in number.since] for number in found}
    assert "page.since.fell" in moved["population_resident"]
    assert "page.since.rose" in moved["general_budget_revenue"]
    assert moved["subsidence_area"] == ["page.number.undated"] or "page.number.period" in moved["subsidence_area"]


def test_deleting_evidence_removes_the_number_and_adds_a_need() -> None:
    without = [entry for entry in rows() if entry["indicator_id"] != "laid_off_aged_45_plus_share"]
    poorer = fake_report(Recipe(entries=without))
    assert poorer.measured is not None
    assert poorer.diagnosed is not None
    measure = poorer.measured.measure("laid_off_aged_45_plus_share")
    assert measure is not None
    assert not measure.known
    tables = [block for block in flat(blocks_of(poorer, "where")) if isinstance(block, Table)]
    cells = [cell for table in tables for line in table.rows for cell in line.cells if isinstance(cell, Figure)]
    assert all(cell.value != 0.0 for cell in cells)
    challenge = poorer.diagnosed.challenge("labour")
    assert challenge is not None
    assert challenge.severity_class == "not-known"
    assert any(isinstance(block, Missing) for block in flat(blocks_of(poorer, "why")))


def test_the_picture_compares_each_series_with_its_own_peak(report: Report) -> None:
    assert report.measured is not None
    picture = since_the_peak(report, report.measured)
    assert picture is not None
    people = picture.series[0].figures
    assert max(figure.value or 0 for figure in people) == 100.0
    assert people[-1].value == pytest.approx(100 * 1.62e6 / 1.82e6)
    assert set(people[-1].observations) == {"oldmine/oldmine-0004", "oldmine/oldmine-0001"}
    assert people[-1].steps[0].id == "charts.step.peak"


def test_a_place_among_peers_is_drawn_from_worst_to_best() -> None:
    made = fake_report()
    assert made.measured is not None
    gdp = made.measured.measure("gdp_per_head")
    assert gdp is not None
    down = gdp.model_copy(update={"id": "unemployment_rate", "direction": "down"})
    found = against_peers(made, [gdp, down], "structure")
    assert found is not None
    up_item, down_item = found.items
    assert up_item.at == pytest.approx(100 * (36150 - 30000) / 30000)
    assert down_item.at == pytest.approx(100 - (up_item.at or 0.0))


def test_findings_concern_their_observations_and_find_those_of_other_places(report: Report) -> None:
    (finding,) = report.audit
    assert finding.against == ("oldmine/oldmine-0034", "newmine/newmine-0001")
    assert report.findings_on["newmine/newmine-0001"] == (finding,)


def test_rivals_are_the_other_values_for_the_same_thing(report: Report) -> None:
    assert report.rivals["oldmine/oldmine-0003"] == ("oldmine/oldmine-0034",)
    assert report.rivals["oldmine/oldmine-0033"] == ()


def test_withdrawn_rows_are_no_rivals_but_stay_in_the_table(report: Report) -> None:
    assert "oldmine/oldmine-0036" in report.entries
    assert not report.entries["oldmine/oldmine-0036"].active
    assert all("oldmine/oldmine-0036" not in others for others in report.rivals.values())


def test_events_stand_in_time_order_with_undated_ones_last(report: Report) -> None:
    assert [event.id for event in report.dated_events] == ["e-1", "e-4", "e-2", "e-3"]
    assert report.dated_events[0].at == pytest.approx(2005 + 4 / 12 + 30 / 372)


@pytest.mark.parametrize(
    ("date", "found"),
    [("2001", 2001.0), ("2001-07", 2001.5), ("", None), ("n.d.", None), ("2001-13-01", None), ("01-2001", None)],
)
def test_dates_as_years(date: str, found: float | None) -> None:
    assert year_fraction(date) == found


def test_places_named_by_results(report: Report) -> None:
    assert places_named((report.measured, report.diagnosed, None)) == ("farmine", "lowmine", "newmine", "oldmine")


def test_observations_without_a_catalogue_entry_still_show() -> None:
    odd = fake_report(Recipe(entries=[*rows(), row(99, "an_indicator_of_ones_own", 2020, 3.0, "t")]))
    assert odd.entries["oldmine/oldmine-0099"].amount.unit == "t"


@dataclass(frozen=True)
class Extra:
    id: str = "extra"
    order: int = 4
    requires: tuple[Kind, ...] = ()

    def state(self, _report: Report, /) -> State:
        return "ready"

    def build(self, _report: Report, /) -> SectionContent:
        return SectionContent((Paragraph((text("page.about"),)),))


def test_a_later_room_adds_its_section_through_the_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    register(Extra())
    assert [section.id for section in sections()][3:5] == ["could-follow", "extra"]
    register(Extra(id="could-follow"))
    assert type(next(section for section in sections() if section.id == "could-follow")) is Extra


def test_content_lists_its_charts_and_tables(report: Report) -> None:
    content = content_of(next(section for section in sections() if section.id == "where"), report)
    assert {"meter", "lifecycle"} <= {chart.id for chart in content.charts}
    assert "single-people" in {table.id for table in content.tables}
    assert isinstance(next(iter(blocks_of(report, "one-page"))), Answer)
    assert any(isinstance(block, Numbers) for block in blocks_of(report, "one-page"))
    assert isinstance(text("page.about"), Message)
