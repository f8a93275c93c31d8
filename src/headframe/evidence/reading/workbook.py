"""Workbooks of the Office Open XML kind (.xlsx, .xlsm): every sheet with its cell types and merged ranges."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import cast
from xml.etree import ElementTree as ET

from headframe.core.errors import HeadframeError, Problems
from headframe.evidence.reading.archive import Archive, damages, refuse_definitions
from headframe.evidence.reading.grid import Book, Kind, Sheet, Shown
from headframe.evidence.reading.limits import Limits
from headframe.evidence.reading.number_format import PLAIN, NumberFormat, number_format
from headframe.evidence.reading.sheet_xml import SheetXml, rich_text

MAIN = "xl/workbook.xml"
MOST_OPEN_TAGS = 2_000_000  # inside one string of the table of strings


def read_workbook(archive: Archive, path: Path, limits: Limits) -> Book:
    """Read every worksheet of a workbook.

    Raises HF374–HF378; warns with HF383 of sheets left out and with HF387 of formulas without result and errors.
    """
    tree = archive.tree(MAIN)
    targets = _relationships(archive)
    properties = tree.find("{*}workbookPr")
    from_1904 = properties is not None and properties.get("date1904", "0") in {"1", "true"}
    strings = _strings(archive, targets, limits)
    formats = _formats(archive, targets)
    problems, sheets, count = Problems(), list[Sheet](), 0
    listed = [sheet for sheet in tree.iter() if sheet.tag.rpartition("}")[2] == "sheet"]
    for entry in listed[: limits.sheets]:
        identifier = next((value for key, value in entry.attrib.items() if key.rpartition("}")[2] == "id"), "")
        target, kind = targets.get(identifier, ("", ""))
        if not kind.endswith("/worksheet") or not archive.has(target):
            continue
        name = entry.get("name", "")
        reader = SheetXml(f"{path.name}, {name}", strings, formats, limits)
        reader.from_1904, reader.count = from_1904, count
        for block in archive.blocks(target):
            reader.feed(block)
        reader.close()
        count = reader.count
        hidden = entry.get("state", "visible") != "visible"
        sheets.append(Sheet(name, reader.rows, tuple(reader.merged), typed=True, hidden=hidden))
        _warn_of_lost_values(sheets[-1], path, problems)
    if not sheets:
        raise HeadframeError.of("HF374", path.name, reason="worksheet")
    if len(listed) > limits.sheets:
        problems.add("HF383", path.name, severity="warning", count=len(listed), limit=limits.sheets)
    return Book(path.name, "xlsx", tuple(sheets), problems=tuple(problems))


def _warn_of_lost_values(sheet: Sheet, path: Path, problems: Problems) -> None:
    lost = [
        (row, column)
        for row, values in enumerate(sheet.values, start=1)
        for column, value in enumerate(values, start=1)
        if isinstance(value, Shown) and value.kind in {Kind.FORMULA, Kind.ERROR}
    ]
    if lost:
        first = sheet.cell(*lost[0]).reference
        problems.add("HF387", f"{path.name}, {sheet.name}", severity="warning", count=len(lost), cell=first)


def _relationships(archive: Archive) -> dict[str, tuple[str, str]]:
    """The parts that the workbook is made of: for each id the name of the part and its type."""
    name = "xl/_rels/workbook.xml.rels"
    if not archive.has(name):
        raise HeadframeError.of("HF374", archive.where, reason=name)
    found = {}
    for entry in archive.tree(name):
        target = entry.get("Target", "").replace("\\", "/")
        whole = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        found[entry.get("Id", "")] = (whole, entry.get("Type", ""))
    return found


def _strings(archive: Archive, targets: dict[str, tuple[str, str]], limits: Limits) -> list[str]:
    """The table of strings that cells refer to by number; a text of spaces alone counts as empty."""
    name = next((name for name, kind in targets.values() if kind.endswith("/sharedStrings")), "")
    if not archive.has(name):
        return []
    where = f"{archive.where}, {name}"
    parser: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(["start", "end"])
    found: list[str] = []
    root: ET.Element | None = None
    pending, begun = 0, False
    with damages(where, "HF374"):
        for block in archive.blocks(name):
            if not begun:
                refuse_definitions(block, where)
                begun = True
            pending += block.count(b"<")
            parser.feed(block)
            for event, element in cast("Iterable[tuple[str, ET.Element]]", parser.read_events()):
                if root is None:
                    root = element
                elif event == "end" and element.tag.rpartition("}")[2] == "si":
                    found.append(rich_text(element)[: limits.cell])
                    root.clear()
                    pending = 0
            if pending > MOST_OPEN_TAGS or len(found) > limits.cells:
                raise HeadframeError.of("HF376", where, size=max(pending, len(found)), limit=MOST_OPEN_TAGS)
        parser.close()
    return found


def _formats(archive: Archive, targets: dict[str, tuple[str, str]]) -> list[NumberFormat]:
    """The number format of each cell style, by the number that cells refer to."""
    name = next((name for name, kind in targets.values() if kind.endswith("/styles")), "")
    if not archive.has(name):
        return []
    tree = archive.tree(name)
    codes = {form.get("numFmtId", ""): form.get("formatCode", "") for form in tree.iterfind("{*}numFmts/{*}numFmt")}
    made: dict[str, NumberFormat] = {}
    found = []
    for style in tree.iterfind("{*}cellXfs/{*}xf"):
        number = style.get("numFmtId", "0")
        if number not in made:
            builtin = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else -1
            made[number] = number_format(codes.get(number, ""), builtin)
        found.append(made[number])
    return found or [PLAIN]
