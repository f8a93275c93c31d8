"""The view across many places: whole in both languages, safe with hostile names, honest about what is missing."""

from __future__ import annotations

import re
import zipfile
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import fastexcel
import numpy as np
import polars as pl
import pytest

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel
from headframe.evidence.place import Place
from headframe.measure.definition import definition
from headframe.measure.panel.measure import measure_panel
from headframe.show.page import LARGEST
from headframe.show.panel.bundle import PanelReport, panel_report
from headframe.show.panel.page import panel_words, render_panel_page
from headframe.show.panel.terminal import panel_lines
from headframe.show.panel.workbook import render_panel_workbook
from headframe.show.terminal import columns
from tests.measure.panels import Made, at_level, frame, places, row, scaled
from tests.show.devtools import Browser

HOSTILE = "<script>alert(1)</script>"
FORMULA = "=HYPERLINK(1)"
RESOURCE = ("fuxin", "fushun", "daqing", "wuhai", "hegang")  # on the official lists


def made(count: int = 30, years: tuple[int, ...] = (2018, 2020, 2022)) -> Made:
    """Places with evidence, some of them on the official lists, two with names that must stay text."""
    random = np.random.default_rng(5)
    named = dict(list(places(count - len(RESOURCE)).items()))
    named["p000"] = named["p000"].model_copy(update={"name_en": HOSTILE, "name_zh": HOSTILE})
    named["p001"] = named["p001"].model_copy(update={"name_en": FORMULA, "name_zh": FORMULA})
    named |= {
        name: Place(id=name, name_en=name.title(), name_zh=f"{name}市", level="prefecture_city", country="CHN")
        for name in RESOURCE
    }
    level = {place: random.random() for place in named}
    rows = []
    for year in years:
        for name in scaled()[year]:
            up = definition().item(name).direction == "up"
            for place, height in level.items():
                at = float(np.clip((height if up else 1 - height) + random.normal(0, 0.1), 0, 1))
                rows.append(row(place, name, year, float(at_level(name, year, at))))
    table = frame(rows)
    return Made(named, table.filter(table["place_id"] != "p004"))


@pytest.fixture(scope="module")
def panel() -> PanelReport:
    """The bundle of thirty places, most of them with coordinates."""
    collection = made()
    result = measure_panel(collection, draws=200)
    spots = {name: (25.0 + number / 2, 100.0 + number) for number, name in enumerate(collection.places) if number > 2}
    return panel_report(collection, result, spots)


@pytest.fixture(scope="module")
def html(panel: PanelReport) -> str:
    """The page."""
    return render_panel_page(panel)


class Seen(HTMLParser):
    """Ids, links and elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what the test asks for."""
        told = dict(attrs)
        self.scripts += tag == "script"
        if told.get("id"):
            self.ids.append(str(told["id"]))
        if tag == "a" and str(told.get("href", "")).startswith("#"):
            self.links.append(str(told["href"])[1:])


def test_every_link_leads_somewhere_and_every_id_is_there_once(html: str) -> None:
    seen = Seen()
    seen.feed(html)
    assert len(seen.ids) == len(set(seen.ids))
    assert set(seen.links) <= set(seen.ids)
    assert sum(link.startswith(("en-v-", "zh-v-")) for link in seen.links) >= 2 * 29


def test_hostile_names_stay_text(html: str) -> None:
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "http://" not in re.sub(r"<script.*?</script>|xmlns=\"[^\"]*\"", "", html, flags=re.DOTALL)


def test_both_languages_are_whole(html: str) -> None:
    for name in ("overview", "places", "fields", "ranks", "movers", "map", "classes", "coverage", "unknown", "sources"):
        for code in ("en", "zh"):
            assert f'id="{code}-{name}"' in html
    english, chinese = html.split('<div class="report in-zh"')
    assert "What cannot be said" in english
    assert "不能断言之处" in chinese
    words = re.sub(r"<[^>]+>", " ", re.sub(r"<(script|svg|template)\b.*?</\1>", "", chinese, flags=re.DOTALL))
    assert not re.search(r"\bpanel\.[a-z]|\{[a-z_]+\}", words)
    assert "None" not in words
    assert "nan" not in words.split()


def test_without_a_script_the_places_read_by_province(html: str) -> None:
    body = html.split('<table class="places"')[1].split("</table>", maxsplit=1)[0]
    assert body.count('class="group"') >= 4  # provinces of the listed cities, and none for the others
    assert body.index("Liaoning") < body.index("Heilongjiang")
    assert '<form class="filters" hidden>' in html


def test_a_place_without_a_score_is_said_and_never_zero(html: str, panel: PanelReport) -> None:
    line = next(part.split("</tr>")[0] for part in html.split("<tr ") if ">P004</th>" in part)
    assert line.count("–") >= 3
    assert not re.search(r">0<", line)
    assert panel.score("p004").value is None


def test_equal_inputs_give_equal_bytes(panel: PanelReport, html: str) -> None:
    assert render_panel_page(panel) == html
    assert render_panel_workbook(panel) == render_panel_workbook(panel)


def test_hundreds_of_places_fit_on_a_page() -> None:
    collection = made(300, (2018, 2022))
    result = measure_panel(collection, draws=100)
    spots = dict.fromkeys(collection.places, (35.0, 110.0))
    assert len(render_panel_page(panel_report(collection, result, spots)).encode()) < LARGEST


@pytest.mark.parametrize("years", [(), (2022,)], ids=["no-year", "one-year"])
def test_a_panel_with_little_in_it_is_still_a_page(years: tuple[int, ...]) -> None:
    collection = made(8, (2022,))
    if not years:
        collection = Made(collection.places, collection.observations.clear())
    found = panel_report(collection, measure_panel(collection, draws=100))
    shown = render_panel_page(found, language="zh")
    assert catalog().words("zh").say("panel.no-moves") in shown
    assert catalog().words("zh").say("panel.no-coordinates") in shown
    assert render_panel_workbook(found)
    assert panel_lines(found.result, panel_words(found)["zh"], 60)


def test_coordinates_off_the_globe_are_refused(panel: PanelReport) -> None:
    collection = made(8, (2022,))
    with pytest.raises(HeadframeError) as caught:
        panel_report(collection, panel.result, {"p003": (114.0, 22.0)})
    assert caught.value.problems[0].code == "HF407"


def test_it_can_be_cancelled(panel: PanelReport) -> None:
    cancel = Cancel()
    cancel.request()
    with pytest.raises(HeadframeError) as caught:
        render_panel_page(panel, cancel=cancel)
    assert caught.value.problems[0].code == "HF116"


def test_the_workbook_holds_every_number_and_no_formula(panel: PanelReport, tmp_path: Path) -> None:
    path = tmp_path / "panel.xlsx"
    path.write_bytes(render_panel_workbook(panel))
    book = fastexcel.read_excel(path)
    assert len(book.sheet_names) == 8
    scores = book.load_sheet(1, header_row=2).to_polars()
    assert scores.height == len(panel.result.readings)
    held = scores.filter((pl.col("panel_place") == "fuxin") & (pl.col("panel_year") == 2022))
    reading = panel.reading("fuxin")
    assert reading is not None
    assert held["panel_score"].item() == reading.score.value
    assert held["panel_rank"].item() == reading.rank.value
    assert FORMULA in scores["panel_place_en"].to_list()
    assert scores.filter(pl.col("panel_place") == "p004")["panel_score"].to_list() == [None] * 3
    figures = book.load_sheet(6, header_row=2).to_polars()
    assert figures.height == len(panel.result.used)
    assert all("/" in refs for refs in figures["panel_refs"].to_list())
    with zipfile.ZipFile(path) as packed:
        assert not any(b"<f>" in packed.read(name) for name in packed.namelist())


@pytest.mark.parametrize("width", [40, 60, 88, 140])
@pytest.mark.parametrize("code", ["en", "zh"])
def test_terminal_lines_fit(panel: PanelReport, width: int, code: str) -> None:
    lines = panel_lines(panel.result, panel_words(panel)[code], width, most=10)
    assert all(columns(line) <= width for line in lines), [line for line in lines if columns(line) > width]
    every = panel_lines(panel.result, panel_words(panel)[code], width, most=None)
    assert sum("uhai" in line for line in every) >= 1


def test_the_list_sorts_and_filters_in_a_browser(html: str, chromium: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(html, encoding="utf-8")
    profile = tmp_path / "profile"
    profile.mkdir()
    rows = "Array.from(document.querySelectorAll('.report.in-en table.places tbody tr:not(.group)'))"
    with Browser(chromium, profile) as browser, closing(browser.open(page, width=1400)) as tab:
        assert tab.run(f"{rows}.length") == 30
        tab.run("document.querySelectorAll('.report.in-en table.places th button')[1].click()")
        values = tab.run(f"{rows}.map(row => row.cells[1].dataset.v)")
        known = [float(value) for value in values if value]
        assert known == sorted(known)
        assert values[-1] == ""
        tab.run(
            "(function () { var f = document.querySelector('.report.in-en [data-filter=batch]');"
            " f.selectedIndex = 1; f.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
        assert 0 < tab.run(f"{rows}.filter(row => !row.hidden).length") < len(RESOURCE) + 1
        assert tab.complaints() == []
        with closing(browser.open(page, width=360)) as narrow:
            assert narrow.run("document.documentElement.scrollWidth <= window.innerWidth")
