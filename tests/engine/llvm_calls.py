"""Single functions of vectors, compiled and called on arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from headframe.engine.kernel import backend as kernel
from headframe.engine.kernel.compiler import Loaded, host, machine, object_code
from headframe.engine.kernel.module import UNLIKELY
from headframe.engine.kernel.vectors import Code, Machine, Precision, Real, Vectors

needs_kernel = pytest.mark.skipif(not kernel.available(), reason="no compiled kernels on this machine")


def machines() -> list[Machine]:
    """This machine, and where it has wider vectors the same with those of AVX2."""
    here = host()
    narrow = {"avx2": True, "fma": True}
    return [here, machine(here.triple, "x86-64-v3", narrow, "")] if here.avx512 else [here]


def vectorised(
    write: Callable[[Vectors, list[str]], str], arguments: int, target: Machine, precision: Precision
) -> Callable[..., Any]:
    """A function of arrays from what writes it for one vector."""
    real = Real(precision, target.lanes(precision))
    code = Code()
    code.block = "loop"
    vectors = Vectors(code, real, target)
    loaded = []
    for place in range(arguments):
        address = code.put(f"getelementptr {real.vector}, ptr %a{place}, i64 %i")
        loaded.append(code.put(f"load {real.vector}, ptr {address}, align {real.bits // 8}"))
    result = write(vectors, loaded)
    address = code.put(f"getelementptr {real.vector}, ptr %out, i64 %i")
    code.do(f"store {real.vector} {result}, ptr {address}, align {real.bits // 8}")
    given = ", ".join([f"ptr %a{place}" for place in range(arguments)] + ["ptr %out", "i64 %n"])
    text = "\n".join(
        [
            *sorted(vectors.declared),
            *vectors.globals.values(),
            *vectors.functions.values(),
            UNLIKELY,
            f"define void @f({given}) {{",
            f"entry:\n  br label %loop\nloop:\n  %i = phi i64 [0, %entry], [%next, %{code.block}]",
            *code.lines,
            "  %next = add i64 %i, 1\n  %done = icmp eq i64 %next, %n",
            "  br i1 %done, label %end, label %loop\nend:\n  ret void\n}",
        ]
    )
    kept = Loaded(object_code(text, target), target)
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (arguments + 1), ctypes.c_int64)(kept.address("f"))

    def call(*arrays: Any) -> Any:
        _ = kept  # the code lives as long as this function
        size = len(arrays[0])
        padded = -(-size // real.lanes) * real.lanes
        given = [np.concatenate([np.asarray(a, precision), np.ones(padded - size, precision)]) for a in arrays]
        out = np.empty(padded, precision)
        function(*(a.ctypes.data for a in given), out.ctypes.data, padded // real.lanes)
        return out[:size]

    return call


@cache
def elementary(name: str, arguments: int, target: Machine, precision: Precision) -> Callable[..., Any]:
    """One of `headframe.engine.kernel.functions`."""
    from headframe.engine.kernel.functions_wide import functions_for

    return vectorised(lambda v, given: getattr(functions_for(v), name)(*given), arguments, target, precision)
