"""A sample of the damaged and hostile files; the campaign runs ten thousand.

A failure names its number; `python -m tests.evidence.importing.fuzz --number N --write FILE` repeats it and keeps the
file.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("bounds of memory and time are set as on POSIX systems", allow_module_level=True)

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.formats import read_file
from tests.evidence.importing.fuzz import worker
from tests.evidence.importing.fuzz.cases import KINDS, LIGHT, ROUND, SEED, case, sample
from tests.evidence.importing.fuzz.trials import Trials, figures, run
from tests.evidence.importing.fuzz.worker import Outcome, Watch, tried

IMPORTED = 9  # every so many cases of the sample are imported into a folder too; in the campaign all are


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    """A process that tries cases, with memory and time bounded."""
    with Trials(tmp_path_factory.mktemp("fuzz"), SEED) as running:
        yield running


@pytest.mark.parametrize("number", sample())
def test_case(trials: Trials, number: int) -> None:
    outcome = trials.tried(number, into=number % IMPORTED == 0)
    assert not outcome.fault, f"{outcome.trick}\n{outcome.fault}"
    assert outcome.reading
    if outcome.trick.removeprefix("sound ") in KINDS:
        stata = outcome.trick == "sound stata"
        assert outcome.reading == ("HF372" if stata else "read")
        assert "read" in outcome.layouts.values() or (stata and outcome.layouts["stata"] == "HF466"), outcome.layouts


def test_a_number_is_always_the_same_file() -> None:
    for number in sample(len(LIGHT) + 10):
        assert case(number) == case(number)
    assert case(3, seed=1) != case(3, seed=2)


def test_a_round_has_every_trick_and_the_sample_all_but_the_slow_ones() -> None:
    counts = Counter(case(number).trick for number in sample(len(LIGHT)))
    assert counts == Counter(slot.name for slot in ROUND if not slot.heavy)
    assert {f"sound {name}" for name in KINDS} <= set(counts)


# The net is tested too: what it is to catch has to be caught.
def _fault(folder: Path, monkeypatch: pytest.MonkeyPatch, probe: object) -> str:
    (folder / "inner").mkdir()
    (folder / "temporary").mkdir()
    monkeypatch.setattr(worker, "probed", probe)
    watch = Watch(folder)
    outcome = tried(0, SEED, folder, watch)
    watch.active = False
    return outcome.fault


def test_another_exception_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def probe(path: Path, *, everywhere: bool) -> tuple[str, dict[str, str]]:
        raise KeyError(path, everywhere)

    assert "KeyError" in _fault(tmp_path, monkeypatch, probe)


def test_a_file_left_behind_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def probe(path: Path, *, everywhere: bool) -> tuple[str, dict[str, str]]:
        path.with_name(f"left-{everywhere}").touch()
        return "read", {}

    assert "left-True" in _fault(tmp_path, monkeypatch, probe)


def test_writing_elsewhere_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path.parent / f"{tmp_path.name}-other"

    def probe(path: Path, *, everywhere: bool) -> tuple[str, dict[str, str]]:
        other.write_text("x", encoding="utf-8")
        return "read", {}

    assert f"open {other}" in _fault(tmp_path, monkeypatch, probe)
    other.unlink()


def test_a_changed_file_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def probe(path: Path, *, everywhere: bool) -> tuple[str, dict[str, str]]:
        path.write_bytes(b"x")
        return "read", {}

    assert "changed" in _fault(tmp_path, monkeypatch, probe)


@pytest.mark.parametrize(("code", "signal"), [("os.abort()", "SIGABRT"), ("sys.exit(3)", "3")])
def test_a_process_that_dies_is_a_fault_and_the_next_case_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, signal: str
) -> None:
    with Trials(tmp_path, SEED) as trials:
        command = (sys.executable, "-c", f"import os, sys; sys.stdin.readline(); {code}")
        monkeypatch.setattr(trials, "_command", command)
        assert f"the process died: {signal}" in trials.tried(0, into=False).fault
        monkeypatch.undo()
        assert not trials.tried(0, into=False).fault


def test_memory_and_time_are_bounded(tmp_path: Path) -> None:
    bounds = tmp_path / "bounds.py"
    bounds.write_text(
        "import sys\nfrom tests.evidence.importing.fuzz import worker\nworker.ADDRESSES, worker.SECONDS = 3 << 30, 1\n"
        "def probed(path, *, everywhere):\n"
        "    bytes(4 << 30) if everywhere else [None for _ in iter(int, 1) if 0]\n"
        "worker.probed = probed\nworker.main()\n",
        encoding="utf-8",
    )
    with Trials(tmp_path, SEED, (sys.executable, str(bounds))) as trials:
        assert "MemoryError" in trials.tried(0, into=False).fault
        assert "SIGXCPU" in trials.tried(1, into=False).fault


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    first = list(run([12, 13], tmp_path, SEED, kept, 100))
    lines = kept.read_text(encoding="utf-8").splitlines()
    marked = {**json.loads(lines[0]), "trick": "kept"}
    kept.write_text(f"{json.dumps(marked)}\n{lines[1][:40]}", encoding="utf-8")  # stopped while it wrote
    again = list(run([12, 13, 14], tmp_path, SEED, kept, 100))
    assert [one.trick for one in again] == ["kept", first[1].trick, case(14).trick]
    assert [one.trick for one in run([12, 13, 14], tmp_path, SEED, kept, 100)] == [one.trick for one in again]


def test_figures_count_outcomes_and_name_faults() -> None:
    made = [
        Outcome(2, "zip twice", 10, "HF374", {"table": "HF374"}, "HF374", 0.5, 3.0),
        Outcome(1, "sound csv", 20, "read", {"table": "read"}, "imported", 0.1, 9.0),
        Outcome(3, "xml deep", 30, "", {}, "", 2.0, 1.0, "KeyError"),
    ]
    found = figures(made, 7)
    assert found["cases"] == 3
    assert found["reading"] == {"HF374": 1, "read": 1, "fault": 1}
    assert found["importing"] == {"HF374": 1, "imported": 1, "fault": 1}
    assert found["layouts"] == {"table": {"HF374": 1, "read": 1}}
    assert [fault["number"] for fault in found["faults"]] == [3]
    assert found["slowest"][0]["number"] == 3
    assert found["largest"][0]["number"] == 1


def test_the_sample_is_not_refused_wholesale(tmp_path: Path) -> None:
    """Damage that always ends in the same refusal would test nothing."""
    found = Counter[str]()
    numbers = sample(len(LIGHT))[::3]
    for number in numbers:
        made = case(number).file
        path = tmp_path / f"case{made.suffix}"
        path.write_bytes(made.data)
        try:
            read_file(path)
            found["read"] += 1
        except HeadframeError as error:
            found[error.problems[0].code] += 1
    assert found["read"] > len(numbers) // 3
    assert len(found) > 4, found
