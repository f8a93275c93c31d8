"""What must not be in tracked files: addresses of registries, lock files, paths of one machine, bundles."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from pathlib import Path

from tests.house.tree import at

LARGEST = 1_500_000
LOCK_FILES = {
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "pylock.toml",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "Cargo.lock",
    "go.sum",
}
BINARY_ENDINGS = {
    ".woff",
    ".woff2",
    ".ttf",
    ".otf",
    ".eot",
    ".exe",
    ".dll",
    ".so",
    ".dylib",
    ".pyd",
    ".whl",
    ".zip",
    ".gz",
    ".bz2",
    ".xz",
    ".7z",
    ".jar",
    ".class",
    ".wasm",
    ".pyc",
    ".node",
    ".msi",
    ".deb",
    ".rpm",
}
MAGIC = (b"\x7fELF", b"MZ\x90\x00", b"PK\x03\x04", b"wOFF", b"wOF2", b"OTTO", b"\x00\x01\x00\x00\x00", b"\x1f\x8b\x08")
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".pdf"}
MAY_BE_BINARY = {".xlsx", ".parquet"}  # workbooks an analyst sent, as test cases
REGISTRIES = (  # written in parts, so that this file itself names none
    "pypi" + r"\.org",
    "pythonhosted" + r"\.org",
    "npmjs" + r"\.(?:org|com)",
    "conda" + r"\.(?:io|anaconda\.org)",
    "anaconda" + r"\.(?:org|com)",
    "deb" + r"\.debian\.org",
    "crates" + r"\.io",
    "rubygems" + r"\.org",
    "proxy\\.golang" + r"\.org",
    "repo1?\\.maven" + r"\.",
    "unpkg" + r"\.com",
    "jsdelivr" + r"\.net",
    "cdnjs" + r"\.",
    "index" + r"-url",
    "nuget" + r"\.org",
    "tuna\\.tsinghua" + r"\.edu",
)
REGISTRY = re.compile("|".join(REGISTRIES), re.IGNORECASE)
MACHINE_PATH = re.compile(
    r"(?<![\w./~$}\-])/(?:home|root|work|Users|mnt|media|var/folders)/[\w.\-]+|\b[A-Z]:\\+Users\\", re.ASCII
)
# How a file came to be typed is not part of the product. The list is turned by thirteen letters to keep to itself.
STRAY = tuple(
    codecs.decode(word, "rot13")
    for word in (
        "pynhqr",
        "naguebcvp",
        "pungtcg",
        "bcranv",
        "pbcvybg",
        "yyz",
        "yynzn",
        "ynathntr zbqry",
        "nv nffvfgnag",
        "nf na nv",
        "fhontrag",
        "fho-ntrag",
        "guvf frffvba",
        "guvf jbexcynpr",
        "gur oevrs fnlf",
        "zl vafgehpgvbaf",
        "flfgrz cebzcg",
        "gbby pnyy",
        "fnaqobkrq frffvba",
        "pbagrkg jvaqbj",
    )
)
STRAY_WORDS = re.compile(r"(?<![A-Za-z])(?:" + "|".join(map(re.escape, STRAY)) + r")(?![A-Za-z])", re.IGNORECASE)


def _text(path: Path) -> str | None:
    """A file's text, or None when it is a picture or a table."""
    if path.suffix.lower() in PICTURES | MAY_BE_BINARY:
        return None
    return path.read_bytes().decode("utf-8", errors="replace")


def bad_files(files: Iterable[Path], root: Path) -> list[str]:
    """Lock files, bundles and binaries, and files that are too large."""
    found = []
    for path in files:
        here = at(path, root)
        if path.name in LOCK_FILES:
            found.append(f"{here}: a lock file")
        if path.suffix.lower() in BINARY_ENDINGS or ".min." in path.name or "node_modules" in path.parts:
            found.append(f"{here}: a bundle, font or program")
        elif path.suffix.lower() not in PICTURES | MAY_BE_BINARY:
            content = path.read_bytes()
            if content.startswith(MAGIC) or b"\0" in content[:8192]:
                found.append(f"{here}: a binary file")
            elif path.suffix == ".js" and any(len(line) > 2000 for line in content.splitlines()):
                found.append(f"{here}: a bundled script")
        if path.stat().st_size > LARGEST:
            found.append(f"{here}: larger than {LARGEST} bytes")
    return found


def bad_words(files: Iterable[Path], root: Path) -> list[str]:
    """Registry addresses, paths of one machine and stray words in text files."""
    found = []
    for path in files:
        text = _text(path)
        if text is None:
            continue
        for number, line in enumerate([path.relative_to(root).as_posix(), *text.splitlines()]):
            for name, pattern in (("registry", REGISTRY), ("machine path", MACHINE_PATH), ("stray word", STRAY_WORDS)):
                if match := pattern.search(line):
                    found.append(f"{at(path, root, number)}: {name} {match[0]!r}")
    return found


def bad_text(files: Iterable[Path], root: Path) -> list[str]:
    """Text that is not UTF-8 with LF (start files for Windows: CRLF)."""
    found = []
    for path in files:
        content = path.read_bytes()
        if path.suffix.lower() in PICTURES | MAY_BE_BINARY or _is_damaged_on_purpose(path, root):
            continue
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            found.append(f"{at(path, root)}: not UTF-8 at byte {error.start}")
        if b"\r" in content and path.suffix != ".cmd":
            found.append(f"{at(path, root)}: line ends other than LF")
        if content.startswith(b"\xef\xbb\xbf"):
            found.append(f"{at(path, root)}: a byte order mark")
    return found


def _is_damaged_on_purpose(path: Path, root: Path) -> bool:
    return path.is_relative_to(root / "tests/cases")
