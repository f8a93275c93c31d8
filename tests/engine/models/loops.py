"""A town that grows by births and by people whom a lever brings in; either loop of births and deaths can be cut."""

from headframe.engine import feedback, flow, lever, parameter, stock

birth_rate = parameter(0.06, low=0.01, high=0.1, unit="1/year")
death_rate = parameter(0.02, low=0.0, high=0.05, unit="1/year")
people_at_start = parameter(1000.0, low=100.0, high=5000.0, unit="person")
invitations = lever(0.0, low=0.0, high=100.0, unit="person/year")


@stock(unit="person", initial="people_at_start")
def people(births, deaths, arrivals):
    return births - deaths + arrivals


@flow(unit="person/year")
def births(people, birth_rate):
    return people * birth_rate


@flow(unit="person/year")
def deaths(people, death_rate):
    return people * death_rate


@flow(unit="person/year")
def arrivals(invitations):
    return 1.0 * invitations


growth = feedback("growth", [("people", "births")])
mortality = feedback("mortality", [("people", "deaths")])
