"""Labour (M5): unemployment and its gap to the nation, age, vacancies, outflow, households without work, training."""

from __future__ import annotations

from headframe.core.results import Message, Ref
from headframe.measure import spans
from headframe.measure.gaps import comparable
from headframe.measure.known import partial_area, same_area, year_of
from headframe.measure.plain import Scene, of_series, plain
from headframe.measure.results import Measure
from headframe.measure.subjects import across, listed, rest

ALWAYS = (
    *("unemployment_rate", "unemployment_rate_registered", "laid_off_aged_45_plus_share", "vacancy_rate_technical"),
    *("out_migration_young", "zero_employment_households", "employment_urban_units", "average_wage_urban_units"),
)
WHEN_KNOWN = (
    *("unemployment_rate_surveyed", "registered_unemployed_to_employed", "urban_unit_employment_share"),
    *("trained_workers", "reemployment_rate_gross", "training_capacity", "new_form_employment"),
)
RATES = ("unemployment_rate_surveyed", "unemployment_rate_registered", "unemployment_rate")


def measures(scene: Scene) -> list[Measure]:
    """All measures of labour."""
    found = listed(scene, "M5", ALWAYS, WHEN_KNOWN)
    found.append(unemployment_gap(scene))
    found.append(across(scene, "out_migration_share", "M5", "out_migration_young", _population(scene)))
    return found + rest(scene, "labour", "M5", found)


def unemployment_gap(scene: Scene) -> Measure:
    """Unemployment rate here minus the nation's, in percentage points: as printed, else from two rates of one kind.

    A gap printed for a piece of the place only gives way to one of the whole place, and is labelled where there is
    none. The surveyed rate is taken before the registered one, and both parts are always of one kind, year and area.
    """
    printed = plain(scene, "unemployment_gap_to_nation", "M5")
    nation = scene.around.nation
    if nation is None or (printed.known and not partial_area(printed.figure)):
        return printed
    formula = Message(id="formula.gap-to-nation", values={"indicator": Ref(kind="indicator", id="unemployment_rate")})
    for indicator in RATES:
        series = []
        for here in scene.here.series(indicator):
            year = year_of(here)
            there = nation.at(indicator, year) if year is not None else None
            if there is not None and comparable(here, there):
                figure = spans.gap(here, there)
                series.append(figure.model_copy(update={"indicator": "unemployment_gap_to_nation"}))
        if series:
            return of_series(scene, "unemployment_gap_to_nation", "M5", [*printed.series, *series], formula=formula)
    return printed


def _population(scene: Scene) -> str:
    """The population that outflow is related to: residents where known, else registered persons."""
    outflow = scene.here.newest("out_migration_young")
    residents = scene.here.newest("population_resident")
    return "population_resident" if residents.known and same_area(outflow, residents) else "population_registered"
