"""The layouts: how publishers write figures down. A layout is chosen by a file's content, or named.

A layout is a module of this folder with a `LAYOUT`; its name is in `MODULES`. Modules are imported when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headframe.evidence.importing.layouts.source import Layout

# In the order in which they are asked; the general table comes last and takes what no other recognises better.
MODULES = ("template", "eurostat", "jsonstat", "worldbank", "oecd", "qcew", "stata", "table")


class Layouts(Mapping[str, "Layout"]):
    """The layouts by name."""

    def __getitem__(self, name: str) -> Layout:
        if name not in MODULES:
            raise KeyError(name)
        layout: Layout = import_module(f"{__name__}.{name}").LAYOUT
        return layout

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


LAYOUTS = Layouts()
