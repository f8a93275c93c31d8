"""XMILE export: a model for one run as a file that Stella, Vensim and other system dynamics tools read.

Arrays become single variables named after their axis labels. Equations keep the names, units and descriptions of the
model; what they share is put into auxiliaries. Parameters have the run's values, paths and events become graphical
functions of the time. Cuts are off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headframe.core.errors import HeadframeError
from headframe.engine.declare import Stock, Yearly
from headframe.engine.making.wiring import of_kind
from headframe.engine.runs import Horizon, Outcomes, Runs
from headframe.engine.xmile.document import NAMESPACE, document
from headframe.engine.xmile.drafts import Drafts
from headframe.engine.xmile.names import Names, variable_names
from headframe.engine.xmile.stocks import Flows
from headframe.engine.xmile.text import Entry, reachable, written

if TYPE_CHECKING:
    from headframe.engine.model import Model

__all__ = ["NAMESPACE", "names", "write"]
CAPTION = (
    "One run of a model, written by Headframe. Arrays are unrolled; no feedback is cut; "
    "paths and events are those of this run on its own steps."
)


def write(model: Model, horizon: Horizon, runs: Runs | None = None, outcomes: Outcomes | None = None) -> str:
    """The text of an XMILE 1.0 file of one run (default: every default of the model).

    With `outcomes` only the stocks, these variables and what they need are written. Raises HF945 where the horizon
    asks for Runge–Kutta and the model has yearly updates or competing hazards, HF946 unless there is exactly one run
    whose numbers are all finite.
    """
    given = model.runs(horizon) if runs is None else runs
    system = model.system
    if horizon.integrator != "euler" and (system.has_yearly or system.euler_only):
        raise HeadframeError.of("HF945", system.name, integrator=horizon.integrator)
    numbers = (given.parameters, given.paths[given.path_set], given.events.amounts)
    if len(given) != 1 or not all(np.isfinite(values).all() for values in numbers):
        raise HeadframeError.of("HF946", system.name, runs=len(given))
    drafts = Drafts(model, horizon, given)
    drafted = _drafted(model, drafts)
    wanted = None if outcomes is None else {str(one) for name in outcomes.names for one in drafts.variables[name].flat}
    kept = list(drafted.values()) if wanted is None else _needed(drafted, wanted)
    entries = written(drafts.scalars, kept, drafts.names, drafts.tables())
    title = {"name": system.name, "caption": CAPTION, "version": _version()}
    return document(title, horizon, entries, _blocks(model, entries))


def names(model: Model) -> dict[str, NDArray[np.object_]]:
    """What the elements of each variable are called in the file: name → identifiers over its axes."""
    return variable_names(Names(), model.declarations)


def _version() -> str:
    from importlib import metadata

    return metadata.version("headframe")


def _drafted(model: Model, drafts: Drafts) -> dict[str, Entry]:
    """Every entry of the file: after what is given and computed, the stocks, then their yearly updates."""
    flows = Flows(drafts)
    stocks = of_kind(model.declarations, Stock)
    equations = {stock.name: stock for stock in drafts.system.stocks}
    for name, declared in stocks.items():
        flows.stock(declared, equations[name], drafts.starts[name])
    for yearly in of_kind(model.declarations, Yearly).values():
        renewed = equations[yearly.stock].yearly
        assert renewed is not None
        flows.yearly(yearly, stocks[yearly.stock], renewed)
    return drafts.finished()


def _needed(drafted: Mapping[str, Entry], wanted: Collection[str]) -> list[Entry]:
    """The stocks, the entries that are wanted, and all that they read."""
    waiting = [entry.name for entry in drafted.values() if entry.kind == "stock" or entry.name in wanted]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        entry = drafted.get(name)
        if entry is not None and name not in found:
            found.add(name)
            read = [scalar.payload for scalar in reachable([entry.root]) if scalar.operation == "name"]
            waiting += [*entry.inflows, *entry.outflows, *read]
    return [entry for name, entry in drafted.items() if name in found]


def _blocks(model: Model, entries: Iterable[Entry]) -> Mapping[str, list[str]]:
    """The variables of each block of the model, where it has more than one."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        declared = model.declarations.get(entry.variable)
        if declared is not None and declared.block:
            found.setdefault(declared.block, []).append(entry.name)
    return found if len(found) > 1 else {}
