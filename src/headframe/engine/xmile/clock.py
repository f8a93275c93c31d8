"""The time in an XMILE file: as the tool counts it where that is exact, else counted in whole steps."""

from __future__ import annotations

from headframe.engine.runs import Horizon
from headframe.engine.xmile.scalars import Scalar, Scalars

AFTER = "after_step"


def exact_clock(horizon: Horizon) -> bool:
    """Whether adding up steps, as other tools do, gives the times of the horizon without rounding."""
    grid = horizon.steps_per_year * horizon.points_per_step
    whole = grid & (grid - 1) == 0 and float(horizon.start * grid).is_integer()
    return whole and abs(horizon.start) + horizon.years < 2**52 / grid


def counted_time(pool: Scalars, horizon: Horizon, *, after: bool) -> Scalar:
    """The calendar time from the number of points passed, as `Horizon.points` has it; `after` is one step later."""
    grid = horizon.steps_per_year * horizon.points_per_step
    passed = pool.apply("divide", _counted(pool, horizon, grid, later=after), pool.literal(grid))
    return pool.sum([pool.literal(horizon.start), passed])


def year_end(pool: Scalars, horizon: Horizon) -> Scalar:
    """1 in the step that ends a year, else 0."""
    per_year = horizon.steps_per_year
    steps = _counted(pool, horizon, per_year, later=True)
    years = pool.make("int", (pool.apply("divide", steps, pool.literal(per_year)),))
    left = pool.apply("subtract", steps, pool.multiply(pool.literal(per_year), years))
    return pool.number(pool.compare("less", left, pool.literal(0.5)))


def _counted(pool: Scalars, horizon: Horizon, per_year: int, *, later: bool) -> Scalar:
    """How many steps have passed, one more if `later`; a half is added before decimals are cut off."""
    elapsed = pool.apply("subtract", pool.name("TIME"), pool.literal(horizon.start))
    steps = pool.multiply(elapsed, pool.literal(per_year))
    return pool.make("int", (pool.sum([steps, pool.literal(1.5 if later else 0.5)]),))
