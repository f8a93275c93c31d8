"""A model as a function of samples, for tools that bring their own: `f(samples) → outcomes`.

    adapter = Adapter.of(model, horizon, ("people",), lambda outcomes: Batch(model.system, horizon, outcomes))
    problem = adapter.problem()                       # for SALib: names, bounds, distributions
    outcomes = adapter(sobol.sample(problem, 256))    # {"people": array (samples, recorded times, *axes)}

Inputs are the parameters with a range, and levers or other paths held at one value, each with a column: a number by its
name, the elements of a vector as `name_0`, `name_1` …, a vector that is drawn together as one column of shares between
0 and 1 (see `sampling.Uncertain`). Nothing of the tools is imported; their samples are arrays, their experiments
mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import cycle, islice, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from headframe.core.errors import HeadframeError
from headframe.engine.declare import Path
from headframe.engine.ensembles.events import repeated
from headframe.engine.ensembles.sampling import Uncertain, check_known, standard_deviation, uncertain_parameters
from headframe.engine.runs import Backend, Floats, Horizon, Outcomes, Runs
from headframe.engine.system import System

BLOCK = 1024  # samples computed at once
Samples = ArrayLike | Mapping[str, ArrayLike]
SALIB = {"uniform": "unif", "triangular": "triang", "loguniform": "logunif", "normal": "truncnorm"}


@dataclass(frozen=True, eq=False)
class Input:
    """A parameter or a path that samples set."""

    uncertain: Uncertain
    path: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        shape = self.uncertain.default.shape
        if self.uncertain.together or not shape:
            return (self.uncertain.name,)
        return tuple("_".join((self.uncertain.name, *map(str, place))) for place in np.ndindex(shape))

    def bounds(self) -> list[tuple[str, list[float]]]:
        """For each column the distribution and its numbers in the words of SALib."""
        if self.uncertain.together:
            return [("unif", [0.0, 1.0])]
        ends = (part.ravel() for part in (self.uncertain.low, self.uncertain.high, self.uncertain.default))
        return [_salib(self.uncertain.distribution, *map(float, each)) for each in zip(*ends, strict=True)]


def _salib(distribution: str, low: float, high: float, default: float) -> tuple[str, list[float]]:
    if distribution == "triangular":
        return "triang", [low, high, (default - low) / (high - low)]
    if distribution == "normal":
        return "truncnorm", [low, high, default, float(standard_deviation(low, high))]
    return SALIB[distribution], [low, high]


@dataclass(frozen=True, eq=False)
class Adapter:
    """A model, a backend and the inputs that samples set; all else is as in `base`, the inputs of one run."""

    system: System
    horizon: Horizon
    outcomes: Outcomes
    backend: Backend
    inputs: tuple[Input, ...]
    base: Runs

    @classmethod
    def of(
        cls,
        model: Any,
        horizon: Horizon,
        outcomes: Iterable[str],
        backend: Callable[[Outcomes], Backend],
        *,
        uncertain: Iterable[str] | None = None,
        paths: Iterable[str] = (),
        together: Mapping[str, bool] | None = None,
        **given: Any,
    ) -> Adapter:
        """An adapter of a `Model`.

        `uncertain` names the parameters that samples set (default: all with a range), `paths` the levers and exogenous
        paths with a range that they set for all times; `given` are the fixed inputs, as in `Model.runs`.
        Raises HF956 for a name without a range.
        """
        ranged = {
            name: found
            for name, found in model.declarations.items()
            if isinstance(found, Path) and found.low is not None and found.high is not None
        }
        chosen = tuple(paths)
        check_known(chosen, ranged)
        parameters = uncertain_parameters(model.declarations, uncertain, together)
        held = [Input(Uncertain.of(ranged[name], together=False), path=True) for name in chosen]
        wanted = model.outcomes(outcomes)
        inputs = (*map(Input, parameters), *held)
        return cls(model.system, horizon, wanted, backend(wanted), inputs, model.runs(horizon, count=1, **given))

    @cached_property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [name for item in self.inputs for name in item.columns]

    def problem(self) -> dict[str, Any]:
        """What SALib calls a problem: `num_vars`, `names`, `bounds`, and `dists` where not all are uniform.

        A column whose range is a single value cannot be varied, and SALib refuses it: leave it out of `uncertain`.
        """
        listed = [bounds for item in self.inputs for bounds in item.bounds()]
        found = {"num_vars": len(listed), "names": list(self.names), "bounds": [numbers for _, numbers in listed]}
        dists = [distribution for distribution, _ in listed]
        return found if set(dists) <= {"unif"} else found | {"dists": dists}

    def __call__(self, samples: Samples) -> dict[str, Any]:
        """The outcomes of samples: name → array (samples, recorded times, *axes).

        `samples` is an array (samples, columns), or a mapping or data frame of columns by name; a column that is left
        out keeps its value in `base`. A failed run has no values (NaN) from its failure on. Raises HF957 for samples
        of another form, HF956 for columns that there are not.
        """
        columns = self._columns(samples)
        return self._computed(columns, len(next(iter(columns.values()), ())))

    def one(self, **values: float) -> dict[str, Any]:
        """The outcomes of one experiment: name → array (recorded times, *axes). To be the function of an EMA `Model`.

        A failed run has no values (NaN) from its failure on. Raises HF956 for names that there are not.
        """
        return {name: found[0] for name, found in self.all([values]).items()}

    def all(self, experiments: Iterable[Mapping[str, float]]) -> dict[str, Any]:
        """The outcomes of experiments computed together; each is a mapping, and all have the same names.

        Raises HF957 where names differ or values are no numbers, HF956 for names that there are not.
        """
        listed = list(experiments)
        names = list(listed[0]) if listed else []
        if any(set(each) != set(names) for each in listed):
            raise HeadframeError.of("HF957", "experiments", found="{…}", expected=names)
        return self._computed(self._columns({name: [each[name] for each in listed] for name in names}), len(listed))

    def evaluator(self, model: Any) -> Evaluator:
        """What `ema_workbench.perform_experiments(model, …, evaluator=…)` takes to have all computed together."""
        return Evaluator(self, model)

    def _columns(self, samples: Samples) -> dict[str, Floats]:
        """Samples as columns of numbers by name."""
        names = getattr(samples, "columns", None) if not isinstance(samples, Mapping) else list(samples)
        try:
            if names is None:
                array = np.asarray(samples, dtype=np.float64)
                if array.ndim != 2 or array.shape[1] != len(self.names):
                    raise ValueError(array.shape)
                return dict(zip(self.names, array.T, strict=True))
            check_known(map(str, names), self.names, "samples")
            found = {str(name): np.asarray(samples[name], dtype=np.float64) for name in names}  # type: ignore[index]
            if any(column.ndim != 1 for column in found.values()) or len({len(c) for c in found.values()}) > 1:
                raise ValueError({name: column.shape for name, column in found.items()})
        except (ValueError, TypeError) as error:
            raise HeadframeError.of("HF957", "samples", found=error, expected=("n", len(self.names))) from error
        return found

    def _computed(self, columns: Mapping[str, Floats], count: int) -> dict[str, Any]:
        times = len(self.horizon.recorded_steps)
        found = {
            name: np.full((count, times, *self.system.variables[name].shape), np.nan) for name in self.outcomes.names
        }
        for start in range(0, count, BLOCK):
            some = slice(start, min(start + BLOCK, count))
            runs = self.runs({name: values[some] for name, values in columns.items()}, some.stop - start)
            recorded = self.backend.run(runs)
            failed = recorded.failed_step[:, None]
            sane = (failed < 0) | (self.horizon.recorded_steps < failed)
            for name, values in found.items():
                values[some][sane] = recorded[name][sane]
        return found

    def runs(self, columns: Mapping[str, Floats], count: int) -> Runs:
        """The inputs of samples given as columns of numbers; what is not given is as in `base`."""
        parameters = np.repeat(self.base.parameters, count, axis=0)
        varied = any(item.path and any(name in columns for name in item.columns) for item in self.inputs)
        paths = np.repeat(self.base.paths, count, axis=0) if varied else self.base.paths
        for item in self.inputs:
            slots = self.system.paths if item.path else self.system.parameters
            first = slots.starts[item.uncertain.name]
            for row, name in enumerate(item.columns):
                if name not in columns:
                    continue
                if item.uncertain.together:
                    parameters[:, slots.slice(item.uncertain.name)] = item.uncertain.values(columns[name][:, None])
                elif item.path:
                    paths[:, :, first + row] = columns[name][:, None]
                else:
                    parameters[:, first + row] = columns[name]
        sets = np.arange(count, dtype=np.int32) if varied else np.zeros(count, dtype=np.int32)
        made = Runs(
            parameters, paths, sets, repeated(self.base.events, count), np.repeat(self.base.cuts, count, axis=0)
        )
        return replace(made, base=self._uncut(parameters))

    def _uncut(self, parameters: Floats) -> Runs | None:
        """The runs that cut links read: the same parameters, with the paths and events of `base.base`."""
        uncut, count = self.base.base, len(parameters)
        if uncut is None:
            return None
        events, cuts = repeated(uncut.events, count), np.repeat(uncut.cuts, count, axis=0)
        return Runs(parameters, uncut.paths, np.zeros(count, dtype=np.int32), events, cuts)


class Experiment(NamedTuple):
    """What callbacks of EMA Workbench want to know of an experiment."""

    name: str
    model_name: str
    policy: Any
    scenario: Any
    experiment_id: int


@dataclass(frozen=True, eq=False)
class Evaluator:
    """Computes the experiments of EMA Workbench together, in place of its own evaluators.

    `model` is its model: its uncertainties and levers say how names become names of columns, its constants are set,
    its outcomes are processed as it says.
    """

    adapter: Adapter
    model: Any

    def evaluate_experiments(
        self,
        scenarios: Iterable[Any],
        policies: Iterable[Any],
        callback: Callable[..., Any],
        combine: str = "factorial",
    ) -> None:
        """Compute all combinations and give each to `callback`, in the order of EMA Workbench."""
        for start, some in _batches(_combined(list(policies), list(scenarios), combine)):
            outputs = self.adapter.all(self._inputs(policy, scenario) for policy, scenario in some)
            for number, (policy, scenario) in enumerate(some):
                outcomes = {
                    outcome.name: outcome.process([outputs[name][number] for name in outcome.variable_name])
                    for outcome in self.model.outcomes
                }
                name = f"{self.model.name} {policy.name} {start + number}"
                callback(Experiment(name, self.model.name, policy, scenario, start + number), outcomes)

    def _inputs(self, policy: Mapping[str, float], scenario: Mapping[str, float]) -> dict[str, float]:
        constants = {constant.name: constant.value for constant in self.model.constants}
        named = {item.name: item.variable_name for item in (*self.model.uncertainties, *self.model.levers)}
        values = {**constants, **policy, **scenario}
        return {column: value for name, value in values.items() for column in named.get(name, (name,))}


def _combined(policies: Sequence[Any], scenarios: Sequence[Any], combine: str) -> list[tuple[Any, Any]]:
    if combine == "factorial":
        return list(product(policies, scenarios))
    longest = max(len(policies), len(scenarios))
    return list(islice(zip(cycle(policies), cycle(scenarios), strict=False), longest))


def _batches(pairs: Sequence[tuple[Any, Any]]) -> Iterator[tuple[int, Sequence[tuple[Any, Any]]]]:
    return ((start, pairs[start : start + BLOCK]) for start in range(0, len(pairs), BLOCK))
