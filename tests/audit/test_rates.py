"""The rates that are shipped: measured with this code, and good enough where a person could tell."""

from __future__ import annotations

import numpy as np
import pytest

from headframe.audit.audit import DETECTORS, audit
from headframe.audit.clean import KINDS, clean
from headframe.audit.faults import FAULTS, seen
from headframe.audit.rates import FILE, shipped
from headframe.catalog.load import read_yaml
from headframe.core.seeds import generator
from headframe.evidence.naming import words_for
from tests.audit import rates_file
from tests.audit.made import panel, walk

READ = read_yaml(FILE)
SAMPLED = [("linear", "smooth"), ("noisy", "growth"), ("repeated", "unit-root"), ("slip", "heavy-tails")]
FILLS = ("linear", "rounded", "ratio", "noisy")


def near(counted: dict[str, int], written: dict[str, int]) -> bool:
    """Equal but for a figure on the line that another processor rounds to its other side."""
    return all(abs(counted[name] - written[name]) <= max(3, 0.02 * written[name]) for name in written)


def test_the_file_was_measured_with_the_seed_and_the_panels_of_its_script() -> None:
    assert (READ["seed"], READ["panels"]) == (rates_file.SEED, rates_file.PANELS)
    assert set(READ["faults"]) == set(FAULTS)
    assert set(READ["alarms"]) == set(DETECTORS) - {"digits"} | {"last-digits", "benford"}
    assert all(set(kinds) == set(KINDS) for part in ("alarms", "faults") for kinds in READ[part].values())


@pytest.mark.parametrize(("fault", "kind"), SAMPLED)
def test_a_sample_measured_anew_agrees_with_what_is_shipped(fault: str, kind: str) -> None:
    assert near(rates_file.fault(fault, kind), READ["faults"][fault][kind])


@pytest.mark.parametrize("kind", ["calm-and-wild"])
def test_false_alarms_measured_anew_agree_with_what_is_shipped(kind: str) -> None:
    for name, counted in rates_file.alarms(kind).items():
        assert near(counted, READ["alarms"][name][kind]), name


@pytest.mark.full
def test_everything_measured_anew_agrees_with_what_is_shipped() -> None:
    counted = rates_file.measured()
    for part in ("alarms", "faults"):
        for name, kinds in READ[part].items():
            assert all(near(counted[part][name][kind], row) for kind, row in kinds.items()), name


def test_fills_that_a_person_could_tell_are_found_and_what_is_listed_is_right() -> None:
    for rate in shipped():
        if rate.fault in FILLS:
            assert min(rate.visible or 0.0, rate.precision or 0.0) >= 0.9, rate


def test_clean_panels_are_nearly_silent() -> None:
    # Breaks list the outermost places for review, whatever they are: the share that the options name.
    alarms = {rate.detector: rate.alarms for rate in shipped() if not rate.fault}
    assert alarms.pop("breaks") < 20.0
    assert max(alarms.values()) < 5.0, alarms


def test_an_audit_tells_the_rates_of_its_detectors_in_both_languages() -> None:
    result = audit(panel({"hospital_beds": walk(1)}))
    assert {rate.fault for rate in result.measured} == {"", *FAULTS}
    told = [message for message in result.explain() if message.id.startswith("audit.power.")]
    assert len(told) == len(FAULTS)
    noisy = next(rate for rate in result.measured if rate.fault == "noisy")
    for language in ("en", "zh"):
        words = words_for(None, language)
        said = words.say(next(message for message in told if message.id.endswith("noisy")))
        assert all(words.number(100.0 * (x or 0.0)) in said for x in (noisy.recall, noisy.precision, noisy.visible))


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_panel_is_the_same_for_the_same_seed(kind: str) -> None:
    one, two, other = (clean(kind, seed, places=8, years=12).values for seed in (1, 1, 2))
    assert np.array_equal(one, two, equal_nan=True)
    assert not np.array_equal(one, other, equal_nan=True)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_changes_the_cells_that_it_names_and_no_others(fault: str) -> None:
    grid = clean("smooth", 3, places=60, years=30)
    spoilt = FAULTS[fault][0](grid, generator(3, "test", fault))
    same = (grid.values == spoilt.grid.values) | (np.isnan(grid.values) & np.isnan(spoilt.grid.values))
    assert spoilt.wrong.any()
    assert not (spoilt.visible & ~spoilt.wrong).any()
    if fault in {"linear", "rounded", "ratio", "noisy", "repeated", "slip", "slip-run", "slip-rest", "impossible"}:
        assert same[~spoilt.wrong].all()
        assert (~same[spoilt.wrong]).mean() > 0.5


def test_a_person_sees_a_line_in_what_bends_and_none_in_what_does_not() -> None:
    rough = 1000.0 + 100.0 * np.resize([0.0, 1.0, -1.0], 30)
    filled = rough.copy()
    filled[11:17] = np.linspace(filled[10], filled[17], 8)[1:-1]
    assert seen(filled, 10, 6, growth=False, rounding=1.0)
    assert not seen(rough, 10, 6, growth=False, rounding=1.0)
    assert not seen(np.linspace(100.0, 130.0, 30), 10, 6, growth=False, rounding=1.0)
