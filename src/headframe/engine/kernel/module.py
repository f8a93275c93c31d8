"""The compiled kernel as the text of an LLVM module: constants, phases, driver."""

from __future__ import annotations

from headframe.engine.kernel.driver import Driver
from headframe.engine.kernel.phase import Layout, functions
from headframe.engine.kernel.vectors import Machine, Precision, Real
from headframe.engine.kernel.writer import Buffers
from headframe.engine.lowering.program import Program

UNLIKELY = '!0 = !{!"branch_weights", i32 1, i32 10000}'


def module(program: Program, precision: Precision, machine: Machine) -> tuple[str, Buffers]:
    """The text of a module with one public function, `run`, and the layout of a thread's buffer."""
    real = Real(precision, machine.lanes(precision))
    layout = Layout.of(program)
    buffers = Buffers.of(program, layout, real)
    driver = Driver(program, buffers)
    declared: set[str] = set()
    shared: dict[str, str] = {}
    texts: list[str] = []
    for text, vectors in functions(program, layout, real, machine):
        texts.append(text)
        declared |= vectors.declared
        shared |= vectors.globals | vectors.functions
    texts.append(driver.functions())
    head = [f'target triple = "{machine.triple}"', UNLIKELY, *sorted(declared)]
    return "\n".join([*head, *_data(program, real), *shared.values(), *texts]), buffers


def _data(program: Program, real: Real) -> list[str]:
    """Literal numbers and index tables."""
    numbers = ", ".join(f"{real.scalar} {real.literal(value)}" for value in program.constants.tolist())
    count = len(program.constants)
    found = [f"@constants = internal constant [{count} x {real.scalar}] [{numbers}], align 64"] if count else []
    for number, entries in enumerate(program.index_tables):
        listed = ", ".join(f"i64 {entry}" for entry in entries)
        found.append(f"@indices{number} = internal constant [{len(entries)} x i64] [{listed}], align 64")
    return found
