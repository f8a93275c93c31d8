"""Taking any one observation out of Fuxin changes or keeps a judgement; it never turns into zero."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from headframe.diagnose.diagnose import diagnose
from headframe.diagnose.results import DiagnoseResult
from headframe.evidence.folder import City, open_city
from tests.conftest import FULL

FUXIN = open_city("fuxin")
REFS = FUXIN.observations.get_column("ref").to_list()
SAMPLE = REFS if FULL else REFS[::17]


def without(city: City, ref: str) -> City:
    return replace(city, observations=city.observations.filter(pl.col("ref") != ref))


@pytest.fixture(scope="module")
def whole() -> DiagnoseResult:
    return diagnose(FUXIN, None, draws=100)


@pytest.mark.parametrize("ref", SAMPLE)
def test_a_missing_observation_never_becomes_zero(whole: DiagnoseResult, ref: str) -> None:
    found = diagnose(without(FUXIN, ref), None, draws=100)
    zeros = {figure.observations for figure in whole.figures() if figure.value == 0}
    assert [figure for figure in found.figures() if figure.value == 0 and figure.observations not in zeros] == []
    assert ref not in found.sources()
    for before, after in zip(whole.challenges, found.challenges, strict=True):
        if after.severity.value is None:
            assert before.confidence.coverage <= 1 / len(after.missing)
        else:
            assert after.severity.value > 0
