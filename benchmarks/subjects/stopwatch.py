"""What every subject shares: read the case from the command line, time the work, tell peak memory and answer.

Standard library only, so that a peer's environment can run it too.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Options = Mapping[str, Any]
Case = tuple[Callable[[Options], Any], Callable[[Any], Any], Callable[[Any], Any]]
LACKS_A_MODULE = 3


def peak_mib() -> float | None:
    """The largest resident memory of this process so far in MiB; None where the system does not tell.

    Linux keeps the peak of this program alone in /proc. getrusage would include the program that started this one,
    whose peak a process inherits; on macOS it counts bytes. Windows has no such call in the standard library.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    try:
        import resource
    except ImportError:
        return None
    size: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1 << 20) if sys.platform == "darwin" else size / 1024


def main(cases: Mapping[str, Case]) -> None:
    """Run the case named on the command line and print the report as JSON.

    A case is three functions: prepare (options to state), work (state to outcome, the only part that is timed) and
    tell (outcome to an answer that can be compared).
    """
    prepare, work, tell = cases[sys.argv[1]]
    state = prepare(json.loads(sys.argv[2]))
    gc.collect()
    begun = time.perf_counter()
    outcome = work(state)
    seconds = time.perf_counter() - begun
    peak = peak_mib()
    print(json.dumps({"seconds": seconds, "peak_mib": peak, "answer": tell(outcome)}))


def lacks(module: str) -> None:
    """Leave, saying that what this subject measures is not installed."""
    sys.stderr.write(f"{module} is not installed\n")
    sys.exit(LACKS_A_MODULE)
