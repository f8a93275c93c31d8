"""Damage that knows nothing of what a file holds: bytes cut, changed, moved, and parts of archives treated so."""

from __future__ import annotations

import gzip
import random
import struct
import warnings
import zipfile
from collections.abc import Callable
from io import BytesIO

from tests.evidence.importing.fuzz.sound import File, packed, parts_of, unpacked, worldbank, xlsx, yearbook

WRONG = (
    b"", b"\x00", b"\x00\x00\x00\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<", b">", b'"', b"'", b"&", b";", b",", b"\t",
    b"|", b"{", b"]", b":", b"nan", b"1e999", b"-", b"\xe9\x98", b"\x80", b"\x1a", b"<row>", b"</row>", b"<c", b"PK",
    b'r="XFD1048576"', b'r="A0"', b"<f>", b"9" * 400, b"\r\n", b"\r", b"\n", b'<mergeCell ref="A1:XFD9"/>', b"\\",
    "０１２".encode(), "\u202e\u2028".encode(), "阜".encode("gb18030"), b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff",
)  # fmt: skip
ABSOLUTE = "/tmp/headframe-fuzz-absolute.xml"
Bytes = Callable[[bytes, random.Random], bytes]


def cut(data: bytes, draw: random.Random) -> bytes:
    """The beginning alone, or the end alone."""
    at = draw.randrange(len(data) + 1)
    return data[:at] if draw.random() < 0.8 else data[at:]


def flipped(data: bytes, draw: random.Random) -> bytes:
    """Some bits turned over."""
    found = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 8, 64))):
        if found:
            found[draw.randrange(len(found))] ^= 1 << draw.randrange(8)
    return bytes(found)


def inserted(data: bytes, draw: random.Random) -> bytes:
    """Bytes put in that mean something somewhere."""
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(WRONG) + data[at:]


def overwritten(data: bytes, draw: random.Random) -> bytes:
    """A stretch replaced by zeros, by 0xFF or by noise of the same length."""
    at = draw.randrange(len(data) + 1)
    length = min(draw.choice((1, 4, 16, 512)), len(data) - at)
    filling = draw.choice((bytes(length), b"\xff" * length, draw.randbytes(length)))
    return data[:at] + filling + data[at + length :]


def swapped(data: bytes, draw: random.Random) -> bytes:
    """Two blocks in each other's place."""
    size = draw.choice((16, 64, 512))
    one, other = sorted((draw.randrange(len(data) + 1), draw.randrange(len(data) + 1)))
    return data[:one] + data[other : other + size] + data[one + size : other] + data[one : one + size] + data[other:]


def doubled(data: bytes, draw: random.Random) -> bytes:
    """A stretch several times."""
    at = draw.randrange(len(data) + 1)
    end = min(len(data), at + draw.randint(1, 400))
    return data[:at] + data[at:end] * draw.choice((2, 3, 50)) + data[end:]


def dropped(data: bytes, draw: random.Random) -> bytes:
    """A stretch left out."""
    at = draw.randrange(len(data) + 1)
    return data[:at] + data[at + draw.randint(1, 400) :]


def followed(data: bytes, draw: random.Random) -> bytes:
    """Something behind the end."""
    return data + draw.choice((bytes(1000), draw.randbytes(100), b"\n" * 1000, data[:200], b"PK\x05\x06" + bytes(18)))


def preceded(data: bytes, draw: random.Random) -> bytes:
    """Something before the beginning."""
    return draw.choice((b"\n\n", b" ", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"%PDF", b"MZ")) + data


DAMAGES: tuple[Bytes, ...] = (
    cut, flipped, inserted, overwritten, swapped, doubled, dropped, followed, preceded,
)  # fmt: skip


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Bytes with one to four damages."""
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        data = draw.choice(DAMAGES)(data, draw)
    return data


def damaged_inside(file: File, draw: random.Random) -> File:
    """An archive or a gzip file with what is packed in it damaged, and packed again."""
    if file.suffix.endswith(".gz"):
        return File(file.suffix, gzip.compress(damaged(gzip.decompress(file.data), draw), mtime=0))
    parts = unpacked(file.data)
    name = draw.choice(sorted(parts))
    return File(file.suffix, packed({**parts, name: damaged(parts[name], draw)}))


def _central(data: bytes) -> int:
    return data.index(b"PK\x01\x02")


def _field(data: bytes, at: int, form: str, value: int) -> bytes:
    return data[:at] + struct.pack(f"<{form}", value) + data[at + struct.calcsize(f"<{form}") :]


def _header(draw: random.Random, local: int, central: int, form: str, value: int) -> File:
    """A workbook whose first entry says something else in one or both of its headers."""
    suffix, data = xlsx(draw)
    if draw.random() < 0.7:
        data = _field(data, _central(data) + central, form, value)
    if draw.random() < 0.7:
        data = _field(data, local, form, value)
    return File(suffix, data)


def wrong_sizes(draw: random.Random) -> File:
    """Sizes, packed or not, that are not true."""
    value = draw.choice((0, 1, 2**31, 2**32 - 1, 100))
    return _header(draw, *draw.choice(((18, 20), (22, 24))), "I", value)


def wrong_sum(draw: random.Random) -> File:
    """A checksum that does not fit."""
    return _header(draw, 14, 16, "I", draw.getrandbits(32))


def encrypted(draw: random.Random) -> File:
    """Entries that say that they are encrypted, or other flags."""
    return _header(draw, 6, 8, "H", draw.choice((1, 0x41, 0x2000, 0x20, 0xFFFF, 8)))


def wrong_method(draw: random.Random) -> File:
    """A method of packing that is another one or unknown."""
    return _header(draw, 8, 10, "H", draw.choice((1, 6, 9, 12, 14, 93, 95, 98, 99, 0, 0xFFFF)))


def wrong_place(draw: random.Random) -> File:
    """A central directory that points elsewhere, or an entry that begins elsewhere."""
    suffix, data = xlsx(draw)
    end = data.rindex(b"PK\x05\x06")
    at, form = draw.choice(((end + 16, "I"), (end + 12, "I"), (end + 10, "H"), (_central(data) + 42, "I")))
    return File(
        suffix, _field(data, at, form, draw.choice((0, 1, 40_000, 2**32 - 1) if form == "I" else (0, 9, 65_535)))
    )


def other_methods(draw: random.Random) -> File:
    """Parts packed by bzip2 or LZMA, sound or damaged."""
    parts = parts_of({"表1": yearbook(draw)})
    data = packed(parts, draw.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED)))
    for _ in range(draw.randrange(4)):
        at = draw.randrange(30, _central(data))
        data = data[:at] + draw.randbytes(1) + data[at + 1 :]
    return File(".xlsx", data)


def large_dictionary(draw: random.Random) -> File:
    """LZMA that asks for a dictionary of four gigabytes."""
    data = bytearray(packed({"xl/workbook.xml": b"<a/>" * 9}, zipfile.ZIP_LZMA))
    at = 30 + len("xl/workbook.xml") + 4  # behind the header of the entry and that of the properties
    data[at + 1 : at + 5] = struct.pack("<I", draw.choice((0xFFFF_FFFF, 0x8000_0000, 1 << 30)))
    return File(".xlsx", bytes(data))


def twice(draw: random.Random) -> File:
    """Entries of the same name with different contents."""
    parts = parts_of({"表1": yearbook(draw)})
    out = BytesIO(packed(parts))
    name = draw.choice(sorted(parts))
    with zipfile.ZipFile(out, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        info = zipfile.ZipInfo(draw.choice((name.upper(), f"/{name}", name.replace("/", "\\"))))
        archive.writestr(info, draw.choice((b"", b"<a/>", parts["xl/workbook.xml"], draw.randbytes(50))))
    return File(".xlsx", out.getvalue())


def tricky_names(draw: random.Random) -> File:
    """Names that lead out of a folder, absolute ones, devices, and ones that no file can have."""
    names = (
        "../escaped.csv", "../../escaped.csv", ABSOLUTE, "C:\\Windows\\escaped.csv", "CON", "NUL.csv", "a\x00b.csv",
        "x" * 5000 + ".csv", "..\\..\\escaped.csv", "\u202evsc.exe", " ", ".", "..", "a//b.csv", "~/escaped.csv",
        "-.csv",
        "%2e%2e/escaped.csv", "\n.csv", "{0}.csv", "<b>.csv", "=cmd()|.csv",
    )  # fmt: skip
    if draw.random() < 0.5:
        parts = dict.fromkeys(draw.sample(names, draw.randint(1, 5)), b"city,gdp\nFuxin,1\nFushun,2\n")
        return File(".zip", packed(parts))
    parts = parts_of({"表1": yearbook(draw)})
    name = draw.choice(names)
    part = "xl/_rels/workbook.xml.rels"
    target = name.replace("&", "").replace("<", "").replace("\x00", "").encode("utf-8", "replace")
    parts[part] = parts[part].replace(b"worksheets/sheet1.xml", target)
    return File(".xlsx", packed({**parts, name: parts["xl/worksheets/sheet1.xml"]}))


def many_entries(draw: random.Random) -> File:
    """More entries than anything needs, most of them empty."""
    parts = {f"{number}.csv": b"" for number in range(draw.choice((399, 450, 10_001)))}
    return File(".zip", packed({**parts, "a.csv": b"a,b\n1,2\n"}, zipfile.ZIP_STORED))


def nested(draw: random.Random) -> File:
    """Archives in archives, gzip in gzip, a workbook in an archive."""
    data, suffix = worldbank(draw).data, ".zip"
    for _ in range(draw.randint(1, 4)):
        kind = draw.randrange(3)
        if kind == 0:
            data, suffix = gzip.compress(data, mtime=0), ".csv.gz"
        else:
            data, suffix = packed({draw.choice(("a.zip", "a.csv", "xl/workbook.xml")): data}), ".zip"
    return File(suffix, data)


def bomb(draw: random.Random) -> File:
    """Little that unpacks to tens of megabytes: of a table, of nothing, of a part of a workbook."""
    size = draw.choice((3 << 20, 20 << 20, 60 << 20))
    line = draw.choice((b"\n", b"1,2,3\n", b" ", b"a", b"\x00", b'"', b",", b"<c>"))
    data = line * (size // len(line))
    if draw.random() < 0.5:
        return File(".csv.gz", gzip.compress(data, 6, mtime=0))
    parts = parts_of({"表1": yearbook(draw)})
    name = draw.choice(("xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"))
    if draw.random() < 0.4:
        return File(".zip", packed({"a.csv": data, "b.csv": data}))
    end = parts[name].rindex(b"</")
    return File(".xlsx", packed({**parts, name: parts[name][:end] + data + parts[name][end:]}))


def gzip_pieces(draw: random.Random) -> File:
    """Several gzip streams in one file, the last of them damaged, cut, or followed by something."""
    pieces = [gzip.compress(b"city,year,gdp\n", mtime=0)]
    pieces += [gzip.compress(f"Fuxin,{2000 + n},{n}\n".encode(), mtime=0) for n in range(5)]
    return File(".csv.gz", b"".join(pieces) + draw.choice((b"", bytes(9), b"PK", pieces[0][:-3], b"\x1f\x8b")))


ZIPS: tuple[Callable[[random.Random], File], ...] = (
    wrong_sizes, wrong_sum, encrypted, wrong_method, wrong_place, other_methods, large_dictionary, twice, tricky_names,
    nested, gzip_pieces,
)  # fmt: skip
HEAVY: tuple[Callable[[random.Random], File], ...] = (many_entries, bomb)
