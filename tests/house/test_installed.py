"""The base installation imports without extras, and the help is light."""

from __future__ import annotations

from pathlib import Path

from tests.house import installed
from tests.house.licences import closure
from tests.house.tree import ROOT, nothing, plant

PROJECT = """[project]
name = "x"
dependencies = ["numpy>=2", "PyYAML"]
[project.optional-dependencies]
word = ["python-docx>=1"]
"""


def direct() -> set[str]:
    return installed.import_names(installed.base_distributions(ROOT))


def test_modules_import_only_base_dependencies() -> None:
    nothing(installed.foreign_imports(ROOT, direct()))
    nothing(installed.lazily_imported(ROOT, direct()))


def test_every_module_imports_where_only_the_base_is_installed() -> None:
    blocked = installed.not_in_base(ROOT)
    assert {"pytest", "hypothesis", "jsonschema"} <= blocked
    assert not {"numpy", "polars", "rich", "_yaml"} & blocked
    nothing(installed.import_everything(ROOT / "src", "headframe", blocked))


def test_the_command_line_loads_nothing_heavy_before_it_must() -> None:
    if (ROOT / "src/headframe/cli/main.py").is_file():
        assert installed.loaded_by(ROOT / "src", "import headframe.cli.main") == []
    nothing(installed.loaded_by(ROOT / "src", "import headframe"))


def test_a_foreign_import_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "pyproject.toml": PROJECT,
            "src/headframe/a.py": "import pandas\nfrom pyarrow.csv import x\nimport yaml, json\n",
        },
    )
    known = installed.import_names(installed.base_distributions(tmp_path))
    assert {"numpy", "yaml"} <= known
    assert [line.split(": ")[0] for line in installed.foreign_imports(tmp_path, known)] == [
        "src/headframe/a.py:1",
        "src/headframe/a.py:2",
    ]


def test_imports_in_branches_count_and_those_for_type_checkers_do_not(tmp_path: Path) -> None:
    source = "if TYPE_CHECKING:\n    import pandas\nelse:\n    import pyarrow\n"
    source += "try:\n    import lxml\nexcept ImportError:\n    import bs4\n"
    source += "class A:\n    import six\ndef f():\n    import typst\n"
    plant(tmp_path, {"pyproject.toml": PROJECT, "src/headframe/a.py": source})
    lines = [line.split(":")[1] for line in installed.foreign_imports(tmp_path, set())]
    assert lines == ["4", "6", "8", "10"]


def test_a_lazy_import_of_no_dependency_is_found(tmp_path: Path) -> None:
    source = "def f():\n    import numpy\n    import python_docx\n    import dask\n"
    plant(tmp_path, {"pyproject.toml": PROJECT, "src/headframe/a.py": source})
    found = installed.lazily_imported(tmp_path, {"numpy"})
    assert found == ["src/headframe/a.py:4: imports dask, which no dependency supplies"]


def test_a_module_that_needs_more_than_the_base_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "town/__init__.py": "",
            "town/a.py": "import hypothesis\n",
            "town/b/__init__.py": "",
            "town/b/c.py": "import json\n",
        },
    )
    assert installed.import_everything(tmp_path, "town", {"hypothesis"}) == [
        "town.a: hypothesis is not part of the base installation"
    ]
    assert installed.import_everything(tmp_path, "town", {"pytest"}) == []


def test_what_a_statement_loads_is_seen(tmp_path: Path) -> None:
    plant(tmp_path, {"heavy.py": "import numpy\n"})
    assert installed.loaded_by(tmp_path, "import heavy") == ["numpy"]
    assert installed.loaded_by(tmp_path, "import json") == []


def test_the_closure_reaches_what_is_needed_indirectly() -> None:
    assert {"pydantic-core", "markupsafe", "polars-runtime-32"} <= closure(installed.base_distributions(ROOT))
