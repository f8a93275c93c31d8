"""The cases by number: the same number and seed give the same file. Tricks take turns, so any run has all kinds."""

from __future__ import annotations

import os
import random
from typing import NamedTuple

from tests.evidence.importing.fuzz import cells, coded, damage, forms, texts, workbooks
from tests.evidence.importing.fuzz.sound import SOUND, File, Maker

SEED = int(os.environ.get("HEADFRAME_SEED", "20130045"))
COUNT = 10_000
TURNS_BETWEEN_HEAVY = 8  # a slow case is drawn in every eighth round only
AGAIN = 0.2  # share of the cases of later rounds whose bytes are damaged once more
KINDS: dict[str, Maker] = {**SOUND, "template": forms.template, "stata": forms.stata}
BYTES, INSIDE, TIMES = "bytes", "inside", 3
PACKED = ("xlsx", "xlsx", "xlsx", "xlsx", "xlsx", "eurostat", "worldbank", "template", "template", "template")


class Case(NamedTuple):
    """A file to be tried: its number, the trick that made it, and its bytes."""

    number: int
    trick: str
    file: File


class Slot(NamedTuple):
    """A trick in the round: its name, what makes the file, whether it is slow."""

    name: str
    make: Maker
    heavy: bool = False


def _damaged(maker: Maker) -> Maker:
    def made(draw: random.Random) -> File:
        suffix, data = maker(draw)
        return File(suffix, damage.damaged(data, draw))

    return made


def _damaged_inside(maker: Maker) -> Maker:
    return lambda draw: damage.damaged_inside(maker(draw), draw)


def _round() -> tuple[Slot, ...]:
    """Every trick in turn, the slow ones last."""
    found = [Slot(f"sound {name}", maker) for name, maker in KINDS.items()]
    found += [Slot(f"{BYTES} {name}", _damaged(maker)) for name, maker in KINDS.items() for _ in range(TIMES)]
    found += [Slot(f"{INSIDE} {name}", _damaged_inside(KINDS[name])) for name in PACKED]
    groups = {
        "zip": damage.ZIPS, "xml": workbooks.XML, "workbook": cells.CELLS, "text": texts.TEXTS, "json": coded.JSON,
        "coded": coded.CODED,
    }  # fmt: skip
    for group, makers in groups.items():
        found += [Slot(f"{group} {maker.__name__}", maker) for maker in makers]
    slow = (*damage.HEAVY, *cells.HEAVY, *texts.HEAVY, *coded.HEAVY)
    return (*found, *(Slot(f"heavy {maker.__name__}", maker, heavy=True) for maker in slow))


ROUND = _round()
LIGHT = tuple(slot for slot in ROUND if not slot.heavy)


def sample(count: int = 150) -> tuple[int, ...]:
    """The numbers of the ordinary run: the first round without the slow tricks, and the beginning of the second."""
    return (*range(len(LIGHT)), *range(len(ROUND), len(ROUND) + count - len(LIGHT)))


def case(number: int, seed: int = SEED) -> Case:
    """The case of a number."""
    draw = random.Random(f"{seed} {number}")
    turn, at = divmod(number, len(ROUND))
    slot = ROUND[at]
    if slot.heavy and turn % TURNS_BETWEEN_HEAVY:
        slot = draw.choice(LIGHT)
    file = slot.make(draw)
    if turn and not slot.heavy and draw.random() < AGAIN:
        return Case(number, f"{slot.name} +", File(file.suffix, damage.damaged(file.data, draw)))
    return Case(number, slot.name, file)
