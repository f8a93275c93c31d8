"""The same numbers from independent packages, where they are installed (benchmarks/requirements-methods.txt)."""

import numpy as np
import pytest

from headframe.methods.concentration import gini_coefficient, hoover_index, theil_index
from headframe.methods.distance import gower_distance

pytestmark = pytest.mark.filterwarnings("ignore")
WANTED = "not installed: pip install -r benchmarks/requirements-methods.txt in an environment of its own"


@pytest.mark.parametrize("seed", range(10))
def test_inequality_of_pysal(seed: int) -> None:
    gini = pytest.importorskip("inequality.gini", reason=WANTED)
    theil = pytest.importorskip("inequality.theil", reason=WANTED)
    values = np.random.default_rng(seed).lognormal(3, 1, 40)
    assert gini_coefficient(values) == pytest.approx(gini.Gini(values).g)
    assert theil_index(values) == pytest.approx(theil.Theil(values).T)
    schutz = pytest.importorskip("inequality.schutz", reason=WANTED)
    pandas = pytest.importorskip("pandas", reason=WANTED)
    peer = schutz.Schutz(pandas.DataFrame({"income": values}), "income")
    assert hoover_index(values) == pytest.approx(peer.distance)


@pytest.mark.parametrize("seed", range(10))
def test_gower(seed: int) -> None:
    gower = pytest.importorskip("gower", reason=WANTED)
    draw = np.random.default_rng(seed)
    rows = np.column_stack([draw.uniform(1, 9, (12, 3)), draw.integers(0, 3, 12)])
    weights = draw.uniform(0.5, 2, 4)
    peer = gower.gower_matrix(rows.astype(object), weight=weights, cat_features=[False, False, False, True])
    ranges = np.ptp(rows, axis=0)
    categorical = [False, False, False, True]
    for number, row in enumerate(rows):
        ours = gower_distance(rows, row, np.maximum(ranges, 1e-9), weights=weights, categorical=categorical)
        assert ours.distance == pytest.approx(peer[number], abs=1e-5)
