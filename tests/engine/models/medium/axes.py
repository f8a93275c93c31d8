"""The axes of the medium model."""

from headframe.core.axes import Axis

sector = Axis(
    "sector",
    (
        "farming",
        "forestry",
        "mining",
        "smelting",
        "energy",
        "machinery",
        "chemicals",
        "food",
        "textiles",
        "building",
        "trade",
        "tourism",
        "business",
        "public",
    ),
)
occupation = Axis(
    "occupation",
    (
        "miners",
        "operators",
        "electricians",
        "builders",
        "farmers",
        "drivers",
        "sellers",
        "clerks",
        "teachers",
        "engineers",
        "managers",
        "carers",
    ),
)
age = Axis("age", (*(str(year) for year in range(18, 53)), "53+"))
band = Axis("band", ("18–26", "27–35", "36–44", "45+"))
zone = Axis("zone", ("pits", "centre", "rest"))
