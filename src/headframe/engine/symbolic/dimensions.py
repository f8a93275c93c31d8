"""Units of expressions: what a unit is made of, and what each operation does to it (law 1).

Arrays in a model are bare numbers, so two units agree only when both the dimension and the multiplier are the same:
tonnes and million tonnes do not add up. `None` stands for a unit that is not known or that fits everything, such as
that of a literal zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from headframe.core.units import signature

Powers = tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True)
class Dimension:
    """A multiplier and the powers of the base units, in order of their names."""

    multiplier: float = 1.0
    powers: Powers = ()

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension(self.multiplier * other.multiplier, _sum(self.powers, other.powers, 1))

    def __truediv__(self, other: Dimension) -> Dimension:
        return Dimension(self.multiplier / other.multiplier, _sum(self.powers, other.powers, -1))

    def power(self, exponent: float) -> Dimension:
        """The unit of a value raised to a constant."""
        fraction = Fraction(exponent).limit_denominator(1000)
        return Dimension(
            self.multiplier**exponent, tuple((name, power * fraction) for name, power in self.powers if fraction)
        )

    def agrees(self, other: Dimension) -> bool:
        """Whether values of both may be added as they are."""
        near = abs(self.multiplier - other.multiplier) <= 1e-9 * abs(self.multiplier)
        return near and self.powers == other.powers

    @property
    def pure(self) -> bool:
        """Whether this is a plain number."""
        return self.agrees(PURE)

    def __str__(self) -> str:
        over = " · ".join(_raised(name, power) for name, power in self.powers if power > 0)
        under = " · ".join(_raised(name, -power) for name, power in self.powers if power < 0)
        unit = f"{over or '1'} / {under}" if under else over or "1"
        return unit if abs(self.multiplier - 1.0) < 1e-9 else f"{self.multiplier:g} {unit}"


PURE = Dimension()


@cache
def dimension(unit: str) -> Dimension:
    """The dimension of a unit string. Raises HF101 when it is not a unit."""
    multiplier, powers = signature(unit)
    return Dimension(multiplier, tuple((name, Fraction(power)) for name, power in powers))


def _sum(one: Powers, other: Powers, sign: int) -> Powers:
    found = dict(one)
    for name, power in other:
        found[name] = found.get(name, Fraction(0)) + sign * power
    return tuple(sorted((name, power) for name, power in found.items() if power))


def _raised(name: str, power: Fraction) -> str:
    return name if power == 1 else f"{name}^{power}"
