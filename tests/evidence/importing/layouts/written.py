"""Coded tables as publishers write them, made from one list of figures, so that all formats are held to the same."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts import LAYOUTS
from headframe.evidence.importing.layouts.source import Source

DATASET = "nama_10r_2gdp"
LABELS = {
    "MIO_EUR": "Million euro",
    "PC": "Percentage",
    "AT11": "Burgenland",
    "AT12": "Niederösterreich",
    "A": "Annual",
}


class Fact(NamedTuple):
    """One figure: unit, place, period, the printed number (empty for none) and its flags."""

    unit: str
    geo: str
    time: str
    value: str
    flags: str = ""


FACTS = (
    Fact("MIO_EUR", "AT11", "2018", "9000.1"),
    Fact("MIO_EUR", "AT11", "2019", "9123.4", "p"),
    Fact("MIO_EUR", "AT12", "2018", "", "c"),
    Fact("MIO_EUR", "AT12", "2019", "-60000", "bd"),
    Fact("PC", "AT11", "2018", "0"),
    Fact("PC", "AT12", "2019", "1.5e3", "e"),
    Fact("PC", "AT12", "2018", "", "z"),
)


def rows_text(rows: Iterable[Sequence[str]], mark: str = ",") -> str:
    """Rows as delimited text."""
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\n").writerows(rows)
    return out.getvalue()


def sdmx_1(facts: Iterable[Fact], mark: str = ",") -> str:
    """SDMX-CSV 1.0 as Eurostat's interface writes it."""
    head = ["DATAFLOW", "LAST UPDATE", "freq", "unit", "geo", "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG", "CONF_STATUS"]
    flow = [f"ESTAT:{DATASET.upper()}(1.0)", "20/02/24 11:00:00", "A"]
    return rows_text([head, *([*flow, one.unit, one.geo, one.time, one.value, one.flags, ""] for one in facts)], mark)


def sdmx_2(facts: Iterable[Fact]) -> str:
    """SDMX-CSV 2.0 with labels beside the codes."""
    head = ["STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "freq", "Time frequency", "unit", "Unit of measure", "geo"]
    head += ["Geopolitical entity (reporting)", "TIME_PERIOD", "Time", "OBS_VALUE", "Observation value", "OBS_FLAG"]
    head += ["Observation status (Flag) V2 structure", "CONF_STATUS", "Confidentiality status (flag)"]
    flow = ["dataflow", f"ESTAT:{DATASET.upper()}(1.0)", "GDP at current market prices, by region", "A", "Annual"]
    body = []
    for one in facts:
        codes = [one.unit, LABELS.get(one.unit, ""), one.geo, LABELS.get(one.geo, ""), one.time, ""]
        body.append([*flow, *codes, one.value, "", one.flags, "", "", ""])
    return rows_text([head, *body])


def sdmx_both(facts: Iterable[Fact]) -> str:
    """SDMX-CSV with code and label in one cell."""
    head = ["DATAFLOW: Dataflow", "freq: Frequency", "unit: Unit", "geo: Region", "TIME_PERIOD: Time"]
    head += ["OBS_VALUE: Value", "OBS_FLAG: Flag"]
    flow = [f"ESTAT:{DATASET.upper()}(1.0): Regional GDP", "A: Annual"]

    def both(code: str) -> str:
        return f"{code}: {LABELS.get(code, '?')}"

    body = [[*flow, both(one.unit), both(one.geo), one.time, one.value, one.flags] for one in facts]
    return rows_text([head, *body])


def bulk(facts: Iterable[Fact]) -> str:
    """A table of tabs: flags behind the figures, `:` for none, blanks as Eurostat pads them."""
    table: dict[tuple[str, str], dict[str, str]] = {}
    times: dict[str, None] = {}
    for one in facts:
        table.setdefault((one.unit, one.geo), {})[one.time] = f"{one.value or ':'} {one.flags}"
        times[one.time] = None
    lines = ["\t".join(["freq,unit,geo\\TIME_PERIOD", *(f"{time} " for time in times)])]
    lines += ["\t".join([f"A,{u},{g}", *(row.get(time, ": ") for time in times)]) for (u, g), row in table.items()]
    return "\n".join(lines) + "\n"


def jsonstat(facts: Iterable[Fact], *, dense: bool = False, index: str = "object", **more: Any) -> dict[str, Any]:
    """A JSON-stat 2.0 dataset."""
    listed = list(facts)
    names = {
        "freq": ["A"],
        **{name: list(dict.fromkeys(getattr(f, name) for f in listed)) for name in Fact._fields[:3]},
    }
    ids, sizes = list(names), [len(codes) for codes in names.values()]
    values: dict[str, float] = {}
    status: dict[str, str] = {}
    for one in listed:
        at = 0
        for name, size in zip(ids, sizes, strict=True):
            at = at * size + names[name].index("A" if name == "freq" else getattr(one, name))
        if one.value:
            values[str(at)] = json.loads(one.value)
        if one.flags:
            status[str(at)] = one.flags
    total = 1
    for size in sizes:
        total *= size
    return {
        "version": "2.0", "class": "dataset", "label": "Regional GDP", "source": "ESTAT", "updated": "2024-02-20",
        "value": [values.get(str(at)) for at in range(total)] if dense else values, "status": status,
        "id": ids, "size": sizes, "role": {"time": ["time"], "geo": ["geo"], "metric": ["unit"]},
        "dimension": {
            name: {
                "label": name,
                "category": {
                    "index": codes if index == "list" else {code: at for at, code in enumerate(codes)},
                    "label": {code: LABELS[code] for code in codes if code in LABELS},
                },
            }
            for name, codes in names.items()
        },
        "extension": {"id": DATASET.upper(), "agencyId": "ESTAT"}, **more,
    }  # fmt: skip


def worldbank(rows: Iterable[Sequence[str]], years: Sequence[str]) -> str:
    """The CSV of the World Bank with its four lines above and a comma at the end of each line."""
    head = ["Country Name", "Country Code", "Indicator Name", "Indicator Code", *years]
    lines = [",".join(f'"{cell}"' for cell in row) + "," for row in (head, *rows)]
    above = ['"Data Source","World Development Indicators",', "", '"Last Updated Date","2024-02-21",', ""]
    return "\ufeff" + "\n".join([*above, *lines]) + "\n"


def zipped(path: Path, members: Mapping[str, str]) -> Path:
    """An archive of texts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def gzipped(path: Path, text: str) -> Path:
    """A packed text."""
    path.write_bytes(gzip.compress(text.encode()))
    return path


def taken(source: Path | str, layout: str, name: str = "") -> Extract:
    """What the layout says of a file or of a text, after it was the one that recognised it."""
    asked = Source.of(source, name=name)
    assert recognised(asked) == layout
    return LAYOUTS[layout].extract(asked)


def recognised(source: Source) -> str:
    """The layout that is surest of a source."""
    sure = {name: LAYOUTS[name].recognises(source) for name in LAYOUTS}
    return max(sure, key=lambda name: sure[name])


def figures(extract: Extract) -> dict[tuple[str, str, str], tuple[float | None, str, str]]:
    """For each unit, place and period the value, the status and what a missing one means."""
    units = {series.key: series.codes["unit"] for series in extract.series}
    return {
        (units[row["key"]], row["place_code"], str(row["period_start"].year)): (
            row["value"], row["status"], row["meaning"],
        )
        for row in extract.cells.iter_rows(named=True)
    }  # fmt: skip


EUROSTAT: Mapping[str, Callable[[Iterable[Fact]], str]] = {
    "sdmx-1": sdmx_1,
    "sdmx-2-labelled": sdmx_2,
    "sdmx-both": sdmx_both,
    "bulk": bulk,
}
