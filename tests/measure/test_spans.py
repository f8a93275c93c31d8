"""Figures with intervals: what a qualifier means, and that derived bounds are outer bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.core.results import Figure, Message
from headframe.measure import spans
from headframe.measure.spans import Span

STEP = Message(id="step.ratio")


def share(qualifier: str, value: float | None = 60.0, **bounds: float) -> Figure:
    """A share of revenue, which ends at 100 per cent by definition."""
    return Figure(value=value, qualifier=qualifier, unit="%", indicator="resource_share_of_revenue", **bounds)


@pytest.mark.parametrize(
    ("figure", "span"),
    [
        (share("="), Span(60, 60, 60)),
        (share(">"), Span(None, 60, 100)),
        (share(">="), Span(None, 60, 100)),
        (share("<"), Span(None, 0, 60)),
        (share("~"), Span(60, 55, 65)),  # one digit printed: half of it is 5, more than a twentieth
        (share("range", None, low=55, high=70), Span(62.5, 55, 70)),
        (share("~", 61.0), Span(61, pytest.approx(57.95), pytest.approx(64.05))),
        (
            Figure(value=100000.0, qualifier=">", unit="household", indicator="households_relocated"),
            Span(None, 100000, None),
        ),
        (Figure(unit="%", indicator="resource_share_of_revenue"), Span()),
    ],
)
def test_a_qualifier_gives_the_interval_it_deserves(figure: Figure, span: Span) -> None:
    assert spans.span(figure) == span


def test_a_plausible_range_is_not_a_natural_limit() -> None:
    figure = Figure(value=30000.0, qualifier=">", unit="person/year", indicator="out_migration_young")
    assert spans.span(figure).high is None


def test_about_follows_the_digits_printed() -> None:
    assert spans.about_margin(30000.0) == 5000.0
    assert spans.about_margin(0.0) == 0.0
    assert spans.about_margin(123456.0) == pytest.approx(0.05 * 123456)


parts = st.tuples(
    st.floats(-50, 50), st.floats(0.1, 20), st.floats(0.1, 50), st.floats(0.1, 20), st.floats(0, 1), st.floats(0, 1)
)


@given(parts)
def test_derived_bounds_hold_every_combination(given_parts: tuple[float, ...]) -> None:
    low, width, base, spread, first, second = given_parts
    one = Span(low + width / 2, low, low + width)
    other = Span(base + spread / 2, base, base + spread)
    a, b = low + first * width, base + second * spread
    for result, value in ((spans.quotient(one, other), a / b), (spans.difference(one, other), a - b)):
        assert result.low is not None
        assert result.high is not None
        assert result.low - 1e-9 <= value <= result.high + 1e-9


def test_a_denominator_that_may_be_zero_gives_nothing() -> None:
    assert spans.quotient(Span(1, 1, 1), Span(0, 0, 0)) == Span()
    assert spans.quotient(Span(1, 1, 1), Span(None, -1, 2)) == Span()
    assert spans.quotient(Span(1, 1, 1), Span(1, 0, 2)) == Span(1, 0.5, None)


def test_an_open_side_stays_open() -> None:
    jobs = Figure(value=5000.0, qualifier=">", unit="person", indicator="incubator_jobs")
    firms = Figure(value=200.0, qualifier=">", unit="count", indicator="incubator_firms")
    figure = spans.ratio(jobs, firms, indicator="incubator_jobs_per_firm", unit="person/count")
    assert not figure.known


def test_a_ratio_converts_and_keeps_sources_steps_and_doubt() -> None:
    beds = Figure(value=9000.0, unit="count", indicator="hospital_beds", place="x", observations=("x/1",))
    people = Figure(value=1.8e6, unit="person", indicator="population_resident", qualifier="~", observations=("x/2",))
    figure = spans.ratio(beds, people, indicator="hospital_beds_per_head", unit="count/thousand person")
    assert figure.value == pytest.approx(5.0)
    assert figure.low == pytest.approx(5 / 1.05)
    assert figure.observations == ("x/1", "x/2")
    assert figure.method == "derived"
    assert figure.steps[-1].id == "step.ratio"


def test_money_of_two_price_bases_is_not_divided_or_subtracted() -> None:
    nominal = Figure(value=2.0, unit="CNY", price_basis="nominal")
    real = Figure(value=1.0, unit="CNY", price_basis="real:2010")
    assert not spans.ratio(nominal, real, indicator="", unit="1").known
    assert not spans.gap(nominal, real).known
    assert spans.ratio(nominal, nominal, indicator="", unit="1").price_basis == ""
    tonnes = Figure(value=1.0, unit="t")
    assert spans.ratio(tonnes, nominal, indicator="", unit="t/CNY").price_basis == "nominal"


def test_units_of_different_kind_are_an_error() -> None:
    with pytest.raises(HeadframeError, match="HF102"):
        spans.gap(Figure(value=1.0, unit="t"), Figure(value=1.0, unit="person"))


def test_doubt_of_a_part_is_doubt_of_the_whole() -> None:
    sound, shaky, useless = (Figure(value=1.0, unit="t", status=status) for status in ("A", "E", "U"))
    for parts_of, status in (((sound, sound), "A"), ((sound, shaky), "E"), ((shaky, useless), "U")):
        assert spans.derived(Span(1, 1, 1), parts_of, indicator="", unit="1", step=STEP).status == status
    assert spans.derived(Span(), (sound, sound), indicator="", unit="1", step=STEP).status == "M"


def test_what_cannot_be_says_nothing() -> None:
    beyond = Figure(value=4139.0, unit="%", indicator="tertiary_share")
    assert not spans.possible(beyond)
    assert not spans.span(beyond).known
    assert spans.possible(Figure(value=100.0, unit="%", indicator="tertiary_share"))
    assert not spans.possible(Figure(value=-1.0, unit="person", indicator="population_resident"))
    assert spans.possible(Figure(value=-3.0, unit="%", indicator="population_change"))


def test_a_margin_keeps_within_natural_limits_and_never_narrows() -> None:
    near = Figure(value=98.0, unit="%", indicator="tertiary_share")
    wide = spans.widened(near, 0.05)
    assert (wide.low, wide.high) == (pytest.approx(93.1), 100.0)
    already = near.model_copy(update={"low": 80.0, "high": 99.0})
    assert (spans.widened(already, 0.01).low, spans.widened(already, 0.01).high) == (80.0, 99.0)
    assert spans.widened(near, 0.0) == near
    assert spans.widened(Figure(unit="%"), 0.1) == Figure(unit="%")
