"""What the result of a panel says in sentences, and what it cannot say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from headframe.core.results import Message, Ref, type_of_value
from headframe.evidence.place import Place
from headframe.measure.bounds import Bounds
from headframe.measure.meter import BOUNDED_COUNTRY
from headframe.measure.panel.results import PanelMeasure

NAMED = 5  # places named in a sentence; the rest is counted


def notes(
    result: PanelMeasure, places: Mapping[str, Place], bounds: Bounds, impossible: int = 0
) -> tuple[Message, ...]:
    """Everything told of a panel, in reading order; `impossible` figures were left out."""
    told = [*_scored(result), *_moved(result), *_silent(result, places, bounds)]
    if impossible:
        told.append(Message(id="panel.told.impossible", values={"n": impossible}))
    return (Message(id="panel.told.unofficial"), *told)


def _scored(result: PanelMeasure) -> Iterator[Message]:
    year, total = result.newest, len(result.places)
    if year is None:
        yield Message(id="panel.told.no-score", values={"n": total})
        return
    ranked = result.ranked(year)
    yield Message(id="panel.told.scored", values={"n": len(ranked), "places": total, "year": str(year)})
    if len(ranked) > 1:
        ends: dict[str, type_of_value] = {"year": str(year)}
        ends["best"] = tuple(Ref(kind="place", id=item.place) for item in ranked[:NAMED])
        ends["last"] = tuple(Ref(kind="place", id=item.place) for item in ranked[-NAMED:])
        yield Message(id="panel.told.ends", values=ends)
        widths = sorted((item.rank.high or 0.0) - (item.rank.low or 0.0) for item in ranked)
        width = widths[len(widths) // 2]
        yield Message(id="panel.told.ranks", values={"width": width, "places": len(ranked)})


def _moved(result: PanelMeasure) -> Iterator[Message]:
    if len(result.scored_years) < 2:
        return
    since, year = result.scored_years[0], result.scored_years[-1]
    moved = result.moved(since, year)
    span: dict[str, type_of_value] = {"since": str(since), "year": str(year), "places": len(moved)}
    if result.scatter.by == "unknown":
        yield Message(id="panel.told.moves-not-judged", values=span)
        return
    up, down = (sum(item.found and (item.change.value or 0.0) * sign > 0 for item in moved) for sign in (1.0, -1.0))
    share = 100.0 * result.scatter.false_share
    yield Message(id="panel.told.moves", values={**span, "up": up, "down": down, "share": share})
    scattered = "panel.told.scatter-courses" if result.scatter.by == "courses" else "panel.told.scatter-changes"
    yield Message(id=scattered, values={"deviation": result.scatter.deviation})


def _silent(result: PanelMeasure, places: Mapping[str, Place], bounds: Bounds) -> Iterator[Message]:
    """What cannot be said, and why."""
    yield Message(id=f"panel.told.reference-{result.reference}")
    silent = [year for year in result.years if year not in result.scored_years]
    if silent:
        values: dict[str, type_of_value] = {"years": _years(silent), "coverage": 100.0 * result.coverage_needed}
        yield Message(id="panel.told.silent-years", values={**values, "n": len(silent)})
    year = result.newest
    if year is not None:
        left = sum(not item.score.known for item in result.readings if item.year == year)
        if left:
            yield Message(id="panel.told.not-scored", values={"n": left, "year": str(year)})
        yield from _missing(result, year, bounds)
    abroad = sum(place.country != BOUNDED_COUNTRY for place in places.values())
    if abroad and result.reference == "built-in":
        yield Message(id="panel.told.other-countries", values={"n": abroad})
    yield from _open(result)
    doubted = sum(item.doubted for item in result.used)
    if result.doubt and doubted:
        yield Message(id="panel.told.doubted", values={"n": doubted, "figures": len(result.used)})


def _missing(result: PanelMeasure, year: int, bounds: Bounds) -> Iterator[Message]:
    """The indicators that few places have in the newest year, and those that no bounds are known for."""
    at = result.years.index(year)
    scored = {item.place for item in result.ranked(year)}
    counts = Counter(item.indicator for item in result.coverage if item.place in scored and item.states[at] == "o")
    rare = [item.id for item in result.indicators if 2 * counts[item.id] < len(scored)]
    if rare:
        values: dict[str, type_of_value] = {"year": str(year), "n": len(rare)}
        yield Message(id="panel.told.rare", values={**values, "indicators": _indicators(rare)})
    without = [item.id for item in result.indicators if not bounds.years(item.id)]
    natural = {item.indicator for item in result.used}
    without = [name for name in without if name not in natural]
    if without:
        yield Message(id="panel.told.no-bounds", values={"n": len(without), "indicators": _indicators(without)})


def _open(result: PanelMeasure) -> Iterator[Message]:
    """How many lifecycle classes stay open for want of evidence on reserves."""
    last = {item.place: item for item in result.classes if item.applies}
    without = sum(not item.security.known for item in last.values())
    if without:
        yield Message(id="panel.told.no-reserves", values={"n": without, "places": len(last)})


def _indicators(names: list[str]) -> tuple[Ref, ...]:
    return tuple(Ref(kind="indicator", id=name) for name in names)


def _years(years: list[int]) -> str:
    """Years as runs: 2001–2004, 2006."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
