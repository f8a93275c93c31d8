"""Sound files of every format that is read, small, drawn by a seed, the same bytes for the same draw."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from headframe.evidence.reading.grid import letters
from tests.evidence.reading.old_workbook import Grid, compound, workbook_stream

MOMENT = (2020, 1, 1, 0, 0, 0)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CITIES = ("阜新市", "抚顺市", "鞍山市", "本溪市", "丹东市", "锦州市", "营口市", "辽阳市", "盘锦市", "铁岭市")
MARKS = ("", "-", "…", "..", "(D)", "n.a.")
Cell = str | float | None
Rows = list[list[Cell]]


class File(NamedTuple):
    """The bytes of a file and the ending of its name."""

    suffix: str
    data: bytes


Maker = Callable[[random.Random], File]


def yearbook(draw: random.Random) -> tuple[Rows, list[str]]:
    """The rows of a yearbook table with a head in two languages, and its merged ranges."""
    year = draw.randint(2005, 2023)
    rows: Rows = [
        [f"{year}年城市统计", "", "", "", "", ""],
        ["城　市", "City", "年末总人口（万人）", "", "地区生产总值（万元）", "其中：第二产业"],
        ["", "", "全市", "市辖区", "Gross Regional Product (10 000 yuan)", "占比（%）"],
        ["", "", "Total City", "Districts under City", "", "Secondary (%)"],
    ]
    for city in draw.sample(CITIES, draw.randint(3, len(CITIES))):
        line: list[Cell] = [city, "City", round(draw.uniform(10, 900), 2), draw.randint(5, 400)]
        line += [draw.randint(10**5, 10**8), round(draw.uniform(0, 100), 1)]
        if draw.random() < 0.2:
            line[draw.randrange(2, 6)] = draw.choice(MARKS)
        rows.append(line)
    rows.append(["注：“…”表示不足本表最小单位数。", "", "", "", "", ""])
    return rows, ["A1:F1", "A2:A4", "B2:B4", "C2:D2"]


def sheet_xml(rows: Sequence[Sequence[Cell]], merged: Sequence[str] = (), strings: dict[str, int] | None = None) -> str:
    """The XML of a worksheet: texts by number in `strings` where given, else in the cells."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for column, value in enumerate(row, start=1):
            name = f"{letters(column)}{number}"
            if value is None or value == "":
                continue
            if isinstance(value, str) and strings is not None:
                cells.append(f'<c r="{name}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>')
            elif isinstance(value, str):
                cells.append(f'<c r="{name}" t="inlineStr"><is><t>{escape(value)}</t></is></c>')
            else:
                cells.append(f'<c r="{name}"><v>{value!r}</v></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    ranges = "".join(f'<mergeCell ref="{name}"/>' for name in merged)
    tail = f'<mergeCells count="{len(merged)}">{ranges}</mergeCells>' if merged else ""
    size = f"A1:{letters(max(map(len, rows), default=1) or 1)}{max(len(rows), 1)}"
    head = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
    return f'{head}<dimension ref="{size}"/><sheetData>{"".join(lines)}</sheetData>{tail}</worksheet>'


def styles_xml() -> str:
    """Styles: plain, a date, a percentage, thousands."""
    forms = '<numFmts count="1"><numFmt numFmtId="170" formatCode="#,##0.0,&quot;千&quot;"/></numFmts>'
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 10, 170))
    return f'<styleSheet xmlns="{MAIN}">{forms}<cellXfs count="4">{styles}</cellXfs></styleSheet>'


def parts_of(sheets: Mapping[str, tuple[Rows, list[str]]], *, shared: bool = True) -> dict[str, bytes]:
    """The parts of a workbook with these sheets."""
    strings: dict[str, int] | None = {} if shared else None
    pages = [sheet_xml(rows, merged, strings) for rows, merged in sheets.values()]
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(sheets, start=1)
    )
    targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(pages) + 1)]
    targets += [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings or ())
    root = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    found = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "xl/styles.xml": styles_xml(),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
    }
    found |= {f"xl/worksheets/sheet{number}.xml": page for number, page in enumerate(pages, start=1)}
    return {name: text.encode() for name, text in found.items()}


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive with these parts, without the time of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, MOMENT)
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """The parts of a sound archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def xlsx(draw: random.Random) -> File:
    """A workbook with one sheet of a yearbook."""
    return File(".xlsx", packed(parts_of({"表1": yearbook(draw)}, shared=draw.random() < 0.7)))


def xls(draw: random.Random) -> File:
    """An old workbook with the same."""
    rows, _ = yearbook(draw)
    grid: Grid = [[float(v) if isinstance(v, int | float) else (v or None) for v in row] for row in rows]
    return File(".xls", compound(workbook_stream({"表1": (grid, [(0, 0, 0, 5), (1, 1, 2, 3)], {})})))


def csv_text(rows: Sequence[Sequence[Cell]], mark: str = ",") -> str:
    """Rows as a delimited text, quoted where it has to be."""
    return "\n".join(mark.join(_quoted("" if v is None else str(v), mark) for v in row) for row in rows) + "\n"


def _quoted(text: str, mark: str) -> str:
    special = any(sign in text for sign in (mark, '"', "\n", "\r"))
    return '"' + text.replace('"', '""') + '"' if special else text


def csv(draw: random.Random) -> File:
    """A delimited file in one of the encodings that occur."""
    text = csv_text(yearbook(draw)[0], draw.choice(",\t;|"))
    name = draw.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"))
    return File(".csv", text.encode(name))


def long_csv(draw: random.Random) -> File:
    """One figure to a row, as panels are often kept."""
    rows: Rows = [["city", "code", "year", "indicator", "value", "unit"]]
    for city in CITIES[:4]:
        for year in range(2015, 2020):
            rows.append([city, 210000.0, year, draw.choice(("gdp", "人口")), round(draw.uniform(1, 900), 3), "亿元"])
    return File(".csv", csv_text(rows).encode())


def eurostat(draw: random.Random) -> File:
    """A bulk table of tabs with flags, packed."""
    years = range(2008, 2012 + draw.randint(1, 8))
    lines = ["freq,unit,geo\\TIME_PERIOD\t" + "\t".join(f"{year} " for year in years)]
    for place in ("DE11", "DE12", "FR10", "PL22", "UKC1"):
        cells = [
            draw.choice((": ", f"{draw.uniform(1, 9e5):.1f} ", f"{draw.randint(1, 10**6)} bp", ":c")) for _ in years
        ]
        lines.append(f"A,MIO_EUR,{place}\t" + "\t".join(cells))
    text = "\n".join(lines) + "\n"
    return File(".tsv.gz", gzip.compress(text.encode(), mtime=0))


def sdmx(draw: random.Random) -> File:
    """SDMX-CSV of one of two agencies."""
    if draw.random() < 0.5:
        rows: Rows = [["DATAFLOW", "LAST UPDATE", "freq", "unit", "geo", "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG"]]
        start: list[Cell] = ["ESTAT:NAMA_10R_2GDP(1.0)", "01/02/24 11:00:00", "A", "MIO_EUR"]
        rows += [
            [*start, geo, 2010 + n, round(draw.uniform(1, 1e6), 1), draw.choice(("", "p", "b"))]
            for geo in ("DE11", "FR10")
            for n in range(6)
        ]
        return File(".csv", csv_text(rows).encode())
    rows = [["STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "REF_AREA", "MEASURE", "UNIT_MEASURE", "TIME_PERIOD"]]
    rows[0] += ["OBS_VALUE", "OBS_STATUS", "UNIT_MULT", "DECIMALS"]
    flow = "OECD.CFE.EDS:DSD_REG_ECO@DF_GDP(2.0)"
    for area in ("AUS1", "AUS2", "ITC4"):
        for year in range(2012, 2018):
            line: list[Cell] = ["DATAFLOW", flow, "I", "A", area, "GDP", "USD_PPP", year]
            rows.append([*line, round(draw.uniform(1, 1e5), 2), draw.choice(("A", "E", "M")), draw.choice((0, 6)), 1])
    return File(".csv", csv_text(rows).encode())


def worldbank(draw: random.Random) -> File:
    """The archive of one indicator."""
    years = [str(year) for year in range(1990, 1996)]
    lines = ['"Data Source","World Development Indicators",', "", '"Last Updated Date","2024-01-01",', ""]
    head = ["Country Name", "Country Code", "Indicator Name", "Indicator Code", *years]
    rows = [head]
    for name, code in (("China", "CHN"), ("Germany", "DEU"), ("Yemen, Rep.", "YEM")):
        figures = [draw.choice(("", f"{draw.uniform(1, 1e12):.2f}")) for _ in years]
        rows.append([name, code, "GDP (current US$)", "NY.GDP.MKTP.CD", *figures])
    lines += [",".join(f'"{cell}"' for cell in row) + "," for row in rows]
    meta = '"Country Code","Region","TableName",\n"CHN","East Asia","China",\n'
    name = "API_NY.GDP.MKTP.CD_DS2_en_csv_v2_1"
    parts = {f"{name}.csv": "\ufeff" + "\n".join(lines) + "\n", f"Metadata_Country_{name}.csv": meta}
    return File(".zip", packed({name: text.encode() for name, text in parts.items()}))


def qcew(draw: random.Random) -> File:
    """A single file of the census, annual."""
    rows: Rows = [["area_fips", "own_code", "industry_code", "agglvl_code", "size_code", "year", "qtr"]]
    rows[0] += ["disclosure_code", "annual_avg_estabs", "annual_avg_emplvl", "total_annual_wages", "avg_annual_pay"]
    for area in ("21095", "54047", "US000"):
        for industry in ("10", "212", "2121"):
            hidden = draw.random() < 0.3
            figures: list[Cell] = [0, 0, 0] if hidden else [draw.randint(1, 10**5) for _ in range(3)]
            start: list[Cell] = [area, "5", industry, "74", "0", "2019", "A", "N" if hidden else ""]
            rows.append([*start, draw.randint(1, 99), *figures])
    return File(".csv", "\n".join(",".join(f'"{v}"' for v in row) for row in rows).encode() + b"\n")


def jsonstat_of(draw: random.Random) -> dict[str, object]:
    """A dataset of JSON-stat 2 as an object."""
    places, years = {"DE11": "Stuttgart", "FR10": "Île-de-France"}, [str(year) for year in range(2015, 2019)]
    count = len(places) * len(years)
    values = [draw.choice((None, round(draw.uniform(1, 1e5), 1))) for _ in range(count)]
    dimensions = {
        "unit": {"label": "Unit", "category": {"index": {"MIO_EUR": 0}, "label": {"MIO_EUR": "Million euro"}}},
        "geo": {"label": "Region", "category": {"index": {code: n for n, code in enumerate(places)}, "label": places}},
        "time": {"label": "Time", "category": {"index": years}},
    }
    return {
        "version": "2.0",
        "class": "dataset",
        "label": "Gross domestic product by region",
        "source": "ESTAT",
        "updated": "2024-01-01",
        "id": list(dimensions),
        "size": [1, len(places), len(years)],
        "role": {"time": ["time"], "geo": ["geo"]},
        "dimension": dimensions,
        "value": values if draw.random() < 0.5 else {str(n): v for n, v in enumerate(values) if v is not None},
        "status": {"1": "p"},
        "extension": {"id": "NAMA_10R_2GDP"},
    }


def jsonstat(draw: random.Random) -> File:
    """The same as a file."""
    return File(".json", json.dumps(jsonstat_of(draw), ensure_ascii=False).encode())


def html_text(rows: Sequence[Sequence[Cell]]) -> str:
    """Rows as a page, the way offices save tables under the name of a workbook."""
    lines = ["".join(f"<td>{escape('' if v is None else str(v))}</td>" for v in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return (
        f'<html><head><meta charset="utf-8"><title>表</title></head><body><table border=1>{body}</table></body></html>'
    )


def html(draw: random.Random) -> File:
    """A saved page."""
    text = html_text(yearbook(draw)[0])
    text = text.replace("<td>年末总人口（万人）</td><td></td>", "<td colspan=2>年末总人口（万人）</td>")
    return File(".xls", text.encode(draw.choice(("utf-8", "gb18030"))))


def pasted(draw: random.Random) -> File:
    """A table of a communiqué as text."""
    year = draw.randint(2010, 2023)
    lines = [f"表1  {year}年主要指标", "指标            单位      绝对数      比上年增长（%）"]
    names = ("地区生产总值", "　第一产业", "　第二产业", "财政收入", "年末总人口")
    lines += [f"{name}      亿元    {draw.uniform(1, 9000):,.2f}    {draw.uniform(-9, 20):.1f}" for name in names]
    return File(".txt", ("\n".join(lines) + "\n").encode())


SOUND: dict[str, Maker] = {
    "xlsx": xlsx,
    "xls": xls,
    "csv": csv,
    "long": long_csv,
    "eurostat": eurostat,
    "sdmx": sdmx,
    "worldbank": worldbank,
    "qcew": qcew,
    "jsonstat": jsonstat,
    "html": html,
    "pasted": pasted,
}
