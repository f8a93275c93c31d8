"""Evidence made by hand: places, observations, sources, and the figures that are read from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headframe.core.provenance import RunRecord, Source
from headframe.core.results import Figure, Message

HOME = "oldmine"


@dataclass(frozen=True)
class FakePlace:
    id: str
    name_en: str
    name_zh: str
    level: str = "prefecture_city"
    parent: str = ""
    resource_type: str = "coal"


def place(identifier: str = HOME, name_en: str = "Oldmine", name_zh: str = "老矿市", **more: Any) -> FakePlace:
    return FakePlace(identifier, name_en, name_zh, **more)


def said(identifier: str = "charts.plain", **values: Any) -> Message:
    return Message.model_construct(id=identifier, values=values or {"text": "—"})


def record(verb: str) -> RunRecord:
    return RunRecord(
        id=f"{verb}0123456789",
        verb=verb,
        inputs={HOME: "ab" * 32},
        options={},
        seed=7,
        versions={"headframe": "0"},
        backend="numpy",
    )


def row(number: int, indicator: str, year: int | None, amount: float | None, unit: str, **more: Any) -> dict[str, Any]:
    of = str(more.pop("place_id", HOME))
    start = f"{year}-01-01" if year else None
    plain: dict[str, Any] = {
        "obs_id": f"{of}-{number:04d}",
        "place_id": of,
        "indicator_id": indicator,
        "period_start": start,
        "period_end": f"{year}-12-31" if year else None,
        "period_text": "" if year else "n.d.",
        "freq": "A" if year else "N",
        "dims": "",
        "qualifier": "=",
        "value": amount,
        "low": None,
        "high": None,
        "value_text": "",
        "unit": unit,
        "price_basis": "nominal" if unit.startswith("CNY") else "",
        "concept": "whole-city",
        "status": "A",
        "method": "reported",
        "vintage": "2024",
        "reference_date": "",
        "boundary_version": "",
        "source_id": "yearbook",
        "locator": "table 2-1",
        "raw_text": "" if amount is None else f"{amount:g}",
        "import_id": "",
        "note": "",
        "note_zh": "",
        "amount": amount,
        "amount_low": None,
        "amount_high": None,
        "active": True,
        "ref": f"{of}/{of}-{number:04d}",
    }
    return plain | more


def rows() -> list[dict[str, Any]]:
    people = [
        row(n, "population_resident", y, v, "person")
        for n, (y, v) in enumerate([(2010, 1.82e6), (2015, 1.74e6), (2020, 1.65e6), (2021, 1.62e6)], 1)
    ]
    jobs = [
        row(n, "employment_urban_units", y, v, "person") for n, (y, v) in enumerate([(2010, 200e3), (2020, 137e3)], 11)
    ]
    money = [
        row(n, "general_budget_revenue", y, v, "CNY")
        for n, (y, v) in enumerate([(2010, 3.1e9), (2018, 4.2e9), (2020, 4.4e9)], 21)
    ]
    rest = [
        row(
            31,
            "subsidence_area",
            None,
            140.0,
            "km2",
            source_id="paper",
            note="Acres in the text.",
            note_zh="原文为英亩。",
        ),
        row(32, "laid_off_aged_45_plus_share", None, 62.0, "%", source_id="paper"),
        row(33, "gdp_per_head", 2020, 36150.0, "CNY/person"),
        row(34, "population_resident", 2020, 1.647e6, "person", source_id="paper", status="U"),
        row(35, "gangue_mass", None, 200.0, "Mt", qualifier=">", source_id="paper"),
        row(36, "gdp_per_head", 2018, 26000.0, "CNY/person", active=False),
    ]
    peers = [
        row(1, "gdp_per_head", 2020, v, "CNY/person", place_id=p)
        for p, v in (("newmine", 51e3), ("farmine", 60e3), ("lowmine", 30e3), ("province", 70e3))
    ]
    rival = row(2, "gdp_per_head", 2020, 52e3, "CNY/person", place_id="newmine", source_id="paper", status="U")
    return [*people, *jobs, *money, *rest, *peers, rival]


def figure(entry: dict[str, Any], **more: Any) -> Figure:
    year = str(entry["period_start"])[:4] if entry["period_start"] else entry["period_text"]
    return Figure(
        value=entry["amount"],
        unit=more.pop("unit", entry["unit"]),
        qualifier=entry["qualifier"],
        period=year,
        price_basis=entry["price_basis"],
        concept=entry["concept"],
        status=entry["status"],
        method=entry["method"],
        indicator=entry["indicator_id"],
        place=entry["place_id"],
        observations=(entry["ref"],),
        **more,
    )


def source(identifier: str, title: str, title_zh: str, **more: Any) -> Source:
    return Source(
        source_id=identifier,
        title=title,
        title_en=title,
        title_zh=title_zh,
        reliability="high",
        how_read="full",
        **more,
    )
