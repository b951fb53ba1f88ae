"""The frozen app from its bundle: signs in to a real gateway as a person would, syncs, draws a page, ends by itself.

Over the account that is on the computer then, it is started several times more, to see how long that takes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from figures import Started, started

from app.composition.demo import GatewayProcess, Ready
from app.services.pdf_wire import READ_PAGES, Ended, receive, send

_SYNC_SECONDS = 120
_PAGE_SECONDS = 30
_PASSPHRASE = "a passphrase for the smoke run\n"  # noqa: S105  # of an account that lasts for one run

#: A PDF with one empty page.
_PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


@dataclass(frozen=True)
class Tried:
    """What came of it. `problems`: empty when it passed; `starts` is None when it did not."""

    problems: tuple[str, ...]
    said: str
    seconds: float
    starts: Started | None


def smoke(program: Path) -> Tried:
    """Start the program offscreen against a fresh sample gateway.

    The app opens the system's browser to sign in; `BROWSER` names a program that fills in the gateway's page.
    """
    with tempfile.TemporaryDirectory(prefix="counterpart-smoke-") as name:
        folder = Path(name)
        with GatewayProcess(folder / "gateway") as gateway:
            ready = gateway.ready()
            environment = _environment(folder, ready)
            began = time.monotonic()
            done = _run([str(program), "open", "--gateway", ready.url, "--exit-after-sync"], environment)
            seconds = time.monotonic() - began
            problems = judged(done)
            lines = done.stdout.strip().splitlines()
            said = lines[-1] if lines else ""
            if problems:
                return Tried(tuple(problems), said, seconds, None)
            proven = _run([str(program), "verify", "--json"], environment)
            if proven.returncode != 0 or proven.stderr.strip():
                return Tried(
                    (f"“verify” ended with {proven.returncode}: {proven.stdout}{proven.stderr}",),
                    said,
                    seconds,
                    None,
                )
            unread = pages_read([str(program), READ_PAGES])
            if unread:
                return Tried(tuple(unread), said, seconds, None)
            again = [str(program), "open", "--exit-when-shown", "--passphrase-stdin"]
            return Tried((), said, seconds, started(again, environment, _PASSPHRASE))


def judged(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what is wrong with a run: its exit code, no word of being in step, anything on standard error."""
    lines = done.stdout.strip().splitlines()
    synced = bool(lines) and lines[-1].startswith("{") and json.loads(lines[-1]).get("synced") is True
    if done.returncode == 0 and synced and not done.stderr.strip():
        return []
    return [
        f"it ended with {done.returncode}",
        f"it printed\n{done.stdout}",
        f"and on standard error\n{done.stderr}",
    ]


def pages_read(command: list[str]) -> list[str]:
    """Let the reader of PDF files draw a page; return what is wrong with it. A window would start it like this."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        late = threading.Timer(_PAGE_SECONDS, reader.kill)
        late.start()
        try:
            send(reader.stdin, {"do": "open", "file": 1}, _PAGE)
            opened, _ = receive(reader.stdout)
            send(reader.stdin, {"do": "render", "file": 1, "page": 0, "scale": 1.0})
            drawn, pixels = receive(reader.stdout)
            reader.stdin.close()
            code = reader.wait()
        except Ended:
            reader.kill()
            return [f"the reader of PDF files ended with {reader.wait()} instead of drawing a page"]
        finally:
            late.cancel()
    found = (opened.get("pages"), drawn.get("width"), drawn.get("height"), set(pixels), code)
    expected = (1, 200, 100, {255}, 0)
    return [] if found == expected else [f"the reader of PDF files drew {found} and not {expected}"]


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, "--passphrase-stdin"],
        env=environment,
        input=_PASSPHRASE,
        capture_output=True,
        text=True,
        timeout=_SYNC_SECONDS + 60,
        check=False,
    )


def _environment(folder: Path, ready: Ready) -> dict[str, str]:
    """Return what the app may know of this computer: another home, no screen, somebody who signs in."""
    person = Path(__file__).with_name("person_in_browser.py")
    return {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "BROWSER": f"{sys.executable} {person} %s",
        "COUNTERPART_SMOKE_EMAIL": ready.email,
        "COUNTERPART_SMOKE_PASSWORD": ready.password,
    }
