"""Wheels for Windows: what the base installation needs there, downloaded as wheels only, for one version of Python.

python release/windows_wheels.py --python-version 3.11 --folder FOLDER [--report FOLDER]

Ends with 1 when anything the base installation needs has no wheel for win_amd64. The pins are those of constraints.txt.
Pip is used as a client only; nothing is built and nothing is installed.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata, util
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
PLATFORM = "win_amd64"


def environment(python_version: str) -> dict[str, str]:
    """The values of PEP 508 markers on 64-bit Windows under CPython."""
    return {
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "os_name": "nt",
        "platform_machine": "AMD64",
        "platform_system": "Windows",
        "sys_platform": "win32",
        "python_version": python_version,
        "python_full_version": f"{python_version}.0",
        "extra": "",
    }


def tags(python_version: str) -> set[Tag]:
    """The wheel tags that such a Python installs."""
    version = tuple(int(part) for part in python_version.split("."))
    interpreter = f"cp{''.join(map(str, version))}"
    own = cpython_tags(version, platforms=[PLATFORM])
    return {*own, *compatible_tags(version, interpreter, [PLATFORM])}


def fits(wheel: str, python_version: str) -> bool:
    """Whether a wheel of this file name installs there."""
    return bool(parse_wheel_filename(wheel)[3] & tags(python_version))


def constraints(root: Path = ROOT) -> dict[str, str]:
    """The pinned version of every distribution in constraints.txt."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}


def needed(python_version: str, roots: Iterable[str] = ("headframe",)) -> set[str]:
    """Everything that the roots need on Windows, without the roots: found through what is installed here.

    What only Windows needs is not installed here; it is named, and its own needs are not followed.
    """
    markers, found = environment(python_version), set[str]()
    waiting = [canonicalize_name(root) for root in roots]
    start = set(waiting)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            lines = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        requirements = [Requirement(line) for line in lines]
        waiting += [canonicalize_name(r.name) for r in requirements if r.marker is None or r.marker.evaluate(markers)]
    return found - start


def pip() -> list[str]:
    """A pip to call: this interpreter's own, else the first on the PATH."""
    if util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip3") or shutil.which("pip")
    if found is None:
        raise SystemExit("pip is needed to download wheels, and none was found")
    return [found]


def download(names: Iterable[str], python_version: str, folder: Path) -> dict[str, str]:
    """Download a wheel for each name into `folder`; gives back the names that failed with pip's last line."""
    pins, failed = constraints(), dict[str, str]()
    digits = re.sub(r"\D", "", python_version)
    for name in sorted(names):
        wanted = f"{name}=={pins[name]}" if name in pins else name
        command = [*pip(), "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        command += ["--platform", PLATFORM, "--implementation", "cp", "--python-version", digits]
        command += ["--dest", str(folder), wanted]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 (our words)
        if done.returncode:
            lines = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
            failed[wanted] = lines[-1] if lines else f"exit code {done.returncode}"
    return failed


def main() -> int:
    """Download everything that is needed; the exit code says whether all of it exists as wheels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python-version", default="3.11")
    parser.add_argument("--folder", type=Path, required=True, help="where the wheels go")
    parser.add_argument("--report", type=Path, help="folder for a JSON file with what was found")
    options = parser.parse_args()
    folder = options.folder / options.python_version
    folder.mkdir(parents=True, exist_ok=True)
    names = needed(options.python_version)
    failed = download(names, options.python_version, folder)
    found = sorted(path.name for path in folder.glob("*.whl"))
    failed |= {name: "does not fit Windows" for name in found if not fits(name, options.python_version)}
    present = {parse_wheel_filename(name)[0] for name in found}
    failed |= {name: "no wheel" for name in names - present if not any(key.split("==")[0] == name for key in failed)}
    if options.report:
        body = {"python": options.python_version, "platform": PLATFORM, "wheels": found, "failed": failed}
        target = options.report / f"windows-{options.python_version}.json"
        target.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    for name, reason in sorted(failed.items()):
        sys.stdout.write(f"{name}: {reason}\n")
    sys.stdout.write(f"Python {options.python_version}: {len(found)} wheels for {PLATFORM}, {len(failed)} missing\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
