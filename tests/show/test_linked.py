"""Words that link: figures and sources become links, nothing else becomes markup."""

from __future__ import annotations

import re

import pytest

from headframe.core.results import Figure, Message, Ref
from headframe.core.words import Words
from headframe.evidence.folder import builtin_places, open_city
from headframe.show.ledger import Ledger, slug
from headframe.show.linked import LinkedWords, ReportWords, bounds, doubtful, prices, standing
from headframe.show.results_bundle import Report


@pytest.fixture
def linked(report: Report, languages: dict[str, Words]) -> LinkedWords:
    return LinkedWords(languages["en"], report, Ledger(report))


READ = Figure(value=62.0, unit="%", observations=("oldmine/oldmine-0032",))


def test_a_read_figure_leads_to_its_observation(linked: LinkedWords) -> None:
    shown = linked.sentence(Message(id="page.figure", values={"figure": READ}))
    assert str(shown).startswith('<a class="figure" href="#en-o-oldmine-oldmine-0032')
    assert shown.endswith(">62%</a>")


def test_a_computed_figure_gets_an_entry_of_its_own_once(linked: LinkedWords) -> None:
    computed = READ.model_copy(update={"method": "derived"})
    first = linked.sentence(Message(id="page.figure", values={"figure": computed}))
    again = linked.sentence(Message(id="page.figure", values={"figure": computed}))
    assert 'href="#en-d-1"' in first
    assert 'href="#en-d-1"' in again
    assert len(linked.ledger.derived) == 1


def test_an_unknown_figure_is_no_link_and_no_zero(linked: LinkedWords) -> None:
    assert (
        linked.sentence(Message(id="page.figure", values={"figure": Figure(unit="%", observations=("x/y",))}))
        == "not known"
    )


def test_markup_in_texts_stays_text(linked: LinkedWords) -> None:
    hostile = "<script>alert(1)</script> & \"quoted\" 'too'"
    shown = linked.sentence(Message(id="charts.plain", values={"text": hostile}))
    assert "<" not in shown
    assert "&lt;script&gt;" in shown


def test_forged_marks_make_no_links(linked: LinkedWords) -> None:
    """A text may carry the very characters that mark links; they are taken out."""
    linked.sentence(Message(id="page.figure", values={"figure": READ}))
    for forged in ("\ue0000\ue001click\ue002", "\ue0009\ue001click\ue002"):
        shown = linked.sentence(Message(id="charts.plain", values={"text": forged}))
        assert "<a" not in shown
        assert "\ue000" not in shown


def test_direction_overrides_and_control_characters_are_taken_out(linked: LinkedWords) -> None:
    shown = linked.sentence(Message(id="charts.plain", values={"text": "a\u202eb\x00c\u2066d"}))
    assert shown == "abcd"


def test_sources_and_places_have_names(report: Report, languages: dict[str, Words]) -> None:
    words = ReportWords(languages["zh"], report)
    assert words.name("place", "oldmine") == "老矿市"
    assert words.name("source", "paper") == "学生论文"
    assert words.name("event", "e-1") == "矿坑关闭"
    assert words.name("event", "oldmine/e-1") == "矿坑关闭"


@pytest.mark.parametrize(
    ("dims", "english", "chinese"),
    [
        ("sector=mining", "mining", "采矿业"),
        ("age=45-plus", "age: 45 plus", "年龄：45 plus"),
        ("sector=mining;site=haizhou-pit", "mining, Haizhou pit", "采矿业、海州矿坑"),
        ("colour=dark-blue", "colour: dark blue", "colour：dark blue"),
    ],
)
def test_dimensions_are_told_in_words(
    report: Report, languages: dict[str, Words], dims: str, english: str, chinese: str
) -> None:
    assert ReportWords(languages["en"], report).name("dims", dims) == english
    assert ReportWords(languages["zh"], report).name("dims", dims) == chinese


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("n.d.", "not dated", "未注明时间"),
        ("n.d. / 2021", "not dated / 2021", "未注明时间 / 2021"),
        ("at time of article (2025)", "when the article was written (2025)", "成文之时（2025年）"),
        ("2021", "2021", "2021"),
        ("a date nobody has seen", "a date nobody has seen", "a date nobody has seen"),
    ],
)
def test_undated_periods_are_translated(
    report: Report, languages: dict[str, Words], text: str, english: str, chinese: str
) -> None:
    assert ReportWords(languages["en"], report).dated(text) == english
    assert ReportWords(languages["zh"], report).dated(text) == chinese


@pytest.mark.parametrize(
    ("text", "chinese"),
    [("2020", "2020年"), ("2020-11-01", "2020年11月1日"), ("2009–2017", "2009—2017年"), ("n.d.", "未注明时间")],
)
def test_periods_inside_chinese_sentences_carry_measure_words(
    report: Report, languages: dict[str, Words], text: str, chinese: str
) -> None:
    assert ReportWords(languages["zh"], report).period(text) == chinese
    assert ReportWords(languages["en"], report).period("2020") == "2020"


def test_bounds_are_rounded_as_the_figure_is() -> None:
    found = bounds(Figure(value=43.4336, low=32.1234, high=52.987))
    assert found is not None
    low, high = found.values["low"], found.values["high"]
    assert isinstance(low, Figure)
    assert isinstance(high, Figure)
    assert (low.value, high.value) == (32.0, 53.0)
    assert bounds(Figure(value=1.0)) is None


def test_doubt_and_standing() -> None:
    assert doubtful(Figure(value=1, method="interpolated"))
    assert doubtful(Figure(value=1, status="U"))
    assert not doubtful(Figure(value=1))
    assert standing(Figure(value=1, status="P")).id == "page.status.P"
    assert standing(Figure(value=1, method="assumed")).id == "page.method.assumed"


@pytest.mark.parametrize(
    ("basis", "expected"),
    [("nominal", "当年价格"), ("real:2010", "2010年不变价"), ("index:2000=100", "价格基础：index:2000=100")],
)
def test_price_basis_in_words(languages: dict[str, Words], basis: str, expected: str) -> None:
    assert languages["zh"].say(prices(basis)) == expected


def test_slugs_differ_where_texts_differ() -> None:
    assert slug("fuxin-0001") == "fuxin-0001"
    assert slug("Fuxin/0001") != slug("fuxin-0001")
    assert slug("老矿") != slug("新矿")
    assert slug("老矿").strip("-")


def test_names_from_references(linked: LinkedWords) -> None:
    shown = linked.sentence(Message(id="page.relative.nation", values={}))
    assert shown == "the nation"
    assert 'class="entry"' in linked.html(linked.name("source", "paper"))
    assert linked.html(linked.name("source", "nobody")) == "nobody"
    assert Ref(kind="source", id="paper").id in linked.ledger.asked("source")


def test_every_way_the_built_in_evidence_avoids_a_date_is_translated(
    languages: dict[str, Words], report: Report
) -> None:
    words = ReportWords(languages["zh"], report)
    plain = re.compile(r"\d{4}(?:-\d{2}){0,2}(?:[-–]\d{4})?")
    texts: set[str] = set()
    for name in builtin_places():
        city = open_city(name)
        undated = city.observations.filter(city.observations["period_start"].is_null())
        texts |= {*undated["period_text"].drop_nulls(), *city.events["date_text"].drop_nulls()}
    untranslated = {text for text in texts if text and not plain.fullmatch(text) and words.dated(text) == text}
    assert untranslated == set()
