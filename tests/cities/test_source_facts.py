"""Every listed fact of the source documents is in the evidence, with its value, and stands where the locator says."""

from __future__ import annotations

import hashlib
import re
from fractions import Fraction

import pytest

from headframe.catalog.load import catalog
from headframe.core.units import convert
from tests.cities.city_rows import (
    FILES_OF_TEXTS,
    Row,
    events,
    folder_beside_data,
    listed_facts,
    observations,
    place_in_text,
    source_facts,
)

COUNT = 263
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Printed as a fall or loss without a sign; kept as a negative change, so that the sense of > turns into <.
PRINTED_AS_FALL = {56, 57, 65, 183, 184}
# The text prints no year here; the list reckons one (start of the reforms, end of two years, end of the inflation).
DATED_BY_THE_LIST_ALONE = {76, 89, 94}
TURNED = {">": "<", "<": ">", "=": "=", "~": "~"}
UNITS = {
    "ratio": "1",
    "rank": "1",
    "fold": "1",
    "times": "1",
    "% of GDP": "%",
    "%/year": "%",
    "persons": "person",
    "persons/year": "person/year",
    "households": "household",
    "cities": "count",
    "pairs": "count",
    "per year": "count",
    "yuan": "CNY",
    "million yuan": "million CNY",
    "billion yuan": "billion CNY",
    "billion yuan (text)": "billion CNY",
    "trillion yuan": "trillion CNY",
    "USD/year": "USD",
    "acres (text)": "acre",
    "million acres (text)": "million acre",
    "million": "million person",
    "million kW": "1e6 kW",
    "hours/year": "h",
    "days": "day",
    "years": "year",
}
WORDS = {"three": "3"}


def by_id(rows: tuple[Row, ...], key: str) -> dict[str, Row]:
    return {row[key]: row for row in rows}


def references(kind: str) -> list[Row]:
    return [row for row in source_facts() if row["kind"] == kind]


def test_all_facts_are_mapped_once_in_order() -> None:
    assert [row["fact_no"] for row in source_facts()] == [str(number) for number in range(1, COUNT + 1)]


def test_every_reference_exists() -> None:
    known = {
        "observation": {(row["place_id"], row["obs_id"]) for row in observations()},
        "event": {(row["place_id"], row["event_id"]) for row in events()},
    }
    thresholds = catalog().thresholds
    for row in source_facts():
        if row["kind"] == "not-included":
            assert row["reason_en"], row
            assert row["reason_zh"], row
        elif row["kind"] == "threshold":
            assert row["ref_id"] in thresholds, row
        else:
            assert (row["place_id"], row["ref_id"]) in known[row["kind"]], row


def test_no_two_facts_share_an_observation() -> None:
    used = [row["ref_id"] for row in references("observation")]
    assert len(used) == len(set(used))


def test_few_facts_are_left_out() -> None:
    assert len(references("not-included")) <= 5


def test_as_many_facts_as_listed() -> None:
    assert len(listed_facts()) == COUNT


def parse(text: str) -> tuple[str, list[float]]:
    """Qualifier and numbers of a listed value such as `>1/3`, `7-9` or `~35`."""
    match = re.match(r"^(>=|<=|[<>~])?\s*(.*)$", text)
    assert match
    qualifier, body = match[1] or "=", match[2]
    if fraction := re.fullmatch(r"(\d+)/(\d+)", body):
        return qualifier, [float(Fraction(int(fraction[1]), int(fraction[2])))]
    if span := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:-|to)\s*(\d+(?:\.\d+)?)", body):
        return "range", [float(span[1]), float(span[2])]
    return qualifier, [float(body)] if NUMBER.fullmatch(body) else []


def in_listed_unit(value: str, row: Row, listed_unit: str) -> float:
    unit = UNITS.get(listed_unit, listed_unit)
    own = row["unit"] if "/" in unit else row["unit"].split("/")[0]
    return convert(float(value), own, unit)


def agrees(row: Row, fact: Row, number: int) -> bool:
    qualifier, numbers = parse(fact["value"])
    sign = -1.0 if number in PRINTED_AS_FALL else 1.0
    expected = TURNED.get(qualifier, qualifier) if sign < 0 else qualifier
    # The list drops some hedges of the texts ("about", "up to", "at least"); ours may be finer, never coarser.
    if expected not in {row["qualifier"], "="}:
        return False
    values = [row["low"], row["high"]] if row["qualifier"] == "range" else [row["value"]]
    found = [in_listed_unit(value, row, fact["unit"]) * sign for value in values]
    # A fraction is kept with six digits and listed as a fraction or as a rounded percentage.
    slack = 0.5 if fact["unit"] == "%" else 5e-7
    tolerance = slack if "/" in row["value_text"] else 1e-9
    return len(found) == len(numbers) and all(
        abs(one - other) <= tolerance * max(1.0, abs(other) if tolerance == 1e-9 else 1.0)
        for one, other in zip(found, numbers, strict=True)
    )


def test_observations_carry_the_listed_values() -> None:
    rows, wrong = by_id(observations(), "obs_id"), []
    for reference in references("observation"):
        number = int(reference["fact_no"])
        row, fact = rows[reference["ref_id"]], listed_facts()[number - 1]
        if row["qualifier"] == "text":
            printed = f"{row['value_text']} {row['raw_text']}"
            if fact["value"] not in printed:
                wrong.append((number, fact["value"], printed))
        elif not agrees(row, fact, number):
            wrong.append((number, fact["value"], fact["unit"], row["qualifier"], row["value"], row["unit"]))
    assert not wrong


def test_a_wrong_value_is_noticed() -> None:
    rows = by_id(observations(), "obs_id")
    reference = next(row for row in references("observation") if row["fact_no"] == "17")
    fact, row = listed_facts()[16], rows[reference["ref_id"]]
    assert agrees(row, fact, 17)
    assert not agrees({**row, "value": "5.1"}, fact, 17)
    assert not agrees({**row, "unit": "million CNY"}, fact, 17)
    assert not agrees({**row, "qualifier": ">"}, {**fact, "value": "~5"}, 17)


def test_observations_carry_the_listed_years() -> None:
    rows, wrong = by_id(observations(), "obs_id"), []
    for reference in references("observation"):
        row, fact = rows[reference["ref_id"]], listed_facts()[int(reference["fact_no"]) - 1]
        stated = f"{row['period_start']} {row['period_end']} {row['period_text']} {row['note']}"
        missing = [year for year in re.findall(r"\b(?:19|20)\d\d", fact["year"]) if year not in stated]
        if missing and int(reference["fact_no"]) not in DATED_BY_THE_LIST_ALONE:
            wrong.append((reference["fact_no"], fact["year"], stated))
    assert not wrong


def test_events_carry_the_listed_dates_and_numbers() -> None:
    rows, wrong = by_id(events(), "event_id"), []
    for reference in references("event"):
        row, fact = rows[reference["ref_id"]], listed_facts()[int(reference["fact_no"]) - 1]
        told = " ".join(row[key] for key in ("date_start", "date_end", "date_text", "title_en", "note_en")).lower()
        for word, digit in WORDS.items():
            told = told.replace(word, f"{word} {digit}")
        if not all(token in told for token in re.findall(r"\d+(?:-\d\d)*", fact["value"])):
            wrong.append((reference["fact_no"], fact["value"], told))
    assert not wrong


def test_the_texts_are_those_that_were_read() -> None:
    folder = folder_beside_data("sources")
    for source_id, name in FILES_OF_TEXTS.items():
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert catalog().sources[source_id].sha256 == digest, source_id


@pytest.mark.parametrize("source_id", FILES_OF_TEXTS)
def test_figures_stand_where_the_locator_says(source_id: str) -> None:
    rows = [row for row in observations() if row["source_id"] == source_id and row["raw_text"]]
    assert rows
    for row in rows:
        exact = re.compile(rf"(?<![\d.]){re.escape(row['raw_text'])}(?!\d)")
        assert exact.search(place_in_text(source_id, row["locator"])), row["obs_id"]


def test_locators_of_derived_rows_and_events_exist() -> None:
    for row in (*observations(), *events()):
        assert place_in_text(row["source_id"], row["locator"])


def test_listed_quotes_agree_with_the_locators() -> None:
    """The paragraph named is the one from which the list quotes, unless the same figure stands in two places."""
    rows = {**by_id(observations(), "obs_id"), **by_id(events(), "event_id")}
    wrong = []
    for reference in source_facts():
        if reference["kind"] not in {"observation", "event"}:
            continue
        row, fact = rows[reference["ref_id"]], listed_facts()[int(reference["fact_no"]) - 1]
        paragraph = place_in_text(row["source_id"], re.sub(r" s\d+$", "", row["locator"]))
        quote = re.sub(r"\s+", " ", fact["quote"])
        if quote not in re.sub(r"\s+", " ", paragraph):
            wrong.append((reference["fact_no"], quote, row["locator"]))
    assert not wrong
