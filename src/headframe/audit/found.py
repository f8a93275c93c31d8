"""Making a finding: its cells, its id and its picture."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from headframe.audit.grid import Grid
from headframe.audit.results import Cell, Decidable, Finding, Picture, Severity, Treatment
from headframe.core.results import Figure, Message, Ref, type_of_value

Index = tuple[int, int, int]
EVERYWHERE = "panel"
LEAST_CHANCE = 1e-300
UNDATED = "n.d."  # which the words write out


def identity(detector: str, place: str, first: Cell, about: Sequence[str]) -> str:
    """A finding's id: its place and a hash of detector, series and what the finding is about.

    Values, chances, the order of rows and what else a run holds take no part, so that a later audit, and one of more
    years, gives the same id: a run is named by its first figure, what holds of a whole series by the series alone.
    """
    series = [place, first.indicator, first.dims, first.concept, first.price_basis]
    body = "\x1f".join([detector, *series, "\x1e", *about])
    return f"{place}-a{hashlib.sha256(body.encode('utf-8')).hexdigest()[:10]}"


def key(cell: Cell) -> str:
    """What names a cell: its observation, or where it stands in a table without references."""
    return cell.ref or "/".join((cell.place, cell.indicator, cell.dims, cell.concept, cell.period))


def cell_at(grid: Grid, index: Index) -> Cell:
    """The cell of a grid."""
    place, column, period = index
    head = grid.columns[column]
    value = float(grid.values[index])
    return Cell(
        place=grid.places[place],
        indicator=head.indicator,
        dims=head.dims,
        concept=head.concept,
        price_basis=head.price_basis,
        period=str(grid.periods[period]),
        ref=grid.ref(*index),
        value=value if np.isfinite(value) else None,
    )


def cell_of(row: Mapping[str, object]) -> Cell:
    """The cell of a row of the long table."""
    value, year = row["value"], row["year"]
    return Cell(
        place=str(row["place"]),
        indicator=str(row["indicator"]),
        dims=str(row["dims"] or ""),
        concept=str(row["concept"] or ""),
        price_basis=str(row["price_basis"] or ""),
        period="" if year is None else str(year),
        ref=str(row["ref"]),
        value=float(value) if isinstance(value, (int, float)) else None,
    )


def made(
    detector: str,
    kind: str,
    reason: str,
    cells: Sequence[Cell],
    *,
    values: Mapping[str, type_of_value],
    severity: Severity,
    treatment: Treatment,
    against: Sequence[Cell] = (),
    decidable: Decidable = "partly",
    chance: float | None = None,
    score: float = 0.0,
    replacement: Figure | None = None,
    picture: Picture | None = None,
    about: Sequence[str] | None = None,
) -> Finding:
    """A finding whose reason is the text `audit.reason.<reason>` with these values and the cells' names.

    `about` tells it from other findings of the detector on the series of its first cell (None: reason and all cells).
    """
    first = cells[0]
    names: dict[str, type_of_value] = {
        "place": Ref(kind="place", id=first.place),
        "indicator": Ref(kind="indicator", id=first.indicator),
        "years": spoken(cell.period for cell in cells) or UNDATED,
    }
    place = first.place if len({cell.place for cell in cells}) == 1 else EVERYWHERE
    if about is None:
        about = (reason, *sorted(map(key, cells)), "\x1e", *sorted(map(key, against)))
    return Finding(
        id=identity(detector, place, first, about),
        detector=detector,
        kind=kind,
        place=place,
        cells=tuple(cells),
        against=tuple(against),
        reason=Message(id=f"audit.reason.{reason}", values=names | dict(values)),
        severity=severity,
        treatment=treatment,
        decidable=decidable,
        chance=None if chance is None else max(float(chance), LEAST_CHANCE),
        score=float(score),
        replacement=replacement,
        picture=picture,
    )


def spoken(periods: Iterable[str]) -> str:
    """Periods as they are printed: `1992–1998`, or one by one where years between are not meant."""
    names = list(dict.fromkeys(name for name in periods if name))
    years = [int(name) for name in names if name.isdigit()]
    if len(years) == len(names) and len(years) > 2 and max(years) - min(years) == len(years) - 1:
        return f"{min(years)}–{max(years)}"
    return " / ".join(names)


def odds(chance: float) -> float:
    """One in how many, as a power of ten with one leading figure, for texts: 0.00023 → 4,000; at most 10¹²."""
    inverse = min(1.0 / max(chance, 1e-12), 1e12)
    size = 10.0 ** np.floor(np.log10(inverse))
    return float(np.floor(inverse / size + 1e-9) * size)


def picture(
    grid: Grid,
    place: int,
    column: int,
    marked: Sequence[int],
    *,
    expected: Mapping[int, float] | None = None,
    band: Sequence[tuple[int, float, float, float]] = (),
) -> Picture:
    """The series of one place and column; `marked` are the positions in question, `expected` maps year to value."""
    values = grid.values[place, column]
    known = np.flatnonzero(np.isfinite(values))
    head = grid.columns[column]
    entry = grid.entries.get(head.indicator)
    return Picture(
        indicator=head.indicator,
        unit=entry.unit if entry is not None else "1",
        points=tuple((grid.periods[t], float(values[t])) for t in known.tolist()),
        marked=tuple(grid.periods[t] for t in marked),
        expected=tuple(sorted((expected or {}).items())),
        band=tuple(band),
    )


def figure(grid: Grid, index: Index, value: float) -> Figure:
    """What a cell would be if an explanation holds, as a figure that was estimated and is not known."""
    head = grid.columns[index[1]]
    entry = grid.entries.get(head.indicator)
    return Figure(
        value=float(value),
        unit=entry.unit if entry is not None else "1",
        period=str(grid.periods[index[2]]),
        price_basis=head.price_basis,
        concept=head.concept,
        status="E",
        method="derived",
        indicator=head.indicator,
        place=grid.places[index[0]],
        observations=(grid.ref(*index),) if grid.ref(*index) else (),
    )
