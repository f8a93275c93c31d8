"""Keeping an audit: findings and decisions in the folder; ids that last; nothing half-written or silently applied."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from headframe.audit.audit import audit
from headframe.audit.record import decide, record
from headframe.core.errors import HeadframeError
from headframe.evidence.create import create
from headframe.evidence.folder import City, open_city
from tests.evidence.conftest import row, write_rows

TODAY = date(2026, 1, 31)
LEVELS = (400, 412, 431, 4450, 460, 482, 497, 511)


def rows(levels: tuple[int, ...] = LEVELS) -> list[dict[str, str]]:
    return [
        row(n, period_start=f"{2010 + n}-01-01", period_end=f"{2010 + n}-12-31", value=str(value))
        for n, value in enumerate(levels)
    ]


@pytest.fixture
def city(tmp_path: Path) -> City:
    """A folder whose product slips by a power of ten in 2013."""
    path = tmp_path / "testville"
    create(path, name_en="Testville", name_zh="试城", level="city", country="CHN", resource_type="coal")
    write_rows(path, rows())
    return open_city(path)


def slip_of(city: City) -> str:
    return next(item.id for item in audit(city).findings if item.kind == "unit-slip")


def test_a_recorded_audit_is_there_when_the_folder_is_opened(city: City) -> None:
    result = audit(city)
    assert set(record(city, result).new) == {item.id for item in result.findings}
    again = open_city(city.folder)
    assert set(again.recorded.get_column("finding_id")) == {item.id for item in result.findings}
    assert audit(again).findings == result.findings
    assert audit(again).changes.unchanged == tuple(sorted(item.id for item in result.findings))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"decision": "maybe"}, "HF435"),
        ({"treatment": "burn"}, "HF435"),
        ({"by": "  "}, "HF435"),
        ({"finding_id": "testville-a0"}, "HF434"),
    ],
    ids=["decision", "treatment", "nobody", "finding"],
)
def test_faulty_decisions_are_refused(city: City, change: dict[str, str], code: str) -> None:
    record(city, audit(city))
    given = {"finding_id": slip_of(city), "decision": "accept", "by": "Li Wei"} | change
    with pytest.raises(HeadframeError) as caught:
        decide(city, given.pop("finding_id"), given.pop("decision"), today=TODAY, **given)
    assert caught.value.problems[0].code == code
    assert not (city.folder / "audit/decisions.csv").exists()


def test_the_audit_of_another_place_is_not_kept(city: City) -> None:
    with pytest.raises(HeadframeError) as caught:
        record(city, audit(open_city("fuxin")))
    assert caught.value.problems[0].code == "HF433"
