"""The layouts: how publishers write figures down. A layout is chosen by a file's content, or named.

A layout is a module of this folder with a `LAYOUT`; its name is in `MODULES`. Modules are imported when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headframe.evidence.importing.layouts.source import Layout

# In the order in which they are asked; the general table comes last and takes what no other recognises better.
MODULES = ("template", "eurostat", "jsonstat", "worldbank", "oecd", "qcew", "stata", "table")


class Layouts(Mapping[str, "Layout"]):
    """The layouts by name."""

    def __getitem__(self, name: str) -> Layout:
        if name not in self._names:
            raise KeyError(name)
        layout: Layout = import_module(f"{__name__}.{name}").LAYOUT
        return layout

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def _names(self) -> tuple[str, ...]:
        return _present()


@cache
def _present() -> tuple[str, ...]:
    return tuple(name for name in MODULES if find_spec(f"{__name__}.{name}") is not None)


LAYOUTS = Layouts()
