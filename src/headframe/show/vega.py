"""The drawing program for the browser: taken from vl-convert when a page is written, kept by version in a cache.

Nothing of it is in this package's files. A cache that cannot be read or written costs a second, no more.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from headframe.core.cache import keep, kept
from headframe.core.errors import HeadframeError

LICENCE = Path(__file__).with_name("vega_licence.txt")
SNIPPET = "window.vegaEmbed=vegaEmbed;"


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
    name = f"vega-{version()}"
    known = kept(name)
    if known is not None:
        return known.decode("utf-8")
    text = _made()
    keep(name, text.encode("utf-8"))
    return text


def _made() -> str:
    import vl_convert

    try:
        made: str = vl_convert.javascript_bundle(SNIPPET)
    except Exception as error:  # the program raises its own plain exceptions
        raise HeadframeError.of("HF602", "vl-convert", reason=str(error)[:300]) from error
    return safe_script(made)


def safe_script(text: str) -> str:
    """Script text that cannot end or open an element of the page around it."""
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


@cache
def licence() -> str:
    """The notices that the bundled programs ask to be passed on."""
    return safe_script(LICENCE.read_text(encoding="utf-8"))
