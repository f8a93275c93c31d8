"""What a benchmark reports: rows, and the result that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from headframe.core.provenance import RunRecord
from headframe.core.results import Message

if TYPE_CHECKING:
    import polars as pl


class Row(BaseModel):
    """One case: the subject's least time, a peer's for the same answer, and how many times longer the peer takes.

    `seconds` and `peer_seconds` are the least of several repeats, in `unit` (seconds, or seconds per something that was
    done many times); None where nothing ran. `ratio` is peer_seconds / seconds. `peak_mib` is the largest resident
    memory of the process in MiB, None where the system does not tell.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str
    subject: str
    seconds: float | None
    peer: str = ""
    peer_seconds: float | None = None
    ratio: float | None = None
    unit: str = "s"
    note: tuple[Message, ...] = ()
    peak_mib: float | None = None
    peer_peak_mib: float | None = None


class BenchResult(BaseModel):
    """All rows of one benchmark, with the record that makes the run repeatable.

    `machine` (processors, system, Python) stands outside the record, because times belong to a machine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    rows: tuple[Row, ...]
    record: RunRecord
    machine: dict[str, str]

    def table(self) -> pl.DataFrame:
        """The rows as a table, the notes as their text ids."""
        import polars as pl

        lines = [{**row.model_dump(exclude={"note"}), "note": " ".join(m.id for m in row.note)} for row in self.rows]
        numbers = dict.fromkeys(("seconds", "peer_seconds", "ratio", "peak_mib", "peer_peak_mib"), pl.Float64)
        return pl.DataFrame(lines, schema_overrides=numbers)
