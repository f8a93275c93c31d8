"""A workbook read row by row without styles, and nothing else done: see benchmarks/data.py."""

from __future__ import annotations

import importlib
from typing import Any

from stopwatch import Options, lacks, main

try:
    openpyxl: Any = importlib.import_module("openpyxl")
except ImportError:
    lacks("openpyxl")

Rows = list[tuple[Any, ...]]


def read(path: str) -> Rows:
    """Every row of the first sheet as values."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    return rows


def tell(rows: Rows) -> dict[str, Any]:
    """How many rows, and the sum of the numbers in the columns of figures."""
    numbers = (value for row in rows[3:] for value in row[3:] if isinstance(value, int | float))
    return {"rows": len(rows), "sum": float(sum(numbers))}


def file(options: Options) -> str:
    """The path of the workbook."""
    return str(options["file"])


if __name__ == "__main__":
    main({"read-workbook": (file, read, tell)})
