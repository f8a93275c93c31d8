"""What a model is given, as tables: parameters, paths, tables of points, structures, feedbacks, conserved totals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from headframe.engine.declare import (
    Conserved,
    Constant,
    Declaration,
    Event,
    Exogenous,
    Feedback,
    Lever,
    Parameter,
    Structure,
    Table,
)
from headframe.engine.equations.equation import equations
from headframe.engine.equations.printer import digits
from headframe.engine.equations.render import Cell, Code, Formulas, Listing, markdown
from headframe.engine.making.wiring import of_kind
from headframe.engine.operations import Array

if TYPE_CHECKING:
    from headframe.engine.model import Model

FEW = 12  # numbers that are written out
Column = tuple[str, Callable[[Any], Cell]]
BROAD = frozenset({"Description", "Source", "Points", "Links", "Options"})


def shown_value(array: Array | None, declared: Declaration) -> str:
    """Numbers in a cell: one where all are equal, by label along a short axis, else their least and greatest."""
    if array is None:
        return ""
    spread = np.broadcast_to(array, declared.shape)
    if spread.size == 0:
        return ""
    first = float(spread.flat[0])
    if (spread == first).all():
        return digits(first)
    if spread.ndim == 1 and spread.size <= FEW:
        labels = declared.axes[0].labels
        return ", ".join(f"{label}: {digits(float(value))}" for label, value in zip(labels, spread, strict=True))
    return f"{digits(float(spread.min()))} … {digits(float(spread.max()))} ({' × '.join(map(str, spread.shape))})"


def _points(table: Table) -> str:
    return ", ".join(f"{digits(x)} → {digits(y)}" for x, y in zip(table.xs, table.ys, strict=True))


def _names(names: tuple[str, ...]) -> Cell:
    return Code(", ".join(names)) if names else ""


def _links(feedback: Feedback) -> Cell:
    return Code(", ".join(f"{source} → {target}" for source, target in feedback.links))


_NAME: Column = ("Name", lambda declared: Code(declared.name))
_ABOUT: tuple[Column, ...] = (
    ("Block", lambda declared: declared.block),
    ("Description", lambda declared: declared.description),
    ("Source", lambda declared: declared.source),
)
_UNIT: tuple[Column, ...] = (
    ("Unit", lambda declared: declared.unit),
    ("Axes", lambda declared: " × ".join(axis.name for axis in declared.axes)),
)
_RANGE: tuple[Column, ...] = (
    ("Default", lambda value: shown_value(value.default, value)),
    ("Low", lambda value: shown_value(value.low, value)),
    ("High", lambda value: shown_value(value.high, value)),
)


def _distribution(value: Parameter) -> str:
    return value.distribution if value.low is not None and value.high is not None else ""


TABLES: Mapping[str, tuple[type[Declaration], tuple[Column, ...]]] = {
    "Parameters": (Parameter, (*_RANGE, *_UNIT, ("Distribution", _distribution))),
    "Constants": (Constant, (("Value", lambda value: shown_value(value.default, value)), *_UNIT)),
    "Levers": (Lever, (*_RANGE, *_UNIT)),
    "Exogenous paths": (Exogenous, (*_RANGE, *_UNIT)),
    "Events": (Event, _UNIT),
    "Structures": (
        Structure,
        (
            ("Options", lambda structure: ", ".join(structure.options)),
            ("Default", lambda structure: structure.options[structure.default]),
        ),
    ),
    "Tables": (Table, (("Points", _points), ("x unit", lambda table: table.x_unit), _UNIT[0])),
    "Feedbacks": (Feedback, (("Links", _links),)),
    "Conserved totals": (
        Conserved,
        tuple(
            (heading, lambda total, part=part: _names(getattr(total, part)))  # type: ignore[misc]
            for heading, part in (("Stocks", "stocks"), ("Gains", "gains"), ("Losses", "losses"))
        ),
    ),
}


def given(model: Model) -> tuple[Listing, ...]:
    """A table for each kind of thing that the model is given, where it has any."""
    found = []
    for title, (kind, own) in TABLES.items():
        declared = of_kind(model.declarations, kind)
        columns = (_NAME, *own, *_ABOUT)
        rows = tuple(tuple(show(one) for _, show in columns) for one in declared.values())
        if rows:
            found.append(Listing(title, tuple(heading for heading, _ in columns), rows, BROAD))
    return tuple(found)


def equation_tables(model: Model, formulas: Formulas = "math", *, symbols: Mapping[str, str] | None = None) -> str:
    """Every table of a model as one Markdown text for GitHub."""
    return markdown(documentation(model, symbols=symbols), formulas)


def documentation(model: Model, *, symbols: Mapping[str, str] | None = None) -> tuple[Listing, ...]:
    """Every table of a model: its equations, then what it is given.

    `markdown` and `latex` of `equations_render` print them. `symbols` gives LaTeX for names with a customary symbol.
    """
    return (*equations(model, symbols=symbols).listings(), *given(model))
