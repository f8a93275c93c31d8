"""Mappings kept in a folder, so that the next edition of the same publication needs no new decisions."""

from __future__ import annotations

import re
from pathlib import Path

from headframe.catalog.load import Catalogue
from headframe.core.errors import HeadframeError
from headframe.core.files import read_text
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.mapping import LARGEST, read_mapping
from headframe.evidence.importing.mapping import Mapping as ImportMapping
from headframe.evidence.relations import listed

KEPT = "mappings"
ENOUGH = 0.5  # share of the extract's series that a kept mapping must know to be taken for the same publication
_SLUG = re.compile(r"[^a-z0-9]+")


def best_kept(folder: Path, extract: Extract, catalogue: Catalogue) -> ImportMapping | None:
    """The mapping kept for the same file; else the one of the same layout that knows most of an extract's series, if it
    knows half of them.

    A kept mapping that can no longer be read raises its own problems (HF451–HF456): it holds decisions.
    """
    keys = {series.key for series in extract.series}
    found: list[tuple[int, str, ImportMapping]] = []
    for path in listed(folder / KEPT):
        if path.suffix == ".toml":
            mapping = read_mapping(read_text(path, LARGEST), f"{KEPT}/{path.name}", catalogue)
            if mapping.layout == extract.layout:
                found.append((len(keys & mapping.by_key.keys()), path.name, mapping))
    if not found or not keys:
        return None
    own = [mapping for _, _, mapping in found if mapping.name == extract.name]
    if own:
        return own[-1]
    shared, _, mapping = max(found, key=lambda item: item[:2])
    return mapping if shared >= ENOUGH * len(keys) else None


def kept_name(mapping: ImportMapping) -> str:
    """The file name of a mapping: that of its source."""
    slug = _SLUG.sub("-", mapping.source.source_id.lower()).strip("-")
    if not slug:
        raise HeadframeError.of("HF453", "source source_id", expected="a-z, 0-9, -")
    return f"{slug[:60]}.toml"
