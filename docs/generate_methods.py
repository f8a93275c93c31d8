"""Writes the table of worked examples into docs/methods.md; `--check` only compares (exit code 1)."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/methods.md"
BEGIN, END = "<!-- examples:begin -->\n", "<!-- examples:end -->\n"
HEAD = "| function | example | printed | computed | kind | source |\n|---|---|---|---|---|---|\n"

sys.path.insert(0, str(ROOT))
from tests.reference.methods_examples import compute, load  # noqa: E402


def table() -> str:
    """All worked examples, with what the function gives now to as many digits as the source prints."""
    rows = []
    for example in load():
        digits = example["digits"]
        # Adding zero turns a rounded −0 into 0.
        computed = round(compute(example), digits) + 0.0
        cells = [
            f"`{example['function']}`",
            example["what"],
            f"{example['printed']:.{digits}f}",
            f"{computed:.{digits}f}",
            example["kind"],
            example["source"],
        ]
        rows.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n")
    return HEAD + "".join(rows)


def page() -> str:
    """The page with a fresh table."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


def main() -> int:
    """Write the page, or with `--check` compare it."""
    text = page()
    if "--check" in sys.argv[1:]:
        if PAGE.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write("docs/methods.md is out of step: run python docs/generate_methods.py\n")
        return 1
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
