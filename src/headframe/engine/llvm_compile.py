"""From LLVM's textual form to machine code in memory, and from stored object code back to functions."""

from __future__ import annotations

from functools import cache
from typing import Any

from headframe.engine.llvm_vectors import Machine


@cache
def _started() -> Any:
    """llvmlite's binding, ready for this machine."""
    import llvmlite.binding as binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


@cache
def host() -> Machine:
    """The machine that this runs on."""
    binding = _started()
    features = binding.get_host_cpu_features()
    return machine(binding.get_default_triple(), binding.get_host_cpu_name(), dict(features), features.flatten())


def machine(triple: str, processor: str, features: dict[str, bool], flat: str) -> Machine:
    """What matters of a processor."""
    wide = features.get("avx512f", False) and features.get("avx512dq", False)
    bits = 512 if wide else 256 if features.get("avx2", False) else 128
    return Machine(triple, processor, flat, bits, wide)


def target_machine(target: Machine, level: int = 2) -> Any:
    """LLVM's description of a machine."""
    binding = _started()
    return binding.Target.from_triple(target.triple).create_target_machine(
        cpu=target.processor, features=target.features, opt=level, reloc="default", codemodel="jitdefault", jit=True
    )


def object_code(text: str, target: Machine, level: int = 2) -> bytes:
    """Compile a module to object code."""
    binding = _started()
    module = binding.parse_assembly(text)
    module.verify()
    return bytes(target_machine(target, level).emit_object(module))


class Loaded:
    """Object code in memory; functions live as long as this does."""

    def __init__(self, code: bytes, target: Machine) -> None:
        binding = _started()
        self._engine = binding.create_mcjit_compiler(binding.parse_assembly(""), target_machine(target))
        self._engine.add_object_file(binding.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """The address of a function."""
        return int(self._engine.get_function_address(name))
