"""The public budget: revenue of last year, spending, debt."""

import numpy as np

from headframe.engine import auxiliary, exogenous, flow, lever, parameter, smooth, stock, structure, table, yearly
from tests.engine.models.medium.axes import sector

budget_rule = structure(("soft", "hard"))

product_tax = parameter(0.09, low=0.03, high=0.15)
equalisation = parameter(0.6, low=0.0, high=1.0)
need_per_head = parameter(0.012, low=0.004, high=0.02, unit="million CNY/person/year")
interest = parameter(0.04, low=0.01, high=0.08, unit="1/year")
debt_at_start = parameter(0.3, low=0.0, high=1.0, unit="year")
works_share = parameter(0.25, low=0.1, high=0.4)
aid_per_head = parameter(0.006, low=0.002, high=0.012, unit="million CNY/person/year")

national_aid = exogenous(1.0, low=0.3, high=2.0)
income_tax = lever(0.05, low=0.0, high=0.2)
borrowing = lever(0.0, low=-0.05, high=0.05)

austerity_by_debt = table([0.0, 0.5, 1.0, 2.0, 5.0], [1.05, 1.0, 0.85, 0.6, 0.35])


@flow(unit="million CNY/year", bounds=(0, None))
def revenue(gross_product, product_tax, wage_bill, income_tax):
    return gross_product * product_tax + wage_bill * income_tax


@stock(unit="million CNY", initial=0.0, bounds=(0, None))
def revenue_this_year(revenue):
    return revenue


@stock(
    unit="million CNY",
    initial=lambda product_at_start, product_tax, one_year: product_at_start * product_tax * one_year,
    bounds=(0, None),
)
def revenue_last_year():
    return 0.0


@yearly("revenue_this_year")
def books_opened():
    return 0.0


@yearly("revenue_last_year")
def books_closed(revenue_this_year):
    """The year's revenue, before the books are opened anew."""
    return revenue_this_year


@flow(unit="million CNY/year", bounds=(0, None))
def transfers(need_per_head, population, revenue_last_year, one_year, equalisation, national_aid):
    gap = need_per_head * population - revenue_last_year / one_year
    return equalisation * national_aid * np.maximum(gap, 0.0)


@stock(unit="million CNY", initial=lambda product_at_start, debt_at_start: product_at_start * debt_at_start)
def debt(deficit, interest_paid):
    return deficit + interest_paid


@auxiliary()
def debt_ratio(debt, usual_product, one_year):
    return debt / usual_product / one_year


@auxiliary(bounds=(0, None))
def austerity(debt_ratio, austerity_by_debt, budget_rule):
    firm = austerity_by_debt(debt_ratio)
    return np.where(budget_rule == 1, firm, 0.5 + 0.5 * firm)


@flow(unit="million CNY/year", bounds=(0, None))
def spending(revenue_last_year, one_year, transfers, austerity, borrowing, usual_product):
    wanted = (revenue_last_year / one_year + transfers) * austerity
    return np.maximum(wanted + borrowing * usual_product, 0.2 * wanted)


@auxiliary(unit="million CNY/year")
def deficit(spending, revenue, transfers, restoration_spending):
    return spending + restoration_spending - revenue - transfers


@flow(unit="million CNY/year")
def interest_paid(debt, interest):
    return debt * interest


@auxiliary(unit="million CNY/year", bounds=(0, None))
def public_works(spending, works_share):
    return spending * works_share


@auxiliary(unit="million CNY/year", axes=(sector,))
def public_demand(spending, works_share, public_shares):
    return spending * (1.0 - works_share) * public_shares


@auxiliary(unit="million CNY/year")
def pensions_and_aid(population, aid_per_head, unemployment_rate, national_aid):
    return population * aid_per_head * (1.0 + unemployment_rate) * national_aid


revenue_trend = smooth("revenue", time="income_time")
