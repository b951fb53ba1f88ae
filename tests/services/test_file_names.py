"""No name a gateway or a user gives leads out of a folder, deceives the eye, or upsets a file system."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.file_names import free_path, safe_name


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("price-list.pdf", "price-list.pdf"),
        ("..\\x", "x"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.dll", "x.dll"),
        ("/etc/shadow", "shadow"),
        ("CON", "CON_"),
        ("con.txt", "con_.txt"),
        ("COM1.tar.gz", "COM1_.tar.gz"),
        ("LPT\u00b9", "LPT\u00b9_"),
        ("a:b", "a_b"),
        ("a<b>|?*\".pdf", "a_b_____.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u200bb.pdf", "ab.pdf"),
        ("a\x00b\x1f.pdf", "ab.pdf"),
        ("report.pdf\n", "report.pdf"),
        ("trailing. ", "trailing"),
        (".bashrc", "bashrc"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        ("   ", "file"),
        ("a/..", "file"),
        ("Cafe\u0301.pdf", "Caf\u00e9.pdf"),
        ("価格表.pdf", "価格表.pdf"),
    ],
)  # fmt: skip
def test_names(given_name: str, safe: str) -> None:
    assert safe_name(given_name) == safe


def test_a_long_name_keeps_its_extension() -> None:
    name = safe_name("é" * 300 + ".pdf")
    assert name.endswith("é.pdf")
    assert len(name.encode()) <= 200
    assert len(safe_name("x" * 5000).encode()) == 200
    assert safe_name("a." + "b" * 400).startswith("a.bbb")


@given(st.text(max_size=400))
def test_whatever_it_is_it_stays_a_direct_child(text: str) -> None:
    folder = Path("/somewhere/downloads")
    path = folder / safe_name(text)
    assert path.parent == folder
    assert path.name == safe_name(text)
    assert path.name not in ("", ".", "..")
    assert safe_name(safe_name(text)) == safe_name(text)


def test_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    (tmp_path / "list.pdf").touch()
    (tmp_path / "list (2).pdf").touch()
    assert free_path(tmp_path, "list.pdf") == tmp_path / "list (3).pdf"
    assert free_path(tmp_path, "../../x.pdf") == tmp_path / "x.pdf"
