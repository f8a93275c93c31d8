"""The integrity of the figures on page, workbook, terminal and in JSON."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest

from headframe.audit.results import TREATMENTS, AuditResult, Changes, Decision
from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.words import Words
from headframe.show import audited as said
from headframe.show.blocks import FILTERS, Fold, Heading, Notice, Paragraph, SectionContent, Table
from headframe.show.charts.finding import FindingChart
from headframe.show.html import Pen, draw_blocks
from headframe.show.ledger import Ledger
from headframe.show.page import LARGEST, render_page, style
from headframe.show.results import results_of
from headframe.show.results_bundle import Report
from headframe.show.sections import content_of, sections
from headframe.show.sections.integrity import MOST_PICTURES, MOST_ROWS, Integrity, figures
from headframe.show.sections.unknown import finding_blocks
from headframe.show.spreadsheet import BOM
from headframe.show.terminal import columns, summary
from headframe.show.told import at_width
from headframe.show.told_audit import MOST_TOLD, audit_lines
from headframe.show.workbook import audit_csv, audit_workbook, render_workbook
from tests.show.fake import Recipe
from tests.show.fake import report as fake_report
from tests.show.fake_audited import audited, because, cell, finding, findings, nothing, picture
from tests.show.fake_evidence import HOME
from tests.show.real import named, sheet_paths

SCRIPT = '<script>alert("x")</script>'
HOSTILE = (SCRIPT, "<img src=x onerror=alert(1)>", "{{7*7}} {% raw %}", "\x1b[31m\u202e\x00", '=HYPERLINK("x")')
CJK = re.compile(r"[\u4e00-\u9fff]")


def shown(report: Report, language: str = "en") -> str:
    """The section alone as it stands on the page."""
    words = catalog().words(language)
    pen = Pen(words, report, Ledger(report))
    return str(draw_blocks(pen, content_of(Integrity(), report).blocks))


def table(content: SectionContent, name: str) -> Table:
    return next(item for item in content.tables if item.id == name)


@pytest.fixture(scope="module")
def full() -> Report:
    return fake_report(audited=audited())


def test_the_section_stands_before_what_is_not_known() -> None:
    ids = [section.id for section in sections()]
    assert ids.index("integrity") == ids.index("unknown") - 1


def test_without_an_audit_the_section_says_how_to_get_one() -> None:
    (notice,) = content_of(Integrity(), fake_report(Recipe(audit=False))).blocks
    assert isinstance(notice, Notice)
    assert notice.commands == (f"headframe audit {HOME}",)


def test_a_failed_audit_is_said_and_the_rest_stands(languages: dict[str, Words]) -> None:
    error = HeadframeError.of("HF430", "catalog/audit.yaml", reason="gone")
    failed = fake_report(Recipe(audit=False), failures={"audit": error})
    (notice,) = content_of(Integrity(), failed).blocks
    assert isinstance(notice, Notice)
    assert notice.problems[0][0] == "HF430"
    assert "HF430" in "\n".join(summary(failed, languages["en"], 80))


def test_every_finding_has_reason_figures_severity_treatment_decision_and_rate(full: Report) -> None:
    rows = table(content_of(Integrity(), full), "integrity").rows
    assert [row.marks for row in rows] == [("high", "open"), ("medium", "open"), ("low",)]
    page = shown(full)
    for item in findings():
        assert str(item.reason.values["text"]) in page
        assert item.id in page
    assert "361,500 yuan per head" in page  # the replacement is shown, not put in its place
    assert "Li Wei, 2026-11-22" in page
    assert "Asked the bureau." in page
    assert "0.31" in page  # the measured false alarms of fills
    assert f'href="#en-o-{HOME}-{HOME}-0002' in page  # every figure is a link


def test_chinese_is_written_for_itself(full: Report) -> None:
    content = Integrity().build(full)
    for code in ("en", "zh"):
        words = catalog().words(code)
        for block in content.blocks:
            if isinstance(block, Heading | Table):
                told = words.say(block.title if isinstance(block, Heading) else block.caption)  # type: ignore[arg-type]
                assert bool(CJK.search(told)) == (code == "zh")
    chinese = shown(full, "zh")
    assert "待核实" in chinese
    assert "造假" not in chinese


def test_words_for_every_code_of_the_seam(languages: dict[str, Words]) -> None:
    for words in languages.values():
        for name in TREATMENTS:
            assert words.say(f"integrity.treatment.{name}")
        for name in ("accept", "reject", "later", "open"):
            assert words.say(f"integrity.decision.{name}")
        for name in ("new", "altered", "unchanged", "gone"):
            assert words.say(f"integrity.state.{name}")
        for name in ("high", "medium", "low"):
            assert words.say(f"integrity.severity.{name}")


def test_no_words_speak_of_falsification() -> None:
    for text in catalog().words("zh").texts.values():
        assert "造假" not in str(text)


def test_the_table_is_filtered_by_the_style_sheet_alone(full: Report) -> None:
    page = shown(full)
    values = re.findall(
        r'<input class="switch filter" type="radio" name="en-t-integrity-rows" [^>]*value="(\w+)"', page
    )
    assert values == ["all", *FILTERS]
    assert len(re.findall(r'value="all" checked', page)) == 1
    for name in FILTERS:
        assert f'.filter[value="{name}"]:checked ~ .scroll tbody tr:not(.is-{name})' in style()
    assert re.search(r'<tr id="en-f-[^"]*" class=" is-high is-open">', page)
    before = style().index('.filter[value="high"]:checked')
    assert style()[:before].rstrip().endswith("@media screen {")  # print leaves nothing out


def test_a_single_finding_needs_no_filter() -> None:
    assert 'class="switch filter"' not in shown(fake_report(audited=audited(finding(1))))


def test_a_figure_is_proposed_only_once_and_only_where_the_audit_names_one(full: Report) -> None:
    slip, fill, stop = findings()
    recorded = audited(changes=Changes(unchanged=(slip.id, fill.id), gone=("gone-a1",)))
    rows = full.observations.with_columns(replaces=pl.lit(None, dtype=pl.String))
    obs_id, changes = said.proposed(recorded, slip.id, "", rows) or ("", {})
    assert obs_id == f"{HOME}-0033"
    assert (changes["value"], changes["unit"], changes["status"]) == ("361500", "CNY/person", "E")
    assert said.proposed(recorded, slip.id, "set-aside", rows) is None
    assert said.proposed(recorded, fill.id, "", rows) is None  # another treatment is suggested
    assert said.proposed(recorded, stop.id, "replace", rows) is None  # not recorded: the decision itself is refused
    replaced = rows.with_columns(replaces=pl.lit(f"{HOME}-0033"))
    for name, found in ((slip.id, replaced), (fill.id, rows), ("gone-a1", rows)):
        with pytest.raises(HeadframeError) as raised:
            said.proposed(recorded, name, "replace", found)
        assert raised.value.problems[0].code == "HF447"


def test_hundreds_of_findings_stay_light() -> None:
    names = [name for name in catalog().indicators if name != "population_resident"][:30]
    many = [
        finding(
            n,
            picture=picture(indicator=names[n % 30]),
            cells=(cell(2, names[n % 30], "2015", 1.74e6),),
            severity="high" if n < 40 else "low",
        )
        for n in range(1, 701)
    ]
    heavy = fake_report(audited=audited(*many))
    content = Integrity().build(heavy)
    assert len([item for item in content.charts if isinstance(item, FindingChart)]) == MOST_PICTURES
    assert len(table(content, "integrity").rows) == MOST_ROWS
    assert any(
        isinstance(block, Paragraph) and any(s.id == "integrity.more" and s.values["n"] == 500 for s in block.sentences)
        for block in content.blocks
    )
    assert len(render_page(heavy).encode("utf-8")) < LARGEST
    assert len(named(render_workbook(heavy), "Integrity")) == 700


def test_no_finding_is_no_proof() -> None:
    clean = audited(finding(1)).model_copy(update={"findings": (), "decisions": (), "changes": Changes(), "cells": 20})
    page = shown(fake_report(audited=clean))
    assert "no proof" in page
    assert "en-t-integrity-rows" not in page


def test_a_place_without_figures_says_so(languages: dict[str, Words]) -> None:
    empty = fake_report(audited=nothing())
    for code in ("en", "zh"):
        page = shown(empty, code)
        assert languages[code].say("integrity.nothing") in page
        assert languages[code].say("integrity.checks.none") in page
    assert list(audit_lines(nothing(), languages["en"]))
    assert named(render_workbook(empty), "Integrity") == []


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "image", "template", "control", "formula"])
def test_hostile_text_stays_text(text: str) -> None:
    item = finding(1, reason=because(text), picture=picture())
    note = Decision(finding_id=item.id, decision="accept", by=text, date="2026-11-22", note=text)
    hostile = audited(item, decisions=(note,))
    drawn = fake_report(audited=hostile)
    page = render_page(drawn)
    assert SCRIPT not in page
    assert "<img src=x" not in page
    assert not {"\x1b", "\u202e", "\x00"} & set(page)
    lines = "\n".join(at_width(audit_lines(hostile, catalog().words("en")), 80))
    assert not {"\x1b", "\u202e", "\x00"} & set(lines)
    words = {code: catalog().words(code) for code in ("en", "zh")}
    csv = audit_csv(hostile, words).decode("utf-8")
    assert csv.startswith(BOM)
    assert not re.search(r'(?:^|[,"\n])=HYPERLINK', csv)
    kept = named(audit_workbook(hostile, words), "Integrity")[0]
    assert str(kept["decision_note"]) == "".join(sign for sign in text if sign not in "\x1b\x00")


def test_what_is_recorded_as_a_note_stays_text(full: Report) -> None:
    """A finding that is gone is told by the note that the folder kept of it."""
    frame = full.findings.with_columns(note_en=pl.lit(SCRIPT))
    gone = audited(changes=Changes(gone=("f-1",)))
    page = shown(replace(full, findings=frame, audited=gone))
    assert "&lt;script&gt;" in page
    assert SCRIPT not in page


def test_the_meter_says_which_fields_rest_on_figures_in_doubt(full: Report) -> None:
    (one,) = said.resting(full)
    assert one.contribution.indicator == "gdp_per_head"
    assert [item.detector for item in one.findings] == ["slips"]
    rejected = Decision(finding_id=findings()[0].id, decision="reject", by="Li", date="2026-11-22")
    kept = Decision(finding_id=findings()[0].id, decision="accept", treatment="keep", by="Li", date="2026-11-22")
    for decision in (rejected, kept):
        assert said.resting(replace(full, audited=audited(decisions=(decision,)))) == ()
    content = Integrity().build(full)
    assert len(table(content, "integrity-resting").rows) == 1


def test_whether_findings_count_already_is_said(full: Report) -> None:
    ids = tuple(item.id for item in findings())
    recorded = replace(full, audited=audited(changes=Changes(unchanged=ids)))
    words = catalog().words("en")
    assert words.say("integrity.resting.not-yet") in shown(full)
    assert words.say("integrity.not-recorded").replace("'", "&#39;") in shown(full)
    assert words.say("integrity.resting.counted") in shown(recorded)
    assert words.say("integrity.not-recorded") not in shown(recorded)


def test_recorded_findings_stand_in_one_section_only(full: Report) -> None:
    frame = full.findings.with_columns(finding_id=pl.lit(findings()[0].id))
    doubled = replace(full, findings=frame)
    kinds = [type(block).__name__ for block in finding_blocks(doubled)]
    assert "Table" not in kinds
    page = render_page(doubled)
    anchor = re.findall(r'id="(en-f-[^"]+)"', page)
    assert len(anchor) == len(set(anchor))


def test_what_was_not_checked_is_said_with_reasons(full: Report) -> None:
    checks = {one.detector: one for one in said.checks(full.audited)}  # type: ignore[arg-type]
    assert list(checks) == ["slips", "fills"]
    assert (checks["fills"].checked, checks["fills"].unchecked) == (4, 2)
    assert (checks["fills"].worst, checks["fills"].best) == (91.0, 97.0)
    assert checks["slips"].alarms is None
    assert [gap.id for gap in checks["slips"].gaps] == ["audit.gap.no-cross-section"]
    assert "2 figures of series too short or too coarsely rounded" in shown(full)


def test_where_a_finding_is(languages: dict[str, Words]) -> None:
    words = languages["en"]
    years = [cell(n, "gdp", str(1990 + n), 1.0) for n in range(9)]
    run = finding(1, cells=tuple(years))
    assert words.say(said.where(run, HOME)).endswith("1990–1998")
    holed = finding(1, cells=tuple(years[::2]))
    assert words.say(said.where(holed, HOME)).endswith("1990 / 1992 / 1994 / 1996 / 1998")
    undated = finding(1, cells=(cell(1, "gdp", "", 1.0, dims="sector=coal"),))
    assert "coal" in words.say(said.where(undated, HOME)).lower()
    everywhere = finding(1, place="panel")
    assert words.say(said.where(everywhere, HOME)).startswith(words.say("integrity.places"))
    wide = finding(1, cells=tuple(cell(n, name, "2020", 1.0) for n, name in enumerate(list(catalog().indicators)[:9])))
    assert "3 more" in words.say(said.where(wide, HOME))


def test_long_lists_of_figures_are_counted(full: Report) -> None:
    long = finding(
        1, cells=tuple(cell(n, "gdp", str(1990 + n), 1.0) for n in range(9)), against=findings()[1].cells * 3
    )
    told = [getattr(part, "id", "") for part in figures(full, long)]  # type: ignore[union-attr]
    assert "integrity.more-figures" in told
    assert "integrity.more-against" in told


def test_sheets_hold_findings_decisions_checks_and_gaps(full: Report) -> None:
    data = render_workbook(full)
    assert {"Integrity", "Checks of the audit", "Not checked"} <= sheet_paths(data).keys()
    rows = named(data, "Integrity")
    assert [row["finding_id"] for row in rows] == [item.id for item in findings()]
    assert rows[0]["replacement"] == 361500.0
    assert (rows[2]["decision"], rows[2]["decided_as"], rows[2]["decided_by"]) == ("accept", "ask-source", "Li Wei")
    assert "decision" not in rows[0]  # not decided is blank
    assert rows[1]["alarms"] == 0.31
    assert {row["detector"] for row in named(data, "Not checked")} == {"fills", "slips"}
    checks = {row["detector"]: row for row in named(data, "Checks of the audit")}
    assert checks["fills"]["power_low"] == 91.0
    assert "power_low" not in checks["slips"]
    exported = audit_workbook(audited(), {code: catalog().words(code) for code in ("en", "zh")})
    assert [row["finding_id"] for row in named(exported, "Integrity")] == [item.id for item in findings()]


def test_the_results_contain_the_audit(full: Report) -> None:
    found = results_of(full)
    assert found.audited == audited()
    again = AuditResult.model_validate_json(found.audited.model_dump_json())
    assert again == audited()


@pytest.mark.parametrize("width", [40, 80, 100])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_lines_fit_the_terminal(languages: dict[str, Words], lang: str, width: int) -> None:
    lines = list(at_width(audit_lines(audited(), languages[lang]), width))
    assert all(columns(line) <= width + 2 for line in lines)  # closing punctuation may hang over
    text = "\n".join(lines)
    for item in findings():
        assert item.id in text
    assert text.index(findings()[0].id) < text.index(findings()[1].id)


def test_the_terminal_tells_curves_and_counts_what_it_leaves_out(languages: dict[str, Words]) -> None:
    many = audited(*(finding(n) for n in range(1, MOST_TOLD + 8)))
    text = "\n".join(audit_lines(many, languages["en"]))
    assert "and 7 more; --out FILE.csv" in text
    assert text.count("Reason ") == MOST_TOLD
    assert "58.3% of the places in liaoning are listed, 0% elsewhere" in text


def test_findings_on_other_places_are_told_with_their_place(full: Report) -> None:
    """As in a folder of many places, where no finding is on the folder itself."""
    away = finding(
        1, place="newmine", cells=(cell(1, "gdp_per_head", "2020", 51e3).model_copy(update={"place": "newmine"}),)
    )
    page = shown(replace(full, audited=audited(away.model_copy(update={"picture": picture()}))))
    assert "Newmine: " in page


def test_findings_that_are_gone_are_told(languages: dict[str, Words]) -> None:
    gone = audited(changes=Changes(new=(), unchanged=tuple(item.id for item in findings()), gone=("x-a1",)))
    text = "\n".join(audit_lines(gone, languages["en"]))
    assert "found no more x-a1" in " ".join(text.split())
    assert "as recorded" in text


def test_the_summary_says_one_line_on_integrity(full: Report, languages: dict[str, Words]) -> None:
    for code in ("en", "zh"):
        text = "\n".join(summary(full, languages[code], 88))
        assert text.count(languages[code].say("integrity.name")) == 1
        assert text.count("3 findings in 20 figures" if code == "en" else "共20个数据，列出3项") == 1


def test_one_page_names_the_findings(full: Report) -> None:
    content = next(section for section in sections() if section.id == "one-page").build(full)
    sentences = [s.id for block in content.blocks for s in getattr(block, "sentences", ())]
    assert "audit.told.findings" in sentences
    assert not [block for block in content.blocks if isinstance(block, Fold)]
