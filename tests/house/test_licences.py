"""Licences of dependencies."""

from __future__ import annotations

import tomllib
from email.message import Message

import pytest

from tests.house import licences
from tests.house.tree import ROOT, nothing


def base() -> set[str]:
    return licences.closure(["headframe"]) - {"headframe"}


def test_what_users_install_is_permissive() -> None:
    assert len(base()) >= 13
    nothing(licences.unfit(licences.installed(base()), licences.ALLOWED_AT_RUN_TIME))


def test_what_developers_install_is_permissive_or_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [licences.Requirement(line).name for line in project["dependency-groups"]["dev"]]
    found = licences.installed(licences.closure(names))
    assert licences.unfit(found, licences.ALLOWED_FOR_DEVELOPMENT) == []
    assert set(found) >= set(licences.ALLOWED_FOR_DEVELOPMENT), "a name that is no longer needed"


@pytest.mark.parametrize(
    "licence",
    ["MIT", "BSD-3-Clause AND MIT", "GPL-3.0-only OR Apache-2.0", "(MIT OR GPL-2.0) ", "Apache-2.0 OR BSD-2-Clause"],
)
def test_permissive_licences_pass(licence: str) -> None:
    assert licences.permissive(licence)


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-only",
        "MIT AND LGPL-2.1",
        "AGPL-3.0",
        "MPL-2.0",
        "",
        "Proprietary",
        "GNU General Public License v3 (GPLv3)",
    ],
)
def test_other_licences_are_found(licence: str) -> None:
    assert licences.unfit({"planted": licence}, {}) == [f"planted: {licence or 'no licence stated'}"]
    assert licences.unfit({"planted": licence}, {"planted": "a reason"}) == []


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("License-Expression", "MIT"), ("Classifier", "License :: OSI Approved :: BSD License")], "MIT"),
        ([("Classifier", "License :: OSI Approved :: BSD License"), ("License", "long")], "BSD"),
        (
            [("Classifier", "License :: OSI Approved :: GNU General Public License v3 (GPLv3)")],
            "GNU General Public License v3 (GPLv3)",
        ),
        ([("License", "Apache-2.0\nmore")], "Apache-2.0"),
        ([], ""),
    ],
)
def test_the_stated_licence_is_read(headers: list[tuple[str, str]], expected: str) -> None:
    message = Message()
    for key, value in headers:
        message[key] = value
    assert licences.stated(message) == expected  # type: ignore[arg-type]
