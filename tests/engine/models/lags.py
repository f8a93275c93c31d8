"""Smoothing and delaying of first and third order, with what is under way."""

from headframe.engine import conserved, delay, exogenous, flow, smooth, stock

signal = exogenous(1.0, low=-10.0, high=10.0, unit="person/year")
lag_time = exogenous(4.0, low=1.0, high=10.0, unit="year")

smoothed = smooth("sent", time="lag_time", order=1, initial=0.0)
smoothed_thrice = smooth("sent", time="lag_time", order=3, initial=0.0)
smoothed_from_signal = smooth("sent", time="lag_time", order=3)
arriving = delay("sent", time="lag_time", order=1, initial=0.0)
arriving_late = delay("sent", time="lag_time", order=3, initial=0.0)
arriving_in_balance = delay("sent", time="lag_time", order=3)


@flow(unit="person/year")
def sent(signal):
    return 1.0 * signal


@stock(unit="person", initial=0.0)
def sent_so_far(sent):
    return sent


@stock(unit="person", initial=0.0)
def arrived(arriving_late):
    return arriving_late


@stock(unit="person", initial=0.0)
def arrived_at_once(arriving, arriving_in_balance):
    return arriving + arriving_in_balance


under_way = conserved(
    stocks=("arriving_late_under_way_1", "arriving_late_under_way_2", "arriving_late_under_way_3", "arrived"),
    gains=("sent",),
)
