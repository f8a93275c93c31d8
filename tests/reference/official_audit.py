"""Accounting identities of the selected yearbook figures; what does not hold becomes a finding, not a correction."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from headframe.core.units import convert

Row = dict[str, str]
Found = tuple[str, dict[str, Any], list[Row], list[Row]]
YEARS = ("2018", "2020", "2022")
BASE = {"gdp": "CNY", "gdp_per_head": "CNY/person", "population_resident": "person", "population_registered": "person"}


def number(row: Row) -> float:
    """The value of a row, in the base unit where the identity needs one."""
    unit = BASE.get(row["indicator_id"])
    return convert(float(row["value"]), row["unit"], unit) if unit else float(row["value"])


class Table:
    """The usable rows of one city by indicator and year (corrected rows win over the misprints beside them)."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            if row["status"] != "U" and row["value"]:
                self.rows[row["indicator_id"], row["period_text"]].append(row)

    def one(self, indicator: str, year: str) -> Row | None:
        """The one row of an indicator and year, if there is exactly one."""
        found = self.rows[indicator, year]
        return found[0] if len(found) == 1 else None


def shares(table: Table, limits: dict[str, float]) -> list[Found]:
    """Primary, secondary and tertiary share must add up to 100."""
    found: list[Found] = []
    for year in YEARS:
        parts = [table.one(f"{part}_share", year) for part in ("primary", "secondary", "tertiary")]
        rows = [row for row in parts if row]
        total = sum(number(row) for row in rows)
        if len(rows) == 3 and abs(total - 100) > limits["shares_pp"]:
            found.append(("shares", {"year": year, "value": f"{total:.2f}"}, rows, []))
    return found


def per_head(table: Table, limits: dict[str, float]) -> list[Found]:
    """Product over population against product per head, for resident and for registered population."""
    found: list[Found] = []
    for year in YEARS:
        gdp, head = table.one("gdp", year), table.one("gdp_per_head", year)
        for code, indicator in (("gdp_per_head", "population_resident"), ("registered", "population_registered")):
            people = table.one(indicator, year)
            if not (gdp and head and people):
                continue
            gap = number(gdp) / number(people) / number(head) - 1
            if abs(gap) > limits["gdp_per_head"]:
                implied = number(gdp) / number(head) / 1e6
                value = f"{number(gdp) / number(people):.0f}" if code == "gdp_per_head" else f"{implied:.2f}"
                slots = {"year": year, "value": value, "percent": f"{abs(gap) * 100:.0f}"}
                found.append((code, slots, [head], [gdp, people]))
    return found


def sectors(table: Table, limits: dict[str, float]) -> list[Found]:
    """The sectors must add up to the persons employed in urban units."""
    parts, total = table.rows["employment_by_sector", "2018"], table.one("employment_urban_units", "2018")
    if not parts or not total:
        return []
    summed = sum(number(row) for row in parts)
    gap = summed / number(total) - 1
    if abs(gap) <= limits["sectors"]:
        return []
    slots = {"year": "2018", "value": f"{summed:.0f}", "percent": f"{abs(gap) * 100:.0f}", "blank": 19 - len(parts)}
    return [("sectors", slots, [total], parts)]


def growth(table: Table, limits: dict[str, float]) -> list[Found]:
    """Growth out of range, and nominal falls beside reported real growth."""
    found: list[Found] = []
    for earlier, year in ((None, "2018"), ("2018", "2020"), ("2020", "2022")):
        rate = table.one("gdp_growth_real", year)
        if rate and abs(number(rate)) > limits["growth"]:
            found.append(("growth", {"year": year, "value": rate["value"]}, [rate], []))
        before, after = (table.one("gdp", earlier) if earlier else None), table.one("gdp", year)
        if before and after and rate:
            change = number(after) / number(before) - 1
            if change < limits["nominal_fall"] and number(rate) > limits["nominal_fall"] * 100 / 2:
                slots = {"earlier": earlier, "year": year, "value": f"{change * 100:.0f}", "percent": rate["value"]}
                found.append(("fall", slots, [after, rate], [before]))
    return found


def jumps(table: Table, bounds: dict[str, list[float]]) -> list[Found]:
    """Slow quantities that change more between two editions than such quantities do."""
    found: list[Found] = []
    for indicator, (low, high) in bounds.items():
        for earlier, year in (("2018", "2020"), ("2020", "2022"), ("2018", "2022")):
            before, after = table.one(indicator, earlier), table.one(indicator, year)
            # Two years apart only where the year between counts something else (registered and resident population).
            skips = (earlier, year) == ("2018", "2022") and indicator != "population_urban_districts"
            if before and after and not skips and before["concept"] == after["concept"]:
                ratio = number(after) / number(before)
                if not low <= ratio <= high:
                    found.append(
                        ("jump", {"earlier": earlier, "year": year, "value": f"{ratio:.2f}"}, [after], [before])
                    )
    return found


def misprints(rows: list[Row]) -> list[Found]:
    """Each misprint with its corrected row, whose note says why."""
    found: list[Found] = []
    for row in rows:
        if row["status"] == "U" and row["value"]:
            key = ("indicator_id", "period_text", "dims", "concept", "locator")
            twin = next(r for r in rows if r is not row and all(r[k] == row[k] for k in key))
            found.append(("misprint", {"en": twin["note"], "zh": twin["note_zh"]}, [row], [twin]))
    return found


def parts(rows: list[Row], limits: dict[str, float]) -> list[Found]:
    """Within one source, the value added of the three sectors must add up to the product."""
    found: list[Found] = []
    by_source: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by_source[row["source_id"], row["period_text"]][row["indicator_id"]] = row
    for (_, year), one in by_source.items():
        sector_rows = [one.get(f"{part}_value_added") for part in ("primary", "secondary", "tertiary")]
        known, gdp = [row for row in sector_rows if row], one.get("gdp")
        if len(known) < 3 or not gdp:
            continue
        total = sum(convert(float(row["value"]), row["unit"], "1e8 CNY") for row in known)
        gap = total / convert(float(gdp["value"]), gdp["unit"], "1e8 CNY") - 1
        if abs(gap) > limits["parts"]:
            slots = {"year": year, "value": f"{total:.1f}", "percent": f"{abs(gap) * 100:.1f}"}
            found.append(("parts", slots, known, [gdp]))
    return found


def conflicts(rows: list[Row], limits: dict[str, float]) -> list[Found]:
    """Two sources on one thing that differ by more than rounding; revision marks do not make two things of it."""
    found: list[Found] = []
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["status"] != "U" and row["value"] and row["qualifier"] != "text":
            concept = ";".join(c for c in row["concept"].split(";") if c not in {"first-release", "revised"})
            groups[row["indicator_id"], row["period_start"], row["period_end"], row["dims"], concept].append(row)
    for group in groups.values():
        first = group[0]
        for other in group[1:]:
            if other["source_id"] == first["source_id"]:
                continue
            unit = first["unit"]
            one, two = float(first["value"]), convert(float(other["value"]), other["unit"], unit)
            points = unit in {"%", "‰"}
            far = (
                abs(one - two) > limits["conflict_points"] if points else abs(two / one - 1) > limits["conflict_ratio"]
            )
            if far:
                slots = {"year": first["period_text"], "value": first["value"], "other": f"{two:.6g}", "unit": unit}
                found.append(("conflict", slots, [first], [other]))
    return found


def mark(found: list[Found]) -> None:
    """Carries a finding into the status of the row it is about: U unreliable, B break in the series (SDMX)."""
    for code, _, about, _ in found:
        if code == "growth":
            about[0]["status"] = "U"
        elif code == "fall" or (code == "jump" and about[0]["indicator_id"] == "retail_sales"):
            about[0]["status"] = "B"


def findings(place: str, rows: list[Row], read: list[Row], words: dict[str, Any]) -> list[Row]:
    """All findings of one place: `rows` of the yearbooks, `read` those of communiqués, censuses and reports."""
    table = Table(rows)
    found = misprints(rows) + shares(table, words["limits"]) + per_head(table, words["limits"])
    found += sectors(table, words["limits"]) + growth(table, words["limits"]) + jumps(table, words["jumps"])
    found += parts(read, words["limits"]) + conflicts(rows + read, words["limits"])
    mark(found)
    lines = []
    for count, (code, slots, about, against) in enumerate(found, start=1):
        text = words[code]
        lines.append(
            {
                "finding_id": f"{place}-fo{count:03d}",
                "place_id": place,
                "kind": text["kind"],
                "obs_ids": ";".join(row["obs_id"] for row in about),
                "against_obs_ids": ";".join(row["obs_id"] for row in against),
                "against_value": "",
                "against_unit": "",
                "against_source_id": "",
                "decidable": text["decidable"],
                "treatment": text["treatment"],
                "severity": text["severity"],
                "note_en": slots["en"] if code == "misprint" else text["en"].format(**slots),
                "note_zh": slots["zh"] if code == "misprint" else text["zh"].format(**slots),
            }
        )
    return lines
