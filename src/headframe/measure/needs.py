"""What is missing, and the command that would fill it."""

from __future__ import annotations

from headframe.core.results import Message, type_of_value
from headframe.measure.results import Need

COMMAND = "headframe correct {place} --workbook {place}.xlsx"


def need(
    indicator: str, place: str, reason: str, /, *, period: str = "", dims: str = "", **values: type_of_value
) -> Need:
    """A need with its reason (a text id with values) and the command that would fill it.

    The command takes back the workbook that `headframe export` wrote, with the missing figure as a new row.
    """
    return Need(
        indicator=indicator,
        place=place,
        period=period,
        dims=dims,
        reason=Message(id=reason, values=values),
        command=COMMAND.format(place=place),
    )
