"""An edition that nobody has seen: older labels in another order and arrangement are understood without a change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headframe.catalog.load import catalog
from headframe.core.results import Message
from headframe.evidence.importing.choosing import read_extract
from headframe.evidence.importing.conversion import Fate, convert
from headframe.evidence.importing.fitting import Fit
from headframe.evidence.importing.mapping import SourceRule, accepted, proposed
from headframe.evidence.importing.matches import Ask, SeriesMatch
from headframe.evidence.importing.matching import match
from headframe.evidence.reading.grid import letters
from tests.evidence.reading.sheets import write_workbook

CITIES = (
    *("阜新市", "抚顺市", "鞍山市", "本溪市", "丹东市", "锦州市"),
    *("营口市", "辽阳市", "盘锦市", "铁岭市", "朝阳市", "葫芦岛市"),
)
# group, label, unit, figures from, target, dimensions, concept without area
OLDER = (
    ("人口", "年末总人口", "万人", 190.0, "population_unspecified", "", ""),
    ("人口", "自然增长率", "‰", 2.1, "natural_growth_rate", "", ""),
    ("土地", "行政区域土地面积", "平方公里", 10_000.0, "land_area", "", ""),
    ("从业人员", "年末单位从业人员数", "万人", 18.0, "employment_urban_units", "", "urban-units"),
    ("年末单位从业人员（人）", "采矿业", "", 40_000.0, "employment_by_sector", "sector=mining", "urban-units"),
    ("综合经济", "地区生产总值（当年价格）", "万元", 5_000_000.0, "gdp", "", ""),
    ("综合经济", "第二产业占GDP的比重", "%", 45.0, "secondary_share", "", ""),
    ("规模以上工业企业", "工业总产值（当年价）", "万元", 900_000.0, "industrial_output", "", "above-designated-size"),
    ("规模以上工业企业", "利润总额", "万元", 30_000.0, "industrial_profit", "", "above-designated-size"),
    ("投资", "固定资产投资总额", "万元", 800_000.0, "fixed_asset_investment", "", ""),
    ("投资", "房地产开发投资完成额", "万元", 90_000.0, "real_estate_investment", "", ""),
    ("财政", "地方财政一般预算内收入", "万元", 110_000.0, "general_budget_revenue", "", "general-budget"),
    ("财政", "教育支出", "万元", 60_000.0, "education_expenditure", "", ""),
    ("金融", "城乡居民储蓄年末余额", "万元", 1_500_000.0, "household_deposits", "", ""),
    ("金融", "年末金融机构各项贷款余额", "万元", 1_900_000.0, "loans", "", ""),
    ("在校学生数（人）", "普通高等学校", "", 21_000.0, "students", "level=higher", ""),
    ("卫生", "医院、卫生院床位数", "张", 8_800.0, "hospital_beds", "", ""),
    ("用电", "全社会用电量", "万千瓦时", 400_000.0, "electricity_use", "", ""),
    ("环境", "工业废水排放量", "万吨", 3_000.0, "industrial_wastewater", "", ""),
    ("环境", "一般工业固体废物综合利用率", "%", 55.0, "industrial_solid_waste_use_rate", "", ""),
)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """Districts before the whole city, units on a row of their own, provinces as rows, no English."""
    rows: list[list[object]] = [["2-1 各城市主要统计指标（2009年）"], ["城市名称"], [""], [""], [""]]
    merged = []
    for number, (group, label, unit, *_) in enumerate(OLDER):
        left = 1 + 2 * number
        rows[1] += [group, ""]
        rows[2] += [label, ""]
        rows[3] += [f"（{unit}）" if unit else "", ""]
        rows[4] += ["市辖区", "全市"]
        merged += [_area(row, left + 1, left + 2) for row in (2, 3, 4)]
    rows.append(["辽宁省"])
    for at, city in enumerate(CITIES):
        figures = [f for *_, start, _, _, _ in OLDER for f in (_figure(start, at) * 0.6, _figure(start, at))]
        rows.append([city, *figures])
    return write_workbook(tmp_path / "未见过的版本.xlsx", rows, merged)


def _figure(start: float, at: int) -> float:
    return round(start * (1 + 0.07 * at), 2)


def _area(row: int, left: int, right: int) -> str:
    return f"{letters(left)}{row}:{letters(right)}{row}"


def test_an_unseen_edition_is_understood(older: Path) -> None:
    extract = read_extract(older)
    found = {item.key: item for item in match(extract, catalog())}
    assert len(found) == 2 * len(OLDER)
    whole = [found[series.key] for series in extract.series if series.scope == "whole-city"]
    told = [
        (item.indicator, item.dims, ";".join(part for part in item.concept.split(";") if part != "whole-city"))
        for item in whole
    ]
    assert told == [(indicator, dims, concept) for *_, indicator, dims, concept in OLDER]
    asked = {item.indicator: item.asks for item in whole if item.asks}
    assert asked == {"population_unspecified": (Ask.CONCEPT,)}
    assert extract.years == (2009,)


def test_an_unseen_edition_is_converted(older: Path) -> None:
    extract = read_extract(older)
    mapping = accepted(proposed(extract, match(extract, catalog()), SourceRule("s")))
    done = convert(extract, mapping, catalog(), dict.fromkeys(extract.places, "x"))
    open_cells = 2 * len(CITIES)  # the population whose concept nobody says
    assert done.count(Fate.OPEN) == open_cells
    assert done.count(Fate.CONVERTED) == extract.cells.height - open_cells == 2 * (len(OLDER) - 1) * len(CITIES)


def test_everything_that_matching_can_say_has_words() -> None:
    how = ("by-label", "by-decorated", "by-weak", "by-near", "by-codes", "per-head-agrees", "per-head-differs")
    units = ("usual", "unsaid", "unknown", "differs", "multiplier", "counted", "per-head", "of-code", "perhaps")
    ids = [*(f"importing.{name}" for name in how), *(f"importing.unit-{name}" for name in units)]
    ids += [f"importing.ask.{ask}" for ask in Ask] + [f"importing.fate.{fate}" for fate in Fate]
    assert Fit("", said=False, fits=True).how == ""
    assert SeriesMatch("k").sure is False
    for language in ("en", "zh"):
        words = catalog().words(language)
        for name in ids:
            assert words.say(Message(id=name, values=dict.fromkeys(_slots(name), "x")))


def _slots(name: str) -> tuple[str, ...]:
    """The slots of a text, from its English form."""
    text = catalog().words("en").texts[name]
    return tuple(re.findall(r"\{([a-z_]+)", text if isinstance(text, str) else ""))
