"""Writes the selected yearbook figures of the built-in cities: `cities/<slug>/evidence/official.csv`.

Run `python -m tests.reference.build_official` where the workbooks lie (`HEADFRAME_DATA`). The same inputs give the
same bytes. Figures are kept as printed; misprints stay, marked unreliable, beside a corrected row.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import yaml

from tests.reference import yearbook
from tests.reference.official_audit import findings

HEADER = [
    "obs_id",
    "place_id",
    "indicator_id",
    "period_start",
    "period_end",
    "period_text",
    "freq",
    "dims",
    "qualifier",
    "value",
    "low",
    "high",
    "value_text",
    "unit",
    "price_basis",
    "concept",
    "status",
    "method",
    "vintage",
    "reference_date",
    "boundary_version",
    "source_id",
    "locator",
    "raw_text",
    "import_id",
    "note",
    "note_zh",
]
FINDINGS = [
    "finding_id",
    "place_id",
    "kind",
    "obs_ids",
    "against_obs_ids",
    "against_value",
    "against_unit",
    "against_source_id",
    "decidable",
    "treatment",
    "severity",
    "note_en",
    "note_zh",
]
CITIES = yearbook.ROOT / "src" / "headframe" / "cities"
Row = dict[str, str]


def settings() -> dict[str, Any]:
    """Notes by indicator and the misprints that were recognised, from `official_notes.yaml`."""
    with (yearbook.HERE / "official_notes.yaml").open(encoding="utf-8") as file:
        loaded: dict[str, Any] = yaml.safe_load(file)
    return loaded


def places() -> list[Row]:
    """The chosen cities."""
    with (yearbook.HERE / "official_places.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_number(text: str) -> bool:
    """Whether a cell holds a number; a few cells of the copy hold damaged text, which is kept as text."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def printed_rows(place: Row, notes: dict[str, Any]) -> list[Row]:
    """One row per printed cell of the chosen columns; a blank cell gives no row (missing is not zero)."""
    rows = []
    for column in yearbook.columns():
        text = yearbook.cell(column.year, place["name_zh"], column.column)
        if text is None:
            continue
        note = notes["indicators"].get(column.indicator_id, {})
        year, numeric = str(column.year), is_number(text)
        rows.append(
            dict.fromkeys(HEADER, "")
            | {
                "place_id": place["place_id"],
                "indicator_id": column.indicator_id,
                "period_start": f"{year}-01-01",
                "period_end": f"{year}-12-31",
                "period_text": year,
                "freq": "A",
                "dims": column.dims,
                "qualifier": "=" if numeric else "text",
                "value": text if numeric else "",
                "value_text": "" if numeric else text,
                "unit": column.unit,
                "price_basis": column.price_basis,
                "concept": column.concept,
                "status": "A" if numeric else "U",
                "method": "reported",
                "vintage": str(yearbook.YEARS[column.year]),
                "reference_date": f"{year}-12-31" if column.timing == "end" else "",
                "boundary_version": year if column.scope == "districts" else "",
                "source_id": f"cn-city-statistical-yearbook-{yearbook.YEARS[column.year]}",
                "locator": "; ".join(
                    [
                        yearbook.table_of(column.year, column.column),
                        f"C{column.column}",
                        f"R{yearbook.city_rows(column.year)[place['name_zh']]}",
                        yearbook.reference(column.year, place["name_zh"], column.column),
                    ]
                ),
                "raw_text": text,
                "note": note.get("en", ""),
                "note_zh": note.get("zh", ""),
            }
        )
    return rows


def corrected_rows(rows: list[Row], notes: dict[str, Any]) -> list[Row]:
    """Marks recognised misprints as unreliable and returns a corrected row for each."""
    corrected = []
    for slip in notes["misprints"]:
        for row in rows:
            place_matches = slip["place"] in ("*", row["place_id"])
            if (
                place_matches
                and row["value"]
                and row["indicator_id"] == slip["indicator"]
                and row["period_text"] == str(slip["year"])
            ):
                row["status"] = "U"
                changed = dict(row, status="E", method="derived", note=slip["en"], note_zh=slip["zh"])
                changed["value"] = f"{float(row['value']) * float(slip.get('times', 1)):.10g}"
                changed["unit"] = slip.get("unit", row["unit"])
                corrected.append(changed)
    return corrected


def derived_wages(place: Row, notes: dict[str, Any]) -> list[Row]:
    """Average wage of 2022: wage bill over mean staff, a range because staff is printed in whole ten thousands."""
    name, note = place["name_zh"], notes["derived_wage"]
    bill, staff = yearbook.cell(2022, name, 74), yearbook.cell(2022, name, 73)
    if bill is None or staff is None or place["place_id"] in note["left_out"]:
        return []
    total, count = float(bill), float(staff)
    low, middle, high = (f"{total / mean:.0f}" for mean in (count + 0.5, count, count - 0.5))
    return [
        dict.fromkeys(HEADER, "")
        | {
            "place_id": place["place_id"],
            "indicator_id": "average_wage_urban_units",
            "period_start": "2022-01-01",
            "period_end": "2022-12-31",
            "period_text": "2022",
            "freq": "A",
            "qualifier": "~",
            "value": middle,
            "low": low,
            "high": high,
            "unit": "CNY/person",
            "price_basis": "nominal",
            "concept": "on-post-staff;whole-city",
            "status": "E",
            "method": "derived",
            "vintage": "2023",
            "source_id": "cn-city-statistical-yearbook-2023",
            "locator": f"2-18; C74, C73; R{yearbook.city_rows(2022)[name]}; "
            f"{yearbook.reference(2022, name, 74)}, {yearbook.reference(2022, name, 73)}",
            "raw_text": f"{bill}; {staff}",
            "note": note["en"],
            "note_zh": note["zh"],
        }
    ]


def national_rows(notes: dict[str, Any]) -> list[Row]:
    """Urban-unit employment of 2018 by sector, added up over all cities of the yearbook, as the nation's structure.

    Blank cells are missing, so a sum is a lower bound; the note says over how many cities it runs.
    """
    rows = []
    for column in yearbook.columns():
        if column.indicator_id not in {"employment_by_sector", "employment_urban_units"} or column.year != 2018:
            continue
        texts = [yearbook.cell(2018, city, column.column) for city in yearbook.city_rows(2018)]
        known = [float(text) for text in texts if text and is_number(text)]
        slots = {"known": len(known), "all": len(texts)}
        span = f"R{yearbook.FIRST_CITY_ROW[2018]}–R{max(yearbook.city_rows(2018).values())}"
        rows.append(
            dict.fromkeys(HEADER, "")
            | {
                "obs_id": f"china-o{len(rows) + 1:04d}",
                "place_id": "china",
                "indicator_id": column.indicator_id,
                "period_start": "2018-01-01",
                "period_end": "2018-12-31",
                "period_text": "2018",
                "freq": "A",
                "dims": column.dims,
                "qualifier": ">=",
                "value": f"{sum(known):.0f}",
                "unit": column.unit,
                "concept": "urban-units",
                "status": "E",
                "method": "derived",
                "vintage": "2019",
                "reference_date": "2018-12-31",
                "source_id": "cn-city-statistical-yearbook-2019",
                "locator": f"{yearbook.table_of(2018, column.column)}; C{column.column}; {span}",
                "raw_text": f"Σ ({len(known)}/{len(texts)})",
                "note": notes["national_sum"]["en"].format(**slots),
                "note_zh": notes["national_sum"]["zh"].format(**slots),
            }
        )
    return rows


def rows_of(place: Row, notes: dict[str, Any]) -> list[Row]:
    """All rows of one city with their ids."""
    rows = printed_rows(place, notes)
    rows += corrected_rows(rows, notes) + derived_wages(place, notes)
    for number, row in enumerate(rows, start=1):
        row["obs_id"] = f"{place['place_id']}-o{number:04d}"
    return rows


def write_csv(path: Path, header: list[str], rows: list[Row]) -> None:
    """Writes a table with LF line ends."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")


def read_rows(slug: str) -> list[Row]:
    """The rows of `official-communiques.csv`, kept by hand: figures read in communiqués, censuses and reports."""
    path = CITIES / slug / "evidence" / "official-communiques.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Writes the yearbook observations of the chosen cities and the findings of every place with official figures."""
    notes = settings()
    chosen = {place["place_id"]: place for place in places()}
    others = {path.parent.parent.name for path in CITIES.glob("*/evidence/official-communiques.csv")}
    for slug in sorted(chosen.keys() | others):
        rows = rows_of(chosen[slug], notes) if slug in chosen else national_rows(notes) if slug == "china" else []
        read = read_rows(slug)
        found = findings(slug, rows, read, notes["findings"])
        if rows:
            write_csv(CITIES / slug / "evidence" / "official.csv", HEADER, rows)
        if found:
            write_csv(CITIES / slug / "audit" / "findings-official.csv", FINDINGS, found)
        print(slug, len(rows), len(read), len(found))


if __name__ == "__main__":
    main()
