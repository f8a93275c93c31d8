"""The fake report, its words and its page, made once for all tests of this room."""

from __future__ import annotations

import pytest

from headframe.catalog.load import catalog
from headframe.core.words import Words
from headframe.show.page import render_page
from headframe.show.results_bundle import Report
from tests.show.fake import report as fake_report


@pytest.fixture(scope="session")
def report() -> Report:
    """A small complete report."""
    return fake_report()


@pytest.fixture(scope="session")
def languages() -> dict[str, Words]:
    """The catalogue's words in both languages."""
    return {code: catalog().words(code) for code in ("en", "zh")}


@pytest.fixture(scope="session")
def page(report: Report) -> str:
    """The page of the small report."""
    return render_page(report)
