"""Reads and computes the worked examples of `methods_published.yaml`; used by the tests and by the methods page."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from headframe.methods.specialisation import average_structure

PATH = Path(__file__).with_name("methods_published.yaml")


def load() -> list[dict[str, Any]]:
    """All worked examples in file order."""
    examples: list[dict[str, Any]] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return examples


def compute(example: dict[str, Any]) -> float:
    """What the method gives for the example's arguments, reduced to the one number that the source prints."""
    module, _, name = example["function"].rpartition(".")
    function = getattr(importlib.import_module(f"headframe.methods.{module}"), name)
    arguments = dict(example.get("arguments", {}))
    arguments |= {key: np.array(value, dtype=float) for key, value in example.get("arrays", {}).items()}
    arguments |= {key: math.log(value) for key, value in example.get("logarithms", {}).items()}
    if "average_of" in example:
        arguments["reference"] = average_structure(example["average_of"])
    result = function(**arguments)
    for step in example.get("pick", []):
        if step == "total":
            result = result.sum()
        elif isinstance(step, str):
            result = getattr(result, step)
        else:
            result = result[step]
    return float(result)
