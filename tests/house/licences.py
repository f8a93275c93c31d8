"""Licences of everything a user's installation runs: permissive, or named below with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import metadata

from packaging.requirements import Requirement

PERMISSIVE = {
    "MIT",
    "MIT-0",
    "BSD",
    "BSD-2-CLAUSE",
    "BSD-3-CLAUSE",
    "0BSD",
    "APACHE-2.0",
    "APACHE-2.0 WITH LLVM-EXCEPTION",
    "ISC",
    "PSF-2.0",
    "PYTHON-2.0",
    "ZLIB",
    "CC0-1.0",
    "UNLICENSE",
}
# Weak copyleft that may be used, each for a stated reason. Nothing at run time needs one today.
ALLOWED_AT_RUN_TIME: dict[str, str] = {}
ALLOWED_FOR_DEVELOPMENT = {
    "hypothesis": "MPL-2.0; runs the tests and is not installed by users",
    "pathspec": "MPL-2.0; used by mypy and is not installed by users",
}
CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "APACHE-2.0",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "zlib/libpng License": "ZLIB",
    "The Unlicense (Unlicense)": "UNLICENSE",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def normal(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(name: str, environment: dict[str, str] | None = None) -> list[str]:
    """The distributions that `name` needs without any extra, here or in another environment of PEP 508 markers."""
    environment = {"extra": "", **(environment or {})}
    needed = [Requirement(line) for line in metadata.requires(name) or []]
    return [normal(item.name) for item in needed if item.marker is None or item.marker.evaluate(environment)]


def closure(roots: Iterable[str], environment: dict[str, str] | None = None) -> set[str]:
    """The roots and everything they need, as far as it is installed here."""
    found: set[str] = set()
    waiting = [normal(root) for root in roots]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            waiting += requirements(name, environment)
        except metadata.PackageNotFoundError:
            continue  # needed only in that other environment
    return found


def stated(package: metadata.PackageMetadata) -> str:
    """The licence that a distribution states: its expression, else its classifiers, else the first line of its text."""
    if expression := package.get("License-Expression"):
        return str(expression)
    classifiers = [
        line.rpartition(" :: ")[2] for line in package.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    named = [CLASSIFIERS.get(line, line) for line in classifiers if line != "OSI Approved"]
    if named:
        return " AND ".join(named)
    lines = str(package.get("License") or "").strip().splitlines()
    return lines[0].strip() if lines else ""


def permissive(licence: str) -> bool:
    """Whether an SPDX expression can be kept with permissive licences only: OR needs one side, AND needs both."""
    alternatives = [part.strip(" ()") for part in re.split(r"\s+OR\s+", licence)]
    return any(
        all(part.strip(" ()").upper() in PERMISSIVE for part in re.split(r"\s+AND\s+", alternative))
        for alternative in alternatives
    )


def unfit(licences: dict[str, str], allowed: dict[str, str]) -> list[str]:
    """Distributions whose licence is neither permissive nor allowed by name."""
    return sorted(
        f"{name}: {licence or 'no licence stated'}"
        for name, licence in licences.items()
        if not permissive(licence) and name not in allowed
    )


def installed(names: Iterable[str]) -> dict[str, str]:
    """The stated licence of each of these distributions that is installed."""
    found = {}
    for name in names:
        try:
            found[name] = stated(metadata.metadata(name))
        except metadata.PackageNotFoundError:
            continue
    return found
