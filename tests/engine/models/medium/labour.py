"""Work by occupation and age: staffing, vacancies, matching, separations, training, wages."""

import numpy as np

from headframe.engine import (
    auxiliary,
    conserved,
    constant,
    delay,
    exogenous,
    flow,
    lever,
    parameter,
    stock,
    table,
)
from tests.engine.models.medium.axes import band, occupation, sector

_s, _o = np.meshgrid(np.arange(14), np.arange(12), indexing="ij")
_STAFF = 0.15 + np.exp(-0.5 * ((_s * 12 / 14 - _o) / 1.5) ** 2) + 0.3 * np.sin(2.3 * _s + 1.1 * _o) ** 2
_f, _t = np.meshgrid(np.arange(12), np.arange(12), indexing="ij")
_MOVES = np.exp(-np.abs(_f - _t) / 2.5) * (1.0 + 0.4 * np.cos(1.3 * _f - 0.8 * _t))

staffing = constant(_STAFF / _STAFF.sum(axis=1, keepdims=True), axes=(sector, occupation))
closeness = constant(_MOVES / _MOVES.sum(axis=1, keepdims=True), axes=(occupation, occupation))
retirement_by_band = constant([0.0, 0.0, 0.005, 0.06], unit="1/year", axes=(band,))
band_shares = constant([0.22, 0.27, 0.27, 0.24], axes=(band,))
first_occupations = constant(
    [0.04, 0.12, 0.08, 0.08, 0.10, 0.07, 0.12, 0.10, 0.10, 0.08, 0.05, 0.06], axes=(occupation,)
)
fewest = constant(1.0, unit="person")

productivity_at_start = parameter(
    [0.06, 0.09, 0.25, 0.4, 0.5, 0.3, 0.35, 0.25, 0.15, 0.18, 0.2, 0.16, 0.22, 0.2],
    low=0.03,
    high=0.8,
    unit="million CNY/person/year",
    axes=(sector,),
)
match_rate = parameter(1.8, low=0.6, high=3.5, unit="1/year")
opening_time = parameter(0.6, low=0.3, high=1.5, unit="year")
withdrawal = parameter(0.4, low=0.1, high=1.0, unit="1/year")
quitting = parameter(0.04, low=0.01, high=0.12, unit="1/year")
layoff = parameter(0.03, low=0.0, high=0.08, unit="1/year")
discouragement = parameter([0.04, 0.05, 0.08, 0.2], low=0.0, high=0.5, unit="1/year", axes=(band,))
effort = parameter([1.0, 1.0, 0.87, 0.77], low=0.4, high=1.0, axes=(band,))
wage_pull = parameter(1.0, low=0.0, high=2.5)
wage_time = parameter(3.0, low=1.0, high=8.0, unit="year")
wages_at_start = parameter(0.07, low=0.03, high=0.15, unit="million CNY/person/year")
training_time = parameter(1.0, low=0.5, high=2.0, unit="year")

productivity_trend = exogenous(1.0, low=0.7, high=2.0)
training_places = lever(0.0, low=0.0, high=0.3, unit="1/year")
hiring_subsidy = lever(0.0, low=0.0, high=0.5)

layoffs_by_excess = table([0.8, 1.0, 1.1, 1.5, 3.0], [0.7, 1.0, 2.5, 10.0, 25.0])
raise_by_tightness = table([0.0, 0.1, 0.3, 1.0, 3.0], [-0.04, -0.01, 0.01, 0.06, 0.12])
quits_by_tightness = table([0.0, 0.3, 1.0], [0.6, 1.0, 1.8])


@auxiliary(unit="million CNY/person/year", axes=(sector,))
def labour_productivity(productivity_at_start, productivity_trend, spillover):
    return productivity_at_start * productivity_trend * (1.0 + 0.1 * spillover)


@auxiliary(unit="person", axes=(sector,))
def jobs_wanted(expected_demand, labour_productivity, wage_index, hiring_subsidy):
    return expected_demand / labour_productivity * (1.0 + 0.1 * hiring_subsidy) / (0.8 + 0.2 * wage_index)


@auxiliary(unit="person", axes=(occupation,))
def posts_wanted(jobs_wanted, staffing):
    return np.einsum("so,s->o", staffing, jobs_wanted)


@auxiliary(unit="person", axes=(occupation,))
def employed_by_occupation(employed):
    return employed.sum(axis=1)


@auxiliary(axes=(occupation,))
def filled_share(employed_by_occupation, posts_wanted):
    return np.minimum(1.0, employed_by_occupation / posts_wanted)


@auxiliary(unit="person", axes=(sector,), bounds=(0, None))
def workers(jobs_wanted, staffing, filled_share):
    return jobs_wanted * (staffing @ filled_share)


def _employed_at_start(outlook_at_start, productivity_at_start, staffing, band_shares):
    posts = np.einsum("so,s->o", staffing, outlook_at_start / productivity_at_start)
    return 0.92 * np.outer(posts, band_shares)


def _unemployed_at_start(outlook_at_start, productivity_at_start, first_occupations, band_shares):
    return 0.07 * (outlook_at_start / productivity_at_start).sum() * np.outer(first_occupations, band_shares)


@stock(
    unit="person",
    axes=(occupation, band),
    initial=_employed_at_start,
    bounds=(0, None),
    exits={"layoffs": "layoff_hazard", "quits": "quit_hazard", "retirements": "retirement_by_band"},
)
def employed(hires):
    return hires


@stock(
    unit="person",
    axes=(occupation, band),
    initial=_unemployed_at_start,
    bounds=(0, None),
    exits={"discouraged": "discouragement", "training_starts": "training_hazard"},
    after=("hired_away",),
)
def unemployed(layoffs, quits, labour_entries, hired_away, retrained):
    return layoffs + quits + labour_entries + retrained - hired_away


@stock(
    unit="person",
    axes=(occupation,),
    initial=0.0,
    bounds=(0, None),
    exits={"withdrawn": "withdrawal"},
    after=("filled",),
)
def vacancies(opened, filled):
    return opened - filled


@auxiliary(unit="1/year", axes=(occupation, band))
def layoff_hazard(layoff, employed_by_occupation, posts_wanted, layoffs_by_excess):
    return (layoff * layoffs_by_excess(employed_by_occupation / posts_wanted))[:, None]


@auxiliary(unit="1/year", axes=(occupation, band))
def quit_hazard(quitting, tightness, quits_by_tightness, band_mobility):
    return quitting * np.outer(quits_by_tightness(tightness), band_mobility)


@auxiliary(axes=(band,))
def band_mobility(effort):
    return effort / effort.max()


@auxiliary(unit="1/year", axes=(band,))
def training_hazard(training_places, band_mobility):
    return training_places * band_mobility


@auxiliary(axes=(occupation, occupation))
def attraction(closeness, wages, wage_pull):
    """How the unemployed of one occupation spread over those they apply for."""
    weights = closeness * (wages / wages.mean())[None, :] ** wage_pull
    return weights / weights.sum(axis=1, keepdims=True)


@auxiliary(unit="person", axes=(occupation, band))
def applicants(attraction, unemployed, effort):
    return np.einsum("ij,ib->jb", attraction, unemployed * effort[None, :])


@auxiliary(axes=(occupation,))
def tightness(vacancies, applicants, fewest):
    return vacancies / (applicants.sum(axis=1) + fewest)


@auxiliary(axes=(occupation,), bounds=(0, 1))
def chance(tightness):
    """The share of applicants that fill a post: v/s (1 − exp(−s/v)), 0 without vacancies."""
    rival = 1.0 / np.maximum(tightness, 1e-9)
    return np.where(tightness > 1e-9, tightness * (1.0 - np.exp(-rival)), 0.0)


@flow(unit="person/year", axes=(occupation, band), bounds=(0, None))
def hires(applicants, chance, match_rate):
    return match_rate * applicants * chance[:, None]


@flow(unit="person/year", axes=(occupation, band))
def hired_away(attraction, unemployed, effort, chance, match_rate):
    return match_rate * unemployed * effort[None, :] * (attraction @ chance)[:, None]


@flow(unit="person/year", axes=(occupation,))
def filled(hires):
    return hires.sum(axis=1)


@flow(unit="person/year", axes=(occupation,), bounds=(0, None))
def opened(posts_wanted, employed_by_occupation, vacancies, opening_time):
    return np.maximum(0.0, posts_wanted - employed_by_occupation - vacancies) / opening_time


@flow(unit="person/year", axes=(occupation,))
def enrolled(training_starts):
    return training_starts.sum(axis=1)


trained = delay("enrolled", time="training_time", order=1, initial=0.0)


@flow(unit="person/year", axes=(occupation, band))
def retrained(trained, band_shares):
    """Whoever was trained looks for work in the next occupation of the list."""
    return np.outer(np.roll(trained, 1), band_shares)


@flow(unit="person/year", axes=(occupation, band))
def labour_entries(entries_by_band, first_occupations):
    return np.outer(first_occupations, entries_by_band)


@stock(unit="million CNY/person/year", axes=(occupation,), initial="wages_at_start", bounds=(0, None))
def wages(raises):
    return raises


@auxiliary(unit="million CNY/person/year**2", axes=(occupation,))
def raises(wages, tightness, raise_by_tightness, wages_at_start, productivity_trend, wage_time):
    anchored = np.log(wages_at_start * productivity_trend / wages) / wage_time
    return wages * (anchored + raise_by_tightness(tightness) * 3.0 / wage_time)


@auxiliary()
def wage_index(wages, employed_by_occupation, wages_at_start, productivity_trend):
    return (wages @ employed_by_occupation) / employed_by_occupation.sum() / wages_at_start / productivity_trend


@auxiliary(bounds=(0, 1))
def unemployment_rate(employed, unemployed):
    return unemployed.sum() / (employed.sum() + unemployed.sum())


@auxiliary(axes=(band,), bounds=(0, 1))
def unemployment_by_band(employed, unemployed):
    return unemployed.sum(axis=0) / (employed + unemployed).sum(axis=0)


@auxiliary(unit="million CNY/year", bounds=(0, None))
def wage_bill(wages, employed_by_occupation):
    return wages @ employed_by_occupation


labour_force = conserved(
    stocks=("employed", "unemployed", "trained_under_way_1"),
    gains=("labour_entries",),
    losses=("retirements", "discouraged"),
)
