"""The methods give what others printed, and what independent packages returned, for the same input."""

from typing import Any

import pytest

from tests.reference.methods_examples import compute, load

EXAMPLES = load()


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_worked_example(example: dict[str, Any]) -> None:
    assert compute(example) == pytest.approx(example["printed"], rel=0, abs=0.5 * 10.0 ** -example["digits"] + 1e-12)


def test_every_example_names_its_source_and_is_listed_once() -> None:
    assert len({example["id"] for example in EXAMPLES}) == len(EXAMPLES)
    for example in EXAMPLES:
        assert example["kind"] in {"published", "package"}
        assert len(example["source"]) > 20
        assert example["what"]


def test_the_families_that_the_reports_rest_on_have_a_published_example() -> None:
    published = {example["function"] for example in EXAMPLES if example["kind"] == "published"}
    assert published >= {
        "concentration.gini_coefficient",
        "concentration.herfindahl_hirschman",
        "concentration.mean_log_deviation",
        "specialisation.krugman_specialisation",
        "specialisation.location_quotient",
        "specialisation.shift_share",
        "indices.geometric_mean",
        "uncertainty.ratio_of_ratios_interval",
    }
