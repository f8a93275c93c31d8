"""A process that tries cases one after the other within bounds of memory and of processor time.

It takes numbers from its input, each with `into` or `read`, and answers each with a line of JSON. When it dies, whoever
started it knows the case by the number that was not answered. Started as
`python -m tests.evidence.importing.fuzz.worker FOLDER SEED`.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.evidence.importing.fuzz.cases import case
from tests.evidence.importing.fuzz.damage import ABSOLUTE
from tests.evidence.importing.fuzz.folder import Target
from tests.evidence.importing.fuzz.probe import probed
from tests.evidence.importing.fuzz.workbooks import CANARY

ADDRESSES = 8 << 30  # bytes of address space; most of it is never touched
SECONDS = 120  # of processor time that one case may take before the process is ended
EVERYWHERE = 5  # in every fifth case all layouts have to take the file
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
FORBIDDEN = frozenset({
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.system", "os.exec", "os.fork",
    "os.truncate",
    "subprocess.Popen", "socket.connect", "socket.getaddrinfo", "tempfile.mkstemp", "tempfile.mkdtemp", "shutil.rmtree",
    "urllib.Request", "webbrowser.open",
})  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What came of a case. `fault` is empty where the property holds; `seconds` are those of the processor."""

    number: int
    trick: str
    size: int
    reading: str
    layouts: dict[str, str]
    imported: str
    seconds: float
    megabytes: float
    fault: str = ""


class Watch:
    """Notes what the interpreter is asked to do that reading a file never needs."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self.active = False
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active:
            return
        if event == "open":
            path, mode, flags = arguments
            name = os.fsdecode(path) if isinstance(path, str | bytes) else ""
            writes = bool(isinstance(flags, int) and flags & WRITING) or bool(mode and set(mode) & set("wax+"))
            if name == CANARY or (writes and name):
                self.seen.append(f"open {name} {mode}")
        elif event in FORBIDDEN:
            self.seen.append(f"{event} {arguments!r:.200}")


def _memory(*, reset: bool = False) -> float:
    """The most memory held since the last reset, in megabytes, where the system says so; else since the beginning."""
    try:
        if reset:
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _held() -> float:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return 0.0


def tried(number: int, seed: int, folder: Path, watch: Watch, target: Target | None = None) -> Outcome:
    """Try a case: write its file into the folder, probe it, and see that nothing else has changed.

    With a target, import it there as well.
    """
    made = case(number, seed)
    path = folder / "inner" / f"case{made.file.suffix}"
    path.write_bytes(made.file.data)
    before = sha256(made.file.data).digest()
    fault, reading, layouts, imported = "", "", dict[str, str](), ""
    _memory(reset=True)
    held, begun = _held(), time.process_time()
    watch.seen.clear()
    watch.active = True
    try:
        reading, layouts = probed(path, everywhere=number % EVERYWHERE == 0)
        watch.active = False  # importing writes
        imported = target.imported(path) if target is not None else ""
    except MemoryError:
        fault = "MemoryError\n" + traceback.format_exc()[-2000:]
    except BaseException:  # noqa: BLE001 – the panics of readers are no ordinary exceptions
        fault = traceback.format_exc()[-4000:]
    watch.active = False
    spent, most = time.process_time() - begun, _memory() - held
    if not fault:
        fault = _changed(folder, path, before) or "\n".join(watch.seen)
    path.unlink(missing_ok=True)
    if fault and target is not None:
        target.reset()
    size = len(made.file.data)
    return Outcome(number, made.trick, size, reading, layouts, imported, round(spent, 3), round(most, 1), fault)


def _changed(folder: Path, path: Path, before: bytes) -> str:
    """What was written, moved or left beside the file."""
    targets = ("into", "kept")
    left = sorted(
        name for one in folder.rglob("*") if (name := str(one.relative_to(folder))).split("/")[0] not in targets
    )
    expected = sorted(("inner", "temporary", str(path.relative_to(folder))))
    if left != expected:
        return f"files left: {left}"
    if sha256(path.read_bytes()).digest() != before:
        return "the file itself was changed"
    return f"{ABSOLUTE} was written" if Path(ABSOLUTE).exists() else ""


def main() -> None:
    """Answer numbers until the input ends."""
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    (folder / "inner").mkdir(parents=True, exist_ok=True)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    watch, target = Watch(folder), None
    for line in sys.stdin:
        spent = resource.getrusage(resource.RUSAGE_SELF)
        most = math.ceil(spent.ru_utime + spent.ru_stime) + SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
        number, into = line.split()
        if into == "into" and target is None:
            target = Target(folder)
        outcome = tried(int(number), seed, folder, watch, target if into == "into" else None)
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
