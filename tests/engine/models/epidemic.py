"""An epidemic in a closed population: susceptible, infectious, recovered (Kermack and McKendrick)."""

from headframe.engine import auxiliary, conserved, flow, parameter, stock

contact_rate = parameter(2.0, low=0.2, high=4.0, unit="1/year")
recovery_rate = parameter(0.8, low=0.3, high=1.5, unit="1/year")
population = parameter(1000.0, low=100.0, high=1e5, unit="person", distribution="loguniform")
infectious_at_start = parameter(5.0, low=1.0, high=50.0, unit="person")


def _susceptible_at_start(population, infectious_at_start):
    return population - infectious_at_start


@stock(unit="person", initial=_susceptible_at_start, bounds=(0, None))
def susceptible(infections):
    return -infections


@stock(unit="person", initial="infectious_at_start", bounds=(0, None))
def infectious(infections, recoveries):
    return infections - recoveries


@stock(unit="person", initial=0.0, bounds=(0, None))
def recovered(recoveries):
    return recoveries


@auxiliary()
def infectious_share(infectious, population):
    return infectious / population


@flow(unit="person/year")
def infections(susceptible, infectious_share, contact_rate):
    return contact_rate * susceptible * infectious_share


@flow(unit="person/year")
def recoveries(infectious, recovery_rate):
    return infectious * recovery_rate


everyone = conserved(stocks=("susceptible", "infectious", "recovered"))
