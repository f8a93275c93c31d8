"""Encodings: from bytes to text, line by line where one file mixes two of them.

UTF-8 checks itself: what decodes strictly is UTF-8, but for short pairs of bytes that Chinese text in GB18030 can
imitate. What is left is GB18030 when its high bytes come in pairs, and Windows-1252 when they stand alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from headframe.core.errors import HeadframeError

LISTED_LINES = 12
_HIGH = re.compile(rb"[\x80-\xff]+")
_ORDINARY = re.compile(
    r"[\t\r\n\x20-\x7e\xa0-\u024f\u2000-\u23ff\u2460-\u27bf\u3000-\u30ff\u3400-\u9fff\uff00-\uffef\ufeff]"
)
_BEYOND_PAIRS = re.compile(r"[\u0800-\U0010ffff]")


@dataclass(frozen=True)
class Decoded:
    """A text with the encoding it had; `other_lines` are those that were in `other_encoding` or not readable."""

    text: str
    encoding: str
    other_encoding: str = ""
    other_lines: tuple[int, ...] = ()
    broken_lines: tuple[int, ...] = ()


def decoded(data: bytes, where: str) -> Decoded:
    """Decode a file of text. Raises HF381 for bytes that are no text and HF379 where no encoding fits."""
    marked = decoded_by_mark(data)
    if marked is not None:
        return marked
    if b"\x00" in data:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        raise HeadframeError.of("HF381", f"{where}, line {line}", position=data.index(b"\x00"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _by_lines(data, where)
    return Decoded(text, "utf-8")


def decoded_by_mark(data: bytes) -> Decoded | None:
    """Text that says its encoding by a byte-order mark, or UTF-16 betrayed by a zero in every other byte."""
    if data.startswith(b"\xef\xbb\xbf"):
        try:
            return Decoded(data.decode("utf-8-sig"), "utf-8-sig")
        except UnicodeDecodeError:
            return None
    name = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else _zeros_tell(data[: 1 << 12])
    if not name:
        return None
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text or len(_ORDINARY.findall(text)) < 0.9 * len(text) else Decoded(text, name)


def _zeros_tell(start: bytes) -> str:
    """UTF-16 without a mark: every Latin letter, digit and line break has a zero on the same side."""
    behind, before = start[1::2].count(0), start[::2].count(0)
    if len(start) < 8 or max(behind, before) < 0.02 * len(start) or 20 * min(behind, before) > max(behind, before):
        return ""
    return "utf-16-le" if behind > before else "utf-16-be"


def _by_lines(data: bytes, where: str) -> Decoded:
    body = data.removeprefix(b"\xef\xbb\xbf")
    lines = body.split(b"\n")
    high = [number for number, line in enumerate(lines) if not line.isascii()]
    as_utf8 = {number: text for number in high if (text := _strictly(lines[number], "utf-8")) is not None}
    rest = [number for number in high if number not in as_utf8]
    # Two-byte sequences of UTF-8 are common in GB18030 by chance; longer ones are not.
    certain = {number for number, text in as_utf8.items() if _BEYOND_PAIRS.search(text)}
    if len(certain) * 4 < len(rest):
        certain, rest = set(), high
    legacy = _legacy_encoding(b"\n".join(lines[number] for number in rest[:20_000]))
    texts, broken = [line.decode("ascii", "replace") for line in lines], []
    for number in high:
        text = as_utf8[number] if number in certain or number not in rest else _strictly(lines[number], legacy)
        if text is None:
            broken.append(number + 1)
            text = lines[number].decode(legacy, "replace")
        texts[number] = text
    if len(broken) > max(3, len(high) // 4):
        raise HeadframeError.of("HF379", f"{where}, line {broken[0]}", count=len(broken))
    if not certain:
        return Decoded("\n".join(texts), legacy, broken_lines=tuple(broken))
    others = tuple(number + 1 for number in rest if number + 1 not in set(broken))
    return Decoded("\n".join(texts), "utf-8", legacy, others, tuple(broken))


def _strictly(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _legacy_encoding(data: bytes) -> str:
    """GB18030 when most runs of high bytes are of even length or long, Windows-1252 when most stand alone."""
    runs = [len(run) for run in _HIGH.findall(data)]
    even = sum(length for length in runs if length % 2 == 0)
    chinese = not runs or even * 2 >= sum(runs) or max(runs) > 3
    first, second = ("gb18030", "cp1252") if chinese else ("cp1252", "gb18030")
    return second if _strictly(data, first) is None and _strictly(data, second) is not None else first
