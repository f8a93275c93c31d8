"""The one theme: colours as named tokens with a light and a dark value, the type stack, and the chart's frame.

Hues are those of Okabe and Ito (Color Universal Design, 2008); on dark paper they are lightened so that marks keep a
contrast of at least 3 : 1. Charts name tokens as CSS variables, so that one drawing serves both schemes and print.
"""

from __future__ import annotations

from typing import Any

LATIN = '"Segoe UI", "Helvetica Neue", Helvetica, Arial, "Noto Sans", "Liberation Sans"'
CHINESE = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei"'
FONT = f"system-ui, {LATIN}, {CHINESE}, sans-serif"
CHART_FONT = "sans-serif"  # the page's style sheet names the stack; a drawing's layout does not depend on it

# token: (light, dark)
TOKENS: dict[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#15171a"),
    "wash": ("#f4f5f6", "#1f2327"),
    "ink": ("#1a1c1e", "#e9e7e3"),
    "soft": ("#565c63", "#a9afb6"),
    "rule": ("#d5d9dd", "#3a4047"),
    "link": ("#00568a", "#7fc4f0"),
    "blue": ("#0072b2", "#4ca6dc"),
    "orange": ("#e69f00", "#edb43c"),
    "green": ("#009e73", "#2fbf95"),
    "vermilion": ("#d55e00", "#f0843c"),
    "purple": ("#cc79a7", "#dc97bd"),
    "sky": ("#56b4e9", "#7cc8f2"),
    "yellow": ("#f0e442", "#f0e442"),
    "grey": ("#8b9198", "#7d848c"),
    "pale": ("#c4c9ce", "#4b525a"),
    "severe-wash": ("#fbe9dc", "#3a2718"),
    "concern-wash": ("#fdf4dd", "#332b16"),
}
HATCH = "url(#not-known)"
WIDTHS = {"wide": (800, 360), "half": (360,)}


def token(name: str) -> str:
    """The CSS variable of a colour token. An unknown name is a defect: KeyError."""
    if name not in TOKENS:
        raise KeyError(name)
    return f"var(--{name})"


def variables(dark: bool) -> str:  # noqa: FBT001 (one of two schemes)
    """The colour tokens of one scheme as CSS declarations."""
    return "".join(f"--{name}:{pair[1] if dark else pair[0]};" for name, pair in TOKENS.items())


def frame(width: int, height: int, padding: dict[str, int], *, description: str = "") -> dict[str, Any]:
    """The outer part of every chart: fixed size and margins, so that a drawing never depends on fonts at hand.

    `width` is that of the whole picture, margins included.
    """
    axis = {
        "domain": False,
        "gridColor": token("rule"),
        "gridWidth": 1,
        "labelColor": token("soft"),
        "labelFontSize": 12,
        "labelPadding": 5,
        "tickColor": token("rule"),
        "ticks": False,
        "title": None,
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description,
        "background": None,
        "autosize": {"type": "none"},
        "padding": padding,
        "width": width - padding["left"] - padding["right"],
        "height": height,
        "config": {
            "font": CHART_FONT,
            "view": {"stroke": None, "clip": False},
            "axis": axis,
            "axisX": {"grid": False, "ticks": True, "tickSize": 4},
            "text": {"fontSize": 12, "fill": token("ink")},
            "legend": {"disable": True},
        },
    }
