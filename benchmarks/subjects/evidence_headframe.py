"""The evidence room at full size: see benchmarks/evidence.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from stopwatch import Options, main

from headframe.core.files import write_atomic
from headframe.evidence.folder import City, load_city
from headframe.evidence.panel import panel_of
from headframe.evidence.schema import OBSERVATION_COLUMNS
from headframe.evidence.table import read_text_table
from headframe.evidence.vintages import latest_vintage

State = dict[str, Any]


def folders(options: Options, kind: str) -> list[Path]:
    """The city folders of one kind, in order."""
    return sorted((Path(options["scratch"]) / kind).iterdir())


def load(state: list[Path]) -> list[City]:
    """Open every folder: read, check, convert."""
    return [load_city(folder) for folder in state]


def tell_loaded(cities: list[City]) -> State:
    """Counts and the sum of all amounts in canonical units."""
    return {
        "places": len(cities),
        "rows": sum(city.observations.height for city in cities),
        "amounts": sum(float(city.observations.get_column("amount").sum()) for city in cities),
        "faults": sum(len(city.warnings) for city in cities),
    }


def tables(options: Options) -> State:
    """The text tables in memory, with the folder to write them to."""
    frames = [
        read_text_table(folder / "evidence/observations.csv", OBSERVATION_COLUMNS).drop("row")
        for folder in folders(options, "csv")
    ]
    target = Path(options["scratch"]) / "written"
    target.mkdir(exist_ok=True)
    return {"frames": frames, "target": target}


def write_csv(state: State) -> State:
    """Write every table as CSV, each file whole or not at all."""
    for number, frame in enumerate(state["frames"]):
        write_atomic(state["target"] / f"{number}.csv", frame.write_csv())
    return {"files": sorted(state["target"].glob("*.csv"))}


def write_parquet(state: State) -> State:
    """Write every table as Parquet."""
    for number, frame in enumerate(state["frames"]):
        frame.write_parquet(state["target"] / f"{number}.parquet")
    return {"files": sorted(state["target"].glob("*.parquet"))}


def tell_csv(state: State) -> State:
    """What a reader finds in the files."""
    return _read_back(pl.concat([pl.read_csv(path, infer_schema=False) for path in state["files"]]))


def tell_parquet(state: State) -> State:
    """What a reader finds in the files."""
    return _read_back(pl.concat([pl.read_parquet(path) for path in state["files"]]))


def _read_back(frame: pl.DataFrame) -> State:
    return {"rows": frame.height, "values": float(frame.get_column("value").cast(pl.Float64).sum())}


def together(options: Options) -> State:
    """One table of all places, and what is asked of it."""
    frame = pl.concat([city.observations for city in load(folders(options, "csv"))])
    return {"table": frame, "indicator": options["indicator"]}


def on_disk(options: Options) -> State:
    """Where the Parquet files are, and what is asked of them."""
    return {"pattern": f"{options['scratch']}/parquet/*/evidence/*.parquet", "indicator": options["indicator"]}


def tell_latest(frame: pl.DataFrame) -> State:
    """Counts, sum and the newest vintages."""
    return {
        "rows": frame.height,
        "places": frame.get_column("place_id").n_unique(),
        "values": float(frame.get_column("value").cast(pl.Float64).sum()),
        "vintages": int(frame.get_column("vintage").cast(pl.Int64).sum()),
    }


def open_all(options: Options) -> State:
    """All cities open, and what is asked of them."""
    return {"cities": load(folders(options, "csv")), "indicator": options["indicator"]}


def tell_panel(frame: pl.DataFrame) -> State:
    """Counts and sum in canonical units."""
    return {"rows": frame.height, "values": float(frame.get_column("value").sum())}


if __name__ == "__main__":
    main(
        {
            "write-csv": (tables, write_csv, tell_csv),
            "write-parquet": (tables, write_parquet, tell_parquet),
            "load-csv": (lambda options: folders(options, "csv"), load, tell_loaded),
            "load-parquet": (lambda options: folders(options, "parquet"), load, tell_loaded),
            "latest-in-memory": (
                together,
                lambda state: latest_vintage(state["table"], state["indicator"]),
                tell_latest,
            ),
            "latest-from-parquet": (
                on_disk,
                lambda state: latest_vintage(pl.scan_parquet(state["pattern"]), state["indicator"]),
                tell_latest,
            ),
            "panel": (open_all, lambda state: panel_of(state["cities"], [state["indicator"]]).table, tell_panel),
        }
    )
