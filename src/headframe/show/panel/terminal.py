"""The view across many places as lines for the terminal: what it says, then a table of places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headframe.measure.panel.results import PanelClass, PanelMeasure, PanelMove, PanelReading
from headframe.show.terminal import columns, fitted, wrapped

if TYPE_CHECKING:
    from headframe.core.words import Words

NARROWEST = 40
MOST = 20  # places of the table; half of them from the top, half from the bottom
HEADS = ("rank", "place", "score", "interval", "change", "standing", "coverage")
GAP = "  "


def panel_lines(result: PanelMeasure, words: Words, width: int = 88, *, most: int | None = MOST) -> list[str]:
    """The result as lines of at most `width` columns (at least 40): its messages, then the places by rank.

    `words` should know the names of the places. `most` places are listed, None means all.
    """
    width = max(NARROWEST, width)
    lines: list[str] = []
    for note in result.notes:
        first, *more = wrapped(words.say(note), width - 2) or [""]
        lines += ["· " + first, *("  " + line for line in more)]
    year = result.newest
    if year is None:
        return lines
    title = wrapped(words.say("panel.terminal.table", year=str(year)), width)
    return [*lines, "", *title, *_table(result, words, width, most)]


def _table(result: PanelMeasure, words: Words, width: int, most: int | None) -> Iterator[str]:
    year = result.newest or 0
    ranked = result.ranked(year)
    cut = most is not None and len(ranked) > most
    half = (most or 0) // 2
    chosen = [*ranked[:half], *ranked[len(ranked) - half :]] if cut else list(ranked)
    years = result.scored_years
    moves = {move.place: move for move in (result.moved(years[0], year) if len(years) > 1 else ())}
    cells = (_cells(words, one, moves.get(one.place), result.classes_at.get((one.place, year))) for one in chosen)
    rows = [tuple(words.say(f"panel.column.{name}") for name in HEADS), *cells]
    # Rank, place and score always stand; the other columns as far as there is room for them.
    sizes = [max(columns(row[at]) for row in rows) for at in range(len(HEADS))]
    sizes[1] = min(sizes[1], max(12, width // 3))
    kept = [at for at in range(len(HEADS)) if sum(sizes[: at + 1]) + len(GAP) * at <= width] or [0]
    for number, row in enumerate(rows):
        if cut and number == half + 1:
            yield words.say("panel.terminal.left-out", n=len(ranked) - 2 * half)
        yield GAP.join(fitted(row[at], sizes[at]) for at in kept).rstrip()


def _cells(words: Words, reading: PanelReading, move: PanelMove | None, held: PanelClass | None) -> tuple[str, ...]:
    change = "–"
    if move is not None and move.change.value is not None:
        sign = "+" if move.change.value >= 0 else "−"
        change = f"{sign}{abs(move.change.value):.1f}{'*' if move.found else ''}"
    standing = words.say(f"panel.standing.{held.standing}") if held is not None and held.applies else "–"
    score = reading.score.figure()
    return (
        "–" if reading.rank.value is None else f"{reading.rank.value:.0f}",
        words.name("place", reading.place),
        words.figure(score),
        words.interval(score),
        change,
        standing,
        f"{round(100 * reading.coverage)}%",
    )
