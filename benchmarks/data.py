"""Real data in: import of a research panel and of a large workbook, audit and meter of many places, with peak memory.

The panel is the published one of the data folder (`HEADFRAME_DATA`, default `../shared/data`); where that is missing,
and for samples, one of the same shape is drawn with the seed. The workbook and the figures of the meter are always
drawn. Peers are told what ours finds out: which column is which indicator, and what its unit is worth.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter

from headframe.api.importing import import_file
from headframe.bench.rows import Row
from headframe.bench.runner import Bench
from headframe.catalog.load import catalog
from headframe.core.provenance import Source
from headframe.core.results import Message
from headframe.core.seeds import generator
from headframe.core.units import factor
from headframe.evidence.append import Additions, append_table
from headframe.evidence.collection import Collection, load_collection
from headframe.evidence.create import create_collection
from headframe.evidence.importing.draft import ImportOptions
from headframe.evidence.importing.named_places import place_of
from headframe.evidence.places.gazetteer import gazetteer
from headframe.evidence.places.records import KnownPlace
from headframe.evidence.schema import OBSERVATION_COLUMNS
from headframe.measure.bounds import bounds
from headframe.measure.definition import definition

PANEL = "cn_city_panel_1990_2023/panel.csv.gz"
FIRST_YEAR, TODAY = 1990, date(2026, 1, 1)
FULL = {"places": 290, "years": 30, "workbook_places": 500, "workbook_years": 100}
SAMPLE = {"places": 40, "years": 3, "workbook_places": 6, "workbook_years": 10}  # fewer places give no bounds
DRAWS, FEWEST = 2000, 100  # the usual number, and the least that the meter takes
MARKS = ("…", "-", "—")
MISSING = 0.1  # share of cells
# Columns of the drawn panel: the least and the most of a first year, in the unit that such panels use without saying.
PANEL_COLUMNS: Mapping[str, tuple[float, float]] = {
    "gdp_growth": (2, 14),
    "retail_sales": (1e5, 3e6),
    "fixed_asset_inv": (2e5, 5e6),
    "real_estate_inv": (1e4, 5e5),
    "employees": (5, 90),
    "fiscal_revenue": (2e4, 9e5),
    "fiscal_exp": (5e4, 2e6),
    "edu_exp": (1e4, 3e5),
    "sci_exp": (1e2, 2e4),
    "secondary_share": (30, 60),
    "tertiary_share": (20, 39),
    "industrial_firms": (50, 3000),
    "industrial_profit": (1e3, 9e5),
    "bank_deposits": (5e5, 2e7),
    "bank_loans": (3e5, 1e7),
    "so2_emission": (500, 90000),
    "sewage_treatment_rate": (20, 99),
    "pm25": (15, 90),
}
WIDTH = 55
DRAWN = Source(source_id="drawn", title="Drawn figures", reliability="high", how_read="full")
# Heads of the workbook in two languages, with the least and the most of their figures in the printed unit.
HEADS: tuple[tuple[str, str, float, float], ...] = (
    ("年末户籍人口（万人）", "Registered population at year-end (10 000 persons)", 20, 900),
    ("社会消费品零售总额（亿元）", "Retail sales of consumer goods (100 million yuan)", 10, 900),
    ("一般公共预算收入（万元）", "General public budget revenue (10 000 yuan)", 2e4, 9e5),
    ("一般公共预算支出（万元）", "General public budget expenditure (10 000 yuan)", 1e5, 3e6),
    ("第三产业占地区生产总值的比重（%）", "Tertiary industry as percentage to GRP (%)", 20, 70),
    ("医院床位数（张）", "Beds of hospitals (bed)", 500, 60000),
    ("规模以上工业企业数（个）", "Industrial enterprises above designated size (unit)", 20, 3000),
    ("二氧化硫排放量（吨）", "Sulphur dioxide emission (ton)", 100, 90000),
)


def cases(bench: Bench) -> Iterable[Row]:
    """A row for each kind of work, headframe beside a peer, with what the peer does not do."""
    size = SAMPLE if bench.sample else FULL
    panel, drawn = panel_file(bench, size)
    workbook = bench.scratch / "workbook.xlsx"
    write_workbook(workbook, size, bench.seed)
    audited = imported(panel, bench.scratch / "panel")
    imported(workbook, bench.scratch / "workbook")
    write_long(audited, bench.scratch / "panel.parquet")
    write_meter(bench.scratch, size, bench.seed)
    told = (Message(id="bench.data.drawn-panel"),) if drawn else ()
    for case, peer, more, notes in (
        ("import-panel", "pandas", {"file": str(panel)}, (*told, Message(id="bench.data.import-less"))),
        ("import-workbook", "pandas", {"file": str(workbook)}, (Message(id="bench.data.import-less"),)),
        ("read-workbook", "openpyxl", {"file": str(workbook)}, (Message(id="bench.data.read-alone"),)),
        ("audit-panel", "pandas", {}, (*told, Message(id="bench.data.audit-less"))),
        (f"score-{DRAWS}-draws", "pandas", {"draws": DRAWS}, (Message(id="bench.data.score-less"),)),
        (f"score-{FEWEST}-draws", "pandas", {"draws": FEWEST}, (Message(id="bench.data.score-less"),)),
    ):
        row = bench.compare(case, "headframe", peer, {"scratch": str(bench.scratch), **more})
        yield row.model_copy(update={"note": (*row.note, *notes)})


def panel_file(bench: Bench, size: Mapping[str, int]) -> tuple[Path, bool]:
    """The research panel, and whether it is a drawn one."""
    named = os.environ.get("HEADFRAME_DATA")
    published = (Path(named) if named else bench.benchmarks.parent.parent / "shared/data") / PANEL
    if not bench.sample and published.is_file():
        return published, False
    path = bench.scratch / "drawn.csv.gz"
    path.write_bytes(gzip.compress(drawn_panel(size, bench.seed).write_csv().encode(), mtime=0))
    return path, True


def chinese_places(levels: Iterable[str], count: int) -> list[KnownPlace]:
    """Places that exist, in the order of their codes."""
    wanted = set(levels)
    found = [p for p in gazetteer().places.values() if p.country == "CHN" and p.level in wanted and not p.last]
    return sorted((p for p in found if len(p.code) == 6 and p.code.isdigit()), key=lambda p: p.code)[:count]


def drawn_panel(size: Mapping[str, int], seed: int) -> pl.DataFrame:
    """A panel of the shape of the published one: a row for each place and year, many empty cells, dummy columns."""
    places = chinese_places(["prefecture"], size["places"])
    years = np.arange(size["years"])
    shape = (len(places), len(years))
    draw = generator(seed, "bench", "data", "panel")
    growth = np.cumsum(draw.normal(0.06, 0.05, shape), axis=1)
    people = draw.uniform(50, 900, (len(places), 1)) * np.exp(0.004 * years)
    per_head = draw.uniform(1500, 6000, (len(places), 1)) * np.exp(growth)
    named: dict[str, object] = {
        "year": np.tile(FIRST_YEAR + years, len(places)),
        "city": [place.name_zh for place in places for _ in years],
        "city_code": [place.code for place in places for _ in years],
    }
    figures = {"gdp": people * per_head, "gdp_per_capita": per_head, "pop_hukou": people}
    for name, (least, most) in PANEL_COLUMNS.items():
        own = draw.uniform(least, most, (len(places), 1))
        moved = 1 + draw.normal(0, 0.1, shape) if most < 100 else np.exp(growth + draw.normal(0, 0.1, shape))
        figures[name] = np.minimum(own * moved, 99.0) if most < 100 else own * moved
    for name, values in figures.items():
        empty = draw.random(shape) < MISSING
        named[name] = [None if gone else float(f"{v:.6g}") for v, gone in zip(values.flat, empty.flat, strict=True)]
    dummies = {f"policy_{n}_treat": draw.integers(0, 2, shape).ravel() for n in range(WIDTH - len(named))}
    return pl.DataFrame({**named, **dummies}, strict=False)


def write_workbook(path: Path, size: Mapping[str, int], seed: int) -> None:
    """A workbook with one sheet: a title, heads in two languages with units, a row for each place and year."""
    places = chinese_places(["prefecture", "county_city", "county"], size["workbook_places"])
    years = range(TODAY.year - size["workbook_years"], TODAY.year)
    draw = generator(seed, "bench", "data", "workbook")
    values = draw.random((len(places) * len(years), len(HEADS)))
    marks = draw.integers(0, round(len(MARKS) / MISSING), values.shape)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("主要指标")
        sheet.write_row(0, 0, ["各地区主要指标 Main Indicators by Region"])
        sheet.write_row(1, 0, ["地区", "行政区划代码", "年份", *(head[0] for head in HEADS)])
        sheet.write_row(2, 0, ["Region", "Code", "Year", *(head[1] for head in HEADS)])
        for at, (place, year) in enumerate((place, year) for place in places for year in years):
            sheet.write_row(at + 3, 0, [place.name_zh, place.code, year])
            for column, (_, _, least, most) in enumerate(HEADS):
                mark = int(marks[at, column])
                figure = round(least + (most - least) * float(values[at, column]), 2)
                sheet.write(at + 3, 3 + column, MARKS[mark] if mark < len(MARKS) else figure)


def imported(path: Path, into: Path) -> Collection:
    """A file as a collection, and beside it, for the peer, what every column that was taken is worth."""
    who = "benchmark"
    asked = import_file(path, into, author=who, reason=who, today=TODAY, preview=True).asked
    keys = tuple(one.key for one in asked if one.indicator is not None)
    answers = into.parent / f"{path.name}.accept.json"
    answers.write_text(json.dumps(keys, ensure_ascii=False), encoding="utf-8")
    result = import_file(path, into, ImportOptions(accept=keys), author=who, reason=who, today=TODAY)
    heads = {head.split("（")[0]: head for head, *_ in HEADS}
    columns = {}
    for series in result.series:
        if series.converts and series.indicator is not None:
            worth = factor(series.unit, catalog().indicators[series.indicator.id].unit)
            columns[heads.get(series.label, series.label)] = worth
    into.with_suffix(".json").write_text(json.dumps(columns, ensure_ascii=False), encoding="utf-8")
    return load_collection(into)


def write_long(collection: Collection, path: Path) -> None:
    """The figures of a collection for a peer: one row for each place, series and year."""
    groups = {place.id: place.parent or place.gb_code[:2] for place in collection.places.values()}
    collection.observations.filter(pl.col("amount").is_not_null()).select(
        pl.col("place_id").alias("place"),
        pl.col("indicator_id").alias("indicator"),
        pl.concat_str("indicator_id", "dims", "concept", separator="|", ignore_nulls=True).alias("series"),
        pl.col("year").cast(pl.Int64),
        pl.col("amount"),
        pl.col("place_id").replace_strict(groups).alias("group"),
    ).write_parquet(path)


def write_meter(scratch: Path, size: Mapping[str, int], seed: int) -> None:
    """A collection with every indicator of the meter for every place and year, some missing, drawn around the spread
    of Chinese cities; and for the peer the same figures, with directions, fields and weights.
    """
    folder, rule = scratch / "meter", definition()
    places = [place_of(place) for place in chinese_places(["prefecture"], size["places"])]
    draw = generator(seed, "bench", "data", "meter")
    index = pl.DataFrame({"place_id": [place.id for place in places]})
    index = index.join(pl.DataFrame({"year": [FIRST_YEAR + n for n in range(size["years"])]}), how="cross")
    parts = []
    for name in rule.indicators:
        years = bounds().years(name)
        known = bounds().knots(name, years[-1]) if years else None
        knots = np.linspace(5.0, 95.0, 5) if known is None else known
        drawn = np.interp(draw.random(index.height), np.linspace(0, 1, 5), knots)
        present = draw.random(index.height) >= MISSING
        entry = catalog().indicators[name]
        figures = index.with_columns(pl.Series("value", drawn.round(6))).filter(pl.Series(present))
        basis = "nominal" if "CNY" in entry.unit else ""
        parts.append(
            figures.with_columns(
                pl.lit(name).alias("indicator_id"),
                pl.lit(entry.unit).alias("unit"),
                pl.lit(basis).alias("price_basis"),
            )
        )
    create_collection(folder, name_en="Drawn places", name_zh="随机生成的城市")
    append_table(
        load_collection(folder),
        Additions(rows=_observations(pl.concat(parts)), places=places, sources=[DRAWN]),
        author="benchmark",
        reason="benchmark",
        today=TODAY,
        file="drawn",
    )
    write_long(load_collection(folder), scratch / "meter.parquet")
    told = {
        "indicators": {
            name: {"up": rule.item(name).direction == "up", "field": rule.field_of(name), "weight": float(weight)}
            for name, weight in zip(rule.indicators, rule.weights, strict=True)
        },
        "coverage": rule.coverage_needed,
        "field_coverage": rule.field_coverage_needed,
    }
    (scratch / "meter.json").write_text(json.dumps(told), encoding="utf-8")


def _observations(figures: pl.DataFrame) -> pl.DataFrame:
    filled = figures.with_columns(
        pl.format("i-{}", pl.int_range(pl.len())).alias("obs_id"),
        pl.date("year", 1, 1).alias("period_start"),
        pl.date("year", 12, 31).alias("period_end"),
        pl.lit("A").alias("freq"),
        pl.lit("=").alias("qualifier"),
        pl.lit("A").alias("status"),
        pl.lit("reported").alias("method"),
        (pl.col("year") + 1).cast(pl.String).alias("vintage"),
        pl.lit("drawn").alias("source_id"),
    )
    absent = [
        pl.lit(None, pl.Float64).alias(name) if name in {"low", "high"} else pl.lit("").alias(name)
        for name in OBSERVATION_COLUMNS
        if name not in filled.columns
    ]
    return filled.with_columns(absent).select(OBSERVATION_COLUMNS)
