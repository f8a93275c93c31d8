"""A small client of the browser's DevTools protocol, with the standard library alone."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import struct
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PATIENCE = 60.0  # seconds until an answer is given up


class Browser:
    """A headless browser of its own, with an empty profile, closed at the end."""

    def __init__(self, program: str, profile: Path) -> None:
        self._log = (profile / "browser.log").open("wb")
        self._process = subprocess.Popen(
            [
                program,
                *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"),
                *(
                    "--no-first-run",
                    "--disable-extensions",
                    "--disable-background-networking",
                    "--remote-allow-origins=*",
                ),
                *(f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"),
            ],
            stdout=self._log,
            stderr=self._log,
        )
        self._port = self._found_port(profile / "DevToolsActivePort")

    def _found_port(self, file: Path) -> int:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError, ValueError, IndexError):
                return int(file.read_text(encoding="utf-8").split()[0])
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        self.close()
        raise RuntimeError("the browser did not start")

    def open(self, page: Path, *, width: int, height: int = 900, dark: bool = False, scripts: bool = True) -> Tab:
        """A new tab with the page loaded at a given size."""
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            address = json.load(answer)["webSocketDebuggerUrl"]
        tab = Tab(address)
        for domain in ("Page", "Runtime", "Network", "Log"):
            tab.call(f"{domain}.enable")
        tab.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        tab.call("Emulation.setEmulatedMedia", features=[scheme, {"name": "prefers-reduced-motion", "value": "reduce"}])
        tab.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        tab.call("Page.navigate", url=page.as_uri())
        tab.wait_for("Page.loadEventFired")
        return tab

    def close(self) -> None:
        """End this browser, and only this one."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Tab:
    """One tab: calls, answers, and everything it has reported so far."""

    def __init__(self, address: str) -> None:
        host, _, path = address.removeprefix("ws://").partition("/")
        name, _, port = host.partition(":")
        self._socket = socket.create_connection((name, int(port)), timeout=PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode("ascii")
        self._socket.sendall(
            f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode("ascii")
        )
        self._buffer = b""
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self._socket.recv(4096)
        self._buffer = self._buffer.partition(b"\r\n\r\n")[2]
        self._number = 0
        self.reports: list[dict[str, Any]] = []

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        """Ask the browser to do something and wait for the answer."""
        self._number += 1
        self._send(json.dumps({"id": self._number, "method": method, "params": values}).encode("utf-8"))
        while True:
            found = self._next()
            if found.get("id") == self._number:
                if "error" in found:
                    raise RuntimeError(f"{method}: {found['error']}")
                return dict(found.get("result", {}))
            self.reports.append(found)

    def wait_for(self, method: str) -> None:
        """Wait until the tab has reported something of this kind."""
        while not any(report.get("method") == method for report in self.reports):
            self.reports.append(self._next())

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are waited for."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"])[:800])
        return found["result"].get("value")

    def complaints(self) -> list[str]:
        """Errors and warnings on the console, uncaught errors, failed loads."""
        found = []
        for report in self.reports:
            values = report.get("params", {})
            if report.get("method") == "Runtime.exceptionThrown":
                found.append(json.dumps(values["exceptionDetails"])[:400])
            elif report.get("method") == "Runtime.consoleAPICalled" and values["type"] in {
                "error",
                "warning",
                "assert",
            }:
                found.append(json.dumps(values["args"])[:400])
            elif report.get("method") == "Log.entryAdded" and values["entry"]["level"] in {"error", "warning"}:
                found.append(values["entry"]["text"])
        return found

    def requests(self) -> list[str]:
        """The address of everything the page has asked for, inline data left out."""
        sent = (report for report in self.reports if report.get("method") == "Network.requestWillBeSent")
        addresses = [report["params"]["request"]["url"] for report in sent]
        return [address for address in addresses if not address.startswith(("data:", "blob:"))]

    def close(self) -> None:
        """Close the tab and its connection."""
        with contextlib.suppress(OSError, RuntimeError, ConnectionError):
            self.call("Page.close")
        self._socket.close()

    def _send(self, payload: bytes) -> None:
        mask = os.urandom(4)
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
        if size >= 1 << 16:
            length = struct.pack("!BQ", 0x80 | 127, size)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        self._socket.sendall(b"\x81" + length + mask + masked)

    def _next(self) -> dict[str, Any]:
        parts = b""
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", self._take(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._take(8))
            body = self._take(size)
            kind = first & 0x0F
            if kind == 8:
                raise ConnectionError("the tab was closed")
            if kind in {0, 1}:
                parts += body
                if first & 0x80:
                    return dict(json.loads(parts))

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            read = self._socket.recv(1 << 16)
            if not read:
                raise ConnectionError("the browser went away")
            self._buffer += read
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken


@contextlib.contextmanager
def opened(browser: Browser, page: Path, *, forget: bool = True, **how: Any) -> Iterator[Tab]:
    """A tab that is closed at the end of the block; `forget` starts it in the page's own language."""
    tab = browser.open(page, **how)
    try:
        if forget and how.get("scripts", True):
            tab.run("localStorage.clear(); document.querySelector('.switch[checked]').click()")
        yield tab
    finally:
        tab.close()
