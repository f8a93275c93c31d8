"""What is known of a place: the chosen figures of its evidence, and ratios derived from them.

An indicator that the catalogue defines as a ratio of two others is computed wherever it was not reported itself and
both parts are known for the same year, place and area. Nothing else is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from headframe.catalog.load import catalog
from headframe.catalog.schema import Indicator
from headframe.core.results import Figure, Message
from headframe.evidence.folder import City, builtin_places, open_city
from headframe.evidence.place import Place
from headframe.evidence.reconcile import dims_text
from headframe.measure import spans

# Ratios of a part under dimensions, or of parts that the catalogue entry does not name:
# numerator, its dims, denominator.
OWN_RATIOS: Mapping[str, tuple[str, dict[str, str] | None, str]] = {
    "road_area_per_head": ("road_area", None, "population_urban_districts"),
    "mining_employment_share": ("employment_by_sector", {"sector": "mining"}, "employment_urban_units"),
}
# Totals that are added up from the parts of their catalogue entry (`adds_up_to`), so that ratios can be taken to them.
OWN_SUMS = frozenset({"registered_urban_labour"})
_ONE_YEAR = re.compile(r"^(\d{4})(?:-\d{2}-\d{2})?$")
_Key = tuple[str, str]


def year_of(figure: Figure) -> int | None:
    """The calendar year of a figure: of one year or one day; None for spans and undated figures."""
    match = _ONE_YEAR.match(figure.period)
    return int(match[1]) if match else None


def area_of(figure: Figure) -> str:
    """The area concept of a figure (whole city, urban districts …), or an empty string."""
    concepts = catalog().concepts
    return next((part for part in figure.concept.split(";") if part in concepts and concepts[part].axis == "area"), "")


# Areas that are only a piece of a place: what is counted there says nothing of the whole.
PARTIAL_AREAS = frozenset({"mining-areas"})


def partial_area(figure: Figure) -> str:
    """The area concept of a figure that is of a piece of its place only; empty where it is of the whole."""
    area = area_of(figure)
    return area if area in PARTIAL_AREAS else ""


def narrower(one: Figure, other: Figure) -> bool:
    """Whether the first counts only large industrial firms and the second everything."""
    return "above-designated-size" in one.concept.split(";") and "above-designated-size" not in other.concept.split(";")


def same_area(one: Figure, other: Figure) -> bool:
    """Whether two figures may be put in relation: their areas are the same, or one of them names none."""
    first, second = area_of(one), area_of(other)
    return not first or not second or first == second


@dataclass(frozen=True)
class Known:
    """The figures of one place, chosen by the stated rule of the evidence room and kept for repeated questions."""

    city: City = field(repr=False)
    _series: dict[_Key, tuple[Figure, ...]] = field(default_factory=dict, repr=False)

    @property
    def place(self) -> Place:
        """The place."""
        return self.city.place

    def series(self, indicator: str, dims: Mapping[str, str] | None = None) -> tuple[Figure, ...]:
        """Everything known of an indicator in time order, undated figures first; derived ratios among them."""
        key = (indicator, dims_text(dims))
        if key not in self._series:
            given = tuple(figure for figure in self.city.series(indicator, dims=dims) if figure.known)
            self._series[key] = given if dims else self._with_ratios(indicator, self._with_sums(indicator, given))
        return self._series[key]

    def at(self, indicator: str, year: int, dims: Mapping[str, str] | None = None) -> Figure:
        """The figure of one year, or an unknown figure."""
        found = [figure for figure in self.series(indicator, dims) if year_of(figure) == year]
        whole = [figure for figure in found if figure.period == str(year)]
        return (whole or found or [self.unknown(indicator, str(year))])[-1]

    def newest(self, indicator: str, dims: Mapping[str, str] | None = None) -> Figure:
        """The figure of the latest period (a dated one before an undated one), or an unknown figure."""
        series = self.series(indicator, dims)
        return series[-1] if series else self.unknown(indicator)

    def unknown(self, indicator: str, period: str = "") -> Figure:
        """A figure that says that nothing is known."""
        unit = self._indicator(indicator).unit
        return Figure(unit=unit, indicator=indicator, place=self.place.id, period=period, status="M")

    def years(self, indicator: str) -> tuple[int, ...]:
        """The years for which an indicator is known."""
        found = {year_of(figure) for figure in self.series(indicator)}
        return tuple(sorted(year for year in found if year is not None))

    def dims_of(self, indicator: str) -> tuple[str, ...]:
        """The dimensions under which an indicator is reported, without the empty one, sorted."""
        rows = self.city.observations
        found = rows.filter(rows["indicator_id"] == indicator).get_column("dims").fill_null("").unique().to_list()
        return tuple(sorted(text for text in found if text))

    def _indicator(self, indicator: str) -> Indicator:
        return self.city.catalogue.indicators[indicator]

    def _with_sums(self, indicator: str, given: tuple[Figure, ...]) -> tuple[Figure, ...]:
        """The figures given, and the totals of the years in which every part is known for one area."""
        link = self._indicator(indicator).adds_up_to
        if indicator not in OWN_SUMS or link is None or link.total != indicator:
            return given
        found = list(given)
        for year in sorted(set(self.years(link.parts[0])) - {year_of(figure) for figure in given}):
            parts = [self.at(part, year) for part in link.parts]
            areas = {area_of(part) for part in parts} - {""}
            if all(part.known for part in parts) and len(areas) < 2:
                figure = spans.total(parts, indicator=indicator, unit=self._indicator(indicator).unit)
                area = next(iter(areas), "")
                found.append(figure.model_copy(update={"period": str(year), "concept": area}))
        return tuple(sorted(found, key=lambda figure: year_of(figure) or 0))

    def _with_ratios(self, indicator: str, given: tuple[Figure, ...]) -> tuple[Figure, ...]:
        parts = self.parts_of(indicator)
        if parts is None:
            return given
        numerator, dims, denominator = parts
        have = {year_of(figure) for figure in given}
        unit = self._indicator(indicator).unit
        found = list(given)
        for part in self.series(numerator, dims):
            year = year_of(part)
            if year is None or year in have:
                continue
            other = self._part(denominator, year)
            if other.known and same_area(part, other) and not narrower(part, other):
                figure = spans.ratio(part, other, indicator=indicator, unit=unit)
                if figure.known:
                    found.append(figure.model_copy(update={"period": str(year)}))
                    have.add(year)
        return tuple(sorted(found, key=lambda figure: year_of(figure) or 0))

    def parts_of(self, indicator: str) -> tuple[str, dict[str, str] | None, str] | None:
        """What an indicator is a ratio of: numerator, the numerator's dimensions, denominator; None if it is none."""
        link = self._indicator(indicator).adds_up_to
        if link is not None and link.ratio is not None:
            return link.ratio[0], None, link.ratio[1]
        return OWN_RATIOS.get(indicator)

    def _part(self, indicator: str, year: int) -> Figure:
        figure = self.at(indicator, year)
        if figure.known or indicator != "population_resident":
            return figure
        return self.implied_residents(year)

    def implied_residents(self, year: int) -> Figure:
        """Resident population as product / product per head of the same year, where both are reported.

        Product per head is printed on the mean resident population, so their quotient returns it within rounding.
        Unknown where product per head is itself derived from population.
        """
        product = self.at("gdp", year)
        given = [figure for figure in self.city.series("gdp_per_head") if figure.known and year_of(figure) == year]
        if not product.known or not given or not same_area(product, given[-1]):
            return self.unknown("population_resident", str(year))
        figure = spans.ratio(product, given[-1], indicator="population_resident", unit="person")
        step = Message(id="step.implied-residents", values={"product": product, "per_head": given[-1]})
        return figure.model_copy(update={"steps": (step,), "price_basis": "", "concept": "resident"})


@lru_cache(maxsize=128)
def _known_builtin(slug: str) -> Known:
    """A built-in place, whose figures are looked up once per process: its folder never changes."""
    return Known(open_city(slug))


def known_of(city: City) -> Known:
    """What is known of this very city: kept for a built-in place as it was opened, else looked up in what is given."""
    slug = city.folder.name
    if city.is_builtin and slug in builtin_places():
        kept = _known_builtin(slug)
        if kept.city is city:
            return kept
    return Known(city)


@dataclass(frozen=True)
class Surroundings:
    """A place with the places it is compared with: province, nation, and the built-in places of its level."""

    here: Known
    province: Known | None
    nation: Known | None
    others: tuple[Known, ...]

    @cached_property
    def all(self) -> tuple[Known, ...]:
        """The place itself and the others, the place first."""
        return (self.here, *self.others)


def surroundings(city: City) -> Surroundings:
    """The place with its superior places and the built-in places of the same level and country, sorted by id."""
    superior = _superiors(city)
    province = next((item for item in superior if item.place.level in {"province", "state"}), None)
    nation = next((item for item in superior if item.place.level == "country"), None)
    opened = [open_city(slug) for slug in builtin_places()]
    if nation is None:
        country = (item for item in opened if item.place.level == "country")
        nation = next((item for item in country if item.place.country == city.place.country), None)
    others = [item for item in opened if _comparable(item, city)]
    return Surroundings(
        here=known_of(city),
        province=known_of(province) if province else None,
        nation=known_of(nation) if nation and nation.place.id != city.place.id else None,
        others=tuple(known_of(item) for item in others),
    )


def _comparable(other: City, city: City) -> bool:
    same = other.place.level == city.place.level and other.place.country == city.place.country
    return same and other.place.id != city.place.id


def _superiors(city: City) -> list[City]:
    found: list[City] = []
    parent, seen = city.place.parent, {city.place.id}
    while parent and parent not in seen and parent in builtin_places():
        seen.add(parent)
        found.append(open_city(parent))
        parent = found[-1].place.parent
    return found
