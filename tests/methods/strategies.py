"""Hypothesis strategies for amounts by sector and for the errors that methods raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from headframe.core.errors import HeadframeError

AMOUNT = st.one_of(st.just(0.0), st.floats(1e-6, 1e9, allow_subnormal=False))
POSITIVE = st.floats(1e-3, 1e6, allow_subnormal=False)


def amounts(least: int = 2, most: int = 12) -> st.SearchStrategy[np.ndarray]:
    """Non-negative vectors with at least one positive entry."""
    vectors = st.integers(least, most).flatmap(lambda n: arrays.arrays(np.float64, n, elements=AMOUNT))
    return vectors.filter(lambda values: bool(values.sum() > 0))


def positive_rows(rows: int, least: int = 2, most: int = 8) -> st.SearchStrategy[np.ndarray]:
    """Matrices of positive entries with the given number of rows."""
    return st.integers(least, most).flatmap(lambda n: arrays.arrays(np.float64, (rows, n), elements=POSITIVE))


def refused(code: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    """The text of the error that the call raises; fails unless it is exactly this code."""
    with pytest.raises(HeadframeError) as caught:
        call(*arguments, **named)
    assert [problem.code for problem in caught.value.problems] == [code]
    problem = caught.value.problems[0]
    for language in ("en", "zh"):
        assert "{" not in problem.why(language) + problem.fix(language)
    return problem.line("en")
