"""Stage of development (D9): how far the evidence speaks for each of Porter's four stages.

Four tests, each a set of shares over the stages: income per head against the lines of the competitiveness index,
research against the nation, dependence on the resource, and wealth, for which no indicator is at hand. The shares are
pooled with weights drawn around equal ones; a test without evidence counts as a quarter for each stage, so that what is
not known keeps every stage possible. Lines for countries are applied to a city: the result says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message
from headframe.core.seeds import generator
from headframe.diagnose.criteria import Criterion, Exchange, JudgementSpec, Look
from headframe.diagnose.gather import Found, Scene, find
from headframe.diagnose.hold import evidence_of, held
from headframe.diagnose.judge import Draws, missing_need
from headframe.diagnose.judgements import frame
from headframe.diagnose.parts import STAGES, Evidence, State
from headframe.diagnose.results import Stage, StageShare
from headframe.diagnose.severity import Assumptions, Piece, draw_value, interval, position
from headframe.measure.gaps import all_comparisons

Array = NDArray[np.float64]
APART = 10.0  # points between the first two stages from which they can be told apart
NAMES = {
    "factor": "diagnose.stage.factor",
    "investment": "diagnose.stage.investment",
    "innovation": "diagnose.stage.innovation",
    "wealth": "diagnose.stage.wealth",
}
RESOURCE = (
    Look(indicator="resource_share_of_output", scale="resource_dependence"),
    Look(indicator="mining_employment_share", scale="mining_employment"),
)


def income_shares(income: Array, factor_end: float, start: float, end: float, innovation: float) -> Array:
    """Shares of the four stages by income per head: one stage between its lines, sliding over between the stages."""
    upward = np.clip((income - factor_end) / (start - factor_end), 0.0, 1.0)
    onward = np.clip((income - end) / (innovation - end), 0.0, 1.0)
    return np.stack([1.0 - upward, upward - onward, onward, np.zeros_like(income)])


def research_shares(relative: Array) -> Array:
    """Shares by research intensity relative to the nation: innovation gains from half of it, all of it at its level."""
    innovation = np.clip((relative - 0.5) / 0.5, 0.0, 1.0)
    rest = (1.0 - innovation) / 2.0
    return np.stack([rest, rest, innovation, np.zeros_like(relative)])


def resource_shares(x: Array) -> Array:
    """Shares by dependence on the resource: from the concern point on the factor stage gains, at the severe point it
    has all; what it does not have is spread over the other three.
    """
    factor = np.clip(x, 0.0, 1.0)
    rest = (1.0 - factor) / 3.0
    return np.stack([factor, rest, rest, rest])


def pooled(tests: Mapping[str, Array], asked: Sequence[str], weights: Mapping[str, Array]) -> Array:
    """The weighted mean of the shares over all tests asked (stages × draws); those without evidence give a quarter to
    each stage.
    """
    total = sum((weights[name] for name in asked), np.zeros(()))
    even = np.full((len(STAGES), 1), 1.0 / len(STAGES))
    found = sum((weights[name] * tests.get(name, even) for name in asked), np.zeros(()))
    return np.asarray(found / total)


def stage(scene: Scene, spec: JudgementSpec, draws: Draws) -> Stage:
    """Four probabilities; not known when no test has evidence.

    The state says whether growth still rests on factors or investment: present, absent, or partly where the first two
    stages cannot be told apart.
    """
    tests: dict[str, Array] = {}
    evidence: list[Evidence] = []
    for name, test in (("income", _income), ("research", _research), ("resource", _resource)):
        done = test(scene, spec, draws)
        if done is not None:
            tests[name] = done[0]
            evidence.append(done[1])
    absent = {"income": "gdp_per_head", "research": "rd_intensity", "resource": "resource_share_of_output"}
    needs = tuple(missing_need(scene, indicator) for name, indicator in absent.items() if name not in tests)
    fields = frame("stage", spec, ())
    if not tests:
        unknown = tuple(
            StageShare(stage=one, name=Message(id=NAMES[one]), probability=Figure(unit="%", status="M"))
            for one in STAGES
        )
        nothing = Message(id="diagnose.stage.nothing", values={"of": len(absent) + 1})
        return Stage(**{**fields, "message": nothing}, missing=needs, shares=unknown)
    asked = (*absent, "wealth")
    shape = scene.assumed.weight_shape
    weights = {
        name: generator(draws.seed, "diagnose", "stage", name, "weight").gamma(shape, 1.0 / shape, draws.count)
        for name in asked
    }
    shares = pooled(tests, asked, weights) * 100.0
    figures = [_share(row, draws.level) for row in shares]
    order = sorted(range(len(STAGES)), key=lambda number: -(figures[number].value or 0.0))
    gap = (figures[order[0]].value or 0.0) - (figures[order[1]].value or 0.0)
    clear = gap >= APART
    told = Message(
        id="diagnose.stage.told" if clear else "diagnose.stage.open", values={"n": len(tests), "of": len(absent) + 1}
    )
    return Stage(
        **{**fields, "state": _state(order[0], clear=clear), "message": told},
        missing=needs,
        shares=tuple(
            StageShare(stage=one, name=Message(id=NAMES[one]), probability=figures[number])
            for number, one in enumerate(STAGES)
        ),
        most_probable=STAGES[order[0]] if clear else None,
        evidence=tuple(evidence),
        notes=(Message(id="diagnose.stage.note"),),
    )


def _state(first: int, *, clear: bool) -> State:
    if not clear:
        return "partly"
    return "present" if STAGES[first] in {"factor", "investment"} else "absent"


def _share(row: Array, level: float) -> Figure:
    low, _, high = interval(row, level)
    return Figure(value=float(row.mean()), low=low, high=high, unit="%", method="simulated")


def _drawn(scene: Scene, found: Found, draws: Draws) -> Array:
    piece = Piece(
        id=found.look.indicator,
        weight=1.0,
        value=found.figure.value,
        low=found.low,
        high=found.high,
        qualifier=found.figure.qualifier,
        reliability=found.reliability,
        concern=0.0,
        severe=1.0,
        grades=("D", "D"),
        age=found.age,
        drift=scene.assumed.drift,
    )
    assumed: Assumptions = scene.assumed.spreads
    return draw_value(piece, assumed, generator(draws.seed, "diagnose", "stage", found.look.indicator), draws.count)


def _best(scene: Scene, *looks: Look) -> Found | None:
    found = [item for look in looks for item in find(scene, look)]
    dated = [item for item in found if item.age is not None]
    return min(dated, key=lambda item: item.age or 0.0) if dated else next(iter(found), None)


def _income(scene: Scene, spec: JudgementSpec, draws: Draws) -> tuple[Array, Evidence] | None:
    found = _best(scene, Look(indicator="gdp_per_head"))
    if found is None or spec.exchange is None or not found.figure.unit.startswith("CNY"):
        return None
    rate = _rates(spec.exchange, draws)
    lines = [
        catalog().thresholds[name].value
        for name in ("stage_factor_end", "stage_investment_start", "stage_investment_end", "stage_innovation_start")
    ]
    shares = income_shares(_drawn(scene, found, draws) / rate, lines[0], lines[1], lines[2], lines[3])
    piece = evidence_of(scene, found, "income")
    values = {"low": spec.exchange.low, "high": spec.exchange.high}
    return shares, piece.model_copy(
        update={"notes": (*piece.notes, Message(id="diagnose.stage.exchange", values={**values}))}
    )


def _rates(exchange: Exchange, draws: Draws) -> Array:
    return generator(draws.seed, "diagnose", "stage", "exchange").uniform(exchange.low, exchange.high, draws.count)


def _research(scene: Scene, _spec: JudgementSpec, draws: Draws) -> tuple[Array, Evidence] | None:
    found = _best(scene, Look(indicator="rd_intensity"))
    if found is None:
        return None
    comparisons = all_comparisons((found.figure,), scene.around, ())
    nation = next((item.figure.value for item in comparisons if item.kind == "nation"), None)
    if nation is None or nation <= 0:
        return None
    return research_shares(_drawn(scene, found, draws) / nation), evidence_of(scene, found, "research")


def _resource(scene: Scene, _spec: JudgementSpec, draws: Draws) -> tuple[Array, Evidence] | None:
    found = _best(scene, *RESOURCE)
    if found is None:
        return None
    evidence, piece = held(scene, found, "resource", Criterion(looks=RESOURCE))
    if piece is None:
        return None
    x = position(_drawn(scene, found, draws), piece.concern, piece.severe)
    return resource_shares(x), evidence
