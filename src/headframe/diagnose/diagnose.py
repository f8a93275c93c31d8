"""The verb `diagnose`: why a city stands where it stands, from its evidence and what was measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from headframe.core.errors import Problems
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.provenance import run_record
from headframe.core.results import Message
from headframe.core.seeds import DEFAULT_SEED
from headframe.diagnose.criteria import Specification, specification
from headframe.diagnose.gather import Scene
from headframe.diagnose.investment import investment
from headframe.diagnose.judge import Draws, challenge
from headframe.diagnose.judgements import anchor, consumer, policy, skills
from headframe.diagnose.loops import loops
from headframe.diagnose.results import Challenge, DiagnoseResult, NotYet
from headframe.diagnose.stage import stage
from headframe.diagnose.unknown import unknown
from headframe.evidence.folder import City
from headframe.measure.known import Known, surroundings
from headframe.measure.results import MeasureResult

LEVEL = 0.9
FEWEST_DRAWS = 100
YEARS = (1800, 2200)
NOT_YET = (
    NotYet(
        id="value-chain",
        name=Message(id="diagnose.not-yet.value-chain"),
        scope="D2",
        message=Message(id="diagnose.not-yet.value-chain-why"),
    ),
    NotYet(
        id="integrity",
        name=Message(id="diagnose.not-yet.integrity"),
        scope="D6",
        message=Message(id="diagnose.not-yet.integrity-why"),
    ),
)


def diagnose(
    city: City,
    measured: MeasureResult | None = None,
    *,
    seed: int = DEFAULT_SEED,
    draws: int = 2000,
    as_of: int | None = None,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> DiagnoseResult:
    """Everything that the evidence says about why a city stands where it does (D1, D3–D5, D7–D10).

    Without `measured` the judgements that rest on derived measures are not known. Ages are counted to `as_of`, by
    default the year of the release's evidence, the same for every place, so the same inputs give the same result on any
    day. Errors: HF505 for fewer
    than 100 draws, HF506 for a year that is none, HF507 for measures of another place (all together); HF116 when
    cancelled.
    """
    _check(city, measured, draws, as_of)
    asked = specification()
    around = replace(surroundings(city), here=Known(city))  # the city given, even where its folder says more
    scene = Scene(around, measured, asked.assumptions.evidence_as_of if as_of is None else as_of, asked.assumptions)
    how = Draws(count=draws, seed=seed, level=LEVEL)
    judged: list[Challenge] = []
    steps = len(asked.challenges) + 3
    for number, (identifier, spec) in enumerate(asked.challenges.items()):
        progress(number, steps, "diagnose.stage-of-work.challenges")
        _look(cancel)
        judged.append(challenge(scene, identifier, spec, how))
    progress(steps - 3, steps, "diagnose.stage-of-work.judgements")
    _look(cancel)
    further = {
        "skills": skills(scene, asked.judgements["skills"]),
        "investment": investment(scene, asked.judgements["investment"]),
        "policy": policy(scene, asked.judgements["policy"]),
        "anchor": anchor(scene, asked.judgements["anchor"]),
        "stage": stage(scene, asked.judgements["stage"], how),
        "consumer": consumer(scene, asked.judgements["consumer"]),
    }
    progress(steps - 2, steps, "diagnose.stage-of-work.loops")
    _look(cancel)
    found_loops = loops(scene)
    progress(steps - 1, steps, "diagnose.stage-of-work.unknown")
    _look(cancel)
    return DiagnoseResult(
        place=city.place.id,
        record=run_record("diagnose", _inputs(scene), {"draws": draws, "as_of": scene.as_of}, seed),
        level=LEVEL,
        draws=draws,
        as_of=scene.as_of,
        challenges=tuple(judged),
        loops=found_loops,
        unknown=unknown(scene, tuple(asked.challenges.items()), judged, tuple(further.values()), how),
        not_yet=NOT_YET,
        summary=_summary(judged, asked, scene.as_of),
        **further,
    )


def _check(city: City, measured: MeasureResult | None, draws: int, as_of: int | None) -> None:
    problems = Problems()
    if draws < FEWEST_DRAWS:
        problems.add("HF505", "diagnose, draws", draws=draws, least=FEWEST_DRAWS)
    if as_of is not None and not YEARS[0] <= as_of <= YEARS[1]:
        problems.add("HF506", "diagnose, as_of", year=as_of)
    if measured is not None and measured.place != city.place.id:
        problems.add("HF507", "diagnose, measured", place=city.place.id, other=measured.place)
    problems.raise_if_any()


def _look(cancel: Cancel | None) -> None:
    if cancel is not None:
        cancel.check()


def _inputs(scene: Scene) -> dict[str, str]:
    """Fingerprints of the folders looked at, and the id of the measuring run."""
    beside = {known.place.id: known.city.inputs_hash for known in (*scene.above, *scene.around.others)}
    nation = scene.around.nation
    more = {} if nation is None else {nation.place.id: nation.city.inputs_hash}
    run = {} if scene.measured is None else {"run:measure": scene.measured.record.id}
    return {**beside, **more, scene.city.place.id: scene.city.inputs_hash, **run}


def _summary(judged: list[Challenge], asked: Specification, as_of: int | None) -> Message:
    """How many challenges are of each class, which known one stands worst, at what score, and the year counted to."""
    counts: dict[str, int] = Counter(item.severity_class for item in judged)
    known = [item for item in judged if item.known]
    if not known:
        return Message(id="diagnose.summary.nothing", values={"asked": len(judged), "as_of": as_of or 0})
    worst = max(known, key=lambda item: item.severity.value or 0.0)
    values = {name.replace("-", "_"): counts[name] for name in ("severe", "concern", "none", "not-known")}
    return Message(id=asked.challenges[worst.id].worst, values={**values, "score": worst.severity, "as_of": as_of or 0})
