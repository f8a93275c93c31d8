"""Formats: what a file is, told by its contents and not by its name, and who reads it."""

from __future__ import annotations

from pathlib import Path

from headframe.core.errors import HeadframeError, Problem
from headframe.core.files import check_readable
from headframe.evidence.reading.archive import Archive, open_archive, ungzipped
from headframe.evidence.reading.compound import MAGIC, Compound, DamagedCompoundError
from headframe.evidence.reading.delimited import read_delimited
from headframe.evidence.reading.encoding import decoded, decoded_by_mark
from headframe.evidence.reading.grid import Book, Sheet
from headframe.evidence.reading.legacy import STREAMS, read_legacy
from headframe.evidence.reading.limits import LIMITS, Limits
from headframe.evidence.reading.markup import looks_like_markup, read_markup
from headframe.evidence.reading.pasted import kept_apart, read_pasted
from headframe.evidence.reading.workbook import MAIN, read_workbook

START = 1 << 13  # bytes
# What is known but cannot be read: the bytes it begins with, and its name. Figures in it are copied by hand.
UNREAD = (
    (b"%PDF", "PDF"),
    (b"CAJ", "CAJ"),
    (b"HN\x00", "CAJ"),
    (b"KDH ", "KDH"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"PAR1", "Parquet"),
    (b"<stata_dta>", "Stata"),
    (b"$FL2", "SPSS"),
)
PARTS = (("word/document.xml", "DOCX"), ("ppt/presentation.xml", "PPTX"), ("xl/workbook.bin", "XLSB"))
OFFICE = (("worddocument", "DOC"), ("powerpoint document", "PPT"))
TABLES = (".csv", ".tsv", ".tab", ".txt")
NAMES = {".pdf": "PDF", ".caj": "CAJ", ".nh": "CAJ", ".kdh": "KDH", ".dta": "Stata", ".sav": "SPSS", ".ods": "ODS"}
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
EMPTY_ZIP = b"PK\x05\x06"


def read_file(path: Path, limits: Limits = LIMITS) -> Book:
    """Every sheet of a file: a workbook, a delimited file, packed or not, a saved page, or a text with a table.

    Raises HF114, HF119, HF120 for what cannot be opened, HF372 and HF373 for formats that are not read, HF374–HF379,
    HF381, HF382, HF384, HF385 and HF388 for damage and excess. Warnings stand in `Book.problems`.
    """
    size = check_readable(path, limits.file)
    if size == 0:
        raise HeadframeError.of("HF382", path.name)
    try:
        with path.open("rb") as stream:
            start = stream.read(START)
        if start.startswith((ZIP, EMPTY_ZIP)):
            return _read_archive(path, limits)
        if start.startswith(GZIP):
            return _read_text(ungzipped(path, limits), path.name, limits)
        if start.startswith(MAGIC):
            return _read_compound(path.read_bytes(), path.name, limits)
        _refuse_unread(start, path)
        return _read_text(path.read_bytes(), path.name, limits)
    except OSError as error:
        raise HeadframeError.of("HF114", str(path), reason=error.strerror or str(error)) from error


def read_text(text: str, name: str = "", limits: Limits = LIMITS) -> Book:
    """Pasted text as one sheet, or the tables of pasted HTML. Raises HF376–HF378, HF381, HF382 and HF388."""
    return read_pasted(text, limits, name)


def _refuse_unread(start: bytes, path: Path) -> None:
    """Raise HF372 for formats whose figures have to be typed into the template."""
    for magic, name in UNREAD:
        if start.startswith(magic) and (len(magic) > 2 or b"\x00" in start[:64]):
            raise HeadframeError.of("HF372", path.name, format=name)
    if path.suffix.lower() in NAMES:
        raise HeadframeError.of("HF372", path.name, format=NAMES[path.suffix.lower()])


def _read_archive(path: Path, limits: Limits) -> Book:
    with open_archive(path, limits) as archive:
        if archive.has(MAIN):
            return read_workbook(archive, path, limits)
        for part, name in PARTS:
            if archive.has(part):
                raise HeadframeError.of("HF372", path.name, format=name)
        if archive.has("mimetype") and archive.has("content.xml"):
            raise HeadframeError.of("HF372", path.name, format="ODF")
        return _read_packed_tables(archive, path, limits)


def _read_packed_tables(archive: Archive, path: Path, limits: Limits) -> Book:
    """The delimited files of an archive, one sheet each, as the World Bank packs them. Raises HF384 for none."""
    names = [name for name in archive.names if name.endswith(TABLES) and not name.startswith("__macosx/")]
    sheets, problems = list[Sheet](), list[Problem]()
    encoding, count = "", 0
    for name in names[: limits.sheets]:
        written = archive.written(name)
        data = b"".join(archive.blocks(name))
        if not data.strip():
            continue
        book = _read_text(data, f"{path.name}, {written}", limits)
        sheets += [Sheet(written, sheet.values, sheet.merged) for sheet in book.sheets]
        problems += book.problems
        count += sum(len(row) for sheet in book.sheets for row in sheet.values)
        limits.check_cells(path.name, count)
        encoding = encoding or book.encoding
    if not sheets:
        listed = ", ".join(archive.names[:8]) + (", …" if len(archive.names) > 8 else "")
        raise HeadframeError.of("HF384", path.name, parts=listed or "—")
    return Book(path.name, "zip", tuple(sheets), encoding, tuple(problems))


def _read_compound(data: bytes, name: str, limits: Limits) -> Book:
    try:
        compound = Compound(data)
    except DamagedCompoundError as error:
        raise HeadframeError.of("HF374", name, reason=str(error)) from error
    streams = compound.streams
    if "encryptedpackage" in streams:
        raise HeadframeError.of("HF375", name)
    if any(stream in streams for stream in STREAMS):
        return read_legacy(data, compound, name, limits)
    for stream, form in OFFICE:
        if stream in streams:
            raise HeadframeError.of("HF372", name, format=form)
    raise HeadframeError.of("HF373", name)


def _read_text(data: bytes, name: str, limits: Limits) -> Book:
    start = data[:START]
    if start.startswith((ZIP, GZIP, MAGIC)):
        raise HeadframeError.of("HF373", name)
    if _is_binary(start):
        raise HeadframeError.of("HF373", name)
    text = decoded(start.rsplit(b"\n", 1)[0] if len(data) > START else start, name).text
    if looks_like_markup(text):
        return read_markup(decoded(data, name).text, name, limits)
    if kept_apart(text):
        return read_pasted(decoded(data, name).text, limits, name)
    return read_delimited(data, name, limits)


def _is_binary(start: bytes) -> bool:
    """Whether bytes are no text: control characters that text does not have, outside UTF-16."""
    if decoded_by_mark(start[: len(start) // 2 * 2]) is not None:
        return False
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x00\x1a" for byte in start)
    return controls > len(start) // 50 + 1
