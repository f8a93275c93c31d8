"""A report built by hand from the result types: small, complete, and with every kind of doubt in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from headframe.show.results_bundle import Report
from tests.show.fake_audited import audited
from tests.show.fake_diagnosed import diagnosed
from tests.show.fake_evidence import HOME, FakePlace, place, rows, source
from tests.show.fake_measured import measured

EVENTS = [
    {
        "event_id": "e-4",
        "place_id": HOME,
        "date_start": "2013-11-01",
        "date_end": "",
        "date_text": "2013-11",
        "kind": "bankruptcy",
        "title_en": "Mine goes bankrupt",
        "title_zh": "煤矿破产",
        "qualifier": "=",
        "source_id": "paper",
        "locator": "",
    },
    {
        "event_id": "e-1",
        "place_id": HOME,
        "date_start": "2005-05-31",
        "date_end": "2005-05-31",
        "date_text": "2005-05-31",
        "kind": "closure",
        "title_en": "Pit closes",
        "title_zh": "矿坑关闭",
        "qualifier": "=",
        "source_id": "paper",
        "locator": "¶3",
    },
    {
        "event_id": "e-2",
        "place_id": HOME,
        "date_start": "2013-11-12",
        "date_end": "",
        "date_text": "2013",
        "kind": "programme",
        "title_en": "National plan",
        "title_zh": "国家规划",
        "qualifier": "=",
        "source_id": "yearbook",
        "locator": "",
    },
    {
        "event_id": "e-3",
        "place_id": HOME,
        "date_start": None,
        "date_end": None,
        "date_text": "n.d.",
        "kind": "plan",
        "title_en": "Jobs plan",
        "title_zh": "就业方案",
        "qualifier": "=",
        "source_id": "paper",
        "locator": "",
    },
]
FINDINGS = [
    {
        "finding_id": "f-1",
        "place_id": HOME,
        "kind": "contradicts-source",
        "obs_ids": f"{HOME}-0003",
        "against_obs_ids": f"{HOME}-0034;newmine-0001",
        "decidable": "partly",
        "severity": "high",
        "treatment": "both kept",
        "note_en": "Two counts differ.",
        "note_zh": "两个数不一致。",
    }
]
PLACES = {
    name: place(name, name.title(), zh)
    for name, zh in (("newmine", "新矿市"), ("farmine", "远矿市"), ("lowmine", "低矿市"), ("province", "某省"))
}


@dataclass(frozen=True)
class Recipe:
    """What a fake report is made of; tests change one thing at a time."""

    here: FakePlace = field(default_factory=lambda: place(parent="province"))
    entries: list[dict[str, Any]] = field(default_factory=rows)
    title: str = "City Statistical Yearbook"
    measure: bool = True
    diagnose: bool = True
    audit: bool = True

    def but(self, **changes: Any) -> Recipe:
        return replace(self, **changes)


def report(recipe: Recipe | None = None, **more: Any) -> Report:
    made = recipe or Recipe()
    empty = pl.DataFrame(rows()).clear()
    given: dict[str, Any] = {
        "place": made.here,
        "observations": pl.DataFrame(made.entries) if made.entries else empty,
        "events": pl.DataFrame(EVENTS),
        "findings": pl.DataFrame(FINDINGS),
        "sources": {
            "yearbook": source("yearbook", made.title, "城市统计年鉴", date="2024"),
            "paper": source("paper", "Student paper", "学生论文", note_en="Few dates.", note_zh="少有日期。"),
        },
        "places": PLACES,
        "measured": measured(made.entries) if made.measure else None,
        "diagnosed": diagnosed(made.entries) if made.diagnose else None,
        "audited": audited() if made.audit and made.entries else None,
    }
    return Report(**{**given, **more})
