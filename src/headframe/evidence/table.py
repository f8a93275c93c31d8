"""Reading tables of evidence: CSV and Parquet into text columns with row numbers, every fault with its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from headframe.core.errors import HeadframeError, Problems, did_you_mean

LARGEST_FILE = 4 << 30  # bytes; a file beyond this is refused before it is opened
# A damaged file may also end in a panic of the reader, which is no ordinary exception.
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)


def read_text_table(path: Path, columns: tuple[str, ...], optional: Iterable[str] = ()) -> pl.DataFrame:
    """A CSV or Parquet file as text columns in schema order, with `row` as a reader of the file would count it.

    Row 1 is the header. Parquet columns of numbers and dates keep their type. Raises HF114, HF115 and HF310–HF313,
    HF332 with every problem of the header at once.
    """
    frame = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    problems = Problems()
    _check_header(problems, path, frame.columns, columns, frozenset(optional))
    problems.raise_if_any()
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in frame.columns]
    return frame.with_columns(absent).select(columns).with_row_index("row", offset=2)


def _read_csv(path: Path) -> pl.DataFrame:
    _check_bytes(path)
    try:
        # A header of its own kind is read first: polars renames repeated columns silently.
        head = pl.read_csv(path, has_header=False, n_rows=1, infer_schema=False, truncate_ragged_lines=True)
    except UNREADABLE as error:
        raise HeadframeError.of("HF313", str(path), reason=_first_line(error)) from error
    names = [("" if cell is None else cell).strip().lstrip("\ufeff") for cell in head.row(0)] if head.height else []
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or not names:
        raise HeadframeError.of("HF312", f"{path}, row 1", columns=", ".join(repeated))
    try:
        frame = pl.read_csv(path, has_header=False, infer_schema=False)
    except UNREADABLE as error:
        raise HeadframeError.of("HF313", str(path), reason=_first_line(error)) from error
    return frame.slice(1).rename(dict(zip(frame.columns, names, strict=True)))


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
    except UNREADABLE as error:
        raise HeadframeError.of("HF313", str(path), reason=_first_line(error)) from error
    kept = [
        pl.col(name) if dtype.is_float() or dtype == pl.Date else pl.col(name).cast(pl.String)
        for name, dtype in frame.schema.items()
        if not dtype.is_nested()
    ]
    return frame.select(kept)


def _check_bytes(path: Path) -> None:
    """UTF-8 throughout, no NUL bytes, not absurdly large, not empty."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise HeadframeError.of("HF114", str(path), reason="not a file")
        if size > LARGEST_FILE:
            raise HeadframeError.of("HF332", str(path), size=size, limit=LARGEST_FILE)
        data = path.read_bytes()
    except OSError as error:
        raise HeadframeError.of("HF114", str(path), reason=error.strerror or str(error)) from error
    if not data.strip():
        raise HeadframeError.of("HF313", str(path), reason="the file is empty")
    if b"\0" in data:
        raise HeadframeError.of("HF115", str(path), position=data.index(b"\0"))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HeadframeError.of("HF115", str(path), position=error.start) from error


def _check_header(
    problems: Problems, path: Path, found: list[str], columns: tuple[str, ...], optional: frozenset[str]
) -> None:
    for name in columns:
        if name not in found and name not in optional:
            problems.add("HF310", f"{path}, row 1", column=name)
    for name in found:
        if name not in columns:
            near = did_you_mean(name, list(columns))
            problems.add("HF311", f"{path}, row 1", column=name[:80], suggestion=near or ", ".join(columns[:8]))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
