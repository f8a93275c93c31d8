"""A zip for Windows that needs no installation: Python's embeddable runtime, the wheels, start files, the Fuxin page.

python release/windows_zip.py --python-embed python-3.11.x-embed-amd64.zip [--wheels DIR] [--page FILE] [--out DIR]

The runtime is the "Windows embeddable package (64-bit)" that the Python project publishes; give the path of the file
that you downloaded and checked. Nothing here fetches it. Nothing that this script makes belongs into git. The same
inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath

from packaging.utils import canonicalize_name, parse_wheel_filename

sys.path.insert(0, str(Path(__file__).parent))
from windows_wheels import ROOT, download, fits, needed

TOP = "Headframe"
PAGE = "fuxin-zh.html"  # named in start files, whose content stays ASCII so that no code page can break it
START_CHINESE, START_ENGLISH = "启动 Headframe.cmd", "Start Headframe.cmd"
MOMENT = (2020, 1, 1, 0, 0, 0)  # one time for every entry, so that the same inputs give the same bytes
RUNTIME_PARTS = ("python.exe", r"python(\d)(\d+)\.dll", r"python\d+\._pth", r"python\d+\.zip")
LARGEST_ENTRY = 1 << 30

START = """@echo off
chcp 65001 >nul
setlocal
set "HEADFRAME_LANG={language}"
set "PATH=%~dp0bin;%PATH%"
start "" "%~dp0{page}"
call headframe --help
cmd /k
"""
COMMAND = """@echo off
chcp 65001 >nul
"%~dp0..\\runtime\\python.exe" -X utf8 "%~dp0start.py" %*
"""
START_PYTHON = """import sys

from headframe.cli.main import main

sys.argv[0] = "headframe"
sys.exit(main())
"""
READ_ME = """Headframe {version}

1. 双击“{chinese}”：打开阜新市报告，并打开可输入 headframe 命令的窗口。
2. 在窗口中输入 headframe tour fuxin 可重新生成报告，输入 headframe --help 查看全部命令。
3. 整个文件夹可以移动或删除，不写注册表，不联网。

1. Double-click "{english}": it opens the report on Fuxin and a window for headframe commands.
2. There, headframe tour fuxin makes the report anew, and headframe --help lists every command.
3. The folder may be moved or deleted. It writes nothing to the registry and uses no network.

Licences: LICENSE.txt, runtime\\LICENSE.txt, and the dist-info folders in site-packages.
"""


class ReleaseError(Exception):
    """Something given to this script cannot be used; its text says what."""


def safe(name: str) -> PurePosixPath:
    """The path of an archive entry below its folder. Raises ReleaseError when it could lead anywhere else."""
    path = PurePosixPath(name)
    if "\\" in name or ":" in name or "\0" in name or path.is_absolute() or ".." in path.parts or not path.parts:
        raise ReleaseError(f"an archive entry with the path {name!r} is refused")
    return path


def entries(archive: Path) -> dict[str, bytes]:
    """Every file of a zip by its checked path. Raises ReleaseError when it is no zip or holds a refused path."""
    try:
        with zipfile.ZipFile(archive) as source:
            infos = [info for info in source.infolist() if not info.is_dir()]
            for info in infos:
                if info.file_size > LARGEST_ENTRY or (info.external_attr >> 16) & 0o170000 == 0o120000:
                    raise ReleaseError(f"{archive.name}: {info.filename!r} is too large or a link")
            return {safe(info.filename).as_posix(): source.read(info) for info in infos}
    except (zipfile.BadZipFile, OSError) as error:
        raise ReleaseError(f"{archive.name} cannot be read as a zip: {error}") from error


def runtime_files(archive: Path) -> tuple[dict[str, bytes], str]:
    """The runtime's files with a search path for our folders, and its version as `3.11`."""
    files = entries(archive)
    tops = {name.partition("/")[0] for name in files}
    if len(tops) == 1 and not tops & files.keys():  # some packers put everything into one folder
        files = {name.partition("/")[2]: content for name, content in files.items()}
    for part in RUNTIME_PARTS:
        if not any(re.fullmatch(part, name) for name in files):
            raise ReleaseError(f"{archive.name} is no embeddable Python: it has no {part}")
    version = next(match for name in files if (match := re.fullmatch(RUNTIME_PARTS[1], name)))
    search = next(name for name in files if name.endswith("._pth"))
    standard = next(name for name in files if re.fullmatch(RUNTIME_PARTS[3], name))
    files[search] = f"{standard}\r\n.\r\n..\\site-packages\r\n".encode("ascii")
    return files, f"{version[1]}.{version[2]}"


def wheel_files(wheel: Path) -> dict[str, bytes]:
    """The files that a wheel puts into site-packages; scripts, headers and data of a wheel are left out."""
    placed: dict[str, bytes] = {}
    for name, content in entries(wheel).items():
        parts = PurePosixPath(name).parts
        if not parts[0].endswith(".data"):
            placed[name] = content
        elif len(parts) > 2 and parts[1] in {"purelib", "platlib"}:
            placed["/".join(parts[2:])] = content
    return placed


def site_packages(wheels: Iterable[Path], version: str, wanted: Iterable[str]) -> dict[str, bytes]:
    """The content of site-packages. Raises ReleaseError for a wheel that does not fit, or one that is missing."""
    placed: dict[str, bytes] = {}
    present: set[str] = set()
    for wheel in sorted(wheels):
        if not fits(wheel.name, version):
            raise ReleaseError(f"{wheel.name} does not fit Python {version} on 64-bit Windows")
        present.add(parse_wheel_filename(wheel.name)[0])
        for name, content in wheel_files(wheel).items():
            if placed.setdefault(name, content) != content:
                raise ReleaseError(f"{wheel.name} brings another {name} than an earlier wheel")
    missing = sorted(set(wanted) - present)
    if missing:
        raise ReleaseError(f"wheels are missing: {', '.join(missing)}")
    return placed


def windows_text(text: str) -> bytes:
    """Text as Windows reads it: CRLF, ASCII where possible, else UTF-8 with a mark for its editor."""
    body = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return body.encode("ascii") if body.isascii() else b"\xef\xbb\xbf" + body.encode("utf-8")


def layout(runtime: Path, wheels: Iterable[Path], page: bytes, wanted: Iterable[str], version: str) -> dict[str, bytes]:
    """Every file of the release by its path in the zip."""
    interpreter, python_version = runtime_files(runtime)
    files = {f"runtime/{name}": content for name, content in interpreter.items()}
    files |= {
        f"site-packages/{name}": content for name, content in site_packages(wheels, python_version, wanted).items()
    }
    files[START_CHINESE] = windows_text(START.format(language="zh", page=PAGE))
    files[START_ENGLISH] = windows_text(START.format(language="en", page=PAGE))
    files["bin/headframe.cmd"] = windows_text(COMMAND)
    files["bin/start.py"] = START_PYTHON.encode("ascii")
    files[PAGE] = page
    files["说明 README.txt"] = windows_text(
        READ_ME.format(version=version, chinese=START_CHINESE, english=START_ENGLISH)
    )
    files["LICENSE.txt"] = windows_text((ROOT / "LICENSE").read_text(encoding="utf-8"))
    return {f"{TOP}/{name}": content for name, content in files.items()}


def write_zip(target: Path, files: Mapping[str, bytes]) -> None:
    """Write the zip whole or not at all: sorted, one time for all entries, names in UTF-8 flagged as such."""
    folded = [name.casefold() for name in files]
    twice = (
        sorted(name for name in files if folded.count(name.casefold()) > 1) if len(set(folded)) < len(folded) else []
    )
    if twice:
        raise ReleaseError(f"names that Windows takes for one: {', '.join(twice)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(safe(name).as_posix(), date_time=MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # the same on every system that assembles; unpackers on Linux read names rightly
            info.external_attr = 0o100644 << 16
            archive.writestr(info, files[name])
    temporary.replace(target)


def make_page(folder: Path) -> bytes:
    """The Fuxin page in Chinese, made by the command itself."""
    command = [sys.executable, "-X", "utf8", "-m", "headframe.cli.main", "tour", "fuxin", "--out", str(folder)]
    chinese = {**os.environ, "HEADFRAME_LANG": "zh"}
    done = subprocess.run(command, env=chinese, capture_output=True, check=False)  # noqa: S603 (our words)
    pages = sorted(folder.rglob("*.html"))
    if done.returncode or not pages:
        raise ReleaseError(f"the page cannot be made: {done.stderr.decode('utf-8', errors='replace')[-400:]}")
    return pages[0].read_bytes()


def own_wheel(folder: Path) -> Path:
    """Our own wheel, built from this checkout."""
    uv = shutil.which("uv")
    command = [uv, "build"] if uv else [sys.executable, "-m", "build"]
    command += ["--wheel", "--out-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 (our words)
    built = sorted(folder.glob("headframe-*.whl"))
    if done.returncode or not built:
        raise ReleaseError(f"the wheel cannot be built: {done.stderr.decode('utf-8', errors='replace')[-400:]}")
    return built[-1]


def assemble(runtime: Path, wheels: Path | None, page: Path | None, out: Path) -> Path:
    """The whole release: what is not given is downloaded (wheels) or made (our wheel, the page)."""
    version = metadata.version("headframe")
    _, python_version = runtime_files(runtime)
    wanted = needed(python_version) | {canonicalize_name("headframe")}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if wheels is None:
            wheels = folder / "wheels"
            wheels.mkdir()
            failed = download(wanted - {"headframe"}, python_version, wheels)
            if failed:
                raise ReleaseError("; ".join(f"{name}: {reason}" for name, reason in failed.items()))
        found = list(wheels.glob("*.whl"))
        if not any(parse_wheel_filename(path.name)[0] == "headframe" for path in found):
            found.append(own_wheel(folder))
        content = page.read_bytes() if page else make_page(folder / "page")
        target = out / f"headframe-{version}-windows-python{python_version}.zip"
        write_zip(target, layout(runtime, found, content, wanted, version))
    return target


def main() -> int:
    """Assemble the zip; the exit code says whether it was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python-embed", type=Path, required=True, help="the embeddable package of Python, a zip")
    parser.add_argument("--wheels", type=Path, help="a folder with the wheels (default: download them)")
    parser.add_argument("--page", type=Path, help="the Fuxin page in Chinese (default: make it)")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the zip goes (default: dist)")
    options = parser.parse_args()
    try:
        target = assemble(options.python_embed, options.wheels, options.page, options.out)
    except (ReleaseError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{target} ({target.stat().st_size / 1e6:.0f} MB)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
