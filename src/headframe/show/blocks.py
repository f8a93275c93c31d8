"""What a section is made of: paragraphs, numbers, tables, lists and charts, all as text ids with values.

Blocks hold no sentences and no markup; the page, the terminal and later faces each draw them in their own way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from headframe.core.results import Figure, Message, Ref
from headframe.measure.results import Need
from headframe.show.charts.chart import Chart
from headframe.show.ledger import Ledger

Slot = str | int | float | bool | Ref | Figure | Message | tuple["Slot", ...]
Tone = Literal["plain", "strong", "weak", "good", "concern", "severe", "unknown"]


def text(identifier: str, /, **values: Slot) -> Message:
    """A message: a text id and the values of its slots (messages nest)."""
    slots: dict[str, Any] = dict(values)
    return Message.model_construct(id=identifier, values=slots)


@dataclass(frozen=True)
class Badge:
    """A short word with a sign before it, so that nothing rests on colour alone."""

    word: Message
    tone: Tone


@dataclass(frozen=True)
class Code:
    """Something to be typed or an identifier: shown as written."""

    text: str


@dataclass(frozen=True)
class Said:
    """Text that is data in both languages (notes, titles): shown in the reader's language as written."""

    en: str
    zh: str

    def text(self, language: str) -> str:
        """The text in `language`, or in the other one where it was written in one language only."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True)
class Plain:
    """A figure or a name without a link, for the place where its own entry stands."""

    item: Figure | Ref


@dataclass(frozen=True)
class Bare:
    """A figure as a link, without its unit, beside another figure of the same unit."""

    figure: Figure


Cell = Message | Figure | Ref | Badge | Code | Said | Plain | Bare | str | tuple["Cell", ...] | None


@dataclass(frozen=True)
class Paragraph:
    """One or several sentences. `lead` is the answer of a section, `note` small print."""

    sentences: tuple[Message, ...]
    role: Literal["lead", "body", "note", "warning"] = "body"


@dataclass(frozen=True)
class Answer:
    """A question of the first page and the sentences that answer it."""

    question: Message
    sentences: tuple[Message, ...]


@dataclass(frozen=True)
class Heading:
    """A heading inside a section; `level` 3 or 4, `anchor` its id without the language prefix."""

    title: Cell
    level: Literal[3, 4] = 3
    anchor: str = ""
    badge: Badge | None = None


@dataclass(frozen=True)
class Number:
    """A number to be read at a glance: name, figure, what it was before, and what it is held against."""

    name: Cell
    figure: Figure
    since: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Numbers:
    """Numbers side by side."""

    items: tuple[Number, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading; whether it holds numbers (flush right), needs room, is small, never wraps."""

    title: Message
    numeric: bool = False
    wide: bool = False
    small: bool = False
    short: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table; `anchor` makes it a place that links lead to, `withdrawn` strikes it through.

    `marks` name the filters of the table under which the row is shown.
    """

    cells: tuple[Cell, ...]
    anchor: str = ""
    withdrawn: bool = False
    marks: tuple[str, ...] = ()


# What a table can be filtered by; the style sheet has a rule for each.
FILTERS = ("high", "medium", "low", "open")


@dataclass(frozen=True)
class Table:
    """A table with a caption. The first cell of each row heads it. `on_screen` tables are left out of print.

    `filters` are names of `FILTERS` with their labels; a row is shown under a filter that is among its marks. They work
    without scripts, and print leaves nothing out.
    """

    id: str
    caption: Message
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    on_screen: bool = False
    filters: tuple[tuple[str, Message], ...] = ()


@dataclass(frozen=True)
class Listing:
    """A list of items, each one cell."""

    items: tuple[Cell, ...]
    ordered: bool = False
    caption: Message | None = None


@dataclass(frozen=True)
class Charts:
    """Charts side by side where there is room."""

    items: tuple[Chart, ...]


@dataclass(frozen=True)
class Missing:
    """What is not known: the evidence that is needed, why, and the command that would take it in."""

    needs: tuple[Need, ...]
    caption: Message


@dataclass(frozen=True)
class Fold:
    """Blocks that open on demand under a summary."""

    summary: Message
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Notice:
    """A state of a section: nothing there, out of date, or failed (with code, where, why and fix)."""

    kind: Literal["empty", "stale", "failed"]
    sentences: tuple[Message, ...]
    commands: tuple[str, ...] = ()
    problems: tuple[tuple[str, str, Said, Said], ...] = ()


@dataclass(frozen=True)
class DerivedList:
    """The entries of every computed figure that the page links to; filled when the rest has been drawn."""


@dataclass(frozen=True)
class Late:
    """Blocks that depend on what the rest of the page refers to; built when the rest has been drawn."""

    build: Callable[[Ledger], tuple[Block, ...]]


Block = (
    Paragraph | Answer | Heading | Numbers | Table | Listing | Charts | Missing | Fold | Notice | DerivedList | Late
)  # a union, so that a face that forgets one kind is found by the type checker


@dataclass(frozen=True)
class SectionContent:
    """What a section shows, in reading order."""

    blocks: tuple[Block, ...]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Every chart in it, folded ones too."""
        return tuple(_charts(self.blocks))

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table in it, folded ones too."""
        return tuple(_tables(self.blocks))


def _charts(blocks: tuple[Block, ...]) -> list[Chart]:
    found: list[Chart] = []
    for block in blocks:
        if isinstance(block, Charts):
            found += block.items
        elif isinstance(block, Fold):
            found += _charts(block.blocks)
    return found


def _tables(blocks: tuple[Block, ...]) -> list[Table]:
    found: list[Table] = []
    for block in blocks:
        if isinstance(block, Table):
            found.append(block)
        elif isinstance(block, Fold):
            found += _tables(block.blocks)
    return found
