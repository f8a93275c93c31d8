"""The folder of an ensemble: what it takes to go on after a kill, the tables, and trajectories.

| file | holds |
|---|---|
| `record.json` | the run record: what the ensemble is, with which versions and processor |
| `state.npz` | statistics over the units of work that are done, and which these are; at the end the whole |
| `trajectories/NNNNNN.parquet` | the records of the chosen runs of one unit of work |
| `statistics.parquet`, `failures.parquet` | the tables, when all is done |

Every file is written whole or not at all, a unit's trajectories before the state that counts the unit. So after a kill
at any moment the state is an earlier one, and units done again write the same bytes.
"""

from __future__ import annotations

import json
import platform
import zipfile
from collections.abc import Mapping
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from headframe.core.errors import HeadframeError
from headframe.core.files import check_readable, is_there, read_text, write_together
from headframe.core.provenance import RunRecord, run_record
from headframe.engine.ensembles.design import Experiment
from headframe.engine.runs import Backend, Recorded

if TYPE_CHECKING:
    import polars as pl

RECORD, STATE, STATISTICS, FAILURES = "record.json", "state.npz", "statistics.parquet", "failures.parquet"
TRAJECTORIES = "trajectories"
LARGEST_RECORD = 1 << 20  # bytes
SHOWN_DIFFERENCES = 4


def record_of(experiment: Experiment, backend: Backend) -> RunRecord:
    """The run record of an ensemble: everything that decides its bytes."""
    return run_record(
        "ensemble", experiment.fingerprint(), experiment.options(), experiment.seed, backend=identity(backend)
    )


def identity(backend: Backend) -> str:
    """The backend's name with what else its bytes depend on: precision, compiler, the processor's features."""
    try:
        compiler = f"llvmlite {metadata.version('llvmlite')}"
    except metadata.PackageNotFoundError:
        compiler = "no llvmlite"
    configured: Any = np.show_config(mode="dicts")
    features = configured.get("SIMD Extensions", {}).get("found", [])
    precision = getattr(backend, "precision", "float64")
    return f"{backend.name} {precision}; {compiler}; {platform.machine()} {' '.join(features)}"


def labels(outcome: str, experiment: Experiment) -> list[str]:
    """The elements of an outcome in C order: labels on its axes, or indices; one empty text for a single number."""
    shape = experiment.system.variables[outcome].shape
    axes = experiment.axes.get(outcome, ())
    named = (
        [axis.labels for axis in axes] if tuple(map(len, axes)) == shape else [list(map(str, range(n))) for n in shape]
    )
    found = [""]
    for names in named:
        found = [f"{before}, {name}" if before else name for before in found for name in names]
    return found


def parquet(frame: pl.DataFrame) -> bytes:
    """A table as the bytes of a Parquet file, equal for equal tables."""
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd", row_group_size=1 << 18)
    return buffer.getvalue()


def trajectories(experiment: Experiment, unit: int, recorded: Recorded) -> pl.DataFrame | None:
    """The records of the chosen runs of a unit, a row for each run and time; None where none is chosen.

    `sane` is false from the record before which the run had failed.
    """
    chosen = experiment.chosen(unit)
    if not len(chosen):
        return None
    import polars as pl

    rows = np.flatnonzero(np.isin(experiment.runs_of(unit), chosen))
    times = recorded.times
    places = np.repeat(np.array([experiment.place(int(run)) for run in chosen], dtype=np.int64), len(times), axis=0)
    failed = recorded.failed_step[rows][:, None]
    sane = (failed < 0) | (experiment.horizon.recorded_steps[None, :] < failed)
    columns: dict[str, Any] = {
        "run": np.repeat(chosen, len(times)),
        "draw": places[:, 0],
        "policy": pl.Series(values=places[:, 1]).replace_strict(
            dict(enumerate(experiment.policies)), return_dtype=pl.String
        ),
        "scenario": pl.Series(values=places[:, 2]).replace_strict(
            dict(enumerate(experiment.scenarios)), return_dtype=pl.String
        ),
        "time": np.tile(times, len(chosen)),
        "sane": sane.ravel(),
    }
    names = [
        f"{outcome}[{label}]" if label else outcome
        for outcome in experiment.outcomes.names
        for label in labels(outcome, experiment)
    ]
    values = recorded.values[rows].reshape(len(rows) * len(times), -1)
    return pl.DataFrame(columns | {name: values[:, number] for number, name in enumerate(names)})


class Store:
    """The folder of one ensemble; whoever uses it holds the folder's lock."""

    def __init__(self, folder: Path, record: RunRecord) -> None:
        self.folder, self.record = folder, record

    def begin(self) -> dict[str, NDArray[Any]] | None:
        """The state that an interrupted or finished run left, None where the folder is new.

        Raises HF951 where the folder holds another ensemble, HF952 where its files are damaged.
        """
        path = self.folder / RECORD
        if not is_there(path):
            if any(is_there(self.folder / name) for name in (STATE, STATISTICS, TRAJECTORIES)):
                raise HeadframeError.of("HF952", str(path), reason="—")
            write_together(self.folder, {RECORD: self.record.model_dump_json(indent=1) + "\n"})
            return None
        try:
            found = RunRecord.model_validate_json(read_text(path, LARGEST_RECORD))
        except ValidationError as error:
            raise HeadframeError.of("HF952", str(path), reason=error.errors()[0]["msg"]) from error
        if found != self.record:
            raise HeadframeError.of("HF951", str(self.folder), differences=differences(found, self.record))
        return self._state() if is_there(self.folder / STATE) else None

    def _state(self) -> dict[str, NDArray[Any]]:
        path = self.folder / STATE
        check_readable(path)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise HeadframeError.of("HF952", str(path), reason=error) from error

    def save(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Write the state of what is done."""
        buffer = BytesIO()
        np.savez(buffer, **dict(state))  # type: ignore[arg-type]
        write_together(self.folder, {STATE: buffer.getvalue()})

    def part(self, unit: int) -> str:
        """The file of a unit's trajectories."""
        return f"{TRAJECTORIES}/{unit:06d}.parquet"

    def save_part(self, unit: int, content: bytes) -> None:
        """Write the trajectories of a unit."""
        write_together(self.folder, {self.part(unit): content})

    def check_part(self, unit: int) -> None:
        """Raise HF952 where the trajectories of a unit that counts as done are missing."""
        path = self.folder / self.part(unit)
        if not is_there(path):
            raise HeadframeError.of("HF952", str(path), reason="—")

    def finish(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Write the tables, by the names of their files."""
        write_together(self.folder, {name: parquet(frame) for name, frame in tables.items()})


def differences(one: RunRecord, other: RunRecord) -> str:
    """What differs between two run records, in the words of their keys."""
    before, after = (_flat(json.loads(record.model_dump_json(exclude={"id"}))) for record in (one, other))
    found = [
        f"{key}: {before.get(key, '—')} → {after.get(key, '—')}"
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]
    more = len(found) - SHOWN_DIFFERENCES
    return "; ".join(found[:SHOWN_DIFFERENCES] + ([f"… +{more}"] if more > 0 else []))


def _flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in nested.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: str(value)}
    return found
