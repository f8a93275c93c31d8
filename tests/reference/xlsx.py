"""A second, independent way to read a workbook: the XML inside it, with the standard library only."""

from __future__ import annotations

import re
import zipfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def _shared(book: zipfile.ZipFile) -> list[str]:
    root = ET.fromstring(book.read("xl/sharedStrings.xml"))
    return ["".join(part.text or "" for part in item.iter(f"{MAIN}t")) for item in root.iter(f"{MAIN}si")]


def _sheet_path(book: zipfile.ZipFile, name: str) -> str:
    sheets = ET.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
    link = next(sheet.get(LINK) for sheet in sheets if sheet.get("name") == name)
    relations = ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    target = next(relation.get("Target") or "" for relation in relations if relation.get("Id") == link)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


@cache
def cells(path: Path, sheet: str) -> dict[str, str]:
    """Cell reference (`T52`) → text, as the file stores it."""
    found: dict[str, str] = {}
    with zipfile.ZipFile(path) as book:
        shared = _shared(book)
        root = ET.fromstring(book.read(_sheet_path(book, sheet)))
        for cell in root.iter(f"{MAIN}c"):
            value = cell.find(f"{MAIN}v")
            reference = cell.get("r")
            if value is not None and value.text and reference:
                found[reference] = shared[int(value.text)] if cell.get("t") == "s" else value.text
    return found


def row_text(path: Path, sheet: str, row: int) -> str:
    """The text of the first cell of a row, without blanks: the city's name."""
    return re.sub(r"\s", "", cells(path, sheet).get(f"A{row}", ""))
