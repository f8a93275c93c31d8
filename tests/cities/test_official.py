"""The official figures that come with the package: whole, cited, and the same as the cells they were read from."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from pathlib import Path

import pytest

from headframe.catalog.load import catalog
from headframe.core.units import convert, is_money, parse_unit
from tests.reference import build_official, official_audit, xlsx, yearbook

CITIES = build_official.CITIES
YEARBOOK = "cn-city-statistical-yearbook-"
needs_data = pytest.mark.skipif(yearbook.data_folder() is None, reason="the yearbook workbooks are not on this machine")
Row = dict[str, str]


def table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


FILES = sorted(CITIES.glob("*/evidence/official.csv")) + sorted(CITIES.glob("*/evidence/official-communiques.csv"))
FINDINGS = sorted(CITIES.glob("*/audit/findings-official.csv"))
ROWS = [row for path in FILES for row in table(path)]
PRINTED = [row for row in ROWS if row["source_id"].startswith(YEARBOOK) and row["method"] == "reported"]
ABOUT = {(row["place_id"], obs) for path in FINDINGS for row in table(path) for obs in row["obs_ids"].split(";")}


def amount(row: Row) -> float:
    return convert(float(row["value"]), row["unit"], catalog().indicators[row["indicator_id"]].unit)


def usable(indicator: str, year: str, place: str) -> list[Row]:
    return [
        row
        for row in ROWS
        if (row["indicator_id"], row["period_text"], row["place_id"]) == (indicator, year, place)
        and row["source_id"].startswith(YEARBOOK)
        and row["status"] != "U"
    ]


def test_headers_are_the_contract_and_lines_end_with_lf() -> None:
    assert FILES
    for path in FILES:
        assert header(path) == build_official.HEADER, path
    for path in FINDINGS:
        assert header(path) == build_official.FINDINGS, path
    for path in [*FILES, *FINDINGS, CITIES / "not_found.csv"]:
        assert b"\r" not in path.read_bytes(), path


def test_every_id_is_unique_and_carries_its_place() -> None:
    seen = set()
    for path in FILES:
        slug = path.parent.parent.name
        for row in table(path):
            assert row["place_id"] == slug
            assert row["obs_id"].startswith(f"{slug}-{'o' if path.name == 'official.csv' else 'c'}")
            assert row["obs_id"] not in seen
            seen.add(row["obs_id"])


def test_every_row_resolves_source_indicator_unit_concept_and_price_basis() -> None:
    known = catalog()
    for row in ROWS:
        assert row["source_id"] in known.sources, row["obs_id"]
        indicator = known.indicators[row["indicator_id"]]
        assert parse_unit(row["unit"])[1].dimensionality == parse_unit(indicator.unit)[1].dimensionality, row["obs_id"]
        assert all(part in known.concepts for part in row["concept"].split(";") if part), row["obs_id"]
        assert bool(row["price_basis"]) == is_money(row["unit"]), row["obs_id"]
        assert row["value"] or row["value_text"], row["obs_id"]
        assert row["raw_text"], row["obs_id"]
        assert bool(row["note"]) == bool(row["note_zh"]), row["obs_id"]


def test_a_source_without_an_address_says_where_it_was_read() -> None:
    used = {row["source_id"] for row in ROWS}
    for identifier in sorted(used):
        source = catalog().sources[identifier]
        assert source.url or source.note_en, identifier
        assert source.how_read in {"full", "excerpt", "abstract"}, identifier


def test_values_are_the_printed_figures() -> None:
    for row in PRINTED:
        assert (row["value"] or row["value_text"]) == row["raw_text"], row["obs_id"]


def test_selected_not_copied() -> None:
    places = {row["place_id"] for row in PRINTED}
    assert len(places) <= 16
    for year in ("2018", "2020", "2022"):
        chosen = {row["indicator_id"] for row in PRINTED if row["period_text"] == year}
        assert len(chosen) <= 45
    assert len(PRINTED) < 2000


def test_coverage_of_fuxin_peers_province_and_nation() -> None:
    indicators: dict[str, set[str]] = defaultdict(set)
    years: dict[str, set[str]] = defaultdict(set)
    for row in ROWS:
        indicators[row["place_id"]].add(row["indicator_id"])
        years[row["place_id"]].add(row["period_start"][:4])
    peers = [
        p
        for p in indicators
        if p not in {"fuxin", "liaoning", "china"} and len(indicators[p]) >= 10 and len(years[p]) >= 3
    ]
    assert len(peers) >= 8
    for place in ("fuxin", "liaoning", "china"):
        assert len(indicators[place]) >= 10, place
        assert len(years[place]) >= 8, place


@pytest.mark.parametrize("place", sorted({row["place_id"] for row in PRINTED}))
def test_identities_hold_or_a_finding_says_so(place: str) -> None:
    for year in ("2018", "2020", "2022"):
        shares = [usable(f"{part}_share", year, place) for part in ("primary", "secondary", "tertiary")]
        if all(shares):
            total = sum(amount(found[0]) for found in shares)
            assert abs(total - 100) <= 0.1 or (place, shares[0][0]["obs_id"]) in ABOUT, (year, total)
    gdp, people, head = (usable(i, "2020", place) for i in ("gdp", "population_resident", "gdp_per_head"))
    if gdp and people and head:
        gap = amount(gdp[0]) / amount(people[0]) / amount(head[0]) - 1
        assert abs(gap) <= 0.05 or (place, head[0]["obs_id"]) in ABOUT, gap
    sectors, total_row = usable("employment_by_sector", "2018", place), usable("employment_urban_units", "2018", place)
    if sectors and total_row:
        gap = sum(amount(row) for row in sectors if row["value"]) / amount(total_row[0]) - 1
        assert abs(gap) <= 0.02 or (place, total_row[0]["obs_id"]) in ABOUT, gap


def test_every_misprint_stands_beside_its_correction_and_a_finding() -> None:
    slips = [row for row in PRINTED if row["status"] == "U" and row["value"]]
    assert {row["indicator_id"] for row in slips} >= {"natural_growth_rate", "tertiary_share"}
    for row in slips:
        assert (row["place_id"], row["obs_id"]) in ABOUT, row["obs_id"]
        if row["indicator_id"] == "gdp_growth_real":
            continue
        twins = [
            r for r in ROWS if r["locator"] == row["locator"] and r["place_id"] == row["place_id"] and r is not row
        ]
        assert any(twin["status"] == "E" and twin["method"] == "derived" and twin["note"] for twin in twins), row[
            "obs_id"
        ]


def test_a_broken_share_is_found() -> None:
    """The audit is not decoration: an altered figure gives a finding."""
    notes = build_official.settings()
    rows = [dict(row) for row in table(CITIES / "jixi" / "evidence" / "official.csv")]
    before = len(official_audit.findings("jixi", rows, [], notes["findings"]))
    for row in rows:
        if row["indicator_id"] == "primary_share" and row["period_text"] == "2022":
            row["value"] = "74.26"
    assert len(official_audit.findings("jixi", rows, [], notes["findings"])) == before + 1


def test_contradicting_sources_become_findings() -> None:
    kinds = [
        row
        for row in table(CITIES / "fuxin" / "audit" / "findings-official.csv")
        if row["kind"] == "contradicts-source"
    ]
    about = {row["obs_ids"]: row["against_obs_ids"] for row in kinds}
    rows = {row["obs_id"]: row for row in ROWS if row["place_id"] == "fuxin"}
    pairs = {(rows[a]["indicator_id"], rows[a]["period_text"]) for a in about}
    assert ("unemployment_rate_registered", "2001") in pairs


def test_findings_point_at_rows_that_exist() -> None:
    known = {(row["place_id"], row["obs_id"]) for row in ROWS}
    for path in FINDINGS:
        for row in table(path):
            for obs in filter(None, (row["obs_ids"] + ";" + row["against_obs_ids"]).split(";")):
                assert (row["place_id"], obs) in known, row["finding_id"]


def test_not_found_names_known_indicators_and_where_it_was_looked_for() -> None:
    path = CITIES / "not_found.csv"
    assert header(path) == ["place_id", "indicator_id", "period", "where_looked_en", "where_looked_zh"]
    rows = table(path)
    assert len(rows) >= 30
    for row in rows:
        assert row["indicator_id"] in catalog().indicators, row
        assert all(row.values()), row


@needs_data
def test_sixty_cells_read_again_by_another_reader() -> None:
    sample = random.Random(20261121).sample(PRINTED, 60)
    for row in sample:
        sheet, reference = row["locator"].rsplit("; ", 1)[1].split("!")
        found = xlsx.cells(yearbook.workbook(int(row["period_text"])), sheet)[reference].strip()
        if row["value"]:
            assert float(found) == pytest.approx(float(row["value"]), rel=1e-9), row["obs_id"]
        else:
            assert found == row["value_text"], row["obs_id"]


HEADINGS = {
    "gdp": "地区生产总值(当年价格)",
    "gdp_per_head": "人均地区生产总值",
    "gdp_growth_real": "增长率",
    "primary_share": "第一产业",
    "secondary_share": "第二产业",
    "tertiary_share": "第三产业",
    "population_registered": "户籍人口",
    "population_resident": "常住人口",
    "general_budget_revenue": "地方一般公共预算收入",
    "deposits": "存款余额",
    "loans": "贷款余额",
    "retail_sales": "社会消费品零售总额",
    "patents_granted": "专利授权数",
    "sulphur_dioxide_emissions": "工业二氧化硫",
    "pm25": "细颗粒物",
    "sewage_treatment_rate": "污水处理厂集中处理率",
    "waste_harmless_treatment_rate": "生活垃圾无害化处理率",
    "green_cover_built_up": "建成区绿化覆盖率",
    "hospital_beds": "床位数",
    "doctors": "医师数",
    "pension_insured": "养老",
    "medical_insured": "医疗",
    "unemployment_insured": "失业保险",
    "road_area": "道路面积",
    "rd_expenditure": "R&D内部经费支出",
    "registered_unemployed": "登记失业人员",
    "average_wage_urban_units": "平均工资",
}


@needs_data
def test_columns_stand_under_the_headings_they_are_taken_for() -> None:
    """Merged headings stand in the first of their columns, so the text is sought at the column or to its left."""
    for column in yearbook.columns():
        word = HEADINGS.get(column.indicator_id)
        if word is None:
            continue
        rows = yearbook.sheet(column.year)[: yearbook.FIRST_CITY_ROW[column.year] - 1]
        plain = [["".join((text or "").split()).replace("（", "(").replace("）", ")") for text in row] for row in rows]
        near = [row[column.column - 1] or row[column.column - 2] for row in plain]
        assert any(word in text for text in near), (column.indicator_id, column.year, near)
        scopes = [
            row[column.column - 1]
            for row in plain
            if "全市" in row[column.column - 1] or "市辖区" in row[column.column - 1]
        ]
        if scopes and column.scope == "total":
            assert "全市" in scopes[-1], (column.indicator_id, column.year)


@needs_data
def test_the_national_sums_are_what_the_workbook_gives(tmp_path: Path) -> None:
    rows = build_official.national_rows(build_official.settings())
    assert len(rows) == 20
    build_official.write_csv(tmp_path / "official.csv", build_official.HEADER, rows)
    assert (tmp_path / "official.csv").read_bytes() == (CITIES / "china" / "evidence" / "official.csv").read_bytes()
    cells = xlsx.cells(yearbook.workbook(2018), "Data")
    mining = next(row for row in rows if row["dims"] == "sector=mining")
    column = [cells.get(f"DT{number}", "") for number in range(7, 332)]
    assert float(mining["value"]) == sum(float(text) for text in column if text.strip())


@needs_data
@pytest.mark.parametrize("place", build_official.places(), ids=lambda place: str(place["place_id"]))
def test_the_files_are_what_the_workbooks_give(place: Row, tmp_path: Path) -> None:
    notes = build_official.settings()
    slug = place["place_id"]
    rows = build_official.rows_of(place, notes)
    found = official_audit.findings(slug, rows, build_official.read_rows(slug), notes["findings"])
    for name, columns, lines in (
        ("evidence/official.csv", build_official.HEADER, rows),
        ("audit/findings-official.csv", build_official.FINDINGS, found),
    ):
        build_official.write_csv(tmp_path / name, columns, lines)
        assert (tmp_path / name).read_bytes() == (CITIES / slug / name).read_bytes(), name
