"""What the fuzz campaign found in importing, each with the smallest file that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.choosing import choose
from headframe.evidence.importing.layouts import source as sources
from headframe.evidence.importing.layouts.source import Source


def test_a_damaged_workbook_is_read_once_whoever_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    times = 0
    known = sources.read_file

    def counted(*arguments: object) -> object:
        nonlocal times
        times += 1
        return known(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sources, "read_file", counted)
    monkeypatch.setattr(Source, "members", ("xl/workbook.xml",))
    source = Source.of(path)
    layout = choose(source)
    for _ in range(2):
        with pytest.raises(HeadframeError) as raised:
            layout.extract(source)
        assert [problem.code for problem in raised.value.problems] == ["HF374"]
    assert times == 1
