"""Sound files of two more kinds: the template as people fill it in, and a panel as Stata keeps it."""

from __future__ import annotations

import random
import re
import struct
from functools import cache

from headframe.evidence.template import TemplatePlace, template_bytes
from tests.evidence.importing.fuzz.sound import CITIES, File, packed, unpacked

SHEET = "xl/worksheets/sheet1.xml"
DOUBLE, LONG = 65526, 65528
FILLED = (("亿元 [100000000 CNY]", "当年价 [nominal]"), ("% [%]", ""), ("万人 [10000 person]", ""))  # by row
_ROW = re.compile(rb'(<row r="([3-8])"[^>]*>)(.*?)</row>')


@cache
def _template() -> dict[str, bytes]:
    places = (TemplatePlace("fuxin", "阜新市"), TemplatePlace("hegang", "鹤岗市"))
    return unpacked(template_bytes(places, ("gdp", "forest_cover", "employment"), (2018, 2019, 2020), "zh"))


def template(draw: random.Random) -> File:
    """The template with some of its rows filled in."""
    parts = dict(_template())

    def filled(match: re.Match[bytes]) -> bytes:
        number = match[2].decode()
        unit, basis = FILLED[int(number) % 3]
        cells = [f'<c r="C{number}" t="inlineStr"><is><t>{unit}</t></is></c>'] if b'r="C' not in match[3] else []
        for column in "DEF":
            value = draw.choice((f"{draw.uniform(1, 90):.2f}", f"{draw.uniform(1, 90):.2f}", "约 35", "…"))
            cells.append(f'<c r="{column}{number}" t="str"><v>{value}</v></c>')
        cells.append(f'<c r="G{number}" t="inlineStr"><is><t>{basis}</t></is></c>' if basis else "")
        return match[1] + match[3] + "".join(cells).encode() + b"</row>"

    parts[SHEET] = _ROW.sub(filled, parts[SHEET])
    return File(".xlsx", packed(parts))


def stata(draw: random.Random) -> File:
    """A panel of places and years in the version 118 of Stata's format."""
    columns = [
        ("city", 30, "城市", "%30s"),
        ("year", LONG, "年份", "%9.0g"),
        ("gdp", DOUBLE, "地区生产总值（万元）", "%9.0g"),
    ]
    columns.append(("pop", DOUBLE, "Population (person)", "%9.0g"))
    rows = b""
    count = 0
    for city in CITIES[: draw.randint(2, 6)]:
        for year in range(2015, 2019):
            gdp = draw.choice((draw.uniform(1, 9e6), float.fromhex("0x1p1023"), float.fromhex("0x1.001p1023")))
            rows += city.encode().ljust(30, b"\0") + struct.pack("<idd", year, gdp, draw.randint(1, 10**7))
            count += 1
    kinds = b"".join(struct.pack("<H", kind) for _, kind, _, _ in columns)
    sections = [
        ("variable_types", kinds),
        ("varnames", b"".join(name.encode().ljust(129, b"\0") for name, _, _, _ in columns)),
        ("sortlist", bytes(2 * (len(columns) + 1))),
        ("formats", b"".join(form.encode().ljust(57, b"\0") for _, _, _, form in columns)),
        ("value_label_names", bytes(129 * len(columns))),
        ("variable_labels", b"".join(words.encode().ljust(321, b"\0") for _, _, words, _ in columns)),
        ("characteristics", b""),
        ("data", rows),
        ("strls", b""),
        ("value_labels", b""),
    ]
    size = struct.pack("<H", len(columns))
    head = b"<release>118</release><byteorder>LSF</byteorder><K>%s</K><N>%s</N>" % (size, struct.pack("<Q", count))
    head += b"<label>\x05\x00Panel</label><timestamp>\x00</timestamp>"
    start = b"<stata_dta><header>" + head + b"</header>"
    places, body = [0, len(start)], b""
    begin = len(start) + len(b"<map></map>") + 14 * 8
    for name, content in sections:
        places.append(begin + len(body))
        body += b"<%s>%s</%s>" % (name.encode(), content, name.encode())
    places += [begin + len(body), begin + len(body) + len(b"</stata_dta>")]
    return File(".dta", start + b"<map>" + struct.pack("<14Q", *places) + b"</map>" + body + b"</stata_dta>")
