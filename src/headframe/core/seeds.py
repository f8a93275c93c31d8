"""Randomness with names: the same seed and purpose give the same draws, in any order of calls (law 7)."""

from __future__ import annotations

import hashlib

import numpy as np

DEFAULT_SEED = 20130045  # Guofa [2013] No. 45, the national plan for resource-based cities


def generator(seed: int, *purpose: str) -> np.random.Generator:
    """A NumPy generator for one named purpose.

    The purpose is hashed into the seed sequence, so that adding a consumer of randomness changes
    no other consumer's draws.
    """
    digest = hashlib.sha256("\x1f".join(purpose).encode("utf-8")).digest()
    words = np.frombuffer(digest[:16], dtype=np.uint32)
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence([seed, *map(int, words)])))
