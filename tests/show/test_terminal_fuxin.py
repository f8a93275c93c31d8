"""The terminal summary of a real place: what is in it, and what happens where evidence or names are bad."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headframe.core.results import Figure
from headframe.core.words import Words
from headframe.show.linked import ReportWords
from headframe.show.results_bundle import Report
from headframe.show.terminal import MIDDLE, NOT_KNOWN, REST, SPAN, bar, columns, summary
from tests.show.fake import Recipe
from tests.show.fake import report as fake_report
from tests.show.fake_evidence import place
from tests.show.real import fuxin, fuxin_words

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "<script>x</script>",
    "\x1b[2Jgone\x00\x07",
    "a\nb\tc\r\nd",
    "שלום \u202e",
    "长" * 40_000,
)


def told(report: Report, words: Words, width: int = 88) -> str:
    return " ".join(" ".join(summary(report, words, width)).split())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_summary_tells_what_the_results_hold(lang: str) -> None:
    report, words = fuxin(), fuxin_words()[lang]
    assert report.measured is not None
    assert report.diagnosed is not None
    said = ReportWords(words, report)
    text = "".join(told(report, words, 100).split())

    def has(shown: str) -> bool:
        return "".join(shown.split()) in text

    newest = report.measured.meter.scored[-1]
    assert has(said.figure(newest.score))
    assert has(said.figure(newest.rank))
    assert has(f"{round(100 * newest.coverage)}%")
    assert has(bar(newest.score, 20))
    assert has(said.say(f"lifecycle.official-{report.measured.lifecycle.official.lifecycle}"))
    for item in report.measured.lifecycle.classes:
        assert has(said.say(item.name) + said.figure(item.probability))
    assert report.measured.exhaustion.probability.value is None
    assert has(said.say(report.measured.exhaustion.reasons[0]))
    for challenge in report.diagnosed.challenges:
        row = next(line for line in summary(report, words, 100) if line.startswith(said.say(challenge.name)))
        for part in (
            said.say(f"page.severity.{challenge.severity_class}"),
            said.figure(challenge.severity),
            said.say(f"terminal.grip.{challenge.confidence.grip}"),
        ):
            assert part in row
    worst = max(report.diagnosed.challenges, key=lambda item: item.severity.value or 0.0)
    assert all(has(said.say(piece.message)) for piece in worst.strongest)
    assert has(str(len(report.audit)))
    assert has(said.say(report.diagnosed.unknown.collect[0].message))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 60, 63, 64, 72, 88, 100, 160])
def test_lines_fit_any_terminal(lang: str, width: int) -> None:
    lines = summary(fuxin(), fuxin_words()[lang], width)
    assert max(map(columns, lines)) <= width
    assert not any(line != line.rstrip() for line in lines)
    assert not any(line.rstrip().endswith(("（", "“")) for line in lines), "an opening sign goes with what follows"


def test_rows_of_challenges_stand_in_columns_in_both_languages() -> None:
    """Each challenge has one row, known or not, and the signs of all six stand under each other."""
    diagnosed = fuxin().diagnosed
    assert diagnosed is not None
    for words in fuxin_words().values():
        names = [words.say(challenge.name) for challenge in diagnosed.challenges]
        lines = summary(fuxin(), words, 100)
        rows = [
            line for name in names for line in lines if line.startswith(name) and (REST in line or NOT_KNOWN in line)
        ]
        assert len(rows) == len(names) == 6
        starts = {columns(row[: min(row.index(sign) for sign in "△▲?○？" if sign in row)]) for row in rows}
        assert len(starts) == 1


def test_bars_read_without_colour() -> None:
    assert bar(Figure(value=50, low=20, high=79), 10) == REST * 2 + SPAN * 3 + MIDDLE + SPAN * 2 + REST * 2
    assert bar(Figure(value=0, low=0, high=0), 4) == MIDDLE + REST * 3
    assert bar(Figure(value=100, low=100, high=100), 4) == REST * 3 + MIDDLE
    assert bar(Figure(), 4) == NOT_KNOWN * 4
    assert bar(Figure(low=50), 4) == REST * 2 + SPAN * 2
    assert bar(Figure(high=40), 4) == SPAN * 2 + REST * 2


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_not_known_is_said_and_not_zero(lang: str) -> None:
    report, words = fuxin(), fuxin_words()[lang]
    assert report.measured is not None
    assert report.diagnosed is not None
    lifecycle = report.measured.lifecycle.model_copy(update={"classes": (), "reasons": ()})
    exhaustion = report.measured.exhaustion.model_copy(update={"reasons": ()})
    years = tuple(year.model_copy(update={"score": Figure(status="M")}) for year in report.measured.meter.years)
    meter = report.measured.meter.model_copy(update={"years": years})
    measured = report.measured.model_copy(update={"lifecycle": lifecycle, "exhaustion": exhaustion, "meter": meter})
    unjudged = tuple(
        item.model_copy(update={"severity": Figure(status="M"), "severity_class": "not-known", "strongest": ()})
        for item in report.diagnosed.challenges
    )
    diagnosed = report.diagnosed.model_copy(update={"challenges": unjudged})
    lines = summary(replace(report, measured=measured, diagnosed=diagnosed), words, 88)
    unknown = words.say("figure.not-known")
    for label in ("lifecycle", "exhaustion"):
        row = next(line for line in lines if line.startswith(words.say(f"terminal.{label}")))
        assert row.removeprefix(words.say(f"terminal.{label}")).strip() == unknown
    rows = [line for line in lines if f"? {unknown}" in line]
    assert len(rows) == 6
    assert all(NOT_KNOWN * 8 in row and MIDDLE not in row and "0" not in row for row in rows)
    assert "{" not in "".join(lines)


def test_places_outside_the_official_lists_claim_nothing() -> None:
    report, words = fuxin(), fuxin_words()["en"]
    assert report.measured is not None
    for known, lifecycle, batch, wanted in (
        (False, "", "", "does not deal with places like this one"),
        (True, "", "", "does not list the place among the resource-based cities. The place is on none"),
        (True, "mature", "", "mature. The place is on none of the official lists"),
    ):
        official = report.measured.lifecycle.official.model_copy(
            update={"known": known, "lifecycle": lifecycle, "exhausted_batch": batch}
        )
        lifecycle_of = report.measured.lifecycle.model_copy(update={"official": official})
        changed = replace(report, measured=report.measured.model_copy(update={"lifecycle": lifecycle_of}))
        assert wanted in told(changed, words, 100)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_stay_one_line_of_text(name: str) -> None:
    made = fake_report(Recipe(here=place(name_en=name, name_zh=name), title=name))
    for lang, words in fuxin_words().items():
        for width in (40, 88):
            lines = summary(made, words, width)
            assert max(map(columns, lines)) <= width, lang
            assert len(lines) < 200
            assert not {"\x1b", "\x00", "\x07", "\u202e", "\t", "\r"} & set("".join(lines))
