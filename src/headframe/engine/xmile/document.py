"""The XML of an XMILE 1.0 file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from headframe.engine.runs import Horizon
from headframe.engine.xmile.names import unit_definitions, unit_equation
from headframe.engine.xmile.text import Entry, Points, number_text

NAMESPACE = "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(
    title: Mapping[str, str], horizon: Horizon, entries: Sequence[Entry], blocks: Mapping[str, Sequence[str]]
) -> str:
    """The file: `title` has the name, the caption and the version of the program; `blocks` are groups of variables."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<xmile version="1.0" xmlns="{NAMESPACE}">',
        "  <header>",
        "    <vendor>Headframe</vendor>",
        f'    <product version={quoteattr(title["version"])} lang="en">Headframe</product>',
        f"    <name>{_text(title['name'])}</name>",
        f"    <caption>{_text(title['caption'])}</caption>",
        "  </header>",
        *_specifications(horizon),
        *_units(entries),
        "  <model>",
        "    <variables>",
        *(f"      {line}" for entry in entries for line in _variable(entry)),
        *(f"      {line}" for name, members in blocks.items() for line in _group(name, members)),
        "    </variables>",
        "  </model>",
        "</xmile>",
    ]
    return "\n".join(lines) + "\n"


def _clean(text: str) -> str:
    """Text without characters that XML has no way to write."""
    return _NOT_XML.sub("", text)


def _text(text: str) -> str:
    return escape(_clean(text))


def _specifications(horizon: Horizon) -> Iterator[str]:
    yield f'  <sim_specs method="{horizon.integrator}" time_units="year">'
    yield f"    <start>{number_text(horizon.start)}</start>"
    yield f"    <stop>{number_text(float(horizon.points[-1]))}</stop>"
    yield f'    <dt reciprocal="true">{horizon.steps_per_year}</dt>'
    yield "  </sim_specs>"


def _units(entries: Iterable[Entry]) -> Iterator[str]:
    yield "  <model_units>"
    for name, equation, aliases in unit_definitions(dict.fromkeys(entry.unit for entry in entries if entry.unit)):
        inside = f"<eqn>{equation}</eqn>" if equation else ""
        inside += "".join(f"<alias>{_text(alias)}</alias>" for alias in aliases)
        yield f"    <unit name={quoteattr(name)}>{inside}</unit>"
    yield "  </model_units>"


def _variable(entry: Entry) -> Iterator[str]:
    yield f"<{entry.kind} name={quoteattr(entry.name)}>"
    if entry.description:
        yield f"  <doc>{_documentation(entry.description)}</doc>"
    yield f"  <eqn>{_text(entry.text)}</eqn>"
    yield from (f"  <inflow>{flow}</inflow>" for flow in entry.inflows)
    yield from (f"  <outflow>{flow}</outflow>" for flow in entry.outflows)
    if entry.points is not None:
        yield from _graphical_function(entry.points)
    if entry.unit is not None:
        yield f"  <units>{_text(unit_equation(entry.unit))}</units>"
    limits = zip(("min", "max"), entry.limits, strict=True)
    if sides := "".join(f' {side}="{number_text(limit)}"' for side, limit in limits if limit is not None):
        yield f"  <range{sides}/>"
    yield f"</{entry.kind}>"


def _documentation(text: str) -> str:
    """Plain text as XMILE wants it: line ends and backslashes with a backslash before them."""
    return _text(text.replace("\\", "\\\\").replace("\r", "").replace("\n", "\\n"))


def _graphical_function(points: Points) -> Iterator[str]:
    listed = (",".join(map(number_text, numbers)) for numbers in points)
    yield '  <gf type="continuous">'
    yield from (f"    <{tag}>{numbers}</{tag}>" for tag, numbers in zip(("xpts", "ypts"), listed, strict=True))
    yield "  </gf>"


def _group(name: str, members: Iterable[str]) -> Iterator[str]:
    yield f"<group name={quoteattr(_clean(name))}>"
    yield from (f"  <entity name={quoteattr(member)}/>" for member in members)
    yield "</group>"
