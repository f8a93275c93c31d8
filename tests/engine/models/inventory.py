"""A firm that hires to hold its stock of goods at a goal: two delays in a loop make it swing."""

from headframe.engine import auxiliary, constant, flow, lever, parameter, stock

productivity = constant(10.0, unit="t/person/year")
desired_inventory = parameter(300.0, low=100.0, high=600.0, unit="t")
correction_time = parameter(0.8, low=0.5, high=3.0, unit="year")
hiring_time = parameter(1.5, low=0.5, high=4.0, unit="year")
sales = lever(100.0, low=50.0, high=200.0, unit="t/year")
inventory_at_start = parameter(200.0, low=50.0, high=600.0, unit="t")
workers_at_start = parameter(10.0, low=5.0, high=20.0, unit="person")


@stock(unit="t", initial="inventory_at_start")
def inventory(production, sales):
    return production - sales


@stock(unit="person", initial="workers_at_start")
def workers(hiring):
    return hiring


@flow(unit="t/year")
def production(workers, productivity):
    return workers * productivity


@auxiliary(unit="person")
def desired_workers(sales, inventory, desired_inventory, correction_time, productivity):
    return (sales + (desired_inventory - inventory) / correction_time) / productivity


@flow(unit="person/year")
def hiring(desired_workers, workers, hiring_time):
    return (desired_workers - workers) / hiring_time
