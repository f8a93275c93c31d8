"""A mapping as TOML: written in one fixed form, with comments that say what each series was printed as."""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import asdict

from headframe.evidence.importing.extract import Extract, Series
from headframe.evidence.importing.mapping import Defaults, Mapping, PeriodRule, SeriesRule, SourceRule

LONGEST_COMMENT = 160
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def mapping_text(
    mapping: Mapping, extract: Extract | None = None, asked: Table[str, Sequence[str]] | None = None
) -> str:
    """The canonical TOML of a mapping; `extract` lends the comments, which reading ignores.

    `asked` are printed places to be answered, with ids they may mean: each becomes a line to be completed.
    `read_mapping(mapping_text(m), …)` gives `m` again.
    """
    described = {series.key: series for series in extract.series} if extract is not None else {}
    lines = [f"name = {quoted(mapping.name)}", f"layout = {quoted(mapping.layout)}"]
    lines += _section("source", mapping.source, SourceRule())
    lines += _section("period", mapping.period, PeriodRule())
    lines += _section("defaults", mapping.defaults, Defaults(status="", method=""))
    for rule in mapping.series:
        lines += ["", *_comment(described.get(rule.key)), "[[series]]", *_rule(rule)]
    open_places = [_open_place(name, near) for name, near in sorted((asked or {}).items()) if name]
    for name, table, more in (("places", mapping.places, open_places), ("meanings", mapping.meanings, [])):
        if table or more:
            lines += ["", f"[{name}]", *(f"{quoted(key)} = {quoted(value)}" for key, value in sorted(table.items()))]
            lines += more
    return "\n".join(lines) + "\n"


def _open_place(name: str, near: Sequence[str]) -> str:
    """A commented line for a place that is asked about, with the first id it may mean."""
    listed = ", ".join(near[:5])
    return f"# {quoted(name[:120])} = {quoted(near[0] if near else '')}  # {listed}".rstrip(" #")


def _section(name: str, part: object, plain: object) -> list[str]:
    """A table with those of its values that are not the plain ones."""
    usual = asdict(plain)  # type: ignore[call-overload]
    given = {key: value for key, value in asdict(part).items() if value != usual[key]}  # type: ignore[call-overload]
    return ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in given.items())] if given else []


def _rule(rule: SeriesRule) -> list[str]:
    usual = asdict(SeriesRule(rule.key))
    given = {key: value for key, value in asdict(rule).items() if key == "key" or value != usual[key]}
    return [f"{key} = {_value(value)}" for key, value in given.items()]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(quoted(str(item)) for item in value) + "]"
    return quoted(str(value))


def quoted(text: str) -> str:
    """A text as a TOML string."""
    made = "".join(_ESCAPES.get(letter, letter) for letter in text)
    return (
        '"'
        + "".join(letter if letter >= " " and letter != "\x7f" else f"\\u{ord(letter):04X}" for letter in made)
        + '"'
    )


def _comment(series: Series | None) -> list[str]:
    """What the file prints over a series, its unit and its figures."""
    if series is None:
        return []
    both = " | ".join(" / ".join(path) for path in (series.chinese, series.english) if path) or series.label
    unit = f" [{series.unit.printed}]" if series.unit is not None else ""
    figures = f"; {series.count}: {_short(series.minimum)} – {_short(series.maximum)}" if series.count else ""
    text = "".join(letter if letter.isprintable() else " " for letter in both + unit)
    return [f"# {text[:LONGEST_COMMENT]}{figures}"]


def _short(number: float | None) -> str:
    return "—" if number is None else f"{number:.6g}"
