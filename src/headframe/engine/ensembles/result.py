"""What an ensemble gave: statistics by policy, scenario, outcome, element and time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headframe.core.provenance import RunRecord
from headframe.engine.ensembles.design import Experiment
from headframe.engine.ensembles.sampling import check_known
from headframe.engine.ensembles.statistics import Counts, Threshold
from headframe.engine.ensembles.store import labels
from headframe.engine.ensembles.tally import GroupStatistics
from headframe.engine.runs import Floats
from headframe.engine.system import Bound

if TYPE_CHECKING:
    import polars as pl

Whole = NDArray[Any]


@dataclass(frozen=True, eq=False)
class EnsembleResult:
    """Statistics of an ensemble. `groups` are in order of policies, and in each in order of scenarios.

    Arrays of an outcome are (policies, scenarios, recorded times, *its axes). `record` says what it takes to get the
    same bytes again.
    """

    experiment: Experiment
    record: RunRecord
    groups: tuple[GroupStatistics, ...]

    @property
    def times(self) -> Floats:
        """The calendar times of the records."""
        return self.experiment.horizon.recorded_times

    def group(self, policy: str, scenario: str) -> GroupStatistics:
        """The statistics of one policy in one scenario. Raises HF956 for a name that there is not."""
        check_known((policy,), self.experiment.policies)
        check_known((scenario,), self.experiment.scenarios)
        row, column = self.experiment.policies.index(policy), self.experiment.scenarios.index(scenario)
        return self.groups[row * len(self.experiment.scenarios) + column]

    def count(self, outcome: str) -> Counts:
        """Over how many runs the statistics are."""
        return self._stacked(outcome, lambda group: group.count)

    def mean(self, outcome: str) -> Floats:
        """The mean over the runs that count."""
        return self._stacked(outcome, lambda group: group.mean)

    def standard_error(self, outcome: str) -> Floats:
        """How far the mean may be off (see `GroupStatistics.standard_error`); NaN for one Sobol' sequence.

        A single scrambled sequence says nothing about its own error; to learn it, repeat with other seeds.
        """
        return self._stacked(outcome, self._error)

    def deviation(self, outcome: str) -> Floats:
        """The sample standard deviation over the runs that count."""
        return self._stacked(outcome, lambda group: group.deviation)

    def minimum(self, outcome: str) -> Floats:
        """The least value that counts."""
        return self._stacked(outcome, lambda group: group.minimum)

    def maximum(self, outcome: str) -> Floats:
        """The greatest value that counts."""
        return self._stacked(outcome, lambda group: group.maximum)

    def quantile(self, outcome: str, p: float) -> tuple[Floats, Floats, Floats]:
        """A quantile: an estimate, and the two ends between which it lies for certain."""
        found = [group.quantile(p) for group in self.groups]
        return tuple(self._shaped(outcome, [parts[end] for parts in found]) for end in range(3))  # type: ignore[return-value]

    def _error(self, group: GroupStatistics) -> Floats:
        if self.experiment.method == "sobol":
            return np.full_like(group.mean, np.nan)
        return group.standard_error(independent=self.experiment.method == "monte carlo")

    def _stacked(self, outcome: str, of: Callable[[GroupStatistics], Whole]) -> Whole:
        return self._shaped(outcome, [of(group) for group in self.groups])

    def _shaped(self, outcome: str, parts: list[Whole]) -> Whole:
        shape = self.experiment.system.variables[outcome].shape
        columns = self.groups[0].layout.columns(outcome)
        lead = (len(self.experiment.policies), len(self.experiment.scenarios), len(self.times))
        return np.stack([part[:, columns] for part in parts]).reshape(*lead, *shape)

    def table(self) -> pl.DataFrame:
        """Everything as one long table.

        Columns: policy, scenario, outcome, element (empty for a number), time, statistic, value, low, high, count.
        `count` is the number of runs that the statistic is over. `low` and `high` are where the value lies for
        certain: for quantiles the ends of their cell. Statistics: `mean`, `standard_error`, `standard_deviation`,
        `minimum`, `maximum`, `quantile_p`, `share_above_x` or `share_below_x` of the runs at a time, `ever_above_x`
        (without time): the share of all runs that were beyond x at any record. Runs that failed before they could tell
        make the latter uncertain: then it has ends and no value. `lost` counts values that were no finite number.
        """
        import polars as pl

        parts = [
            part
            for number, group in enumerate(self.groups)
            for outcome in self.experiment.outcomes.names
            for part in self._parts(number, group, outcome)
        ]
        frame = pl.concat(parts, how="vertical")
        texts = ("policy", "scenario", "outcome", "element", "statistic")
        known = {name: pl.Enum(frame[name].unique(maintain_order=True)) for name in texts}
        return frame.with_columns(pl.col(name).cast(known[name]) for name in texts)

    def _parts(self, number: int, group: GroupStatistics, outcome: str) -> Iterator[pl.DataFrame]:
        columns = group.layout.columns(outcome)
        count, nothing = group.count[:, columns], np.full(group.count[:, columns].shape, np.nan)
        exact = {
            "mean": group.mean,
            "standard_error": self._error(group),
            "standard_deviation": group.deviation,
            "minimum": group.minimum,
            "maximum": group.maximum,
            "lost": group.lost.astype(np.float64),
        }
        whole = nothing, nothing
        for name, values in exact.items():
            ends = whole if name.startswith(("mean", "standard")) else (values[:, columns], values[:, columns])
            yield self._part(number, outcome, name, (values[:, columns], *ends), count)
        for p in group.layout.plan.quantiles:
            estimate, low, high = (part[:, columns] for part in group.quantile(p))
            yield self._part(number, outcome, f"quantile_{p:g}", (estimate, low, high), count)
        for threshold, crossings in zip(group.layout.plan.thresholds, group.crossings, strict=True):
            if threshold.outcome == outcome:
                with np.errstate(all="ignore"):
                    share = crossings.at / count
                yield self._part(number, outcome, f"share_{_beyond(threshold)}", (share, share, share), count)
                ends = crossings.ever / group.runs, 1.0 - crossings.never / group.runs
                known = np.where(crossings.ever + crossings.never == group.runs, ends[0], np.nan)
                parts = tuple(part[None, :] for part in (known, *ends))
                yield self._part(
                    number, outcome, f"ever_{_beyond(threshold)}", parts, np.full_like(parts[0], group.runs)
                )

    def _part(
        self, number: int, outcome: str, statistic: str, values: tuple[Floats, ...], count: Whole
    ) -> pl.DataFrame:
        import polars as pl

        policy, scenario = divmod(number, len(self.experiment.scenarios))
        elements = labels(outcome, self.experiment)
        times = self.times if len(values[0]) == len(self.times) else np.array([np.nan])
        value, low, high = (pl.Series(values=part.ravel()).fill_nan(None) for part in values)
        size = values[0].size
        return pl.DataFrame(
            {
                "policy": pl.repeat(self.experiment.policies[policy], size, eager=True),
                "scenario": pl.repeat(self.experiment.scenarios[scenario], size, eager=True),
                "outcome": pl.repeat(outcome, size, eager=True),
                "element": elements * len(times),
                "time": pl.Series(values=np.repeat(times, len(elements))).fill_nan(None),
                "statistic": pl.repeat(statistic, size, eager=True),
                "value": value,
                "low": low,
                "high": high,
                "count": count.ravel().astype(np.int64),
            }
        )

    def failures(self) -> pl.DataFrame:
        """Failed runs by policy, scenario, bound (variable, low, high) and the time at which they first broke it."""
        import polars as pl

        horizon, rows = self.experiment.horizon, []
        for (policy, scenario), group in zip(self._names(), self.groups, strict=True):
            for bound, step in np.argwhere(group.failures):
                time = horizon.start + step / horizon.steps_per_year
                broken = _bound(self.experiment.system.bounds[bound])
                rows.append((policy, scenario, *broken, time, int(group.failures[bound, step]), group.runs))
        schema = {
            "policy": pl.String,
            "scenario": pl.String,
            "variable": pl.String,
            "low": pl.Float64,
            "high": pl.Float64,
            "time": pl.Float64,
            "failed": pl.Int64,
            "runs": pl.Int64,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def failed_runs(self) -> pl.DataFrame:
        """Which runs failed, when, and by which bound: in each group the first ones by run number.

        At most `Plan.listed` of a group are kept; `failures` counts all.
        """
        import polars as pl

        horizon, rows = self.experiment.horizon, []
        for (policy, scenario), group in zip(self._names(), self.groups, strict=True):
            for run, step, bound in group.failed:
                time = horizon.start + step / horizon.steps_per_year
                variable = self.experiment.system.bounds[bound].variable
                rows.append((int(run), self.experiment.place(int(run))[0], policy, scenario, float(time), variable))
        schema = {
            "run": pl.Int64,
            "draw": pl.Int64,
            "policy": pl.String,
            "scenario": pl.String,
            "time": pl.Float64,
            "variable": pl.String,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _names(self) -> Iterator[tuple[str, str]]:
        return product(self.experiment.policies, self.experiment.scenarios)


def _bound(bound: Bound) -> tuple[str, float | None, float | None]:
    low, high = (end if np.isfinite(end) else None for end in (bound.low, bound.high))
    return bound.variable, low, high


def _beyond(threshold: Threshold) -> str:
    return f"{'above' if threshold.above else 'below'}_{threshold.value:g}"
