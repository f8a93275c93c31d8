"""Figures of coded tables, read column by column: numbers, marks of missing ones, flags, statuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from headframe.core.errors import Problems
from headframe.evidence.importing.layouts.unit_codes import codes
from headframe.evidence.reading.missing import Mark, Meaning, mark_of, meaning_of
from headframe.evidence.schema import STATUSES

NUMBER = r"^[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?$"
MOST_FORMS = 20_000  # different texts that are no numbers, and different flags, that are looked at
LONGEST_FLAGS = 24  # characters
_PARTS = re.compile(r"[A-Z]|[a-z]")


class Flags(NamedTuple):
    """Which list of flags applies, and the column that says by any text that a figure is withheld."""

    list: str
    suppressed: str = ""


def values_of(rows: pl.DataFrame, flags: Flags, where: str, problems: Problems) -> pl.DataFrame:
    """The rows with `value`, `status`, `mark`, `meaning`, `flags`, `doubts`.

    A figure under a code of suppression is missing whatever number stands there. Warns with HF464 of what is neither
    a number nor a mark.
    """
    text = pl.col("raw").str.strip_chars()
    number = pl.when(text.str.contains(NUMBER)).then(text).otherwise(None).cast(pl.Float64, strict=False)
    rows = rows.with_columns(pl.when(number.is_finite()).then(number).otherwise(None).alias("value"))
    rows = rows.join(_flag_table(rows["flags"], flags.list), on="flags", how="left", maintain_order="left")
    rows = rows.join(_mark_table(rows), on="raw", how="left", maintain_order="left")
    if flags.suppressed:
        withheld = pl.col(flags.suppressed) != ""
        rows = rows.with_columns(
            pl.when(withheld).then(None).otherwise(pl.col("value")).alias("value"),
            pl.when(withheld).then(pl.lit(str(Mark.WORDS))).otherwise(pl.col("mark")).alias("mark"),
            pl.when(withheld).then(pl.lit(str(Meaning.SUPPRESSED))).otherwise(pl.col("said")).alias("said"),
            pl.when(withheld).then(pl.lit("Q")).otherwise(pl.col("status")).alias("status"),
            pl.when(withheld).then(pl.col(flags.suppressed)).otherwise(pl.col("listed")).alias("listed"),
        )
    missing = pl.col("value").is_null()
    said, usual = pl.col("said").fill_null(""), pl.col("usual").fill_null(str(Meaning.OPEN))
    status = pl.col("status").fill_null("")
    unread = missing & pl.col("mark").is_null()
    rows = rows.with_columns(
        pl.when(missing).then(pl.when(said != "").then(said).otherwise(usual)).otherwise(pl.lit("")).alias("meaning"),
        pl.when(missing).then(pl.col("mark").fill_null("")).otherwise(pl.lit("")).alias("mark"),
        pl.when(missing & (said == str(Meaning.SUPPRESSED)) & (status == ""))
        .then(pl.lit("Q"))
        .otherwise(status)
        .alias("status"),
        pl.col("listed").fill_null("").alias("flags"),
        pl.when(unread).then(pl.lit("text")).otherwise(pl.lit("")).alias("doubts"),
    )
    strange = rows.filter(pl.col("doubts") == "text")
    if strange.height:
        at, shown = f"{where}, {strange['locator'][0]}", strange["raw"][0][:80]
        problems.add("HF464", at, severity="warning", count=strange.height, text=shown)
    return rows.drop("said", "usual", "listed")


def _flag_table(column: pl.Series, listed: str) -> pl.DataFrame:
    """For each text of flags its status, what it says of a missing figure, and the flags joined."""
    found = column.unique().sort().head(MOST_FORMS).to_list()
    rows = [(text, *flags_said(text, listed)) for text in found]
    schema = {"flags": pl.String, "status": pl.String, "said": pl.String, "listed": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def flags_said(text: str, listed: str) -> tuple[str, str, str]:
    """Status, meaning of a missing figure, and the flags joined, of a text such as `bp`, `p;e` or `A`.

    Of several flags the one that is least preferred gives the status, so that no doubt is lost. A flag behind `/` or
    `+` is a code of confidentiality.
    """
    plain = text.strip()[:LONGEST_FLAGS]
    open_flags, _, secret = plain.partition("/")
    known: Mapping[str, Mapping[str, str]] = codes()["flags"][listed]
    parts = [_known(part, known) for part in _PARTS.findall(open_flags)]
    entries = [known[part] for part in parts if part in known]
    statuses = [entry["status"] for entry in entries]
    status = max(statuses, key=STATUSES.codes.index) if statuses else ""
    meaning = next((entry["missing"] for entry in entries if "missing" in entry), "")
    if secret.strip().upper() in codes()["confidential"]:
        meaning = str(Meaning.SUPPRESSED)
    joined = ";".join(dict.fromkeys([*parts, *([secret.strip()] if secret.strip() else [])]))
    return status, meaning, joined


def _known(part: str, known: Mapping[str, Mapping[str, str]]) -> str:
    return part if part in known else part.swapcase() if part.swapcase() in known else part


def _mark_table(rows: pl.DataFrame) -> pl.DataFrame:
    """For each text that is no number its mark and what that means where nothing else says so."""
    found = rows.filter(pl.col("value").is_null())["raw"].unique().sort().head(MOST_FORMS).to_list()
    read = []
    for text in found:
        mark = mark_of(text)
        meaning = meaning_of(mark, text, {}) if mark is not None else None
        read.append((text, str(mark) if mark is not None else None, str(meaning) if meaning is not None else None))
    schema = {"raw": pl.String, "mark": pl.String, "usual": pl.String}
    return pl.DataFrame(read, schema=schema, orient="row")
