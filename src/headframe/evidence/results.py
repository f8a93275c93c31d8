"""What the verbs that read and change folders return."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from headframe.core.errors import Problem, Problems


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


def faults_of(problems: Problems) -> tuple[Fault, ...]:
    """The faults of collected problems, in the order found."""
    return tuple(Fault.of(problem) for problem in problems)
