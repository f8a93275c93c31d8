"""The benchmark of real data: what both sides are given, what a peer answers, and what is said of its smaller work."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from headframe.bench.rows import Row
from headframe.bench.runner import FOLDER, Bench
from headframe.catalog.load import catalog
from headframe.core.seeds import DEFAULT_SEED
from headframe.evidence.collection import load_collection
from headframe.evidence.reading.formats import read_file

TINY = {"places": 25, "years": 3, "workbook_places": 4, "workbook_years": 6}


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data() -> ModuleType:
    return load(FOLDER / "data.py")


@pytest.fixture
def pandas_subject(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The peer's script, where pandas can be loaded here."""
    pytest.importorskip("pandas")
    monkeypatch.syspath_prepend(str(FOLDER / "subjects"))
    return load(FOLDER / "subjects/data_pandas.py")


def bench_of(scratch: Path, compare: object = None, *, sample: bool = True) -> Bench:
    made = Bench("data", FOLDER, scratch, DEFAULT_SEED, sample, lambda: None)
    if compare is not None:
        object.__setattr__(made, "compare", compare)
    return made


def test_the_drawn_panel_has_the_shape_of_the_published_one(data: ModuleType) -> None:
    table = data.drawn_panel({**TINY, "places": 290, "years": 30}, DEFAULT_SEED)
    assert table.shape == (8700, 55)
    assert table.select("city_code", "year").is_unique().all()
    assert 0.08 < table.get_column("gdp").null_count() / table.height < 0.12
    whole = table.drop_nulls(["gdp", "gdp_per_capita", "pop_hukou"])
    product = whole["gdp_per_capita"] * whole["pop_hukou"] / whole["gdp"]
    assert product.is_between(1 - 1e-4, 1 + 1e-4).all()  # six digits are printed


def test_the_workbook_has_a_row_for_each_place_and_year(data: ModuleType, tmp_path: Path) -> None:
    full = data.FULL
    assert full["workbook_places"] * full["workbook_years"] == 50_000
    assert len(data.chinese_places(["prefecture", "county_city", "county"], full["workbook_places"])) == 500
    data.write_workbook(tmp_path / "book.xlsx", TINY, DEFAULT_SEED)
    rows = read_file(tmp_path / "book.xlsx").sheets[0].values
    assert len(rows) == 3 + 24
    assert all(len(row) == 3 + 8 for row in rows[1:])
    texts = {value for row in rows[3:] for value in row[3:] if isinstance(value, str)}
    assert texts
    assert texts <= set(data.MARKS)


def test_the_same_seed_draws_the_same(data: ModuleType) -> None:
    one, other = (data.drawn_panel(TINY, DEFAULT_SEED) for _ in range(2))
    assert one.equals(other)
    assert not one.equals(data.drawn_panel(TINY, DEFAULT_SEED + 1))


def test_a_sample_never_reads_the_published_panel(
    data: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = tmp_path / "given" / data.PANEL
    published.parent.mkdir(parents=True)
    published.write_bytes(b"x")
    monkeypatch.setenv("HEADFRAME_DATA", str(tmp_path / "given"))
    assert data.panel_file(bench_of(tmp_path, sample=False), TINY) == (published, False)
    path, drawn = data.panel_file(bench_of(tmp_path), TINY)
    assert (path.parent, drawn) == (tmp_path, True)
    published.unlink()
    assert data.panel_file(bench_of(tmp_path, sample=False), TINY)[1]


@pytest.fixture(scope="module")
def made(data: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], Path]:
    """The rows without the processes: what both sides would be given stands in the folder."""
    scratch = tmp_path_factory.mktemp("bench")

    def compare(case: str, subject: str, peer: str = "", options: object = None) -> Row:
        return Row(case=case, subject=subject, seconds=1.0, peer=peer, peer_seconds=2.0, ratio=2.0)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(data, "SAMPLE", TINY)
        return list(data.cases(bench_of(scratch, compare))), scratch


def test_every_row_says_where_the_peer_does_less(made: tuple[list[Row], Path]) -> None:
    rows, _ = made
    assert [(row.case, row.peer) for row in rows] == [
        ("import-panel", "pandas"),
        ("import-workbook", "pandas"),
        ("read-workbook", "openpyxl"),
        ("audit-panel", "pandas"),
        ("score-2000-draws", "pandas"),
        ("score-100-draws", "pandas"),
    ]
    for row in rows:
        assert row.note[-1].id.rsplit("-", 1)[-1] in {"less", "alone"}
        assert ("bench.data.drawn-panel" in {message.id for message in row.note}) == row.case.endswith("-panel")
        for language in ("en", "zh"):
            assert all(catalog().words(language).say(message) for message in row.note)


def test_the_peer_is_told_what_ours_finds_out(made: tuple[list[Row], Path]) -> None:
    scratch = made[1]
    panel = json.loads((scratch / "panel.json").read_text(encoding="utf-8"))
    book = json.loads((scratch / "workbook.json").read_text(encoding="utf-8"))
    assert (panel["gdp"], panel["so2_emission"], panel["secondary_share"]) == (1e4, 1.0, 1.0)
    assert (book["社会消费品零售总额（亿元）"], book["年末户籍人口（万人）"]) == (1e8, 1e4)
    assert len(book) == 8
    wide = pl.read_csv(scratch / "drawn.csv.gz", infer_schema_length=None)
    ours = load_collection(scratch / "panel").observations.filter(pl.col("amount").is_not_null())
    assert ours.height == sum(wide[name].drop_nulls().len() for name in panel)
    amounts = sum(float(wide[name].cast(pl.Float64).sum()) * worth for name, worth in panel.items())
    assert float(ours["amount"].sum()) == pytest.approx(amounts, rel=1e-12)
    assert ours.height == pl.read_parquet(scratch / "panel.parquet").height


def test_every_place_and_year_of_the_drawn_meter_can_be_scored(made: tuple[list[Row], Path]) -> None:
    scratch = made[1]
    told = json.loads((scratch / "meter.json").read_text(encoding="utf-8"))
    figures = pl.read_parquet(scratch / "meter.parquet")
    assert set(figures["indicator"].unique()) == set(told["indicators"])
    assert figures.select("place", "year").n_unique() == TINY["places"] * TINY["years"]
    assert sum(entry["weight"] for entry in told["indicators"].values()) == pytest.approx(1.0)


def test_the_peer_finds_what_it_says_it_looks_for(pandas_subject: ModuleType) -> None:
    def figures(series: str, place: str, values: list[float]) -> list[tuple[str, str, str, int, float]]:
        return [(place, series, series, 2000 + at, value) for at, value in enumerate(values)]

    told = [
        *figures("gdp", "a", [1.0, 2.0, 3.0, 4.0, 9.0, 7.0]),  # a line over four years
        *figures("gdp", "b", [5.0, 5.0, 8.0, 2.0, 6.5, 1.5]),  # one repeat
        *figures("secondary_share", "a", [60.0, 50.0]),
        *figures("tertiary_share", "a", [45.0, 40.0]),  # the first year is above the whole
    ]
    names = ["place", "indicator", "series", "year", "amount"]
    found = pandas_subject.audit(pandas_subject.pd.DataFrame(told, columns=names))
    assert (found["figures"], found["lines"], found["repeated"], found["sums"]) == (16, 1, 1, 1)
    assert found["copied"] == 0
