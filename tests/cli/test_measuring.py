"""The commands `measure`, `diagnose` and `report` on a folder of many places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TABLE = "城市,2018年,2020年\n" + "".join(
    f"{name},{10 + n},{12 + n}\n" for n, name in enumerate(("抚顺市", "阜新市", "鞍山市", "本溪市"))
)


@pytest.fixture
def panel(headframe, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    source = tmp_path / "a.csv"
    source.write_text("地区生产总值（亿元）,,\n" + TABLE, encoding="utf-8")
    assert headframe("import", str(source), "--into", "panel", "--author", "Li")[0] == 0
    return tmp_path / "panel"


def test_many_places_are_measured_together(headframe, panel: Path) -> None:  # type: ignore[no-untyped-def]
    status, out, _ = headframe("measure", "panel", "--lang", "zh")
    assert status == 0
    assert out.strip()
    status, out, _ = headframe("measure", "panel", "--json", "--year", "2018")
    assert status == 0
    assert json.loads(out)["years"] == [2018]
    assert headframe("measure", "panel", "--reference", "panel")[0] == 0


def test_one_of_them_is_a_city(headframe, panel: Path) -> None:  # type: ignore[no-untyped-def]
    for verb in ("measure", "diagnose", "audit", "check"):
        assert headframe(verb, "panel/fuxin" if verb != "check" else "panel")[0] == 0


def test_a_report_of_many_has_page_workbook_and_results(headframe, panel: Path) -> None:  # type: ignore[no-untyped-def]
    assert headframe("report", "panel", "--out", "out")[0] == 0
    written = sorted(path.name for path in Path("out").iterdir() if not path.name.startswith("."))
    assert written == ["panel.html", "panel.json", "panel.xlsx"]
    page = Path("out/panel.html").read_text(encoding="utf-8")
    assert "阜新" in page
    assert "Fuxin" in page


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["diagnose", "panel"], "HF478"),
        (["measure", "panel", "--reference", "moon"], "HF714"),
        (["measure", "fuxin", "--reference", "panel"], "HF715"),
        (["measure", "fuxin", "--year", "2018"], "HF715"),
        (["measure", "panel/nowhere"], "HF300"),
    ],
    ids=["diagnose", "reference", "one-city", "one-year", "no-place"],
)
def test_what_is_refused(headframe, panel: Path, words: list[str], code: str) -> None:  # type: ignore[no-untyped-def]
    status, _, err = headframe(*words)
    assert status == 1
    assert code in err
