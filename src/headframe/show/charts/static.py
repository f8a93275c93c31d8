"""Static drawings: a chart as inline SVG, made when the page is written, for readers without scripts."""

from __future__ import annotations

import re
from typing import Any

from headframe.core.errors import HeadframeError

_ATTRIBUTES = re.compile(r' (?:aria-[a-z]+|role|class|xmlns:xlink|version|stroke-miterlimit)="([^"]*)"')
_DEFAULTS = re.compile(
    r' (?:font-family="sans-serif"|opacity="1"|pointer-events="none"|text-anchor="start"|transform="translate\(0,0\)")'
)
_NOTHING = re.compile(r'<path d="(?:|M0,0h0v0h0Z)"[^>]*/>')
_EMPTY_GROUP = re.compile(r"<g[^>]*></g>")
_IDS = re.compile(r'(id="|url\(#)(clip|gradient_|pattern_)')
_LONG_NUMBER = re.compile(r"(\d+\.\d{2})\d+")


def static_svg(spec: dict[str, Any], prefix: str) -> str:
    """The chart as an SVG element without outside references, its ids prefixed so that many fit on one page.

    Raises HF601 when the drawing program refuses the chart.
    """
    import vl_convert

    try:
        drawn: str = vl_convert.vegalite_to_svg(spec, show_warnings=False)
    except Exception as error:  # the program raises its own plain exceptions
        raise HeadframeError.of("HF601", prefix, reason=str(error)[:300]) from error
    return _slim(drawn, prefix)


def _slim(svg: str, prefix: str) -> str:
    """Drop what screen readers get elsewhere, keep the marks of events (they can be switched off), shorten numbers."""

    def keep(found: re.Match[str]) -> str:
        if found[0].startswith(" class=") and "eventmark" in found[1]:
            return ' class="eventmark"'
        return ""

    slim = _IDS.sub(rf"\1{prefix}-\2", _ATTRIBUTES.sub(keep, svg))
    slim = _NOTHING.sub("", _DEFAULTS.sub("", _LONG_NUMBER.sub(r"\1", slim)))
    while _EMPTY_GROUP.search(slim):
        slim = _EMPTY_GROUP.sub("", slim)
    return slim.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
