"""Errors for people: a code, where it happened, why, and how to fix it, in the user's language.

The texts are data (`error_texts/<room>.yaml`), one entry per code with both languages; `docs/errors.md` is
generated from the same files. Problems of one input are collected and raised once, all together (law 9).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

Severity = Literal["error", "warning"]
TEXTS_FOLDER = Path(__file__).with_name("error_texts")
LISTED_AT_MOST = 20
LONGEST_SHOWN = 600  # characters of a place or of a value in a message
LONGEST_WORD = 100  # characters; no id is longer, and the search for a near one is quadratic
# What could rule a terminal, turn the direction of writing, break a message's lines, or not be encoded at all.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@cache
def error_texts() -> Mapping[str, Mapping[str, Any]]:
    """All error texts by code, read once: `{code: {anchor, en: {why, fix}, zh: {why, fix}}}`."""
    import yaml

    texts: dict[str, Mapping[str, Any]] = {}
    for path in sorted(TEXTS_FOLDER.glob("*.yaml")):
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        repeated = texts.keys() & entries.keys()
        if repeated:
            raise ValueError(f"error codes defined twice: {sorted(repeated)}")
        texts.update(entries)
    return texts


def preferred_language() -> str:
    """The language of messages: `HEADFRAME_LANG`, else the locale's, else English (`en` or `zh`)."""
    for name in ("HEADFRAME_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def shown(value: object, most: int = LONGEST_SHOWN) -> str:
    """A value as a message may show it: on one line, without control characters, at most `most` characters."""
    try:
        text = value if isinstance(value, str) else str(value)
    except ValueError:  # an integer too long to be written out
        text = "…"
    text = _UNSHOWN.sub("�", text[: most + 1])
    return text if len(text) <= most else text[:most] + "…"


class _Missing(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: its code, where it is, and the values that its texts need.

    `where` names file, row and column (or option and argument) in the words of the user's own input.
    """

    code: str
    where: str
    values: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = "error"

    def __post_init__(self) -> None:
        """Names of files, keys and options are the user's own and can hold anything."""
        object.__setattr__(self, "where", shown(self.where))

    def why(self, language: str | None = None) -> str:
        """What is wrong, in `language` (default: the preferred one)."""
        return self._text("why", language)

    def fix(self, language: str | None = None) -> str:
        """What to do about it, in `language` (default: the preferred one)."""
        return self._text("fix", language)

    @property
    def anchor(self) -> str:
        """The anchor of this code in `docs/errors.md`."""
        return str(error_texts()[self.code]["anchor"])

    def line(self, language: str | None = None) -> str:
        """The whole problem on one line: `CODE where: why → fix`."""
        return f"{self.code} {self.where}: {self.why(language)} → {self.fix(language)}"

    def _text(self, part: str, language: str | None) -> str:
        entry = error_texts()[self.code][language or preferred_language()]
        values = {key: shown(value) for key, value in self.values.items()}
        return str(entry[part]).strip().format_map(_Missing(values))


class HeadframeError(Exception):
    """The one exception that Headframe raises for what a user can type or feed in; it carries every problem found."""

    def __init__(self, problems: Problem | list[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__()

    def __str__(self) -> str:
        lines = [problem.line() for problem in self.problems[:LISTED_AT_MOST]]
        more = len(self.problems) - LISTED_AT_MOST
        return "\n".join([*lines, f"… +{more}"] if more > 0 else lines)

    @classmethod
    def of(cls, code: str, where: str, **values: object) -> HeadframeError:
        """An error with a single problem."""
        return cls(Problem(code, where, values))


class Problems:
    """Collects problems so that an input's faults are all reported at once.

    At most `keep` problems of one code are kept in full; the rest are counted, so that a damaged file
    of a million rows stays readable and bounded in memory.
    """

    def __init__(self, keep: int = 100) -> None:
        self._kept: list[Problem] = []
        self._counts: dict[str, int] = {}
        self._keep = keep

    def add(self, code: str, where: str, *, severity: Severity = "error", **values: object) -> None:
        """Record one problem."""
        self._counts[code] = self._counts.get(code, 0) + 1
        if self._counts[code] <= self._keep:
            self._kept.append(Problem(code, where, values, severity))

    def count_more(self, code: str, further: int) -> None:
        """Record that `further` problems of this code were found beyond those added one by one."""
        self._counts[code] = self._counts.get(code, 0) + further

    def extend(self, others: Problems | list[Problem]) -> None:
        """Take over the problems of another collector or list."""
        counted = others.counts if isinstance(others, Problems) else {}
        for problem in others:
            self.add(problem.code, problem.where, severity=problem.severity, **dict(problem.values))
        for code, total in counted.items():
            self.count_more(code, total - sum(p.code == code for p in others))

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each code occurred, including those not kept in full."""
        return dict(self._counts)

    @property
    def errors(self) -> list[Problem]:
        """The kept problems that are errors."""
        return [p for p in self._kept if p.severity == "error"]

    def raise_if_any(self) -> None:
        """Raise one HeadframeError with every error collected; warnings alone raise nothing."""
        if self.errors:
            raise HeadframeError(self.errors)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __bool__(self) -> bool:
        return bool(self._kept)


def did_you_mean(word: str, known: list[str]) -> str:
    """The closest known word, or an empty string; for the `fix` of unknown names."""
    from difflib import get_close_matches

    if len(word) > LONGEST_WORD:
        return ""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return close[0] if close else ""
