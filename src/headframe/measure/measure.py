"""The verb `measure`: where a city stands, from its evidence."""

from __future__ import annotations

from collections.abc import Callable

from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.provenance import run_record
from headframe.core.seeds import DEFAULT_SEED
from headframe.evidence.folder import City
from headframe.measure import (
    ecology,
    finance,
    forestry,
    infrastructure,
    innovation,
    labour,
    parks,
    population,
    service,
    structure,
)
from headframe.measure.bounds import bounds
from headframe.measure.definition import definition_for
from headframe.measure.exhaustion import exhaustion
from headframe.measure.known import Known, Surroundings, surroundings
from headframe.measure.lifecycle import lifecycle
from headframe.measure.meter import meter
from headframe.measure.peers import peers
from headframe.measure.plain import Scene
from headframe.measure.reading import LEVEL
from headframe.measure.results import Measure, MeasureResult, Peer

# In reading order; each gives the measures of its subject (M4–M10, M12–M14; M11 is in every comparison).
SUBJECTS: tuple[tuple[str, Callable[[Scene], list[Measure]]], ...] = (
    ("measure.stage.structure", structure.measures),
    ("measure.stage.labour", labour.measures),
    ("measure.stage.ecology", ecology.measures),
    ("measure.stage.finance", finance.measures),
    ("measure.stage.innovation", innovation.measures),
    ("measure.stage.service", service.measures),
    ("measure.stage.population", population.measures),
    ("measure.stage.forestry", forestry.measures),
    ("measure.stage.parks", parks.measures),
    ("measure.stage.infrastructure", infrastructure.measures),
)


def measure(
    city: City,
    *,
    seed: int = DEFAULT_SEED,
    draws: int = 2000,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> MeasureResult:
    """Everything that the evidence says about where a city stands (M1–M14).

    The same city, built-in places, seed and draws give the same result. Errors: HF401 and HF402 for a faulty
    `weights/meter.toml`, HF403 for fewer than 100 draws, HF116 when cancelled; HF3xx when a built-in folder is damaged.
    """
    rule, around = definition_for(city), surroundings(city)
    found_peers = peers(around, rule.peers, bounds())
    scene = Scene(around, _opened(around, found_peers))
    measures: list[Measure] = []
    for number, (stage, subject) in enumerate(SUBJECTS):
        progress(number, len(SUBJECTS), stage)
        if cancel is not None:
            cancel.check()
        measures.extend(subject(scene))
    metered = meter(around, rule, seed=seed, draws=draws, progress=progress, cancel=cancel)
    exhausted = exhaustion(scene)
    return MeasureResult(
        place=city.place.id,
        record=run_record("measure", _inputs(city, around), {"draws": draws}, seed),
        level=LEVEL,
        measures=tuple({(item.id, item.dims): item for item in reversed(measures)}.values())[::-1],
        exhaustion=exhausted,
        lifecycle=lifecycle(scene, exhausted, metered),
        meter=metered,
        peers=found_peers,
        peers_from=tuple(known.place.id for known in around.others),
    )


def _opened(around: Surroundings, found: tuple[Peer, ...]) -> tuple[Known, ...]:
    by_id = {known.place.id: known for known in around.others}
    return tuple(by_id[peer.place] for peer in found)


def _inputs(city: City, around: Surroundings) -> dict[str, str]:
    """Fingerprints of every folder that the result depends on; the places' names are the keys."""
    beside = [known for known in (around.province, around.nation, *around.others) if known is not None]
    return {city.place.id: city.inputs_hash} | {known.place.id: known.city.inputs_hash for known in beside}
