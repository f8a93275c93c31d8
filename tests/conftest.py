"""What every test may use: the data folder, a browser, Hypothesis in two sizes, the mark of the long campaign."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
FULL = os.environ.get("HEADFRAME_FULL") == "1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

os.environ["HEADFRAME_LANG"] = (
    "en"  # messages are in English whatever the machine's locale, unless a test says otherwise
)

# The ordinary run is bounded and always the same; the campaign draws anew, and prints how to repeat a failure.
settings.register_profile(
    "ci",
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "full",
    max_examples=2000,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("full" if FULL else "ci")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what belongs to the long campaign alone, and say so."""
    if FULL:
        return
    skip = pytest.mark.skip(reason="part of the long campaign: bash .ci/full, or HEADFRAME_FULL=1")
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(skip)


def find_data_folder() -> Path | None:
    """The folder with optional data files: `HEADFRAME_DATA`, else `../shared/data`; None where there is none."""
    named = os.environ.get("HEADFRAME_DATA")
    folder = Path(named) if named else ROOT.parent / "shared/data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with optional data files; the test is skipped where it is missing."""
    folder = find_data_folder()
    if folder is None:
        pytest.skip("no data folder (HEADFRAME_DATA, default ../shared/data)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; the test is skipped where none is on the PATH, unless HEADFRAME_BROWSER=required."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    if os.environ.get("HEADFRAME_BROWSER") == "required":
        pytest.fail("a browser is required (HEADFRAME_BROWSER=required) and none is on the PATH")
    pytest.skip("no Chromium on the PATH")
