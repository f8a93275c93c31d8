"""Headframe: a workbench for cities and regions that live from a resource that is running out.

    import headframe

    fuxin = headframe.open("fuxin")
    fuxin.measure().table()
    fuxin.diagnose().explain()
    fuxin.report()

Names are loaded when first used, so that importing the package is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headframe.api import Workbench, check, open, places, report  # noqa: A004
    from headframe.core.errors import HeadframeError

__version__ = "0.1.0"
__all__ = ["HeadframeError", "Workbench", "__version__", "check", "open", "places", "report"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module("headframe.core.errors" if name == "HeadframeError" else "headframe.api"), name)
