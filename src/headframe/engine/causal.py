"""The causal-loop graph of a model: what influences what, in which direction, how strongly.

Links are what equations read. Their signs are found by evaluation: at points of a reference run, and of runs with other
parameters, the source is raised by a thousandth, all else held, and the target is looked at. Elements of arrays are
raised together and their response is added up, so that a sign is that of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from headframe.core.seeds import DEFAULT_SEED, generator
from headframe.engine.declare import Constant, Equation, Lag, Parameter, Path, Stock, Structure, Yearly
from headframe.engine.graph import evaluate, reachable
from headframe.engine.inputs import ranged
from headframe.engine.reference import Reference
from headframe.engine.runs import Floats, Horizon, Outcomes
from headframe.engine.wiring import TIME

if TYPE_CHECKING:
    import polars as pl

    from headframe.engine.model import Model

Sign = Literal["+", "-", "mixed", "0"]
SMALL = 1e-3  # relative change of a source
NO_EFFECT = 1e-9  # relative to what a proportional response would be
