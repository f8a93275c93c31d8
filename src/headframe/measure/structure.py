"""Economic structure (M4): industry shares, dependence on the resource, concentration and diversity of sectors.

Concentration, location quotient, Krugman index and shift-share come from `headframe.methods`; here the evidence is
put in order for them. Employment by sector is that of urban units, as reported; a sector that a yearbook leaves blank
is missing and not zero, so an index is computed only where the known sectors hold nearly all employment.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

from headframe.core.results import Figure, Message, Ref
from headframe.measure import spans
from headframe.measure.known import Known, year_of
from headframe.measure.plain import Scene, missing_evidence, of_series
from headframe.measure.results import Measure
from headframe.measure.subjects import listed, rest
from headframe.methods.concentration import herfindahl_hirschman, shannon_entropy
from headframe.methods.specialisation import krugman_specialisation, location_quotient, shift_share

ALWAYS = (
    *("gdp", "gdp_per_head", "gdp_growth_real", "primary_share", "secondary_share", "tertiary_share"),
    *("resource_share_of_output", "heavy_industry_share"),
)
WHEN_KNOWN = ("industrial_output", "heavy_industry_output", "private_share_of_market_entities")
JOBS, TOTAL = "employment_by_sector", "employment_urban_units"
# Below this share of all employment in known sectors an index would describe the gaps in the table.
COVERED = 0.95
MOST_CORNERS = 6
LARGEST_SHOWN = 3
FORMULAS = {
    ("krugman_distance", "nation"): "formula.krugman-nation",
    ("krugman_distance", "peers"): "formula.krugman-peers",
    ("location_quotient", "nation"): "formula.location-quotient-nation",
    ("location_quotient", "peers"): "formula.location-quotient-peers",
}
Index = Callable[[Sequence[float]], float]
Jobs = dict[str, Figure]


def measures(scene: Scene) -> list[Measure]:
    """All measures of structure."""
    found = listed(scene, "M4", ALWAYS, WHEN_KNOWN)
    found += [mining_share(scene), *_indices(scene), *_against_reference(scene), regional_effect(scene)]
    return found + rest(scene, "structure", "M4", found)


def sector_jobs(known: Known, year: int) -> Jobs:
    """Employment by sector of one year, sectors with a value only, in alphabetical order."""
    found: Jobs = {}
    for dims in known.dims_of(JOBS):
        key, _, sector = dims.partition("=")
        if key == "sector" and ";" not in sector:
            figure = known.at(JOBS, year, {"sector": sector})
            if spans.span(figure).value is not None:
                found[sector] = figure
    return found


def middle(figure: Figure) -> float:
    """The central value of a figure; of a range its middle."""
    return spans.span(figure).value or 0.0


def job_years(known: Known) -> list[int]:
    """The years with employment by sector that covers nearly all urban-unit employment."""
    years = {
        year_of(figure)
        for dims in known.dims_of(JOBS)
        if dims.startswith("sector=") and ";" not in dims
        for figure in known.series(JOBS, {"sector": dims.removeprefix("sector=")})
    }
    return sorted(year for year in years if year is not None and _covers(known, year))


def _covers(known: Known, year: int) -> bool:
    jobs, total = sector_jobs(known, year), known.at(TOTAL, year).value
    if len(jobs) < 2:
        return False
    return total is None or sum(middle(figure) for figure in jobs.values()) >= COVERED * total


def mining_share(scene: Scene) -> Measure:
    """Mining jobs / urban-unit jobs × 100 (per cent). A blank for mining leaves it not known."""
    series = scene.here.series("mining_employment_share")
    needs = [] if series else [missing_evidence(scene, JOBS, dims="sector=mining")]
    formula = Message(
        id="formula.sector-share",
        values={"sectors": Ref(kind="indicator", id=JOBS), "total": Ref(kind="indicator", id=TOTAL)},
    )
    return of_series(scene, "mining_employment_share", "M4", series, formula=formula, needs=needs)


def _indices(scene: Scene) -> list[Measure]:
    """Concentration (Herfindahl–Hirschman, 0–10,000), diversity (entropy) and the largest sector's share (per cent)."""
    indices: tuple[tuple[str, str, Index], ...] = (
        ("sector_concentration", "formula.concentration", lambda values: 10_000 * herfindahl_hirschman(values)),
        ("sector_diversity", "formula.entropy", shannon_entropy),
        ("dominant_sector_share", "formula.largest-share", lambda values: 100 * max(values) / sum(values)),
    )
    parts = {year: list(sector_jobs(scene.here, year).values()) for year in job_years(scene.here)}
    found = []
    for indicator, formula, index in indices:
        series = [index_of(jobs, index, indicator) for jobs in parts.values()]
        sectors = len(next(reversed(parts.values()))) if parts else 0
        needs = [] if series else [missing_evidence(scene, JOBS, dims="sector=*")]
        text = Message(id=formula, values={"n": sectors})
        found.append(of_series(scene, indicator, "M4", series, formula=text, needs=needs))
    return found


def index_of(parts: Sequence[Figure], index: Index, indicator: str) -> Figure:
    """An index of several amounts, in the indicator's unit.

    With uncertain parts the bounds are the extremes over the corners of their intervals (for at most six uncertain
    parts; with more the bounds stay open).
    """
    amounts = [middle(part) for part in parts]
    closed = [spans.span(part) for part in parts]
    unsure = [number for number, part in enumerate(closed) if part.closed and part.low != part.high]
    low = high = value = index(amounts)
    if 0 < len(unsure) <= MOST_CORNERS:
        tried = [value]
        for corner in itertools.product((0, 1), repeat=len(unsure)):
            moved = list(amounts)
            for number, side in zip(unsure, corner, strict=True):
                moved[number] = (closed[number].low, closed[number].high)[side] or 0.0
            tried.append(index(moved))
        low, high = min(tried), max(tried)
    bounds = (None, None) if len(unsure) > MOST_CORNERS else (low, high)
    step = Message(id="step.index", values={"n": len(parts), "indicator": Ref(kind="indicator", id=indicator)})
    unit = "%" if indicator == "dominant_sector_share" else "1"
    return spans.derived(spans.Span(value, *bounds), parts, indicator=indicator, unit=unit, step=step)


def _against_reference(scene: Scene) -> list[Measure]:
    """Krugman index and location quotients against the nation, or where it has no sectors, the peers taken together."""
    years = job_years(scene.here)
    here = sector_jobs(scene.here, years[-1]) if years else {}
    name, reference = reference_jobs(scene, years[-1]) if years else ("nation", {})
    shared = [sector for sector in here if sector in reference]
    if len(shared) < 2:
        whose = scene.around.nation.place.id if years and scene.around.nation else scene.here.place.id
        needs = [missing_evidence(scene, JOBS, dims="sector=*").model_copy(update={"place": whose})]
        return [of_series(scene, item, "M4", (), needs=needs) for item in ("krugman_distance", "location_quotient")]
    local, other = [middle(here[sector]) for sector in shared], [reference[sector] for sector in shared]
    krugman = krugman_specialisation(local, other)
    found = [_compared(scene, "krugman_distance", krugman, list(here.values()), name, "")]
    quotients = dict(zip(shared, map(float, location_quotient(local, other)), strict=True))
    largest = sorted(shared, key=lambda sector: (-quotients[sector], sector))[:LARGEST_SHOWN]
    chosen = dict.fromkeys([*(item for item in shared if item == "mining"), *largest])
    quotient = "location_quotient"
    return [*found, *(_compared(scene, quotient, quotients[item], [here[item]], name, item) for item in chosen)]


def _compared(
    scene: Scene, indicator: str, value: float, parts: Sequence[Figure], reference: str, sector: str
) -> Measure:
    step = Message(id="step.index", values={"n": len(parts), "indicator": Ref(kind="indicator", id=indicator)})
    figure = spans.derived(spans.Span(value, value, value), parts, indicator=indicator, unit="1", step=step)
    dims = f"reference={reference}" + (f";sector={sector}" if sector else "")
    formula = Message(id=FORMULAS[indicator, reference])
    return of_series(scene, indicator, "M4", (figure,), dims=dims, formula=formula)


def reference_jobs(scene: Scene, year: int) -> tuple[str, dict[str, float]]:
    """The sector structure that a place is held against, and whose it is: the nation's, else that of the peers.

    Peers are added up, the place itself left out; only sectors that every peer with a table reports are used.
    """
    nation = scene.around.nation
    if nation is not None and _covers(nation, year):
        return "nation", _amounts(sector_jobs(nation, year))
    tables = [_amounts(sector_jobs(peer, year)) for peer in scene.peers if _covers(peer, year)]
    shared = set.intersection(*(set(table) for table in tables)) if tables else set()
    return "peers", {sector: sum(table[sector] for table in tables) for sector in sorted(shared)}


def _amounts(jobs: Mapping[str, Figure]) -> dict[str, float]:
    return {sector: middle(figure) for sector, figure in jobs.items()}


def regional_effect(scene: Scene) -> Measure:
    """The regional effect of the change in jobs between the first and the last year with sectors (Dunn's shift-share).

    Needs both years here and in the reference; Σ over the shared sectors, in persons.
    """
    years = job_years(scene.here)
    formula = Message(id="formula.shift-share")
    if len(years) < 2:
        missing = missing_evidence(scene, JOBS, dims="sector=*")
        return of_series(scene, "shift_share_regional", "M4", (), formula=formula, needs=[missing])
    tables = [sector_jobs(scene.here, year) for year in (years[0], years[-1])]
    references = [reference_jobs(scene, year)[1] for year in (years[0], years[-1])]
    everywhere = set(tables[1]) & set(references[0]) & set(references[1])
    shared = [sector for sector in tables[0] if sector in everywhere]
    if len(shared) < 2:
        whose = scene.around.nation.place.id if scene.around.nation else scene.here.place.id
        missing = missing_evidence(scene, JOBS, dims="sector=*").model_copy(update={"place": whose})
        return of_series(scene, "shift_share_regional", "M4", (), formula=formula, needs=[missing])
    local = [[middle(table[sector]) for sector in shared] for table in tables]
    other = [[table[sector] for sector in shared] for table in references]
    effect = float(shift_share(local[0], local[1], other[0], other[1]).regional.sum())
    parts = [table[sector] for table in tables for sector in shared]
    step = Message(
        id="step.index", values={"n": len(shared), "indicator": Ref(kind="indicator", id="shift_share_regional")}
    )
    figure = spans.derived(
        spans.Span(effect, effect, effect),
        parts,
        indicator="shift_share_regional",
        unit="person",
        step=step,
        period=f"{years[0]}–{years[-1]}",
    )
    return of_series(scene, "shift_share_regional", "M4", (figure,), formula=formula)
