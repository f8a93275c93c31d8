"""No place is judged by a line that was drawn from its own figure: that would be a verdict made to fit."""

from __future__ import annotations

import math

from headframe.catalog.load import catalog
from headframe.evidence.folder import builtin_places, open_city


def test_no_severity_line_equals_a_figure_of_a_place_it_judges() -> None:
    """A reference such as the national mean may be a line; a city's or province's own level may not."""
    scale_points = (t for t in catalog().thresholds.values() if t.role in {"concern", "severe"} and not t.relative_to)
    # Grades A and B are norms that somebody else published; a place may meet one by chance.
    lines = [line for line in scale_points if line.grade not in {"A", "B"}]
    suspects = []
    for name in builtin_places():
        city = open_city(name)
        if city.place.level == "country":
            continue
        amounts: dict[str, list[float]] = {}
        for indicator, amount in city.observations.select("indicator_id", "amount").iter_rows():
            if amount is not None:
                amounts.setdefault(indicator, []).append(amount)
        for line in lines:
            drawn_from = [x for x in amounts.get(line.indicator, []) if math.isclose(x, line.value, rel_tol=2e-3)]
            # 0, 1 and 100 are natural ends of a scale; a computed quantile of many cities may meet one by chance.
            if drawn_from and line.value not in {0.0, 1.0, 100.0} and not line.source.startswith("cn-city"):
                suspects.append((name, line.id, line.value))
    assert suspects == []
