"""What the verbs that read and change folders return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from headframe.core.errors import Problem, Problems
from headframe.core.results import Figure, Message, Ref, Result

if TYPE_CHECKING:
    import polars as pl


class Frozen(BaseModel):
    """A frozen part of a result; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(Frozen):
    """A problem in both languages, as a program reads it."""

    code: str
    severity: str
    where: str
    why_en: str
    why_zh: str
    fix_en: str
    fix_zh: str

    @classmethod
    def of(cls, problem: Problem) -> Fault:
        """The fault that a problem is."""
        texts = {f"{part}_{lang}": getattr(problem, part)(lang) for part in ("why", "fix") for lang in ("en", "zh")}
        return cls(code=problem.code, severity=problem.severity, where=problem.where, **texts)


class Checked(Frozen):
    """What `check` found: how much evidence there is, every problem, and how often each code occurred."""

    place: str
    folder: str
    places: int
    observations: int
    indicators: int
    years: tuple[int, ...]
    sources: int
    events: int
    findings: int
    faults: tuple[Fault, ...]
    counts: dict[str, int]

    @property
    def sound(self) -> bool:
        """Whether there is no error (warnings are allowed)."""
        return not any(fault.severity == "error" for fault in self.faults)


class Changed(Frozen):
    """What a writing verb did: the folder, the kind of change, the import id where there is one, the files."""

    folder: str
    change: str
    import_id: str = ""
    rows: int = 0
    files: tuple[str, ...] = ()


class Point(Frozen):
    """One period of a series: the chosen figure, those beside it, and the rule that chose."""

    figure: Figure
    others: tuple[Figure, ...] = ()
    rule: Message


class SeriesResult(Result):
    """One indicator of a place over time."""

    indicator: Ref
    dims: str = ""
    points: tuple[Point, ...] = ()

    def table(self) -> pl.DataFrame:
        """One row per figure: the chosen ones and those beside them."""
        import polars as pl

        names = ("period", "value", "low", "high", "unit", "price_basis", "concept", "status", "method")
        rows = [
            {
                "chosen": number == 0,
                **{name: getattr(figure, name) for name in names},
                "refs": ";".join(figure.observations),
            }
            for point in self.points
            for number, figure in enumerate((point.figure, *point.others))
        ]
        numbers = dict.fromkeys(("value", "low", "high"), pl.Float64)
        schema = {"chosen": pl.Boolean, **dict.fromkeys(names, pl.String), **numbers, "refs": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def explain(self) -> tuple[Message, ...]:
        """Why each figure was chosen, and how it was derived."""
        return tuple(message for point in self.points for message in (point.rule, *point.figure.steps))


def faults_of(problems: Problems) -> tuple[Fault, ...]:
    """The faults of collected problems, in the order found."""
    return tuple(Fault.of(problem) for problem in problems)
