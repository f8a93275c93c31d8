"""A benchmark's rows as lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headframe.evidence.naming import words_for

if TYPE_CHECKING:
    from headframe.bench.rows import BenchResult
    from headframe.core.words import Words


def bench_lines(result: BenchResult, language: str) -> list[str]:
    """One line per row, its notes below it, after a line on the machine."""
    words = words_for(None, language)
    lines = [words.say("bench.machine", machine=", ".join(result.machine.values()))]
    for row in result.rows:
        shown = {
            "case": row.case,
            "subject": row.subject,
            "seconds": _or_dash(row.seconds, words),
            "peer": row.peer or "—",
            "peer_seconds": _or_dash(row.peer_seconds, words),
            "ratio": _or_dash(row.ratio, words),
            "unit": row.unit,
            "memory": _or_dash(row.peak_mib, words),
            "peer_memory": _or_dash(row.peer_peak_mib, words),
        }
        lines.append(words.say("bench.row", **shown))
        lines.extend("  " + words.say(note) for note in row.note)
    return lines


def _or_dash(value: float | None, words: Words) -> str:
    return "—" if value is None else words.number(value)
