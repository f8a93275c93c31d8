"""Checking observations: every fault of a table found at once, with row and column, by whole columns.

What comes out is the canonical frame: text columns as entered, typed dates and numbers, and `amount`, `amount_low`,
`amount_high` in the unit of the indicator (law 1). Only rows without an error are in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from headframe.catalog.schema import Indicator
from headframe.core.errors import HeadframeError, Problem, Problems, did_you_mean
from headframe.core.prices import PriceBasis
from headframe.core.units import factor, is_money
from headframe.evidence.schema import CODE_LISTS

LONGEST_TEXT = 2000
CATALOGUE_PAGE = "docs/catalogue"  # where to look when nothing is close
NONE: Mapping[str, object] = {}
NAMED = 20  # faults of one kind that are named one by one for a column; the rest are counted
DIMS = r"^$|^[a-z_]+=[^=;\s][^=;]*(;[a-z_]+=[^=;\s][^=;]*)*$"
_YEAR, _MONTH = r"^[0-9]{4}$", r"^[0-9]{4}-[0-9]{2}$"
FIRST_YEAR, LAST_YEAR = 1000, 2500  # beyond them a year is a slip of the pen
OBS_ID = r"^[^\s<>\"'/\\\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]{1,120}$"
MOST_TEXTS = 1000  # different texts of a column that are looked at one by one


@dataclass(frozen=True)
class Known:
    """What the ids of a table may refer to."""

    places: frozenset[str]
    indicators: Mapping[str, Indicator]
    concepts: frozenset[str]
    sources: frozenset[str]

    @property
    def names(self) -> Mapping[str, str]:
        """Indicator ids by their names in either language, for suggestions."""
        entries = self.indicators.values()
        return {name.casefold(): item.id for item in entries for name in (item.name_en, item.name_zh)}


def named_places(places: frozenset[str]) -> str:
    """The ids of the places of a folder for a message, the first ones where there are many."""
    listed = sorted(places)
    return ", ".join(listed[:5]) + (", …" if len(listed) > 5 else "")


def check_observations(frame: pl.DataFrame, known: Known, file: str, problems: Problems) -> pl.DataFrame:
    """The canonical frame of a text table, with every problem added to `problems` (HF102–HF104, HF314–HF333)."""
    table = frame.with_columns(
        pl.col(name).cast(pl.String).str.strip_chars() for name, dtype in frame.schema.items() if dtype == pl.String
    ).with_columns(pl.lit(value=True).alias("sound"))
    checker = _Checker(table, file, problems)
    _check_identity(checker, known)
    _check_codes(checker)
    _check_texts(checker, known)
    _parse_dates(checker)
    _parse_numbers(checker)
    _convert_units(checker, known)
    _check_price_bases(checker)
    _check_amounts(checker, known)
    return checker.table.filter("sound").drop("sound")


class _Checker:
    """The table under examination. `fault` asks a question of every row; `settle` answers all open ones in one pass."""

    def __init__(self, table: pl.DataFrame, file: str, problems: Problems) -> None:
        self.table, self.file, self.problems = table, file, problems
        self._open: list[_Question] = []

    def fault(
        self, code: str, column: str, wrong: pl.Expr, *, warning: bool = False, values: Mapping[str, object] = NONE
    ) -> None:
        """Report each row where `wrong` is true, the cell's text in the slot `text`."""
        self._open.append(_Question(code, column, wrong.fill_null(value=False), warning, values))

    def fault_values(self, code: str, column: str, wrong: Mapping[str, Mapping[str, object]]) -> None:
        """Report rows by the cell's text, each text with values of its own."""
        for text, values in list(wrong.items())[:NAMED]:
            self.fault(code, column, pl.col(column) == text, values=values)
        rest = list(wrong)[NAMED:]
        if rest:
            self.fault(code, column, pl.col(column).is_in(rest), values={"suggestion": ""})

    def settle(self) -> None:
        """Answer the open questions together; only those that some row fails are looked into."""
        questions, self._open = self._open, []
        if not questions or self.table.is_empty():
            return
        failed = self.table.select(q.wrong.any().alias(str(n)) for n, q in enumerate(questions)).row(0)
        faults = [question for question, some in zip(questions, failed, strict=True) if some]
        for question in faults:
            self._report(question)
        errors = [question.wrong for question in faults if not question.warning]
        if errors:
            self.table = self.table.with_columns(pl.col("sound") & ~pl.any_horizontal(errors))

    def set(self, *columns: pl.Expr) -> None:
        """Settle what is open, then add or replace columns."""
        self.settle()
        self.table = self.table.with_columns(*columns)

    def _report(self, question: _Question) -> None:
        cell = pl.col(question.column).cast(pl.String).alias("text")
        rows = self.table.filter(question.wrong).select("row", cell)
        for row, text in rows.head(NAMED).iter_rows():
            self.problems.add(
                question.code,
                f"{self.file}, row {row}, column {question.column}",
                severity="warning" if question.warning else "error",
                **{**question.values, "text": (text or "")[:80], "column": question.column},
            )
        if rows.height > NAMED:
            self.problems.count_more(question.code, rows.height - NAMED)


@dataclass(frozen=True)
class _Question:
    code: str
    column: str
    wrong: pl.Expr
    warning: bool
    values: Mapping[str, object]


def _empty(column: str) -> pl.Expr:
    return pl.col(column).fill_null("") == ""


def _check_identity(checker: _Checker, known: Known) -> None:
    checker.fault("HF314", "obs_id", _empty("obs_id"))
    checker.fault("HF369", "obs_id", ~_empty("obs_id") & ~pl.col("obs_id").str.contains(OBS_ID))
    checker.fault("HF315", "obs_id", ~_empty("obs_id") & pl.col("obs_id").is_duplicated())
    other = ~pl.col("place_id").fill_null("").is_in(sorted(known.places))
    checker.fault("HF316", "place_id", other, values={"expected": named_places(known.places)})
    for column in ("indicator_id", "source_id"):
        checker.fault("HF348", column, _empty(column))
    for code, column, options in (
        ("HF317", "indicator_id", list(known.indicators)),
        ("HF318", "source_id", sorted(known.sources)),
    ):
        named = known.names if column == "indicator_id" else {}
        found = _different(checker, column)
        unknown = sorted(set(found) - {*options, ""})
        near = {text: {"suggestion": _closest(text, options, named)} for text in unknown[: NAMED * 2]}
        checker.fault_values(code, column, near | {text: {} for text in unknown[NAMED * 2 :]})
    checker.set(pl.col("place_id", "indicator_id", "source_id", "obs_id").fill_null(""))


def _closest(text: str, options: list[str], named: Mapping[str, str]) -> str:
    """The id that a text most likely means: by its name in either language, else by spelling."""
    return named.get(text.casefold()) or did_you_mean(text, options) or CATALOGUE_PAGE


def _check_codes(checker: _Checker) -> None:
    for codes in CODE_LISTS:
        wrong = ~pl.col(codes.column).fill_null("").is_in(list(codes.codes))
        checker.fault("HF319", codes.column, wrong, values={"known": ", ".join(codes.codes)})


def _check_texts(checker: _Checker, known: Known) -> None:
    for name, dtype in checker.table.schema.items():
        if dtype == pl.String:
            checker.fault("HF320", name, pl.col(name).str.len_chars() > LONGEST_TEXT, values={"limit": LONGEST_TEXT})
            checker.fault("HF321", name, pl.col(name).str.contains(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"))
    checker.fault("HF322", "dims", ~pl.col("dims").fill_null("").str.contains(DIMS))
    _sort_dims(checker)
    wrong: dict[str, dict[str, object]] = {}
    for text in _different(checker, "concept"):
        parts = text.split(";")
        unknown = [part for part in parts if part not in known.concepts or parts.count(part) > 1] if text else []
        if unknown:
            near = did_you_mean(unknown[0], sorted(known.concepts)) if len(wrong) < NAMED else ""
            wrong[text] = {"suggestion": near}
    checker.fault_values("HF323", "concept", wrong)


def _sort_dims(checker: _Checker) -> None:
    """Dimensions in the order of their keys, in which they are looked for; a key that occurs twice is a fault."""
    ordered: dict[str, str] = {}
    twice: dict[str, dict[str, object]] = {}
    for text in _different(checker, "dims"):
        pairs = sorted(text.split(";"))
        keys = [pair.split("=", 1)[0] for pair in pairs]
        if text and len(set(keys)) < len(keys) and all("=" in pair for pair in pairs):
            twice[text] = {}
        elif ";".join(pairs) != text:
            ordered[text] = ";".join(pairs)
    checker.fault_values("HF322", "dims", twice)
    if ordered:
        checker.set(pl.col("dims").replace(ordered))


def _different(checker: _Checker, column: str) -> list[str]:
    """The different texts of a column, in order; one that is too long is reported by its length alone."""
    texts = checker.table.get_column(column).fill_null("")
    return texts.filter(texts.str.len_chars() <= LONGEST_TEXT).unique(maintain_order=True).to_list()


def _parse_dates(checker: _Checker) -> None:
    """`2020`, `2020-06`, `2020-06-30` and a spreadsheet's `2020/6/30` are read; a year or month means all of it."""
    texts = [name for name in ("period_start", "period_end") if checker.table.schema[name] != pl.Date]
    checker.set(*(date_of(name, last=name == "period_end").alias(f"{name}_date") for name in texts))
    for name in texts:
        checker.fault("HF324", name, ~_empty(name) & pl.col(f"{name}_date").is_null())
    checker.set(*(pl.col(f"{name}_date").alias(name) for name in texts))
    checker.table = checker.table.drop(f"{name}_date" for name in texts)
    one_day = (pl.col("period_start") == pl.col("period_end")) & (pl.col("freq") == "A")
    checker.fault("HF349", "period_start", one_day)
    future = pl.col("period_start").dt.year() > pl.col("vintage").str.slice(0, 4).cast(pl.Int32, strict=False)
    checker.fault("HF350", "period_start", future & (pl.col("status") != "F"), warning=True)
    for name in ("period_start", "period_end"):
        checker.fault("HF324", name, ~pl.col(name).dt.year().is_between(FIRST_YEAR, LAST_YEAR))
    checker.fault("HF324", "vintage", ~_empty("vintage") & date_of("vintage", last=False).is_null())
    checker.fault("HF325", "period_end", pl.col("period_end") < pl.col("period_start"))
    checker.fault("HF326", "period_start", pl.col("period_start").is_null() & _empty("period_text"))


def date_of(column: str, *, last: bool) -> pl.Expr:
    """The date that a text column means, null where it is none; a year or month means its first or `last` day."""
    text = pl.col(column).str.replace_all("/", "-", literal=True).str.replace(r"^([0-9]{4})年$", "$1")
    month = (text + "-01").str.to_date("%Y-%m-%d", strict=False)
    return (
        pl.when(text.str.contains(_YEAR))
        .then((text + ("-12-31" if last else "-01-01")).str.to_date("%Y-%m-%d", strict=False))
        .when(text.str.contains(_MONTH))
        .then(month.dt.month_end() if last else month)
        .otherwise(text.str.to_date("%Y-%m-%d", strict=False))
    )


def _parse_numbers(checker: _Checker) -> None:
    columns = ("value", "low", "high")
    checker.set(*(pl.col(name).cast(pl.Float64, strict=False).alias(f"{name}_number") for name in columns))
    for name in columns:
        given = pl.col(name).is_not_null() & (pl.col(name).cast(pl.String) != "")
        checker.fault("HF327", name, given & ~pl.col(f"{name}_number").is_finite().fill_null(value=False))
    checker.set(*(pl.col(f"{name}_number").alias(name) for name in columns))
    checker.table = checker.table.drop(f"{name}_number" for name in columns)
    checker.fault("HF328", "low", pl.col("low") > pl.col("high"))
    is_range = pl.col("qualifier") == "range"
    checker.fault("HF329", "low", is_range & (pl.col("low").is_null() | pl.col("high").is_null()))
    numberless = pl.all_horizontal(pl.col("value", "low", "high").is_null())
    checker.fault("HF330", "value", numberless & _empty("value_text"))


def _convert_units(checker: _Checker, known: Known) -> None:
    """Amounts in the units of the indicators. No table has more than a thousand units: beyond, none is looked up."""
    checker.set(pl.col("unit").fill_null(""))
    units = _different(checker, "unit")[:MOST_TEXTS]
    looked_up = checker.table.filter(pl.col("unit").is_in(units))
    factors: list[tuple[str, str, float | None, bool]] = []
    wrong: list[tuple[str, str, Problem]] = []
    for indicator_id, unit in looked_up.select("indicator_id", "unit").unique(maintain_order=True).iter_rows():
        indicator = known.indicators.get(indicator_id)
        if indicator is None:
            continue
        try:
            if not unit:
                raise HeadframeError.of("HF331", "unit", expected=indicator.unit)
            factors.append((indicator_id, unit, factor(unit, indicator.unit), is_money(unit)))
        except HeadframeError as error:
            wrong.append((indicator_id, unit, error.problems[0]))
    for indicator_id, unit, problem in wrong[:NAMED]:
        here = (pl.col("indicator_id") == indicator_id) & (pl.col("unit") == unit)
        checker.fault(problem.code, "unit", here, values=problem.values)
    _fault_other_units(checker, wrong[NAMED:])
    unseen = ~pl.col("unit").is_in(units) & (pl.col("unit").str.len_chars() <= LONGEST_TEXT)
    checker.fault("HF101", "unit", unseen, values={"unit": "…"})
    _set_amounts(checker, factors)


def _fault_other_units(checker: _Checker, wrong: list[tuple[str, str, Problem]]) -> None:
    """Report the pairs of indicator and unit beyond the first ones, one question for each code."""
    pair = pl.col("indicator_id") + "\n" + pl.col("unit")
    for code in sorted({problem.code for _, _, problem in wrong}):
        pairs = [f"{indicator_id}\n{unit}" for indicator_id, unit, problem in wrong if problem.code == code]
        values = next(problem.values for _, _, problem in wrong if problem.code == code)
        checker.fault(code, "unit", pair.is_in(pairs), values={**values, "unit": "…"})


def _set_amounts(checker: _Checker, factors: list[tuple[str, str, float | None, bool]]) -> None:
    schema = {"indicator_id": pl.String, "unit": pl.String, "factor": pl.Float64, "money": pl.Boolean}
    lookup = pl.DataFrame(factors, schema=schema, orient="row")
    checker.settle()
    joined = checker.table.join(lookup, on=["indicator_id", "unit"], how="left", maintain_order="left")
    pairs = (("value", "amount"), ("low", "amount_low"), ("high", "amount_high"))
    checker.table = joined.with_columns((pl.col(column) * pl.col("factor")).alias(name) for column, name in pairs)
    checker.table = checker.table.drop("factor")
    for column, name in pairs:
        lost = (pl.col(name) == 0.0) & (pl.col(column) != 0.0)
        checker.fault("HF367", column, pl.col(name).is_infinite() | lost)


def _check_price_bases(checker: _Checker) -> None:
    missing = pl.col("money").fill_null(value=False) & _empty("price_basis")
    rows = checker.table.filter(missing).select("value", "unit").head(1)
    if rows.height:
        checker.fault(
            "HF103", "price_basis", missing, values={"value": rows.item(0, "value"), "unit": rows.item(0, "unit")}
        )
    unreadable: dict[str, dict[str, object]] = {}
    for text in _different(checker, "price_basis"):
        try:
            _ = PriceBasis.parse(text) if text else None
        except HeadframeError:
            unreadable[text] = {}
    checker.fault_values("HF104", "price_basis", unreadable)
    checker.settle()
    checker.table = checker.table.drop("money")


def _check_amounts(checker: _Checker, known: Known) -> None:
    """Values outside the indicator's plausible range are warned of, not refused: sources do contain them."""
    ranges = [(i.id, *i.range) for i in known.indicators.values()]
    schema = {"indicator_id": pl.String, "least": pl.Float64, "most": pl.Float64}
    lookup = pl.DataFrame(ranges, schema=schema, orient="row")
    table = checker.table.join(lookup, on="indicator_id", how="left", maintain_order="left")
    checker.table = table
    outside = (pl.col("amount") < pl.col("least")) | (pl.col("amount") > pl.col("most"))
    checker.fault("HF333", "value", outside, warning=True)
    checker.settle()
    one_year = pl.col("period_start").dt.year() == pl.col("period_end").dt.year()
    checker.table = checker.table.drop("least", "most").with_columns(
        pl.when(one_year.fill_null(value=False)).then(pl.col("period_start").dt.year()).alias("year")
    )
