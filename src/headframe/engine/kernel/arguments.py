"""What compiled code is called with, and the version of the code generator; all that a cached kernel has to know."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

# What the function is given, eight bytes each: addresses, then whole numbers, then the length of a step.
ARGUMENTS = (
    "parameters", "paths", "path_set", "offsets", "event_rows", "event_starts", "event_ends", "event_amounts", "cuts",
    "points", "values", "failed_step", "failed_bound", "buffer", "bases",
    "runs", "first_block", "last_block", "steps", "steps_per_year", "record_every", "point_count", "record_count",
    "runge_kutta", "any_cuts",
    "time_step",
)  # fmt: skip


@cache
def generator_version() -> str:
    """A digest of the files that generate code, so that code of another version is never taken for this one's."""
    found = sha256()
    engine = Path(__file__).parents[1]
    for path in sorted(path for room in ("kernel", "lowering") for path in (engine / room).glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()
