"""Imports killed while they write: the folder then has all of an import or nothing of it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from headframe import api
from headframe.evidence.collection import load_collection
from tests.conftest import FULL
from tests.evidence.importing.fuzz.cases import SEED
from tests.evidence.importing.fuzz.folder import Target, prints

KILLS = 40 if FULL else 2
PLACES = 6
IMPORTING = """
import sys
from datetime import date
from pathlib import Path
from headframe import api

def progress(done, total, what):
    if what == "progress.import.write":
        print("writing", flush=True)

names = ("阜新市", "抚顺市", "本溪市", "鞍山市", "盘锦市", "铁岭市")
for turn in range(int(sys.argv[3]), 900):
    path = Path(sys.argv[2]) / f"{turn}.csv"
    rows = [f"{name},{100 + turn}.5,{400 + turn}.25" for name in names]
    path.write_text("\\n".join(["城市,年末户籍人口（万人）,地区生产总值（亿元）", *rows]), encoding="utf-8")
    options = api.ImportOptions(accept=("all",), year=1100 + turn)
    api.import_file(path, sys.argv[1], options, author="a", reason="b", today=date(2026, 1, 1), progress=progress)
"""


def _counted(folder: Path) -> tuple[int, set[str], set[str]]:
    """The rows of a folder, the imports they are of, and the imports that are listed."""
    found = load_collection(folder)
    rows = found.observations
    return rows.height, set(rows["import_id"].drop_nulls()) - {""}, set(found.imports["import_id"])


def test_kill_while_an_import_is_written(tmp_path: Path) -> None:
    folder = Target(tmp_path).folder
    draw = random.Random(SEED)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    before, _, _ = _counted(folder)
    seen = set[str]()
    for attempt in range(KILLS):
        command = [sys.executable, "-c", IMPORTING, str(folder), str(scratch), str(attempt * 20)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stderr is not None
        for _ in range(2):
            assert process.stdout.readline() == b"writing\n", process.stderr.read().decode()
        time.sleep(draw.uniform(0, 0.3))
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
        api.upgrade(folder)  # carries out or drops what was begun
        height, of_rows, listed = _counted(folder)
        added = len(listed) - 1
        assert of_rows == listed
        assert height == before + 2 * PLACES * added, "part of an import"
        assert api.check(folder).sound
        mappings = {path.split("/")[-1] for path in prints(folder) if path.startswith("mappings/")}
        assert len(mappings) == len(listed), "a mapping without its import, or an import without"
        assert not [path for path in prints(folder) if "staging" in path or path.endswith(".tmp")]
        seen |= listed
    assert len(seen) >= KILLS  # the first import of each process was always whole
