"""The command line: exit codes, JSON by published schemas, both languages, no traceback whatever is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.cli import main as cli
from headframe.evidence.folder import open_city

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs/schemas"


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["headframe", *words])
    status = cli.main()
    seen = capsys.readouterr()
    assert "Traceback" not in seen.out + seen.err
    return status, seen.out, seen.err


@pytest.fixture
def headframe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    return lambda *words: run(monkeypatch, capsys, *words)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["chek"], 2, "HF701"),
        (["check"], 2, "HF701"),
        (["check", "fuxni"], 1, "HF300"),
        (["check", "fuxin", "--lang", "fr"], 1, "HF702"),
        (["measure", "fuxin", "--seed", "-1"], 2, "HF701"),
        (["measure", "fuxin", "--seed", "x"], 2, "HF701"),
        (["correct", "fuxin"], 1, "HF704"),
        (["correct", "fuxin", "fuxin-0001", "--undo", "x"], 1, "HF704"),
        (["correct", "fuxin", "fuxin-0001", "--set", "place_id=x"], 1, "HF705"),
        (["correct", "fuxin", "fuxin-0001", "--set", "value=1", "--author", "a", "--reason", "b"], 1, "HF337"),
        (["upgrade", "nowhere"], 1, "HF301"),
        (["bench", "nothing"], 1, "HF8"),
    ],
)
def test_what_can_be_mistyped(headframe, words: list[str], status: int, code: str) -> None:  # type: ignore[no-untyped-def]
    found, _, err = headframe(*words)
    assert found == status
    assert code in err


def test_tour_is_for_built_in_places(headframe, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "mine").mkdir()
    status, _, err = headframe("tour", "mine")
    assert status == 1
    assert "HF703" in err


def test_a_defect_is_said_without_a_trace_on_screen(headframe, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    def broken(name: str) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("headframe.api.check", broken)
    status, _, err = headframe("check", "fuxin")
    assert status == 70
    assert "HF799" in err
    trace = Path(err.split("headframe-")[1].split(".txt")[0])
    assert trace.name


def test_new_fill_check_correct_undo(headframe, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert headframe("new", "我的 城市", "--name", "My city", "--name-zh", "我的城市")[0] == 0
    assert headframe("check", "我的 城市")[0] == 0
    assert headframe("new", "我的 城市", "--name", "My city")[0] == 1
    assert headframe("new", "copy", "--from", "fuxin")[0] == 0
    before = open_city("copy").figure("gdp", year=2020).value
    row = open_city("copy").figure("gdp", year=2020).observations[0].split("/")[1]
    who = ("--author", "Li Wei", "--reason", "new edition")
    status, out, _ = headframe("correct", "copy", row, "--set", "value=123", *who, "--json")
    assert status == 0
    change = json.loads(out)
    assert open_city("copy").figure("gdp", year=2020).value != before
    assert headframe("correct", "copy", "--undo", change["import_id"], *who)[0] == 0
    assert open_city("copy").figure("gdp", year=2020).value == before


def test_check_names_file_row_and_column(headframe) -> None:  # type: ignore[no-untyped-def]
    headframe("new", "copy", "--from", "fuxin")
    path = Path("copy/evidence/observations.csv")
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[4] = lines[4].replace(",count,", ",cuont,", 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    status, out, _ = headframe("check", "copy")
    assert status == 1
    assert "evidence/observations.csv, row 5, column unit" in out
    status, out, _ = headframe("check", "copy", "--json")
    assert status == 1
    assert json.loads(out)["faults"][0]["code"] == "HF101"
    assert "单位" in headframe("check", "copy", "--lang", "zh")[1]


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("check", ["check", "fuxin"]),
        ("measure", ["measure", "fuxin"]),
        ("diagnose", ["diagnose", "fuxin"]),
        ("change", ["new", "x", "--from", "fuxin"]),
        ("change", ["tour", "fuxin", "--out", "o"]),
        ("change", ["export", "fuxin", "--out", "o.xlsx"]),
    ],
)
def test_json_follows_its_published_schema(headframe, verb: str, words: list[str]) -> None:  # type: ignore[no-untyped-def]
    status, out, _ = headframe(*words, "--json")
    assert status == 0
    schema = json.loads((SCHEMAS / f"{verb}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(out))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_verb_has_help_in_both_languages(language: str) -> None:
    environment = {**os.environ, "HEADFRAME_LANG": language, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "headframe.cli.main", "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert ("城市" in done.stdout) == (language == "zh")


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize(
    "words", [["check", "fuxin", "--lang", "zh"], ["measure", "fuxin", "--lang", "zh"], ["check", "无此城"]]
)
def test_narrow_consoles_do_not_break(encoding: str, words: list[str]) -> None:
    environment = {**os.environ, "HEADFRAME_LANG": "zh", "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "headframe.cli.main", *words]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode in {0, 1}
    assert b"Traceback" not in done.stderr
    if encoding == "gbk":
        assert (done.stdout + done.stderr).decode("gbk", errors="strict")


VERBS = ["tour", "report", "measure", "diagnose", "check", "new", "upgrade", "correct", "export", "bench", "--help"]


@given(
    st.lists(
        st.one_of(st.sampled_from([*VERBS, "--out", "--json", "--lang", "--set", "--from"]), st.text(max_size=12)),
        max_size=5,
    )
)
def test_no_words_end_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    """Anything typed gives a status; verbs that compute are kept to names that cannot exist."""
    folder = tmp_path_factory.mktemp("typed")
    old, argv = Path.cwd(), sys.argv
    heavy = {"tour", "bench"} & set(words)
    sys.argv = ["headframe", *(word for word in words if not heavy or word not in {"tour", "bench"})]
    os.chdir(folder)
    try:
        assert cli.main() in {0, 1, 2}
    finally:
        os.chdir(old)
        sys.argv = argv
