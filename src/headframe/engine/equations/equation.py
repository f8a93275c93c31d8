"""Every equation of a model, written as mathematics in terms of the names that it reads.

The equations come from the functions themselves, traced one by one, so that the documents of a model cannot differ
from what is computed. Rates of stocks have their exits taken off; exits are shown in closed form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headframe.core.errors import Problems, did_you_mean
from headframe.engine.declare import Declaration, Equation, Stock, Structure, Yearly
from headframe.engine.equations.latex import LatexPrinter
from headframe.engine.equations.names import Naming
from headframe.engine.equations.printer import WORDS, Printer, Style, shown
from headframe.engine.equations.python import python_source
from headframe.engine.equations.render import Cell, Code, Formula, Formulas, Listing
from headframe.engine.equations.scalar import Axes, Definition, written
from headframe.engine.equations.trace import exit_in_closed_form, exit_of, net_rate, trace
from headframe.engine.equations.tree import Index
from headframe.engine.making.expand import initial_equation
from headframe.engine.making.wiring import of_kind

if TYPE_CHECKING:
    import polars as pl

    from headframe.engine.model import Model

Phase = Literal["step", "initial", "yearly"]
TITLES: Mapping[Phase, str] = {"step": "Equations", "initial": "Initial values", "yearly": "Yearly updates"}
BROAD = frozenset({"Equation", "Description", "Source"})


@dataclass(frozen=True)
class WrittenEquation:
    """One equation: of a variable in the step (for a stock, its net rate per year), at the start, or at a year's end.

    `text` and `latex` are lines, the parts that the equation names first and the equation last. `python` is a function
    of `reads` that computes the right side element by element, from the same tree.
    """

    name: str
    symbol: str
    kind: str
    unit: str
    axes: tuple[str, ...]
    block: str
    description: str
    source: str
    generated: bool
    phase: Phase
    reads: tuple[str, ...]
    text: tuple[str, ...]
    latex: tuple[str, ...]
    python: str

    def cells(self) -> dict[str, Cell]:
        """What a table shows."""
        return {
            "Name": Code(self.name),
            "Symbol": Formula((self.name,), (self.symbol,)),
            "Kind": self.kind,
            "Unit": self.unit,
            "Axes": " × ".join(self.axes),
            "Block": self.block,
            "Equation": Formula(self.text, self.latex),
            "Description": self.description,
            "Source": self.source,
        }


@dataclass(frozen=True)
class Equations:
    """The equations of a model, in the order of its declarations, phase by phase."""

    model: str
    equations: tuple[WrittenEquation, ...]
    with_symbols: bool = False  # whether symbols of their own were given, so that tables have a column for them

    def __iter__(self) -> Iterator[WrittenEquation]:
        return iter(self.equations)

    def of(self, name: str, phase: Phase = "step") -> WrittenEquation:
        """One equation. Raises KeyError where there is none."""
        for equation in self.equations:
            if (equation.name, equation.phase) == (name, phase):
                return equation
        raise KeyError(name)

    def listings(self) -> tuple[Listing, ...]:
        """One table for each phase that has equations."""
        found = []
        for phase, title in TITLES.items():
            cells = [equation.cells() for equation in self.equations if equation.phase == phase]
            if cells:
                columns = tuple(name for name in cells[0] if name != "Symbol" or self.with_symbols)
                rows = tuple(tuple(row[name] for name in columns) for row in cells)
                found.append(Listing(title, columns, rows, BROAD))
        return tuple(found)

    def table(self) -> pl.DataFrame:
        """A row for each equation."""
        import polars as pl

        return pl.concat([listing.table() for listing in self.listings()]).with_columns(
            pl.Series("Phase", [equation.phase for phase in TITLES for equation in self if equation.phase == phase])
        )

    def markdown(self, formulas: Formulas = "math") -> str:
        """Tables for GitHub."""
        return "\n".join(listing.markdown(formulas) for listing in self.listings())


def equations(
    model: Model,
    names: Iterable[str] | None = None,
    *,
    symbols: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
) -> Equations:
    r"""The equations of these variables (default: of all, those that the engine adds included).

    `symbols` gives LaTeX for names that have a customary symbol, such as `{"birth_rate": r"\beta"}`; `words` the words
    for `if` and `otherwise` in another language. Raises HF966 for a name that has no equation.
    """
    declared = of_kind(model.declarations, Equation)
    chosen = list(declared) if names is None else list(names)
    problems = Problems()
    for name in chosen:
        if name not in declared:
            near = did_you_mean(name, list(declared)) or ", ".join(list(declared)[:8])
            problems.add("HF966", name, name=name, suggestion=near)
    problems.raise_if_any()
    options = {name: structure.options for name, structure in of_kind(model.declarations, Structure).items()}
    writer = Writer(model.declarations, Style(symbols or {}, options, {**WORDS, **(words or {})}))
    found = [writer.step(declared[name]) for name in chosen if not isinstance(declared[name], Yearly)]
    found += [writer.initial(stock) for name in chosen if isinstance(stock := declared[name], Stock)]
    found += [writer.yearly(yearly) for name in chosen if isinstance(yearly := declared[name], Yearly)]
    return Equations(model.name, tuple(found), with_symbols=bool(symbols))


class Writer:
    """Writes the equations of one model in one style."""

    def __init__(self, declarations: Mapping[str, Declaration], style: Style) -> None:
        self.declarations, self.style = declarations, style
        self.axes: dict[str, Axes] = {name: declared.axes for name, declared in declarations.items()}
        self.latex: Callable[[Naming], Printer] = lambda names: LatexPrinter(names, style)
        self.text: Callable[[Naming], Printer] = lambda names: Printer(names, style)

    def step(self, equation: Equation) -> WrittenEquation:
        """A variable in the step."""
        if isinstance(equation, Stock):
            return self.one(equation, net_rate(equation), "step", ("d {}/dt = {}", r"\frac{{d\,{}}}{{dt}} = {}"))
        return self.one(equation, equation, "step", ("{} = {}", "{} = {}"))

    def initial(self, stock: Stock) -> WrittenEquation:
        """A stock at the start."""
        start = "{}(start) = {}", r"{}(t_{{0}}) = {}"
        return self.one(stock, initial_equation(stock), "initial", start)

    def yearly(self, yearly: Yearly) -> WrittenEquation:
        """A stock when a year has ended."""
        return self.one(yearly, yearly, "yearly", ("{} ← {}", r"{} \leftarrow {}"))

    def one(self, declared: Equation, equation: Equation, phase: Phase, form: tuple[str, str]) -> WrittenEquation:
        """An equation with all that is known of its variable; `form` joins its sides in text and in LaTeX."""
        leaving = exit_of(self.declarations, equation.name) if phase == "step" else None
        traced = trace(self.declarations, equation, exit_in_closed_form(*leaving) if leaving else None)
        indices = [Index(len(axis), axis) for axis in declared.axes]
        name = equation.stock if isinstance(equation, Yearly) else equation.name
        definitions = written(traced, indices, self.axes, name)
        symbols = self.latex({})
        return WrittenEquation(
            name=declared.name,
            symbol=symbols.name(name),
            kind=declared.kind,
            unit=declared.unit,
            axes=tuple(axis.name for axis in declared.axes),
            block=declared.block,
            description=declared.description,
            source=declared.source,
            generated=declared.generated,
            phase=phase,
            reads=tuple(dict.fromkeys(equation.reads)),
            text=_lines(definitions, self.text, form[0]),
            latex=_lines(definitions, self.latex, form[1]),
            python=python_source(definitions, equation.reads),
        )


def _lines(definitions: Sequence[Definition], made: Callable[[Naming], Printer], form: str) -> tuple[str, ...]:
    """The parts that an equation names, and the equation."""
    parts = [" = ".join(shown(definition, made, part=True)) for definition in definitions[:-1]]
    return (*parts, form.format(*shown(definitions[-1], made)))
