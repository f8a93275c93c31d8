"""The command `import` as a person uses it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

TABLE = "指标\t单位\t2019年\t2020年\n地区生产总值\t亿元\t12.5\t13.1\n"


@pytest.fixture
def town(headframe, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    folder = tmp_path / "town"
    assert headframe("new", str(folder), "--name", "Town", "--name-zh", "某镇", "--level", "county")[0] == 0
    return folder


def test_files_and_pasted_text_come_in_and_go_out_again(headframe, town: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    source = town.parent / "a.tsv"
    source.write_text(TABLE, encoding="utf-8")
    status, out, _ = headframe("import", str(source), "--into", str(town), "--preview")
    assert status == 0
    assert "Nothing was written" in out
    status, out, _ = headframe("import", str(source), "--into", str(town), "--author", "Li", "--lang", "zh")
    assert status == 0
    assert "已写入 2 条观测" in out
    identifier = out.split("--undo ")[1].split()[0]
    assert headframe("correct", str(town), "--undo", identifier, "--author", "Li", "--reason", "x")[0] == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(TABLE))
    status, out, _ = headframe("import", "-", "--into", str(town), "--json")
    assert status == 0
    assert json.loads(out)["rows"] == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["import"], "HF710"),
        (["import", "a.csv"], "HF710"),
        (["import", "-", "--into", "town"], "HF711"),
        (["import", "a.csv", "--into", "town", "--source", "title"], "HF712"),
        (["import", "a.csv", "--into", "town", "--source", "colour=red"], "HF713"),
    ],
    ids=["nothing", "nowhere", "empty", "no-pair", "no-key"],
)
def test_what_a_person_may_get_wrong(headframe, monkeypatch, words: list[str], code: str) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("sys.stdin", io.StringIO(" \n"))
    status, _, err = headframe(*words)
    assert status == 1
    assert code in err


def test_a_template_is_written(headframe, town: Path) -> None:  # type: ignore[no-untyped-def]
    path = town.parent / "t.xlsx"
    status, out, _ = headframe("import", "--template", str(path), "--into", str(town))
    assert status == 0
    assert path.is_file()
    assert "t.xlsx" in out
