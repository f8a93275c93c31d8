import numpy as np
import pytest
from hypothesis import given

from headframe.methods.specialisation import (
    average_structure,
    esteban_marquillas,
    krugman_specialisation,
    location_quotient,
    location_quotients,
    shift_share,
)
from tests.methods.strategies import positive_rows, refused


@given(positive_rows(4))
def test_shift_share_effects_add_up_to_the_change(rows: np.ndarray) -> None:
    parts = shift_share(*rows)
    scale = np.abs(rows[:2]).max() * max(1.0, (rows[3] / rows[2]).max())
    assert parts.change == pytest.approx(rows[1] - rows[0])
    assert parts.national + parts.mix + parts.regional == pytest.approx(parts.change, abs=1e-9 * scale)
    assert parts.net_shift == pytest.approx(parts.change - parts.national, abs=1e-9 * scale)


@given(positive_rows(4))
def test_esteban_marquillas_splits_the_regional_effect_and_nothing_else(rows: np.ndarray) -> None:
    classic, split = shift_share(*rows), esteban_marquillas(*rows)
    scale = rows.max() * max(1.0, (rows[1] / rows[0]).max(), (rows[3] / rows[2]).max())
    assert split.competitive + split.allocation == pytest.approx(classic.regional, abs=1e-9 * scale)
    assert split.national == pytest.approx(classic.national)
    assert split.mix == pytest.approx(classic.mix)
    assert split.change == pytest.approx(classic.change)


@given(positive_rows(4))
def test_unit_and_order_of_sectors_do_not_matter_to_shift_share(rows: np.ndarray) -> None:
    parts = shift_share(*rows)
    scaled = shift_share(rows[0] * 10, rows[1] * 10, rows[2], rows[3])
    turned = shift_share(*rows[:, ::-1])
    slack = 1e-8 * rows.max() * (rows[3] / rows[2]).max()
    for name in ("national", "mix", "regional"):
        assert getattr(scaled, name) == pytest.approx(10 * getattr(parts, name), abs=10 * slack)
        assert getattr(turned, name)[::-1] == pytest.approx(getattr(parts, name), abs=slack)


def test_a_place_that_moves_with_the_whole_has_only_the_national_effect() -> None:
    parts = shift_share([10, 20], [15, 30], [100, 200], [150, 300])
    assert parts.national == pytest.approx([5, 10])
    assert parts.mix == pytest.approx([0, 0])
    assert parts.regional == pytest.approx([0, 0])


def test_structure_alone_explains_a_place_whose_sectors_grow_as_elsewhere() -> None:
    split = esteban_marquillas([10, 90], [20, 90], [100, 100], [200, 100])
    assert split.mix.sum() == pytest.approx(-40)
    assert split.competitive == pytest.approx([0, 0])
    assert split.allocation == pytest.approx([0, 0])


def test_a_sector_that_appears_counts_as_regional() -> None:
    parts = shift_share([10, 0], [10, 4], [100, 0], [110, 20])
    assert parts.regional[1] == pytest.approx(4)
    assert parts.mix[1] == 0
    new_everywhere = shift_share([10, 0], [10, 4], [100, 5], [110, 20])
    assert new_everywhere.regional[1] == pytest.approx(4)


@given(positive_rows(2))
def test_location_quotients_weighted_by_the_reference_average_one(rows: np.ndarray) -> None:
    quotient = location_quotient(rows[0], rows[1])
    assert float(np.dot(quotient, rows[1] / rows[1].sum())) == pytest.approx(1)
    assert location_quotient(rows[0] * 1000, rows[1]) == pytest.approx(quotient)
    assert location_quotient(rows[1], rows[1]) == pytest.approx(1)


@given(positive_rows(3))
def test_the_table_of_quotients_agrees_with_the_single_ones(rows: np.ndarray) -> None:
    table = location_quotients(rows)
    for row, expected in zip(rows, table, strict=True):
        assert location_quotient(row, rows.sum(axis=0)) == pytest.approx(expected)


def test_what_the_reference_lacks_has_no_quotient() -> None:
    assert np.isnan(location_quotient([1, 1], [1, 0])[1])
    table = location_quotients([[1, 0, 2], [0, 0, 0]])
    assert np.isnan(table[1]).all()
    assert np.isnan(table[0, 1])
    assert table[0, [0, 2]] == pytest.approx([1, 1])


@given(positive_rows(3))
def test_krugman_is_a_distance_between_structures(rows: np.ndarray) -> None:
    first, second, third = rows
    distance = krugman_specialisation(first, second)
    assert 0 <= distance <= 2 + 1e-12
    assert krugman_specialisation(second, first) == pytest.approx(distance)
    assert krugman_specialisation(first, first * 3) == pytest.approx(0, abs=1e-12)
    detour = krugman_specialisation(first, third) + krugman_specialisation(third, second)
    assert distance <= detour + 1e-12


def test_each_place_counts_the_same_in_the_average_structure() -> None:
    assert average_structure([[1, 1], [300, 100]]) == pytest.approx([0.625, 0.375])


def test_what_cannot_be_compared_is_refused() -> None:
    refused("HF153", location_quotient, [1, 2], [1, 2, 3])
    refused("HF153", krugman_specialisation, [1, 2], [1, 2, 3])
    refused("HF153", location_quotients, [1, 2])
    refused("HF154", location_quotients, [[0, 0]])
    refused("HF154", krugman_specialisation, [0, 0], [1, 2])
    refused("HF153", shift_share, [1], [1, 2], [1, 2], [1, 2])
    refused("HF154", shift_share, [1, 2], [1, 2], [0, 2], [1, 2])
    refused("HF154", shift_share, [0, 0], [1, 2], [0, 0], [1, 2])
    refused("HF154", esteban_marquillas, [0, 2], [1, 2], [1, 2], [1, 2])
    refused("HF152", shift_share, [1, -2], [1, 2], [1, 2], [1, 2])
