"""Growth read from tables: one of the state, one of the calendar."""

from headframe.engine import flow, parameter, stock, table

pace = table([0.0, 2.0, 3.0, 5.0, 8.0], [0.5, 2.0, 2.0, 0.6, 0.6], x_unit="m", unit="m/year")
season = table([2000.0, 2001.0, 2003.0, 2004.0], [1.0, 3.0, -1.0, 0.0], x_unit="year", unit="m/year")
height_at_start = parameter(0.1, low=-1.0, high=6.0, unit="m")


@stock(unit="m", initial="height_at_start")
def height(growth):
    return growth


@flow(unit="m/year")
def growth(height, pace):
    return pace(height)


@stock(unit="m", initial=0.0)
def swell(seasonal_growth):
    return seasonal_growth


@flow(unit="m/year")
def seasonal_growth(time, season):
    return season(time)
