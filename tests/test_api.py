"""The published Python names: quick to import, the same verbs, frozen results, the same bytes for the same inputs."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

import headframe
from headframe import api
from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel
from headframe.evidence.change import csv_text
from headframe.evidence.folder import open_city


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, headframe; print([m for m in ('polars', 'pydantic', 'numpy', 'pint') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_published_names_exist() -> None:
    for name in headframe.__all__:
        assert getattr(headframe, name) is not None
    with pytest.raises(AttributeError):
        _ = headframe.nothing


def test_verbs_from_python() -> None:
    fuxin = headframe.open("阜新市")
    measured = fuxin.measure()
    assert measured.place == "fuxin"
    assert measured.table().height > 50
    assert measured.sources()
    words = fuxin.words("zh")
    assert all(words.say(message) for message in measured.explain())
    assert all(words.say(message) for message in fuxin.diagnose().explain())


def test_same_inputs_same_bytes(tmp_path: Path) -> None:
    """Law 7, also in a fresh process with another hash seed."""
    code = "import sys; from pathlib import Path; from headframe import api\n"
    code += "api.report(api.one_city('fuxin'), Path(sys.argv[1]))"
    for name, seed in (("one", "1"), ("two", "2")):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / name)], check=True, env={"PYTHONHASHSEED": seed, "PATH": ""}
        )
    for file in ("fuxin.html", "fuxin.xlsx", "fuxin.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_changing_a_fact_changes_the_page_and_deleting_it_is_not_zero(tmp_path: Path) -> None:
    """Evidence carries the page: another number gives another page; no number gives a need, never a zero."""
    api.new(tmp_path / "mine", copy_of="fuxin")
    path = tmp_path / "mine/evidence/observations.csv"
    text = path.read_text(encoding="utf-8")
    api.report(open_city(tmp_path / "mine"), tmp_path / "out")
    before = (tmp_path / "out/fuxin.html").read_text(encoding="utf-8")

    heaps = next(line for line in text.split("\n") if ",gangue_heaps," in line)
    path.write_text(text.replace(heaps, heaps.replace(",=,28,", ",=,4317,")), encoding="utf-8")
    api.report(open_city(tmp_path / "mine"), tmp_path / "out")
    after = (tmp_path / "out/fuxin.html").read_text(encoding="utf-8")
    assert "4,317" in after or "4317" in after
    assert "4,317" not in before

    path.write_text(text.replace(heaps + "\n", ""), encoding="utf-8")
    city = open_city(tmp_path / "mine")
    assert city.latest("gangue_heaps").value is None
    measured = api.measure(city)
    assert "gangue_heaps" in {need.indicator for need in measured.needs()}
    for figure in (*measured.figures(), *api.diagnose(city, measured).figures()):
        if figure.indicator == "gangue_heaps" and figure.place == "fuxin":
            assert figure.value is None


def test_a_judgement_without_evidence_is_not_known_and_says_what_it_needs(tmp_path: Path) -> None:
    """All evidence on land and what is made of it taken out: the challenge is not known, never harmless or zero."""
    api.new(tmp_path / "mine", copy_of="fuxin")
    ecological = {i.id for i in catalog().indicators.values() if i.subject in {"ecology", "forestry", "resource"}}
    for path in (tmp_path / "mine/evidence").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        kept = [row for row in rows if row["indicator_id"] not in ecological]
        path.write_text(csv_text(list(rows[0]), kept), encoding="utf-8")
    result = api.diagnose(open_city(tmp_path / "mine"))
    ecology = result.challenge("ecology")
    assert ecology is not None
    assert ecology.severity_class == "not-known"
    assert ecology.severity.value is None
    assert ecology.missing
    assert all(need.command.startswith("headframe ") for need in ecology.missing)


def test_report_json_is_whole(tmp_path: Path) -> None:
    api.report(open_city("baiyin"), tmp_path)
    found = json.loads((tmp_path / "baiyin.json").read_text(encoding="utf-8"))
    assert found["measured"]["record"]["id"]
    assert found["diagnosed"]["challenges"]


def test_cancelled_verbs_stop_and_write_nothing(tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.request()
    with pytest.raises(HeadframeError) as raised:
        api.measure(open_city("fuxin"), cancel=cancel)
    assert raised.value.problems[0].code == "HF116"
