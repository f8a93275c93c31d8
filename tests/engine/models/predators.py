"""Predators and prey (Lotka and Volterra)."""

from headframe.engine import flow, parameter, stock

prey_growth = parameter(1.1, low=0.5, high=1.5, unit="1/year")
predation = parameter(0.02, low=0.01, high=0.04, unit="1/year/person")
conversion = parameter(0.25, low=0.1, high=0.5)
predator_loss = parameter(0.5, low=0.2, high=0.8, unit="1/year")
prey_at_start = parameter(90.0, low=40.0, high=160.0, unit="person")
predators_at_start = parameter(40.0, low=20.0, high=80.0, unit="person")


@stock(unit="person", initial="prey_at_start", bounds=(0, None))
def prey(prey_births, prey_eaten):
    return prey_births - prey_eaten


@stock(unit="person", initial="predators_at_start", bounds=(0, None))
def predators(predator_births, predator_deaths):
    return predator_births - predator_deaths


@flow(unit="person/year")
def prey_births(prey, prey_growth):
    return prey * prey_growth


@flow(unit="person/year")
def prey_eaten(prey, predators, predation):
    return predation * prey * predators


@flow(unit="person/year")
def predator_births(prey_eaten, conversion):
    return conversion * prey_eaten


@flow(unit="person/year")
def predator_deaths(predators, predator_loss):
    return predators * predator_loss
