"""Event registers that are drawn anew for every draw of an ensemble."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from headframe.core.errors import HeadframeError
from headframe.engine.declare import Distribution
from headframe.engine.ensembles.sampling import check_known, quantile
from headframe.engine.runs import Events
from headframe.engine.system import Slots

Entry = tuple[str, float, float, ArrayLike]  # event, start, end, amount


class Register(Protocol):
    """An event register that is drawn anew for every draw; `key` names it and all its numbers in the run record."""

    @property
    def key(self) -> str:
        """A text that changes whenever the draws would."""

    def draw(self, random: np.random.Generator) -> Iterable[Entry]:
        """The entries (event, start, end, amount) of one draw."""


@dataclass(frozen=True)
class DrawnRegister:
    """A register drawn by a function of the modeller's; its `key` has to be changed with the function."""

    key: str
    function: Callable[[np.random.Generator], Iterable[Entry]]

    def draw(self, random: np.random.Generator) -> Iterable[Entry]:
        """The entries of one draw."""
        return self.function(random)


@dataclass(frozen=True)
class PoissonRegister:
    """Independent occurrences of one event: `per_year` on average, beginning anywhere from `start` to `end`.

    `duration` (years) and `amount` (the event's unit) are ranges, each drawn as `distribution` says with its peak or
    mean in the middle.
    """

    event: str
    per_year: float
    start: float
    end: float
    duration: tuple[float, float]
    amount: tuple[float, float]
    distribution: Distribution = "uniform"

    @property
    def key(self) -> str:
        """All its numbers."""
        return repr(self)

    def draw(self, random: np.random.Generator) -> Iterable[Entry]:
        """The entries of one draw, in order of their beginning."""
        number = int(random.poisson(self.per_year * (self.end - self.start)))
        begins = np.sort(random.uniform(self.start, self.end, number))
        low, high = np.array((self.duration, self.amount))[:, :, None].transpose(1, 0, 2)
        lasting, amounts = quantile(self.distribution, random.random((2, number)), low, high, (low + high) / 2.0)
        return [
            (self.event, begin, begin + years, amount)
            for begin, years, amount in zip(begins.tolist(), lasting.tolist(), amounts.tolist(), strict=True)
        ]


def register_of(slots: Slots, entries: Iterable[Entry]) -> Events:
    """The register of one run. Raises HF956 for an event that there is not, HF959 for an entry that is none."""
    rows: list[int] = []
    spans: list[tuple[float, float, float]] = []
    for name, start, end, amount in entries:
        if name not in slots.starts:
            check_known((name,), slots.names, "events")
        first, shape = slots.starts[name], slots.shape[name]
        try:
            amounts = np.broadcast_to(np.asarray(amount, dtype=np.float64), shape).ravel() if shape else [float(amount)]  # type: ignore[arg-type]
            fits = bool(start < end)
        except (ValueError, TypeError):
            fits = False
        if not fits:
            raise HeadframeError.of("HF959", "events", name=name, start=start, end=end, amount=amount, shape=shape)
        rows += range(first, first + len(amounts))
        spans += [(float(start), float(end), float(one)) for one in amounts]
    columns = np.array(spans, dtype=np.float64).reshape(-1, 3).T.copy()
    return Events(np.array([0, len(rows)], dtype=np.int32), np.array(rows, dtype=np.int32), *columns)


def joined_events(registers: Sequence[Events]) -> Events:
    """Registers of consecutive runs, one behind the other."""
    lengths = [np.diff(register.offsets) for register in registers]
    offsets = np.concatenate([[0], np.cumsum(np.concatenate([np.zeros(0, np.int64), *lengths]))]).astype(np.int32)
    rows = np.concatenate([np.zeros(0, np.int32), *(register.rows for register in registers)])
    parts = [
        np.concatenate([np.zeros(0), *(getattr(register, name) for register in registers)])
        for name in ("starts", "ends", "amounts")
    ]
    return Events(offsets, rows, *parts)


def added(fixed: Events, drawn: Sequence[Events]) -> Events:
    """For each drawn register of one run: the entries that happen in every run, then its own."""
    both = joined_events([part for register in drawn for part in (fixed, register)])
    return Events(both.offsets[::2].copy(), both.rows, both.starts, both.ends, both.amounts)


def repeated(fixed: Events, runs: int) -> Events:
    """The register of one run, for each of several."""
    each = len(fixed.rows)
    offsets = np.arange(runs + 1, dtype=np.int32) * np.int32(each)
    spans = (np.tile(part, runs) for part in (fixed.starts, fixed.ends, fixed.amounts))
    return Events(offsets, np.tile(fixed.rows, runs), *spans)
