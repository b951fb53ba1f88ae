"""10. No name that the gateway gives (`..\\x`, `CON`, `a:b`, a right-to-left override, 300 characters) leaves the
folder that was picked, names a device, or shows another ending than it has.

More: `tests/services/test_file_names.py`, `tests/services/test_documents.py`.
"""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.file_names import free_path, safe_name
from tests.examples import played
from tests.services.conftest import World, open_world
from tests.services.test_documents import PRICES, arrive, document

HOSTILE = [
    "..\\x",
    "..\\..\\..\\Windows\\System32\\x.dll",
    "../../../../etc/cron.d/x",
    "/etc/passwd",
    "\\\\attacker\\share\\x.exe",
    "//attacker/share/x.exe",
    "\\\\?\\C:\\x",
    "C:\\x",
    "C:x",
    "a:b",
    "report.pdf:Zone.Identifier",
    "report.pdf::$DATA",
    "CON",
    "con.pdf",
    "NUL.tar.gz",
    "COM1",
    "LPT\u00b9.txt",
    "CONIN$",
    "invoice\u202efdp.exe",
    "invoice\u2066fdp\u2069.exe",
    "a\x00.pdf",
    "a\nb.pdf",
    "~/x",
    "%APPDATA%\\x",
    "$(rm -rf).pdf",
    "-rf",
    ".desktop",
    "x.pdf.",
    "x.pdf ",
    "...",
    "",
    " ",
    "x" * 300 + ".pdf",
    "é" * 300,
    "\U0001f985" * 300 + ".exe",
    "\ud800.pdf",
]
DEVICES = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"{kind}{n}" for kind in ("COM", "LPT") for n in "123456789\u00b9\u00b2\u00b3"),
}
FOLDER = PureWindowsPath("C:\\Users\\maya\\Downloads")


def check(name: str) -> None:
    """A name is one, on any system."""
    assert name not in ("", ".", "..")
    assert not set(name) & set('<>:"/\\|?*')
    assert not any(
        ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
        for c in name
    )
    assert name == name.rstrip(". ")
    assert name.partition(".")[0].rstrip(" ").upper() not in DEVICES
    assert len(name.encode()) <= 255
    inside = FOLDER / name
    assert (inside.parent, inside.drive, inside.name) == (FOLDER, "C:", name)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_one_that_stays_in_its_folder(name: str) -> None:
    check(safe_name(name))
    folder = Path("/somewhere")
    assert free_path(folder, name).parent == folder


@given(
    st.one_of(
        st.text(max_size=400), st.sampled_from(HOSTILE).flatmap(lambda part: st.text().map(part.__add__))
    )
)
@played(300)
def test_whatever_the_name(name: str) -> None:
    check(safe_name(name))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return open_world(tmp_path / "store.db")


def test_what_is_saved_lies_in_the_folder_under_the_name_that_was_shown(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    for number, name in enumerate(HOSTILE[:-1]):
        gid = document(world, f"paper{number}", file_name=name)
        if not number:
            world.portal.documents.pull(gid)
            arrive(world, gid)
        shown = world.portal.documents.suggested_name(gid)
        saved = world.portal.documents.save_as(gid, folder)
        assert saved.path.parent == folder
        assert saved.path.suffix == Path(shown).suffix
        assert saved.path.read_bytes() == PRICES
    assert len(list(folder.iterdir())) == len(HOSTILE) - 1
    assert {path.name for path in tmp_path.iterdir()} == {
        "downloads",
        "store.db",
        "store.db-wal",
        "store.db-shm",
    }
    world.store.close()


def test_what_is_saved_can_never_be_run_as_it_lies_there(world: World, tmp_path: Path) -> None:
    gid = document(world, file_name="setup.sh")
    world.portal.documents.pull(gid)
    arrive(world, gid)
    saved = world.portal.documents.save_as(gid, tmp_path)
    assert saved.path.stat().st_mode & 0o111 == 0
    world.store.close()
