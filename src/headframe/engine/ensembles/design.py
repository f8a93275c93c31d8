"""What an ensemble computes: every draw of the uncertain parameters under every policy in every scenario.

Run number `draw × groups + group`, with `group = policy × scenarios + scenario`, is one draw in one group. All groups
see the same draws, and all policies of a scenario the same event register (common random numbers), so that differences
between policies are not blurred by chance. The unit of work is one block of draws in one group: its inputs follow from
the experiment and its two numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.core.seeds import DEFAULT_SEED, generator
from headframe.engine.ensembles.events import Entry, Register, added, register_of, repeated
from headframe.engine.ensembles.sampling import Design, Method, Uncertain, check_known, uncertain_parameters
from headframe.engine.ensembles.statistics import Plan
from headframe.engine.runs import Events, Floats, Horizon, Outcomes, Runs
from headframe.engine.system import System


@dataclass(frozen=True, eq=False)
class Setting:
    """One policy, or one scenario: what it sets, in the words of `Model.runs`, and the register that it draws.

    Where it has `cuts`, cut links read the runs of the policy (or scenario) called `against`, the same draw in the same
    scenario (or under the same policy); without it, runs with default paths and without events.
    """

    name: str
    paths: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    structures: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Entry] = ()
    cuts: Sequence[str] = ()
    register: Register | None = None
    against: str = ""


def combined(policy: Setting, scenario: Setting) -> Setting:
    """Both together. Raises HF955 where both set the same thing, or both draw a register."""
    for kind in ("paths", "parameters", "structures"):
        for name in getattr(policy, kind).keys() & getattr(scenario, kind).keys():
            raise HeadframeError.of("HF955", kind, policy=policy.name, scenario=scenario.name, name=name)
    if policy.register is not None and scenario.register is not None:
        raise HeadframeError.of("HF955", "events", policy=policy.name, scenario=scenario.name, name="register")
    return Setting(
        f"{policy.name}, {scenario.name}",
        {**policy.paths, **scenario.paths},
        {**policy.parameters, **scenario.parameters},
        {**policy.structures, **scenario.structures},
        (*policy.events, *scenario.events),
        tuple(dict.fromkeys((*policy.cuts, *scenario.cuts))),
        policy.register if policy.register is not None else scenario.register,
    )


@dataclass(frozen=True, eq=False)
class Group:
    """One policy in one scenario: the inputs of a run without draws, and the parameters that it sets itself.

    `against` is the number of the group whose runs cut links read; None leaves it to `inputs.base`.
    """

    inputs: Runs
    fixed: frozenset[str] = frozenset()
    register: Register | None = None
    against: int | None = None


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is drawn for a block: parameters by name (draws, elements), and a register per draw for each `Register`."""

    values: Mapping[str, Floats]
    registers: Mapping[int, Sequence[Events]]  # by the identity of what draws them


@dataclass(frozen=True, eq=False)
class Experiment:
    """An ensemble, in full: the same experiment gives the same numbers.

    `groups` are in order of policies, and in each in order of scenarios. `block` is the number of draws in a unit of
    work. `trajectories` are the runs whose records are kept: a number for the first so many, or run numbers. `axes`
    gives outcomes their labels. Raises HF953 for an ensemble of nothing, HF956 for names and runs that are not there,
    and what `Design` raises.
    """

    system: System
    horizon: Horizon
    outcomes: Outcomes
    draws: int
    groups: tuple[Group, ...]
    policies: tuple[str, ...] = ("base",)
    scenarios: tuple[str, ...] = ("base",)
    uncertain: tuple[Uncertain, ...] = ()
    seed: int = DEFAULT_SEED
    method: Method = "latin hypercube"
    block: int = 1024
    statistics: Plan = field(default_factory=Plan)
    trajectories: int | tuple[int, ...] = 0
    axes: Mapping[str, tuple[Axis, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = (*self.policies, *self.scenarios)
        distinct = len(set(self.policies)) == len(self.policies) and len(set(self.scenarios)) == len(self.scenarios)
        counted = len(self.policies) * len(self.scenarios) == len(self.groups) > 0
        if not (distinct and counted and self.outcomes.names):
            raise HeadframeError.of("HF953", "experiment", what=f"{len(self.outcomes.names)} outcomes, {names}")
        check_known(self.outcomes.names, self.system.variables)
        check_known((threshold.outcome for threshold in self.statistics.thresholds), self.outcomes.names)
        check_known((item.name for item in self.uncertain), self.system.parameters.names)
        self.design  # noqa: B018 - checks it
        check_known(map(str, self._beyond()), [f"0 … {self.runs - 1}"])

    @classmethod
    def of(
        cls,
        model: Any,
        horizon: Horizon,
        outcomes: Outcomes | Iterable[str],
        draws: int,
        *,
        policies: Iterable[Setting] = (Setting("base"),),
        scenarios: Iterable[Setting] = (Setting("base"),),
        uncertain: Iterable[str] | None = None,
        together: Mapping[str, bool] | None = None,
        **rest: Any,
    ) -> Experiment:
        """An ensemble of a `Model`; `rest` are the other fields.

        `uncertain` names the parameters that are drawn (default: all that have a range); those that a policy or
        scenario sets are not drawn there. Raises HF955 where a policy and a scenario set the same thing.
        """
        chosen, futures = tuple(policies), tuple(scenarios)
        groups = []
        for policy, scenario in product(chosen, futures):
            both = combined(policy, scenario)
            kept = {name: getattr(both, name) for name in ("parameters", "structures", "paths", "events", "cuts")}
            inputs, fixed = model.runs(horizon, count=1, **kept), frozenset((*both.parameters, *both.structures))
            groups.append(Group(inputs, fixed, both.register, _against(policy, scenario, chosen, futures)))
        wanted = outcomes if isinstance(outcomes, Outcomes) else model.outcomes(outcomes)
        return cls(
            system=model.system,
            horizon=horizon,
            outcomes=wanted,
            draws=draws,
            groups=tuple(groups),
            policies=tuple(policy.name for policy in chosen),
            scenarios=tuple(scenario.name for scenario in futures),
            uncertain=uncertain_parameters(model.declarations, uncertain, together),
            axes={name: model.declarations[name].axes for name in wanted.names if name in model.declarations},
            **rest,
        )

    @cached_property
    def design(self) -> Design:
        """The points of the unit cube that the parameters are drawn from."""
        return Design(self.method, self.seed, self.draws, sum(item.columns for item in self.uncertain), self.block)

    @property
    def runs(self) -> int:
        """How many runs there are in all."""
        return self.draws * len(self.groups)

    @property
    def units(self) -> int:
        """How many units of work there are; unit `block × groups + group` is a block of draws in a group."""
        return self.design.blocks * len(self.groups)

    def place(self, run: int) -> tuple[int, int, int]:
        """Draw, policy and scenario (by number) of a run."""
        draw, group = divmod(run, len(self.groups))
        return (draw, *divmod(group, len(self.scenarios)))

    def runs_of(self, unit: int) -> NDArray[np.int64]:
        """The run numbers of a unit of work, in the order of its inputs."""
        block, group = divmod(unit, len(self.groups))
        draws = self.design.range_of(block)
        return np.arange(draws.start, draws.stop, dtype=np.int64) * len(self.groups) + group

    def chosen(self, unit: int) -> NDArray[np.int64]:
        """The runs of a unit whose trajectories are kept."""
        runs = self.runs_of(unit)
        if isinstance(self.trajectories, int):
            return runs[runs < self.trajectories]
        return runs[np.isin(runs, self._kept)]

    @cached_property
    def _kept(self) -> NDArray[np.int64]:
        return np.unique(np.array(self.trajectories, dtype=np.int64))

    def _beyond(self) -> list[int]:
        """Runs whose trajectories are asked for and which there are not."""
        if isinstance(self.trajectories, int):
            return [self.trajectories] if not 0 <= self.trajectories <= self.runs else []
        return [run for run in self.trajectories if not 0 <= run < self.runs]

    def drawn(self, block: int) -> Drawn:
        """What is drawn for a block, the same for all its groups."""
        points, values, column = self.design.points(block), {}, 0
        for item in self.uncertain:
            values[item.name] = item.values(points[:, column : column + item.columns])
            column += item.columns
        registers: dict[int, list[Events]] = {}
        for group in self.groups:
            if group.register is not None and id(group.register) not in registers:
                registers[id(group.register)] = [
                    register_of(self.system.events, group.register.draw(generator(self.seed, "run", str(draw))))
                    for draw in self.design.range_of(block)
                ]
        return Drawn(values, registers)

    def inputs(self, unit: int, drawn: Drawn | None = None) -> Runs:
        """The inputs of a unit of work; `drawn` saves drawing a block again for each of its groups."""
        block, number = divmod(unit, len(self.groups))
        group, found = self.groups[number], self.drawn(block) if drawn is None else drawn
        count = len(self.design.range_of(block))
        uncut = group.inputs.base
        base = None if uncut is None else self._filled(replace(group, inputs=uncut, register=None), found, count)
        if group.against is not None:
            base = self._filled(self.groups[group.against], found, count)
        return replace(self._filled(group, found, count), base=base)

    def _filled(self, group: Group, drawn: Drawn, count: int) -> Runs:
        """The inputs of a group for every draw of a block."""
        parameters = np.repeat(group.inputs.parameters, count, axis=0)
        for name in drawn.values.keys() - group.fixed:
            parameters[:, self.system.parameters.slice(name)] = drawn.values[name]
        fixed, register = group.inputs.events, group.register
        return Runs(
            parameters,
            group.inputs.paths,
            np.zeros(count, dtype=np.int32),
            repeated(fixed, count) if register is None else added(fixed, drawn.registers[id(register)]),
            np.repeat(group.inputs.cuts, count, axis=0),
        )

    def inputs_of(self, run: int) -> Runs:
        """The inputs of a single run, as in its unit of work. Raises IndexError for a run that there is not."""
        if not 0 <= run < self.runs:
            raise IndexError(run)
        draw, group = divmod(run, len(self.groups))
        block, place = divmod(draw, self.block)
        return self.inputs(block * len(self.groups) + group).part(slice(place, place + 1))

    def fingerprint(self) -> dict[str, str]:
        """Hashes of everything that decides the numbers, by part; they go into the run record.

        Beside the inputs themselves, the drawn inputs of the first block: a changed sampler or register shows there.
        """
        groups = [
            _digest(group.inputs) + repr((sorted(group.fixed), _key(group), group.against)) for group in self.groups
        ]
        items = [
            (item.name, item.distribution, item.together, *map(np.ndarray.tobytes, (item.default, item.low, item.high)))
            for item in self.uncertain
        ]
        first = [_digest(self.inputs(unit)) for unit in range(len(self.groups))]
        parts = {"groups": groups, "uncertain": items, "first block": first}
        hashed = {name: sha256(repr(part).encode()).hexdigest() for name, part in parts.items()}
        return {"system": self.system.digest, **hashed}

    def options(self) -> dict[str, object]:
        """The choices that decide the numbers, for the run record."""
        kept = self.trajectories if isinstance(self.trajectories, int) else sha256(self._kept.tobytes()).hexdigest()
        return {
            "horizon": self.horizon,
            "outcomes": self.outcomes,
            "draws": self.draws,
            "policies": self.policies,
            "scenarios": self.scenarios,
            "method": self.method,
            "block": self.block,
            "statistics": self.statistics,
            "trajectories": kept,
        }


def _key(group: Group) -> str:
    return "" if group.register is None else group.register.key


def _digest(runs: Runs) -> str:
    events = runs.events
    arrays = (runs.parameters, runs.paths, runs.path_set, runs.cuts)
    listed = (*arrays, events.offsets, events.rows, events.starts, events.ends, events.amounts)
    hashed = sha256()
    for array in listed:
        hashed.update(repr((array.shape, array.dtype.str)).encode() + np.ascontiguousarray(array).tobytes())
    return hashed.hexdigest() + ("" if runs.base is None else _digest(runs.base))


def _against(
    policy: Setting, scenario: Setting, policies: Sequence[Setting], scenarios: Sequence[Setting]
) -> int | None:
    """The number of the group that cut links read. Raises HF956 for a name that there is not."""
    if not policy.against and not scenario.against:
        return None
    places = []
    for setting, settings in ((policy, policies), (scenario, scenarios)):
        names = [other.name for other in settings]
        check_known((setting.against or setting.name,), names)
        places.append(names.index(setting.against or setting.name))
    return places[0] * len(scenarios) + places[1]
