"""The verb: one city, several, a panel; the same answer whatever the order of rows; coverage; progress and cancel."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from headframe.audit.audit import DETECTORS, audit
from headframe.audit.options import AuditOptions
from headframe.audit.results import COVERAGE_TABLE, FINDING_TABLE, AuditResult
from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel
from headframe.evidence.folder import open_city
from headframe.evidence.naming import words_for
from headframe.evidence.panel import KEYS, Panel
from tests.audit.made import panel, walk


def spoilt() -> Panel:
    table = walk(1)
    table[3, 10:20] = np.rint(np.linspace(table[3, 9], table[3, 20], 12)[1:-1])
    table[5, 12] *= 1000
    return panel({"hospital_beds": table, "retail_sales": 1e4 * walk(2)})


@pytest.fixture(scope="module")
def result() -> AuditResult:
    return audit(spoilt())


def test_a_panel_with_two_faults_has_two_findings(result: AuditResult) -> None:
    faults = {(item.detector, item.place, item.years[0]) for item in result.findings}
    assert {("fills", "p003", "2000"), ("slips", "p005", "2002")} <= faults
    assert len(faults) <= 3
    assert result.place == "panel"
    assert result.cells == 40 * 30 * 2


def test_the_order_of_rows_and_a_second_run_change_nothing(result: AuditResult) -> None:
    mixed = Panel(spoilt().table.sample(fraction=1.0, shuffle=True, seed=5))
    assert audit(mixed).model_dump_json() == result.model_dump_json()


def test_of_two_figures_for_one_cell_the_order_of_rows_decides_nothing() -> None:
    one = panel({"hospital_beds": walk(1)}).table
    two = one.with_columns((pl.col("value") * 1.3).round(0), (pl.col("place") + "/other").alias("ref"))
    both = pl.concat([one.with_columns((pl.col("place") + "/one").alias("ref")), two])
    results = [audit(Panel(table)) for table in (both, both.reverse())]
    assert results[0].of("contradictions")
    assert results[0].model_dump_json() == results[1].model_dump_json()


def test_tables_have_their_columns_and_every_detector_says_what_it_could_not_check(result: AuditResult) -> None:
    assert result.table().columns == list(FINDING_TABLE)
    assert result.table().height == len(result.findings)
    assert result.coverage_table().columns == list(COVERAGE_TABLE)
    told = {step.detector for step in result.steps}
    assert told == set(DETECTORS) - {"digits"} | {"last-digits", "benford"}
    for item in result.coverage:
        assert item.checked >= 0
        assert item.unchecked >= 0
        assert bool(item.why) == bool(item.unchecked), item


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_message_can_be_said_and_asks_to_verify(result: AuditResult, language: str) -> None:
    words = words_for(None, language)
    for message in result.explain():
        assert words.say(message)
    verify = {"en": "verified", "zh": "核实"}[language]
    assert all(verify in words.say(item.reason) for item in result.findings)


def test_findings_are_sorted_by_severity_and_ids_are_unique(result: AuditResult) -> None:
    order = [("high", "medium", "low").index(item.severity) for item in result.findings]
    assert order == sorted(order)
    assert len({item.id for item in result.findings}) == len(result.findings)
    first = result.findings[0]
    assert result.finding(first.id) is first
    assert result.finding("no such id") is None
    assert result.state(first.id) == ""


def test_one_city_and_several_cities_are_audited() -> None:
    city = open_city("fuxin")
    one, several = audit(city), audit([city, open_city("jixi")])
    assert (one.place, several.place) == ("fuxin", "panel")
    assert {item.id for item in one.findings} <= {item.id for item in several.findings}
    assert set(several.sources()) <= {
        ref for name in ("fuxin", "jixi") for ref in open_city(name).observations.get_column("ref")
    }
    assert len(several.changes.new) == sum(item.place != "panel" for item in several.findings)


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"gdp": [[1e9]]},
        {"gdp": [[1e9, 2e9]]},
        {"gdp": [[0.0] * 12]},
        {"gdp": [[-5e8 + 1e8 * n for n in range(12)]]},
        {"gdp": [[np.nan, 1e9, np.nan, np.nan, 3e9]]},
        {"gdp": [[np.inf, 1e9, 2e9, 4e9]]},
        {"no_such_indicator": [[1, 2, 4, 8, 16, 32.0]]},
    ],
    ids=["nothing", "one", "two-years", "zeros", "negative", "gaps", "infinite", "unknown-indicator"],
)
def test_small_and_odd_panels_are_audited_without_fault(tables: dict[str, list[list[float]]]) -> None:
    assert audit(panel(tables)).steps


def test_an_empty_panel_has_nothing_to_say() -> None:
    empty = audit(Panel(pl.DataFrame(schema={**KEYS, "value": pl.Float64})))
    assert (empty.findings, empty.cells) == ((), 0)


def test_only_the_wanted_detectors_run_and_progress_is_told() -> None:
    stages: list[tuple[int, int, str]] = []
    names = ("slips", "stops")
    chosen = audit(spoilt(), options=AuditOptions(detectors=names), progress=lambda *at: stages.append(at))
    assert [step.detector for step in chosen.steps] == list(names)
    assert stages == [
        (0, 2, "audit.detector.slips"), (1, 2, "audit.detector.stops"), (2, 2, "audit.stage.done"),
    ]  # fmt: skip


def test_a_cancelled_audit_stops() -> None:
    cancel = Cancel()
    cancel.request()
    with pytest.raises(HeadframeError) as caught:
        audit(spoilt(), cancel=cancel)
    assert caught.value.problems[0].code == "HF116"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (AuditOptions(detectors=("slip",)), "HF431"),
        (AuditOptions(rate=0.0), "HF432"),
        (AuditOptions(alarm=1.0), "HF432"),
        (AuditOptions(rate=float("nan")), "HF432"),
    ],
    ids=["detector", "rate", "alarm", "not-a-number"],
)
def test_options_that_mean_nothing_are_refused(options: AuditOptions, code: str) -> None:
    with pytest.raises(HeadframeError) as caught:
        audit(spoilt(), options=options)
    assert caught.value.problems[0].code == code
