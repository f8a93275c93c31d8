"""Small panels to audit: figures by hand or drawn, as a Panel or a Grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from headframe.audit.clean import grid_of_tables
from headframe.audit.grid import Grid, grid_of_panel
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Detector
from headframe.audit.results import Finding
from headframe.evidence.panel import KEYS, Panel

FIRST = 1990
Table = NDArray[np.float64]


def panel(tables: Mapping[str, ArrayLike], first: int = FIRST, *, concept: str = "", vintage: str = "") -> Panel:
    """A panel of arrays (place, year) by indicator; NaN is missing."""
    rows = [
        (f"p{place:03}", indicator, first + year, "", concept, vintage, float(value))
        for indicator, table in tables.items()
        for (place, year), value in np.ndenumerate(np.atleast_2d(np.asarray(table, dtype=float)))
        if not np.isnan(value)
    ]
    return Panel(pl.DataFrame(rows, schema={**KEYS, "value": pl.Float64}, orient="row"))


def grid(tables: Mapping[str, ArrayLike], groups: Sequence[str] = (), first: int = FIRST) -> Grid:
    """The grid of such a panel; `groups` names the province of each place."""
    return grid_of_panel(panel(tables, first), {f"p{n:03}": name for n, name in enumerate(groups)})


def clean_grid(tables: Mapping[str, Table]) -> Grid:
    """A grid whose places lie in six provinces."""
    return grid_of_tables(tables)


def found(detector: Detector, what: Grid, **options: object) -> tuple[Finding, ...]:
    """The findings of one detector under the default options."""
    return detector(what, AuditOptions(**options)).findings  # type: ignore[arg-type]


def walk(seed: int, places: int = 40, years: int = 30, noise: float = 0.08, size: float = 1e5) -> Table:
    """Figures that were measured: growth with independent shocks, rounded to whole numbers."""
    rng = np.random.default_rng(seed)
    start = size * np.exp(rng.standard_normal((places, 1)))
    return np.rint(start * np.exp(np.cumsum(0.03 + noise * rng.standard_normal((places, years)), axis=1)))


def years_of(finding: Finding) -> list[int]:
    """The years that a finding is about."""
    return [int(year) for year in finding.years]
