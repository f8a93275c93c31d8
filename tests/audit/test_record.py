"""Keeping an audit: findings and decisions in the folder; ids that last; nothing half-written or silently applied."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from headframe.audit import record as recording
from headframe.audit.audit import audit, whole
from headframe.audit.options import AuditOptions
from headframe.audit.record import decide, record, rows_of
from headframe.core.errors import HeadframeError
from headframe.evidence.change import correct
from headframe.evidence.check import LONGEST_TEXT
from headframe.evidence.collection import load_collection, panel_toml, places_text
from headframe.evidence.create import create
from headframe.evidence.folder import City, open_city
from headframe.evidence.naming import words_for
from headframe.evidence.place import Place
from tests.evidence.conftest import row, write_rows

TODAY = date(2026, 1, 31)
LEVELS = (400, 412, 431, 4450, 460, 482, 497, 511)
BY = {"by": "Li Wei", "today": TODAY}


def rows(levels: tuple[float, ...] = LEVELS, **changes: str) -> list[dict[str, str]]:
    return [
        row(n, period_start=f"{2010 + n}-01-01", period_end=f"{2010 + n}-12-31", value=str(value), **changes)
        for n, value in enumerate(levels)
    ]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".headframe.lock"}


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
    assert audit(again).record.id == result.record.id
    assert audit(again).changes.unchanged == tuple(sorted(item.id for item in result.findings))
    assert {audit(again).state(item.id) for item in result.findings} == {"unchanged"}


def test_recording_the_same_audit_twice_gives_the_same_bytes(city: City) -> None:
    record(city, audit(city))
    before = snapshot(city.folder)
    record(city, audit(open_city(city.folder)))
    assert snapshot(city.folder) == before


def test_a_recorded_finding_casts_doubt_until_it_is_rejected(city: City) -> None:
    record(city, audit(city))
    assert open_city(city.folder).doubts["testville-0003"].level == 1
    assert decide(city, slip_of(city), "reject", note="read it in the yearbook", **BY) is None
    assert "testville-0003" not in open_city(city.folder).doubts
    assert audit(open_city(city.folder)).decision(slip_of(city)).note == "read it in the yearbook"


def test_a_later_decision_holds_and_the_earlier_one_stays_in_the_file(city: City) -> None:
    record(city, audit(city))
    decide(city, slip_of(city), "later", **BY)
    decide(city, slip_of(city), "accept", treatment="set-aside", **BY)
    again = open_city(city.folder)
    assert again.decisions.get_column("decision").to_list() == ["later", "accept"]
    assert (again.doubts["testville-0003"].level, again.doubts["testville-0003"].factor) == (2, 0.0)


def test_accepting_a_replacement_proposes_a_correction_and_applies_none(city: City) -> None:
    record(city, audit(city))
    evidence = (city.folder / "evidence/observations.csv").read_bytes()
    proposed = decide(city, slip_of(city), "accept", **BY)
    assert (city.folder / "evidence/observations.csv").read_bytes() == evidence
    assert proposed is not None
    assert proposed.obs_id == "testville-0003"
    correct(open_city(city.folder), [proposed], author="Li Wei", reason="unit slip", today=TODAY)
    assert open_city(city.folder).figure("gdp", year=2013).value == pytest.approx(445e8)
    assert not any(item.kind == "unit-slip" for item in audit(open_city(city.folder)).findings)


@pytest.mark.parametrize(("decision", "treatment"), [("accept", "keep"), ("later", ""), ("reject", "replace")])
def test_other_decisions_propose_no_correction(city: City, decision: str, treatment: str) -> None:
    record(city, audit(city))
    assert decide(city, slip_of(city), decision, treatment=treatment, **BY) is None


def test_a_finding_that_is_gone_stays_only_while_a_decision_refers_to_it(city: City) -> None:
    record(city, audit(city))
    slip = slip_of(city)
    sound = rows((400, 412, 431, 445, 460, 482, 497, 511))
    write_rows(city.folder, sound)
    changed = record(city, audit(open_city(city.folder)))
    assert slip in changed.gone
    assert slip not in open_city(city.folder).recorded.get_column("finding_id")
    write_rows(city.folder, rows())
    record(city, audit(open_city(city.folder)))
    decide(city, slip, "accept", **BY)
    write_rows(city.folder, sound)
    record(city, audit(open_city(city.folder)))
    kept = open_city(city.folder)
    assert kept.recorded.select("finding_id", "state").rows() == [(slip, "gone")]
    assert kept.doubts == {}
    write_rows(city.folder, rows())
    assert slip in record(city, audit(open_city(city.folder))).new
    assert audit(open_city(city.folder)).decision(slip).decision == "accept"


def test_ids_last_when_rows_move_and_years_are_added(city: City) -> None:
    before = slip_of(city)
    write_rows(city.folder, [*rows()[::-1]])
    assert slip_of(open_city(city.folder)) == before
    write_rows(city.folder, rows((*LEVELS, 540, 561, 590)))
    assert slip_of(open_city(city.folder)) == before


def test_a_finding_that_is_now_about_more_figures_is_told_as_altered(city: City) -> None:
    people = {"indicator_id": "population_resident", "unit": "10000 person", "price_basis": "", "concept": "resident"}
    heads = {"indicator_id": "gdp_per_head", "unit": "CNY/person"}
    tables = [rows((400, 412, 431, 445)), rows((97.1, 96.2, 95.3, 94.4), **people)]
    tables += [rows((61_234, 63_456, 66_789, 69_012), **heads)]  # half as much again as product over people
    every = [
        {**one, "obs_id": f"testville-{number}-{one['period_start'][:4]}"}
        for number, table in enumerate(tables)
        for one in table
    ]
    write_rows(city.folder, [one for one in every if one["period_start"] < "2013"])
    before = audit(open_city(city.folder))
    record(open_city(city.folder), before)
    (same,) = before.of("quotients")
    assert len(same.cells) == 3
    write_rows(city.folder, every)
    after = audit(open_city(city.folder))
    assert same.id in after.changes.altered
    assert same.id in after.changes.unchanged
    assert after.state(same.id) == "altered"


def test_a_finding_on_more_figures_than_a_cell_holds_goes_on_in_further_rows(city: City) -> None:
    finding = audit(city).findings[0]
    cell = finding.cells[0]
    many = tuple(cell.model_copy(update={"ref": f"testville/import-2026-01-31-{n:05}"}) for n in range(200))
    words = {language: words_for(None, language) for language in ("en", "zh")}
    found = list(rows_of(finding.model_copy(update={"cells": many}), words))
    assert [whole(str(one["finding_id"])) for one in found] == [finding.id] * len(found)
    assert len({one["finding_id"] for one in found}) == len(found) > 1
    assert all(len(str(text)) <= LONGEST_TEXT for one in found for text in one.values())
    assert ";".join(str(one["obs_ids"]) for one in found).split(";") == [item.ref.split("/")[1] for item in many]


def test_decisions_on_long_findings_hold_for_all_of_their_rows(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LONGEST_TEXT", 600)
    given = [
        {**one, "indicator_id": name, "obs_id": f"testville-{name.replace('_', '-')}-{'x' * 60}-{one['obs_id'][-4:]}"}
        for name, parts in (("primary_value_added", 0.2), ("secondary_value_added", 0.5), ("tertiary_value_added", 0.1))
        for one in [{**r, "value": str(float(r["value"]) * parts)} for r in rows()]
    ]
    write_rows(city.folder, [*rows(), *given])
    fresh = open_city(city.folder)
    result = audit(fresh)
    sums = next(item for item in result.of("sums"))
    record(fresh, result)
    listed = open_city(city.folder).recorded.get_column("finding_id").to_list()
    assert sum(whole(name) == sums.id for name in listed) > 1
    assert set(audit(open_city(city.folder)).changes.unchanged) == {item.id for item in result.findings}
    decide(city, sums.id, "reject", **BY)
    doubted = open_city(city.folder).doubts
    others = {ref.split("/")[1] for item in result.findings if item.id != sums.id for ref in item.refs}
    assert {name for name in doubted if "value-added" in name} <= others


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


def test_hostile_notes_are_kept_as_text(city: City) -> None:
    record(city, audit(city))
    decide(city, slip_of(city), "later", by="=HYPERLINK(1)", note='a,"b"\nc\udcff' + "x" * 5000, today=TODAY)
    last = open_city(city.folder).decisions.row(-1, named=True)
    assert last["by"] == "=HYPERLINK(1)"
    assert last["note"].startswith('a,"b"\nc?x')


def test_the_audit_of_another_place_is_not_kept(city: City) -> None:
    with pytest.raises(HeadframeError) as caught:
        record(city, audit(open_city("fuxin")))
    assert caught.value.problems[0].code == "HF433"
    assert not (city.folder / "audit/findings-computed.csv").exists()


def test_a_built_in_place_keeps_no_audit() -> None:
    fuxin = open_city("fuxin")
    with pytest.raises(HeadframeError) as caught:
        record(fuxin, audit(fuxin))
    assert caught.value.problems[0].code == "HF337"


def test_of_an_audit_of_several_cities_each_keeps_its_own(city: City) -> None:
    fuxin = open_city("fuxin")
    record(city, audit([city, fuxin]))
    assert set(open_city(city.folder).recorded.get_column("place_id")) == {"testville"}


def test_an_audit_by_some_detectors_leaves_the_findings_of_others(city: City) -> None:
    record(city, audit(city))
    before = open_city(city.folder).recorded
    part = audit(open_city(city.folder), options=AuditOptions(detectors=("repeats", "sums")))
    assert part.changes.gone == ()
    record(open_city(city.folder), part)
    assert open_city(city.folder).recorded.sort("finding_id").equals(before.sort("finding_id"))


def test_a_folder_of_many_places_is_audited_whole_or_one_place_at_a_time(tmp_path: Path) -> None:
    about = {"id": "many", "name_en": "Many", "name_zh": "多地"}
    places = [Place(id=name, name_en=name, name_zh=name, level="city") for name in ("alpha", "beta")]
    (tmp_path / "evidence").mkdir()
    (tmp_path / "panel.toml").write_text(panel_toml(about), encoding="utf-8")
    (tmp_path / "places.csv").write_text(places_text(places), encoding="utf-8")
    table = [
        {**one, "place_id": place.id, "obs_id": f"{place.id}-{one['obs_id']}"} for place in places for one in rows()
    ]
    write_rows(tmp_path, table)
    many = load_collection(tmp_path)
    result = audit(many)
    assert {item.place for item in result.findings if item.kind == "unit-slip"} == {"alpha", "beta"}
    record(many, result)
    before = load_collection(tmp_path).recorded
    assert set(before.get_column("place_id")) == {"alpha", "beta"}
    alpha = load_collection(tmp_path).city("alpha")
    changed = record(alpha, audit(alpha))
    after = load_collection(tmp_path).recorded
    beta = before.filter(place_id="beta")
    assert after.filter(place_id="beta").equals(beta)
    assert not {name for name in (*changed.new, *changed.gone) if name.startswith("beta")}
    record(load_collection(tmp_path), result)
    assert load_collection(tmp_path).recorded.sort("finding_id").equals(before.sort("finding_id"))


@pytest.mark.parametrize(
    ("told", "code"),
    [({"by": "Li\x01"}, "HF321"), ({"by": "x" * 30_000}, "HF320"), ({"note": "a\x00b"}, "HF321")],
    ids=["control", "long", "nul"],
)
def test_a_decision_that_could_not_be_read_again_is_refused(city: City, told: dict[str, str], code: str) -> None:
    record(city, audit(city))
    before = snapshot(city.folder)
    with pytest.raises(HeadframeError, match=code):
        decide(city, slip_of(city), "reject", **{**BY, **told})  # type: ignore[arg-type]
    assert snapshot(city.folder) == before
