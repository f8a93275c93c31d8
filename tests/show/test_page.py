"""The page: one file, both languages, every number a link, nothing from outside, the same bytes."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from typing import Any

import polars as pl
import pytest

from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel
from headframe.show.page import LARGEST, render_page, script, style
from headframe.show.results_bundle import Report
from tests.show.fake import Recipe
from tests.show.fake import report as fake_report
from tests.show.fake_evidence import place, row, rows

CJK = re.compile(r"[\u4e00-\u9fff]")
VOID = {"meta", "link", "input", "br", "hr", "img", "line", "rect", "path"}


class Outline(HTMLParser):
    """The elements of a page: ids, links, headings, texts by language, and whether tags are balanced."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {"en": [], "zh-CN": []}
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self._open: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.feed(page)
        self.close()

    @property
    def language(self) -> str:
        return next((lang for _, lang in reversed(self._open) if lang), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        found = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in found.items()]
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag not in VOID:
            self._open.append((tag, found.get("lang", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        opened, _ = self._open.pop() if self._open else ("nothing", "")
        if opened != tag:
            self.faults.append(f"{opened} closed by {tag}")

    def handle_data(self, data: str) -> None:
        inside = [tag for tag, _ in self._open]
        if not data.strip() or {"script", "style", "title"} & set(inside):
            return
        if self.language in self.texts:
            self.texts[self.language].append(data.strip())
        for level in ("h1", "h2", "h3", "h4"):
            if level in inside:
                self.headings.append((level, data.strip()))


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    return Outline(page)


def without_programs(page: str) -> str:
    return re.sub(r"<script\b.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)


def test_the_page_is_well_formed(outline: Outline) -> None:
    assert outline.faults == []
    assert [name for name, count in Counter(outline.ids).items() if count > 1] == []
    assert outline.tags["main"] == 2
    assert outline.tags["h1"] == 2
    levels = [int(level[1]) for level, _ in outline.headings]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_no_link_leads_nowhere(outline: Outline) -> None:
    known = {f"#{name}" for name in outline.ids}
    assert [link for link in outline.links if link not in known] == []


def test_nothing_is_asked_of_the_outside(page: str, outline: Outline) -> None:
    bare = without_programs(page)
    assert re.findall(r"(?:src|srcset|poster|data|action|formaction|ping|background)=\"[^\"]*\"", bare) == []
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", bare))
    assert {address for address in addresses if not address.startswith("http://www.w3.org/")} == set()
    assert all(
        value.startswith("#")
        for tag, name, value in outline.attributes
        if name in {"href", "xlink:href"} and tag != "option"
    )
    assert "@import" not in style()
    assert "url(" not in style()
    policy = next(value for _, name, value in outline.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy


def test_every_number_leads_to_its_source(page: str, report: Report) -> None:
    """Each figure of the table of measures is a link to an entry that stands on the page."""
    assert report.measured is not None
    bare = without_programs(page)
    for measure in report.measured.measures:
        if measure.known and measure.figure.observations:
            anchor = "en-o-" + measure.figure.observations[0].replace("/", "-")
            assert re.search(f'href="#{anchor}[^"]*"', bare), measure.id
    entry = re.search(r'<tr id="en-o-oldmine-oldmine-0003.*?</tr>', bare, re.DOTALL)
    assert entry is not None
    for part in (
        "Resident population",
        "2020",
        "City Statistical Yearbook",
        "table 2-1",
        "published 2024",
        "Two counts differ",
        "also:",
    ):
        assert part in entry[0], part


def test_computed_figures_show_steps_and_observations(page: str) -> None:
    bare = without_programs(page)
    entries = re.findall(r'<div id="en-d-\d+">.*?</div>', bare, re.DOTALL)
    peak = next(entry for entry in entries if "divided by the highest known figure" in entry)
    assert "oldmine-0011" in peak
    assert len(entries) == len(re.findall(r'<div id="zh-d-\d+">', bare))


def test_both_languages_are_complete(outline: Outline) -> None:
    """The same outline in both; English shows Chinese only in names, Chinese shows no English sentence."""
    assert len(outline.texts["en"]) > 300
    sentence = re.compile(r"[A-Z][a-z]+(?: [a-z]+){3,}")
    names = {"City Statistical Yearbook", "Student paper"}
    english = [text for text in outline.texts["zh-CN"] if sentence.search(text) and text not in names]
    assert english == []
    chinese = {text for text in outline.texts["en"] if CJK.search(text)}
    assert chinese <= {"老矿市", "中文", "跳到正文", "图上标注事件"}


def test_both_languages_have_the_same_parts(page: str) -> None:
    bare = without_programs(page)
    ids = {code: re.findall(rf'id="{code}-([^"]+)"', bare) for code in ("en", "zh")}
    assert ids["en"] == ids["zh"]


def test_no_text_id_shows_through(outline: Outline) -> None:
    shape = re.compile(r"\b(?:page|charts|measure|diagnose|figure|dim|period|integrity|audit)\.[a-z][a-z-]+")
    assert [text for texts in outline.texts.values() for text in texts if shape.search(text)] == []


def test_every_chart_has_finding_unit_source_data_and_alternative_text(page: str) -> None:
    figures = re.findall(r'<figure class="chart.*?</figure>', page, re.DOTALL)
    assert len(figures) >= 16
    for figure in figures:
        for part in ('class="finding">', 'class="unit">', 'role="img"', "<details", "<svg", 'aria-label="'):
            assert part in figure, part
        alternative = re.search(r'role="img" aria-label="([^"]*)"', figure)
        assert alternative is not None
        assert len(alternative[1]) > 12
    assert any('class="source">' in figure for figure in figures)


def test_the_same_inputs_give_the_same_bytes(page: str) -> None:
    assert render_page(fake_report()) == page
    code = (
        "import sys, hashlib; sys.path.insert(0, '.'); from tests.show.fake import report;"
        "from headframe.show.page import render_page;"
        "print(hashlib.sha256(render_page(report()).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            encoding="utf-8",
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_a_date_is_printed_only_where_one_is_given(page: str, report: Report) -> None:
    assert "Written on" not in page
    assert "Written on 2026-01-31." in render_page(report, generated=date(2026, 1, 31))


def test_the_language_shown_first_is_chosen(page: str, report: Report) -> None:
    assert 'id="language-en" value="en" checked' in page
    chinese = render_page(report, language="zh")
    assert 'id="language-zh" value="zh" checked' in chinese
    assert '<html lang="zh-CN">' in chinese
    assert "<title>老矿市：" in chinese


HOSTILE = (
    "<script>window.broken=1</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>window.broken=2</script>",
    "{{ 7*7 }}{% raw %}",
    "资源枯竭城市转型发展促进委员会办公室" * 20,
    "\u202eevil\u202c مدينة الفحم القديمة",
    "a" * 3000,
    "\x00\x07\ue000bell",
    "-->]]><!--",
)


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_stay_text(label: str) -> None:
    entries = [
        *rows(),
        row(
            50, "gdp", 2019, 1e9, "CNY", dims=f"site={label}", locator=label, raw_text=label, note=label, note_zh=label
        ),
    ]
    made = fake_report(
        Recipe(here=place(name_en=label, name_zh=label), entries=entries, title=label.replace("\x00", "") or "x")
    )
    shown = render_page(made)
    bare = without_programs(shown)
    assert "<script>window" not in shown
    assert "<img" not in bare
    assert "onerror=alert" not in re.sub(r">[^<]*<", "><", bare) or "&lt;img" in bare
    assert "49" not in re.findall(r"<h1>([^<]*)", bare)[0]
    assert not re.search("[\ue000-\ue002\u202a-\u202e\x00\x07]", bare)
    assert Outline(shown).faults == []


def test_hostile_evidence_columns_do_not_stop_the_page() -> None:
    entries = [entry | {"period_text": None, "vintage": None, "locator": None, "concept": None} for entry in rows()]
    shown = render_page(fake_report(observations=pl.DataFrame(entries, infer_schema_length=None)))
    assert Outline(shown).faults == []


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(entries=[], measure=False, diagnose=False),
        Recipe(measure=False, diagnose=False),
        Recipe(diagnose=False),
        Recipe(entries=[]),
    ],
)
def test_a_poorer_report_is_still_a_whole_page(recipe: Recipe) -> None:
    shown = render_page(fake_report(recipe))
    found = Outline(shown)
    assert found.faults == []
    assert [link for link in found.links if link[1:] not in found.ids] == []
    assert "not there yet" in shown


def test_failures_and_stale_results_are_shown_with_their_remedy() -> None:
    error = HeadframeError.of("HF317", "row <7>", text="gpd", suggestion="gdp")
    shown = render_page(fake_report(Recipe(diagnose=False), failures={"diagnose": error}, stale=frozenset({"measure"})))
    assert "<code>HF317</code>" in shown
    assert "row &lt;7&gt;" in shown
    assert "The evidence has changed since this was computed" in shown
    assert "计算之后证据已有变动" in shown


def test_the_page_is_light_enough(page: str) -> None:
    assert len(page.encode("utf-8")) < LARGEST


def test_a_large_city_stays_light_enough() -> None:
    """Of very many observations only those are listed that the page refers to, and how many more there are is said."""
    many = [
        row(1000 + n, "employment_by_sector", 2000 + n % 25, float(n), "person", dims=f"sector=s{n % 80}")
        for n in range(1999)
    ]
    shown = render_page(fake_report(Recipe(entries=[*rows(), *many])))
    assert len(shown.encode("utf-8")) < LARGEST / 2
    assert "2,000 further observations" in shown
    assert Outline(shown).links.count("#en-o-oldmine-oldmine-1000") == 0


def test_cancelling_stops_the_work(report: Report) -> None:
    cancel = Cancel()
    cancel.request()
    with pytest.raises(HeadframeError) as caught:
        render_page(report, cancel=cancel)
    assert caught.value.problems[0].code == "HF116"


def test_progress_is_told(report: Report) -> None:
    seen: list[tuple[int, int, str]] = []
    render_page(report, progress=lambda done, total, stage: seen.append((done, total, stage)))
    assert [done for done, *_ in seen] == list(range(20))
    assert {total for _, total, _ in seen} == {20}


# What Chromium 86 does not know, as it would be written.
NEWER_SYNTAX: dict[str, str] = {
    "class static block": r"\bstatic\s*\{",
    "private name in": r"#\w+\s+in\s",
    "import assertion": r"import\([^)]*,\s*\{",
}
NEWER_CALLS = (
    *(".at(", ".findLast(", ".findLastIndex(", ".toSorted(", ".toReversed(", ".toSpliced(", ".with(", ".groupBy("),
    *("Array.fromAsync", "Promise.withResolvers", "Promise.any", "AggregateError", "crypto.randomUUID", "WeakRef"),
    *(
        "Object.groupBy",
        "AbortSignal.timeout",
        ".replaceChildren(",
        "Intl.Segmenter",
        ".isWellFormed(",
        "Iterator.from",
    ),
)
POLYFILLED = ("structuredClone", "Object.hasOwn")
NEWER_STYLE = (
    *(":has(", ":is(", ":where(", "@layer", "@container", "aspect-ratio", "accent-color", "color-mix(", "inset:"),
    *(
        "text-wrap",
        "dvh",
        "svh",
        "lvh",
        "overflow: clip",
        "margin-inline",
        "padding-inline",
        "scrollbar-gutter",
        "@property",
        "&:",
    ),
)


def test_the_style_sheet_uses_nothing_newer_than_chromium_86() -> None:
    bare = re.sub(r"/\*.*?\*/", "", style(), flags=re.DOTALL)
    assert [name for name in NEWER_STYLE if name in bare] == []


@pytest.mark.parametrize("program", ["page", "bundle"])
def test_programs_use_nothing_newer_than_chromium_86(program: str) -> None:
    from headframe.show import vega

    text = script() if program == "page" else vega.bundle()
    assert [name for name, pattern in NEWER_SYNTAX.items() if re.search(pattern, text)] == []
    assert [name for name in NEWER_CALLS if name in text] == []
    for name in POLYFILLED:
        assert name in script()


def test_the_scan_would_find_newer_things() -> None:
    planted: Any = {
        "class static block": "class A{static {}}",
        "private name in": "#x in o",
        "import assertion": "import('a', {",
    }
    for name, text in planted.items():
        assert re.search(NEWER_SYNTAX[name], text), name
