"""The page in a real browser: no complaint, no request, both languages, nothing cut off or overlapping."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headframe.show.page import render_page
from headframe.show.results_bundle import Report
from tests.show.devtools import Browser, Tab, opened

WIDTHS = (360, 390, 768, 1440, 2560)
LANGUAGES = ("en", "zh")
WALK = """(async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 700) {
    window.scrollTo(0, y);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 20))));
  }
  window.scrollTo(0, 0);
  for (let round = 0; round < 100; round += 1) {
    const begun = [...document.querySelectorAll('.picture[data-alive="1"]')];
    const waiting = begun.filter((one) => !one.querySelector(".alive"));
    if (!waiting.length) { break; }
    await new Promise((done) => setTimeout(done, 50));
  }
  return true;
})()"""
# Elements that stand past the edge of the page, other than inside something that scrolls by itself.
OUTSIDE = """(() => {
  const edge = document.documentElement.clientWidth;
  const found = [...document.querySelectorAll("body *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && (box.right > edge + 1 || box.left < -1) && !one.closest(".scroll, svg, .skip, .switch");
  });
  return [document.documentElement.scrollWidth - edge, found.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];
})()"""
# Texts that cover each other (blocks in the flow, labels inside one chart) and labels that are cut off.
OVERLAPS = """(() => {
  const cover = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const folded = (one) => {
    const fold = one.closest("details:not([open])");
    const heads = one.tagName === "SUMMARY" && one.parentElement === fold;
    return fold && !(heads && !fold.parentElement.closest("details:not([open])"));
  };
  const faults = [];
  const blocks = [...document.querySelectorAll("h1, h2, h3, h4, p, li, caption, summary, .drawing, nav a, label")]
    .filter((one) => one.offsetParent !== null && !folded(one) && one.getBoundingClientRect().height > 0);
  blocks.forEach((one, i) => blocks.slice(i + 1, i + 25).forEach((two) => {
    if (!one.contains(two) && !two.contains(one) && cover(one.getBoundingClientRect(), two.getBoundingClientRect())) {
      faults.push(one.textContent.slice(0, 40) + " | " + two.textContent.slice(0, 40));
    }
  }));
  for (const svg of document.querySelectorAll(".picture svg")) {
    const frame = svg.getBoundingClientRect();
    if (!frame.width || folded(svg)) { continue; }
    const texts = [...svg.querySelectorAll("text")]
      .filter((one) => one.textContent.trim() && one.getAttribute("stroke-width") !== "6");
    texts.forEach((one, i) => texts.slice(i + 1).forEach((two) => {
      if (one.textContent !== two.textContent && cover(one.getBoundingClientRect(), two.getBoundingClientRect())) {
        faults.push(one.textContent + " / " + two.textContent);
      }
    }));
    texts.forEach((one) => {
      const box = one.getBoundingClientRect();
      if (box.right > frame.right + 1 || box.left < frame.left - 1) { faults.push("cut off: " + one.textContent); }
    });
  }
  return faults.slice(0, 10);
})()"""


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(chromium, tmp_path_factory.mktemp("profile")) as made:
        yield made


@pytest.fixture(scope="module")
def file(page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("a page 网页") / "old mine 老矿.html"
    path.write_text(page, encoding="utf-8")
    return path


def choose(tab: Tab, language: str) -> None:
    tab.run(f"document.getElementById('language-{language}').click()")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_complaint_no_request_nothing_cut_off(browser: Browser, file: Path, width: int, language: str) -> None:
    with opened(browser, file, width=width) as tab:
        choose(tab, language)
        tab.run(WALK)
        assert tab.complaints() == []
        assert {address.split("#")[0] for address in tab.requests()} == {file.as_uri()}
        overflow, outside = tab.run(OUTSIDE)
        assert outside == []
        assert overflow <= 0
        assert tab.run(OVERLAPS) == []


def test_charts_come_alive_when_seen_and_stay_the_same_size(browser: Browser, file: Path) -> None:
    with opened(browser, file, width=1440) as tab:
        before = tab.run("document.querySelector('#en-c-meter .at-wide svg').getBoundingClientRect().height")
        asleep = tab.run("document.querySelectorAll('.alive').length")
        tab.run(WALK)
        assert asleep < 6
        assert tab.run("document.querySelectorAll('.picture[data-alive=failed]').length") == 0
        shown = "[...document.querySelectorAll('.picture')].filter((one) => one.offsetParent !== null)"
        assert tab.run(f"{shown}.every((one) => one.querySelector('.alive svg'))")
        after = tab.run("document.querySelector('#en-c-meter .at-wide .alive svg').getBoundingClientRect().height")
        assert abs(before - after) <= 1
        tab.run("document.querySelector('#en-c-meter').scrollIntoView({block: 'center'})")
        spot = tab.run(
            "(() => { const dots = document.querySelectorAll('#en-c-meter .at-wide .alive .mark-symbol path');"
            " const dot = [...dots].pop();"
            " const box = dot.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=spot[0], y=spot[1])
        tip = tab.run(
            "new Promise((done) => setTimeout(done, 300))"
            ".then(() => document.getElementById('vg-tooltip-element').textContent)"
        )
        assert "Oldmine" in tip
        assert tab.complaints() == []


def test_the_language_is_switched_and_remembered(browser: Browser, file: Path) -> None:
    with opened(browser, file, width=1440) as tab:
        assert tab.run("document.querySelector('.report.in-zh').offsetParent === null")
        choose(tab, "zh")
        assert tab.run("[document.documentElement.lang, document.title]") == ["zh-CN", "老矿市：现状与成因"]
        assert tab.run("document.querySelector('.report.in-en').offsetParent === null")
    with opened(browser, file, width=1440, forget=False) as tab:
        assert tab.run("document.documentElement.lang") == "zh-CN"
        choose(tab, "en")


def test_events_can_be_switched_off_on_still_and_living_charts(browser: Browser, file: Path) -> None:
    count = (
        "[...document.querySelectorAll('[class*=eventmark]')].map((one) => one.getBoundingClientRect())"
        ".filter((box) => box.width + box.height > 0).length"
    )
    for scripts in (True, False):
        with opened(browser, file, width=1440, scripts=scripts) as tab:
            if scripts:
                tab.run(WALK)
            assert tab.run(count) > 0
            if scripts:
                tab.run("document.getElementById('events').click()")
            else:  # without scripts the box is ticked by hand
                node = tab.call("DOM.getDocument", depth=0)["root"]["nodeId"]
                found = tab.call("DOM.querySelector", nodeId=node, selector="label.events")["nodeId"]
                x1, y1, *_ = tab.call("DOM.getBoxModel", nodeId=found)["model"]["content"]
                for kind in ("mousePressed", "mouseReleased"):
                    tab.call("Input.dispatchMouseEvent", type=kind, x=x1 + 5, y=y1 + 5, button="left", clickCount=1)
            assert tab.run(count) == 0


def test_a_number_shows_where_it_comes_from_and_gives_the_focus_back(browser: Browser, file: Path) -> None:
    with opened(browser, file, width=390) as tab:
        tab.run("document.querySelector('#en-one-page .numbers a.figure').click()")
        text = tab.run("document.querySelector('.card').textContent")
        assert "City Statistical Yearbook" in text
        assert "table 2-1" in text
        assert tab.run("document.activeElement.className") == "card"
        box = tab.run(
            "(() => { const b = document.querySelector('.card').getBoundingClientRect(); return [b.left, b.right]; })()"
        )
        assert box[0] >= 0
        assert box[1] <= 390
        for kind in ("keyDown", "keyUp"):
            tab.call("Input.dispatchKeyEvent", type=kind, key="Escape", code="Escape", windowsVirtualKeyCode=27)
        assert tab.run("[document.querySelector('.card'), document.activeElement.className]") == [None, "figure"]


def test_an_address_with_an_entry_opens_its_language_and_its_fold(browser: Browser, file: Path) -> None:
    with opened(browser, file, width=1440) as tab:
        choose(tab, "en")
        tab.run("location.hash = '#zh-i-gdp_per_head'")
        tab.run("new Promise((done) => setTimeout(done, 200))")
        assert tab.run("document.documentElement.lang") == "zh-CN"
        assert tab.run("document.getElementById('zh-i-gdp_per_head').closest('details').open")
        choose(tab, "en")
        assert tab.run("location.hash") == "#en-i-gdp_per_head"


def test_without_scripts_the_whole_report_reads(browser: Browser, file: Path) -> None:
    with opened(browser, file, width=1440, scripts=False) as tab:
        shown = "[...document.querySelectorAll('.report.in-en .picture')].filter((one) => one.offsetParent !== null)"
        assert tab.run(f"{shown}.length") == 11
        assert tab.run(f"{shown}.every((one) => one.querySelector('svg').getBoundingClientRect().height > 50)")
        assert tab.run("document.querySelectorAll('button').length") == 0
        assert tab.complaints() == []


@pytest.mark.parametrize("name", ["all", "high", "medium", "low", "open"])
def test_findings_are_filtered_without_scripts(browser: Browser, file: Path, name: str) -> None:
    with opened(browser, file, width=1440, scripts=False) as tab:
        tab.run(f"document.querySelector('label[for=en-t-integrity-{name}]').click()")
        rows = "[...document.querySelectorAll('#en-t-integrity tbody tr')].filter((one) => one.offsetParent !== null)"
        wanted = {"all": 3, "open": 2}.get(name, 1)
        assert tab.run(f"{rows}.length") == wanted
        marked = "" if name == "all" else f".is-{name}"
        assert tab.run(f"{rows}.every((one) => one.matches('tr{marked}'))")


def test_the_keyboard_follows_the_reading_order(browser: Browser, file: Path) -> None:
    with opened(browser, file, width=1440) as tab:
        names = []
        for _ in range(7):
            for kind in ("keyDown", "keyUp"):
                tab.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
            names.append(
                tab.run(
                    "((one) => one.className + '#' + one.id + one.textContent.slice(0, 20))(document.activeElement)"
                )
            )
        assert names[0].startswith("skip#")
        assert "language-en" in names[1]
        assert "#events" in names[2]
        assert "On one page" in names[3]
        outline = tab.run("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"


def test_only_tables_that_scroll_are_stops_for_the_keyboard(browser: Browser, file: Path) -> None:
    stops = (
        "[...document.querySelectorAll('.report.in-en .scroll[tabindex]')].filter((one) => one.offsetParent !== null)"
    )
    counts = []
    for width in (360, 1440):
        with opened(browser, file, width=width) as tab:
            counts.append(tab.run(f"{stops}.length"))
            assert tab.run(f"{stops}.every((one) => one.scrollWidth > one.clientWidth)")
    assert counts[0] > counts[1]


def test_dark_scheme_has_dark_paper_and_light_ink(browser: Browser, file: Path) -> None:
    with opened(browser, file, width=1440, dark=True) as tab:
        paper, ink = tab.run("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
        assert paper == "rgb(21, 23, 26)"
        assert ink == "rgb(233, 231, 227)"
        fill = tab.run("getComputedStyle(document.querySelector('.picture svg text')).fill")
        assert fill != "rgb(86, 92, 99)"


def test_charts_are_not_cut_in_print(browser: Browser, file: Path) -> None:
    with opened(browser, file, width=1440) as tab:
        tab.call("Emulation.setEmulatedMedia", media="print")
        assert tab.run(
            "[...document.querySelectorAll('figure.chart')]"
            ".every((one) => getComputedStyle(one).breakInside === 'avoid')"
        )
        assert tab.run("getComputedStyle(document.querySelector('nav')).display") == "none"
        assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        printed = tab.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
        assert len(printed) > 20_000


def test_data_and_pictures_can_be_taken_along(browser: Browser, file: Path, tmp_path: Path) -> None:
    with opened(browser, file, width=1440) as tab:
        tab.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
        tab.run(
            "document.querySelector('#en-c-since-the-peak details').open = true;"
            "new Promise((done) => setTimeout(done, 200))"
        )
        for kind in ("csv", "svg", "png"):
            tab.run(f"document.querySelector('#en-c-since-the-peak [data-save={kind}]').click()")
            tab.run("new Promise((done) => setTimeout(done, 900))")
        names = {path.name for path in tmp_path.iterdir()}
        assert {"since-the-peak.csv", "since-the-peak.svg", "since-the-peak.png"} <= names
        table = (tmp_path / "since-the-peak.csv").read_text(encoding="utf-8")
        assert table.startswith('\ufeff"Series",')
        picture = (tmp_path / "since-the-peak.svg").read_text(encoding="utf-8")
        assert "var(" not in picture
        assert "Source" in picture
        assert (tmp_path / "since-the-peak.png").read_bytes().startswith(b"\x89PNG")
        assert tab.complaints() == []


def test_formulas_are_disarmed_in_what_is_taken_along(browser: Browser, report: Report, tmp_path: Path) -> None:
    from tests.show.fake import Recipe
    from tests.show.fake import report as fake_report
    from tests.show.fake_evidence import place

    hostile = fake_report(Recipe(here=place(name_en="=HYPERLINK(1)", name_zh="=1+1")))
    path = tmp_path / "page.html"
    path.write_text(render_page(hostile), encoding="utf-8")
    with opened(browser, path, width=1440) as tab:
        tab.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
        tab.run(
            "document.querySelector('#en-c-meter details').open = true; new Promise((done) => setTimeout(done, 200))"
        )
        tab.run(
            "document.querySelector('#en-c-meter [data-save=csv]').click();new Promise((done) => setTimeout(done, 900))"
        )
        table = (tmp_path / "meter.csv").read_text(encoding="utf-8")
        assert '"\'=HYPERLINK(1)"' in table
        assert '"=HYPERLINK' not in table
        assert "−" in table or "2018" in table
