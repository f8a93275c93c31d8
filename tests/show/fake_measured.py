"""A result of measure made by hand."""

from __future__ import annotations

from typing import Any

from headframe.core.results import Figure, Message, Ref
from headframe.measure.results import (
    ClassProbability,
    Comparison,
    Contribution,
    Exhaustion,
    FieldScore,
    Lifecycle,
    Measure,
    MeasureResult,
    Meter,
    MeterYear,
    Need,
    Official,
    Peer,
)
from tests.show.fake_evidence import HOME, figure, record, said


def need(indicator: str, period: str = "") -> Need:
    reason = said("measure.need.evidence", indicator=Ref(kind="indicator", id=indicator))
    return Need(
        indicator=indicator,
        place=HOME,
        period=period,
        reason=reason,
        command=f"headframe correct {HOME} --workbook {HOME}.xlsx",
    )


def formula(indicator: str) -> Message:
    return said("formula.reported", indicator=Ref(kind="indicator", id=indicator))


def measure(indicator: str, subject: str, of: list[dict[str, Any]], direction: Any = "none", **more: Any) -> Measure:
    series = tuple(figure(entry) for entry in of if entry["active"])
    newest = series[-1] if series else Figure()
    return Measure(
        id=indicator,
        scope="M4",
        subject=subject,
        title=Ref(kind="indicator", id=indicator),
        figure=newest,
        direction=direction,
        series=series,
        formula=formula(indicator),
        **more,
    )


OFFICIAL = Official(
    known=True, lifecycle="declining", exhausted_batch="2008", resource_type="coal", sources=("yearbook",)
)


def compared_with_peers(by: dict[str, list[dict[str, Any]]]) -> tuple[Comparison, ...]:
    others = [
        figure(by[f"{name}:gdp_per_head"][0])
        for name in ("newmine", "farmine", "lowmine")
        if f"{name}:gdp_per_head" in by
    ]
    median = Figure(
        value=51e3,
        low=30e3,
        high=60e3,
        unit="CNY/person",
        period="2020",
        method="derived",
        price_basis="nominal",
        indicator="gdp_per_head",
        observations=tuple(ref for other in others for ref in other.observations),
        steps=(said("step.median", n=3, places=tuple(Ref(kind="place", id=o.place) for o in others)),),
    )
    return (
        Comparison(
            kind="peers",
            places=tuple(o.place for o in others),
            figure=median,
            gap=Figure(value=-14850.0, unit="CNY/person"),
            spread=tuple(others),
        ),
    )


def exhaustion() -> Exhaustion:
    return Exhaustion(
        probability=Figure(),
        ratio=Figure(),
        threshold=Figure(value=0.7),
        extracted=Figure(),
        reserves=Figure(),
        official=OFFICIAL,
        agrees=None,
        reasons=(said("exhaustion.not-known"),),
        needs=(need("recoverable_reserves_original"),),
    )


def lifecycle() -> Lifecycle:
    return Lifecycle(
        classes=tuple(
            ClassProbability(
                lifecycle=c,
                name=said(f"lifecycle.{c}"),
                probability=Figure(value=v, low=v / 2, high=min(100, v * 1.3), unit="%", method="derived"),
            )
            for c, v in (("growing", 10.0), ("mature", 5.0), ("declining", 70.0), ("regenerating", 15.0))
        ),  # type: ignore[arg-type]
        most_probable="declining",
        security=Figure(),
        sustainability=Figure(),
        official=OFFICIAL,
        agrees=True,
        reasons=(said("lifecycle.agrees"),),
    )


def measured(entries: list[dict[str, Any]]) -> MeasureResult:
    by: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        by.setdefault(f"{entry['place_id']}:{entry['indicator_id']}", []).append(entry)

    def own(indicator: str) -> list[dict[str, Any]]:
        return [entry for entry in by.get(f"{HOME}:{indicator}", []) if entry["status"] != "U"]

    known = [
        measure("population_resident", "population", own("population_resident")),
        measure("employment_urban_units", "labour", own("employment_urban_units"), "up"),
        measure("laid_off_aged_45_plus_share", "labour", own("laid_off_aged_45_plus_share"), "down"),
        measure(
            "gdp_per_head",
            "structure",
            own("gdp_per_head"),
            "up",
            comparisons=compared_with_peers(by) if own("gdp_per_head") else (),
        ),
        measure("general_budget_revenue", "finance", own("general_budget_revenue"), "up"),
        measure("subsidence_area", "ecology", own("subsidence_area"), "down"),
        measure("gangue_mass", "ecology", own("gangue_mass"), "down"),
        measure("online_approval_rate", "service", [], "up", needs=(need("online_approval_rate"),)),
    ]
    return MeasureResult(
        place=HOME,
        record=record("measure"),
        level=0.9,
        measures=tuple(known),
        exhaustion=exhaustion(),
        lifecycle=lifecycle(),
        meter=meter(own("gdp_per_head")),
        peers=(Peer(place="newmine", distance=0.31, shared=("gdp_per_head",)),),
        peers_from=("newmine", "farmine"),
    )


def score(value: float, year: int, refs: tuple[str, ...]) -> Figure:
    steps = (said("step.meter", draws=100, n=1, of=2),)
    return Figure(
        value=value,
        low=value - 9,
        high=value + 8,
        period=str(year),
        method="estimated",
        place=HOME,
        observations=refs,
        steps=steps,
    )


def contribution(indicator: str, value: Figure) -> Contribution:
    at = Figure(value=40.0, low=30.0, high=50.0) if value.known else Figure()
    return Contribution(
        indicator=indicator,
        field="livelihood",
        direction="up",
        value=value,
        bound_low=1,
        bound_high=9,
        weight=0.5,
        score=at,
        points=at,
    )


def meter_year(number: int, value: float | None, gdp: list[dict[str, Any]]) -> MeterYear:
    refs = tuple(entry["ref"] for entry in gdp)
    fields = (
        ()
        if value is None
        else (
            FieldScore(
                field="livelihood",
                name=said("meter.field.livelihood"),
                score=score(value, number, refs),
                weight=1.0,
                coverage=0.5,
            ),
        )
    )
    parts = (
        contribution("gdp_per_head", figure(gdp[0]) if gdp and value else Figure()),
        contribution("pm25", Figure()),
    )
    rank = Figure(value=2, low=1, high=3, method="derived") if value else Figure()
    return MeterYear(
        year=number,
        mark=True,
        score=score(value, number, refs) if value else Figure(),
        default=Figure(value=value, method="derived") if value else Figure(),
        fields=fields,
        rank=rank,
        ranked=(HOME, "newmine", "farmine") if value else (),
        coverage=0.5 if value else 0.1,
        contributions=parts,
        needs=(need("pm25", str(number)),),
    )


def meter(gdp: list[dict[str, Any]]) -> Meter:
    other = tuple(
        Figure(value=50.0 + n, period=str(y), place="newmine", method="estimated") for n, y in ((1, 2018), (4, 2020))
    )
    years = (
        (meter_year(2001, None, gdp), meter_year(2018, 35.0, gdp), meter_year(2020, 44.0, gdp))
        if gdp
        else (meter_year(2001, None, gdp), meter_year(2020, None, gdp))
    )
    return Meter(
        years=years,
        marks=(2001, 2018, 2020),
        coverage_needed=0.4,
        draws=100,
        level=0.9,
        others=other,
        notes=(said("meter.unofficial"),),
    )
