"""The Windows zip, assembled from a tiny runtime and tiny wheels: layout, names, line ends, refused paths."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.house.tree import ROOT

sys.path.insert(0, str(ROOT / "release"))
import windows_wheels
import windows_zip
from windows_zip import ReleaseError

RUNTIME = {
    "python.exe": b"MZ",
    "python311.dll": b"MZ",
    "python311.zip": b"PK",
    "python311._pth": b"python311.zip\r\n.\r\n",
    "LICENSE.txt": b"PSF",
}


def make_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    return make_zip(tmp_path / "python-3.11.9-embed-amd64.zip", RUNTIME)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    ours = {
        "headframe/__init__.py": b"",
        "headframe/cities/fuxin/city.toml": "阜新".encode(),
        "headframe-0.1.dist-info/METADATA": b"",
    }
    make_zip(folder / "headframe-0.1-py3-none-any.whl", ours)
    moved = {"fast.data/platlib/fast/core.pyd": b"MZ", "fast.data/scripts/fast.exe": b"MZ", "fast/__init__.py": b""}
    make_zip(folder / "fast-1-cp311-cp311-win_amd64.whl", moved)
    return folder


def assembled(runtime: Path, wheels: Path, target: Path) -> zipfile.ZipFile:
    files = windows_zip.layout(runtime, wheels.glob("*.whl"), b"<html>", {"headframe", "fast"}, "0.1")
    windows_zip.write_zip(target, files)
    return zipfile.ZipFile(target)


def test_the_layout(runtime: Path, wheels: Path, tmp_path: Path) -> None:
    with assembled(runtime, wheels, tmp_path / "out/a.zip") as archive:
        names = set(archive.namelist())
        assert names == {
            "Headframe/" + name
            for name in (
                "runtime/python.exe", "runtime/python311.dll", "runtime/python311.zip", "runtime/python311._pth",
                "runtime/LICENSE.txt", "site-packages/headframe/__init__.py",
                "site-packages/headframe/cities/fuxin/city.toml",
                "site-packages/headframe-0.1.dist-info/METADATA", "site-packages/fast/core.pyd",
                "site-packages/fast/__init__.py", "启动 Headframe.cmd", "Start Headframe.cmd", "bin/headframe.cmd",
                "bin/start.py", "fuxin-zh.html", "说明 README.txt", "LICENSE.txt",
            )
        }  # fmt: skip
        search = archive.read("Headframe/runtime/python311._pth").decode("ascii")
        assert search.split("\r\n") == ["python311.zip", ".", "..\\site-packages", ""]
        assert archive.read("Headframe/site-packages/headframe/cities/fuxin/city.toml").decode() == "阜新"


def test_names_carry_the_utf_8_flag(runtime: Path, wheels: Path, tmp_path: Path) -> None:
    with assembled(runtime, wheels, tmp_path / "a.zip") as archive:
        foreign = [info for info in archive.infolist() if not info.filename.isascii()]
        assert len(foreign) == 2
        assert all(info.flag_bits & 0x800 for info in foreign)


def test_start_files_are_ascii_with_crlf_and_set_the_code_page(runtime: Path, wheels: Path, tmp_path: Path) -> None:
    with assembled(runtime, wheels, tmp_path / "a.zip") as archive:
        start_files = [name for name in archive.namelist() if name.endswith(".cmd")]
        assert len(start_files) == 3
        for name in start_files:
            content = archive.read(name)
            lines = content.decode("ascii").split("\r\n")
            assert lines[:2] == ["@echo off", "chcp 65001 >nul"]
            assert b"\n" not in content.replace(b"\r\n", b"")
        assert b"HEADFRAME_LANG=zh" in archive.read("Headframe/启动 Headframe.cmd")
        assert b"HEADFRAME_LANG=en" in archive.read("Headframe/Start Headframe.cmd")
        for name in ("fuxin-zh.html", "bin/headframe.cmd", "bin/start.py", "runtime/python.exe"):
            assert f"Headframe/{name}" in archive.namelist()
        command = archive.read("Headframe/bin/headframe.cmd").decode("ascii")
        assert '"%~dp0..\\runtime\\python.exe" -X utf8 "%~dp0start.py" %*' in command
        readme = archive.read("Headframe/说明 README.txt")
        assert readme.startswith(b"\xef\xbb\xbf")
        assert "启动 Headframe.cmd".encode() in readme


def test_the_same_inputs_give_the_same_bytes(runtime: Path, wheels: Path, tmp_path: Path) -> None:
    assembled(runtime, wheels, tmp_path / "a.zip").close()
    for wheel in wheels.iterdir():
        wheel.touch()
    assembled(runtime, wheels, tmp_path / "b.zip").close()
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize("name", ["../evil.py", "a/../../evil.py", "/etc/evil", "C:/evil", "a\\..\\evil", "C:evil"])
def test_paths_that_lead_outside_are_refused(runtime: Path, wheels: Path, tmp_path: Path, name: str) -> None:
    make_zip(wheels / "evil-1-py3-none-any.whl", {name: b"x"})
    with pytest.raises(ReleaseError, match="refused"):
        assembled(runtime, wheels, tmp_path / "a.zip")
    with pytest.raises(ReleaseError, match="refused"):
        windows_zip.runtime_files(make_zip(tmp_path / "runtime.zip", {**RUNTIME, name: b"x"}))
    assert not (tmp_path / "a.zip").exists()


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc")
    with pytest.raises(ReleaseError, match="link"):
        windows_zip.entries(tmp_path / "a.zip")


def test_a_runtime_in_one_folder_is_read_like_one_without(runtime: Path, tmp_path: Path) -> None:
    nested = make_zip(tmp_path / "nested.zip", {f"cp311/{name}": content for name, content in RUNTIME.items()})
    assert windows_zip.runtime_files(nested) == windows_zip.runtime_files(runtime)


@pytest.mark.parametrize("part", ["python.exe", "python311.dll", "python311._pth", "python311.zip"])
def test_a_zip_that_is_no_runtime_is_refused(tmp_path: Path, part: str) -> None:
    less = {name: content for name, content in RUNTIME.items() if name != part}
    with pytest.raises(ReleaseError, match="no embeddable Python"):
        windows_zip.runtime_files(make_zip(tmp_path / "r.zip", less))


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.zip").write_bytes(b"not a zip")
    for path in (tmp_path / "r.zip", tmp_path / "missing.zip"):
        with pytest.raises(ReleaseError, match="cannot be read"):
            windows_zip.runtime_files(path)


def test_wheels_that_are_missing_or_do_not_fit_are_named(runtime: Path, wheels: Path, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="missing: slow"):
        windows_zip.layout(runtime, wheels.glob("*.whl"), b"", {"headframe", "slow"}, "0.1")
    make_zip(wheels / "slow-1-cp312-cp312-win_amd64.whl", {"slow.py": b""})
    with pytest.raises(ReleaseError, match=r"slow-1.*does not fit Python 3\.11"):
        windows_zip.layout(runtime, wheels.glob("*.whl"), b"", {"headframe", "slow"}, "0.1")


def test_wheels_that_bring_the_same_file_differently_are_refused(runtime: Path, wheels: Path) -> None:
    make_zip(wheels / "other-1-py3-none-any.whl", {"fast/__init__.py": b"other"})
    with pytest.raises(ReleaseError, match="than an earlier wheel"):
        windows_zip.layout(runtime, wheels.glob("*.whl"), b"", set(), "0.1")


def test_names_that_windows_takes_for_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="takes for one"):
        windows_zip.write_zip(tmp_path / "a.zip", {"a/File": b"", "a/file": b""})


@pytest.mark.parametrize(
    ("wheel", "version", "does"),
    [
        ("a-1-py3-none-any.whl", "3.11", True),
        ("a-1-cp311-cp311-win_amd64.whl", "3.11", True),
        ("a-1-cp37-abi3-win_amd64.whl", "3.13", True),
        ("a-1-cp311-cp311-win_amd64.whl", "3.12", False),
        ("a-1-cp311-cp311-manylinux_2_17_x86_64.whl", "3.11", False),
        ("a-1-cp311-cp311-win32.whl", "3.11", False),
        ("a-1-cp311-cp311-win_arm64.whl", "3.11", False),
    ],
)
def test_which_wheels_fit(wheel: str, version: str, does: object) -> None:
    assert windows_wheels.fits(wheel, version) is does


def test_what_windows_needs_follows_markers_of_windows() -> None:
    found = windows_wheels.needed("3.11")
    assert {"numpy", "polars", "polars-runtime-32", "pydantic-core", "colorama"} <= found
    assert not {"headframe", "pytest", "mypy", "pandas"} & found


def test_the_script_says_what_is_wrong_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["windows_zip.py", "--python-embed", str(tmp_path / "no.zip"), "--out", str(tmp_path / "out")]
    )
    assert windows_zip.main() == 1
    assert "cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_whole_run_with_given_wheels_and_page(
    runtime: Path, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(windows_zip, "needed", lambda version: {"fast"})
    page = tmp_path / "阜新 page.html"
    page.write_bytes("<html lang='zh'>阜新".encode())
    arguments = [
        "--python-embed",
        str(runtime),
        "--wheels",
        str(wheels),
        "--page",
        str(page),
        "--out",
        str(tmp_path / "out 出"),
    ]
    monkeypatch.setattr(sys, "argv", ["windows_zip.py", *arguments])
    assert windows_zip.main() == 0
    (made,) = (tmp_path / "out 出").iterdir()
    assert str(made) in capsys.readouterr().out
    with zipfile.ZipFile(io.BytesIO(made.read_bytes())) as archive:
        assert archive.testzip() is None
        assert archive.read("Headframe/fuxin-zh.html") == page.read_bytes()
