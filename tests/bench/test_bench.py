"""The runner of benchmarks: subjects in processes of their own, peers that may be missing, answers before times."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from headframe.bench import peers
from headframe.bench.rows import Row
from headframe.bench.runner import FOLDER, benchmark_names, find_benchmark, machine, row_of, run
from headframe.bench.subject import Timing, environment_python, measure, same_answer
from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel

SUBJECT = """
from stopwatch import main
main({"sum": (lambda o: list(range(o["n"])), sum, lambda total: {"total": total OFFSET})})
"""
CASES = """
def cases(bench):
    yield bench.compare("sum", "ours", "theirs", {"n": 1000})
    yield bench.compare("sum", "ours", options={"n": 10})
"""


@pytest.fixture
def benchmarks(tmp_path: Path) -> Path:
    """A folder with one benchmark, our subject, and a peer's subject that gives the same answer."""
    folder = tmp_path / "城市 benchmarks"
    (folder / "subjects").mkdir(parents=True)
    (folder / "adding.py").write_text(CASES, encoding="utf-8")
    for name in ("ours", "theirs"):
        (folder / f"subjects/adding_{name}.py").write_text(SUBJECT.replace("OFFSET", ""), encoding="utf-8")
    stopwatch = (FOLDER / "subjects/stopwatch.py").read_text(encoding="utf-8")
    (folder / "subjects/stopwatch.py").write_text(stopwatch, encoding="utf-8")
    return folder


def with_peer(folder: Path) -> Path:
    """Pretend that the peers' environment is installed: a start file that runs this interpreter."""
    python = environment_python(peers.environment_of(folder, "adding"))
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return folder


def codes(error: pytest.ExceptionInfo[HeadframeError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_rows_carry_times_memory_and_ratio(benchmarks: Path) -> None:
    result = run("adding", folder=with_peer(benchmarks))
    first, second = result.rows
    assert first.seconds is not None
    assert first.peer_seconds is not None
    assert first.ratio == pytest.approx(first.peer_seconds / first.seconds)
    assert (first.case, first.subject, first.peer, first.note) == ("sum", "ours", "theirs", ())
    assert (second.peer, second.peer_seconds, second.ratio, second.note) == ("", None, None, ())
    if sys.platform == "linux":
        assert first.peak_mib is not None
        assert 3 < first.peak_mib < 200


def test_a_missing_peer_is_a_row_that_says_so(benchmarks: Path) -> None:
    row = run("adding", folder=benchmarks).rows[0]
    assert row.seconds is not None
    assert (row.peer, row.peer_seconds, row.ratio) == ("theirs", None, None)
    assert [message.id for message in row.note] == ["bench.peer-missing"]


def test_a_peer_whose_module_is_missing_is_missing(benchmarks: Path) -> None:
    text = 'from stopwatch import lacks\nlacks("nothing")\n'
    (benchmarks / "subjects/adding_theirs.py").write_text(text, encoding="utf-8")
    row = run("adding", folder=with_peer(benchmarks)).rows[0]
    assert [message.id for message in row.note] == ["bench.peer-missing"]


def test_times_are_not_compared_where_answers_differ(benchmarks: Path) -> None:
    (benchmarks / "subjects/adding_theirs.py").write_text(SUBJECT.replace("OFFSET", "+ 1"), encoding="utf-8")
    row = run("adding", folder=with_peer(benchmarks)).rows[0]
    assert row.seconds is not None
    assert row.peer_seconds is not None
    assert row.ratio is None
    assert [message.id for message in row.note] == ["bench.answers-differ"]


@pytest.mark.parametrize(
    "text", ["raise ValueError('broken')", "print('no report')", "print('[1]')", "import os; os.abort()"]
)
def test_a_subject_that_fails_is_an_error_with_its_last_words(benchmarks: Path, text: str) -> None:
    (benchmarks / "subjects/adding_ours.py").write_text(text, encoding="utf-8")
    with pytest.raises(HeadframeError) as error:
        run("adding", folder=benchmarks)
    assert codes(error) == ["HF803"]
    assert "broken" in str(error.value) or "ValueError" not in text


def test_repeats_that_differ_are_an_error(benchmarks: Path) -> None:
    changing = 'from stopwatch import main\nimport os\nmain({"sum": (dict, dict, lambda _: os.getpid())})\n'
    script = benchmarks / "subjects/adding_ours.py"
    script.write_text(changing, encoding="utf-8")
    with pytest.raises(HeadframeError) as error:
        measure(script, "sum", {}, repeats=2)
    assert codes(error) == ["HF803"]


def test_the_least_time_and_the_largest_peak_are_taken(benchmarks: Path, tmp_path: Path) -> None:
    counter = tmp_path / "count"
    text = (
        "import json, pathlib, sys\n"
        "path = pathlib.Path(json.loads(sys.argv[2])['count'])\n"
        "number = int(path.read_text()) if path.exists() else 0\n"
        "path.write_text(str(number + 1))\n"
        "print(json.dumps({'seconds': [3.0, 1.0, 2.0][number], 'peak_mib': [7, None, 9][number], 'answer': 1}))\n"
    )
    script = benchmarks / "subjects/adding_ours.py"
    script.write_text(text, encoding="utf-8")
    assert measure(script, "sum", {"count": str(counter)}) == Timing(1.0, 9.0, 1)


def test_unknown_names_and_a_missing_folder_are_explained(benchmarks: Path, tmp_path: Path) -> None:
    for name in ("ading", "../adding", "", "adding.py", "subjects/adding_ours", "名"):
        with pytest.raises(HeadframeError) as error:
            find_benchmark(name, benchmarks)
        assert codes(error) == ["HF802"]
    with pytest.raises(HeadframeError) as error:
        find_benchmark("adding", tmp_path / "none")
    assert codes(error) == ["HF801"]


def test_peers_that_cannot_be_installed_are_explained(benchmarks: Path, tmp_path: Path) -> None:
    with pytest.raises(HeadframeError) as error:
        run("adding", folder=benchmarks, with_peers=True)
    assert codes(error) == ["HF805"]
    requirements = benchmarks / "requirements-adding.txt"
    requirements.write_text(f"--no-index\n{tmp_path / 'missing.whl'}\n", encoding="utf-8")
    with pytest.raises(HeadframeError) as error:
        peers.install_peers(benchmarks, "adding")
    assert codes(error) == ["HF804"]


def test_a_cancelled_run_stops(benchmarks: Path) -> None:
    cancel = Cancel()
    cancel.request()
    with pytest.raises(HeadframeError) as error:
        run("adding", folder=benchmarks, cancel=cancel)
    assert codes(error) == ["HF116"]


def test_progress_is_reported_and_the_table_holds_every_row(benchmarks: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    result = run("adding", folder=benchmarks, sample=True, progress=lambda *step: seen.append(step))
    assert [step[0] for step in seen] == [0, 1, 1, 2]
    table = result.table()
    assert table.columns[:3] == ["case", "subject", "seconds"]
    assert table.get_column("note").to_list() == ["bench.peer-missing", ""]
    assert json.loads(result.model_dump_json())["machine"] == machine()
    assert int(machine()["processors"]) >= 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1.0}, {"a": 1.0 + 1e-12}, True),
        ({"a": 1.0}, {"a": 1.0 + 1e-6}, False),
        ({"a": 1}, {"b": 1}, False),
        ([1, "x"], [1, "x"], True),
        ([1], [1, 2], False),
        (1, 2, False),
        (1, True, False),
        (2.0, 2, True),
        ("a", 1.0, False),
        (0.0, 1e-300, False),
        (float("nan"), float("nan"), False),
    ],
)
def test_answers_agree_only_when_they_do(one: object, other: object, same: object) -> None:
    assert same_answer(one, other) is same


def test_memory_that_is_not_told_is_said() -> None:
    row = row_of("x", ("ours", Timing(1.0, None, 1)), ("theirs", Timing(2.0, 5.0, 1)))
    assert (row.peak_mib, row.ratio) == (None, 2.0)
    assert [message.id for message in row.note] == ["bench.memory-not-measured"]


def test_a_subject_that_is_missing_is_said() -> None:
    row = row_of("x", ("ours", None), ("", None))
    assert (row.seconds, [message.id for message in row.note]) == (None, ["bench.subject-missing"])


def load_stopwatch() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stopwatch", FOLDER / "subjects/stopwatch.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_peak_is_that_of_the_process_alone(benchmarks: Path) -> None:
    ballast = bytearray(os.urandom(1) * (200 << 20))  # a process that starts a subject does not add its own memory
    assert load_stopwatch().peak_mib() > 200
    timing = measure(benchmarks / "subjects/adding_ours.py", "sum", {"n": 5}, repeats=1)
    assert timing is not None
    assert timing.peak_mib is not None
    assert timing.peak_mib < 100
    del ballast


def test_every_benchmark_of_the_project_runs_a_sample() -> None:
    assert benchmark_names()
    for name in benchmark_names():
        rows = run(name, sample=True).rows
        assert rows
        assert all(isinstance(row, Row) and row.seconds is not None for row in rows)
        assert not any(message.id == "bench.answers-differ" for row in rows for message in row.note)
