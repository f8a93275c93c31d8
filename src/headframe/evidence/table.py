"""Reading tables of evidence: CSV and Parquet into text columns with row numbers, every fault with its place."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from headframe.core.errors import HeadframeError, Problems, did_you_mean, shown
from headframe.core.files import check_readable

LARGEST_FILE = 4 << 30  # bytes; a file beyond this is refused before it is opened
MOST_ROWS = 20_000_000
MOST_COLUMNS = 500  # a first row with more is no table of ours
LONGEST_HEADER = 1 << 20  # bytes
BLOCK = 1 << 24  # bytes
NAMED_COLUMNS = 20
NUMBERS, DATES = ("value", "low", "high"), ("period_start", "period_end")
# A damaged file may also end in a panic of the reader, which is no ordinary exception.
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)


def read_text_table(path: Path, columns: tuple[str, ...], optional: Iterable[str] = ()) -> pl.DataFrame:
    """A CSV or Parquet file as text columns in schema order, with `row` as a reader of the file would count it.

    Row 1 is the header; rows without any content, which spreadsheets leave at the end, are passed over. Parquet columns
    of numbers and dates keep their type. Raises HF114, HF115, HF120 and HF310–HF313, HF332, HF361, HF362 with every
    problem of the header at once.
    """
    size = check_readable(path, most=1 << 62)
    if size > LARGEST_FILE:
        raise HeadframeError.of("HF332", str(path), size=size, limit=LARGEST_FILE)
    frame = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    problems = Problems()
    _check_header(problems, path, frame.columns, columns, frozenset(optional))
    problems.raise_if_any()
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in frame.columns]
    numbered = frame.with_columns(absent).select(columns).with_row_index("row", offset=2)
    texts = [name for name in columns if numbered.schema[name] == pl.String]
    others = [name for name in columns if name not in texts]
    blank = [pl.col(name).fill_null("").str.strip_chars() == "" for name in texts]
    return numbered.filter(~pl.all_horizontal(*blank, *(pl.col(name).is_null() for name in others)))


def _read_csv(path: Path) -> pl.DataFrame:
    _check_first_row(path, _check_bytes(path))
    try:
        # A header of its own kind is read first: polars renames repeated columns silently.
        head = pl.read_csv(path, has_header=False, n_rows=1, infer_schema=False, truncate_ragged_lines=True)
    except UNREADABLE as error:
        raise HeadframeError.of("HF313", str(path), reason=_first_line(error)) from error
    names = [("" if cell is None else cell).strip().lstrip("\ufeff") for cell in head.row(0)] if head.height else []
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or not names:
        raise HeadframeError.of("HF312", f"{path}, row 1", columns=", ".join(name or "—" for name in repeated))
    try:
        frame = pl.read_csv(path, has_header=False, infer_schema=False)
    except UNREADABLE as error:
        raise HeadframeError.of("HF313", f"{path}{_ragged_row(path)}", reason=_first_line(error)) from error
    return frame.slice(1).rename(dict(zip(frame.columns, names, strict=True)))


def _ragged_row(path: Path) -> str:
    """Where the first row with more cells than the header is, as `, row N`; empty where that is not the fault."""
    import csv

    csv.field_size_limit(BLOCK)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines)
            width = len(next(rows))
            return next((f", row {number}" for number, row in enumerate(rows, start=2) if len(row) > width), "")
    except (OSError, ValueError, StopIteration, csv.Error):
        return ""


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        lazy = pl.scan_parquet(path, glob=False)
        rows = lazy.select(pl.len()).collect().item()
        if rows > MOST_ROWS:
            raise HeadframeError.of("HF362", str(path), rows=rows, limit=MOST_ROWS)
        schema = lazy.collect_schema()
        if len(schema) > MOST_COLUMNS:
            raise HeadframeError.of("HF361", str(path), separator="—")
        typed = {(name, True, False) for name in NUMBERS} | {(name, False, True) for name in DATES}
        kept = [
            pl.col(name) if (name, dtype.is_float(), dtype == pl.Date) in typed else pl.col(name).cast(pl.String)
            for name, dtype in schema.items()
            if not dtype.is_nested()
        ]
        return lazy.select(kept).collect()
    except UNREADABLE as error:
        raise HeadframeError.of("HF313", str(path), reason=_first_line(error)) from error


def _check_bytes(path: Path) -> bytes:
    """UTF-8 throughout, no NUL bytes, something in it; read in blocks. Returns the first row, or its beginning."""
    decoder, position, empty, first = codecs.getincrementaldecoder("utf-8")(), 0, True, b""
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                pending = len(decoder.getstate()[0])
                if b"\0" in block:
                    raise HeadframeError.of("HF115", str(path), position=position + block.index(b"\0"))
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    raise HeadframeError.of("HF115", str(path), position=position - pending + error.start) from error
                if position == 0:
                    first = block.lstrip(codecs.BOM_UTF8 + b"\r\n").split(b"\n", 1)[0][: LONGEST_HEADER + 1]
                empty = empty and not block.strip()
                position += len(block)
    except OSError as error:
        raise HeadframeError.of("HF114", str(path), reason=error.strerror or str(error)) from error
    if decoder.getstate()[0]:
        raise HeadframeError.of("HF115", str(path), position=position - len(decoder.getstate()[0]))
    if empty:
        raise HeadframeError.of("HF313", str(path), reason="0")
    return first


def _check_first_row(path: Path, row: bytes) -> None:
    """Refuse a first row that no reader should be asked to take apart, and name another separator where it has one."""
    commas = row.count(b",")
    others = {name: row.count(sign) for name, sign in (("CR", b"\r"), (";", b";"), ("TAB", b"\t"))}
    others["CR"] -= row.endswith(b"\r")
    found = max(others, key=lambda name: others[name])
    if len(row) > LONGEST_HEADER or commas >= MOST_COLUMNS or others["CR"] > 0 or others[found] > commas:
        raise HeadframeError.of("HF361", f"{path}, row 1", separator=found if others[found] else "—")


def _check_header(
    problems: Problems, path: Path, found: list[str], columns: tuple[str, ...], optional: frozenset[str]
) -> None:
    for name in columns:
        if name not in found and name not in optional:
            problems.add("HF310", f"{path}, row 1", column=name)
    for name in [name for name in found if name not in columns][:NAMED_COLUMNS]:
        near = did_you_mean(name.lower(), list(columns))
        problems.add("HF311", f"{path}, row 1", column=name[:80] or "—", suggestion=near or ", ".join(columns[:8]))


def _first_line(error: BaseException) -> str:
    return shown((str(error).strip().splitlines() or [type(error).__name__])[0], 200)
