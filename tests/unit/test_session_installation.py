"""How a program was installed, as the file beside it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.session.installation import INSTALLATION_FILE, InstallationKind, read_installation


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"kind": "per_user"}', InstallationKind.PER_USER),
        ('{"kind": "managed"}', InstallationKind.MANAGED),
        # Whatever is not understood replaces nothing.
        ('{"kind": "source"}', InstallationKind.MANAGED),
        ('{"kind": ["per_user"]}', InstallationKind.MANAGED),
        ('["per_user"]', InstallationKind.MANAGED),
        ("{", InstallationKind.MANAGED),
        ("", InstallationKind.MANAGED),
    ],
)
def test_the_file_beside_the_program_says_who_looks_after_it(
    tmp_path: Path, text: str, kind: InstallationKind
) -> None:
    (tmp_path / INSTALLATION_FILE).write_text(text, encoding="utf-8")
    found = read_installation(tmp_path / "counterpart", frozen=True)
    assert found.kind is kind
    assert found.folder == tmp_path
    assert found.updates_itself == (kind is InstallationKind.PER_USER)


def test_a_frozen_program_without_the_file_replaces_nothing(tmp_path: Path) -> None:
    assert read_installation(tmp_path / "counterpart", frozen=True).kind is InstallationKind.MANAGED


def test_a_file_that_cannot_be_read_as_text_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / INSTALLATION_FILE).write_bytes(b"\xff\xfe\x00")
    assert read_installation(tmp_path / "counterpart", frozen=True).kind is InstallationKind.MANAGED


def test_in_a_bundle_of_macos_the_file_lies_among_the_resources(tmp_path: Path) -> None:
    contents = tmp_path / "Counterpart.app" / "Contents"
    (contents / "Resources").mkdir(parents=True)
    (contents / "Resources" / INSTALLATION_FILE).write_text('{"kind": "per_user"}', encoding="utf-8")
    found = read_installation(contents / "MacOS" / "counterpart", frozen=True)
    assert found.kind is InstallationKind.PER_USER


def test_from_source_it_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / INSTALLATION_FILE).write_text('{"kind": "per_user"}', encoding="utf-8")
    assert read_installation(tmp_path / "python", frozen=False).kind is InstallationKind.SOURCE
    assert read_installation().kind is InstallationKind.SOURCE


def test_only_a_bundle_has_its_note_beside_its_folder(tmp_path: Path) -> None:
    """A folder called *Resources* beside that of the program may be anybody's, such as among downloads."""
    program = tmp_path / "counterpart" / "counterpart"
    (tmp_path / "Resources").mkdir()
    (tmp_path / "Resources" / INSTALLATION_FILE).write_text('{"kind": "per_user"}', encoding="utf-8")
    assert read_installation(program, frozen=True).kind is InstallationKind.MANAGED


def test_a_note_without_an_end_stops_no_start(tmp_path: Path) -> None:
    (tmp_path / INSTALLATION_FILE).write_text("[" * 100_000, encoding="utf-8")
    assert read_installation(tmp_path / "counterpart", frozen=True).kind is InstallationKind.MANAGED
