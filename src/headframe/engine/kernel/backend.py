"""The compiled backend: ensembles in machine code, with a run in every lane of the processor's vectors.

A system and its outcomes become a program (`headframe.engine.lowering.lower`), that becomes LLVM's textual form
(`headframe.engine.kernel.module`), and that machine code, which is kept in the user's cache folder. Parameters, paths,
events, cuts and everything of the horizon, integrator included, are arguments of that code: changing them compiles
nothing.

A run takes the same instructions whatever lane it is in, and lanes do not touch each other. So a run has the same bytes
for any number of threads and in any company.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headframe.core import cache
from headframe.core.errors import HeadframeError
from headframe.engine.kernel.arguments import ARGUMENTS, generator_version
from headframe.engine.kernel.compiler import Loaded, compiler_version, host, object_code
from headframe.engine.kernel.vectors import Machine, Precision
from headframe.engine.runs import Horizon, Outcomes, Recorded, Runs, recorded
from headframe.engine.system import System

ALIGNMENT = 64  # bytes; the width of the widest vectors
KEPT = 64  # kernels in the cache
PARTS = 4  # of the work for each thread, so that none waits long for another


@dataclass(frozen=True)
class Shape:
    """What a caller has to know of compiled code: lanes of a vector, and the memory that a thread needs."""

    lanes: int
    buffer_bytes: int
    base_bytes: int  # of the bases of one evaluation


@dataclass(frozen=True)
class Compiled:
    """Machine code in memory; `seconds` is what it took to have it, `from_cache` whether it was only read."""

    loaded: Loaded
    shape: Shape
    object_bytes: int
    seconds: float
    from_cache: bool
    function: Callable[..., None] = field(repr=False)


def available() -> bool:
    """Whether kernels can be compiled here; where not, the batch backend computes the same."""
    try:
        host()
    except HeadframeError:
        return False
    return True


def compiled(system: System, outcomes: Outcomes, precision: Precision = "float64") -> Compiled:
    """The machine code of a system that records these outcomes, from the cache or compiled now.

    Raises HF941 where llvmlite is missing, HF942 where the processor is not supported.
    """
    began = perf_counter()
    target = host()
    name = f"kernel-{_key(system, outcomes, precision, target)}"
    found = _opened(cache.kept(name), target)
    if found is None:
        shape, code = _made(system, outcomes, precision, target)
        cache.keep(name, json.dumps(asdict(shape)).encode() + b"\n" + code)
        _forget_oldest()
        loaded = Loaded(code, target)
    else:
        shape, code, loaded = found
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(loaded.address("run"))
    return Compiled(loaded, shape, len(code), perf_counter() - began, found is not None, function)


def _forget_oldest() -> None:
    """Leave only the newest kernels in the cache: a model that is being written is another one after each change."""
    with contextlib.suppress(OSError, RuntimeError):  # another process may be doing the same
        ages = [(path.stat().st_mtime, path) for path in cache.cache_folder().glob("kernel-*")]
        for _, path in sorted(ages)[:-KEPT]:
            path.unlink(missing_ok=True)


def _key(system: System, outcomes: Outcomes, precision: Precision, target: Machine) -> str:
    """A digest of everything that machine code depends on."""
    parts = (system.digest, outcomes.names, outcomes.rules, precision, target, compiler_version(), generator_version())
    return sha256(repr(parts).encode()).hexdigest()


def _made(system: System, outcomes: Outcomes, precision: Precision, target: Machine) -> tuple[Shape, bytes]:
    """Compile. What that takes is imported only here: code from the cache needs none of it."""
    from headframe.engine.kernel.module import module
    from headframe.engine.lowering.lower import lower

    program = lower(system, outcomes)
    text, buffers = module(program, precision, target)
    vector = buffers.real.bytes
    shape = Shape(buffers.real.lanes, buffers.rows * vector, program.rows["bases"] * vector)
    return shape, object_code(text, target)


def _opened(content: bytes | None, target: Machine) -> tuple[Shape, bytes, Loaded] | None:
    """What was kept, ready to run; None where it was made by something that wrote it otherwise."""
    if content is None:
        return None
    head, _, code = content.partition(b"\n")
    try:
        return Shape(**json.loads(head)), code, Loaded(code, target)
    except (ValueError, TypeError, RuntimeError):
        return None


class Kernel:
    """Computes runs with compiled code, on `threads` threads.

    `precision` float32 takes half the time and memory and keeps about six digits. Raises HF941 and HF942 where nothing
    can be compiled, HF943 for a precision or a number of threads that there is not.
    """

    name = "kernel"

    def __init__(
        self,
        system: System,
        horizon: Horizon,
        outcomes: Outcomes,
        precision: Precision = "float64",
        threads: int = 1,
    ) -> None:
        if precision not in ("float64", "float32") or threads < 1:
            raise HeadframeError.of("HF943", "kernel", precision=precision, threads=threads)
        self.system, self.horizon, self.outcomes = system, horizon, outcomes
        self.precision, self.threads = precision, threads
        self.compiled = compiled(system, outcomes, precision)

    def run(self, runs: Runs) -> Recorded:
        """Compute all the runs; failures are values (law 8)."""
        count, records = len(runs), len(self.horizon.recorded_steps)
        numbers = sum(self.outcomes.sizes(self.system))
        values = np.empty((count, records, numbers), np.dtype(self.precision))
        failed_step, failed_bound = np.full((2, count), -1, np.int32)
        arrays = {"values": values, "failed_step": failed_step, "failed_bound": failed_bound}
        cut = bool(runs.cuts.any())
        own = self._arguments(runs, arrays, cut=cut)
        base = own if runs.base is None else self._arguments(runs.base, arrays, cut=cut)
        blocks = -(-count // self.compiled.shape.lanes)
        parts = min(self.threads if self.threads == 1 else self.threads * PARTS, blocks)
        edges = [blocks * part // max(parts, 1) for part in range(parts + 1)]
        ranges = list(pairwise(edges))
        if parts > 1:
            with ThreadPoolExecutor(min(self.threads, parts)) as pool:
                list(pool.map(lambda part: self._part(own, base, *part, cut=cut), ranges))
        else:
            for part in ranges:
                self._part(own, base, *part, cut=cut)
        return recorded(self.system, self.horizon, self.outcomes, values, (failed_step, failed_bound))

    def _arguments(self, runs: Runs, arrays: dict[str, NDArray[Any]], *, cut: bool) -> _Arguments:
        """The arguments for all parts of some runs."""
        horizon, events = self.horizon, runs.events
        given: dict[str, tuple[NDArray[Any], type]] = {
            "parameters": (runs.parameters, np.float64),
            "paths": (runs.paths, np.float64),
            "path_set": (runs.path_set, np.int32),
            "offsets": (events.offsets, np.int32),
            "event_rows": (events.rows, np.int32),
            "event_starts": (events.starts, np.float64),
            "event_ends": (events.ends, np.float64),
            "event_amounts": (events.amounts, np.float64),
            "cuts": (runs.cuts, np.uint8),
            "points": (horizon.points, np.float64),
        }
        held = arrays | {name: np.ascontiguousarray(array, kind) for name, (array, kind) in given.items()}
        numbers = {
            "runs": len(runs),
            "steps": horizon.steps,
            "steps_per_year": horizon.steps_per_year,
            "record_every": horizon.record_every,
            "point_count": len(held["points"]),
            "record_count": len(horizon.recorded_steps),
            "runge_kutta": int(horizon.integrator == "rk4"),
            "any_cuts": int(cut),
        }
        return _Arguments(held, numbers, horizon.time_step)

    def _part(self, own: _Arguments, base: _Arguments, first: int, last: int, *, cut: bool) -> None:
        """Compute a range of blocks with memory of its own; the interpreter's lock is not held meanwhile."""
        shape = self.compiled.shape
        memory = {"buffer": _aligned(shape.buffer_bytes)}
        if cut:
            memory["bases"] = _aligned(shape.base_bytes * self._evaluations())
        packed = [one.packed(memory, first, last) for one in (own, base)]
        self.compiled.function(*(one.ctypes.data for one in packed))

    def _evaluations(self) -> int:
        """How often a run evaluates its step and yearly expressions."""
        stages = 1 if self.horizon.integrator == "euler" else 4
        return self.horizon.steps * stages + 1 + self.horizon.steps // self.horizon.steps_per_year


@dataclass(frozen=True)
class _Arguments:
    """What a range of blocks is given besides its own memory; holds the arrays while the code runs."""

    arrays: dict[str, NDArray[Any]]
    numbers: dict[str, int]
    time_step: float

    def packed(self, memory: dict[str, NDArray[np.uint8]], first: int, last: int) -> NDArray[np.int64]:
        """The arguments as the code reads them."""
        values = {name: array.ctypes.data for name, array in (self.arrays | memory).items()}
        values |= self.numbers | {"first_block": first, "last_block": last}
        packed = np.array([values.get(name, 0) for name in ARGUMENTS], np.int64)
        packed[ARGUMENTS.index("time_step")] = np.float64(self.time_step).view(np.int64)
        return packed


def _aligned(size: int) -> NDArray[np.uint8]:
    """Memory that begins where vectors may."""
    raw = np.zeros(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size]
