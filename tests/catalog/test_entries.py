"""The entries themselves: complete, in both languages, with references that lead somewhere."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from headframe.catalog.load import FOLDER, catalog, read_yaml
from headframe.catalog.schema import Threshold
from headframe.core.units import is_money, parse_unit, same_dimension

HAN = re.compile(r"[\u4e00-\u9fff]")
CHALLENGES = ("structure", "labour", "ecology", "finance", "innovation", "policy")
THEMES = ("industry", "extraction", "restoration", "jobs", "livelihood", "business")
SCOPE = (FOLDER.parents[2] / "docs/coverage.yaml").read_text(encoding="utf-8")


def named() -> Iterator[tuple[str, object]]:
    of = catalog()
    tables = (
        of.indicators,
        of.concepts,
        of.sectors,
        of.occupations,
        of.classifications,
        of.thresholds,
        of.levers,
        of.cards,
        of.terms,
    )
    for table in tables:
        for identifier, entry in table.items():
            yield f"{table.kind}/{identifier}", entry


def scales() -> dict[str, dict[str, Threshold]]:
    found: dict[str, dict[str, Threshold]] = defaultdict(dict)
    for entry in catalog().thresholds.values():
        if entry.scale:
            assert entry.role not in found[entry.scale], entry.id
            found[entry.scale][entry.role] = entry
    return found


def test_there_are_enough_entries() -> None:
    of = catalog()
    assert len(of.indicators) >= 80
    assert len(of.sectors) == 14
    assert len(of.occupations) == 12
    assert len(of.levers) >= 40
    assert len(of.thresholds) >= 25
    assert len(of.cards) >= 15


def test_every_text_stands_in_both_languages() -> None:
    for where, entry in named():
        fields = type(entry).model_fields  # type: ignore[attr-defined]
        for field in fields:
            if not field.endswith("_en"):
                continue
            english, chinese = getattr(entry, field), getattr(entry, field[:-3] + "_zh")
            assert bool(english) == bool(chinese), f"{where}.{field}"
            if english:
                assert HAN.search(chinese), f"{where}.{field[:-3]}_zh has no Chinese"
                assert not HAN.search(english), f"{where}.{field} has Chinese"
                assert english != chinese, f"{where}.{field}"


def test_every_unit_is_known_and_has_a_name() -> None:
    of = catalog()
    names = {unit.unit for unit in of.units.values()} | {"1"}
    assert len(names) == len(of.units) + 1, "a unit is named twice"
    for table in (of.indicators, of.cards, of.levers, of.thresholds):
        for entry in table.values():
            parse_unit(entry.unit)
            assert entry.unit in names, f"{entry.id}: {entry.unit} has no name"


def test_accounting_links_lead_to_indicators_of_fitting_units() -> None:
    of = catalog()
    for entry in of.indicators.values():
        made = entry.adds_up_to
        if made and made.total:
            for part in (made.total, *made.parts):
                assert same_dimension(of.indicators[part].unit, of.indicators[made.total].unit), entry.id
        if made and made.ratio:
            above, below = (of.indicators[part].unit for part in made.ratio)
            if entry.unit != "year":  # a stock over a yearly flow
                assert same_dimension(entry.unit, f"({above})/({below})"), f"{entry.id}: {above} / {below}"
        if entry.sums_with:
            assert entry.id in entry.sums_with.parts
            assert all(of.indicators[part].sums_with == entry.sums_with for part in entry.sums_with.parts)


def test_yearly_money_is_a_summed_flow() -> None:
    for entry in catalog().indicators.values():
        if entry.kind == "flow" and is_money(entry.unit):
            assert entry.annual_rule == "sum", entry.id


def test_scope_rows_exist() -> None:
    for where, entry in named():
        for row in getattr(entry, "scope", ()):
            assert re.search(rf"\b{row}\b", SCOPE), f"{where}: {row}"


def test_every_cited_source_is_in_the_catalogue() -> None:
    of = catalog()
    cited = [(t.id, t.source) for t in of.thresholds.values() if t.source]
    cited += [(c.id, c.source) for c in of.cards.values() if c.source]
    cited += [(t.id, t.source) for t in of.terms.values() if t.source]
    cited += [(c.id, c.source) for c in of.classifications.values()]
    cited += [(lever.id, item.source) for lever in of.levers.values() for item in lever.evidence if item.source]
    assert not [pair for pair in cited if pair[1] not in of.sources]


def test_levers_cite_cards_that_exist_and_cover_six_themes() -> None:
    of = catalog()
    for lever in of.levers.values():
        for card in [item.card for item in lever.evidence if item.card] + [
            lever.cost_card or "reemployment_rate_gross"
        ]:
            assert card in of.cards, f"{lever.id}: {card}"
    assert {lever.theme for lever in of.levers.values()} == set(THEMES)


def test_the_documented_null_of_approval_centres_stays_a_null() -> None:
    of = catalog()
    assert of.levers["approval_service_centre"].documented == "no-effect"
    assert of.cards["approval_bureau_effect_on_new_firms"].default == 0


def test_a_gross_claim_is_never_called_a_positive_sign() -> None:
    for lever in catalog().levers.values():
        signs = {item.sign for item in lever.evidence}
        if signs == {"gross-claim"}:
            assert lever.documented != "positive", lever.id


def test_thresholds_fit_their_indicators() -> None:
    of = catalog()
    for entry in of.thresholds.values():
        if entry.indicator and entry.margin == "difference":
            assert same_dimension(entry.unit, of.indicators[entry.indicator].unit), entry.id
        if entry.indicator and entry.relative_to is None:
            low, high = of.indicators[entry.indicator].range
            assert low is None or entry.value >= low, entry.id
            assert high is None or entry.value <= high, entry.id


def test_every_severity_scale_has_a_concern_and_a_severe_point_in_order() -> None:
    of = catalog()
    for scale, points in scales().items():
        assert set(points) == {"concern", "severe"}, scale
        concern, severe = points["concern"], points["severe"]
        assert concern.indicator == severe.indicator, scale
        assert concern.challenges == severe.challenges, scale
        assert concern.comparison[0] == severe.comparison[0], scale
        upward = concern.comparison[0] == ">"
        assert (severe.value > concern.value) == upward, scale
        direction = of.indicators[concern.indicator or ""].direction
        assert direction != ("up" if upward else "down"), f"{scale} calls the better side worse"


@pytest.mark.parametrize("challenge", CHALLENGES)
def test_every_challenge_has_scales(challenge: str) -> None:
    found = {name for name, points in scales().items() if challenge in points["concern"].challenges}
    assert len(found) >= 3


def test_what_is_assumed_is_grade_d_and_says_why() -> None:
    of = catalog()
    for entry in [*of.thresholds.values(), *of.cards.values()]:
        if entry.how_read == "assumed":
            assert entry.grade == "D", entry.id
            assert entry.note_en, f"{entry.id} does not say why"
            assert entry.note_zh, f"{entry.id} does not say why"


def test_statistics_over_places_rest_on_at_least_twenty() -> None:
    of = catalog()
    assert all(card.places >= 20 for card in of.cards.values() if card.places)
    for entry in of.thresholds.values():
        for count in re.findall(r"of (\d+) cities", entry.locator):
            assert int(count) >= 20, entry.id


@pytest.mark.parametrize(
    ("identifier", "value", "reference", "crossed"),
    [
        ("exhaustion_rule", 0.7, None, True),
        ("exhaustion_rule", 0.69, None, False),
        ("gdp_per_head_severe", 74.0, 100.0, True),
        ("gdp_per_head_severe", 75.0, 100.0, False),
        ("working_age_below_nation", 60.0, 61.0, True),
        ("working_age_below_nation", 62.0, 61.0, False),
        ("debt_red", 300.0, None, True),
        ("unemployment_gap_concern", 0.0, None, False),
    ],
)
def test_a_line_is_crossed_on_its_far_side(
    identifier: str, value: float, reference: float | None, *, crossed: bool
) -> None:
    assert catalog().thresholds[identifier].crossed_by(value, reference) is crossed


def test_a_relative_line_needs_its_reference() -> None:
    with pytest.raises(ValueError, match="reference"):
        catalog().thresholds["gdp_per_head_severe"].line()


def test_one_hue_per_sector_family() -> None:
    hues = defaultdict(set)
    for sector in catalog().sectors.values():
        hues[sector.family].add(sector.hue)
    assert all(len(found) == 1 for found in hues.values())
    assert max(Counter(hue for found in hues.values() for hue in found).values()) == 1


@pytest.mark.parametrize("system", ["gbt_4754_2017", "isic_4", "nace_2", "naics_2017", "yearbook_19"])
def test_every_code_belongs_to_one_sector_or_is_shared_with_a_note(system: str) -> None:
    of = catalog()
    concordances = [sector.concordance[system] for sector in of.sectors.values()]  # type: ignore[index]
    _partition(system, [c.codes for c in concordances], [c.shared for c in concordances])
    assert all(bool(c.shared) <= bool(c.shared_note) for c in concordances)


def test_every_minor_group_belongs_to_one_occupation_or_is_shared_with_a_note() -> None:
    concordances = [occupation.concordance["isco_08"] for occupation in catalog().occupations.values()]
    _partition("isco_08", [c.codes for c in concordances], [c.shared for c in concordances])
    assert all(bool(c.shared) <= bool(c.shared_note) for c in concordances)


def _partition(system: str, whole: list[tuple[str, ...]], shared: list[tuple[str, ...]]) -> None:
    published = catalog().classifications[system].codes
    assert len(set(published)) == len(published)
    once = Counter(code for codes in whole for code in codes)
    several = Counter(code for codes in shared for code in codes)
    assert not once.keys() & several.keys()
    assert once.keys() | several.keys() == set(published)
    assert set(once.values()) == {1}
    assert min(several.values(), default=2) >= 2, "a shared code needs two owners"


def test_no_chinese_term_stands_for_two_concepts() -> None:
    terms = Counter(term.name_zh for term in catalog().terms.values())
    assert max(terms.values()) == 1
    forbidden = {word for term in catalog().terms.values() for word in term.avoid_zh}
    assert not forbidden & set(terms)


def test_no_forbidden_synonym_in_any_chinese_text() -> None:
    terms = catalog().terms.values()
    found = []
    for path in sorted(FOLDER.rglob("*.yaml")):
        if path.name == "glossary.yaml":
            continue
        text = path.read_text(encoding="utf-8")
        for term in terms:
            rest = text.replace(term.name_zh, "")
            found += [f"{path.name}: {word}, write {term.name_zh}" for word in term.avoid_zh if word in rest]
    assert not found


def test_the_audit_and_levers_use_the_agreed_words() -> None:
    of = catalog()
    assert of.terms["to_be_verified"].name_zh == "待核实"
    assert "造假" in of.terms["to_be_verified"].avoid_zh
    assert of.terms["lever"].name_zh == "政策工具"
    assert "杠杆" in of.terms["lever"].avoid_zh
    assert of.terms["transformation_meter"].name_zh == "转型指数"


def test_both_languages_have_the_same_files_and_texts() -> None:
    folders = {language: FOLDER / "words" / language for language in ("en", "zh")}
    files = {language: {path.name for path in folder.glob("*.yaml")} for language, folder in folders.items()}
    assert files["en"] == files["zh"]
    for name in files["en"]:
        assert read_yaml(folders["en"] / name).keys() == read_yaml(folders["zh"] / name).keys(), name
