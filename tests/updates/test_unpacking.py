"""A package is unpacked below its folder and nowhere else, whatever its table of contents says."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from app.session.updates import unpacking
from app.session.updates.refusals import UpdateRefused, Why
from app.session.updates.unpacking import unpack

FILE, LINK = stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777

Entry = tuple[str, bytes, int]


def zipped(path: Path, *entries: Entry, packed: int = zipfile.ZIP_DEFLATED) -> tuple[Path, int]:
    """A zip of (name, bytes, mode); returns it and the bytes of its files."""
    with zipfile.ZipFile(path, "w", packed) as archive:
        for name, data, mode in entries:
            info = zipfile.ZipInfo("placeholder")
            info.filename = name  # As it is: the constructor would tidy it.
            info.create_system = 3
            info.external_attr = mode << 16
            info.compress_type = packed
            archive.writestr(info, data)
    return path, sum(len(data) for _name, data, mode in entries if stat.S_IFMT(mode) != stat.S_IFLNK)


def refused(tmp_path: Path, *entries: Entry) -> None:
    """See that it is refused, and that nothing came to lie beside the folder."""
    package, size = zipped(tmp_path / "package.zip", *entries)
    beside = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(UpdateRefused) as caught:
        unpack(package, tmp_path / "into", size)
    assert caught.value.why is Why.PACKAGE
    assert {path.name for path in tmp_path.iterdir()} == {*beside, "into"}


def test_files_folders_links_and_what_can_be_run(tmp_path: Path) -> None:
    package, size = zipped(
        tmp_path / "package.zip",
        ("counterpart", b"program", stat.S_IFREG | 0o755),
        ("_internal/", b"", stat.S_IFDIR | 0o755),
        ("_internal/libqt.so.6", b"library", FILE),
        ("_internal/deep/er/data.bin", b"", FILE),
        ("_internal/libqt.so", b"libqt.so.6", LINK),
        ("Frameworks/Qt", b"../_internal/libqt.so", LINK),
        ("Grüße.txt", b"x", 0),
    )
    unpack(package, tmp_path / "into", size)
    into = tmp_path / "into"
    assert (into / "counterpart").stat().st_mode & 0o777 == 0o755
    assert (into / "_internal" / "libqt.so.6").stat().st_mode & 0o777 == 0o644
    assert (into / "Frameworks" / "Qt").read_bytes() == b"library"
    assert (into / "Frameworks" / "Qt").is_symlink()
    assert (into / "Grüße.txt").is_file()


@pytest.mark.parametrize(
    "name",
    [
        "../evil", "a/../../evil", "/etc/passwd", "//server/share", "C:\\evil", "C:/evil", "a\\..\\evil", "..",
        ".", "a//b", "a/./b", "evil.", "evil ", " evil", "a:b", "file.txt:stream", "CON", "con.txt", "a/NUL.dll",
        "COM1", "lpt9.so", "what?", "a*b", "a|b", "a<b", 'a"b', "a\nb", "a\x01b", "a\u202eb", "x" * 401,
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_on_any_system_is_refused(tmp_path: Path, name: str) -> None:
    refused(tmp_path, (name, b"x", FILE))


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a"), ("Readme", "README"), ("lib/a", "LIB/b"), ("strasse", "straße"), ("é", "e\u0301"),
        ("a", "a/b"), ("a/b", "a"), ("A", "a/b"),
    ],
)  # fmt: skip
def test_names_that_some_system_takes_for_one_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.warns(UserWarning, match="Duplicate") if len(set(names)) == 1 else no_warning():
        package, size = zipped(tmp_path / "package.zip", *((name, b"x", FILE) for name in names))
    with pytest.raises(UpdateRefused):
        unpack(package, tmp_path / "into", size)


class no_warning:  # noqa: N801  # reads as pytest.warns does
    """Nothing is expected."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, *_of: object) -> None:
        """End."""


@pytest.mark.parametrize(
    "target",
    [b"/etc/passwd", b"../outside", b"a/../../outside", b"..", b"", b"C:\\x", b"nowhere", b"link", b"\xff"],
)
def test_a_link_that_leads_outside_or_nowhere_is_refused(tmp_path: Path, target: bytes) -> None:
    (tmp_path / "outside").write_text("not ours")
    refused(tmp_path, ("a/file", b"x", FILE), ("link", target, LINK))


def test_links_that_lead_outside_together_are_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("not ours")
    refused(tmp_path, ("a/b/file", b"x", FILE), ("up", b"a/b", LINK), ("out", b"up/../../../outside", LINK))


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    refused(tmp_path, ("folder", b"../elsewhere", LINK), ("folder/evil", b"x", FILE))
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_what_is_neither_file_folder_nor_link_is_refused(tmp_path: Path, kind: int) -> None:
    refused(tmp_path, ("device", b"", kind | 0o644))


def test_rights_beyond_running_are_not_taken_over(tmp_path: Path) -> None:
    package, size = zipped(tmp_path / "package.zip", ("program", b"x", stat.S_IFREG | 0o6777))
    unpack(package, tmp_path / "into", size)
    assert (tmp_path / "into" / "program").stat().st_mode & 0o7777 == 0o755


@pytest.mark.parametrize("off", [-1, 1, 10**9])
def test_other_than_the_bytes_that_were_signed_for_is_refused(tmp_path: Path, off: int) -> None:
    package, size = zipped(tmp_path / "package.zip", ("a", b"x" * 100, FILE), ("b", b"y" * 100, FILE))
    with pytest.raises(UpdateRefused):
        unpack(package, tmp_path / "into", size + off)


def test_a_bomb_is_left_before_it_fills_the_disk(tmp_path: Path) -> None:
    package, size = zipped(tmp_path / "package.zip", ("bomb", bytes(50_000_000), FILE))
    assert package.stat().st_size < 100_000
    with pytest.raises(UpdateRefused):
        unpack(package, tmp_path / "into", size // 100)
    assert sum(path.stat().st_size for path in (tmp_path / "into").rglob("*")) <= size // 100


def test_a_header_that_lies_about_a_size_is_not_believed(tmp_path: Path) -> None:
    package, size = zipped(tmp_path / "package.zip", ("a", b"x" * 5_000, FILE))
    data = bytearray(package.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)  # Its size unpacked, in the table of contents.
    package.write_bytes(data)
    with pytest.raises(UpdateRefused):
        unpack(package, tmp_path / "into", size)


def test_more_entries_than_there_may_be_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_ENTRIES", 3)
    refused(tmp_path, *((f"file-{n}", b"", FILE) for n in range(4)))


@pytest.mark.parametrize("cut", [0, 1, 10, -1, -22])
def test_half_a_zip_is_none(tmp_path: Path, cut: int) -> None:
    package, size = zipped(tmp_path / "package.zip", ("a", b"x" * 1_000, FILE))
    package.write_bytes(package.read_bytes()[:cut])
    with pytest.raises(UpdateRefused):
        unpack(package, tmp_path / "into", size)


def test_a_spoilt_or_encrypted_entry_is_refused(tmp_path: Path) -> None:
    package, size = zipped(tmp_path / "package.zip", ("a", b"x" * 1_000, FILE), packed=zipfile.ZIP_STORED)
    data = bytearray(package.read_bytes())
    data[200] ^= 1
    package.write_bytes(data)
    with pytest.raises(UpdateRefused):
        unpack(package, tmp_path / "into", size)
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1
    package.write_bytes(data)
    with pytest.raises(UpdateRefused):
        unpack(package, tmp_path / "again", size)


def test_one_folder_in_two_spellings_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, ("lib/", b"", stat.S_IFDIR | 0o755), ("Lib/", b"", stat.S_IFDIR | 0o755))


def test_a_folder_may_be_named_before_or_after_what_lies_in_it(tmp_path: Path) -> None:
    package, size = zipped(
        tmp_path / "package.zip", ("lib/a", b"x", FILE), ("lib/", b"", stat.S_IFDIR | 0o755)
    )
    unpack(package, tmp_path / "into", size)
    assert (tmp_path / "into" / "lib" / "a").is_file()
