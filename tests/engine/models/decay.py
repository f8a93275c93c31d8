"""A chain of two unstable substances and a stable one, as in radioactive decay (Bateman's equations)."""

from headframe.engine import conserved, flow, parameter, stock

parent_decay_rate = parameter(0.7, low=0.1, high=1.5, unit="1/year")
daughter_decay_rate = parameter(0.25, low=0.05, high=0.9, unit="1/year")
parent_at_start = parameter(100.0, low=1.0, high=1e6, unit="kg", distribution="loguniform")


@stock(unit="kg", initial="parent_at_start", bounds=(0, None))
def parent(parent_decay):
    return -parent_decay


@stock(unit="kg", initial=0.0, bounds=(0, None))
def daughter(parent_decay, daughter_decay):
    return parent_decay - daughter_decay


@stock(unit="kg", initial=0.0, bounds=(0, None))
def stable(daughter_decay):
    return daughter_decay


@flow(unit="kg/year")
def parent_decay(parent, parent_decay_rate):
    return parent * parent_decay_rate


@flow(unit="kg/year")
def daughter_decay(daughter, daughter_decay_rate):
    return daughter * daughter_decay_rate


mass = conserved(stocks=("parent", "daughter", "stable"))
