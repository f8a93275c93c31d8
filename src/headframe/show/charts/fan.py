"""A fan: the quantiles of an outcome over time, as nested bands around the median."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import escape

from headframe.show.charts.static import static_svg
from headframe.show.charts.theme import FONT, TOKENS, frame, token, variables

HEIGHT = 260
PADDING = {"left": 64, "right": 24, "top": 64, "bottom": 32}


def fan_spec(
    times: Sequence[float], quantiles: Mapping[float, Sequence[float]], *, title: str, unit: str, width: int = 720
) -> dict[str, Any]:
    """The fan as a Vega-Lite dict: `quantiles` maps a share (0 to 1) to its values at `times`, in `unit`.

    Shares p and 1 − p make one band; 0.5 is the line. Values that are not known (NaN) leave a gap.
    """
    shares = sorted(share for share in quantiles if share < 0.5 and 1 - share in _near(quantiles))
    layers: list[dict[str, Any]] = []
    for share in shares:
        high = _near(quantiles)[1 - share]
        rows = [
            {"t": float(t), "low": float(low), "high": float(top)}
            for t, low, top in zip(times, quantiles[share], high, strict=True)
            if low == low and top == top  # noqa: PLR0124 — not a number
        ]
        layers.append(_band(rows, f"{100 * share:g}–{100 * (1 - share):g} %", len(layers), len(shares)))
    if 0.5 in quantiles:
        rows = [{"t": float(t), "low": float(v)} for t, v in zip(times, quantiles[0.5], strict=True) if v == v]  # noqa: PLR0124
        mark = {"type": "line", "color": token("blue"), "strokeWidth": 2}
        layers.append({"data": {"values": rows}, "mark": mark, "encoding": _encoding("low")})
    spec = frame(width, HEIGHT, PADDING, description=f"{title} ({unit})")
    subtitle = ", ".join([unit, *(f"{100 * share:g}–{100 * (1 - share):g} %" for share in shares)])
    head = {
        "text": title, "subtitle": subtitle, "anchor": "start", "fontSize": 15, "subtitleFontSize": 12,
        "color": token("ink"), "subtitleColor": token("soft"), "offset": 12, "frame": "group",
    }  # fmt: skip
    return spec | {"title": head, "layer": layers}


def _near(quantiles: Mapping[float, Sequence[float]]) -> dict[float, Sequence[float]]:
    """The upper quantiles under the exact complement of their lower ones (1 − 0.05 is not the float 0.95)."""
    found = dict(quantiles)
    for share in quantiles:
        for other in quantiles:
            if abs(1 - share - other) < 1e-9:
                found[1 - share] = quantiles[other]
    return found


def _band(rows: list[dict[str, float]], label: str, number: int, count: int) -> dict[str, Any]:
    mark = {"type": "area", "color": token("blue"), "opacity": 0.18 + 0.22 * number / max(count, 1)}
    return {"name": f"band_{number}", "description": label, "data": {"values": rows}, "mark": mark} | {
        "encoding": _encoding("low") | {"y2": {"field": "high"}}
    }


def _encoding(field: str) -> dict[str, Any]:
    return {
        "x": {"field": "t", "type": "quantitative", "axis": {"format": "d", "tickCount": 8}, "scale": {"nice": False}},
        "y": {"field": field, "type": "quantitative", "axis": {"tickCount": 5}, "scale": {"zero": False}},
    }


def fan(times: Sequence[float], quantiles: Mapping[float, Sequence[float]], *, title: str, unit: str) -> str:
    """The fan as a whole SVG file that needs nothing beside it; see `fan_spec`. Errors: HF601."""
    drawn = static_svg(fan_spec(times, quantiles, title=title, unit=unit), "fan")
    style = f"<style>svg{{{variables(dark=False)}font-family:{FONT};background:{TOKENS['paper'][0]}}}</style>"
    named = f'xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}"'
    plain = drawn.replace('aria-hidden="true" focusable="false" xmlns="http://www.w3.org/2000/svg"', named, 1)
    start = plain.index(">") + 1
    return plain[:start] + style.replace('"', "'") + plain[start:]
