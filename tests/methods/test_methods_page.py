import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path for path in (ROOT / "src/headframe/methods").glob("*.py") if path.stem not in {"__init__", "checks"}
)


def test_the_table_of_examples_is_in_step() -> None:
    script = ROOT / "docs/generate_methods.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8")


@pytest.mark.parametrize("path", MODULES, ids=[path.stem for path in MODULES])
def test_every_module_has_its_section_and_every_function_says_what_it_gives(path: Path) -> None:
    page = (ROOT / "docs/methods.md").read_text(encoding="utf-8")
    assert f"(`{path.stem}`)" in page
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            text = ast.get_docstring(node) or ""
            says = re.search(r"[Rr]ange|sum 1|sums to 1|0 to 1|unit|deviations|per year|Positions|nan|known", text)
            assert says, f"{node.name} states neither unit nor range"
