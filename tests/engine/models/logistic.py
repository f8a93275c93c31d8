"""Growth that slows as it nears a capacity (Verhulst)."""

from headframe.engine import auxiliary, flow, parameter, stock

growth_rate = parameter(0.8, low=0.1, high=1.5, unit="1/year")
capacity = parameter(1000.0, low=100.0, high=5000.0, unit="person")
people_at_start = parameter(20.0, low=1.0, high=90.0, unit="person")


@stock(unit="person", initial="people_at_start", bounds=(0, None))
def people(net_births):
    return net_births


@auxiliary()
def room_left(people, capacity):
    return 1.0 - people / capacity


@flow(unit="person/year")
def net_births(people, growth_rate, room_left):
    return growth_rate * people * room_left
