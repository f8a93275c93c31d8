"""What a block of runs reads: arrays of fixed places, filled for each set of runs and for each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headframe.engine.graph import Node
from headframe.engine.operations import Array
from headframe.engine.runs import Events, Floats, Horizon, Integers, Runs
from headframe.engine.system import Slots, System


class Inputs:
    """The arrays that a block's expressions read, and how they are filled for a time."""

    def __init__(self, system: System, horizon: Horizon, width: int) -> None:
        self.points = horizon.points
        self.parameters = np.zeros((system.parameters.rows, width))
        self.paths = np.zeros((system.paths.rows, width))
        self.events = np.zeros((system.events.rows, width))
        self.state = np.zeros((system.states.rows, width))
        self.switches = np.zeros((len(system.switches), width))
        self.bases = np.zeros((system.bases.rows, width))
        self.time = np.zeros(1)
        self.time_step = np.array([horizon.time_step])
        laid_out: list[tuple[str, Slots, Floats]] = [
            ("parameter", system.parameters, self.parameters),
            ("path", system.paths, self.paths),
            ("event", system.events, self.events),
            ("stock", system.states, self.state),
            ("switch", Slots.of((name, ()) for name in system.switches), self.switches),
            ("base", system.bases, self.bases),
        ]
        self._arrays: dict[tuple[str, str], Array] = {
            (kind, name): rows[slots.slice(name)].reshape(*shape, width)
            for kind, slots, rows in laid_out
            for name, shape in zip(slots.names, slots.shapes, strict=True)
        }
        self._time_arrays = {"time": self.time, "time_step": self.time_step}

    def array(self, node: Node) -> Array:
        """The array that an input node reads."""
        kind, name = node.attributes
        return self._time_arrays[kind] if kind in self._time_arrays else self._arrays[kind, name]

    def start(self, runs: Runs, lanes: Integers, *, cut: bool) -> None:
        """Take what holds through the whole of these runs."""
        self.parameters[:] = runs.parameters[lanes].T
        self.switches[:] = runs.cuts[lanes].T if cut else 0.0
        self.bases[:] = 0.0
        self._paths = runs.paths
        self._sets = runs.path_set[lanes]
        self._entries = Entries.of(runs.events, lanes)
        self._active: bytes | None = None

    def move(self, point: int) -> None:
        """Look up paths and events at one of the horizon's points."""
        self.time[0] = self.points[point]
        if len(self.paths):
            self.paths[:] = self._paths[self._sets, point].T
        active = self._entries.active(self.points[point])
        if active.tobytes() != self._active:
            self._entries.add(active, self.events)
            self._active = active.tobytes()


@dataclass(frozen=True)
class Entries:
    """The event registers of a block's runs, one below the other; `lanes` says whose an entry is."""

    lanes: Integers
    rows: Integers
    starts: Floats
    ends: Floats
    amounts: Floats

    @classmethod
    def of(cls, events: Events, lanes: Integers) -> Entries:
        """The entries of these runs."""
        counts = events.offsets[lanes + 1] - events.offsets[lanes]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        chosen = np.repeat(events.offsets[lanes], counts) + within
        owners = np.repeat(np.arange(len(lanes), dtype=np.int32), counts)
        return cls(owners, events.rows[chosen], events.starts[chosen], events.ends[chosen], events.amounts[chosen])

    def active(self, time: float) -> Array:
        """Which entries hold at a time."""
        return (time >= self.starts) & (time < self.ends)

    def add(self, active: Array, into: Floats) -> None:
        """Set `into` (rows, runs) to the sums of the active amounts, added in the order of the register."""
        into[:] = 0.0
        np.add.at(into, (self.rows[active], self.lanes[active]), self.amounts[active])
