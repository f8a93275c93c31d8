"""A result of audit made by hand: findings of every severity with pictures, decisions, rates, a curve, and gaps."""

from __future__ import annotations

from typing import Any

from headframe.audit.results import (
    AuditResult,
    Cell,
    Changes,
    Checked,
    Curve,
    Decision,
    Finding,
    Measured,
    Picture,
    Step,
)
from headframe.core.results import Figure, Message, Ref
from tests.show.fake_evidence import HOME, record

PEOPLE = ((2010, 1.82e6), (2015, 1.74e6), (2020, 1.65e6), (2021, 1.62e6))


def because(text: str) -> Message:
    return Message(id="charts.plain", values={"text": text})


def cell(number: int, indicator: str, period: str, value: float, **more: Any) -> Cell:
    return Cell(place=HOME, indicator=indicator, period=period, ref=f"{HOME}/{HOME}-{number:04d}", value=value, **more)


def picture(**more: Any) -> Picture:
    given: dict[str, Any] = {
        "indicator": "population_resident",
        "unit": "person",
        "points": PEOPLE,
        "marked": (2015, 2020),
        "expected": ((2010, 1.82e6), (2020, 1.70e6)),
        "band": ((2010, 1.6e6, 1.8e6, 2.0e6), (2021, 1.4e6, 1.7e6, 1.9e6)),
    }
    return Picture(**given | more)


def finding(number: int, **more: Any) -> Finding:
    given: dict[str, Any] = {
        "id": f"{HOME}-a{number:010d}",
        "detector": "fills",
        "kind": "straight-line",
        "place": HOME,
        "cells": (cell(2, "population_resident", "2015", 1.74e6), cell(3, "population_resident", "2020", 1.65e6)),
        "reason": because(f"Reason {number}."),
        "severity": "medium",
        "treatment": "low-reliability",
    }
    return Finding(**given | more)


def findings() -> tuple[Finding, ...]:
    wage = cell(33, "gdp_per_head", "2020", 36150.0)
    slip = Figure(value=361500.0, unit="CNY/person", period="2020", method="derived", observations=(wage.ref,))
    return (
        finding(
            1, detector="slips", kind="unit-slip", cells=(wage,), severity="high", treatment="replace", replacement=slip
        ),
        finding(2, picture=picture(), against=(cell(34, "population_resident", "2020", 1.647e6),)),
        finding(
            3, detector="stops", kind="series-stops", severity="low", treatment="ask-source",
            cells=(cell(12, "employment_urban_units", "2020", 137e3),),
        ),
    )  # fmt: skip


CURVE = Curve(
    detector="breaks",
    indicator=Ref(kind="indicator", id="fixed_asset_investment"),
    group="liaoning",
    first=2013,
    last=2016,
    chosen=2.5,
    points=tuple((step / 2, max(0.0, 1.0 - step / 12), max(0.0, 0.6 - step / 8)) for step in range(11)),
)


def audited(*found: Finding, **more: Any) -> AuditResult:
    listed = found or findings()
    given: dict[str, Any] = {
        "place": HOME,
        "record": record("audit"),
        "findings": listed,
        "coverage": (
            Checked(detector="fills", indicator="population_resident", checked=4, unchecked=0),
            Checked(detector="fills", indicator="gdp_per_head", checked=0, unchecked=2, why="short-or-coarse"),
            Checked(detector="slips", indicator="gdp_per_head", checked=1, unchecked=1, why="no-cross-section"),
        ),
        "steps": (Step(detector="slips", tests=5, listed=1), Step(detector="fills", tests=9, listed=1, rate=0.05)),
        "measured": (
            Measured(detector="fills", fault="", series=12960, alarms=0.31),
            Measured(detector="fills", fault="linear", series=900, alarms=0.0, recall=0.8, precision=0.9, visible=0.97),
            Measured(detector="fills", fault="noisy", series=900, alarms=0.0, recall=0.5, precision=0.9, visible=0.91),
        ),
        "curves": (CURVE,),
        "decisions": (
            Decision(
                finding_id=listed[-1].id, decision="accept", treatment="ask-source", by="Li Wei", date="2026-11-22",
                note="Asked the bureau.",
            ),
        ),
        "changes": Changes(new=tuple(item.id for item in listed)),
        "cells": 20,
    }  # fmt: skip
    return AuditResult(**given | more)


def nothing() -> AuditResult:
    """The audit of a place without any dated figure."""
    bare: dict[str, Any] = {"findings": (), "coverage": (), "steps": (), "measured": (), "curves": (), "decisions": ()}
    return audited(finding(1)).model_copy(update={**bare, "changes": Changes(), "cells": 0})
