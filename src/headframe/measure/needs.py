"""What is missing, and the command that would fill it."""

from __future__ import annotations

from headframe.core.results import Message, type_of_value
from headframe.evidence.folder import builtin_places
from headframe.measure.results import Need

COMMAND = "headframe correct {place} --workbook {place}.xlsx"
FOR_BUILT_IN = "headframe new my-{place} --from {place}"


def need(
    indicator: str, place: str, reason: str, /, *, period: str = "", dims: str = "", **values: type_of_value
) -> Need:
    """A need with its reason (a text id with values) and the command that would fill it.

    The command takes back the workbook that `headframe export` wrote, with the missing figure as a new row; a built-in
    place is read-only, so it is copied first.
    """
    return Need(
        indicator=indicator,
        place=place,
        period=period,
        dims=dims,
        reason=Message(id=reason, values=values),
        command=(FOR_BUILT_IN if place in builtin_places() else COMMAND).format(place=place),
    )
