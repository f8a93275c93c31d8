"""What a section of the page is, and what every section needs: its state, and the sentences of the other states."""

from __future__ import annotations

from typing import Literal, Protocol

from headframe.show.blocks import Notice, Said, SectionContent, text
from headframe.show.results_bundle import Kind, Report

State = Literal["ready", "empty", "failed", "stale"]


class Section(Protocol):
    """A part of the page with a place in the reading order.

    `requires` are the kinds of result without which it is empty. `build` chooses text ids,
    never sentences, so one content serves both languages; it is called whenever something is there to show.
    """

    @property
    def id(self) -> str:
        """The section's name in anchors and text ids."""

    @property
    def order(self) -> int:
        """Its place in the reading order."""

    @property
    def requires(self) -> tuple[Kind, ...]:
        """The kinds of result that it draws on."""

    def state(self, report: Report, /) -> State:
        """Whether there is something to show, and whether it is up to date."""

    def build(self, report: Report, /) -> SectionContent:
        """The section's content, in reading order."""


def state_of(requires: tuple[Kind, ...], report: Report) -> State:
    """The common rule: failed before empty, empty before stale.

    A section is empty only when nothing that it requires is there; with some of it there it shows that much.
    """
    if any(kind in report.failures for kind in requires):
        return "failed"
    if requires and not any(report.has(kind) for kind in requires):
        return "empty"
    if any(kind in report.stale for kind in requires):
        return "stale"
    return "ready"


def content_of(section: Section, report: Report) -> SectionContent:
    """The section's content in whatever state it is: what is there, preceded or replaced by a notice."""
    state = section.state(report)
    if state == "ready":
        return section.build(report)
    if state == "stale":
        return SectionContent((stale(section, report), *section.build(report).blocks))
    if state == "failed":
        kept = section.build(report).blocks if any(report.has(kind) for kind in section.requires) else ()
        return SectionContent((failed(section, report), *kept))
    return SectionContent((empty(section, report),))


def empty(section: Section, report: Report) -> Notice:
    """Nothing there yet: what the section will show, what it needs, and the command that would supply it."""
    verbs = tuple(f"headframe {kind} {report.place.id}" for kind in section.requires if kind in VERBS)
    sentences = (text(f"page.section.{section.id}.empty"),)
    return Notice("empty", sentences, verbs)


def stale(section: Section, report: Report) -> Notice:
    """The evidence is newer than the run: what is shown no longer follows from it."""
    verbs = tuple(f"headframe {kind} {report.place.id}" for kind in section.requires if kind in report.stale)
    return Notice("stale", (text("page.state.stale"),), verbs)


def failed(section: Section, report: Report) -> Notice:
    """A verb stopped: every problem with its code, where, why and fix."""
    problems = tuple(
        (
            problem.code,
            problem.where,
            Said(problem.why("en"), problem.why("zh")),
            Said(problem.fix("en"), problem.fix("zh")),
        )
        for kind in section.requires
        if kind in report.failures
        for problem in report.failures[kind].problems
    )
    return Notice("failed", (text("page.state.failed"),), (), problems)


VERBS: tuple[Kind, ...] = ("audit", "measure", "diagnose")  # verbs that this version has
