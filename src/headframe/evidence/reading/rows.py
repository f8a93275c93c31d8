"""Rows of a sheet by what they are made of: figures, heads of columns, names alone, a lone text, nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from headframe.evidence.reading.scan import Scan, Sort
from headframe.evidence.reading.script import bare
from headframe.evidence.reading.wordings import held_by_word

LOOKED_AHEAD = 20
PERIODS = 0.8  # share of years and periods from which on a column is one of periods
MOST_LOOKED_AT = 4000  # rows
LONGEST_STEP = 20  # years between two columns
FEWEST_NUMBERED = 3  # columns that a row of column numbers has at least


class RowSort(IntEnum):
    """What a row is made of."""

    BLANK = 0
    DATA = 1  # figures
    HEAD = 2  # texts, or years, over columns of figures
    NAMES = 3  # texts, none of them over a column of figures
    LONE = 4  # a single text or a single number
    NUMBERING = 5  # the columns numbered one after the other


@dataclass(frozen=True, eq=False)
class Rows:
    """The sort of every row and the columns that hold figures; arrays are indexed from 0.

    `held` marks rows that are blank but inside merged ranges that begin above them.
    """

    sorts: NDArray[np.int8]
    figures: NDArray[np.bool_]
    held: NDArray[np.bool_]


def rows_of(scan: Scan) -> Rows:
    """The rows of a sheet, each judged beside its columns."""
    cells = scan.sorts
    figures = _columns_of_figures(scan)
    textual = (cells == Sort.TEXT) | (cells == Sort.PERIOD)
    numeric = (cells == Sort.NUMBER) | (cells == Sort.ODD)
    texts = (textual & figures).sum(axis=1)
    numbers = (numeric & figures).sum(axis=1)
    marks = ((cells == Sort.MISSING) & figures).sum(axis=1)
    filled = (cells != Sort.EMPTY).sum(axis=1)
    names = (textual & ~figures).sum(axis=1)
    found = np.zeros(len(cells), np.int8)
    found[filled > 0] = RowSort.NAMES
    found[(texts >= 2) | ((texts >= 1) & ((names >= 1) | (figures.sum() == 1)))] = RowSort.HEAD
    certain = ((cells == Sort.NUMBER) & figures).sum(axis=1) + marks
    data = (certain > 0) & (texts <= numbers + marks)
    found[data] = RowSort.DATA
    found[(filled == 1) & ~data] = RowSort.LONE
    if data.any() and np.median(filled[data]) >= 3:
        found[data & (filled == 1)] = RowSort.LONE  # the number of a page
    found[_years_alone(scan, figures, numeric, numbers, marks)] = RowSort.HEAD
    _mark_codes_as_head(found, texts, numbers)
    _mark_numbering(scan, figures, found)
    return Rows(found, figures, _held(scan, filled))


def _columns_of_figures(scan: Scan) -> NDArray[np.bool_]:
    """Columns in which, from the first number down, numbers and marks of missing ones are at least half.

    A column of years and other periods names what the figures beside it are about and is none of figures.
    """
    cells, years = scan.sorts, scan.years
    found = np.zeros(cells.shape[1], np.bool_)
    numbers = cells == Sort.NUMBER
    for column in np.flatnonzero(numbers.any(axis=0)):
        below = cells[int(numbers[:, column].argmax()) :, column]
        counted = np.bincount(below, minlength=len(Sort))
        figures = counted[Sort.NUMBER] + counted[Sort.MISSING] + counted[Sort.ODD]
        periods = counted[Sort.PERIOD] + int(years[:, column].sum())
        found[column] = figures * 2 >= counted[1:].sum() and periods < PERIODS * (figures + counted[Sort.PERIOD])
    return found if found.any() else numbers.any(axis=0)


def _years_alone(
    scan: Scan,
    figures: NDArray[np.bool_],
    numeric: NDArray[np.bool_],
    numbers: NDArray[np.int64],
    marks: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Rows whose numbers are all years while the other numbers of those columns are not, at a place for a head.

    A figure that happens to be between 1800 and 2100 stands below other figures; a head does not.
    """
    years = scan.years & figures
    candidates = (numbers > 0) & (years.sum(axis=1) == numbers) & (marks == 0)
    of_years, of_numbers = years.sum(axis=0), (numeric & figures).sum(axis=0)
    other = (of_years - 1) * 2 < of_numbers - 1
    candidates &= (years & other).sum(axis=1) * 2 > numbers
    found = np.zeros(len(candidates), np.bool_)
    for row in np.flatnonzero(candidates):
        below_figures = row > 0 and numbers[row - 1] + marks[row - 1] > 0 and not found[row - 1]
        found[row] = not below_figures and _reads_as_head(scan, figures, int(row))
    return found


def _reads_as_head(scan: Scan, figures: NDArray[np.bool_], row: int) -> bool:
    """Whether three years or more run on in one direction, or nothing but a word for a head stands beside them."""
    values = scan.numbers[row, figures]
    steps = np.diff(values[~np.isnan(values)])
    if len(steps) >= 2 and ((steps > 0).all() or (steps < 0).all()) and np.abs(steps).max() <= LONGEST_STEP:
        return True
    names = np.flatnonzero((scan.sorts[row] != Sort.EMPTY) & ~figures)
    return all(bare(scan.sheet.text(row + 1, int(column) + 1)) in held_by_word() for column in names)


def _mark_codes_as_head(found: NDArray[np.int8], texts: NDArray[np.int64], numbers: NDArray[np.int64]) -> None:
    """A first row of figures with texts among them is a head of codes (`111CA`, `211`) when no row below has any."""
    data = np.flatnonzero(found == RowSort.DATA)
    if len(data) < 3:
        return
    first, following = data[0], data[1 : LOOKED_AHEAD + 1]
    if texts[first] >= max(2, 0.05 * numbers[first]) and texts[first] > 2 * texts[following].max():
        found[first] = RowSort.HEAD


def _mark_numbering(scan: Scan, figures: NDArray[np.bool_], found: NDArray[np.int8]) -> None:
    """Mark rows such as `(1) (2) (3)` directly below a head."""
    filled = np.flatnonzero(found)
    above, here = found[filled[:-1]], found[filled[1:]]
    candidates = filled[1:][(here == RowSort.DATA) & np.isin(above, (RowSort.HEAD, RowSort.NAMES))]
    for row in candidates[:MOST_LOOKED_AT]:
        values = np.abs(scan.numbers[row, figures])
        values = values[~np.isnan(values)]
        if len(values) >= FEWEST_NUMBERED and values[0] in {1, 2} and (np.diff(values) == 1).all():
            found[row] = RowSort.NUMBERING


def _held(scan: Scan, filled: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not scan.sheet.merged:
        return np.zeros(len(filled), np.bool_)
    found: NDArray[np.bool_] = (filled == 0) & ((scan.sheet.owners > 0).sum(axis=1) >= 2)
    return found
