"""Every verb in one place: open a city, measure, diagnose, audit, report; import, check, correct, export.

A verb takes a city (a built-in name or a folder) and returns a frozen result; only `report`, `export`, `import_file`
and the verbs that say so write files. `chain` holds the verbs on a city, `folders` and `importing` those on folders,
`telling` what the terminal prints.
"""

from headframe.api.chain import (
    OUT,
    Workbench,
    audit,
    bundle,
    decide,
    diagnose,
    export,
    measure,
    open,  # noqa: A004 - `headframe.open` is the published name
    places,
    report,
    results_json,
)
from headframe.api.folders import (
    CORRECTABLE,
    check,
    correct,
    correct_from,
    export_audit,
    new,
    one_city,
    series,
    undo,
    upgrade,
)
from headframe.api.importing import import_file, propose_mapping, source_rule, template, text_of
from headframe.api.many import PanelWorkbench, measure_many, panel_told, report_many
from headframe.api.telling import bench, bench_lines, import_lines, series_lines, summary, told
from headframe.evidence.importing.draft import ImportOptions
from headframe.evidence.importing.results import ImportResult
from headframe.evidence.results import Fault

__all__ = [
    "CORRECTABLE",
    "OUT",
    "Fault",
    "ImportOptions",
    "ImportResult",
    "PanelWorkbench",
    "Workbench",
    "audit",
    "bench",
    "bench_lines",
    "bundle",
    "check",
    "correct",
    "correct_from",
    "decide",
    "diagnose",
    "export",
    "export_audit",
    "import_file",
    "import_lines",
    "measure",
    "measure_many",
    "new",
    "one_city",
    "open",
    "panel_told",
    "places",
    "propose_mapping",
    "report",
    "report_many",
    "results_json",
    "series",
    "series_lines",
    "source_rule",
    "summary",
    "template",
    "text_of",
    "told",
    "undo",
    "upgrade",
]
