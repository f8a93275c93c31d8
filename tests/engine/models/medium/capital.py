"""Capital by sector: return, orders, works in hand, scrapping."""

from headframe.engine import auxiliary, delay, event, flow, lever, parameter, smooth, stock, table
from tests.engine.models.medium.axes import sector

scrapping = parameter(0.06, low=0.02, high=0.15, unit="1/year")
profit_share = parameter(0.4, low=0.2, high=0.6)
return_time = parameter(2.0, low=0.6, high=5.0, unit="year")
works_time = parameter(1.5, low=0.6, high=4.0, unit="year")
crowding_out = parameter(0.2, low=-0.2, high=0.8)

investment_support = lever(0.0, low=0.0, high=1.0, axes=(sector,))
large_project = event(unit="million CNY/year", axes=(sector,))

investment_by_return = table([-0.1, 0.0, 0.08, 0.15, 0.3, 0.6], [0.0, 0.02, 0.06, 0.10, 0.16, 0.18], unit="1/year")
credit_by_debt = table([0.0, 1.0, 2.0, 4.0], [1.1, 1.0, 0.8, 0.5])


def _capital_at_start(outlook_at_start, capital_coefficient):
    return 1.1 * outlook_at_start * capital_coefficient


@stock(
    unit="million CNY",
    axes=(sector,),
    initial=_capital_at_start,
    bounds=(0, None),
    exits={"capital_scrapped": "scrapping_hazard"},
)
def capital(works_completed):
    return works_completed


@auxiliary(unit="1/year", axes=(sector,))
def scrapping_hazard(scrapping, perceived_return):
    return scrapping * (1.0 + (perceived_return < 0.02))


@auxiliary(unit="1/year", axes=(sector,))
def capital_return(value_added, profit_share, capital):
    return value_added * profit_share / capital


@auxiliary(unit="1/year")
def usual_return(scrapping):
    return 1.3 * scrapping


perceived_return = smooth("excess_return", time="return_time", initial=0.1)


@auxiliary(axes=(sector,))
def excess_return(capital_return, usual_return, one_year):
    return (capital_return - 0.2 * usual_return) * one_year


@auxiliary()
def credit(debt_ratio, credit_by_debt):
    return credit_by_debt(debt_ratio)


@auxiliary()
def public_push(public_works, usual_product):
    return public_works / usual_product


@flow(unit="million CNY/year", axes=(sector,), bounds=(0, None))
def ordered(
    capital,
    perceived_return,
    investment_by_return,
    investment_support,
    credit,
    crowding_out,
    public_push,
    large_project,
):
    private = capital * investment_by_return(perceived_return) * credit
    crowded = 1.0 - crowding_out * (1.0 - 1.0 / (1.0 + 4.0 * public_push))
    return private * (1.0 + investment_support) * crowded + large_project


works_completed = delay("ordered", time="works_time", order=1)


@auxiliary(unit="million CNY/year", axes=(sector,))
def investment_demand(ordered, public_works, investment_shares):
    return investment_shares * (ordered.sum() + public_works)
