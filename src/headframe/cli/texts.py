"""The command line's own texts, read alone so that `headframe --help` stays quick."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from headframe import catalog
from headframe.core.errors import preferred_language

FOLDER = Path(catalog.__file__).parent / "words"


@cache
def _texts(language: str) -> dict[str, str]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (FOLDER / language / "cli.yaml").read_text(encoding="utf-8")
    found: dict[str, str] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
    return found


def say(identifier: str, /, language: str | None = None, **values: object) -> str:
    """The text of the command line for an id, in the preferred language unless another is given."""
    return _texts(language or preferred_language())[identifier].format(**values)
