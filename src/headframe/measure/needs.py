"""What is missing, and the command that would fill it."""

from __future__ import annotations

from headframe.core.results import Message, type_of_value
from headframe.measure.results import Need

COMMAND = "headframe correct {place} {indicator}{period}{dims}"


def need(
    indicator: str, place: str, reason: str, /, *, period: str = "", dims: str = "", **values: type_of_value
) -> Need:
    """A need with its reason (a text id with values) and the command that would fill it.

    The command adds one figure by hand; a whole table goes in with `headframe import`.
    """
    command = COMMAND.format(
        place=place,
        indicator=indicator,
        period=f" --period {period}" if period else "",
        dims=f" --dims {dims}" if dims else "",
    )
    return Need(
        indicator=indicator,
        place=place,
        period=period,
        dims=dims,
        reason=Message(id=reason, values=values),
        command=command,
    )
