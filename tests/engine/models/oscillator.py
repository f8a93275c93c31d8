"""A mass on a spring: the harmonic oscillator."""

from headframe.engine import auxiliary, parameter, stock

angular_frequency = parameter(1.3, low=0.3, high=2.0, unit="1/year")
position_at_start = parameter(2.0, low=-3.0, high=3.0, unit="m")
velocity_at_start = parameter(-0.5, low=-3.0, high=3.0, unit="m/year")


@stock(unit="m", initial="position_at_start")
def position(velocity):
    return velocity


@stock(unit="m/year", initial="velocity_at_start")
def velocity(acceleration):
    return acceleration


@auxiliary(unit="m/year**2")
def acceleration(position, angular_frequency):
    return -(angular_frequency**2) * position
