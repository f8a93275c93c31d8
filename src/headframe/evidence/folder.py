"""A city folder opened: its place, observations, sources, events and findings, and the questions asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from headframe.core.errors import HeadframeError, Problems, did_you_mean
from headframe.core.provenance import fingerprint
from headframe.core.results import Figure
from headframe.evidence.place import Place, read_place, read_toml
from headframe.evidence.reconcile import Choice, choices, dims_text, ranked_rows
from headframe.evidence.tables import BUILTIN, Evidence, read_tables


@dataclass(frozen=True, eq=False, kw_only=True)
class City(Evidence):
    """A place with everything known of it."""

    place: Place
    given_hash: str = field(default="", repr=False)

    @property
    def id(self) -> str:
        """The id of the place."""
        return self.place.id

    @property
    def place_ids(self) -> frozenset[str]:
        """The one place."""
        return frozenset({self.place.id})

    def names(self, language: str) -> Mapping[str, str]:
        """The name of the place."""
        return {self.place.id: self.place.name(language)}

    @cached_property
    def inputs_hash(self) -> str:
        """A fingerprint of the folder's files, or of the part of a larger folder, for the run record."""
        return self.given_hash or fingerprint(self.folder)

    @cached_property
    def _ranked(self) -> Mapping[tuple[str, str], list[dict[str, object]]]:
        return ranked_rows(self.observations, self.sources, tuple(self.catalogue.concepts), self.doubts)

    def choices(
        self, indicator_id: str, *, dims: Mapping[str, str] | None = None, concept: str | None = None
    ) -> tuple[Choice, ...]:
        """One reconciled choice per period, in time order.

        `dims` None means rows without dimensions; `concept` None means any, in the catalogue's order of preference.
        Raises HF317 for an unknown indicator.
        """
        indicators = self.catalogue.indicators
        if indicator_id not in indicators:
            near = did_you_mean(indicator_id, list(indicators))
            raise HeadframeError.of("HF317", self.place.id, text=indicator_id, suggestion=near)
        ranked = self._ranked.get((indicator_id, dims_text(dims)), [])
        return choices(ranked, indicators[indicator_id].unit, concept)

    def series(
        self, indicator_id: str, *, dims: Mapping[str, str] | None = None, concept: str | None = None
    ) -> tuple[Figure, ...]:
        """The chosen figures in time order, undated ones first."""
        return tuple(choice.chosen for choice in self.choices(indicator_id, dims=dims, concept=concept))

    def figure(
        self,
        indicator_id: str,
        *,
        year: int | None = None,
        dims: Mapping[str, str] | None = None,
        concept: str | None = None,
    ) -> Figure:
        """The chosen figure of one year, or the latest one when no year is asked for; unknown (value None) if none."""
        series = self.series(indicator_id, dims=dims, concept=concept)
        if year is not None:
            series = tuple(figure for figure in series if figure.period[:4] == str(year) and "–" not in figure.period)
        usable = [figure for figure in series if figure.known]
        unit = self.catalogue.indicators[indicator_id].unit
        unknown = Figure(unit=unit, indicator=indicator_id, place=self.place.id, period=str(year or ""), status="M")
        return usable[-1] if usable else unknown

    def latest(self, indicator_id: str, *, dims: Mapping[str, str] | None = None, concept: str | None = None) -> Figure:
        """The chosen figure of the latest period; dated ones come after undated ones."""
        return self.figure(indicator_id, dims=dims, concept=concept)


@lru_cache(maxsize=1)
def builtin_places() -> tuple[str, ...]:
    """The names of the built-in city folders, sorted."""
    return tuple(sorted(path.parent.name for path in BUILTIN.glob("*/city.toml")))


@lru_cache(maxsize=1)
def _builtin_names() -> Mapping[str, str]:
    """Every name and alias of the built-in places, folded, to the folder's name; ambiguous ones are left out."""
    names: dict[str, str] = {}
    ambiguous: set[str] = set()
    for slug in builtin_places():
        entries = read_toml(BUILTIN / slug / "city.toml").get("place", {})
        listed = [entries.get("name_en", ""), entries.get("name_zh", ""), *entries.get("aliases", ())]
        for name in {slug, *(item.casefold() for item in listed if item)}:
            if names.setdefault(name, slug) != slug:
                ambiguous.add(name)
    return {name: slug for name, slug in names.items() if name not in ambiguous or name == slug}


def is_builtin_name(text: str) -> bool:
    """Whether a text is one of the names of a built-in place."""
    return text.casefold() in _builtin_names()


def find_folder(name: str | Path) -> Path:
    """The folder that a name or path means: a city folder first, else a built-in place by any of its names.

    Raises HF300 (with a suggestion) or HF301.
    """
    text = str(name).strip()
    try:
        path = Path(text).expanduser()
        if text and (path / "city.toml").is_file():
            return path.resolve()
        is_folder = bool(text) and path.is_dir()
    except PermissionError as error:
        raise HeadframeError.of("HF114", text, reason=error.strerror or str(error)) from error
    except (OSError, ValueError, RuntimeError):
        is_folder = False
    slug = _builtin_names().get(text.casefold())
    if slug:
        return BUILTIN / slug
    if is_folder:
        raise HeadframeError.of("HF301", text)
    near = did_you_mean(text.casefold(), list(_builtin_names()))
    raise HeadframeError.of("HF300", text[:80], name=text[:80], suggestion=near or ", ".join(builtin_places()))


def open_city(name: str | Path) -> City:
    """Open a city by built-in name or folder path. Raises every problem of the folder at once (HF3xx)."""
    folder = find_folder(name)
    return _open_builtin(folder) if folder.is_relative_to(BUILTIN) else load_city(folder)


@lru_cache(maxsize=128)
def _open_builtin(folder: Path) -> City:
    return load_city(folder)


def load_city(folder: Path, problems: Problems | None = None) -> City:
    """Read a folder; with `problems` given they are collected there instead of raised."""
    collected = Problems() if problems is None else problems
    place = read_place(folder)
    city = City(place=place, **read_tables(folder, frozenset({place.id}), collected))
    if problems is None:
        collected.raise_if_any()
    return city
