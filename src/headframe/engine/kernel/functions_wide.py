r"""The exponential function and the logarithm with the vectors of AVX-512, which look up small tables in registers.

With tables the polynomials are shorter, and the logarithm needs no division:

- eˣ = 2ⁿ 2^(j/16) eʳ with \|r\| ≤ ln 2 / 32, j from 0 to 15 (float32: 32 entries, \|r\| ≤ ln 2 / 64);
- log x = n ln 2 − log c + log(1 + r) with m in [3/4, 3/2), c ≈ 1/m from a table by the first bits of m, r = m c − 1.
  Next to 1 the entry is c = 1 exactly, so that small logarithms keep their digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache

from headframe.engine.kernel.functions import LOG2_E, Functions
from headframe.engine.kernel.vectors import Precision, Vectors

SIGNED_NAN, FROM_THREE_QUARTERS = 8, 3  # what `vgetmant` is told


@dataclass(frozen=True)
class Wide:
    """Entries of a table, coefficients, and bits that the first part of a logarithm keeps after the point."""

    entries: int
    exp: tuple[float, ...]  # (eʳ − 1 − r) / r² in r
    log: tuple[float, ...]  # (log(1 + r) − r) / r² in r
    kept: int


WIDE = {
    "float64": Wide(
        entries=16,
        exp=(
            0.5000000000000006, 0.1666666666443525, 0.04166666665973947, 0.008333471574746123, 0.0013889128051419728,
        ),
        log=(
            -0.5000000000000001, 0.3333333333334502, -0.2499999999995937, 0.19999999935923637, -0.1666666605176342,
            0.1428581128001984, -0.12501865540769402, 0.11074403343966717, -0.08771946259669458,
        ),
        kept=40,
    ),
    "float32": Wide(
        entries=32,
        exp=(0.5000040470773114, 0.16666764806739867),
        log=(-0.49999999993354133, 0.33333470167145435, -0.25001942925660336, 0.1942562594085231),
        kept=12,
    ),
}  # fmt: skip


@cache
def powers(entries: int) -> tuple[float, ...]:
    """2^(j / entries)."""
    with localcontext() as context:
        context.prec = 40
        return tuple(float(Decimal(2) ** (Decimal(j) / entries)) for j in range(entries))


@cache
def reciprocals(precision: Precision) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """For the first bits of a number in [3/4, 3/2): c ≈ 1/m, and −log c in two parts."""
    wide = WIDE[precision]
    found = []
    with localcontext() as context:
        context.prec = 40
        for bits in range(wide.entries):
            half = bits >= wide.entries // 2  # the mantissa of numbers below 1 is that of twice the number
            middle = (1 + (bits + 0.5) / wide.entries) / (2 if half else 1)
            c = 1.0 if bits in (0, wide.entries - 1) else float(round(2**8 / middle) / 2**8)
            logarithm = -Decimal(c).ln()
            high = round(logarithm * 2**wide.kept) / Decimal(2) ** wide.kept
            found.append((c, float(high), float(logarithm - high)))
    first, second, third = zip(*found, strict=True)
    return first, second, third


class WideFunctions(Functions):
    """The functions for full registers of AVX-512."""

    def instruction(self, name: str, *arguments: str, control: int | None = None) -> str:
        """An instruction of AVX-512 without a mask, rounding to nearest."""
        v, real = self.v, self.v.real
        given = [f"{real.vector} {argument}" for argument in arguments]
        types = [real.vector] * len(arguments)
        if control is not None:
            given.append(f"i32 {control}")
            types.append("i32")
        mask = f"i{real.lanes}"
        given += [f"{real.vector} zeroinitializer", f"{mask} -1", "i32 4"]
        types += [real.vector, mask, "i32"]
        function = f"@llvm.x86.avx512.mask.{name}.{'pd' if real.bits == 64 else 'ps'}.512"
        v.declared.add(f"declare {real.vector} {function}({', '.join(types)})")
        return v.code.put(f"call {real.vector} {function}({', '.join(given)})")

    def scaled(self, x: str, whole: str) -> str:
        """The product x · 2ⁿ with n rounded down, overflow to infinity and gradual underflow."""
        return self.instruction("scalef", x, whole)

    def exp_of(self, x: str, low: str | None = None) -> str:
        """The exponential function of numbers within its range (+ a small further part)."""
        v, real = self.v, self.v.real
        wide = WIDE[real.precision]
        magic = v.number(self.magic() / wide.entries)
        shifted = v.fused(x, v.number(LOG2_E), magic)
        whole = v.subtract(shifted, magic)
        rest = v.fused(whole, v.number(-self.c.ln2[0]), x)
        rest = rest if low is None else v.add(rest, low)
        rest = v.fused(whole, v.number(-self.c.ln2[1]), rest)
        more = v.fused(v.multiply(rest, rest), v.polynomial(rest, wide.exp), rest)
        power = v.pick("powers", powers(wide.entries), v.as_bits(shifted))
        return self.scaled(v.fused(power, more, power), whole)

    def _parts(self, x: str) -> tuple[str, str, str]:
        """The logarithm as a first part (exact), r, and a small rest: their sum."""
        v, real = self.v, self.v.real
        wide, one = WIDE[real.precision], v.number(1.0)
        m = self.instruction("getmant", x, control=SIGNED_NAN | FROM_THREE_QUARTERS)
        n = self.instruction("getexp", x)
        n = v.select(v.compare("olt", m, one), v.add(n, one), n)
        places = real.mantissa - (wide.entries.bit_length() - 1)
        bits = v.whole("lshr", v.as_bits(m), real.whole(places))
        tables = zip(("inverses", "logs_high", "logs_low"), reciprocals(real.precision), strict=True)
        c, high, low = (v.pick(name, entries, bits) for name, entries in tables)
        r = v.fused(m, c, v.number(-1.0))
        first = v.fused(n, v.number(self.c.ln2[0]), high)
        rest = v.fused(v.multiply(r, r), v.polynomial(r, wide.log), v.fused(n, v.number(self.c.ln2[1]), low))
        return first, r, rest

    def log(self, x: str) -> str:
        """The natural logarithm. 0, infinity, negative numbers and NaN come out right of themselves."""
        first, r, rest = self._parts(x)
        return self.v.add(first, self.v.add(r, rest))

    def irregular(self, x: str, y: str, found: str) -> str:  # noqa: ARG002
        """Where a power needs more: the instructions for exponent and mantissa leave no number there."""
        return self.v.compare("uno", found, found)

    def log_in_parts(self, x: str) -> tuple[str, str]:
        """The logarithm of a positive number as the sum of two."""
        v = self.v
        first, r, rest = self._parts(x)
        total = v.add(first, r)
        low = v.add(v.subtract(r, v.subtract(total, first)), rest)
        high = v.add(total, low)
        return high, v.subtract(low, v.subtract(high, total))


def functions_for(vectors: Vectors) -> Functions:
    """The functions for vectors of a machine."""
    return WideFunctions(vectors) if vectors.wide else Functions(vectors)
