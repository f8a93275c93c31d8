"""The long campaign: steps with stamps, so that it can be stopped and started; figures with seed and commit.

Stamps and logs lie in campaign/<commit>-<seed>/ (ignored by git). The record is docs/campaign/<date>-<commit>.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
SEED = 20130045
PYTHONS = ("3.11", "3.12", "3.13")


@dataclass(frozen=True)
class Step:
    """A step: its name, its commands in order, and what it needs in the environment.

    In commands, `{folder}` is the step's own folder (kept, for reports) and `{scratch}` one that is removed.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]
    environment: dict[str, str] = field(default_factory=dict)


def tests(name: str, *arguments: str, **environment: str) -> Step:
    """A step of pytest that leaves its counts in a report."""
    report = ("--junitxml", "{folder}/report.xml", "-o", "junit_family=xunit2")
    return Step(name, ((PYTHON, "-m", "pytest", *report, *arguments),), {"HEADFRAME_FULL": "1", **environment})


def steps(seed: int) -> tuple[Step, ...]:
    """Every step, in order: the cheap and telling ones first. The three steps of tests share them out by name."""
    script = ("release/windows_wheels.py", "--folder", "{scratch}", "--report", "{folder}")
    windows = tuple((PYTHON, *script, "--python-version", version) for version in PYTHONS)
    stranger = "unset HEADFRAME_FULL HEADFRAME_DATA VIRTUAL_ENV; cd '{scratch}' && "
    clone = f"git clone -q '{ROOT}' headframe && cd headframe && "
    build = "uv build -q --out-dir '{scratch}/dist' && uv venv -q '{scratch}/env' && "
    install = "VIRTUAL_ENV='{scratch}/env' uv pip install -q -c constraints.txt '{scratch}'/dist/*.whl"
    use = "cd '{scratch}' && env/bin/headframe tour fuxin --out page && ls page/*.html"
    # Outcomes are kept beside the step's folder, so that this step goes on where it was stopped.
    kept = ("--kept", "{folder}.outcomes.jsonl", "--figures", "{folder}/figures.json", "--seed", str(seed))
    bench = f"'{PYTHON}' -m headframe.cli.main bench evidence --install-peers --json > '{{folder}}/figures.json'"
    drawn = ("-n", "2", "--dist", "loadfile", f"--hypothesis-seed={seed}")
    pages = "browser or page or chromium"
    return (
        Step("windows-wheels", windows),
        tests("properties", "tests", *drawn, "-k", f"not kill and not {pages.replace(' or ', ' and not ')}"),
        tests("kills", "tests", "-k", "kill"),
        Step("fuzz", ((PYTHON, "-m", "tests.evidence.importing.fuzz", *kept),)),
        tests("browser", "tests", "-k", pages, HEADFRAME_BROWSER="required"),
        Step("stranger", (("bash", "-c", f"{stranger}{clone}uv run headframe tour fuxin && uv run pytest -n 2"),)),
        Step("wheel", (("bash", "-c", build + install), ("bash", "-c", use))),
        Step("bench-evidence", (("bash", "-c", bench),)),
    )


def commit() -> str:
    """The commit that is checked out, marked when files differ from it."""
    head = (
        subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout.decode().strip()
    )
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, check=True).stdout.strip()
    return f"{head}-changed" if changed else head


def figures(folder: Path) -> dict[str, Any]:
    """What a step left to be recorded: counts of tests, and JSON files."""
    found: dict[str, Any] = {}
    report = folder / "report.xml"
    if report.is_file():
        suites = ET.parse(report).getroot().iter("testsuite")
        counts = [
            {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")} for suite in suites
        ]
        found["tests"] = {key: sum(count[key] for count in counts) for key in counts[0]} if counts else {}
    for path in sorted(folder.glob("*.json")):
        if path.name != "stamp.json":
            found[path.stem] = json.loads(path.read_text(encoding="utf-8"))
    return found


def carry_out(step: Step, base: Path, seed: int) -> dict[str, Any]:
    """Run a step's commands, log them, and stamp it when all of them succeed."""
    folder, scratch = base / step.name, base / f"{step.name}.scratch"
    for path in (folder, scratch):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    environment = {**os.environ, "HEADFRAME_SEED": str(seed), **step.environment}
    begun, status = time.monotonic(), 0
    with (folder / "log.txt").open("wb") as log:
        for command in step.commands:
            filled = [part.replace("{folder}", str(folder)).replace("{scratch}", str(scratch)) for part in command]
            status = subprocess.run(filled, cwd=ROOT, env=environment, stdout=log, stderr=log, check=False).returncode
            if status:
                break
    outcome = {"step": step.name, "exit": status, "seconds": round(time.monotonic() - begun, 1), **figures(folder)}
    if not status:
        (folder / "stamp.json").write_text(json.dumps(outcome, ensure_ascii=False, indent=1), encoding="utf-8")
    shutil.rmtree(scratch, ignore_errors=True)
    return outcome


def record(outcomes: dict[str, dict[str, Any]], seed: int, at: str) -> Path:
    """Write docs/campaign/<date>-<commit>.json, whole, after every step."""
    now = datetime.now(UTC)
    target = ROOT / "docs/campaign" / f"{now:%Y-%m-%d}-{at[:7]}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    body = {
        "commit": at,
        "seed": seed,
        "ended": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "machine": {"system": platform.system(), "python": platform.python_version(), "processors": os.cpu_count()},
        "steps": list(outcomes.values()),
    }
    temporary = target.with_suffix(".tmp")
    temporary.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    temporary.replace(target)
    return target


def main() -> int:
    """Run what is not yet stamped; the exit code says whether everything has succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="seed of drawn tests; recorded")
    parser.add_argument("--only", action="append", help="names of steps to run (default: all)")
    parser.add_argument("--list", action="store_true", help="list the steps and whether they are done")
    options = parser.parse_args()
    at = commit()
    base = ROOT / "campaign" / f"{at[:12]}{at[40:]}-{options.seed}"
    outcomes: dict[str, dict[str, Any]] = {}
    for step in steps(options.seed):
        stamp = base / step.name / "stamp.json"
        if stamp.is_file():
            outcomes[step.name] = json.loads(stamp.read_text(encoding="utf-8"))
        if options.list:
            print(f"{'done' if stamp.is_file() else 'open'}  {step.name}")
    if options.list:
        return 0
    for step in steps(options.seed):
        if step.name in outcomes or (options.only and step.name not in options.only):
            continue
        print(f"== {step.name}", flush=True)
        outcomes[step.name] = carry_out(step, base, options.seed)
        print(f"-- {step.name}: exit {outcomes[step.name]['exit']}, {outcomes[step.name]['seconds']} s", flush=True)
        record(outcomes, options.seed, at)
    bad = [name for name, outcome in outcomes.items() if outcome["exit"]]
    print(f"failed: {', '.join(bad)}" if bad else "nothing failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
