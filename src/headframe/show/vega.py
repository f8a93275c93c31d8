"""The drawing program for the browser: taken from vl-convert when a page is written, kept by version in a cache.

Nothing of it is in this package's files. A cache that cannot be read or written costs a second, no more.
"""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from pathlib import Path

from headframe.core.errors import HeadframeError
from headframe.core.files import write_atomic

LICENCE = Path(__file__).with_name("vega_licence.txt")
SNIPPET = "window.vegaEmbed=vegaEmbed;"


def cache_folder() -> Path:
    """The user's cache folder of this package (not created): `HEADFRAME_CACHE` or the system's usual place."""
    chosen = os.environ.get("HEADFRAME_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "headframe"


@cache
def version() -> str:
    """The versions that decide what the bundle is."""
    from importlib import metadata

    import vl_convert

    return f"{metadata.version('vl-convert-python')}-vega-{vl_convert.get_vega_version()}"


@cache
def bundle() -> str:
    """The script that defines `vegaEmbed`, fit to stand inside a script element.

    Raises HF602 when the drawing program cannot make it.
    """
    kept: Path | None = None
    with contextlib.suppress(OSError, RuntimeError):  # no home folder, no rights: then there is no cache
        kept = cache_folder() / f"vega-{version()}.js"
        if kept.is_file():
            text = kept.read_text(encoding="utf-8")
            if text.endswith(_END):
                return text
    text = _made()
    if kept is not None:
        with contextlib.suppress(HeadframeError, OSError):
            write_atomic(kept, text)
    return text


_END = "\n/* end */\n"  # a truncated copy in the cache is recognised by its absence


def _made() -> str:
    import vl_convert

    try:
        made: str = vl_convert.javascript_bundle(SNIPPET)
    except Exception as error:  # the program raises its own plain exceptions
        raise HeadframeError.of("HF602", "vl-convert", reason=str(error)[:300]) from error
    return safe_script(made) + _END


def safe_script(text: str) -> str:
    """Script text that cannot end or open an element of the page around it."""
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


@cache
def licence() -> str:
    """The notices that the bundled programs ask to be passed on."""
    return safe_script(LICENCE.read_text(encoding="utf-8"))
