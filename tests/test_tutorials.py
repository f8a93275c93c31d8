"""Every tutorial runs as it is written: its commands, its files, its sheets."""

from __future__ import annotations

import csv
import io
import re
import shlex
import sys
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from headframe import api
from headframe.cli import main as cli
from headframe.evidence.schema import OBSERVATION_COLUMNS

ROOT = Path(__file__).resolve().parents[1]
TUTORIALS = sorted((ROOT / "docs/tutorials").glob("*.md"))
BLOCK = re.compile(r"^```(bash|csv|python)(?: ([^\n]+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def type_into(path: Path, text: str) -> None:
    """The exported workbook with the rows of a tutorial typed into the sheet of observations."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("observations")
    sheet.write_row(0, 0, OBSERVATION_COLUMNS)
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=1):
        for column, cell in row.items():
            at = OBSERVATION_COLUMNS.index(column)
            sheet.write_number(number, at, float(cell)) if column == "value" else sheet.write_string(number, at, cell)
    book.close()


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.stem)
def test_tutorial_runs_as_written(tutorial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    today = datetime.now().astimezone().date().isoformat()
    blocks = BLOCK.findall(tutorial.read_text(encoding="utf-8"))
    assert len(blocks) >= 4
    session: dict[str, object] = {"__name__": "__main__"}
    monkeypatch.syspath_prepend(str(tmp_path))
    for kind, target, body in blocks:
        if kind == "csv" and target.startswith("sheet:"):
            assert Path(target.removeprefix("sheet:")).exists(), "the tutorial exports before it types"
            type_into(Path(target.removeprefix("sheet:")), body)
        elif target:
            Path(target).write_text(body, encoding="utf-8")
        elif kind == "python":
            exec(compile(body, str(tutorial), "exec"), session)
        else:
            for line in body.strip().splitlines():
                monkeypatch.setattr(sys, "argv", shlex.split(line.replace("TODAY", today)))
                assert cli.main() == 0, line


def test_the_tutorial_ends_where_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test_tutorial_runs_as_written(ROOT / "docs/tutorials/your-own-city.md", tmp_path, monkeypatch)
    city = api.open(tmp_path / "tongshan").city
    assert city.figure("gdp", year=2020).value == pytest.approx(113.0e8)
    assert city.figure("gdp", year=2019).value == pytest.approx(116.9e8)
    assert len([c for c in city.choices("gdp") if c.others]) == 1
    exhaustion = api.measure(city).exhaustion
    assert exhaustion.probability.value is not None
    assert exhaustion.probability.value > 50, "305 of about 420 is more than 70 per cent"
    assert (tmp_path / "report/tongshan.html").stat().st_size > 10_000


def test_the_model_of_the_tutorial_is_short_and_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tutorial = ROOT / "docs/tutorials/write-a-model.md"
    bodies = [body for _, _, body in BLOCK.findall(tutorial.read_text(encoding="utf-8"))]
    assert len([line for line in "\n".join(bodies).splitlines() if line.strip()]) < 60
    test_tutorial_runs_as_written(tutorial, tmp_path, monkeypatch)
    printed = capsys.readouterr().out
    assert "90000" in printed
    assert "successor firms" in printed
    assert (tmp_path / "people.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "<xmile" in (tmp_path / "mine_town.xmile").read_text(encoding="utf-8")
    assert "leaving_rate" in (tmp_path / "mine_town.md").read_text(encoding="utf-8")
