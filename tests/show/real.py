"""The report on a real place, computed once, and workbooks read back as they are stored."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from xml.etree import ElementTree as ET

from headframe import api
from headframe.core.words import Words
from headframe.evidence.folder import open_city
from headframe.evidence.naming import words_for
from headframe.show.results_bundle import Report
from headframe.show.workbook import render_workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@cache
def fuxin() -> Report:
    """The whole report on Fuxin."""
    return api.bundle(open_city("fuxin"))


@cache
def fuxin_words() -> dict[str, Words]:
    """The words of both languages with Fuxin's names."""
    return {code: words_for(open_city("fuxin"), code) for code in ("en", "zh")}


@cache
def fuxin_workbook() -> bytes:
    """The workbook on Fuxin."""
    return render_workbook(fuxin(), fuxin_words())


@cache
def parts(data: bytes) -> dict[str, ET.Element]:
    """Every XML part of a workbook by its path; fails where one is not well-formed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: ET.fromstring(archive.read(name)) for name in archive.namelist()}


def sheet_paths(data: bytes) -> dict[str, str]:
    """The path of each sheet's part by the English name of the sheet (`观测数据 Observations` → `Observations`)."""
    sheets = parts(data)["xl/workbook.xml"].iter(f"{MAIN}sheet")
    return {
        sheet.attrib["name"].partition(" ")[2]: f"xl/worksheets/sheet{n}.xml" for n, sheet in enumerate(sheets, start=1)
    }


def stored(data: bytes, sheet: str) -> list[dict[str, str | float]]:
    """A sheet's rows as column letters with what is stored: numbers as float, texts as str, blank cells left out."""
    found = parts(data)
    texts = ["".join(item.itertext()) for item in found["xl/sharedStrings.xml"]]
    rows = []
    for row in found[sheet_paths(data)[sheet]].iter(f"{MAIN}row"):
        cells: dict[str, str | float] = {}
        for cell in row.iter(f"{MAIN}c"):
            value = cell.find(f"{MAIN}v")
            if value is None or value.text is None:
                continue
            letter = cell.attrib["r"].rstrip("0123456789")
            cells[letter] = texts[int(value.text)] if cell.get("t") == "s" else float(value.text)
        rows.append(cells)
    return rows


def named(data: bytes, sheet: str) -> list[dict[str, str | float]]:
    """A sheet's rows by the ids of its columns."""
    rows = stored(data, sheet)
    top = 0 if sheet == "Observations" else 2
    return [{str(rows[top][letter]): value for letter, value in row.items()} for row in rows[top + 1 :]]


def edited(data: bytes, sheet: str, changes: dict[str, str], below: str = "") -> bytes:
    """A workbook in which someone typed: cells of numbers changed by address, rows of XML added below."""
    path, out = sheet_paths(data)[sheet], io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == path:
                plain = text.decode("utf-8")
                for address, value in changes.items():
                    plain, n = re.subn(rf'(<c r="{address}"[^>]*>)<v>[^<]*</v>', rf"\g<1><v>{value}</v>", plain)
                    assert n == 1, address
                text = plain.replace("</sheetData>", below + "</sheetData>").encode("utf-8")
            new.writestr(name, text)
    return out.getvalue()
