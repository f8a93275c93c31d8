"""Series and constant prices: against the closed form, and against what a deflator cannot reach."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe import api
from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.results import Figure, Message
from headframe.evidence.deflation import Deflator, at_constant_prices, deflator_of
from headframe.evidence.folder import open_city
from headframe.evidence.results import Point
from headframe.evidence.series import series
from headframe.show.series import series_lines

RATES = {2001: 10.0, 2002: -50.0, 2003: 20.0, 2006: 5.0}
STEEP = Deflator("china", "consumer_price_change", RATES, {year: (f"china/{year}",) for year in RATES})


def amount(year: str, value: float = 100.0, **changes: object) -> Figure:
    """An amount of money at current prices."""
    return Figure(**{"value": value, "unit": "CNY", "price_basis": "nominal", "period": year, **changes})  # type: ignore[arg-type]


def test_amounts_are_chained_to_the_year_asked_for_with_all_that_they_rest_on() -> None:
    early, base, late = at_constant_prices(
        [amount("2000", low=90.0, observations=("a/1",)), amount("2002"), amount("2003")], STEEP, 2002
    )
    assert early.value == pytest.approx(100 * 1.1 * 0.5)
    assert early.low == pytest.approx(90 * 1.1 * 0.5)
    assert early.observations == ("a/1", "china/2001", "china/2002")
    assert base.value == 100
    assert late.value == pytest.approx(100 / 1.2)
    assert {figure.price_basis for figure in (early, base, late)} == {"real:2002"}
    assert late.method == "derived"


def test_nothing_is_extrapolated_over_a_gap() -> None:
    for period in ("1999", "2004", "2006", "2001–2003", ""):
        (beyond,) = at_constant_prices([amount(period)], STEEP, 2002)
        assert not beyond.known
        assert beyond.steps[-1].id == "deflation.out-of-reach"
    (lonely,) = at_constant_prices([amount("2002")], STEEP, 1950)
    assert not lonely.known


@given(
    st.lists(st.floats(-40, 200), min_size=1, max_size=12),
    st.integers(0, 12),
    st.integers(0, 12),
    st.floats(1, 1e12),
)
def test_changing_the_base_year_changes_the_level_alone(rates: list[float], one: int, other: int, value: float) -> None:
    changes = {2001 + n: rate for n, rate in enumerate(rates)}
    deflator = Deflator("x", "consumer_price_change", changes, {})
    years = [str(2000 + n) for n in range(len(rates) + 1)]
    first, second = (
        [f.value or 0.0 for f in at_constant_prices([amount(y, value) for y in years], deflator, 2000 + base)]
        for base in (min(one, len(rates)), min(other, len(rates)))
    )
    ratios = [a / b for a, b in zip(first, second, strict=True)]
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=1e-9)


def test_what_is_no_money_at_current_prices_is_refused() -> None:
    for wrong in (amount("2002", unit="person"), amount("2002", price_basis="real:2000")):
        with pytest.raises(HeadframeError, match="HF476"):
            at_constant_prices([wrong], STEEP, 2002)
    with pytest.raises(HeadframeError, match="HF474"):
        deflator_of(open_city("china"), "gdp")
    with pytest.raises(HeadframeError, match="HF475"):
        deflator_of(open_city("fuxin"), "consumer_price_change")


def test_the_verb_tells_figures_others_and_rules() -> None:
    city = open_city("fuxin")
    result = series(city, "gdp")
    assert [point.figure for point in result.points] == list(city.series("gdp"))
    table = result.table()
    assert table.height == len(result.points) + sum(len(point.others) for point in result.points)
    assert set(result.sources()) >= set(result.points[0].figure.observations)
    assert result.record == series(city, "gdp").record != series(city, "gdp", concept="whole-city").record
    for language in ("en", "zh"):
        lines = api.series_lines("fuxin", api.series("fuxin", "gdp", prices=2020), language, 100)
        assert "2020" in lines[-1]
    with pytest.raises(HeadframeError, match="HF477"):
        api.series("fuxin", "gdp", dims=["sector"])


def test_a_whole_collection_is_no_city(tmp_path: Path) -> None:
    (tmp_path / "panel.toml").write_text(
        'schema_version = 1\n\n[panel]\nid = "p"\nname_en = "P"\nname_zh = "P"\n', encoding="utf-8"
    )
    with pytest.raises(HeadframeError, match="HF478"):
        api.series(tmp_path, "gdp")


def test_lines_say_concepts_and_which_dimensions_are_known() -> None:
    """Whole city and urban districts are told apart; what is known only in parts is said to be."""
    figures = [
        Figure(value=value, unit="CNY", period="2020-01-01/2020-12-31", concept=concept)
        for value, concept in ((5e9, "whole-city"), (2e9, "urban-districts"))
    ]
    rule = Message(id="reconcile.order", values={"n": 1})
    found = series(open_city("fuxin"), "gdp")
    made = found.model_copy(update={"points": (Point(figure=figures[0], others=(figures[1],), rule=rule),)})
    lines = list(series_lines(made, {}, catalog().words("en")))
    names = [catalog().words("en").name("concept", concept) for concept in ("whole-city", "urban-districts")]
    assert names[0] in lines[1]
    assert names[1] in lines[2]
    none = found.model_copy(update={"points": ()})
    for language in ("en", "zh"):
        words = catalog().words(language)
        lines = list(series_lines(none, {}, words, dims=("industry=coal", "", "industry=coal")))
        assert len(lines) == 3
        assert "--dim industry=coal" in lines[-1]
        assert len(list(series_lines(none, {}, words))) == 2


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        ({"concept": "whole-cty"}, "HF323", "whole-city"),
        ({"concept": "whole-city;nothing"}, "HF323", "nothing"),
        ({"dims": ["sector=coal", "sector=oil"]}, "HF322", "sector=coal;sector=oil"),
        ({"prices": 1799}, "HF105", "1799"),
        ({"prices": 2201}, "HF105", "2201"),
        ({"prices": -5}, "HF105", "-5"),
    ],
    ids=["concept", "one-of-two-concepts", "dim-twice", "early", "late", "negative"],
)
def test_what_no_figure_can_answer_is_an_error(asked: dict[str, object], code: str, told: str) -> None:
    with pytest.raises(HeadframeError, match=f"{code}.*{told}"):
        api.series("fuxin", "gdp", **asked)  # type: ignore[arg-type]
