"""Hostile texts: delimited files, saved pages, pasted tables, and labels that are long or strange."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.evidence.importing.fuzz.sound import (
    CITIES,
    Cell,
    File,
    Rows,
    csv_text,
    html_text,
    packed,
    parts_of,
    pasted,
    yearbook,
)

ENCODINGS = (
    "utf-8",
    "gb18030",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-8-sig",
    "big5",
    "utf-32",
    "cp1252",
    "shift-jis",
)
PIECES = (
    "1", "12,", "1 ", "-", "…", "(", "（", ")", "[", "年", "2018", "2018年", "万", "亿元", "全市", "市辖区", "%", " ",
    "\u3000", "、",
    "a", "Total ", "10 000 ", "per ", "/", ":", "：", ";", "单位：", "其中：", "注：", "①", "*", "'", ".", "1.", "1,",
    "e", "1e", "+",
    "×10", "~", "至", "约", "<", "&", "<td>", "\u200b", "\u202e", "\u0301", "\ufeff", "\U0001f600", "\x07", "\x85",
    "\u2028", "|", "=", "@", "—", "表1-2 ", "一、", "三", "(1)", "$", "¥", "m²", "CO2", "_", "Q1", "-Q",
)  # fmt: skip
ODD = (
    "1e400", "NaN", "Infinity", "-0", "0x1F", "１２３．５", "1,2,3", "\u202e321", "12\u00ad3", "=1+1", "@SUM(A1)",
    "+1", "-1+2",
    "1" * 400, "1e-400", "½", "٣٤", "1-2", "(1,234)", "１，２３４", "2019-13-45", "1.2.3", "³", "10²", "1 1.44",
    "().13", "3.2亿元", "五",
    "1,23", "1.234.567,89", "12'345", "1 234", "99%", "5‰", "-", "—", "(D)", "n.a.", "x", "0", "00012",
    "1.0000000000000001",
)  # fmt: skip


def long_text(draw: random.Random, most: int = 40_000) -> str:
    """A text of one or a few pieces, very often: what makes slow patterns slow."""
    pieces = draw.sample(PIECES, draw.choice((1, 1, 2, 3)))
    length = draw.choice((50, 300, 5000, most))
    text = "".join(pieces) * (length // len("".join(pieces)) + 1)
    if draw.random() < 0.3:
        text = "".join(draw.choice(PIECES) for _ in range(length // 2))
    return draw.choice(("", "城", "1", "2018", "A ")) + text[:length] + draw.choice(("", "x", "1", "）", "$"))


def _encoded(text: str, draw: random.Random) -> bytes:
    return text.encode(draw.choice(ENCODINGS[:6]), "replace")


def _lines(draw: random.Random, mark: str = ",") -> list[str]:
    return csv_text(yearbook(draw)[0], mark).splitlines()


def ragged(draw: random.Random) -> File:
    """Rows of any length."""
    lines = [",".join(line.split(",")[: draw.randrange(1, 7)] * draw.choice((1, 1, 3))) for line in _lines(draw)]
    return File(".csv", _encoded("\n".join(lines), draw))


def quotes(draw: random.Random) -> File:
    """Quotation marks that are never closed, doubled, in the middle of cells, or of another kind."""
    lines = _lines(draw)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(lines))
        place = draw.randrange(len(lines[at]) + 1)
        sign = draw.choice(('"', '""', '"""', "'", "“", '","', '"\n"', '\\"'))
        lines[at] = lines[at][:place] + sign + lines[at][place:]
    return File(".csv", _encoded("\n".join(lines * draw.choice((1, 1, 20))), draw))


def mixed_encodings(draw: random.Random) -> File:
    """Lines in different encodings, or a mark of byte order in the middle."""
    names = draw.sample(ENCODINGS, draw.choice((2, 2, 3)))
    lines = [(line + "\n").encode(draw.choice(names), "replace") for line in _lines(draw)]
    if draw.random() < 0.3:
        lines.insert(draw.randrange(len(lines)), draw.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\x1a")))
    return File(".csv", b"".join(lines))


def other_encodings(draw: random.Random) -> File:
    """A whole file in an encoding that is rare, or said wrongly by its first bytes."""
    data = "\n".join(_lines(draw)).encode(draw.choice(ENCODINGS), "replace")
    return File(".csv", draw.choice((b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00")) + data)


def zeros(draw: random.Random) -> File:
    """Zero bytes and other controls within a text."""
    data = bytearray("\n".join(_lines(draw)).encode(draw.choice(("utf-8", "gb18030"))))
    for _ in range(draw.choice((1, 3, 40))):
        data.insert(draw.randrange(len(data)), draw.choice((0, 0, 1, 7, 8, 11, 12, 26, 27, 127, 133)))
    return File(".csv", bytes(data))


def separators(draw: random.Random) -> File:
    """A separator that changes, stands at every end, or is the only thing in the file; odd ends of lines."""
    lines = [line.replace(",", draw.choice(",;\t|")) for line in _lines(draw)]
    if draw.random() < 0.2:
        lines = [draw.choice((",", ";;", "\t", "|||", ",;")) * draw.randint(1, 9)] * 30
    end = draw.choice(("\r", "\r\n", "\n\r", "\n\n", "\x0b", "\x85", "\u2028", "\x1e"))
    return File(".csv", _encoded(end.join(lines) + draw.choice(("", ",,,,", end * 50)), draw))


def odd_values(draw: random.Random) -> File:
    """Texts in the place of figures, names and heads that look like numbers, formulas or nothing."""
    rows, _ = yearbook(draw)
    for _ in range(draw.choice((2, 10, 40))):
        row = draw.choice(rows)
        row[draw.randrange(len(row))] = draw.choice(ODD)
    if draw.random() < 0.3:
        return File(".xls", html_text(rows).encode())
    return File(".csv", _encoded(csv_text(rows), draw))


def long_cells(draw: random.Random) -> File:
    """Long and strange texts as titles, heads, names, figures and notes, in any format."""
    rows, merged = yearbook(draw)
    for _ in range(draw.choice((1, 2, 6))):
        row = rows[draw.randrange(len(rows))]
        row[draw.randrange(len(row))] = long_text(draw)
    kind = draw.randrange(4)
    if kind == 0:
        plain: Rows = [[_allowed(value) for value in row] for row in rows]
        return File(".xlsx", packed(parts_of({"表1": (plain, merged)}, shared=draw.random() < 0.5)))
    if kind == 1:
        return File(".xls", html_text(rows).encode("utf-8", "replace"))
    if kind == 2:
        lines = ["  ".join("" if value is None else str(value) for value in row) for row in rows]
        return File(".txt", "\n".join(lines).encode("utf-8", "replace"))
    return File(".csv", _encoded(csv_text(rows), draw))


def _allowed(value: Cell) -> Cell:
    """A text without the characters that XML cannot hold."""
    return "".join(sign for sign in value if sign >= " ") if isinstance(value, str) else value


def pages(draw: random.Random) -> File:
    """Pages with broken tags, wide spans, tables in tables, scripts, comments that never end."""
    text = html_text(yearbook(draw)[0])
    tricks = (
        "<td colspan=99999999999>", "<td rowspan=1000 colspan=1000>1", "<td rowspan=-1>", "<table>", "</table>",
        "<tr>", "</tr>",
        "<script>", "<!--", "<![CDATA[", "<td", "&#0;", "&#x110000;", "&#xD800;", "&nosuch;", "<sup>2", "<style>",
        "</td", "<title>",
        "<?xml", "<td colspan='二'>",
        "<th>" * 300, "<tr><td>" * 50, "<table><tr><td>" * 50, "<br>" * 200, "<td rowspan=1000>9",
        "&#" + "9" * 5000 + ";", "</table></table>", "<!DOCTYPE html [", "<a " * 200, "<td colspan=1000>" * 20,
    )  # fmt: skip
    for _ in range(draw.randint(1, 6)):
        at = draw.choice((text.find("<td"), text.find("</td"), text.find("<tr"), draw.randrange(len(text))))
        text = text[:at] + draw.choice(tricks) + text[at:]
    return File(draw.choice((".xls", ".htm")), _encoded(text, draw))


def noise(draw: random.Random) -> File:
    """Pieces of tables in no order, as a text."""
    count = draw.choice((10, 200, 3000))
    pieces = (*PIECES, "\n", "\n", "\t", "  ", "   ", "阜新市", "12.5", *CITIES[:3])
    return File(draw.choice((".txt", ".csv")), _encoded("".join(draw.choice(pieces) for _ in range(count)), draw))


def torn(draw: random.Random) -> File:
    """A pasted table whose columns are moved, joined or lost in places."""
    lines = pasted(draw).data.decode().splitlines() * draw.choice((1, 4))
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(lines))
        line = lines[at]
        place = draw.randrange(len(line) + 1)
        lines[at] = draw.choice((
            line[:place], line[place:], line[:place] + "\t" + line[place:], line.replace("  ",
            " "), "—" * 60, "|" + line,
            line[:place] + "\u3000" * 30 + line[place:], "", line.replace("  ",
            "|"), " " * place + line, line.strip() + "。",
        ))  # fmt: skip
    return File(".txt", "\n".join(lines).encode())


def empty(draw: random.Random) -> File:
    """Files with nothing, with white space alone, with one cell."""
    pieces = (
        b"",
        b"\n",
        b" ",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b",",
        b"a",
        b"1",
        b"\n" * 5000,
        b"a,b\n",
        b"a,b\n,\n",
        b"\t\t\n",
        b"\x00",
    )
    return File(draw.choice((".csv", ".xlsx", ".json", ".txt", ".xls", ".tsv.gz", ".zip")), draw.choice(pieces))


TEXTS: tuple[Callable[[random.Random], File], ...] = (
    ragged, quotes, mixed_encodings, other_encodings, zeros, separators, odd_values, odd_values, long_cells, long_cells,
    long_cells, long_cells, pages, pages, noise, noise, torn, empty,
)  # fmt: skip


def million_columns(draw: random.Random) -> File:
    """A row of a million cells, in a delimited file or a page."""
    count = draw.choice((16_385, 100_000, 1_000_000))
    row = draw.choice((b"1,", b"2018,", "市,".encode(), b",", b'"a",')) * count
    if draw.random() < 0.3:
        return File(".xls", b"<table><tr>" + b"<td>1" * (count // 4))
    return File(".csv", draw.choice((b"", b"city,gdp\nFuxin,1\n")) + row + draw.choice((b"", b"\n" + row)))


def long_line(draw: random.Random) -> File:
    """One line of fifty megabytes, or a cell of a million characters."""
    size = draw.choice((1_000_000, 5_000_000, 50_000_000))
    piece = draw.choice((b"x", b"1", b" ", b"1 ", "年".encode(), b"(", b"1-", b"a b", b'"', b"\t", b"<"))
    text = piece * (size // len(piece))
    kind = draw.choice((".csv", ".txt", ".htm"))
    if kind == ".htm":
        return File(kind, b"<table><tr><td>" + text[: 10**6] + b"</table>")
    return File(kind, b"city,gdp\nFuxin,1\n" + text + b",2\n" if kind == ".csv" else text)


def many_notes(draw: random.Random) -> File:
    """A small table with a hundred thousand notes below it."""
    count = draw.choice((2000, 20_000, 100_000))
    notes = [f"注{n}：“…”表示数据不足，见第{n}页" for n in range(count)]
    return File(".csv", ("\n".join(_lines(draw)) + "\n" + "\n".join(notes)).encode())


def many_titles(draw: random.Random) -> File:
    """Many lines of text above a table, or many small tables one below the other."""
    count = draw.choice((200, 5000))
    if draw.random() < 0.5:
        return File(
            ".csv", ("\n".join(f"第{n}章 城市统计资料" for n in range(count)) + "\n" + "\n".join(_lines(draw))).encode()
        )
    return File(".csv", ("\n\n".join("\n".join(_lines(draw)) for _ in range(count // 10))).encode())


def many_columns(draw: random.Random) -> File:
    """As many columns as a sheet may have, all with labels of their own."""
    count = draw.choice((500, 3000, 16_000))
    head = ",".join(f"指标{n}（万元）" for n in range(count))
    lines = [
        f"城市,{head}",
        *(f"{city}," + ",".join("1.5" for _ in range(count)) for city in CITIES[: draw.choice((2, 6))]),
    ]
    return File(".csv", "\n".join(lines).encode())


def many_rows(draw: random.Random) -> File:
    """Hundreds of thousands of rows."""
    count = draw.choice((20_000, 200_000))
    line = draw.choice(("阜新市,{n},1.5", "{n},{n},{n}", "…,—,-", "2018,1,2", "第{n}市,（D）,1 234"))
    return File(".csv", ("城市,总人口（万人）,产值\n" + "\n".join(line.format(n=n) for n in range(count))).encode())


def slow_page(draw: random.Random) -> File:
    """Beginnings of tags that never end, very many."""
    piece = draw.choice(
        ("<a", "<!--", "<![", "</", "<td ", "<td a='", "&", "<!", "<?", "<td a=", "&#", "<script>", "<sup>")
    )
    return File(".htm", ("<table><tr><td>1</td></tr>" + piece * draw.choice((2000, 100_000))).encode())


HEAVY: tuple[Callable[[random.Random], File], ...] = (
    million_columns, long_line, many_notes, many_titles, many_columns, many_rows, slow_page,
)  # fmt: skip
