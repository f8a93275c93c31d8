"""Writes the rates that are shipped with the audit: `python -m tests.audit.rates_file [--check]`.

With `--check` everything is measured anew and compared; it takes minutes and belongs in the long campaign.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import yaml

from headframe.audit.audit import DETECTORS
from headframe.audit.clean import KINDS
from headframe.audit.faults import FAULTS
from headframe.audit.rates import FILE, PLACES, YEARS, Tally, measure_alarms, measure_power

SEED, PANELS = 42, 3
HEAD = """\
# How often each detector of the audit cries wolf, and how much of what was put into clean panels it finds: counts over
# PANELS panels of each kind, measured by `python -m tests.audit.rates_file` and not edited by hand.
# alarms: findings in clean panels by detector. faults: cells (of breaks and boundaries places, of bunching and digits
# columns) that are wrong, found, listed, rightly listed, visible to a person, and visible and found.
"""


def counts(tally: Tally, names: tuple[str, ...]) -> dict[str, int]:
    """The counts of a tally that a row of the file holds."""
    return {name: int(getattr(tally, name)) for name in names}


def alarms(kind: str) -> dict[str, dict[str, int]]:
    """The row of every detector for one kind of clean panel."""
    found = measure_alarms(DETECTORS, kind, SEED, PANELS)
    return {name: counts(tally, ("series", "alarms")) for name, tally in found.items()}


def fault(name: str, kind: str) -> dict[str, int]:
    """The row of one fault in one kind of panel."""
    tally = measure_power(DETECTORS, name, kind, SEED, PANELS)
    return counts(tally, ("series", "wrong", "found", "listed", "right", "visible", "seen"))


def measured() -> dict[str, Any]:
    """Everything in the file, measured."""
    by_kind = {kind: alarms(kind) for kind in KINDS}
    names = by_kind[KINDS[0]]
    return {
        "seed": SEED,
        "panels": PANELS,
        "places": PLACES,
        "years": YEARS,
        "alarms": {name: {kind: by_kind[kind][name] for kind in KINDS} for name in names},
        "faults": {name: {kind: fault(name, kind) for kind in KINDS} for name in FAULTS},
    }


def text_of(what: Mapping[str, Any]) -> str:
    """The file's text."""
    return HEAD.replace("PANELS", str(PANELS)) + yaml.safe_dump(
        what, sort_keys=False, default_flow_style=None, width=120
    )


def main() -> int:
    """Write the file, or compare."""
    text = text_of(measured())
    if "--check" in sys.argv:
        return int(text != FILE.read_text(encoding="utf-8"))
    FILE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
