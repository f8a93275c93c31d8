"""What has to hold for a folder into which a file is imported: nothing half-written, everything readable after."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path

from headframe import api
from headframe.core.errors import HeadframeError
from headframe.evidence.importing.results import ImportResult
from tests.evidence.importing.fuzz.probe import RULING, check_told

TODAY = date(2026, 1, 2)
FIRST = """城市,年末户籍人口（万人）,地区生产总值（亿元）
阜新市,184.7,446.1
抚顺市,206.1,975.6
本溪市,145.1,823.6
"""


def import_into(file: Path, into: Path, *, preview: bool = False) -> ImportResult:
    """Import a file as an analyst in a hurry does: every proposal accepted, the year given."""
    options = api.ImportOptions(accept=("all",), year=2020)
    return api.import_file(file, into, options, author="fuzz", reason="fuzz", today=TODAY, preview=preview)


def prints(folder: Path) -> Mapping[str, str]:
    """Every file of a folder, hidden ones too, with a fingerprint of its bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


class Target:
    """A folder of places with one import in it, put back as it was after each case."""

    def __init__(self, at: Path) -> None:
        self.folder, self._kept = at / "into", at / "kept"
        if not self._kept.exists():
            first = at / "first.csv"
            first.write_text(FIRST, encoding="utf-8")
            import_into(first, self._kept)
            first.unlink()
        self.reset()

    def reset(self) -> None:
        """Put the folder back as it was."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self._kept, self.folder)

    def imported(self, file: Path) -> str:
        """`imported`, or the code of the error, after which the folder has the bytes it had.

        After an import the folder is sound, what was told of it can be shown, and the same file can be previewed again
        with the mapping that was kept. Raises AssertionError where this is not so, and whatever else comes out.
        """
        before = prints(self.folder)
        try:
            result = import_into(file, self.folder)
        except HeadframeError as error:
            check_told(error.problems)
            assert prints(self.folder) == before, "a failed import changed the folder"
            return error.problems[0].code
        try:
            self._check(file, before, result)
        finally:
            self.reset()
        return "imported"

    def _check(self, file: Path, before: Mapping[str, str], result: ImportResult) -> None:
        for language in ("en", "zh"):
            lines = api.import_lines(result, language, 100, whole=True)
            ruling = [line for line in lines if RULING.search(line)]
            assert not ruling, f"what is told has control characters: {ruling[0]!r}"
        result.model_dump_json()
        after = prints(self.folder)
        assert before.keys() <= after.keys(), "files are gone"
        checked = api.check(self.folder)
        assert checked.sound, checked
        again = import_into(file, self.folder, preview=True)
        assert (again.import_id, prints(self.folder)) == ("", after), "a preview wrote something"
