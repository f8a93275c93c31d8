"""Run cases: all of them for the campaign, or one by its number to see what it does.

`python -m tests.evidence.importing.fuzz` runs 10,000 and can be stopped and started again with the same `--kept`;
`python -m tests.evidence.importing.fuzz --number 4711 --write FILE` tries one in this process and writes its file.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.evidence.importing.fuzz.cases import COUNT, SEED, case
from tests.evidence.importing.fuzz.probe import probed
from tests.evidence.importing.fuzz.trials import figures, run


def main() -> int:
    """The exit code says whether the property held for every case."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--first", type=int, default=0, help="the first number")
    parser.add_argument("--count", type=int, default=COUNT, help="how many numbers")
    parser.add_argument("--into-every", type=int, default=1, help="import every so many cases into a folder, too")
    parser.add_argument("--kept", type=Path, help="a file of outcomes that is added to and not run again")
    parser.add_argument("--figures", type=Path, help="where the figures are written")
    parser.add_argument("--number", type=int, help="try this case alone, in this process")
    parser.add_argument("--write", type=Path, help="with --number: write the file of the case here, without its ending")
    options = parser.parse_args()
    if options.number is not None:
        return _one(options.number, options.seed, options.write)
    with tempfile.TemporaryDirectory(prefix="headframe-fuzz-") as folder:
        numbers = range(options.first, options.first + options.count)
        outcomes = []
        for outcome in run(numbers, Path(folder), options.seed, options.kept, options.into_every):
            outcomes.append(outcome)
            if outcome.fault:
                sys.stderr.write(f"{outcome.number} {outcome.trick}: {outcome.fault}\n")
    found = figures(outcomes, options.seed)
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if options.figures is not None:
        options.figures.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 1 if found["faults"] else 0


def _one(number: int, seed: int, write: Path | None) -> int:
    made = case(number, seed)
    with tempfile.TemporaryDirectory(prefix="headframe-fuzz-") as folder:
        path = Path(folder) / f"case{made.file.suffix}"
        path.write_bytes(made.file.data)
        if write is not None:
            write.with_name(write.name + made.file.suffix).write_bytes(made.file.data)
        sys.stdout.write(f"{made.trick}, {len(made.file.data)} bytes\n")
        sys.stdout.write(f"{probed(path, everywhere=True)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
