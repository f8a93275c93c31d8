"""No visible text in code or templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import visible_text
from tests.house.tree import ROOT, nothing, plant


def test_no_visible_text_in_code() -> None:
    nothing(visible_text.literals(ROOT))


def test_no_visible_text_in_templates() -> None:
    nothing(visible_text.templates(ROOT))


@pytest.mark.parametrize(
    ("name", "line", "fault"),
    [
        ("show/page.py", 'X = "转型指数"', "Chinese"),
        ("measure/meter.py", 'X = f"{x}分"', "Chinese"),
        ("show/page.py", 'X = "Where the city stands"', "English"),
        ("show/page.py", 'X = "<h2>Where the city stands</h2>"', "English"),
        ("cli/main.py", 'def f(x: int = option(help="Write the page to this folder")): ...', "English"),
        ("web.py", 'X = "What could follow coal"', "English"),
    ],
)
def test_text_in_code_is_found(tmp_path: Path, name: str, line: str, fault: str) -> None:
    found = visible_text.literals(plant(tmp_path, {f"src/headframe/{name}": line + "\n"}))
    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("show/page.py", '"""Where the city stands, in 中文 too."""'),
        ("show/page.py", 'X = words.say("page.title")  # 标题'),
        ("show/page.py", 'raise ValueError("Section without an order")'),
        ("show/page.py", 'X = "main h2 { margin: 0 auto }"'),
        ("show/page.py", 'X = re.compile("[\u4e00-\u9fff]+")'),
        ("core/units.py", 'X = "万元"'),
    ],
)
def test_other_literals_are_left_alone(tmp_path: Path, name: str, line: str) -> None:
    assert visible_text.literals(plant(tmp_path, {f"src/headframe/{name}": line + "\n"})) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.html.j2", "<h1>{{ say('page.title') }}</h1><p>Sources</p>"),
        ("page.html.j2", '<button aria-label="Close">{{ x }}</button>'),
        ("page.html", "<p>来源</p>"),
        ("page.js", 'show("No value known here");'),
        ("page.js", 'show("暂无数据");'),
    ],
)
def test_text_in_a_template_is_found(tmp_path: Path, name: str, text: str) -> None:
    assert len(visible_text.templates(plant(tmp_path, {f"src/headframe/show/{name}": text}))) == 1


def test_a_template_without_text_passes(tmp_path: Path) -> None:
    page = "{# The head. #}<!-- note --><style>p { color: red }</style><script>const a = 1;</script>"
    page += (
        "{% for x in rows %}<p title=\"{{ say('a.b') }}\" class='big'>{{ x|e }} &middot; &#8594; 1 %</p>{% endfor %}"
    )
    plant(
        tmp_path,
        {
            "src/headframe/show/page.html.j2": page,
            "src/headframe/show/page.js": "// 说明 and words here\nconst a = 'x';\n",
        },
    )
    assert visible_text.templates(tmp_path) == []
