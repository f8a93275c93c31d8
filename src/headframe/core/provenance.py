"""Where numbers come from: references to observations, and the record that makes a run repeatable."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

BUFFER = 1 << 20


class Source(BaseModel):
    """A publication or data set that observations are taken from.

    `reliability` (high, medium, low) is a judgement on the source; `how_read` says whether its whole text,
    an excerpt or an abstract was seen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
    title: Annotated[str, Field(min_length=1)]
    title_en: str = ""
    title_zh: str = ""
    author: str = ""
    publisher: str = ""
    date: str = ""
    language: str = ""
    licence: str = ""
    doi: str = ""
    url: str = ""
    sha256: str = ""
    reliability: Literal["high", "medium", "low"]
    how_read: Literal["full", "excerpt", "abstract"]
    note_en: str = ""
    note_zh: str = ""

    @property
    def id(self) -> str:
        """The source's id."""
        return self.source_id

    def name(self, language: str) -> str:
        """The title in the asked language where there is one, else as published."""
        return (self.title_zh if language == "zh" else self.title_en) or self.title


class RunRecord(BaseModel):
    """What is needed to repeat a run. Times and host are not part of it, so equal runs have equal ids."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    verb: str
    inputs: dict[str, str]
    options: dict[str, str]
    seed: int
    versions: dict[str, str]
    backend: str


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BUFFER):
            digest.update(block)
    return digest.hexdigest()


def fingerprint(folder: Path, patterns: tuple[str, ...] = ("city.toml", "*.csv", "*/*.csv", "*/*.parquet")) -> str:
    """One SHA-256 over the named files of a folder (names and contents, in sorted order)."""
    digest = hashlib.sha256()
    for path in sorted({p for pattern in patterns for p in folder.glob(pattern) if p.is_file()}):
        digest.update(path.relative_to(folder).as_posix().encode("utf-8") + b"\0")
        digest.update(sha256_of(path).encode("ascii"))
    return digest.hexdigest()


def run_record(
    verb: str, inputs: Mapping[str, str], options: Mapping[str, object], seed: int, backend: str = "numpy"
) -> RunRecord:
    """The record of a run; its id hashes verb, inputs, options, seed, versions and backend."""
    packages = ("headframe", "numpy", "scipy", "polars")
    versions = {name: metadata.version(name) for name in packages}
    versions["python"] = platform.python_version()
    body = {
        "verb": verb,
        "inputs": dict(sorted(inputs.items())),
        "options": {key: str(value) for key, value in sorted(options.items())},
        "seed": seed,
        "versions": versions,
        "backend": backend,
    }
    packed = json.dumps(body, sort_keys=True, ensure_ascii=False).encode("utf-8")
    return RunRecord(id=hashlib.sha256(packed).hexdigest()[:16], **body)
