"""Generated documents are in step with their data, and a check that finds none out of step is not blind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

GENERATORS = sorted((ROOT / "docs").glob("generate_*.py"))


def check(script: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-X", "utf8", str(script), "--check"]
    return subprocess.run(command, capture_output=True, cwd=script.parents[1], check=False)


@pytest.mark.parametrize("script", GENERATORS, ids=lambda path: path.stem)
def test_generated_documents_are_in_step(script: Path) -> None:
    done = check(script)
    assert done.returncode == 0, done.stderr.decode("utf-8")


def test_an_edited_page_of_errors_is_found(tmp_path: Path) -> None:
    texts = "src/headframe/core/error_texts"
    shutil.copytree(ROOT / texts, tmp_path / texts)
    (tmp_path / "docs").mkdir()
    script = tmp_path / "docs/generate_errors.py"
    shutil.copy(ROOT / "docs/generate_errors.py", script)
    page = tmp_path / "docs/errors.md"
    assert check(script).returncode == 1
    subprocess.run([sys.executable, str(script)], check=True)
    assert check(script).returncode == 0
    page.write_text(page.read_text(encoding="utf-8").replace("HF101", "HF100"), encoding="utf-8")
    assert check(script).returncode == 1
