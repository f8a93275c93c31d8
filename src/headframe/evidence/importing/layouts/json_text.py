"""JSON as it may be trusted: bounded in size and depth, no key twice, numbers kept as they are printed."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.reading.archive import ungzipped
from headframe.evidence.reading.encoding import decoded

MOST = 64 << 20  # bytes of one JSON text; each takes about ten times its size in memory
# Halves of a pair of surrogates without the other half: no letter, and nothing that text can be encoded with.
_LONE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
GZIP = b"\x1f\x8b"


class _TwiceError(ValueError):
    """A key that stands twice in one object."""


def json_of(source: Source) -> tuple[Any, str]:
    """What a file of JSON says, with numbers that have a point or an exponent as texts, and its encoding.

    `NaN` and `Infinity` come as texts too: neither is a number of JSON. Raises HF376, HF379, HF381 and HF461.
    """
    data = _bytes(source)
    if len(data) > min(MOST, source.limits.text):
        raise HeadframeError.of("HF376", source.name, size=len(data), limit=min(MOST, source.limits.text))
    text = decoded(data, source.name)
    plain = _LONE.sub(r"\\ufffd", text.text) if "\\ud" in text.text.casefold() else text.text
    try:
        loaded = json.loads(plain, object_pairs_hook=_unique, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise HeadframeError.of("HF461", source.name, reason=str(error)[:200]) from error
    return loaded, text.encoding


def _bytes(source: Source) -> bytes:
    if source.path is None:
        return source.text.encode("utf-8", errors="replace")
    with source.path.open("rb") as stream:
        packed = stream.read(2) == GZIP
    return ungzipped(source.path, source.limits) if packed else source.path.read_bytes()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise _TwiceError(f"2 × {twice[:60]}")
    return found
