"""The same work in pandas, as a careful analyst would write it: see benchmarks/evidence.py.

Every check of headframe's evidence room is made here too (ids, codes, text, dates, numbers, units, price bases,
plausible ranges), on whole columns; nothing is done row by row.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from stopwatch import Options, lacks, main

try:
    pd: Any = importlib.import_module("pandas")
    importlib.import_module("pyarrow")
except ImportError:
    lacks("pandas with pyarrow")

State = dict[str, Any]
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
DIMS = r"(?:[a-z_]+=[^=;\s][^=;]*(?:;[a-z_]+=[^=;\s][^=;]*)*)?"
LONGEST_TEXT = 2000


def files(options: Options, kind: str) -> State:
    """The files of one kind and what a checker has to know."""
    root = Path(options["scratch"])
    found = sorted(root.glob(f"{kind}/*/evidence/observations.{kind}"))
    return {"files": found, "known": json.loads((root / "known.json").read_text(encoding="utf-8")), **options}


def read(path: Path) -> Any:
    """A file as text columns, or typed where the file is typed."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def check(frame: Any, place: str, known: Any) -> tuple[Any, int]:
    """The checked table with amounts in canonical units, and the number of faults."""
    table = frame.copy()
    wrong = pd.Series(data=False, index=table.index)
    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    texts = [name for name in texts if not name.startswith("period_") or pd.api.types.is_string_dtype(table[name])]
    for name in texts:
        table[name] = table[name].astype("str").str.strip()
        wrong |= (table[name].str.len() > LONGEST_TEXT) | table[name].str.contains(CONTROL, regex=True)
    wrong |= (table["obs_id"] == "") | table["obs_id"].duplicated(keep=False)
    wrong |= table["place_id"] != place
    wrong |= ~table["indicator_id"].isin(known["indicators"]) | ~table["source_id"].isin(known["sources"])
    for column, codes in known["codes"].items():
        wrong |= ~table[column].isin(codes)
    wrong |= ~table["dims"].str.fullmatch(DIMS)
    concepts = table["concept"].drop_duplicates()
    bad = [text for text in concepts if any(part not in known["concepts"] for part in text.split(";") if part)]
    wrong |= table["concept"].isin(bad)
    for column in ("period_start", "period_end"):
        table[column] = pd.to_datetime(table[column], format="%Y-%m-%d", errors="coerce")
    wrong |= table["period_end"] < table["period_start"]
    wrong |= table["period_start"].isna() & (table["period_text"] == "")
    for column in ("value", "low", "high"):
        given = table[column].astype("str") != ""
        table[column] = pd.to_numeric(table[column], errors="coerce")
        wrong |= given & table[column].isna()
    wrong |= table["low"] > table["high"]
    wrong |= table[["value", "low", "high"]].isna().all(axis=1) & (table["value_text"] == "")
    return convert(table, wrong, known)


def convert(table: Any, wrong: Any, known: Any) -> tuple[Any, int]:
    """Amounts in canonical units, with the checks that need them."""
    entries = known["indicators"]
    lookup = pd.DataFrame(
        {
            "indicator_id": list(entries),
            "unit": [entry["unit"] for entry in entries.values()],
            "factor": [entry["factor"] for entry in entries.values()],
            "money": [entry["money"] for entry in entries.values()],
            "least": [entry["range"][0] for entry in entries.values()],
            "most": [entry["range"][1] for entry in entries.values()],
        }
    ).astype({"least": "float64", "most": "float64"})
    table = table.merge(lookup, on=["indicator_id", "unit"], how="left")
    wrong = wrong.to_numpy() | table["factor"].isna()
    for column, name in (("value", "amount"), ("low", "amount_low"), ("high", "amount_high")):
        table[name] = table[column] * table["factor"]
    wrong |= table["money"].eq(other=True) & (table["price_basis"] == "")
    basis = table["price_basis"].drop_duplicates()
    bad = [text for text in basis if text not in {"", "nominal"} and not text.startswith("real:")]
    wrong |= table["price_basis"].isin(bad)
    outside = (table["amount"] < table["least"]) | (table["amount"] > table["most"])
    table["year"] = table["period_start"].dt.year.where(table["period_start"].dt.year == table["period_end"].dt.year)
    sound = table[~wrong].drop(columns=["factor", "money", "least", "most"])
    return sound, int(wrong.sum()) + int(outside.sum())


def load(state: State) -> State:
    """Read and check every file."""
    done = [check(read(path), path.parents[1].name, state["known"]) for path in state["files"]]
    return {"frames": [frame for frame, _ in done], "faults": sum(faults for _, faults in done)}


def tell_loaded(outcome: State) -> State:
    """Counts and the sum of all amounts in canonical units."""
    return {
        "places": len(outcome["frames"]),
        "rows": sum(len(frame) for frame in outcome["frames"]),
        "amounts": sum(float(frame["amount"].sum()) for frame in outcome["frames"]),
        "faults": outcome["faults"],
    }


def tables(options: Options) -> State:
    """The text tables in memory, with the folder to write them to."""
    target = Path(options["scratch"]) / "written-by-pandas"
    target.mkdir(exist_ok=True)
    return {"frames": [read(path) for path in files(options, "csv")["files"]], "target": target}


def write_csv(state: State) -> State:
    """Write every table as CSV."""
    for number, frame in enumerate(state["frames"]):
        frame.to_csv(state["target"] / f"{number}.csv", index=False, encoding="utf-8")
    return {"files": sorted(state["target"].glob("*.csv"))}


def write_parquet(state: State) -> State:
    """Write every table as Parquet."""
    for number, frame in enumerate(state["frames"]):
        frame.to_parquet(state["target"] / f"{number}.parquet", index=False)
    return {"files": sorted(state["target"].glob("*.parquet"))}


def tell_written(state: State) -> State:
    """What a reader finds in the files."""
    frame = pd.concat([read(path) for path in state["files"]])
    return {"rows": len(frame), "values": float(pd.to_numeric(frame["value"]).sum())}


def together(options: Options) -> State:
    """One table of all places, and what is asked of it."""
    return {"table": pd.concat(load(files(options, "csv"))["frames"], ignore_index=True), **options}


def latest(table: Any, indicator: str) -> Any:
    """The newest vintage of each place, period, dimensions and concept."""
    rows = table[table["indicator_id"] == indicator]
    key = ["place_id", "period_start", "period_end", "dims", "concept"]
    newest = rows.groupby(key, dropna=False)["vintage"].transform("max")
    return rows[rows["vintage"] == newest].sort_values(key)


def latest_from_files(state: State) -> Any:
    """The same, reading only the rows of the indicator."""
    wanted = [("indicator_id", "==", state["indicator"])]
    frames = [pd.read_parquet(path, filters=wanted) for path in state["files"]]
    return latest(pd.concat(frames, ignore_index=True), state["indicator"])


def tell_latest(frame: Any) -> State:
    """Counts, sum and the newest vintages."""
    return {
        "rows": len(frame),
        "places": int(frame["place_id"].nunique()),
        "values": float(pd.to_numeric(frame["value"]).sum()),
        "vintages": int(pd.to_numeric(frame["vintage"]).sum()),
    }


def panel(state: State) -> Any:
    """One value for each place and year: usable status, then the newest vintage, then the id."""
    rows = state["table"][state["table"]["indicator_id"] == state["indicator"]]
    rows = rows.assign(unusable=rows["status"].isin(["U", "M", "O", "L", "H", "Q"]))
    ranked = rows.sort_values(
        ["place_id", "year", "unusable", "vintage", "obs_id"], ascending=[True] * 3 + [False, True]
    )
    return ranked.drop_duplicates(["place_id", "year"])


def tell_panel(frame: Any) -> State:
    """Counts and sum in canonical units."""
    return {"rows": len(frame), "values": float(frame["amount"].sum())}


if __name__ == "__main__":
    main(
        {
            "write-csv": (tables, write_csv, tell_written),
            "write-parquet": (tables, write_parquet, tell_written),
            "load-csv": (lambda options: files(options, "csv"), load, tell_loaded),
            "load-parquet": (lambda options: files(options, "parquet"), load, tell_loaded),
            "latest-in-memory": (together, lambda state: latest(state["table"], state["indicator"]), tell_latest),
            "latest-from-parquet": (lambda options: files(options, "parquet"), latest_from_files, tell_latest),
            "panel": (together, panel, tell_panel),
        }
    )
