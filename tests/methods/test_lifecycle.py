import numpy as np
import pytest

from headframe.methods.lifecycle import CLASSES, class_probabilities
from tests.methods.strategies import refused


@pytest.mark.parametrize(
    ("security", "sustainability", "expected"),
    [(0.9, 0.1, "growing"), (0.9, 0.9, "mature"), (0.1, 0.1, "declining"), (0.1, 0.9, "regenerating")],
)
def test_each_corner_is_one_class(security: float, sustainability: float, expected: str) -> None:
    found = class_probabilities([security], [sustainability], 0.5, 0.5)
    assert found == {name: float(name == expected) for name in CLASSES}


def test_draws_are_counted_jointly() -> None:
    draw = np.random.default_rng(5)
    security = draw.normal(0.5, 0.2, 20_000)
    found = class_probabilities(security, security, 0.5, 0.5)
    assert sum(found.values()) == pytest.approx(1)
    assert found["growing"] == found["regenerating"] == 0
    assert found["mature"] == pytest.approx(0.5, abs=0.02)
    apart = class_probabilities(security, draw.normal(0.5, 0.2, 20_000), 0.5, 0.5)
    assert all(probability == pytest.approx(0.25, abs=0.02) for probability in apart.values())


def test_a_value_at_the_cut_counts_as_reaching_it() -> None:
    assert class_probabilities([0.5], [0.5], 0.5, 0.5)["mature"] == 1


def test_draws_that_do_not_match_are_refused() -> None:
    refused("HF153", class_probabilities, [1, 2], [1], 0.5, 0.5)
    refused("HF151", class_probabilities, [np.nan], [1], 0.5, 0.5)
    refused("HF156", class_probabilities, [1], [1], np.nan, 0.5)
