"""The audit's relations between indicators: data that fits its schema, or an error that says where it does not."""

from __future__ import annotations

import pytest

from headframe.audit.rules import rules, rules_from
from headframe.core.errors import HeadframeError


def test_the_relations_as_shipped_fit() -> None:
    assert rules()


def test_relations_that_do_not_fit_are_refused() -> None:
    with pytest.raises(HeadframeError) as caught:
        rules_from({"no such relation": 1})
    assert caught.value.problems[0].code == "HF430"
