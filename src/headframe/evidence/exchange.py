"""Edited export workbooks come back: changed cells as corrections, rows without an id as new observations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from headframe.core.errors import HeadframeError, Problems, did_you_mean
from headframe.evidence.change import CORRECTABLE, Correction
from headframe.evidence.folder import City
from headframe.evidence.schema import OBSERVATION_COLUMNS
from headframe.evidence.survey import Cell, letters, survey

HEADER_WITHIN = 6  # the row of column ids is looked for in the first rows of each sheet
NUMBERS = ("value", "low", "high")
# What an observation is about; another thing is a new observation, not a correction.
SUBJECT = ("indicator_id", "dims", "period_start", "period_end", "source_id")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
YEAR = 4  # characters
ABOUT = ("~", "\u7ea6", "\u2248")  # signs of "about" before a number
THOUSANDS = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")


@dataclass(frozen=True)
class Returned:
    """What an edited workbook brings back."""

    corrections: tuple[Correction, ...]
    additions: tuple[dict[str, str], ...]


def returned_from(path: Path, city: City) -> Returned:
    """What an edited workbook holds against the city's observations as they are now.

    Compared are the columns `value`, `low`, `high`, `value_text`, `unit`, `price_basis`, `qualifier`, `concept`,
    `status` and `note` of the rows with a known `obs_id`; rows with any content but no `obs_id` are new observations.
    Each carries its `row` in the sheet. Raises HF336, HF341–HF343, HF365, HF366, HF368 and HF371.
    """
    edited = _observation_sheet(path)
    current = {str(row["obs_id"]): row for row in city.observations.iter_rows(named=True)}
    problems, found, additions = Problems(), dict[str, Correction](), list[dict[str, str]]()
    seen: set[str] = set()
    columns = [name for name in CORRECTABLE if name in edited.columns]
    for row in edited.iter_rows(named=True):
        obs_id = str(row["obs_id"] or "").strip()
        if not obs_id:
            if any(str(row.get(name) or "").strip() for name in OBSERVATION_COLUMNS):
                additions.append(_addition(row, city))
            continue
        if obs_id not in current:
            near = did_you_mean(obs_id, list(current)) or "—"
            problems.add("HF336", f"{path.name}, row {row['row']}", text=obs_id[:80], suggestion=near)
            continue
        changes = _changes(row, current[obs_id], columns, path, problems)
        if obs_id in found or (changes and obs_id in seen):
            problems.add("HF371", f"{path.name}, row {row['row']}, column obs_id", text=obs_id[:80])
        seen.add(obs_id)
        if changes:
            found[obs_id] = Correction(obs_id, changes, int(row["row"]))
    problems.raise_if_any()
    if not found and not additions:
        raise HeadframeError.of("HF343", path.name)
    return Returned(tuple(found.values()), tuple(additions))


def _addition(row: dict[str, object], city: City) -> dict[str, str]:
    """A new observation: what was typed, and what goes without saying (this place, reported, an exact value)."""
    typed = {name: str(row.get(name) or "").strip().removeprefix("'") for name in OBSERVATION_COLUMNS}
    for name in NUMBERS:
        typed[name], doubt = _plain_number(typed[name])
        if doubt and not typed["qualifier"]:
            typed["qualifier"] = doubt
    start = typed["period_start"].removesuffix("\u5e74")[:10]
    end = typed["period_end"][:10] or (start if len(start) in {4, 7} else "")
    unsaid = {"place_id": city.place.id, "qualifier": "=", "status": "A", "method": "reported"}
    unsaid["freq"] = "A" if len(start) == YEAR else "P" if start else "N"
    filled = {name: text or unsaid.get(name, "") for name, text in typed.items()}
    return {**filled, "period_start": start, "period_end": end, "row": str(row["row"])}


def _changes(
    row: dict[str, object], old: dict[str, object], columns: Sequence[str], path: Path, problems: Problems
) -> dict[str, str]:
    changes: dict[str, str] = {}
    for column in SUBJECT:
        there, known = str(row.get(column) or "").strip().removesuffix(" 00:00:00"), str(old[column] or "")
        is_date_part = column.startswith("period_") and known.startswith(there.replace("/", "-"))  # 2020 for 2020-01-01
        if there and not is_date_part and known not in {there, there.removeprefix("'")}:
            where = f"{path.name}, row {row['row']}, column {column}"
            problems.add("HF368", where, text=there[:80], column=column, before=known[:80] or "—")
    for column in columns:
        new = str(row[column] or "").strip()
        before = old[column]
        if column in NUMBERS:
            number = _number(new)
            if new and number is None:
                where = f"{path.name}, row {row['row']}, column {column}"
                problems.add("HF342", where, text=new[:80], column=column)
            elif number != before:
                changes[column] = new
        elif str(before or "") not in {new, new.removeprefix("'")}:
            changes[column] = new.removeprefix("'")
    return changes


def _plain_number(text: str) -> tuple[str, str]:
    """A number as yearbooks print it, without thousands marks and full-width digits, and the doubt before it."""
    plain = unicodedata.normalize("NFKC", text).strip()
    doubt = "~" if plain[:1] in ABOUT else ""
    plain = plain.removeprefix(plain[:1]).strip() if doubt else plain
    return (plain.replace(",", ""), doubt) if THOUSANDS.match(plain) else (plain, doubt)


def _number(text: str) -> float | None:
    number = float(text) if _NUMBER.fullmatch(text) else float("inf")
    return number if abs(number) < float("inf") else None


def _observation_sheet(path: Path) -> pl.DataFrame:
    """The first sheet with a row of column ids among which are `obs_id` and `value`, as text with row numbers."""
    import fastexcel

    valueless = survey(path)
    with _reading(path):
        book = fastexcel.read_excel(path)
        for sheet in book.sheet_names[:50]:
            rows = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
            for number, cells in enumerate(rows.head(HEADER_WITHIN).iter_rows(), start=1):
                names = [str(cell or "").strip() for cell in cells]
                if {"obs_id", "value"} <= set(names) and len({n for n in names if n}) == len([n for n in names if n]):
                    _refuse_valueless(path, sheet, names, valueless.get(sheet, frozenset()))
                    numbers = book.load_sheet(sheet, header_row=None, dtypes="float").to_polars()
                    named = pl.DataFrame(
                        _exact(rows[column], numbers[column]).alias(name)
                        if name in NUMBERS
                        else rows[column].alias(name)
                        for column, name in zip(rows.columns, names, strict=True)
                        if name
                    )
                    return named.with_row_index("row", offset=1).slice(number)
    raise HeadframeError.of("HF341", str(path), reason="obs_id, value")


def _refuse_valueless(path: Path, sheet: str, names: Sequence[str], cells: frozenset[Cell]) -> None:
    """An error such as #N/A, or a formula that was never worked out, reads as an empty cell: it is none (HF366)."""
    problems = Problems()
    for row, column in sorted(cells):
        if column <= len(names) and names[column - 1] in OBSERVATION_COLUMNS:
            where = f"{path.name}, row {row}, column {names[column - 1]}"
            problems.add("HF366", where, cell=f"{letters(column)}{row}", sheet=sheet)
    problems.raise_if_any()


def _exact(texts: pl.Series, numbers: pl.Series) -> pl.Series:
    """The cells of a column of numbers as text in full: read as text they would be rounded to nine decimals."""
    shown = [
        text if number is None or _number(text or "") is None else repr(number).removesuffix(".0")
        for text, number in zip(texts, numbers, strict=True)
    ]
    return pl.Series(texts.name, shown, dtype=pl.String)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Whatever a damaged workbook makes its reader raise, as HF341."""
    import fastexcel

    try:
        yield
    except HeadframeError:
        raise
    except (fastexcel.FastExcelError, OSError, ValueError, pl.exceptions.PolarsError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
        raise HeadframeError.of("HF341", str(path), reason=reason) from error
    except BaseException as error:  # the reader's panic is no ordinary exception
        if type(error).__name__ != "PanicException":
            raise
        raise HeadframeError.of("HF341", str(path), reason=type(error).__name__) from error
