"""Draws: of the right distribution, any block alone, complete hypercubes, the sequence that SciPy makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import qmc

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.core.seeds import generator
from headframe.engine.declare import constant, lever, parameter
from headframe.engine.ensembles.sampling import (
    Design,
    Method,
    Uncertain,
    quantile,
    standard_deviation,
    uncertain_parameters,
)

METHODS: tuple[Method, ...] = ("latin hypercube", "sobol", "monte carlo")
AGE = Axis("age", ("young", "old"))
SHARES = np.linspace(0.0, 1.0, 201)


def code_of(error: pytest.ExceptionInfo[HeadframeError]) -> str:
    return error.value.problems[0].code


@given(st.floats(0.0, 1.0), st.floats(0.01, 50.0), st.floats(-20.0, 20.0))
def test_quantiles_are_those_of_scipy(place: float, width: float, low: float) -> None:
    high, mode = low + width, low + place * width
    deviation = float(standard_deviation(low, high))
    ends = (low - mode) / deviation, (high - mode) / deviation
    expected = {
        "uniform": stats.uniform(low, width).ppf(SHARES),
        "triangular": stats.triang(place, low, width).ppf(SHARES),
        "normal": stats.truncnorm(*ends, mode, deviation).ppf(SHARES),
    }
    for name, values in expected.items():
        found = quantile(name, SHARES, low, high, mode)  # type: ignore[arg-type]
        assert np.allclose(found, values, rtol=0.0, atol=1e-7 * width), name
    positive = quantile("loguniform", SHARES, width, width * 30.0, width)
    assert np.allclose(positive, stats.loguniform(width, width * 30.0).ppf(SHARES), rtol=1e-12)


@given(st.floats(-5.0, 5.0), st.floats(0.0, 1.0))
def test_quantiles_keep_to_the_range_and_a_range_of_one_value_is_that_value(low: float, u: float) -> None:
    for name in ("uniform", "triangular", "normal"):
        assert quantile(name, u, low, low, low) == low  # type: ignore[arg-type]
        assert low <= quantile(name, u, low, low + 1.0, low) <= low + 1.0  # type: ignore[arg-type]


def test_ninety_five_per_cent_of_a_normal_lie_between_low_and_high_before_it_is_truncated() -> None:
    assert stats.norm(0.0, float(standard_deviation(-3.0, 3.0))).cdf([-3.0, 3.0]) == pytest.approx([0.025, 0.975])


@given(
    st.sampled_from(METHODS),
    st.integers(1, 60),
    st.integers(0, 4),
    st.integers(1, 17),
    st.integers(0, 2**40),
    st.data(),
)
def test_any_range_of_points_is_the_same_as_in_the_whole(
    method: Method, draws: int, columns: int, block: int, seed: int, data: st.DataObject
) -> None:
    design = Design(method, seed, draws, columns, block)
    start = data.draw(st.integers(0, draws))
    stop = data.draw(st.integers(start, draws))
    whole = design.points_of(range(draws))
    assert whole.shape == (draws, columns)
    assert design.points_of(range(start, stop)).tobytes() == whole[start:stop].tobytes()
    assert ((whole >= 0.0) & (whole < 1.0)).all()


@pytest.mark.parametrize("block", [7, 64, 1024])
def test_sobol_points_are_the_sequence_of_scipy(block: int) -> None:
    expected = qmc.Sobol(5, rng=generator(11, "sobol")).random(512)
    design = Design("sobol", 11, 512, 5, block)
    assert np.concatenate([design.points(number) for number in range(design.blocks)]).tolist() == expected.tolist()


def test_far_sobol_points_come_without_those_before() -> None:
    far = (1 << 17) - 5
    engine = qmc.Sobol(3, rng=generator(0, "sobol")).fast_forward(far)
    design = Design("sobol", 0, 1 << 17, 3, 100)
    assert design.points_of(range(far, 1 << 17)).tolist() == engine.random(5).tolist()


@pytest.mark.parametrize(("draws", "sizes"), [(50, [50]), (64, [64]), (150, [64, 64, 22])])
def test_every_block_is_a_complete_latin_hypercube(draws: int, sizes: list[int]) -> None:
    design = Design("latin hypercube", 0, draws, 3, 64)
    assert design.blocks == len(sizes)
    blocks = [design.points(number) for number in range(design.blocks)]
    for points, size in zip(blocks, sizes, strict=True):
        strata = np.sort(np.floor(points * size).astype(int), axis=0)
        assert (strata == np.arange(size)[:, None]).all()
    assert len({points[:2].tobytes() for points in blocks}) == len(blocks)


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_of_zero_is_a_seed(method: Method) -> None:
    zero, again, one = (Design(method, seed, 40, 2).points(0) for seed in (0, 0, 1))
    assert zero.tobytes() == again.tobytes()
    assert not np.isclose(zero, one).any()


def variance_of_mean(method: Method, of: Any, draws: int, repeats: int) -> float:
    means = [of(*Design(method, seed, draws, 2).points(0).T).mean() for seed in range(repeats)]
    return float(np.var(means, ddof=1))


def within(found: float, expected: float, repeats: int) -> bool:
    """Whether a sample variance is what is expected, at six standard deviations of its distribution."""
    return abs(found / expected - 1.0) < 6.0 * np.sqrt(2.0 / (repeats - 1))


@pytest.mark.parametrize("draws", [16, 64])
def test_variance_of_means_is_what_theory_says(draws: int) -> None:
    """x + y: 2/12n for independent points, 2/12n³ for a Latin hypercube, which leaves only the place in each n-th.

    x y: its variance is 7/144, and 1/144 without its main effects, which a Latin hypercube removes but for O(1/n³).
    """
    repeats = 400
    independent = variance_of_mean("monte carlo", lambda x, y: x + y, draws, repeats)
    assert within(independent, 2.0 / 12.0 / draws, repeats)
    cube = variance_of_mean("latin hypercube", lambda x, y: x + y, draws, repeats)
    assert within(cube, 2.0 / 12.0 / draws**3, repeats)
    crossed = variance_of_mean("monte carlo", lambda x, y: x * y, draws, repeats)
    assert within(crossed, 7.0 / 144.0 / draws, repeats)
    rest = variance_of_mean("latin hypercube", lambda x, y: x * y, draws, repeats)
    assert within(rest, 1.0 / 144.0 / draws, repeats)


def test_order_of_convergence() -> None:
    """Slopes of log variance against log n: −1 for independent points, −3 for hypercubes of an additive outcome.

    A scrambled Sobol' sequence is at least as steep as −2 for a smooth outcome.
    """

    def slope(method: Method, of: Any) -> float:
        sizes = np.array([16, 64, 256])
        found = [variance_of_mean(method, of, int(n), 200) for n in sizes]
        return float(np.polyfit(np.log(sizes), np.log(found), 1)[0])

    smooth = np.exp
    assert slope("monte carlo", lambda x, y: smooth(x) + smooth(y)) == pytest.approx(-1.0, abs=0.25)
    assert slope("latin hypercube", lambda x, y: smooth(x) + smooth(y)) == pytest.approx(-3.0, abs=0.25)
    assert slope("latin hypercube", lambda x, y: smooth(x * y)) == pytest.approx(-1.0, abs=0.25)
    assert slope("sobol", lambda x, y: smooth(x * y)) < -2.0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["uniform", "triangular", "loguniform", "normal"])
def test_drawn_parameters_have_their_distribution(method: Method, name: str) -> None:
    """Kolmogorov and Smirnov's test; the other designs are more even than independent points."""
    item = Uncertain("x", np.array(2.0), np.array(1.0), np.array(5.0), name)  # type: ignore[arg-type]
    values = item.values(Design(method, 3, 1024, 1).points(0))[:, 0]
    deviation = float(standard_deviation(1.0, 5.0))
    known = {
        "uniform": stats.uniform(1.0, 4.0),
        "triangular": stats.triang(0.25, 1.0, 4.0),
        "loguniform": stats.loguniform(1.0, 5.0),
        "normal": stats.truncnorm(-1.0 / deviation, 3.0 / deviation, 2.0, deviation),
    }
    assert stats.kstest(values, known[name].cdf).pvalue > 0.001


def test_a_band_about_a_profile_is_drawn_together_and_one_range_for_all_elements_one_by_one() -> None:
    band = parameter([600.0, 400.0], low=[500.0, 300.0], high=[700.0, 500.0], axes=(AGE,), name="band")
    single = parameter([600.0, 400.0], low=100.0, high=1000.0, axes=(AGE,), name="single")
    together, alone = Uncertain.of(band), Uncertain.of(single)
    assert (together.columns, alone.columns) == (1, 2)
    u = np.array([[0.0], [0.5], [1.0]])
    assert together.values(u).tolist() == [[500.0, 300.0], [600.0, 400.0], [700.0, 500.0]]
    assert alone.values(np.array([[0.0, 1.0]])).tolist() == [[100.0, 1000.0]]
    assert Uncertain.of(band, together=False).columns == 2
    assert Uncertain.of(single, together=True).values(u[1:2]).tolist() == [[550.0, 550.0]]


def test_elements_drawn_one_by_one_average_out_and_together_they_do_not() -> None:
    points = Design("monte carlo", 0, 4096, 2).points(0)
    ends = np.zeros(2), np.ones(2)
    alone = Uncertain("v", np.full(2, 0.5), *ends).values(points).mean(axis=1)
    whole = Uncertain("v", np.full(2, 0.5), *ends, together=True).values(points[:, :1]).mean(axis=1)
    assert np.var(alone) == pytest.approx(1.0 / 24.0, rel=0.1)
    assert np.var(whole) == pytest.approx(1.0 / 12.0, rel=0.1)


DECLARED = {
    "drawn": parameter(1.0, low=0.0, high=2.0, name="drawn"),
    "fixed": parameter(1.0, name="fixed"),
    "half": parameter(1.0, low=0.0, name="half"),
    "lever": lever(0.0, low=0.0, high=1.0, name="lever"),
    "hours": constant(8760.0, name="hours"),
    "other": parameter(1.0, low=0.5, high=2.0, distribution="loguniform", name="other"),
}


def test_parameters_with_both_ends_of_a_range_are_drawn() -> None:
    assert [item.name for item in uncertain_parameters(DECLARED)] == ["drawn", "other"]
    assert [item.name for item in uncertain_parameters(DECLARED, ["other"])] == ["other"]


@pytest.mark.parametrize("name", ["fixed", "half", "lever", "drwan"])
def test_what_has_no_range_cannot_be_drawn(name: str) -> None:
    with pytest.raises(HeadframeError) as error:
        uncertain_parameters(DECLARED, [name])
    assert code_of(error) == "HF956"
    with pytest.raises(HeadframeError) as error:
        uncertain_parameters(DECLARED, together={name: True})
    assert code_of(error) == "HF956"


@pytest.mark.parametrize(
    ("low", "default", "high", "name"),
    [
        (0.0, 1.0, 2.0, "loguniform"),
        (0.0, 3.0, 2.0, "uniform"),
        (2.0, 1.0, 0.0, "uniform"),
        (0.0, 1.0, np.inf, "uniform"),
        (0.0, np.nan, 2.0, "triangular"),
        (0.0, 1.0, 2.0, "bell"),
    ],
)
def test_ranges_that_cannot_be_drawn(low: float, default: float, high: float, name: Any) -> None:
    with pytest.raises(HeadframeError) as error:
        Uncertain("x", *map(np.array, (default, low, high)), name)  # type: ignore[arg-type]
    assert code_of(error) == "HF954"


@pytest.mark.parametrize(
    "wrong",
    [{"draws": 0}, {"block": 0}, {"seed": -1}, {"method": "guess"}, {"draws": 2.5}],
)
def test_designs_without_draws(wrong: dict[str, Any]) -> None:
    with pytest.raises(HeadframeError) as error:
        Design(**({"method": "sobol", "seed": 0, "draws": 8, "columns": 1} | wrong))
    assert code_of(error) == "HF953"


@pytest.mark.parametrize("size", [{"columns": 21202}, {"draws": (1 << 30) + 1}])
def test_sobol_sequences_end(size: dict[str, int]) -> None:
    with pytest.raises(HeadframeError) as error:
        Design(**({"method": "sobol", "seed": 0, "draws": 8, "columns": 1} | size))  # type: ignore[arg-type]
    assert code_of(error) == "HF958"


def test_points_that_are_not_there() -> None:
    with pytest.raises(IndexError):
        Design("sobol", 0, 8, 1).points_of(range(4, 9))
