"""Hostile workbooks: what the XML of their parts says."""

from __future__ import annotations

import random
from collections.abc import Callable
from xml.sax.saxutils import escape

from headframe.evidence.reading.grid import letters
from tests.evidence.importing.fuzz.sound import MAIN, File, packed, parts_of, yearbook

SHEET, BOOK, STYLES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"
STRINGS, RELATIONS = "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"
CANARY = "/etc/hostname"
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
OUTSIDE = f'<!DOCTYPE a [<!ENTITY a SYSTEM "file://{CANARY}">]>'
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def with_changed(draw: random.Random, change: Callable[[dict[str, bytes]], None], *, shared: bool = True) -> File:
    """A workbook whose parts were changed."""
    parts = parts_of({"表1": yearbook(draw)}, shared=shared)
    change(parts)
    return File(".xlsx", packed(parts))


def _body(data: bytes) -> bytes:
    return data.partition(b"?>\n")[2] or data


def definitions(draw: random.Random) -> File:
    """Entities that grow or that come from outside, plainly or behind a long comment."""

    def change(parts: dict[str, bytes]) -> None:
        name = draw.choice(sorted(parts))
        laughs = draw.random() < 0.5
        text = LAUGHS if laughs else OUTSIDE
        comment = f"<!--{'x' * draw.choice((5000, 300_000))}-->" if draw.random() < 0.5 else ""
        body = _body(parts[name]).replace("阜新市".encode(), b"&j;" if laughs else b"&a;")
        parts[name] = (DECLARED + comment + text).encode() + body

    return with_changed(draw, change)


def declared_otherwise(draw: random.Random) -> File:
    """An encoding named that is not the one used, or that nobody knows."""

    def change(parts: dict[str, bytes]) -> None:
        name = draw.choice((SHEET, STRINGS, BOOK, STYLES))
        said = draw.choice(("GBK", "utf-16", "utf-7", "nonsense", "iso-8859-1", "ebcdic-cp-us", "utf-32", "rot13", ""))
        text = f'<?xml version="1.0" encoding="{said}"?>'.encode() + _body(parts[name])
        known = draw.choice(("gb18030", "utf-16", "utf-8-sig"))
        parts[name] = text if draw.random() < 0.5 else text.decode().encode(known)

    return with_changed(draw, change, shared=draw.random() < 0.5)


def deep(draw: random.Random) -> File:
    """Elements in elements in elements."""

    def change(parts: dict[str, bytes]) -> None:
        name = draw.choice((SHEET, STRINGS, BOOK, STYLES, RELATIONS))
        depth = draw.choice((1000, 20_000, 100_000))
        tag = draw.choice((b"c", b"row", b"si", b"is", b"r", b"x"))
        nest = b"<%s>" % tag * depth + (b"</%s>" % tag * depth if draw.random() < 0.7 else b"")
        at = draw.choice((parts[name].rindex(b"</"), parts[name].index(b">", 60) + 1))
        parts[name] = parts[name][:at] + nest + parts[name][at:]

    return with_changed(draw, change)


def long_attribute(draw: random.Random) -> File:
    """An attribute of a million characters, or ten thousand attributes."""

    def change(parts: dict[str, bytes]) -> None:
        name = draw.choice((SHEET, STRINGS, BOOK, STYLES, RELATIONS))
        long = b' x="%s"' % (draw.choice((b"A", b"&amp;", b"9", b" ")) * draw.choice((10_000, 500_000)))
        many = b"".join(b' a%d=""' % n for n in range(10_000))
        tag = draw.choice((b"<row", b"<c", b"<sheet ", b"<xf", b"<Relationship ", b"<si", b"<sheetData"))
        parts[name] = parts[name].replace(tag, tag.rstrip() + draw.choice((long, many)) + b" ", 1)

    return with_changed(draw, change)


def lacking(draw: random.Random) -> File:
    """Parts that are not there, or empty."""

    def change(parts: dict[str, bytes]) -> None:
        for name in draw.sample(sorted(parts), draw.randint(1, 3)):
            if draw.random() < 0.5:
                del parts[name]
            else:
                parts[name] = draw.choice((b"", b"<a/>", b"   ", b"\xef\xbb\xbf"))

    return with_changed(draw, change)


def to_nowhere(draw: random.Random) -> File:
    """Sheets and relations that point to nothing, to each other, or to a part of another kind."""

    def change(parts: dict[str, bytes]) -> None:
        goal = draw.choice(
            (b"worksheets/none.xml", b"../../x.xml", b"workbook.xml", b"styles.xml", b"/xl/workbook.xml")
        )
        goal = draw.choice(
            (goal, b"http://localhost:9/sheet.xml", b"file:///etc/hostname", b"", b"%s" % (b"a/" * 4000))
        )
        old = draw.choice((b"worksheets/sheet1.xml", b"sharedStrings.xml", b"styles.xml"))
        parts[RELATIONS] = parts[RELATIONS].replace(old, goal)
        if draw.random() < 0.3:
            parts[BOOK] = parts[BOOK].replace(b"rId1", draw.choice((b"rId9", b"rId2", b"", b"&#0;")))
        if draw.random() < 0.2:
            line = parts[BOOK][parts[BOOK].index(b"<sheet ") : parts[BOOK].index(b"</sheets>")]
            parts[BOOK] = parts[BOOK].replace(line, line * draw.choice((2, 500)))

    return with_changed(draw, change)


def far_cells(draw: random.Random) -> File:
    """A sheet that says it reaches to XFD1048576, with three cells, one of them far away or nowhere."""

    def change(parts: dict[str, bytes]) -> None:
        row, column = draw.choice(((1, 16_384), (1_048_576, 1), (1_048_576, 16_384), (3000, 6000), (200, 16_000)))
        far = f"{letters(column)}{row}"
        name = draw.choice((far, far, "XFE1", "A0", "A1048577", "ZZZ9999999", "1A", "", "a1", "$A$1", "A１"))
        rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{name}"><v>3</v></c></row>'
        text = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
        parts[SHEET] = (DECLARED + text).encode()

    return with_changed(draw, change)


def disorder(draw: random.Random) -> File:
    """Rows and cells out of order, twice, without their numbers, or with numbers that are none."""

    def change(parts: dict[str, bytes]) -> None:
        head, rows, tail = split_rows(parts[SHEET])
        kind = draw.randrange(6)
        if kind == 0:
            draw.shuffle(rows)
        elif kind == 1:
            rows += draw.choices(rows, k=3)
        elif kind == 2:
            rows = [row.replace(b' r="', b' q="') for row in rows]
        elif kind == 3:
            rows = [
                row.replace(b'<row r="', b'<row r="%s' % draw.choice((b"-", b"0", b"99999999", b"x"))) for row in rows
            ]
        elif kind == 4:
            cells = rows[4].removesuffix(b"</row>").split(b"<c ")[1:]
            draw.shuffle(cells)
            rows[4] = b'<row r="5">' + b"".join(b"<c " + cell for cell in [*cells, cells[0]]) + b"</row>"
        else:
            rows = [b"<!-- x -->" + row + b"<extra/>" for row in rows]
        parts[SHEET] = head + b"".join(rows) + tail

    return with_changed(draw, change, shared=draw.random() < 0.5)


def split_rows(sheet: bytes) -> tuple[bytes, list[bytes], bytes]:
    """A sheet cut into what stands before the rows, the rows, and what stands behind them."""
    head, mark, rest = sheet.partition(b"<sheetData>")
    body, end, tail = rest.partition(b"</sheetData>")
    rows = [row + b"</row>" for row in body.split(b"</row>") if row]
    return head + mark, rows, end + tail


def wrong_strings(draw: random.Random) -> File:
    """Numbers of strings and of styles that do not exist or are no numbers."""

    def change(parts: dict[str, bytes]) -> None:
        wrong = draw.choice(
            (b"-1", b"99999999", b"1_0", b"0x1", b"1.5", b"", b" 1 ", b"9" * 5000, b"nan", b"\xef\xbc\x91")
        )
        old = draw.choice((b'"><v>', b't="s"><v>'))
        sheet = parts[SHEET]
        if draw.random() < 0.5:
            parts[SHEET] = sheet.replace(b't="s"><v>1</v>', b't="s"><v>' + wrong + b"</v>")
        elif draw.random() < 0.5:
            parts[SHEET] = sheet.replace(b't="s"', b's="' + wrong + b'" t="s"')
        else:
            parts[SHEET] = sheet.replace(old, old + wrong, 3)

    return with_changed(draw, change)


def wrong_styles(draw: random.Random) -> File:
    """Formats that no program wrote, and figures shown by them."""

    def change(parts: dict[str, bytes]) -> None:
        codes = (
            "0" * 400, "#,##0" * 90, "[$-804]yyyy", '"', "\\", ";;;", "0.%%%", "yyyyyyyyymmmdddd", "[h",
            "e" * 999, "@@@",
            "0" + "," * 400, "0." + "0" * 400, "General General", "# ?/?", "[" * 900, '"a' * 500, "0.0E+0",
            "上午/下午", "??",
            "0_" * 300, "0*",
        )  # fmt: skip
        parts[STYLES] = parts[STYLES].replace(b"#,##0.0,&quot;", escape(draw.choice(codes), {'"': "&quot;"}).encode())
        number = draw.choice((b"-1", b"14", b"999999999999", b"x", b"", b"58"))
        parts[STYLES] = parts[STYLES].replace(b'numFmtId="14"', b'numFmtId="' + number + b'"')
        for style in (b"1", b"2", b"3"):
            value = draw.choice(
                (b"1", b"-1", b"1e400", b"2958466", b"1e300", b"-0", b"60", b"43466.999999999", b"5e-324")
            )
            parts[SHEET] = parts[SHEET].replace(b"<c r=", b'<c s="%s" r=' % style, 9)
            parts[SHEET] = parts[SHEET].replace(b"</sheetData>",
            b'<row r="%d00"><c r="C%d00" s="%s"><v>%s</v></c></row>' % (
                int(style), int(style), style, value) + b"</sheetData>")  # fmt: skip

    return with_changed(draw, change)


def wrong_ranges(draw: random.Random) -> File:
    """Merged ranges over everything, over each other, upside down, very many, or nowhere."""

    def change(parts: dict[str, bytes]) -> None:
        ranges = [
            "A1:XFD1048576",
            "B2:A1",
            "A1",
            "A0:B9",
            "C5:E9",
            "C5:C99",
            "A5:F5",
            ":",
            "A1:B2:C3",
            "$A$1:$B$2",
            "Z9:AB99",
        ]
        chosen = draw.choices(ranges, k=draw.choice((1, 3, 2000)))
        if draw.random() < 0.3:
            chosen = [f"A{n}:F{n + 2}" for n in range(1, draw.choice((40, 3000)))]
        text = "".join(f'<mergeCell ref="{name}"/>' for name in chosen).encode()
        parts[SHEET] = parts[SHEET].replace(b"</mergeCells>", text + b"</mergeCells>")

    return with_changed(draw, change)


XML: tuple[Callable[[random.Random], File], ...] = (
    definitions, declared_otherwise, deep, long_attribute, lacking, to_nowhere, far_cells, disorder, wrong_strings,
    wrong_styles, wrong_ranges,
)  # fmt: skip
