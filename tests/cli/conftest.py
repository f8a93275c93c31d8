"""The command line run inside a test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from headframe.cli import main as cli

Said = tuple[int, str, str]


@pytest.fixture
def headframe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Said]:
    """Runs a command in an empty folder, 80 columns wide; gives status, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["headframe", *words])
        status = cli.main()
        seen = capsys.readouterr()
        assert "Traceback" not in seen.out + seen.err
        return status, seen.out, seen.err

    return run
