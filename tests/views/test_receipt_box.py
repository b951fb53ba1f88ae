"""Receipts and links that the desktop asks to open: by a start of their own, or, on macOS, by the running program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from typer.testing import CliRunner

from app.__main__ import cli
from app.composition.receipt_box import receipt_box
from app.composition.receipts import receipt_named
from app.contract.evidence import Evidence, to_file
from app.services.receipts import RECEIPT_ENDING
from app.views.theme.theme import Theme
from tests.contract.test_evidence import batch

RECEIPT = batch()[2]


def written(folder: Path, *, altered: bool = False) -> Path:
    members = json.loads(to_file(RECEIPT))
    if altered:
        members["body"]["status"] = "<b>rejected</b>"
    path = folder / f"receipt{RECEIPT_ENDING}"
    path.write_text(json.dumps(members), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/home/ana/a.counterpart-receipt", "/home/ana/a.counterpart-receipt"),
        ("A.COUNTERPART-RECEIPT", "A.COUNTERPART-RECEIPT"),
        ("file:///home/ana/a%20b.counterpart-receipt", "/home/ana/a b.counterpart-receipt"),
        ("file://localhost/a.counterpart-receipt", "/a.counterpart-receipt"),
        ("file://elsewhere.example/a.counterpart-receipt", None),
        ("file:////elsewhere.example/share/a.counterpart-receipt", None),
        ("file:///%5C%5Celsewhere.example/share/a.counterpart-receipt", None),
        ("counterpart://deal/DR-2026-0417", None),
        ("counterpart://deal/../../a.counterpart-receipt", None),
        ("/home/ana/a.json", None),
        ("", None),
    ],
)
def test_a_receipt_is_told_from_a_link(text: str, path: str | None) -> None:
    assert receipt_named(text) == (Path(path) if path else None)


def test_one_that_holds_says_so(theme: Theme, tmp_path: Path) -> None:
    box = receipt_box(written(tmp_path))
    assert box.icon() is QMessageBox.Icon.Information
    assert box.text() == f"Holds: receipt {Evidence(RECEIPT).name}, signed, and nothing in it was changed."
    assert "Captured: 2026-11-24 09:38:12 UTC" in box.informativeText()
    box.deleteLater()


def test_one_that_was_altered_says_so_in_plain_text(theme: Theme, tmp_path: Path) -> None:
    box = receipt_box(written(tmp_path, altered=True))
    assert box.icon() is QMessageBox.Icon.Critical
    assert box.textFormat() is Qt.TextFormat.PlainText
    box.deleteLater()


def test_what_is_none_says_so(theme: Theme, tmp_path: Path) -> None:
    path = tmp_path / f"empty{RECEIPT_ENDING}"
    path.write_text("<img src=x>", encoding="utf-8")
    box = receipt_box(path)
    assert box.icon() is QMessageBox.Icon.Warning
    assert "is not a receipt" in box.text()
    box.deleteLater()


@pytest.mark.parametrize(("altered", "code"), [(False, 0), (True, 1)])
def test_a_start_with_a_receipt_shows_it_and_ends(
    qapp: QApplication, tmp_path: Path, altered: bool, code: int
) -> None:
    seen: list[str] = []

    def close() -> None:
        box = qapp.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(box.text())
        box.accept()

    QTimer.singleShot(0, close)
    asked = CliRunner().invoke(cli, ["open", "--", written(tmp_path, altered=altered).as_uri()])
    assert asked.exit_code == code
    assert len(seen) == 1


def test_a_link_with_a_quotation_mark_in_it_brings_no_option(tmp_path: Path) -> None:
    """What Windows makes of `"…\\\\counterpart.exe" open -- "%1"` when a link ends the quotation."""
    asked = CliRunner().invoke(cli, ["open", "--", "counterpart://x", "--data", str(tmp_path)])
    assert asked.exit_code == 2
    assert not list(tmp_path.iterdir())


ASKED_BY_MACOS = """
import sys
from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent
from app.composition.application import Application
from app.views.theme.theme import Theme
app = Application(sys.argv[:1])
theme = Theme()
theme.apply(app)
app.asked.connect(lambda handed: print("link", handed.link))
QCoreApplication.sendEvent(app, QFileOpenEvent(QUrl("counterpart://deal/DR-2026-0417")))
QCoreApplication.sendEvent(app, QFileOpenEvent(sys.argv[1]))
(box,) = app.topLevelWidgets()
print("box", box.isVisible(), box.text())
"""


def test_macos_asks_the_running_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKED_BY_MACOS, str(written(tmp_path))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # What the offscreen platform says of every window.
    said = done.stderr.replace("This plugin does not support propagateSizeHints()\n", "")
    assert (done.returncode, said) == (0, "")
    link, box = done.stdout.splitlines()
    assert link == "link counterpart://deal/DR-2026-0417"
    assert box.startswith("box True Holds: receipt")
