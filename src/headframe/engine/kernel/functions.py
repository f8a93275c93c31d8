r"""Elementary functions on vectors of lanes, as polynomials after a reduction of the argument.

| function | reduction | error in units of the last place |
|---|---|---|
| `exp` | x = n ln 2 + r, \\|r\\| ≤ ln 2 / 2 | 1 |
| `log` | x = 2ⁿ m, m near 1, s = (m − 1) / (m + 1), log m = 2 artanh s | 1 |
| `power` | exp(y log \\|x\\|) with the logarithm in two parts | 2 |
| `tanh` | −e / (e + 2) with e = exp(−2 \\|x\\|) − 1, whose small values keep their digits | 3 |
| `sin`, `cos` | x = n π/2 + r with π/2 in three parts | 1 near turning points; absolute 2⁻⁵² of 1 elsewhere |

Where there is no number the result is none: NaN stays NaN, the logarithm of a negative number and a negative base with
a broken exponent are NaN. exp overflows to infinity and underflows to 0; log 0 is minus infinity. `sin` and `cos` of
arguments beyond 2⁵¹ (float32: 2²²) quarter turns, where neighbouring numbers are far apart, are NaN.

The coefficients are minimax polynomials found by Remez exchange in 60 decimal digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headframe.engine.kernel.vectors import Vectors


@dataclass(frozen=True)
class Coefficients:
    """What the functions of one precision are made of."""

    exp: tuple[float, ...]  # (eʳ − 1 − r) / r² in r
    artanh: tuple[float, ...]  # (2 artanh(s) / s − 2) / s² in s²
    sin: tuple[float, ...]  # (sin r − r) / r³ in r²
    cos: tuple[float, ...]  # (cos r − 1 + r²/2) / r⁴ in r²
    ln2: tuple[float, float]  # ln 2 in two parts; the first times a whole exponent is exact
    half_pi: tuple[float, float, float]  # π/2 in three parts
    lowest: float  # below this exp is 0
    highest: float  # above this exp is infinite
    tiny: float  # the smallest normal number


CONSTANTS = {
    "float64": Coefficients(
        exp=(
            0.5000000000000001, 0.16666666666666674, 0.04166666666662412, 0.008333333333322207,
            0.001388888891721544, 0.00019841269886593254, 2.4801521293658896e-05, 2.7557242334473806e-06,
            2.7620089400576397e-07, 2.5110050630366367e-08,
        ),
        artanh=(
            0.6666666666666666, 0.4000000000000791, 0.2857142856729436, 0.22222223044536263,
            0.18181737973800813, 0.1538885231997418, 0.13210039591492356, 0.1360630857247155,
        ),
        sin=(
            -0.16666666666666666, 0.008333333333330948, -0.00019841269836757408, 2.7557316101789046e-06,
            -2.5051131660303306e-08, 1.5918114512975253e-10,
        ),
        cos=(
            0.041666666666666664, -0.0013888888888887398, 2.4801587298764788e-05, -2.7557317271175225e-07,
            2.0876146138592596e-09, -1.1382622253261675e-11,
        ),
        ln2=(0.6931471803691238, 1.9082149292705877e-10),
        half_pi=(1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33),
        lowest=-750.0,
        highest=710.0,
        tiny=2.2250738585072014e-308,
    ),
    "float32": Coefficients(
        exp=(
            0.5000000013469803, 0.16666666756472814, 0.04166646489869222, 0.008333286002886872,
            0.0013933652209759128, 0.00019907587315508036,
        ),
        artanh=(0.6666666627038185, 0.40000314322274105, 0.2853253974085506, 0.23750764246474193),
        sin=(-0.1666666466673248, 0.008332748765791466, -0.00019587958554042413),
        cos=(0.04166666466298828, -0.0013888303410060203, 2.4547990119968805e-05),
        ln2=(0.693115234375, 3.194618329871446e-05),
        half_pi=(1.570796251296997, 7.549789415861596e-08, 5.390302529957765e-15),
        lowest=-105.0,
        highest=89.0,
        tiny=1.1754943508222875e-38,
    ),
}  # fmt: skip
# The integers behind 1 and the root of a half.
ONE = {"float64": 0x3FF0000000000000, "float32": 0x3F800000}
ROOT_OF_HALF = {"float64": 0x3FE6A09E667F3BCD, "float32": 0x3F3504F3}
LOG2_E = 1.4426950408889634
TWO_OVER_PI = 0.6366197723675814


class Functions:
    """The functions, written with one set of vectors."""

    def __init__(self, vectors: Vectors) -> None:
        self.v = vectors
        self.c = CONSTANTS[vectors.real.precision]

    def exp(self, x: str) -> str:
        """The exponential function eˣ."""
        v = self.v
        return self.exp_of(v.larger(v.number(self.c.lowest), v.smaller(v.number(self.c.highest), x)))

    def exp_of(self, x: str, low: str | None = None) -> str:
        """The exponential function of numbers within its range (+ a small further part)."""
        whole, rest = self._reduced(x, low)
        return self.scaled(self.v.add(self._exp_less_one(rest), self.v.number(1.0)), whole)

    def _reduced(self, x: str, low: str | None = None) -> tuple[str, str]:
        """The whole number n next to x / ln 2, and x − n ln 2 (+ a small further part of x)."""
        v, magic = self.v, self.v.number(self.magic())
        whole = v.subtract(v.fused(x, v.number(LOG2_E), magic), magic)
        rest = v.fused(whole, v.number(-self.c.ln2[0]), x)
        if low is not None:
            rest = v.add(rest, low)
        return whole, v.fused(whole, v.number(-self.c.ln2[1]), rest)

    def magic(self) -> float:
        """A number so large that adding it rounds to whole numbers, and that its last bits then hold them."""
        return 1.5 * 2.0**self.v.real.mantissa

    def _exp_less_one(self, r: str) -> str:
        """eʳ − 1 for small r."""
        v = self.v
        return v.fused(v.multiply(r, r), v.polynomial(r, self.c.exp), r)

    def _power_of_two(self, whole: str) -> str:
        """2ⁿ for whole numbers whose power is a normal number."""
        v = self.v
        bits = v.as_bits(v.add(whole, v.number(self.magic())))
        shifted = v.whole("shl", v.whole("add", bits, v.real.whole(v.real.bias)), v.real.whole(v.real.mantissa))
        return v.as_number(shifted)

    def scaled(self, x: str, whole: str) -> str:
        """The product x · 2ⁿ, with overflow to infinity and gradual underflow."""
        v = self.v
        magic = v.number(self.magic())
        half = v.subtract(v.fused(whole, v.number(0.5), magic), magic)
        scaled = v.multiply(x, self._power_of_two(half))
        return v.multiply(scaled, self._power_of_two(v.subtract(whole, half)))

    def log(self, x: str) -> str:
        """The natural logarithm."""
        v, inf = self.v, float("inf")
        exponent, f = self._split(x)
        s = v.divide(f, v.add(f, v.number(2.0)))
        z = v.multiply(s, s)
        half = v.multiply(v.multiply(f, f), v.number(0.5))
        tail = v.fused(
            exponent, v.number(self.c.ln2[1]), v.multiply(s, v.fused(z, v.polynomial(z, self.c.artanh), half))
        )
        found = v.fused(exponent, v.number(self.c.ln2[0]), v.subtract(f, v.subtract(half, tail)))
        found = v.select(v.compare("oeq", x, v.number(0.0)), v.number(-inf), found)
        found = v.select(v.compare("oeq", x, v.number(inf)), x, found)
        return v.select(v.compare("ult", x, v.number(0.0)), v.number(float("nan")), found)

    def _split(self, x: str) -> tuple[str, str]:
        """The numbers n and m − 1 with x = 2ⁿ m, m between the roots of a half and of 2, for positive finite x."""
        v, real = self.v, self.v.real
        small = v.compare("olt", x, v.number(self.c.tiny))
        bits = v.as_bits(v.select(small, v.multiply(x, v.number(2.0 ** (real.mantissa + 2))), x))
        # the exponent field that counts from the root of a half upwards, so that m lies around 1
        shifted = v.whole("add", bits, real.whole(ONE[real.precision] - ROOT_OF_HALF[real.precision]))
        field = v.whole("lshr", shifted, real.whole(real.mantissa))
        below = v.whole("sub", field, real.whole(real.bias))
        m = v.as_number(v.whole("sub", bits, v.whole("shl", below, real.whole(real.mantissa))))
        # a whole number below 2⁵² (2²³) in the last bits of that power of two is the power plus the number
        large = 2.0**real.mantissa
        power = (real.bias + real.mantissa) << real.mantissa
        n = v.subtract(v.as_number(v.whole("or", field, real.whole(power))), v.number(large + real.bias))
        n = v.select(small, v.subtract(n, v.number(float(real.mantissa + 2))), n)
        return n, v.subtract(m, v.number(1.0))

    def tanh(self, x: str) -> str:
        """The hyperbolic tangent."""
        v = self.v
        size = v.smaller(v.number(22.0), v.call("fabs", x))
        whole, rest = self._reduced(v.multiply(size, v.number(-2.0)))
        power = self._power_of_two(whole)
        e = v.fused(self._exp_less_one(rest), power, v.subtract(power, v.number(1.0)))
        return v.call("copysign", v.divide(v.negative(e), v.add(e, v.number(2.0))), x)

    def sin(self, x: str) -> str:
        """The sine."""
        return self._turned(x, 0)

    def cos(self, x: str) -> str:
        """The cosine: the sine a quarter turn further."""
        return self._turned(x, 1)

    def _turned(self, x: str, quarters: int) -> str:
        v, real = self.v, self.v.real
        magic = v.number(self.magic())
        shifted = v.fused(x, v.number(TWO_OVER_PI), magic)
        whole = v.subtract(shifted, magic)
        r = x
        for part in self.c.half_pi:
            r = v.fused(whole, v.number(-part), r)
        z = v.multiply(r, r)
        sine = v.fused(v.multiply(z, r), v.polynomial(z, self.c.sin), r)
        cosine = v.fused(v.multiply(z, z), v.polynomial(z, self.c.cos), v.fused(z, v.number(-0.5), v.number(1.0)))
        quadrant = v.whole("add", v.as_bits(shifted), real.whole(quarters))
        odd = v.whole("and", quadrant, real.whole(1))
        chosen = v.select(v.code.put(f"icmp ne {real.integers} {odd}, zeroinitializer"), cosine, sine)
        sign = v.whole("shl", v.whole("lshr", quadrant, real.whole(1)), real.whole(real.bits - 1))
        found = v.as_number(v.whole("xor", v.as_bits(chosen), sign))
        within = v.compare("olt", v.call("fabs", whole), v.number(2.0 ** (real.mantissa - 1)))
        return v.select(within, found, v.number(float("nan")))

    def power(self, x: str, y: str) -> str:
        """The power y of x, as the C library defines it; the rare cases in a branch of their own."""
        v = self.v
        high, low = self.log_in_parts(x)
        product = v.multiply(y, high)
        rest = v.fused(y, low, v.fused(y, high, v.negative(product)))
        bounded = v.larger(v.number(self.c.lowest), v.smaller(v.number(self.c.highest), product))
        found = self.exp_of(bounded, v.select(v.compare("oeq", bounded, product), rest, v.number(0.0)))
        return v.mended(found, self.irregular(x, y, found), "power_edges", self._edges_of_powers, (x, y))

    def irregular(self, x: str, y: str, found: str) -> str:  # noqa: ARG002
        """Where a power needs more than the exponential function and the logarithm."""
        v, infinite = self.v, self.v.number(float("inf"))
        positive = v.both(v.compare("ogt", x, v.number(0.0)), v.compare("olt", x, infinite))
        return v.neither(v.both(positive, v.compare("olt", v.call("fabs", y), infinite)))

    @staticmethod
    def _edges_of_powers(v: Vectors, given: Sequence[str]) -> str:
        """Powers of any numbers."""
        functions, (x, y), inf = Functions(v), given, float("inf")
        size = v.call("fabs", x)
        high, low = functions.log_in_parts(size)
        product = v.multiply(y, high)
        rest = v.fused(y, low, v.fused(y, high, v.negative(product)))
        bounded = v.larger(v.number(functions.c.lowest), v.smaller(v.number(functions.c.highest), product))
        found = functions.exp_of(bounded, v.select(v.compare("oeq", bounded, product), rest, v.number(0.0)))
        edge = v.logic("or", v.compare("oeq", size, v.number(0.0)), v.compare("oeq", size, v.number(inf)))
        grows = v.logic("xor", v.compare("olt", y, v.number(0.0)), v.compare("oeq", size, v.number(inf)))
        found = v.select(edge, v.select(grows, v.number(inf), v.number(0.0)), found)
        found = functions._power_of_negative(x, y, found)
        unit = v.logic("and", v.compare("oeq", size, v.number(1.0)), v.compare("oeq", v.call("fabs", y), v.number(inf)))
        unit = v.logic("or", unit, v.compare("oeq", x, v.number(1.0)))
        found = v.select(v.compare("uno", x, y), v.number(float("nan")), found)
        return v.select(v.logic("or", unit, v.compare("oeq", y, v.number(0.0))), v.number(1.0), found)

    def _power_of_negative(self, x: str, y: str, found: str) -> str:
        """The sign of a negative base, which has powers only where the exponent is whole."""
        v = self.v
        whole = v.compare("oeq", v.call("floor", y), y)
        half = v.multiply(y, v.number(0.5))
        odd = v.logic("and", whole, v.compare("une", v.call("floor", half), half))
        signed = v.select(odd, v.negative(found), found)
        finite = v.compare("ogt", x, v.number(float("-inf")))
        broken = v.logic("and", finite, v.compare("une", v.call("floor", y), y))
        negative = v.compare("olt", x, v.number(0.0))
        return v.select(negative, v.select(broken, v.number(float("nan")), signed), found)

    def log_in_parts(self, x: str) -> tuple[str, str]:
        """The logarithm of a positive number as the sum of two, good to about 2⁻⁶⁵ of it (float32: 2⁻³⁰)."""
        v = self.v
        exponent, f = self._split(x)
        sum_ = v.add(f, v.number(2.0))
        s = v.divide(f, sum_)
        # what rounding took from 2 + f and from the quotient
        lost = v.subtract(f, v.subtract(sum_, v.number(2.0)))
        remainder = v.subtract(v.fused(v.negative(s), sum_, f), v.multiply(s, lost))
        s_low = v.divide(remainder, sum_)
        z = v.multiply(s, s)
        series = v.multiply(v.multiply(s, z), v.polynomial(z, self.c.artanh))
        high = v.multiply(s, v.number(2.0))
        low = v.fused(s_low, v.number(2.0), series)
        start = v.multiply(exponent, v.number(self.c.ln2[0]))
        total = v.add(start, high)
        back = v.subtract(total, start)
        error = v.add(v.subtract(start, v.subtract(total, back)), v.subtract(high, back))
        low = v.fused(exponent, v.number(self.c.ln2[1]), v.add(low, error))
        high = v.add(total, low)
        return high, v.subtract(low, v.subtract(high, total))
