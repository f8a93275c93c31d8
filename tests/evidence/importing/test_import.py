"""The verb `import` on whole files: what is certain comes in, what is not is asked, nothing is lost or half-written."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from headframe import api
from headframe.core.errors import HeadframeError
from headframe.evidence.collection import load_collection
from headframe.evidence.importing.draft import scaled_unit
from headframe.evidence.importing.results import ImportResult

TODAY = date(2026, 1, 2)
WHO = {"author": "Li", "reason": "test", "today": TODAY}
PEOPLE = {"抚顺市": 206.1, "阜新市": 184.7, "鞍山市": 341.5, "本 溪 市": 145.1, "盘锦市": 130.0, "铁岭市": 288.8}


def book(path: Path, year: int = 2018, *, unit: str = "亿元", times: float = 1.0, extra: str = "") -> Path:
    """A yearbook table of two columns, its people registered, its product in the unit given."""
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("Sheet1")
        sheet.write(0, 0, f"2-1 {year}年人口与经济")
        sheet.write_row(1, 0, ["城市", "年末户籍人口(万人)", f"地区生产总值({unit})", *([extra] if extra else [])])
        for row, (name, people) in enumerate(PEOPLE.items(), start=2):
            sheet.write_row(row, 0, [name, people, round(people * 3.1 * times, 2), *(["7"] if extra else [])])
    return path


def run(file: Path | str, into: Path, /, **options: object) -> ImportResult:
    return api.import_file(file, into, api.ImportOptions(**options), **WHO)  # type: ignore[arg-type]


def prints(folder: Path) -> dict[str, str]:
    """Every file of a folder with a fingerprint of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_a_yearbook_becomes_a_folder_of_places(tmp_path: Path) -> None:
    folder = tmp_path / "liaoning-cities"
    result = run(book(tmp_path / "a.xlsx"), folder)
    assert (result.rows, result.places_new, len(result.asked)) == (12, 6, 0)
    assert sum(cell.count for cell in result.cells) == 12
    found = load_collection(folder)
    assert sorted(found.places) == ["anshan", "benxi", "fushun", "fuxin", "panjin", "tieling"]
    assert found.places["fuxin"].resource_type == "coal"
    fuxin = found.city("fuxin")
    assert fuxin.figure("population_registered", year=2018).value == pytest.approx(184.7e4)
    assert fuxin.figure("gdp", year=2018).value == pytest.approx(184.7 * 3.1 * 1e8, rel=1e-4)
    row = fuxin.observations.filter(pl.col("indicator_id") == "gdp").row(0, named=True)
    assert row["locator"] == "Sheet1!C4"
    assert row["price_basis"] == "nominal"
    assert found.sources[row["source_id"]].sha256
    assert (folder / result.mapping).is_file()


def test_a_preview_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    result = api.import_file(book(tmp_path / "a.xlsx"), folder, **WHO, preview=True)  # type: ignore[arg-type]
    assert (result.import_id, result.rows) == ("", 12)
    assert not folder.exists()
    for language in ("en", "zh"):
        assert len(api.import_lines(result, language, 80, whole=True)) > len(api.import_lines(result, language, 80))


def test_into_a_city_comes_what_is_about_it(tmp_path: Path) -> None:
    folder = tmp_path / "fuxin"
    api.new(folder, name_en="Fuxin", name_zh="阜新市", level="prefecture_city", country="CHN", resource_type="coal")
    result = run(book(tmp_path / "a.xlsx"), folder)
    assert (result.rows, result.elsewhere) == (2, 10)
    assert api.check(folder).sound


def test_the_next_edition_reuses_the_mapping_and_tells_what_changed(tmp_path: Path) -> None:
    folder = tmp_path / "panel"
    run(book(tmp_path / "a.xlsx"), folder)
    result = run(book(tmp_path / "b.xlsx", 2019, unit="万元", times=1.05e4, extra="某项神秘指标(个)"), folder)
    assert result.reused is not None
    assert (result.reused.kept, result.reused.new, len(result.reused.changed)) == (1, 1, 1)
    assert result.rows == 12  # the unit in the head says it, so that nothing is asked
    assert load_collection(folder).city("fuxin").figure("gdp", year=2019).value == pytest.approx(601.2e8, rel=1e-3)


def test_a_unit_that_earlier_figures_contradict_waits_for_an_answer(tmp_path: Path) -> None:
    folder = tmp_path / "panel"
    run(book(tmp_path / "a.xlsx"), folder)
    wrong = book(tmp_path / "b.xlsx", 2019, times=1.05e4)  # says 亿元, means 万元
    held = api.import_file(wrong, folder, **WHO, preview=True)  # type: ignore[arg-type]
    assert [change.reason.id for change in held.changes] == ["editions.unit"]
    assert held.rows == 6
    (asked,) = held.asked
    kept = api.import_file(wrong, folder, api.ImportOptions(keep=(asked.key,)), **WHO, preview=True)  # type: ignore[arg-type]
    assert kept.rows == 12
    done = run(wrong, folder, accept=(asked.key,))
    assert done.rows == 12
    assert load_collection(folder).city("fuxin").figure("gdp", year=2019).value == pytest.approx(601.2e8, rel=1e-3)
    with pytest.raises(HeadframeError, match="HF479"):
        run(wrong, folder, accept=("no such key",))


def test_units_are_scaled_by_their_number() -> None:
    assert scaled_unit("10000 CNY", 1e4) == "100000000 CNY"
    assert scaled_unit("CNY", 1e4) == "10000 CNY"
    assert scaled_unit("10000 CNY", 1e-4) == "CNY"


def test_answers_in_the_mapping_bring_the_rest_and_only_that(tmp_path: Path) -> None:
    folder = tmp_path / "panel"
    source = book(tmp_path / "a.xlsx", extra="某项神秘指标(个)")
    first = run(source, folder)
    kept = folder / first.mapping
    text = kept.read_text(encoding="utf-8")
    assert "skip = true" in text
    kept.write_text(text.replace("skip = true", 'indicator = "industrial_firms"\nunit = "count"'), encoding="utf-8")
    with pytest.raises(HeadframeError, match="HF470"):
        run(source, folder)
    second = api.import_file(source, folder, **WHO, again=True)  # type: ignore[arg-type]
    assert (second.rows, second.already) == (6, 12)
    api.undo(folder, first.import_id, **WHO)  # type: ignore[arg-type]
    active = load_collection(folder).observations.filter("active")
    assert active.get_column("indicator_id").unique().to_list() == ["industrial_firms"]


def test_names_that_are_not_known_are_asked_and_answered_in_the_mapping(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("城市,年末户籍人口(万人)\n抚顺市,206.1\n脩州市,3.3\n合计,209.4\n", encoding="gb18030")
    folder = tmp_path / "panel"
    first = run(source, folder, year=2018)
    assert [place.printed for place in first.places_asked] == ["脩州市"]
    assert first.rows == 1
    kept = folder / first.mapping
    asked = kept.read_text(encoding="utf-8")
    assert '\n# "脩州市" = "' in asked  # the question stands where the answer goes
    answered = re.sub(r'(?m)^# "脩州市" = .*$', '"脩州市" = "fuxin"', asked)
    kept.write_text(answered, encoding="utf-8")
    second = api.import_file(source, folder, **WHO, again=True)  # type: ignore[arg-type]
    assert (second.rows, second.places_asked) == (1, ())
    assert load_collection(folder).city("fuxin").figure("population_registered").value == pytest.approx(3.3e4)


def test_a_pasted_table_of_one_place(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    api.new(folder, name_en="Town", name_zh="某镇", level="county", country="CHN", resource_type="coal")
    text = "指标\t单位\t2019年\t2020年\n地区生产总值\t亿元\t12.5\t13.1\n年末户籍人口\t万人\t20.1\t19.9\n"
    result = run(text, folder)
    assert result.rows == 4
    nothing = "指标\t单位\t说明\n地区生产总值\t亿元\t很好\n"
    with pytest.raises(HeadframeError, match=r"HF480|HF450|HF382"):
        run(nothing, folder)


def test_a_failing_import_leaves_every_byte_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "panel"
    run(book(tmp_path / "a.xlsx"), folder)
    before = prints(folder)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes((tmp_path / "a.xlsx").read_bytes()[:2000])
    for source in (broken, tmp_path / "absent.xlsx", tmp_path / "a.xlsx"):
        with pytest.raises(HeadframeError):
            run(source, folder)
    assert prints(folder) == before
    with pytest.raises(HeadframeError):
        run(broken, tmp_path / "fresh")
    assert not (tmp_path / "fresh").exists()


def test_a_built_in_place_is_read_only(tmp_path: Path) -> None:
    with pytest.raises(HeadframeError, match="HF337"):
        run(book(tmp_path / "a.xlsx"), Path("fuxin"))


def test_what_stands_in_the_way_of_everything_is_said(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("城市,年末户籍人口(万人)\n抚顺市,206.1\n", encoding="utf-8")  # of which year?
    with pytest.raises(HeadframeError, match="HF480") as caught:
        run(source, tmp_path / "panel")
    assert "period-unknown" in str(caught.value)
    assert run(source, tmp_path / "panel", year=2018).rows == 1


def test_the_template_goes_out_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "panel"
    run(book(tmp_path / "a.xlsx"), folder)
    done = api.template(tmp_path / "t.xlsx", folder, years=(2019, 2020), language="en", today=TODAY)
    assert Path(done.files[0]).is_file()
    with pytest.raises(HeadframeError, match="HF382"):  # nothing was filled in
        run(tmp_path / "t.xlsx", folder)


def test_a_mapping_that_is_kept_can_be_read_whatever_was_accepted(tmp_path: Path) -> None:
    """Figures of two indicators in one column, whose one unit fits only one of them."""
    rows = ["city,year,indicator,value,unit"]
    rows += [
        f"{city},{year},{name},{year % 7 + 1.5},亿元"
        for city in PEOPLE
        for year in range(2015, 2019)
        for name in ("gdp", "人口")
    ]
    path = tmp_path / "long.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    folder = tmp_path / "folder"
    run(path, folder, accept=("all",))
    again = api.import_file(path, folder, api.ImportOptions(), **WHO, preview=True)  # type: ignore[arg-type]
    assert again.import_id == ""
    assert run(book(tmp_path / "a.xlsx"), folder, accept=("all",)).rows


def test_what_a_file_prints_cannot_rule_the_terminal(tmp_path: Path) -> None:
    text = "\u202e2018年\x1b[2J城市统计\n城市,年末户籍人口（万人）\n阜新市,184.7\n抚顺市,206.1\n本溪市,145.1\n"
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    result = run(path, tmp_path / "into", accept=("all",), year=2018)
    for language in ("en", "zh"):
        told = "".join(api.import_lines(result, language, 100, whole=True))
        assert not {"\u202e", "\x1b"} & set(told)


def test_units_that_a_file_leaves_out_are_confirmed_by_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "panel"
    run(book(tmp_path / "a.xlsx"), folder)
    bare = tmp_path / "b.csv"
    lines = [f"{name.replace(' ', '')},2019,{people * 3.2:.1f}" for name, people in PEOPLE.items()]
    bare.write_text("\n".join(["城市,年份,社会消费品零售总额", *lines]) + "\n", encoding="utf-8")
    alone = api.import_file(bare, tmp_path / "other", **WHO, preview=True)  # type: ignore[arg-type]
    assert [str(ask.id) for one in alone.asked for ask in one.asks] == ["importing.ask.unit"]
    assert alone.backed == 0
    known = tmp_path / "c.csv"
    known.write_text(
        "\n".join(["城市,年份,社会消费品零售总额(万元)", *(line.replace("2019", "2018") for line in lines)]) + "\n",
        "utf-8",
    )
    run(known, folder)
    backed = api.import_file(bare, folder, **WHO, preview=True)  # type: ignore[arg-type]
    assert (backed.backed, backed.rows, len(backed.asked)) == (1, 6, 0)
    wrong = tmp_path / "d.csv"
    wrong.write_text(bare.read_text("utf-8").replace("2019,", "2019,9"), encoding="utf-8")
    refused = api.import_file(wrong, folder, **WHO, preview=True)  # type: ignore[arg-type]
    assert (refused.backed, len(refused.asked)) == (0, 1)


def test_a_decision_against_a_printed_unit_is_not_taken_over_to_the_next_edition(tmp_path: Path) -> None:
    folder = tmp_path / "panel"
    run(book(tmp_path / "a.xlsx"), folder)
    wrong = book(tmp_path / "b.xlsx", 2019, times=1.05e4)  # says 亿元, means 万元
    (asked,) = api.import_file(wrong, folder, **WHO, preview=True).asked  # type: ignore[arg-type]
    run(wrong, folder, accept=(asked.key,))
    right = run(book(tmp_path / "c.xlsx", 2020, times=1.1), folder)
    assert right.rows == 12
    assert load_collection(folder).city("fuxin").figure("gdp", year=2020).value == pytest.approx(629.8e8, rel=1e-3)


def test_what_was_decided_for_a_file_holds_when_it_comes_again(tmp_path: Path) -> None:
    folder = tmp_path / "panel"
    first = run(book(tmp_path / "a.xlsx"), folder)
    run(book(tmp_path / "b.xlsx", 2019), folder)
    kept = folder / first.mapping
    kept.write_text(kept.read_text("utf-8").replace('"gdp"', '"retail_sales"'), encoding="utf-8")
    again = api.import_file(tmp_path / "a.xlsx", folder, **WHO, again=True)  # type: ignore[arg-type]
    assert again.rows == 6
    assert '"retail_sales"' in kept.read_text("utf-8")


def test_a_corrected_figure_stays_corrected_when_its_file_comes_again(tmp_path: Path) -> None:
    folder = tmp_path / "panel"
    source = book(tmp_path / "a.xlsx")
    first = run(source, folder)
    rows = load_collection(folder).city("fuxin").observations.filter(pl.col("indicator_id") == "gdp")
    api.correct(folder, rows.get_column("obs_id").item(), {"value": "444"}, **WHO)  # type: ignore[arg-type]
    api.undo(folder, first.import_id, **WHO)  # type: ignore[arg-type]
    again = run(source, folder)
    assert (again.rows, again.already) == (11, 1)
    assert load_collection(folder).city("fuxin").figure("gdp", year=2018).value == pytest.approx(444e8)


def test_all_answers_only_what_the_file_itself_says(tmp_path: Path) -> None:
    bare = tmp_path / "b.csv"
    lines = [f"{name.replace(' ', '')},2019,{people * 3.2:.1f}" for name, people in PEOPLE.items()]
    bare.write_text("\n".join(["城市,年份,社会消费品零售总额", *lines]) + "\n", encoding="utf-8")
    with pytest.raises(HeadframeError, match="HF480"):
        run(bare, tmp_path / "panel", accept=("all",))
    preview = api.import_file(bare, tmp_path / "panel", **WHO, preview=True)  # type: ignore[arg-type]
    assert run(bare, tmp_path / "panel", accept=(preview.asked[0].key,)).rows == 6


def test_a_mapping_is_written_to_be_edited_and_used(tmp_path: Path) -> None:
    source = book(tmp_path / "a.xlsx", extra="某项神秘指标(个)")
    out = tmp_path / "m.toml"
    done = api.propose_mapping(source, tmp_path / "panel", out, today=TODAY)
    assert done.rows == 3
    assert not (tmp_path / "panel").exists()
    text = out.read_text("utf-8").replace("skip = true", 'indicator = "industrial_firms"\nunit = "count"')
    out.write_text(text, encoding="utf-8")
    assert run(source, tmp_path / "panel", mapping=out).rows == 18


@pytest.mark.parametrize("into", ["a.xlsx", "a.xlsx/x", "~nobody-of-this-name", "x" * 300, "loop", "Fuxin", "fuxin"])
def test_odd_targets_are_refused_with_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, into: str) -> None:
    monkeypatch.chdir(tmp_path)
    source = book(tmp_path / "a.xlsx")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    before = prints(tmp_path)
    for preview in (True, False):
        with pytest.raises(HeadframeError):
            api.import_file(source, into, **WHO, preview=preview)  # type: ignore[arg-type]
    assert prints(tmp_path) == before


def test_what_fails_leaves_a_new_folder_as_it_was(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\nx,y\n", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir(mode=0o750)
    link = tmp_path / "link"
    link.symlink_to(empty)
    for into in (empty, link, tmp_path / "n1" / "n2"):
        with pytest.raises(HeadframeError):
            run(bad, into)
    assert oct(empty.stat().st_mode)[-3:] == "750"
    assert not list(empty.iterdir())
    assert not (tmp_path / "n1").exists()


@pytest.mark.parametrize("told", [{"source_id": "../x"}, {"source_id": "源"}, {"reliability": "x"}], ids=str)
def test_a_source_that_cannot_be_is_refused(tmp_path: Path, told: dict[str, str]) -> None:
    with pytest.raises(HeadframeError, match="HF453"):
        run(book(tmp_path / "a.xlsx"), tmp_path / "panel", source=api.source_rule(told))
    assert not (tmp_path / "panel").exists()
