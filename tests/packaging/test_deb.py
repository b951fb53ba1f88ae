"""The Debian package, of a payload that takes no time: what it says, where things go, and that it is the same twice."""

from __future__ import annotations

import configparser
import gzip
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

from app.contract.version import RELEASE
from app.services.links import SCHEME
from app.services.receipts import RECEIPT_ENDING
from app.session.accounts import default_root
from tests.packaging.scripts import script
from tools.project import ROOT

if sys.platform != "linux":
    pytest.skip("Debian packages are made on Linux", allow_module_level=True)

deb = script("linux.deb")
depends = script("linux.depends")
layout = script("linux.layout")

FILES = ROOT / "packaging" / "linux" / "files"
WHEN = 1_790_000_000
DAY = "2026-09-21"
MIME = "application/vnd.counterpart.receipt+json"
needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="this Linux has no dpkg-deb")


@dataclass(frozen=True)
class Made:
    """A package, and what is in it."""

    file: Path
    control: Path
    tree: Path

    @property
    def fields(self) -> Message:
        return message_from_string((self.control / "control").read_text("utf-8"))


def payload(folder: Path) -> Path:
    """A stand-in for the frozen app: a program, a part, a link."""
    (folder / "_internal" / "resources").mkdir(parents=True)
    shutil.copyfile("/bin/true", folder / "counterpart")
    (folder / "_internal" / "resources" / "words.txt").write_text("words")
    (folder / "_internal" / "link").symlink_to("resources/words.txt")
    (folder / "_internal" / "resources" / "words.txt").chmod(0o700)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("deb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", str(WHEN))
        patch.setattr(deb, "scanned", lambda _tree: depends.fields("shlibs:Depends=libc6 (>= 2.35)\n"))
        file = deb.build_deb(payload(folder / "payload"), folder / "dist", folder / "work", {48: b"png"})
        before = file.read_bytes()
        os.utime(folder / "payload" / "counterpart", (1, 1))
        again = deb.build_deb(folder / "payload", folder / "dist", folder / "other", {48: b"png"})
    assert again.read_bytes() == before, "the same payload and date did not give the same package"
    for option, name in (("-e", "control"), ("-x", "tree")):
        subprocess.run(["dpkg-deb", option, str(file), str(folder / name)], check=True)
    return Made(file, folder / "control", folder / "tree")


@needs_dpkg
class TestPackage:
    def test_its_fields(self, made: Made) -> None:
        fields = made.fields
        assert made.file.name == f"counterpart_{RELEASE}_{fields['Architecture']}.deb"
        assert (fields["Package"], fields["Version"], fields["Section"]) == ("counterpart", RELEASE, "misc")
        assert fields["Depends"] == "ca-certificates, libc6 (>= 2.35), tzdata"
        assert "xdg-utils" in fields["Recommends"]
        assert all(len(line) <= 80 for line in fields["Description"].splitlines())

    def test_where_things_are(self, made: Made) -> None:
        there = {path.relative_to(made.tree).as_posix() for path in made.tree.rglob("*") if not path.is_dir()}
        assert there == {
            "etc/counterpart/README",
            "opt/counterpart/_internal/link",
            "opt/counterpart/_internal/resources/words.txt",
            "opt/counterpart/counterpart",
            "opt/counterpart/installation.json",
            "usr/bin/counterpart",
            "usr/share/applications/counterpart.desktop",
            "usr/share/doc/counterpart/changelog.gz",
            "usr/share/doc/counterpart/copyright",
            "usr/share/doc/counterpart/examples/policy.toml",
            "usr/share/icons/hicolor/48x48/apps/counterpart.png",
            "usr/share/lintian/overrides/counterpart",
            "usr/share/man/man1/counterpart.1.gz",
            "usr/share/metainfo/app.counterpart.desktop.metainfo.xml",
            "usr/share/mime/packages/counterpart.xml",
        }
        assert (made.tree / "usr/bin/counterpart").readlink() == Path("/opt/counterpart/counterpart")
        assert (made.tree / "opt/counterpart/installation.json").read_text() == '{"kind": "managed"}\n'

    def test_root_owns_it_and_nobody_else_may_write(self, made: Made) -> None:
        listed = subprocess.run(
            ["dpkg-deb", "-c", str(made.file)], capture_output=True, text=True, check=True
        )
        lines = [line.split() for line in listed.stdout.splitlines()]
        assert {line[1] for line in lines} == {"root/root"}
        assert {line[3] for line in lines} == {DAY}
        rights = {line[5]: line[0] for line in lines}
        assert rights["./opt/counterpart/counterpart"] == "-rwxr-xr-x"
        assert rights["./opt/counterpart/_internal/resources/words.txt"] == "-rw-r--r--"
        assert {right for right in rights.values() if right[0] != "l"} == {
            "drwxr-xr-x",
            "-rwxr-xr-x",
            "-rw-r--r--",
        }

    def test_its_sums_are_those_of_its_files(self, made: Made) -> None:
        lines = (made.control / "md5sums").read_text("utf-8").splitlines()
        named = {name: value for value, _, name in (line.partition("  ") for line in lines)}
        files = [path for path in made.tree.rglob("*") if path.is_file() and not path.is_symlink()]
        sums = {
            path.relative_to(made.tree).as_posix(): hashlib.md5(path.read_bytes()).hexdigest()
            for path in files
        }
        del sums["etc/counterpart/README"]
        assert named == sums
        assert (made.control / "conffiles").read_text() == "/etc/counterpart/README\n"

    def test_it_runs_one_script_and_that_only_when_purged(self, made: Made) -> None:
        assert {path.name for path in made.control.iterdir()} == {"control", "md5sums", "conffiles", "postrm"}
        assert stat.S_IMODE((made.control / "postrm").stat().st_mode) == 0o755

    def test_release_and_date_are_filled_in(self, made: Made) -> None:
        for path in made.tree.rglob("*"):
            if path.is_file() and not path.is_symlink():
                packed = path.suffix == ".gz"
                content = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
                assert b"@VERSION@" not in content
                assert b"@DATE@" not in content
        changes = gzip.decompress(
            (made.tree / "usr/share/doc/counterpart/changelog.gz").read_bytes()
        ).decode()
        assert changes.startswith(f"counterpart ({RELEASE}) stable; urgency=medium\n")
        assert "Mon, 21 Sep 2026" in changes


def test_the_desktop_hands_links_and_receipts_over() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]  # keys are as they are written
    entry.read(FILES / "counterpart.desktop", "utf-8")
    told = entry["Desktop Entry"]
    assert told["Exec"] == "/usr/bin/counterpart open -- %u"
    assert told["MimeType"] == f"x-scheme-handler/{SCHEME};{MIME};"
    # What the window says of itself: app/composition/window.py.
    assert 'setDesktopFileName("counterpart")' in (ROOT / "app/composition/window.py").read_text("utf-8")
    kinds = ET.parse(FILES / "counterpart-mime.xml").getroot()
    space = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    (kind,) = kinds.findall("m:mime-type", space)
    assert kind.get("type") == MIME
    assert [one.get("pattern") for one in kind.findall("m:glob", space)] == [f"*{RECEIPT_ENDING}"]


def test_what_software_centres_show() -> None:
    told = ET.parse(FILES / "app.counterpart.desktop.metainfo.xml").getroot()
    assert told.findtext("id") == "app.counterpart.desktop"
    assert told.findtext("launchable") == "counterpart.desktop"
    assert told.findtext("provides/mediatype") == MIME


def test_texts_say_where_users_data_is() -> None:
    place = f"~/.local/share/{default_root().name}"
    for name in ("postrm", "counterpart.1"):
        assert place in (FILES / name).read_text("utf-8")


@pytest.mark.parametrize("word", ["remove", "upgrade", "purge"])
def test_only_purging_deletes_what_an_organisation_set(tmp_path: Path, word: str) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "policy.toml").write_text("")
    (folder / "own.toml").write_text("")
    text = (FILES / "postrm").read_text("utf-8").replace("/etc/counterpart", str(folder))
    done = subprocess.run(["sh", "-c", text, "postrm", word], capture_output=True, text=True, check=True)
    assert (folder / "policy.toml").exists() is (word != "purge")
    assert (folder / "own.toml").exists()
    assert ("stays in their homes" in done.stderr) is (word == "purge")


def test_what_is_needed_anyway_is_not_recommended() -> None:
    found = depends.fields(
        "shlibs:Depends=libc6 (>= 2.35), libx11-6, xdg-utils\nshlibs:Recommends=libcups2 (>= 1.4.0), libx11-6\n"
    )
    assert found["Depends"] == ("ca-certificates", "libc6 (>= 2.35)", "libx11-6", "tzdata", "xdg-utils")
    assert "libcups2 (>= 1.4.0)" in found["Recommends"]
    assert not set(found["Depends"]) & set(found["Recommends"])


def test_programs_and_libraries_are_told_by_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(b"\x7fELF\x02")
    (tmp_path / "b.so").write_text("INPUT(a.so)")
    (tmp_path / "c").symlink_to("a.so")
    assert depends.elf_files(tmp_path) == [tmp_path / "a.so"]
