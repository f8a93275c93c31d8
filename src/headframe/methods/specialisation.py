"""What a place does more of than others, and how much of its change that explains.

Arguments are amounts by sector (jobs, value added) in one unit, the same sectors in the same order everywhere.
Errors of all: HF150 empty, HF151 missing, HF152 negative, HF153 shapes differ, HF154 nothing to divide by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from headframe.core.errors import HeadframeError
from headframe.methods.checks import Matrix, Vector, amounts, same_shape, shares_of


def location_quotient(local: ArrayLike, reference: ArrayLike) -> Vector:
    """LQ_i = (local_i / Σ local) / (reference_i / Σ reference). No unit; 1 = as common as in the reference, 0 to ∞.

    nan where the reference has none of the sector. Source: Farhauer and Kröll 2013, worked in the manual of REAT 3.0.3.
    """
    here, there = shares_of("local", local), shares_of("reference", reference)
    same_shape(("local", "reference"), here, there)
    quotient = np.full(here.size, np.nan)
    np.divide(here, there, out=quotient, where=there > 0)
    return quotient


def location_quotients(table: ArrayLike) -> Matrix:
    """Location quotients of every row (place) of `table` against the sum of all rows; columns are sectors.

    No unit, 0 to ∞; nan for a place without any amount and for a sector that no place has.
    """
    counts = amounts("table", table, dimensions=2)
    total = counts.sum()
    if total == 0:
        raise HeadframeError.of("HF154", "table", name="table")
    expected = counts.sum(axis=1, keepdims=True) * (counts.sum(axis=0, keepdims=True) / total)
    quotients = np.full(counts.shape, np.nan)
    np.divide(counts, expected, out=quotients, where=expected > 0)
    return quotients


def krugman_specialisation(local: ArrayLike, reference: ArrayLike) -> float:
    """Krugman specialisation index K = Σ |s_i − r_i| of two sector structures. Range 0 (same) to 2 (nothing in common).

    Some authors print half of it; we print Krugman's own. Take the place itself out of the reference where it is a
    large part of it. Source: Farhauer and Kröll 2013, worked in the manual of REAT 3.0.3.
    """
    here, there = shares_of("local", local), shares_of("reference", reference)
    same_shape(("local", "reference"), here, there)
    return float(np.abs(here - there).sum())


def average_structure(table: ArrayLike) -> Vector:
    """The mean of the sector shares of several places (rows), each place counting the same. Shares, sum 1."""
    counts = amounts("table", table, dimensions=2)
    structures = np.array([shares_of(f"table[{row}]", places) for row, places in enumerate(counts)])
    return np.asarray(structures.mean(axis=0))


@dataclass(frozen=True)
class ShiftShare:
    """Change by sector split into effects, in the unit of the amounts; national + mix + regional = change."""

    change: Vector
    national: Vector
    mix: Vector
    regional: Vector

    @property
    def net_shift(self) -> Vector:
        """What the place gained beyond the growth of the whole: mix + regional."""
        return self.mix + self.regional


def shift_share(
    local_start: ArrayLike, local_end: ArrayLike, reference_start: ArrayLike, reference_end: ArrayLike
) -> ShiftShare:
    """Classic shift-share decomposition of the change by sector (Dunn).

    With G the growth rate of the whole reference and g_i that of sector i there: national_i = a_i G,
    mix_i = a_i (g_i − G), regional_i = b_i − a_i (1 + g_i), a and b the place's amounts at start and end.
    Results in the unit of the amounts, of any sign. A sector that starts at zero here and in the reference counts as
    regional. HF154 if the reference starts at zero with a sector that the place has.
    Source: Dunn 1960; worked table of G. Krumme, University of Washington
    (faculty.washington.edu/krumme/350/ssexcel.html).
    """
    a, b, growth, total = _growth_rates(local_start, local_end, reference_start, reference_end)
    return ShiftShare(change=b - a, national=a * total, mix=a * (growth - total), regional=b - a * (1.0 + growth))


@dataclass(frozen=True)
class EstebanMarquillas:
    """Shift-share with the regional effect split; national + mix + competitive + allocation = change."""

    change: Vector
    national: Vector
    mix: Vector
    competitive: Vector
    allocation: Vector


def esteban_marquillas(
    local_start: ArrayLike, local_end: ArrayLike, reference_start: ArrayLike, reference_end: ArrayLike
) -> EstebanMarquillas:
    """Esteban–Marquillas decomposition: the regional effect freed from the place's own structure.

    With h_i = Σa · reference_i / Σ reference, the amount that the place would have with the reference's structure, and
    l_i its growth rate: competitive_i = h_i (l_i − g_i), allocation_i = (a_i − h_i)(l_i − g_i); national and mix as in
    `shift_share`, all in the unit of the amounts. Every sector must start above zero here and in the reference
    (HF154), else l_i does not exist.
    Source: Esteban-Marquillas 1972; independent check: REAT 3.0.3, method "Esteban".
    """
    a, b, growth, total = _growth_rates(local_start, local_end, reference_start, reference_end)
    if np.any(a == 0):
        raise HeadframeError.of("HF154", "local_start", name="local_start")
    homothetic = a.sum() * shares_of("reference_start", reference_start)
    lead = b / a - 1.0 - growth
    return EstebanMarquillas(b - a, a * total, a * (growth - total), homothetic * lead, (a - homothetic) * lead)


def _growth_rates(
    local_start: ArrayLike, local_end: ArrayLike, reference_start: ArrayLike, reference_end: ArrayLike
) -> tuple[Vector, Vector, Vector, float]:
    names = ("local_start", "local_end", "reference_start", "reference_end")
    given = (local_start, local_end, reference_start, reference_end)
    a, b, start, end = (amounts(name, values) for name, values in zip(names, given, strict=True))
    same_shape(names, a, b, start, end)
    if start.sum() == 0 or np.any((start == 0) & (a > 0)):
        raise HeadframeError.of("HF154", "reference_start", name="reference_start")
    total = float(end.sum() / start.sum() - 1.0)
    # Without a start there is no rate; the place has none of such a sector at the start either, so that any will do.
    growth = np.zeros(a.size)
    np.divide(end - start, start, out=growth, where=start > 0)
    return a, b, growth, total
