"""The command `audit`: findings, recording, decisions, replacement and undo, export, and what they change elsewhere."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe import api
from headframe.cli import main as cli
from headframe.core.errors import HeadframeError
from headframe.evidence.change import csv_text
from headframe.evidence.folder import City, open_city
from headframe.evidence.schema import OBSERVATION_COLUMNS
from headframe.show.terminal import columns
from tests.cli.conftest import Said
from tests.show.real import named

SCHEMAS = Path(__file__).resolve().parents[2] / "docs/schemas"
WHO = ("--author", "Li Wei", "--reason", "asked the bureau")
SLIP = "fuxin-o0006"  # gross domestic product per head of 2022 in the yearbook


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def mine(headframe: Callable[..., Said]) -> Path:
    """A copy of Fuxin whose yearbook has ten times the product per head of 2022; another source has it right."""
    assert headframe("new", "mine", "--from", "fuxin")[0] == 0
    official, own = Path("mine/evidence/official.csv"), Path("mine/evidence/observations.csv")
    rows = rows_of(official)
    right = next(row for row in rows if row["obs_id"] == SLIP)
    rival = {**right, "obs_id": "fuxin-rival", "source_id": "fuxin-government-report-2023", "locator": "p. 3"}
    value = float(right["value"])
    rival["raw_text"] = right["value"]
    right["value"] = right["raw_text"] = f"{10 * value:.0f}"
    official.write_text(csv_text(list(rows[0]), rows), encoding="utf-8")
    listed = rows_of(own)
    own.write_text(csv_text(list(listed[0]), [*listed, rival]), encoding="utf-8")
    return Path("mine")


def finding_on(city: City, obs_id: str, **wanted: str) -> str:
    """The id of a finding about one observation."""
    found = [item for item in api.audit(city).findings if f"fuxin/{obs_id}" in item.refs]
    return next(item.id for item in found if all(getattr(item, name) == text for name, text in wanted.items()))


STEPS = (1.2, -0.7, 0.4, 1.9, -0.3, 0.8, 1.1, -1.4, 0.6, 0.2, 1.3, -0.9, 0.5, 1.7, -0.2, 0.9, -1.1, 0.3, 1.5, 0.1)
SLIPPED = 12


@pytest.fixture
def town(headframe: Callable[..., Said]) -> tuple[Path, str, float]:
    """A town with one series, in which one figure is ten times too large; its finding, recorded, and what was right."""
    assert headframe("new", "town", "--name", "Town", "--name-zh", "某市")[0] == 0
    values = [182.37]
    for step in STEPS:
        values.append(round(values[-1] * (1 + step / 100), 2))
    rows = [
        {
            **dict.fromkeys(OBSERVATION_COLUMNS, ""),
            "obs_id": f"town-{n}",
            "place_id": "town",
            "indicator_id": "population_registered",
            "freq": "A",
            "period_start": str(2000 + n),
            "period_end": str(2000 + n),
            "qualifier": "=",
            "status": "A",
            "value": f"{value * (10 if n == SLIPPED else 1):.2f}",
            "unit": "10000 person",
            "method": "reported",
            "source_id": "cn-city-statistical-yearbook-2021",
            "locator": "table 2-1",
        }
        for n, value in enumerate(values)
    ]
    Path("town/evidence/observations.csv").write_text(csv_text(OBSERVATION_COLUMNS, rows), encoding="utf-8")
    assert headframe("audit", "town", "--record")[0] == 0
    (item,) = api.audit(open_city("town")).findings
    assert item.refs == (f"town/town-{SLIPPED}",)
    return Path("town"), item.id, 1e4 * values[SLIPPED]


def per_head(city: City) -> tuple[tuple[str, ...], float | None, float | None]:
    """What the newest score of the meter takes for product per head, and the score."""
    year = api.measure(city).meter.scored[-1]
    part = next(one for one in year.contributions if one.indicator == "gdp_per_head")
    return part.value.observations, part.value.value, year.score.value


def test_findings_end_well_and_come_gravest_first(headframe: Callable[..., Said]) -> None:
    status, out, _ = headframe("audit", "fuxin")
    assert status == 0
    found = api.audit(open_city("fuxin")).findings
    places = [out.index(item.id) for item in found]
    assert places == sorted(places)
    assert [item.severity for item in found] == sorted((i.severity for i in found), key=["high", "medium", "low"].index)
    assert "What was not checked:" in out
    assert all(columns(line) <= 82 for line in out.splitlines())


def test_both_languages(headframe: Callable[..., Said]) -> None:
    _, out, _ = headframe("audit", "fuxin", "--lang", "zh")
    assert "待核实" in out
    assert "造假" not in out
    sentence = re.compile(r"[A-Z][a-z]+(?: [a-z]+){3,}")
    assert not sentence.search(out)


def test_json_follows_its_schema(headframe: Callable[..., Said]) -> None:
    status, out, _ = headframe("audit", "fuxin", "--json")
    assert status == 0
    schema = json.loads((SCHEMAS / "audit.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(out))


def test_a_place_without_figures(headframe: Callable[..., Said]) -> None:
    headframe("new", "empty", "--name", "Empty", "--name-zh", "空市")
    status, out, _ = headframe("audit", "empty", "--record")
    assert status == 0
    assert "no figures to audit" in out


def test_some_checks_alone(headframe: Callable[..., Said]) -> None:
    status, out, _ = headframe("audit", "fuxin", "--detector", "impossible", "--json")
    assert status == 0
    assert {item["detector"] for item in json.loads(out)["findings"]} == {"impossible"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--detector", "fils"], "HF431"),
        (["--record"], "HF337"),
        (["--decide", "fuxin-a1", "accept", *WHO], "HF337"),
        (["--detector", "fills", "--record"], "HF446"),
        (["--out", "findings.pdf"], "HF448"),
        (["--out", "findings"], "HF448"),
        (["--treatment", "keep"], "HF449"),
        (["--author", "Li"], "HF449"),
        (["--decide", "fuxin-a1", "accept", "--record"], "HF449"),
        (["--decide", "fuxin-a1"], "HF701"),
        (["--lang", "fr"], "HF702"),
    ],
    ids=lambda part: part if isinstance(part, str) else "-".join(part).replace("--", ""),
)
def test_what_can_be_mistyped(headframe: Callable[..., Said], words: list[str], code: str) -> None:
    status, _, err = headframe("audit", "fuxin", *words)
    assert status in {1, 2}
    assert code in err


def test_recorded_findings_are_told_as_recorded(headframe: Callable[..., Said], mine: Path) -> None:
    assert "(new)" in headframe("audit", "mine", "--record")[1]
    status, out, _ = headframe("audit", "mine")
    assert status == 0
    assert "(new)" not in out
    assert "(as recorded)" in out
    assert headframe("check", "mine")[0] == 0
    before = (mine / "audit/findings-computed.csv").read_bytes()
    headframe("audit", "mine", "--record")
    assert (mine / "audit/findings-computed.csv").read_bytes() == before


def test_a_finding_that_is_gone_is_told(headframe: Callable[..., Said], mine: Path) -> None:
    headframe("audit", "mine", "--record")
    name = finding_on(open_city(mine), SLIP, detector="quotients")
    path = mine / "evidence/official.csv"
    rows = rows_of(path)
    for row in rows:
        if row["obs_id"] == SLIP:
            row["value"] = f"{float(row['value']) / 10:.0f}"
    path.write_text(csv_text(list(rows[0]), rows), encoding="utf-8")
    _, out, _ = headframe("audit", "mine")
    assert re.search(rf"found no more {name}", out)


def test_a_recorded_finding_changes_what_the_meter_rests_on(headframe: Callable[..., Said], mine: Path) -> None:
    """From end to end: a slip is found, recorded, and the rival of a less reliable source takes its place."""
    before = per_head(open_city(mine))
    assert before[0] == (f"fuxin/{SLIP}",)
    assert headframe("audit", "mine", "--record")[0] == 0
    city = open_city(mine)
    assert SLIP in city.doubts
    after = per_head(city)
    assert after[0] == ("fuxin/fuxin-rival",)
    assert after[1] == pytest.approx((before[1] or 0.0) / 10)
    assert after[2] != before[2]
    choice = next(one for one in city.choices("gdp_per_head") if one.chosen.observations == ("fuxin/fuxin-rival",))
    assert choice.rule.id == "reconcile.doubt"
    for language in ("en", "zh"):
        assert api.open(mine).words(language).say(choice.rule)
    for name in [item.id for item in api.audit(city).findings if f"fuxin/{SLIP}" in item.refs]:
        assert headframe("audit", "mine", "--decide", name, "reject", *WHO)[0] == 0
    assert per_head(open_city(mine)) == before


def test_setting_aside_lowers_the_status_of_a_figure_that_stands_alone(
    headframe: Callable[..., Said], town: tuple[Path, str, float]
) -> None:
    folder, name, right = town
    done = headframe("audit", "town", "--decide", name, "accept", "--treatment", "set-aside", *WHO)
    assert done[0] == 0
    figure = open_city(folder).figure("population_registered", year=2000 + SLIPPED)
    assert figure.status == "U"
    assert figure.value == pytest.approx(10 * right, rel=1e-3)  # the value stays to be seen


def test_decisions_are_kept_and_the_last_one_holds(headframe: Callable[..., Said], mine: Path) -> None:
    headframe("audit", "mine", "--record")
    name = finding_on(open_city(mine), SLIP, detector="quotients")
    for decision in ("later", "accept"):
        status, out, _ = headframe("audit", "mine", "--decide", name, decision, *WHO)
        assert status == 0
        assert name in out
    assert [row["decision"] for row in rows_of(mine / "audit/decisions.csv")] == ["later", "accept"]
    _, out, _ = headframe("audit", "mine")
    assert "Decision: accepted (Li Wei," in out
    status, out, _ = headframe("audit", "mine", "--decide", name, "reject", *WHO, "--json")
    schema = json.loads((SCHEMAS / "change.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(out))


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (["fuxin-a0000000000", "accept", *WHO], "HF434"),
        (["NAME", "perhaps", *WHO], "HF435"),
        (["NAME", "accept", "--treatment", "burn", *WHO], "HF435"),
        (["NAME", "accept"], "HF435"),
        (["NAME", "accept", "--treatment", "replace", *WHO], "HF447"),
    ],
    ids=["unknown", "decision", "treatment", "nobody", "nothing-to-put"],
)
def test_a_faulty_decision_changes_nothing(
    headframe: Callable[..., Said], mine: Path, decision: list[str], code: str
) -> None:
    headframe("audit", "mine", "--record")
    name = finding_on(open_city(mine), SLIP, detector="quotients")  # it names nothing to put in the figure's place
    before = {path: path.read_bytes() for path in mine.rglob("*.csv")}
    status, _, err = headframe("audit", "mine", "--decide", *(name if word == "NAME" else word for word in decision))
    assert status == 1
    assert code in err
    assert {path: path.read_bytes() for path in mine.rglob("*.csv")} == before


def test_replacing_is_a_correction_that_can_be_undone(
    headframe: Callable[..., Said], town: tuple[Path, str, float]
) -> None:
    folder, name, right = town
    asked = ("audit", "town", "--decide", name, "accept", *WHO)  # to replace is what the audit suggests
    status, out, _ = headframe(*asked)
    assert status == 0
    correction = re.search(r"correction-[\d-]+", out)
    assert correction is not None
    assert f"headframe correct town --undo {correction[0]}" in out
    figure = open_city(folder).figure("population_registered", year=2000 + SLIPPED)
    assert figure.value == pytest.approx(right, rel=1e-3)
    assert figure.status == "E"  # what the audit puts there is no measurement
    entry = next(one for one in rows_of(folder / "evidence/imports.csv") if one["import_id"] == correction[0])
    assert (entry["author"], entry["reason"]) == ("Li Wei", "asked the bureau")
    before = {path: path.read_bytes() for path in folder.rglob("*.csv")}
    assert headframe(*asked, "--treatment", "replace")[0] == 1  # not twice
    assert {path: path.read_bytes() for path in folder.rglob("*.csv")} == before
    assert headframe("correct", "town", "--undo", correction[0], *WHO)[0] == 0
    assert headframe("audit", "town", "--decide", name, "reject", *WHO)[0] == 0
    again = open_city(folder).figure("population_registered", year=2000 + SLIPPED)
    assert (again.value, again.status) == (pytest.approx(10 * right, rel=1e-3), "A")


def test_a_correction_whose_decision_cannot_be_kept_is_withdrawn(
    headframe: Callable[..., Said], town: tuple[Path, str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name, _ = town

    def full(*_: object, **__: object) -> None:
        raise HeadframeError.of("HF112", "town", reason="disk full")

    monkeypatch.setattr("headframe.audit.record.decide", full)
    status, _, err = headframe("audit", "town", "--decide", name, "accept", *WHO)
    assert status == 1
    assert "HF112" in err
    rows = open_city(folder).observations
    assert rows.filter(rows["replaces"] == f"town-{SLIPPED}").get_column("active").to_list() == [False]


def test_export_is_safe_in_spreadsheets(headframe: Callable[..., Said], mine: Path) -> None:
    headframe("audit", "mine", "--record")
    name = finding_on(open_city(mine), SLIP, detector="quotients")
    formula = '=HYPERLINK("http://x","y")'
    headframe("audit", "mine", "--decide", name, "accept", "--author", "@SUM(1)", "--reason", formula)
    status, out, _ = headframe("audit", "mine", "--out", "f.csv")
    assert status == 0
    assert "f.csv" in out
    rows = list(csv.DictReader(io.StringIO(Path("f.csv").read_bytes().decode("utf-8-sig"))))
    kept = next(row for row in rows if row["finding_id"] == name)
    assert (kept["decided_by"], kept["decision_note"]) == ("'@SUM(1)", f"'{formula}")
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    assert headframe("audit", "mine", "--out", "f.xlsx")[0] == 0
    sheet = named(Path("f.xlsx").read_bytes(), "Integrity")
    assert len(sheet) == len(rows)
    assert next(row for row in sheet if row["finding_id"] == name)["decision_note"] == formula


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_narrow_consoles_print_what_they_can(encoding: str) -> None:
    environment = {**os.environ, "HEADFRAME_LANG": "zh", "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "headframe.cli.main", "audit", "fuxin"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    if encoding == "gbk":
        assert "待核实" in done.stdout.decode("gbk")


HOSTILE = ["--decide", "--record", "--detector", "--treatment", "--out", "accept", "keep", "", "\x00", "../x", "=1"]


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8)), max_size=6))
def test_no_words_end_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(io.StringIO()) as told:
        patch.chdir(tmp_path_factory.getbasetemp())
        patch.setattr(sys, "argv", ["headframe", "audit", "no such city", *words])
        assert cli.main() in {1, 2}
    assert "Traceback" not in told.getvalue()
    assert "HF799" not in told.getvalue()


def test_every_report_has_the_section(headframe: Callable[..., Said], tmp_path: Path) -> None:
    for place in ("fuxin", "benxi"):  # with findings, and without any figure
        assert headframe("report", place, "--out", "o")[0] == 0
        page = Path(f"o/{place}.html").read_text(encoding="utf-8")
        for code in ("en", "zh"):
            assert re.search(rf'<section id="{code}-integrity" class="state-ready"', page)
        found = json.loads(Path(f"o/{place}.json").read_text(encoding="utf-8"))
        assert found["audited"]["place"] == place
