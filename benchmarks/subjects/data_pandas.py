"""The same steps in pandas, as an analyst writes them who knows the file already: see benchmarks/data.py.

Nothing is found out, checked or kept beside the figures: names of columns and units are told, places are their codes,
and the answer is a table without sources, status or where a figure stood.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import tempfile
from pathlib import Path
from typing import Any

from stopwatch import Options, lacks, main

try:
    np: Any = importlib.import_module("numpy")
    pd: Any = importlib.import_module("pandas")
except ImportError:
    lacks("pandas")

State = dict[str, Any]
LINE, LONGEST_STEP, FAR = 4, 1e-9, 4.0  # years on a line; how straight it has to be; standard deviations


def file(options: Options, name: str) -> State:
    """The file, what its columns are worth, and where the answer goes."""
    scratch = Path(options["scratch"])
    columns = json.loads((scratch / f"{name}.json").read_text(encoding="utf-8"))
    return {"file": options["file"], "columns": columns, "out": Path(tempfile.mkdtemp(dir=scratch)) / "long.parquet"}


def import_panel(state: State) -> Path:
    """Read, take the known columns, melt, convert, drop what is missing, write."""
    wide = pd.read_csv(state["file"], usecols=["year", "city_code", *state["columns"]], dtype={"city_code": str})
    return written(wide, ["city_code", "year"], state["columns"], state["out"])


def import_workbook(state: State) -> Path:
    """Read below the two rows of heads, marks as missing, then as for a panel."""
    names = {"行政区划代码": "city_code", "年份": "year"}
    wide = pd.read_excel(state["file"], header=1, skiprows=[2], dtype={"行政区划代码": str}, engine="openpyxl")
    taken = list(state["columns"])
    wide = wide.rename(columns=names)[[*names.values(), *taken]]
    wide[taken] = wide[taken].apply(pd.to_numeric, errors="coerce")
    return written(wide, list(names.values()), state["columns"], state["out"])


def written(wide: Any, names: list[str], factors: dict[str, float], out: Path) -> Path:
    """The table in long form and canonical units as Parquet."""
    long = wide.melt(id_vars=names, var_name="series", value_name="value").dropna(subset="value")
    long["amount"] = long["value"] * long["series"].map(factors)
    long.to_parquet(out, index=False)
    return out


def tell_import(path: Path) -> State:
    """What stands in the file."""
    table = pd.read_parquet(path)
    return {
        "rows": len(table),
        "places": int(table["city_code"].nunique()),
        "amounts": float(table["amount"].sum()),
    }


def long(options: Options, name: str) -> Any:
    """Figures in long form and canonical units."""
    return pd.read_parquet(Path(options["scratch"]) / f"{name}.parquet")


def audit(table: Any) -> State:
    """Straight lines, repeats within and across places, growth far from that of the others, and sums."""
    rows = table.sort_values(["series", "place", "year"], ignore_index=True)
    series = rows.groupby(["series", "place"], sort=False)
    step, gap = series["amount"].diff(), series["year"].diff()
    bend = (step - step.groupby([rows["series"], rows["place"]], sort=False).shift()).abs()
    flat = (bend <= LONGEST_STEP * rows["amount"].abs()) & (gap == 1) & (step != 0)
    run = (~flat).cumsum()
    lines = flat.groupby([rows["series"], rows["place"], run], sort=False).sum()
    repeated = (step == 0) & (gap == 1)
    copied = rows.duplicated(["series", "year", "amount"], keep=False) & (rows["amount"] != 0)
    growth = np.log(rows["amount"].where(rows["amount"] > 0)).groupby([rows["series"], rows["place"]]).diff()
    growth = growth.where(gap == 1)
    years = growth.groupby([rows["series"], rows["year"]])
    apart = ((growth - years.transform("mean")) / years.transform("std")).abs() > FAR
    wide = rows.drop_duplicates(["place", "year", "indicator"]).pivot(
        index=["place", "year"], columns="indicator", values="amount"
    )
    sums = over(wide, ("secondary_share", "tertiary_share"))
    product = identity(wide, "gdp", "gdp_per_head", "population_registered")
    return {
        "figures": len(rows),
        "lines": int((lines >= LINE - 2).sum()),
        "repeated": int(repeated.sum()),
        "copied": int(copied.sum()),
        "apart": int(apart.sum()),
        "sums": sums,
        "product": product,
    }


def over(wide: Any, parts: tuple[str, ...]) -> int:
    """How often parts are more than the whole."""
    if not set(parts) <= set(wide.columns):
        return 0
    return int((wide[list(parts)].sum(axis=1, min_count=len(parts)) > 100.5).sum())


def identity(wide: Any, whole: str, rate: str, base: str) -> int:
    """How often a whole is not its rate times its base, by more than a fifth."""
    if not {whole, rate, base} <= set(wide.columns):
        return 0
    return int(((wide[rate] * wide[base] / wide[whole] - 1).abs() > 0.2).sum())


def figures(options: Options) -> State:
    """The figures of the meter, and what it says of its indicators."""
    told = json.loads((Path(options["scratch"]) / "meter.json").read_text(encoding="utf-8"))
    return {"table": long(options, "meter"), "told": told}


def score(state: State) -> Any:
    """Each indicator from 0 to 100 between least and most, weighted means of what is there, ranks by year."""
    told, table = state["told"], state["table"]
    wide = table.pivot(index=["place", "year"], columns="indicator", values="amount")
    lowest, highest = wide.min(), wide.max()
    scaled = 100 * (wide - lowest) / (highest - lowest)
    weights = pd.Series({name: entry["weight"] for name, entry in told["indicators"].items()})
    for name, entry in told["indicators"].items():
        if not entry["up"]:
            scaled[name] = 100 - scaled[name]
    scaled = scaled[weights.index]
    there = scaled.notna()
    covered = (there * weights).sum(axis=1)
    enough = covered >= told["coverage"] - 1e-9
    for field in {entry["field"] for entry in told["indicators"].values()}:
        own = [name for name, entry in told["indicators"].items() if entry["field"] == field]
        share = (there[own] * weights[own]).sum(axis=1) / weights[own].sum()
        enough &= share >= told["field_coverage"] - 1e-9
    scores = ((scaled * weights).sum(axis=1) / covered).where(enough).dropna().rename("score").reset_index()
    scores["rank"] = scores.groupby("year")["score"].rank(ascending=False)
    return scores


def tell_scores(scores: Any) -> State:
    """How many places and years have a score."""
    return {"scores": len(scores)}


if __name__ == "__main__":
    if any(importlib.util.find_spec(needed) is None for needed in ("pyarrow", "openpyxl")):
        lacks("pandas with pyarrow and openpyxl")
    main(
        {
            "import-panel": (lambda options: file(options, "panel"), import_panel, tell_import),
            "import-workbook": (lambda options: file(options, "workbook"), import_workbook, tell_import),
            "audit-panel": (lambda options: long(options, "panel"), audit, lambda told: {"figures": told["figures"]}),
            "score-2000-draws": (figures, score, tell_scores),
            "score-100-draws": (figures, score, tell_scores),
        }
    )
