"""Writes `docs/schemas/<verb>.json`: the published JSON schema of what each verb prints with `--json`.

`--check` compares instead of writing and ends with status 1 when a schema is out of step.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from headframe.audit.results import AuditResult
from headframe.bench.rows import BenchResult
from headframe.diagnose.results import DiagnoseResult
from headframe.evidence.results import Changed, Checked, SeriesResult
from headframe.measure.panel.results import PanelMeasure
from headframe.measure.results import MeasureResult
from headframe.show.results import ReportResults

FOLDER = Path(__file__).with_name("schemas")
MODELS = {
    "audit": AuditResult,
    "bench": BenchResult,
    "change": Changed,
    "check": Checked,
    "diagnose": DiagnoseResult,
    "measure": MeasureResult,
    "panel": PanelMeasure,
    "report": ReportResults,
    "series": SeriesResult,
}


def main() -> int:
    """Write the schemas, or compare them with the models."""
    stale = []
    for verb, model in MODELS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
        text = json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        path = FOLDER / f"{verb}.json"
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(path.name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"out of step: {', '.join(stale)}; run python docs/generate_schemas.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
