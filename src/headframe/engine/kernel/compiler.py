"""From LLVM's textual form to machine code in memory, and from stored object code back to functions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from headframe.core.errors import HeadframeError
from headframe.engine.kernel.vectors import Machine


@cache
def started() -> Any:
    """Llvmlite's binding, ready for this machine. Raises HF941 where it is missing."""
    try:
        from llvmlite import binding
    except (ImportError, OSError) as error:  # not installed, or its library cannot be loaded
        raise HeadframeError.of("HF941", "kernel", error=str(error)) from error
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


def compiler_version() -> str:
    """The versions that the same text gives the same code with."""
    import llvmlite

    return f"{llvmlite.__version__}, LLVM {started().llvm_version_info}"


@cache
def host() -> Machine:
    """The machine that this runs on. Raises HF941 without llvmlite, HF942 where the processor is not supported."""
    binding = started()
    features = binding.get_host_cpu_features()
    return machine(binding.get_process_triple(), binding.get_host_cpu_name(), features, features.flatten())


def machine(triple: str, processor: str, features: Mapping[str, bool], flat: str) -> Machine:
    """What matters of a processor. Raises HF942 for one without fused multiplication and addition in vectors."""
    family = triple.partition("-")[0]
    if family in ("aarch64", "arm64"):
        return Machine(triple, processor, flat, 128, avx512=False)
    if family != "x86_64" or not (features.get("avx2", False) and features.get("fma", False)):
        raise HeadframeError.of("HF942", "kernel", processor=processor, family=family)
    wide = all(features.get(feature, False) for feature in ("avx512f", "avx512dq", "avx512vl"))
    return Machine(triple, processor, flat, 512 if wide else 256, wide)


def target_machine(target: Machine, level: int = 2) -> Any:
    """LLVM's description of a machine."""
    binding = started()
    return binding.Target.from_triple(target.triple).create_target_machine(
        cpu=target.processor, features=target.features, opt=level, reloc="pic", codemodel="small", jit=True
    )


def object_code(text: str, target: Machine, level: int = 2) -> bytes:
    """Compile a module to object code."""
    binding = started()
    module = binding.parse_assembly(text)
    module.verify()
    return bytes(target_machine(target, level).emit_object(module))


class Loaded:
    """Object code in memory; functions live as long as this does."""

    def __init__(self, code: bytes, target: Machine) -> None:
        binding = started()
        self._engine = binding.create_mcjit_compiler(binding.parse_assembly(""), target_machine(target))
        self._engine.add_object_file(binding.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """The address of a function."""
        return int(self._engine.get_function_address(name))
