"""What a file is, told by its contents; what cannot be read, and why."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.formats import read_file, read_text
from headframe.evidence.reading.limits import Limits
from tests.evidence.reading.old_workbook import compound, write_old_workbook
from tests.evidence.reading.sheets import packed, refused, refused_file, texts, warnings_of, write_workbook, written

ROWS = [["城市", "GDP（万元）"], ["阜新市", 504.6], ["抚顺市", 827]]


def test_contents_decide_and_not_the_name(tmp_path: Path) -> None:
    assert read_file(write_workbook(tmp_path / "a.csv", ROWS)).format == "xlsx"
    assert read_file(written(tmp_path / "b.xlsx", "城市,GDP\n阜新市,5\n".encode())).format == "csv"
    assert read_file(write_old_workbook(tmp_path / "c.et", [["城市", 5.0]])).format == "xls"
    page = "<html><body><table><tr><td>城市<td>GDP</tr><tr><td>阜新市<td>5</table></body></html>"
    assert read_file(written(tmp_path / "d.xls", page.encode())).format == "html"
    assert read_file(written(tmp_path / "e.xls", "城市\tGDP\n阜新市\t5\n".encode("gb18030"))).format == "tsv"


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.caj", b"CAJ\x00\x00"),
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("a.jpg", b"\xff\xd8\xff\xe0"),
        ("a.rtf", b"{\\rtf1"),
        ("a.rar", b"Rar!\x1a\x07"),
        ("a.parquet", b"PAR1"),
        ("a.dta", b"<stata_dta>"),
        ("b.dta", b"s\x02\x01"),
        ("a.nh", b"anything at all"),
    ],
)
def test_what_is_not_read_offers_the_template(tmp_path: Path, name: str, start: bytes) -> None:
    path = written(tmp_path / name, start + b" " * 100)
    with pytest.raises(HeadframeError) as raised:
        read_file(path)
    problem = raised.value.problems[0]
    assert problem.code == "HF372"
    assert "template" in problem.fix("en")
    assert "模板" in problem.fix("zh")


def test_documents_and_other_packed_formats(tmp_path: Path) -> None:
    assert refused_file(packed(tmp_path / "a.docx", {"word/document.xml": b"<w/>"}))[0] == "HF372"
    assert refused_file(packed(tmp_path / "a.pptx", {"ppt/presentation.xml": b"<p/>"}))[0] == "HF372"
    assert refused_file(packed(tmp_path / "a.xlsb", {"xl/workbook.bin": b"\x00"}))[0] == "HF372"
    assert refused_file(packed(tmp_path / "a.ods", {"mimetype": b"x", "content.xml": b"<o/>"}))[0] == "HF372"
    assert refused_file(written(tmp_path / "a.doc", compound(b"", "WordDocument")))[0] == "HF372"
    assert refused_file(written(tmp_path / "a.ppt", compound(b"", "PowerPoint Document")))[0] == "HF372"


def test_unknown_and_empty(tmp_path: Path) -> None:
    assert refused_file(written(tmp_path / "a.bin", bytes(range(1, 32)) * 40))[0] == "HF373"
    assert refused_file(written(tmp_path / "b.bin", compound(b"", "Something")))[0] == "HF373"
    assert refused_file(written(tmp_path / "c.csv", b""))[0] == "HF382"
    assert refused_file(written(tmp_path / "d.csv", b" \n\n  \n"))[0] == "HF382"
    assert refused_file(written(tmp_path / "e.csv", b"\xef\xbb\xbf"))[0] == "HF382"
    assert refused(lambda: read_text("  \n\n"))[0] == "HF382"
    assert refused_file(tmp_path / "none.csv")[0] == "HF114"
    assert refused_file(tmp_path)[0] == "HF120"


def test_protected_workbooks(tmp_path: Path) -> None:
    assert refused_file(written(tmp_path / "a.xlsx", compound(b"", "EncryptedPackage")))[0] == "HF375"


def test_a_packed_table_of_the_world_bank(tmp_path: Path) -> None:
    data = '"Data Source","WDI",\n\n"Country Name","Indicator Name","2018","2019",\n"China","GDP","1","2",\n'
    notes = '"Country Code","Region"\n"CHN","East Asia"\n'
    path = packed(tmp_path / "API.zip", {"API_CHN.csv": data.encode(), "Metadata.csv": notes.encode()})
    book = read_file(path)
    assert [sheet.name for sheet in book.sheets] == ["API_CHN.csv", "Metadata.csv"]
    assert texts(book)[2][:3] == ["Country Name", "Indicator Name", "2018"]
    assert refused_file(packed(tmp_path / "b.zip", {"a.json": b"{}"}))[0] == "HF384"
    assert refused_file(packed(tmp_path / "c.zip", {}))[0] == "HF384"


def test_a_gzipped_table(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv.gz", gzip.compress(b"geo\t2018 \t2019 \nDE\t1 b\t: \n"))
    assert texts(read_file(path)) == [["geo", "2018 ", "2019 "], ["DE", "1 b", ": "]]
    cut = written(tmp_path / "b.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1000)[:-12])
    assert refused_file(cut)[0] == "HF374"


def test_bombs_are_refused_before_they_unpack(tmp_path: Path) -> None:
    limits = Limits(unpacked=1 << 20, text=1 << 20, harmless=1 << 16, part=1 << 18)
    bomb = packed(tmp_path / "a.zip", {"a.csv": b"0" * (8 << 20)})
    assert refused(lambda: read_file(bomb, limits))[0] == "HF376"
    zipped = written(tmp_path / "a.csv.gz", gzip.compress(b"0" * (8 << 20)))
    assert refused(lambda: read_file(zipped, limits))[0] == "HF376"
    many = packed(tmp_path / "b.zip", {f"{number}.csv": b"a,1\n" for number in range(40)})
    assert refused(lambda: read_file(many, Limits(entries=20)))[0] == "HF376"
    large = written(tmp_path / "c.csv", b"a,b\n" * 1000)
    assert refused(lambda: read_file(large, Limits(text=100)))[0] == "HF376"
    assert refused(lambda: read_file(large, Limits(file=100)))[0] == "HF119"
    assert refused(lambda: read_text("a b\n" * (2 << 20)))[0] == "HF376"


def test_a_ratio_no_honest_file_has(tmp_path: Path) -> None:
    limits = Limits(harmless=1 << 12, ratio=20)
    path = packed(tmp_path / "a.zip", {"a.csv": b"0,0\n" * 20_000})
    assert refused(lambda: read_file(path, limits))[0] == "HF376"


def test_too_wide_too_long_too_many(tmp_path: Path) -> None:
    wide = written(tmp_path / "a.csv", b",".join([b"1"] * 1_000_000) + b"\n")
    assert refused_file(wide)[0] == "HF377"
    tall = written(tmp_path / "b.csv", b"a,1\n" * 2000)
    assert refused(lambda: read_file(tall, Limits(rows=1000)))[0] == "HF377"
    assert refused(lambda: read_file(tall, Limits(area=1000)))[0] == "HF377"
    assert refused(lambda: read_file(tall, Limits(cells=1000)))[0] == "HF378"


def test_truncated_twins(tmp_path: Path) -> None:
    whole = write_workbook(tmp_path / "a.xlsx", ROWS).read_bytes()
    for share in (0.2, 0.5, 0.9, 0.99):
        assert refused_file(written(tmp_path / "b.xlsx", whole[: int(len(whole) * share)]))[0] in {"HF373", "HF374"}
    old = write_old_workbook(tmp_path / "a.xls", [["城市", 5.0]] * 200).read_bytes()
    for share in (0.1, 0.3, 0.6):
        assert refused_file(written(tmp_path / "b.xls", old[: int(len(old) * share)]))[0] == "HF374"


def test_more_sheets_than_are_read(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    for _ in range(5):
        book.add_worksheet().write_number(0, 0, 1)
    book.close()
    found = read_file(tmp_path / "a.xlsx", Limits(sheets=3))
    assert len(found.sheets) == 3
    assert warnings_of(found) == ["HF383"]
