"""How fast this machine multiplies and adds: a loop of fused multiply-adds that never leaves the registers.

Compiled with llvmlite for this processor; enough independent sums that none has to wait for the one before it.
"""

from __future__ import annotations

import ctypes
from importlib import import_module
from typing import Any

from engine_shared import Options, least, main
from stopwatch import lacks

try:
    binding: Any = import_module("llvmlite.binding")
except ImportError:
    lacks("llvmlite")

SUMS = 12
TURNS = 100_000  # under a millisecond, so that hardly any is interrupted
TYPES = {"float64": ("double", 64), "float32": ("float", 32)}


def code(precision: str, bits: int) -> tuple[str, int]:
    """The loop as LLVM's text, and its floating-point operations in one turn."""
    name, size = TYPES[precision]
    lanes = bits // size
    vector, suffix = f"<{lanes} x {name}>", f"v{lanes}f{size}"
    sums = range(SUMS)
    spread = f"<{', '.join([f'{name} 0.5'] * lanes)}>"
    phis = [f"  %s{i} = phi {vector} [ zeroinitializer, %begin ], [ %t{i}, %turn ]" for i in sums]
    adds = [
        f"  %t{i} = call {vector} @llvm.fma.{suffix}({vector} %s{i}, {vector} {spread}, {vector} %one)" for i in sums
    ]
    joined = [f"  %j0 = fadd {vector} %t0, %t1"]
    joined += [f"  %j{i} = fadd {vector} %j{i - 1}, %t{i + 1}" for i in range(1, SUMS - 1)]
    lines = [
        f"declare {vector} @llvm.fma.{suffix}({vector}, {vector}, {vector})",
        f"define void @run(i64 %turns, ptr %out) {{\nbegin:\n  %one = load {vector}, ptr %out, align 4",
        "  br label %turn",
        f"turn:\n  %k = phi i64 [ 0, %begin ], [ %next, %turn ]\n{chr(10).join([*phis, *adds])}",
        "  %next = add i64 %k, 1\n  %more = icmp ult i64 %next, %turns\n  br i1 %more, label %turn, label %end",
        f"end:\n{chr(10).join(joined)}\n  store {vector} %j{SUMS - 2}, ptr %out, align 4\n  ret void\n}}",
    ]
    return "\n".join(lines), 2 * SUMS * lanes


def floor(options: Options) -> tuple[float, Any]:
    """Seconds for the multiplications and additions of 1,000 runs, `flops` of them in each."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    features = binding.get_host_cpu_features()
    text, each = code(options["precision"], 512 if features.get("avx512f", False) else 256)
    target = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(), features=features.flatten(), opt=2
    )
    engine = binding.create_mcjit_compiler(binding.parse_assembly(text), target)
    engine.finalize_object()
    run = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(engine.get_function_address("run"))
    out = (ctypes.c_double * 8)(*[1.0] * 8)
    seconds = least(lambda: run(TURNS, ctypes.addressof(out)), options["repeats"])
    return seconds / (each * TURNS) * 1000.0 * options["flops"], options["precision"]


if __name__ == "__main__":
    main({"floor": floor})
