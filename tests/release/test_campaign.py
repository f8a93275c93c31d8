"""The long campaign: steps are stamped, done ones are not done again, failures are recorded and do not stop it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.house.tree import ROOT


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The campaign's module, at work in an empty project."""
    spec = importlib.util.spec_from_file_location("campaign", ROOT / ".ci/campaign.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "campaign", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "commit", lambda: "0" * 40)
    return module


def planted(module: ModuleType, monkeypatch: pytest.MonkeyPatch, **programs: str) -> None:
    """Steps that append a line to a file of their name and then run a program."""
    root = module.ROOT
    counting = "open(r'{root}/{name}.count', 'a').write('x')\n{program}"
    found = [
        module.Step(name, ((sys.executable, "-c", counting.format(root=root, name=name, program=program)),))
        for name, program in programs.items()
    ]
    monkeypatch.setattr(module, "steps", lambda seed: tuple(found))


def run(module: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, dict[str, Any]]:
    monkeypatch.setattr(sys, "argv", ["campaign.py", *arguments])
    code = module.main()
    records = sorted((module.ROOT / "docs/campaign").glob("*.json"))
    return code, json.loads(records[-1].read_text(encoding="utf-8")) if records else {}


def count(module: ModuleType, name: str) -> int:
    path = module.ROOT / f"{name}.count"
    return len(path.read_text(encoding="utf-8")) if path.exists() else 0


def test_a_failed_step_is_recorded_and_done_again_while_a_good_one_is_not(
    campaign: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(campaign, monkeypatch, good="print('fine')", bad="raise SystemExit(7)", last="print('also')")
    code, record = run(campaign, monkeypatch, "--seed", "5")
    assert code == 1
    assert [(step["step"], step["exit"]) for step in record["steps"]] == [("good", 0), ("bad", 7), ("last", 0)]
    assert (record["seed"], record["commit"]) == (5, "0" * 40)
    planted(campaign, monkeypatch, good="print('fine')", bad="print('mended')", last="print('also')")
    code, record = run(campaign, monkeypatch, "--seed", "5")
    assert code == 0
    assert [(step["step"], step["exit"]) for step in record["steps"]] == [("good", 0), ("last", 0), ("bad", 0)]
    assert [count(campaign, name) for name in ("good", "bad", "last")] == [1, 2, 1]


def test_another_seed_is_another_campaign(campaign: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(campaign, monkeypatch, good="print('fine')")
    run(campaign, monkeypatch, "--seed", "0")
    run(campaign, monkeypatch, "--seed", "1")
    assert count(campaign, "good") == 2


def test_only_named_steps_run_and_listing_runs_none(
    campaign: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted(campaign, monkeypatch, one="print(1)", two="print(2)")
    run(campaign, monkeypatch, "--only", "two")
    assert (count(campaign, "one"), count(campaign, "two")) == (0, 1)
    capsys.readouterr()
    run(campaign, monkeypatch, "--list")
    assert capsys.readouterr().out == "open  one\ndone  two\n"
    assert count(campaign, "one") == 0


def test_figures_of_a_step_are_recorded(campaign: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = '<testsuites><testsuite tests="5" failures="1" errors="0" skipped="2"/></testsuites>'
    program = (
        f"open(r'{{folder}}/report.xml', 'w').write('{suite}'); open(r'{{folder}}/ratio.json', 'w').write('[1.5]')"
    )
    step = campaign.Step("counted", ((sys.executable, "-c", program),))
    outcome = campaign.carry_out(step, campaign.ROOT / "campaign", 1)
    assert outcome["tests"] == {"tests": 5, "failures": 1, "errors": 0, "skipped": 2}
    assert outcome["ratio"] == [1.5]


def test_the_steps_of_the_project_are_well_formed(campaign: ModuleType) -> None:
    names = [step.name for step in campaign.steps(1)]
    assert len(names) == len(set(names))
    assert {"windows-wheels", "properties", "kills", "browser", "bench-evidence"} <= set(names)


@pytest.mark.parametrize("script", ["run", "full", "setup.sh"])
def test_the_scripts_are_read_by_bash(script: str) -> None:
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / script)], check=True)


def test_the_run_uses_the_readme_s_own_commands() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("uv run headframe tour fuxin", "uv run pytest"):
        assert command in script
        assert command in readme
    assert "pip install uv" in readme
