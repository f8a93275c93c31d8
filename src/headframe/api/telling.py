"""Results in lines for the terminal, and benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from headframe.api.folders import one_city
from headframe.core.errors import shown
from headframe.core.jobs import Progress, silent
from headframe.core.words import Words
from headframe.evidence.naming import words_for

if TYPE_CHECKING:
    from headframe.audit.results import AuditResult
    from headframe.bench.rows import BenchResult
    from headframe.diagnose.results import DiagnoseResult
    from headframe.evidence.importing.results import ImportResult
    from headframe.evidence.results import SeriesResult
    from headframe.measure.results import MeasureResult
    from headframe.show.results_bundle import Report


def summary(drawn: Report, words: Words, width: int) -> list[str]:
    """What the terminal shows of a report, as lines of at most `width` columns."""
    from headframe.show.terminal import summary as lines

    return lines(drawn, words, width)


def told(result: AuditResult | MeasureResult | DiagnoseResult, words: Words, width: int) -> Iterator[str]:
    """A result in lines of at most `width` columns: each message under the name of what it is about."""
    from headframe.show.told import at_width, result_lines

    return at_width(result_lines(result, words), width)


def series_lines(name: str | Path, result: SeriesResult, language: str, width: int) -> list[str]:
    """A series in lines for the terminal."""
    import polars as pl

    from headframe.show.series import series_lines as lines
    from headframe.show.told import at_width

    city = one_city(name)
    source_of = dict(city.observations.select("ref", "source_id").iter_rows())
    same = city.observations.filter(pl.col("indicator_id") == result.indicator.id, pl.col("active"))
    dims = same.get_column("dims").fill_null("").unique().to_list()
    return list(at_width(lines(result, source_of, words_for(city, language), dims), width))


def bench(name: str, *, install_peers: bool = False, sample: bool = False, progress: Progress = silent) -> BenchResult:
    """Run one benchmark beside its peers; the peers' environment is made first when asked for."""
    from headframe.bench.runner import run

    return run(name, with_peers=install_peers, sample=sample, progress=progress)


def bench_lines(result: BenchResult, language: str) -> list[str]:
    """A benchmark's rows as lines for the terminal."""
    from headframe.bench.lines import bench_lines as lines

    return lines(result, language)


def import_lines(result: ImportResult, language: str, width: int, *, whole: bool = False) -> list[str]:
    """An import in lines for the terminal; `whole` lists every series. What a file prints cannot rule the terminal."""
    from headframe.show.imported import import_commands
    from headframe.show.imported import import_lines as lines
    from headframe.show.told import at_width

    plain = (shown(line, len(line)) for line in lines(result, words_for(None, language), whole=whole))
    return [*at_width(plain, width), *(shown(line, len(line)) for line in import_commands(result))]
