"""How fast this machine multiplies and adds: a product of matrices by the BLAS that NumPy brings, on one thread."""

from __future__ import annotations

import os

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[name] = "1"

from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from engine_shared import Options, least, main  # noqa: E402


def floor(options: Options) -> tuple[float, Any]:
    """Seconds for the multiplications and additions of 1,000 runs, `flops` of them in each."""
    size = options["size"]
    left = np.linspace(0.0, 1.0, size * size).reshape(size, size).astype(options["precision"])
    product = np.empty_like(left)
    np.dot(left, left, out=product)
    seconds = least(lambda: np.dot(left, left, out=product), options["repeats"])
    return seconds / (2.0 * size**3) * 1000.0 * options["flops"], options["precision"]


if __name__ == "__main__":
    main({"floor": floor})
