"""Printed names lead to their place, or to a question that names the places they can mean."""

from __future__ import annotations

import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import PrintedPlace
from headframe.evidence.place import Place
from headframe.evidence.places import KnownPlace, gazetteer
from headframe.evidence.places.index import build
from headframe.evidence.places.load import builtin
from headframe.evidence.places.lookup import found_for
from headframe.evidence.places.normal import taken_apart

KNOWN = gazetteer()


@pytest.mark.parametrize(
    ("printed", "place", "how"),
    [
        ("抚顺市", "fushun", "exact"),
        ("抚 顺 市", "fushun", "exact"),
        ("\u3000抚\u3000顺\u3000市 ", "fushun", "exact"),
        ("抚顺", "fushun", "short"),
        ("撫順市", "fushun", "exact"),
        ("遼寧省", "liaoning", "exact"),
        ("抚顺市①", "fushun", "exact"),
        ("抚顺市 1", "fushun", "exact"),
        ("抚顺市（1）", "fushun", "exact"),
        ("12. 抚顺市", "fushun", "exact"),
        ("其中：抚顺市", "fushun", "exact"),
        ("抚顺市 Fushun", "fushun", "exact"),
        ("Fushun 抚顺", "fushun", "short"),
        ("Fushun City, Liaoning", "fushun", "english"),
        ("FUSHUN", "fushun", "english"),
        ("Ｆｕｓｈｕｎ", "fushun", "english"),
        ("安徽省宿州市", "suzhou-anhui", "exact"),
        ("吉林市（吉林省）", "jilin-city", "exact"),
        ("Suzhou (Anhui)", "suzhou-anhui", "english"),
        ("Urumqi", "urumqi", "english"),
        ("Ürümqi", "urumqi", "english"),
        ("Wulumuqi", "urumqi", "pinyin"),
        ("Huhehaote", "hohhot", "pinyin"),
        ("Xi'an", "xian", "english"),
        ("Xi’an", "xian", "english"),
        ("Lüliang", "lvliang", "english"),
        ("Luliang", "lvliang", "english"),
        ("安阳", "anyang", "short"),
        ("遵义", "zunyi", "short"),
        ("安阳县", "anyang-county", "exact"),
        ("延边州", "yanbian", "exact"),
        ("延边", "yanbian", "short"),
        ("大兴安岭", "daxinganling", "short"),
        ("襄樊市", "xiangyang", "former"),
        ("Xiangfan", "xiangyang", "alias"),
        ("哲里木盟", "tongliao", "former"),
        ("Georgia, United States", "georgia-us", "english"),
        ("Korea, Rep.", "republic-of-korea", "alias"),
        ("Bahamas, The", "bahamas", "alias"),
        ("Hong Kong SAR, China", "hong-kong", "alias"),
        ("Virgin Islands (U.S.)", "us-virgin-islands", "english"),
        ("长垣县", "changyuan", "former"),
        ("210400", "fushun", "code"),
        ("210400000000", "fushun", "code"),
        ("1001", "us-01001", "code"),
        ("01001", "us-01001", "code"),
        ("1000", "alabama", "code"),
        ("46113", "us-46102", "code"),
        ("EL13", "nuts-el53", "code"),
        ("GR13", "nuts-el53", "code"),
        ("DE403", "nuts-de403", "code"),
        ("DEU", "germany", "code"),
    ],
)
def test_a_printed_name_leads_to_its_place(printed: str, place: str, how: str) -> None:
    match = KNOWN.match(printed)
    assert (match.place_id, match.how) == (place, how)
    assert match.settled
    assert match.confidence >= 0.9


@pytest.mark.parametrize(
    ("printed", "question", "candidates"),
    [
        ("吉林", "several", {"jilin", "jilin-city"}),
        ("Jilin", "several", {"jilin", "jilin-city"}),
        ("朝阳", "several", {"chaoyang", "chaoyang-beijing", "chaoyang-changchun"}),
        ("通州", "several", {"tongzhou-beijing", "tongzhou-nantong"}),
        ("Fuzhou", "several", {"fuzhou-fujian", "fuzhou-jiangxi"}),
        ("Suzhou", "several", {"suzhou", "suzhou-anhui"}),
        ("Taizhou", "several", {"taizhou-jiangsu", "taizhou-zhejiang"}),
        ("Yichun", "several", {"yichun", "yichun-jiangxi"}),
        ("Yulin", "several", {"yulin-shaanxi", "yulin-guangxi"}),
        ("大理", "several", {"dali", "dali-city"}),
        ("巢湖市", "several", {"chaohu", "chaohu-prefecture"}),
        ("Georgia", "several", {"georgia", "georgia-us"}),
        ("DE", "several", {"germany", "delaware"}),
        ("HR02", "several", {"nuts-hr02", "nuts-hr02-2010"}),
        ("抚顺县", "kind", {"fushun"}),
        ("抚顺市 Benxi", "scripts", {"fushun", "benxi"}),
    ],
)
def test_an_ambiguous_name_is_asked(printed: str, question: str, candidates: set[str]) -> None:
    match = KNOWN.match(printed)
    assert match.question is not None
    assert match.question.id == f"places.ask.{question}"
    assert (match.place_id, match.confidence, set(match.candidates)) == ("", 0.0, candidates)


@pytest.mark.parametrize("pair", [("宿州", "苏州"), ("泰州", "台州"), ("抚州", "福州"), ("伊春", "宜春")], ids="-".join)
def test_names_of_one_sound_stay_apart_in_characters(pair: tuple[str, str]) -> None:
    one, other = (KNOWN.match(name) for name in pair)
    assert one.settled
    assert other.settled
    assert one.place_id != other.place_id


def test_section_code_level_and_year_settle_a_name() -> None:
    assert KNOWN.match("吉林", section="吉 林 省").place_id == "jilin-city"
    assert KNOWN.match("吉林", level="province").place_id == "jilin"
    assert KNOWN.match("Suzhou", section="Anhui").place_id == "suzhou-anhui"
    assert KNOWN.match("Fuzhou", code="361000").place_id == "fuzhou-jiangxi"
    assert KNOWN.match("朝阳", code="2113").place_id == "chaoyang"
    assert KNOWN.match("朝阳", code="21").place_id == "chaoyang"
    assert KNOWN.match("巢湖市", year=2005).place_id == "chaohu-prefecture"
    assert KNOWN.match("巢湖市", year=2015).place_id == "chaohu"
    assert KNOWN.match("哈密市", year=2018).place_id == "hami-prefecture"
    assert KNOWN.match("Georgia", country="USA").place_id == "georgia-us"
    assert KNOWN.match("上海市", section="黑龙江省").place_id == "shanghai"


def test_what_contradicts_is_asked() -> None:
    code = KNOWN.match("抚顺市", code="210500")
    assert code.question is not None
    assert code.question.id == "places.ask.code"
    assert set(code.candidates) == {"fushun", "benxi"}
    section = KNOWN.match("宿州市", section="江苏省")
    assert section.question is not None
    assert section.question.id == "places.ask.section"
    level = KNOWN.match("抚顺市", level="country")
    assert level.question is not None
    assert level.question.id == "places.ask.level"


def test_the_number_of_a_row_is_no_code() -> None:
    for number in range(1, 100):
        assert KNOWN.match("抚顺市", code=str(number)).place_id == "fushun"


def test_a_code_settles_a_name_that_is_not_known_and_says_so() -> None:
    match = KNOWN.match("某某市", code="210400")
    assert (match.place_id, match.how) == ("fushun", "code")
    assert match.confidence < 1
    assert [remark.id for remark in match.remarks] == ["places.remark.code-only"]


def test_a_name_of_another_time_is_told_with_its_dates() -> None:
    early = KNOWN.match("襄阳市", year=2005)
    assert (early.place_id, early.how) == ("xiangyang", "former")
    assert early.remarks[0].id == "places.remark.dated-name"
    assert early.remarks[0].values["since"] == "2010-12-09"
    assert KNOWN.match("襄樊市", year=2005).how == "exact"
    assert {KNOWN.match(name, year=2010).how for name in ("襄樊市", "襄阳市")} == {"exact"}  # the year of the change
    gone = KNOWN.match("莱芜市", year=2020)
    assert (gone.place_id, gone.how) == ("jinan", "lineage")
    assert gone.confidence <= 0.5
    assert gone.remarks[0].values["date"] == "2019-01-09"
    divided = KNOWN.match("巢湖市", year=2015, level="prefecture")
    assert divided.question is not None
    assert divided.question.id == "places.ask.split"
    assert set(divided.candidates) == {"hefei", "wuhu", "maanshan"}
    coded = KNOWN.match("", code="371200", year=2020)
    assert coded.place_id == "laiwu"
    assert coded.remarks[0].id == "places.remark.not-then"
    never = KNOWN.match("三沙市", year=1995)
    assert never.question is not None
    assert never.question.id == "places.ask.gone"
    recoded = KNOWN.match("EL13")
    assert recoded.remarks[0].id == "places.remark.recoded"
    assert recoded.remarks[0].values["newer"] == "EL53"


@pytest.mark.parametrize(
    ("printed", "kind", "place"),
    [
        ("全国", "country", "china"),
        ("合 计", "total", ""),
        ("地级及以上城市", "total", ""),
        ("辽宁合计", "total", ""),
        ("平均", "average", ""),
        ("东北三省", "group", "northeast-china"),
        ("EU27_2020", "group", ""),
        ("EU28", "group", ""),
        ("State total", "total", ""),
        ("ATZZ", "rest", ""),
        ("C1018", "group", ""),
        ("East Asia & Pacific (excluding high income)", "group", ""),
        ("1999", "rest", ""),
    ],
)
def test_aggregates_are_recognised(printed: str, kind: str, place: str) -> None:
    match = KNOWN.match(printed)
    assert (match.aggregate, match.place_id, match.settled) == (kind, place, True)


def test_the_country_total_of_the_united_states_is_the_country() -> None:
    assert KNOWN.match("US").place_id == "united-states"
    assert KNOWN.match("United States", code="0").place_id == "united-states"
    assert KNOWN.match("", code="00000").place_id == "united-states"


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("威南", "weinan"),
        ("荷泽市", "heze"),
        ("沈杨市", "shenyang"),
        ("Shenzen", "shenzhen"),
        ("那曲冇", "nagqu"),
        ("西藏自冶区", "tibet"),
    ],
)
def test_misspellings_are_asked_with_a_suggestion(printed: str, meant: str) -> None:
    match = KNOWN.match(printed)
    assert not match.settled
    assert match.place_id == ""
    assert meant in match.suggestions[:2]


def test_errors_name_what_to_choose() -> None:
    with pytest.raises(HeadframeError) as unknown:
        KNOWN.match("沈杨市").require("Sheet1!A4")
    assert [problem.code for problem in unknown.value.problems] == ["HF390"]
    assert "shenyang" in unknown.value.problems[0].fix("en")
    with pytest.raises(HeadframeError) as several:
        KNOWN.match("吉林").require()
    assert [problem.code for problem in several.value.problems] == ["HF391"]
    assert "jilin-city" in several.value.problems[0].fix("zh")
    assert KNOWN.match("抚顺市").require() == "fushun"


def test_the_company_of_a_list_settles_a_level_and_is_told() -> None:
    provinces = ["辽宁", "黑龙江", "河北", "山西", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南"]
    found = KNOWN.match_all([PrintedPlace(name) for name in [*provinces, "吉林"]])
    assert (found.matches[-1].place_id, found.matches[-1].how) == ("jilin", "company")
    assert found.matches[-1].remarks[0].id == "places.remark.company"
    cities = ["大连", "鞍山", "抚顺", "本溪", "丹东", "锦州", "营口", "阜新", "辽阳", "盘锦", "铁岭"]
    found = KNOWN.match_all([PrintedPlace(name) for name in [*cities, "吉林"]])
    assert found.matches[-1].place_id == "jilin-city"
    mixed = KNOWN.match_all([PrintedPlace(name) for name in [*cities, *provinces, "吉林"]])
    assert not mixed.matches[-1].settled
    few = KNOWN.match_all([PrintedPlace(name) for name in [*cities[:4], "吉林"]])
    assert not few.matches[-1].settled
    assert few.settled == 4


def test_a_code_that_has_meant_two_regions_follows_the_other_codes() -> None:
    assert not KNOWN.match("HR02", year=2011).settled  # figures of 2011 are published in the codes of 2021 too
    new = KNOWN.match_all([PrintedPlace(code) for code in ("HR02", "HR03", "HR05", "HR06")])
    old = KNOWN.match_all([PrintedPlace(code) for code in ("HR01", "HR02", "HR03")])
    assert new.matches[0].place_id == "nuts-hr02"
    assert old.matches[1].place_id == "nuts-hr02-2010"
    assert [remark.id for remark in old.matches[1].remarks] == ["places.remark.vintage"]
    mixed = KNOWN.match_all([PrintedPlace(code) for code in ("HR02", "HR03", "DE11")])
    assert not mixed.matches[0].settled


def test_two_names_for_one_place_in_one_year_are_a_question() -> None:
    found = KNOWN.match_all([PrintedPlace("襄樊市"), PrintedPlace("襄阳市")], 2010)
    assert [problem.code for problem in found.problems] == ["HF392"]
    assert found.questions[0].id == "places.ask.same"
    assert found.questions[0].values["place"].id == "xiangyang"
    same = [PrintedPlace("抚顺市"), PrintedPlace("抚 顺 市"), PrintedPlace("抚顺"), PrintedPlace("Fushun")]
    assert KNOWN.match_all(same, 2010).questions == ()
    years = [PrintedPlace("襄樊市"), PrintedPlace("襄阳市")]
    assert KNOWN.match_all(years).questions == ()
    merged = KNOWN.match_all([PrintedPlace("莱芜市"), PrintedPlace("济南市")], 2020)
    assert [problem.code for problem in merged.problems] == ["HF392"]


def test_a_list_keeps_its_order_and_repeated_rows() -> None:
    printed = [PrintedPlace("抚顺市"), PrintedPlace("合计"), PrintedPlace("某某地"), PrintedPlace("抚顺市")]
    found = KNOWN.match_all(printed)
    assert [match.place_id for match in found.matches] == ["fushun", "", "", "fushun"]
    assert [problem.code for problem in found.problems] == ["HF390"]
    assert [match.printed for match in found.asked] == ["某某地"]


def test_own_places_come_first() -> None:
    own = Place(id="old-town", name_en="Old Town", name_zh="老城", level="district", aliases=("吉林", "城区"))
    known = KNOWN.with_places([own])
    assert known.match("吉林").place_id == "old-town"
    assert known.match("吉林").how == "own"
    assert known.match("Old Town").place_id == "old-town"
    assert known.match("抚顺市").place_id == "fushun"
    assert "old-town" in known
    assert not KNOWN.match("吉林").settled
    assert "old-town" not in KNOWN
    total = Place(id="whole", name_en="All", name_zh="合计", level="group")
    assert known.with_places([total]).match("合计").place_id == "whole"


def test_further_names_of_a_built_in_place() -> None:
    known = KNOWN.with_places(
        [Place(id="fushun", name_en="Fushun", name_zh="抚顺市", level="prefecture_city", aliases=("煤都",))]
    )
    assert known.match("煤都").place_id == "fushun"
    assert known.match("抚 顺").place_id == "fushun"


def test_a_built_in_place_with_further_names_stays_what_it_is() -> None:
    own = Place(id="fushun", name_en="Fushun", name_zh="抚顺市", level="prefecture_city", aliases=("煤都",))
    place = KNOWN.with_places([own]).one("fushun")
    assert (place.code, place.parents, place.latitude) == ("210400", ("liaoning",), 41.9)
    assert "煤都" in place.aliases


def test_a_whole_name_comes_before_a_short_one() -> None:
    whole = KnownPlace("whole", "Whole", "沙市", "county_city")
    short = KnownPlace("short", "Short", "沙市市", "prefecture", "prefecture_city", "沙市")
    found = found_for(taken_apart("沙市"), build([whole, short], builtin()), lambda _: frozenset())
    assert [hit.place.id for hit in found.hits] == ["whole"]


@pytest.mark.parametrize(
    "places",
    [
        [KnownPlace("Not An Id", "X", "某地", "city")],
        [KnownPlace("twice", "X", "某地", "city"), KnownPlace("twice", "Y", "另一地", "city")],
        [KnownPlace("nameless", "", " ", "city")],
        [KnownPlace("long", "x" * 1000, "某地", "city")],
    ],
    ids=["id", "twice", "nameless", "long"],
)
def test_impossible_own_places_are_refused(places: list[KnownPlace]) -> None:
    with pytest.raises(HeadframeError) as caught:
        KNOWN.with_places(places)
    assert {problem.code for problem in caught.value.problems} == {"HF393"}
