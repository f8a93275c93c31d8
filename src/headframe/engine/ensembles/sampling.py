"""Draws of uncertain parameters: any block of an ensemble on its own, the same whatever else is drawn.

A design fills the unit cube, one column for each uncertain number; `Uncertain.values` turns columns into values by the
inverse distribution function. Points come in blocks of a fixed size. Block b is computed from the seed and b alone, so
that memory does not grow with the number of runs and any part can be drawn again:

- **latin hypercube**: a replicated design. Each block is a complete Latin hypercube of its own (one point in every
  n-th of every column), with a generator of its own. Blocks are independent, so that the spread of their means tells
  how well a mean is known. The last block is a complete hypercube of what is left. McKay, Beckman and Conover (1979),
  Technometrics 21(2), 239–245.
- **sobol**: one Sobol' sequence, scrambled from the seed (a linear matrix scramble and a digital shift), as
  `scipy.stats.qmc` makes it. Numbers of draws that are powers of two fill the cube evenly.
- **monte carlo**: independent points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import prod
from numbers import Integral
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headframe.core.errors import HeadframeError, Problems, did_you_mean
from headframe.core.seeds import generator
from headframe.engine.declare import Distribution, Parameter, Value
from headframe.engine.inputs import ranged

Floats = NDArray[np.float64]
Method = Literal["latin hypercube", "sobol", "monte carlo"]

MOST_SOBOL_COLUMNS = 21201  # as far as SciPy's direction numbers go
SOBOL_BITS = 30  # its resolution; no sequence is longer than 2 ** 30
COVERED = 0.95  # of a normal before truncation lies between low and high


def quantile(distribution: Distribution, u: ArrayLike, low: ArrayLike, high: ArrayLike, mode: ArrayLike) -> Floats:
    """The value below which a share `u` (0 to 1) of a distribution on [low, high] lies, elementwise.

    - uniform: low + u (high − low);
    - triangular: its peak at `mode`;
    - loguniform: low (high / low)^u, for low > 0;
    - normal: mean `mode`, a standard deviation such that an interval as long as [low, high] about the mean holds 95 %,
      (high − low) / 3.92, truncated to [low, high].
    """
    points, least, most, peak = (np.asarray(part, dtype=np.float64) for part in (u, low, high, mode))
    with np.errstate(all="ignore"):
        found = _INVERSE[distribution](points, least, most, peak)
    return np.asarray(np.clip(np.where(most > least, found, least), least, most))


def _uniform(u: Floats, low: Floats, high: Floats, _mode: Floats) -> Floats:
    return low + u * (high - low)


def _triangular(u: Floats, low: Floats, high: Floats, mode: Floats) -> Floats:
    width = high - low
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1.0 - u) * width * (high - mode))
    return np.where(u * width < mode - low, rising, falling)


def _loguniform(u: Floats, low: Floats, high: Floats, _mode: Floats) -> Floats:
    return np.asarray(low * np.exp(u * np.log(high / low)))


def _normal(u: Floats, low: Floats, high: Floats, mode: Floats) -> Floats:
    from scipy.special import ndtr, ndtri

    deviation = standard_deviation(low, high)
    below, above = ndtr((low - mode) / deviation), ndtr((high - mode) / deviation)
    return np.asarray(mode + deviation * ndtri(below + u * (above - below)))


def standard_deviation(low: ArrayLike, high: ArrayLike) -> Floats:
    """The standard deviation, before truncation, of a `normal` parameter with this range."""
    from scipy.special import ndtri

    width = np.asarray(high, dtype=np.float64) - np.asarray(low, dtype=np.float64)
    return np.asarray(width / (2.0 * ndtri(0.5 + COVERED / 2.0)))


_INVERSE: dict[str, Callable[[Floats, Floats, Floats, Floats], Floats]] = {
    "uniform": _uniform,
    "triangular": _triangular,
    "loguniform": _loguniform,
    "normal": _normal,
}


@dataclass(frozen=True, eq=False)
class Uncertain:
    """A parameter that is drawn. `default`, `low` and `high` have its shape.

    The elements of a vector are drawn one by one, each from its own range, or `together`: all at the same quantile of
    their own distributions, so that the whole profile is high or low. Drawn one by one they average out in sums, drawn
    together they do not. Raises HF954 for a range that the distribution cannot fill.
    """

    name: str
    default: Floats
    low: Floats
    high: Floats
    distribution: Distribution = "uniform"
    together: bool = False

    def __post_init__(self) -> None:
        known = self.distribution in _INVERSE
        finite = all(np.isfinite(part).all() for part in (self.default, self.low, self.high))
        ordered = bool((self.low <= self.default).all() and (self.default <= self.high).all())
        positive = self.distribution != "loguniform" or bool((self.low > 0).all())
        if not (known and finite and ordered and positive):
            values = {"distribution": self.distribution, "low": self.low, "high": self.high, "default": self.default}
            raise HeadframeError.of("HF954", self.name, **values)

    @classmethod
    def of(cls, declared: Value, *, together: bool | None = None) -> Uncertain:
        """A declared parameter, or path held at one value, with both ends of a range; paths are uniform.

        Unless `together` says otherwise, a vector with a range for each element is drawn together (a band about a
        profile), one with a single range for all elements is drawn one by one (a range that each may take).
        """
        low, high = np.asarray(declared.low), np.asarray(declared.high)
        banded = low.ndim > 0 or high.ndim > 0
        default, lows, highs = (
            np.array(np.broadcast_to(part, declared.shape), np.float64) for part in (declared.default, low, high)
        )
        chosen = (banded if together is None else together) and declared.shape != ()
        distribution = declared.distribution if isinstance(declared, Parameter) else "uniform"
        return cls(declared.name, default, lows, highs, distribution, together=chosen)

    @property
    def columns(self) -> int:
        """How many columns of the unit cube it takes."""
        return 1 if self.together else prod(self.default.shape)

    def values(self, u: Floats) -> Floats:
        """The values (points, elements in C order) for points of the unit cube (points, columns)."""
        low, high, mode = (part.reshape(1, -1) for part in (self.low, self.high, self.default))
        return quantile(self.distribution, u, low, high, mode)


def uncertain_parameters(
    declarations: Mapping[str, Any],
    names: Iterable[str] | None = None,
    together: Mapping[str, bool] | None = None,
) -> tuple[Uncertain, ...]:
    """The parameters of a model that are drawn: those with both ends of a range, or the named ones, in order.

    `together` says for single vectors whether their elements are drawn together (see `Uncertain.of`).
    Raises HF956 for a name that is no parameter with a range.
    """
    known = ranged(declarations)
    chosen = tuple(known) if names is None else tuple(names)
    togetherness = dict(together or {})
    check_known((*chosen, *togetherness), known)
    return tuple(Uncertain.of(known[name], together=togetherness.get(name)) for name in chosen)


def check_known(names: Iterable[str], known: Iterable[str], where: str = "ensemble") -> None:
    """Raise HF956, once for each name that is not among the known ones."""
    listed, problems = list(known), Problems()
    for name in dict.fromkeys(names):
        if name not in listed:
            suggestion = did_you_mean(name, listed) or ", ".join(listed[:12])
            problems.add("HF956", where, name=name, suggestion=suggestion)
    problems.raise_if_any()


@dataclass(frozen=True)
class Design:
    """Points in the unit cube: `draws` of them with `columns` numbers each, in blocks of `block`.

    Raises HF953 for a design without draws, HF958 for a Sobol' sequence beyond its columns or its length.
    """

    method: Method
    seed: int
    draws: int
    columns: int
    block: int = 1024

    def __post_init__(self) -> None:
        counted = all(isinstance(count, Integral) for count in (self.seed, self.draws, self.block))
        sensible = counted and self.seed >= 0 and self.draws >= 1 and self.block >= 1
        if not (sensible and self.method in get_args(Method)):
            what = {"draws": self.draws, "block": self.block, "seed": self.seed, "method": self.method}
            raise HeadframeError.of("HF953", "design", what=", ".join(f"{key} {value}" for key, value in what.items()))
        if self.method == "sobol" and (self.columns > MOST_SOBOL_COLUMNS or self.draws > 1 << SOBOL_BITS):
            most = {"columns": MOST_SOBOL_COLUMNS, "draws": 1 << SOBOL_BITS}
            raise HeadframeError.of("HF958", "design", columns=self.columns, draws=self.draws, most=most)

    @property
    def blocks(self) -> int:
        """How many blocks there are; the last one may be smaller."""
        return -(-self.draws // self.block)

    def range_of(self, block: int) -> range:
        """The draws of a block."""
        return range(block * self.block, min((block + 1) * self.block, self.draws))

    def points(self, block: int) -> Floats:
        """One block of points (draws in the block, columns), each number in [0, 1)."""
        draws = self.range_of(block)
        if self.columns == 0:
            return np.zeros((len(draws), 0))
        return _DESIGNS[self.method](self, block, draws)

    def points_of(self, draws: range) -> Floats:
        """Any range of points, from the blocks that it touches. Raises IndexError for draws that there are not."""
        if draws.step != 1 or draws.start < 0 or draws.stop > self.draws:
            raise IndexError(draws)
        parts = []
        for block in range(draws.start // self.block, -(-draws.stop // self.block)):
            here = self.range_of(block)
            first, last = max(draws.start, here.start) - here.start, min(draws.stop, here.stop) - here.start
            parts.append(self.points(block)[first:last])
        return np.concatenate(parts) if parts else np.zeros((0, self.columns))


def _latin_hypercube(design: Design, block: int, draws: range) -> Floats:
    from scipy.stats.qmc import LatinHypercube

    random = generator(design.seed, "latin hypercube", str(block))
    return np.asarray(LatinHypercube(design.columns, rng=random).random(len(draws)))


def _monte_carlo(design: Design, block: int, draws: range) -> Floats:
    return generator(design.seed, "monte carlo", str(block)).random((len(draws), design.columns))


def _sobol(design: Design, _block: int, draws: range) -> Floats:
    """Points of the sequence by number, without the points before them.

    As integers, point i is point 0 exclusive-or a function of i that is linear over exclusive-or, because the Gray
    code and the scramble are. So the points at the powers of two, reached once by fast-forward, give all others.
    """
    first, at_powers = _sobol_basis(design.seed, design.columns, (design.draws - 1).bit_length())
    numbers = np.arange(draws.start, draws.stop, dtype=np.uint64)[:, None]
    found = np.broadcast_to(first, (len(draws), design.columns)).copy()
    for bit, change in enumerate(at_powers):
        found ^= np.where((numbers >> np.uint64(bit)) & np.uint64(1), change, np.uint64(0))
    return found / float(1 << SOBOL_BITS)


@lru_cache(maxsize=4)
def _sobol_basis(seed: int, columns: int, bits: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Point 0 of a scrambled sequence, and for each bit what it changes, as integers of `SOBOL_BITS` bits."""
    from scipy.stats.qmc import Sobol

    engine = Sobol(columns, scramble=True, bits=SOBOL_BITS, rng=generator(seed, "sobol"))
    scale = float(1 << SOBOL_BITS)
    wanted = [0, *(1 << bit for bit in range(bits))]
    found = [np.asarray(engine.random(1))]
    for before, number in pairwise(wanted):
        if number - before > 1:
            engine.fast_forward(number - before - 1)
        found.append(np.asarray(engine.random(1)))
    whole = np.rint(np.concatenate(found) * scale).astype(np.uint64)
    return whole[0], whole[1:] ^ whole[0]


_DESIGNS: dict[str, Callable[[Design, int, range], Floats]] = {
    "latin hypercube": _latin_hypercube,
    "sobol": _sobol,
    "monte carlo": _monte_carlo,
}
