"""Tables drawn at random with the head of a yearbook: groups, two languages, units, scopes, parts, sections, notes."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from headframe.evidence.reading.grid import letters
from headframe.evidence.reading.unit_text import read_unit

CHARACTERS = "煤炭钢铁森林河流桥梁房屋农田工厂学堂粮食棉花纺织机械"
WORDS = ("Coal", "Steel", "Forest", "River", "Bridge", "Housing", "Farm", "Factory", "Grain", "Cotton", "Machine")
UNITS = (
    ("万元", "10 000 yuan"), ("亿元", "100 000 000 yuan"), ("人", "person"), ("万人", "10 000 persons"), ("%", "%"),
    ("公顷", "hectare"), ("平方公里", "sq.km"), ("个", "unit"), ("万吨", "10 000 tons"), ("万千瓦时", "10 000 kwh"),
)  # fmt: skip
SCOPES = {"全市": ("whole-city", "Total City"), "市辖区": ("urban-districts", "Districts under City")}
CITIES = ("阜新市", "抚顺市", "鞍山市", "本溪市", "丹东市", "锦州市", "营口市", "辽阳市")
MARKS = ("", "-", "…", "..")


@dataclass(frozen=True)
class Expected:
    """What one column has to be read as."""

    chinese: tuple[str, ...]
    english: tuple[str, ...]
    unit: str
    scope: str


@dataclass
class Drawn:
    """A table as cells with merged ranges, and what its columns and rows have to be read as."""

    rows: list[list[object]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    columns: list[Expected] = field(default_factory=list)
    numbers: list[list[float | None]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    year: int | None = None

    def put(self, top: int, left: int, bottom: int, right: int, text: str) -> None:
        """Write a text over a range, counted from 1, and merge it if it is more than a cell."""
        while len(self.rows) < bottom:
            self.rows.append([])
        for row in self.rows[top - 1 : bottom]:
            row.extend([""] * (right - len(row)))
        self.rows[top - 1][left - 1] = text
        if (top, left) != (bottom, right):
            self.merged.append(f"{letters(left)}{top}:{letters(right)}{bottom}")


@dataclass(frozen=True)
class Name:
    """A label in two languages with a unit or without."""

    chinese: str
    english: str
    unit: tuple[str, str] | None


def canonical(unit: tuple[str, str] | None) -> str:
    found = read_unit(unit[0]) if unit else None
    return found.canonical if found else ""


@st.composite
def names(draw: st.DrawFn, units: bool = True) -> Name:
    length = draw(st.integers(3, 6))
    chinese = "".join(draw(st.sampled_from(CHARACTERS)) for _ in range(length))
    english = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=2, max_size=4)))
    unit = draw(st.sampled_from((None, *UNITS))) if units else None
    return Name(chinese, english, unit)


def printed(text: str, unit: str, wide: bool) -> str:
    if not unit:
        return text
    return f"{text}（{unit}）" if wide else f"{text} ({unit})"


@st.composite
def drawn_tables(draw: st.DrawFn) -> Drawn:
    """A table in one of two styles: languages in rows of their own, or both in one cell."""
    table = Drawn()
    both_in_cell = draw(st.booleans())
    wide = draw(st.booleans())
    table.year = draw(st.sampled_from((None, 2018, 2022)))
    top = 1
    if table.year is not None and draw(st.booleans()):
        table.put(1, 1, 1, 2, f"中国{table.year}年城市数据")
        top = 2
    group_row, label_row = top, top + 1
    second, bottom = label_row + 1, label_row + (2 if both_in_cell else 3)
    table.put(label_row, 1, bottom, 1, "城　市")
    table.put(label_row, 2, bottom, 2, "City")
    column = 3
    for number in range(draw(st.integers(1, 4))):
        group = draw(names())
        group_scope = draw(st.sampled_from((None, None, "全市", "市辖区")))
        begin = column
        for _ in range(draw(st.integers(1, 3))):
            label = draw(names())
            scopes = draw(st.sampled_from(((), ("全市",), ("全市", "市辖区"), ("市辖区",))))
            column = _put_label(
                table,
                (label_row, second, bottom),
                column,
                (group, group_scope),
                label,
                scopes,
                None,
                both_in_cell,
                wide,
            )
            if draw(st.booleans()):
                part = draw(names())
                column = _put_label(
                    table,
                    (label_row, second, bottom),
                    column,
                    (group, group_scope),
                    part,
                    scopes,
                    label,
                    both_in_cell,
                    wide,
                )
        title = f"2-{number + 1} {group.chinese}" if draw(st.booleans()) else group.chinese
        title = title + (f"（{group_scope}）" if group_scope else "")
        table.put(group_row, begin, group_row, column - 1, printed(title, group.unit[0] if group.unit else "", wide))
    _put_body(draw, table, bottom)
    return table


def _put_label(
    table: Drawn,
    rows: tuple[int, int, int],
    column: int,
    group: tuple[Name, str | None],
    label: Name,
    scopes: tuple[str, ...],
    parent: Name | None,
    both_in_cell: bool,
    wide: bool,
) -> int:
    """Write a label, or a part of the label to its left, with its scopes; return the next free column."""
    first, second, bottom = rows
    last = column + max(len(scopes), 1) - 1
    chinese = printed(label.chinese, label.unit[0] if label.unit else "", wide)
    english = printed(label.english, label.unit[1] if label.unit else "", wide)
    end = bottom - 1 if scopes else bottom
    if both_in_cell:
        start = second if parent else first
        if parent and not scopes:
            table.put(bottom, column, bottom, last, f"{chinese}       {english}")
        else:
            table.put(start, column, end, last, f"{chinese} {english}")
    elif parent:
        table.put(second, column, second, last, chinese)
        table.put(second + 1, column, second + 1, last, english)
    else:
        table.put(first, column, first, last, chinese)
        table.put(second, column, end, last, english)
    for offset, scope in enumerate(scopes):
        text = f"{scope}   {SCOPES[scope][1]}" if both_in_cell else scope
        table.put(bottom, column + offset, bottom, column + offset, text)
    above, group_scope = group
    unit = label.unit or (parent.unit if parent else None) or above.unit
    path = (above.chinese, *((parent.chinese,) if parent else ()), label.chinese)
    steps = (*((parent.english,) if parent and both_in_cell else ()), label.english)
    for scope in scopes or (group_scope or "",):
        known = SCOPES[scope][0] if scope else ""
        table.columns.append(Expected(_without_repeats(path), _without_repeats(steps), canonical(unit), known))
    return last + 1


def _without_repeats(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for number, part in enumerate(path) if not number or part != path[number - 1])


def _put_body(draw: st.DrawFn, table: Drawn, bottom: int) -> None:
    width = len(table.columns) + 2
    row = bottom + 1
    indented = draw(st.booleans())
    cities = draw(st.lists(st.sampled_from(CITIES), min_size=3, max_size=6, unique=True))
    figures = st.one_of(st.integers(0, 10**8), st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 2)))
    if draw(st.booleans()):
        table.put(row, 1, row, 1, "辽宁省")
        table.put(row, 2, row, 2, "Liaoning")
        row += 1
    for number, city in enumerate(cities):
        cells: list[object] = [f"  {city}" if indented else city, "City"]
        numbers: list[float | None] = []
        for place in range(width - 2):
            certain = not number and not place  # a table without any figure is another kind of table
            value = draw(figures) if certain or draw(st.integers(0, 9)) else draw(st.sampled_from(MARKS))
            cells.append(value)
            numbers.append(float(value) if isinstance(value, int | float) else None)
        table.rows.append(cells)
        table.numbers.append(numbers)
        table.names.append(city)
        row += 1
    if draw(st.booleans()):
        table.rows.append(["注：“…”表示数据不足本表最小单位数。"])
