"""Vectors of lanes in LLVM's textual form: types, literals, and one method per instruction.

The lanes of a vector are runs. Only `contract` (a product and a sum may become one fused operation) and `nsz` (the sign
of a zero does not matter) loosen the arithmetic; nothing may be reordered, because the polynomials of
`headframe.engine.kernel.functions` round on purpose.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Precision = Literal["float64", "float32"]
FLAGS = "contract nsz"


@dataclass(frozen=True)
class Machine:
    """What code is generated for: LLVM's triple, processor and features, and what matters of them here."""

    triple: str
    processor: str
    features: str
    register_bits: int  # width of a vector register
    avx512: bool

    def lanes(self, precision: Precision) -> int:
        """Runs in one vector: as many as fit a register, but never fewer than four."""
        return max(4, self.register_bits // (64 if precision == "float64" else 32))


@dataclass(frozen=True)
class Real:
    """A binary floating-point format and vectors of it."""

    precision: Precision
    lanes: int

    @property
    def scalar(self) -> str:
        """LLVM's name of one number."""
        return "double" if self.precision == "float64" else "float"

    @property
    def bits(self) -> int:
        """Bits of one number."""
        return 64 if self.precision == "float64" else 32

    @property
    def bytes(self) -> int:
        """Bytes of a vector."""
        return self.lanes * self.bits // 8

    @property
    def mantissa(self) -> int:
        """Stored bits of the mantissa."""
        return 52 if self.precision == "float64" else 23

    @property
    def bias(self) -> int:
        """The exponent of one."""
        return 1023 if self.precision == "float64" else 127

    @property
    def vector(self) -> str:
        """LLVM's name of a vector of numbers."""
        return f"<{self.lanes} x {self.scalar}>"

    @property
    def truths(self) -> str:
        """LLVM's name of a vector of truth values."""
        return f"<{self.lanes} x i1>"

    @property
    def integers(self) -> str:
        """LLVM's name of a vector of integers as wide as the numbers."""
        return f"<{self.lanes} x i{self.bits}>"

    @property
    def suffix(self) -> str:
        """The suffix of overloaded intrinsics."""
        return f"v{self.lanes}f{self.bits}"

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float(np.finfo(self.precision).max)

    def rounded(self, value: float) -> float:
        """A number as this format holds it."""
        with np.errstate(over="ignore"):
            return float(np.dtype(self.precision).type(value))

    def literal(self, value: float) -> str:
        """A scalar literal (LLVM writes both formats as the bits of a float64)."""
        return f"0x{struct.unpack('<Q', struct.pack('<d', self.rounded(value)))[0]:016X}"

    def splat(self, value: float) -> str:
        """A literal in all lanes."""
        return f"splat ({self.scalar} {self.literal(value)})"

    def whole(self, value: int) -> str:
        """An integer literal in all lanes."""
        return f"splat (i{self.bits} {value})"


class Code:
    """The body of a function as it is written; equal instructions that are still in sight are written once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.count = 0
        self.known: list[dict[str, str]] = [{}]
        self.block = "entry"

    def name(self, stem: str = "v") -> str:
        """A new name for a value."""
        self.count += 1
        return f"%{stem}{self.count}"

    def put(self, instruction: str) -> str:
        """The value of an instruction without side effects, written unless it is in sight already."""
        for scope in self.known:
            if instruction in scope:
                return scope[instruction]
        value = self.always(instruction)
        self.known[-1][instruction] = value
        return value

    def always(self, instruction: str) -> str:
        """The value of an instruction that is written in any case."""
        value = self.name()
        self.lines.append(f"  {value} = {instruction}")
        return value

    def do(self, instruction: str) -> None:
        """An instruction without a value."""
        self.lines.append(f"  {instruction}")

    def new_label(self, stem: str) -> str:
        """A name for a basic block."""
        self.count += 1
        return f"{stem}{self.count}"

    def label(self, name: str) -> None:
        """Begin a basic block."""
        self.lines.append(f"{name}:")
        self.block = name


class Vectors:
    """Instructions on vectors of one format, written into a function's code."""

    def __init__(self, code: Code, real: Real, machine: Machine) -> None:
        self.code = code
        self.real = real
        self.machine = machine
        self.declared: set[str] = set()
        self.functions: dict[str, str] = {}  # texts of functions by name
        self.globals: dict[str, str] = {}  # constant arrays by name

    @property
    def wide(self) -> bool:
        """Whether the vectors fill the registers of AVX-512."""
        return self.machine.avx512 and self.real.bytes == 64

    @property
    def pickable(self) -> int:
        """How long the tables may be that `pick` takes entries from; 0 where there is no such instruction."""
        return 2 * self.real.lanes if self.wide else 0

    def pick(self, name: str, entries: Sequence[float], bits: str) -> str:
        """An entry of a table of `pickable` numbers for every lane, by the last bits of whole numbers."""
        real = self.real
        self.table(name, entries)
        second = self.code.put(f"getelementptr {real.vector}, ptr @{name}, i64 1")
        halves = [self.code.put(f"load {real.vector}, ptr {half}, align 64") for half in (f"@{name}", second)]
        function = f"@llvm.x86.avx512.vpermi2var.{'pd' if real.bits == 64 else 'ps'}.512"
        self.declared.add(f"declare {real.vector} {function}({real.vector}, {real.integers}, {real.vector})")
        given = f"{real.vector} {halves[0]}, {real.integers} {bits}, {real.vector} {halves[1]}"
        return self.code.put(f"call {real.vector} {function}({given})")

    def table(self, name: str, entries: Sequence[float]) -> None:
        """Have a constant array."""
        real = self.real
        listed = ", ".join(f"{real.scalar} {real.literal(entry)}" for entry in entries)
        self.globals[name] = f"@{name} = internal constant [{len(entries)} x {real.scalar}] [{listed}], align 64"

    def gather(self, name: str, entries: Sequence[float], indices: str) -> str:
        """An entry of a table in memory for every lane."""
        real, put = self.real, self.code.put
        self.table(name, entries)
        value = "poison"
        for lane in range(real.lanes):
            index = put(f"extractelement {real.integers} {indices}, i64 {lane}")
            entry = put(
                f"load {real.scalar}, ptr {put(f'getelementptr {real.scalar}, ptr @{name}, i{real.bits} {index}')}"
            )
            value = put(f"insertelement {real.vector} {value}, {real.scalar} {entry}, i64 {lane}")
        return value

    def number(self, value: float) -> str:
        """A literal in all lanes."""
        return self.real.splat(value)

    def binary(self, instruction: str, a: str, b: str) -> str:
        """`fadd`, `fsub`, `fmul` or `fdiv`."""
        return self.code.put(f"{instruction} {FLAGS} {self.real.vector} {a}, {b}")

    def add(self, a: str, b: str) -> str:
        """A + b."""
        return self.binary("fadd", a, b)

    def subtract(self, a: str, b: str) -> str:
        """A − b."""
        return self.binary("fsub", a, b)

    def multiply(self, a: str, b: str) -> str:
        """A · b."""
        return self.binary("fmul", a, b)

    def divide(self, a: str, b: str) -> str:
        """A / b."""
        return self.binary("fdiv", a, b)

    def negative(self, a: str) -> str:
        """The number −a."""
        return self.code.put(f"fneg {self.real.vector} {a}")

    def fused(self, a: str, b: str, c: str) -> str:
        """A · b + c, rounded once."""
        return self.call("fma", a, b, c)

    def call(self, name: str, *arguments: str) -> str:
        """An intrinsic on vectors of numbers."""
        vector = self.real.vector
        function = f"@llvm.{name}.{self.real.suffix}"
        self.declared.add(f"declare {vector} {function}({', '.join([vector] * len(arguments))})")
        return self.code.put(f"call {vector} {function}({', '.join(f'{vector} {a}' for a in arguments)})")

    def compare(self, predicate: str, a: str, b: str) -> str:
        """A truth value; predicates as LLVM's `fcmp` (`o…` false and `u…` true where a side is no number)."""
        return self.code.put(f"fcmp {predicate} {self.real.vector} {a}, {b}")

    def select(self, condition: str, a: str, b: str) -> str:
        """A where the condition holds, else b."""
        vector = self.real.vector
        return self.code.put(f"select {self.real.truths} {condition}, {vector} {a}, {vector} {b}")

    def both(self, a: str, b: str) -> str:
        """Truth of both."""
        return self.logic("and", a, b)

    def either(self, a: str, b: str) -> str:
        """Truth of at least one."""
        return self.logic("or", a, b)

    def neither(self, a: str) -> str:
        """True where a truth value is not."""
        return self.logic("xor", a, "splat (i1 true)")

    def truth(self, a: str) -> str:
        """Whether a number is not 0."""
        return self.compare("une", a, self.number(0.0))

    def from_truth(self, a: str) -> str:
        """1 for a truth, 0 for an untruth."""
        return self.select(a, self.number(1.0), self.number(0.0))

    def logic(self, instruction: str, a: str, b: str) -> str:
        """`and`, `or` or `xor` of truth values."""
        return self.code.put(f"{instruction} {self.real.truths} {a}, {b}")

    def whole(self, instruction: str, a: str, b: str) -> str:
        """An operation on the bits of numbers as integers."""
        return self.code.put(f"{instruction} {self.real.integers} {a}, {b}")

    def as_bits(self, a: str) -> str:
        """Numbers as their bits."""
        return self.code.put(f"bitcast {self.real.vector} {a} to {self.real.integers}")

    def as_number(self, a: str) -> str:
        """Bits as the numbers that they are."""
        return self.code.put(f"bitcast {self.real.integers} {a} to {self.real.vector}")

    def larger(self, a: str, b: str) -> str:
        """`np.maximum`: the larger of two numbers, not a number where either is none."""
        return self._extreme("ogt", a, b)

    def smaller(self, a: str, b: str) -> str:
        """`np.minimum`: the smaller of two numbers, not a number where either is none."""
        return self._extreme("olt", a, b)

    def _extreme(self, predicate: str, a: str, b: str) -> str:
        """The processor's own instruction answers with its second operand where a comparison has no answer."""
        if b.startswith("splat"):
            a, b = b, a
        chosen = self.select(self.compare(predicate, a, b), a, b)
        if a.startswith("splat"):  # a literal is a number
            return chosen
        return self.select(self.compare("uno", a, a), a, chosen)

    def mended(
        self, found: str, where: str, name: str, write: Callable[[Vectors, Sequence[str]], str], given: Sequence[str]
    ) -> str:
        """Results with some lanes computed by a function of its own, which is called only where a lane needs it."""
        code, real = self.code, self.real
        self.functions.setdefault(name, self.function(name, write, len(given)))
        bits = code.always(f"bitcast {real.truths} {where} to i{real.lanes}")
        rare = code.always(f"icmp ne i{real.lanes} {bits}, 0")
        before, edges, after = code.block, code.new_label("edges"), code.new_label("regular")
        code.do(f"br i1 {rare}, label %{edges}, label %{after}, !prof !0")
        code.label(edges)
        exact = code.always(f"call {real.vector} @{name}({', '.join(f'{real.vector} {one}' for one in given)})")
        chosen = code.always(f"select {real.truths} {where}, {real.vector} {exact}, {real.vector} {found}")
        code.do(f"br label %{after}")
        code.label(after)
        return code.always(f"phi {real.vector} [{found}, %{before}], [{chosen}, %{edges}]")

    def function(self, name: str, write: Callable[[Vectors, Sequence[str]], str], arguments: int) -> str:
        """The text of a function of vectors that stands by itself."""
        inner = Vectors(Code(), self.real, self.machine)
        given = [f"%given{place}" for place in range(arguments)]
        result = write(inner, given)
        self.declared |= inner.declared
        self.globals |= inner.globals
        vector = self.real.vector
        head = f"define internal {vector} @{name}({', '.join(f'{vector} {one}' for one in given)}) noinline cold {{"
        return "\n".join([head, "entry:", *inner.code.lines, f"  ret {vector} {result}", "}"])

    def polynomial(self, x: str, coefficients: tuple[float, ...]) -> str:
        """c₀ + c₁x + c₂x² + …: the even and the odd powers side by side."""
        if len(coefficients) < 5:
            return self._horner(x, coefficients)
        square = self.multiply(x, x)
        return self.fused(self._horner(square, coefficients[1::2]), x, self._horner(square, coefficients[::2]))

    def _horner(self, x: str, coefficients: tuple[float, ...]) -> str:
        value = self.number(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            value = self.fused(value, x, self.number(coefficient))
        return value
