"""The app for macOS as data, and the steps that sign, notarise and pack it, in a tree that is no app.

Nothing of Apple's runs here: what is proven is what would be run, in which order, and what a failure leads to.
"""

from __future__ import annotations

import json
import plistlib
import re
import shlex
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app.contract.version import RELEASE
from app.services.receipts import RECEIPT_ENDING
from tests.packaging.scripts import PACKAGING, script

bundle = script("macos.bundle")
steps = script("macos.steps")
release = script("macos.release")

THIN, FAT, JAVA = "cffaedfe0c000001", "cafebabe00000002", "cafebabe00000041"
ENVIRONMENT = {
    "COUNTERPART_MAC_APPLICATION": "Developer ID Application: A Vendor (ABCDE12345)",
    "COUNTERPART_MAC_INSTALLER": "Developer ID Installer: A Vendor (ABCDE12345)",
    "COUNTERPART_NOTARY_KEY": "/keys/notary.p8",
    "COUNTERPART_NOTARY_KEY_ID": "KEY1",
    "COUNTERPART_NOTARY_ISSUER": "issuer-1",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A tree as PyInstaller makes it: the program, libraries in folders, two frameworks, data, links between them."""
    contents = tmp_path / "Counterpart.app" / "Contents"

    def write(name: str, head: str = "") -> None:
        file = contents / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes.fromhex(head) + bytes(64))

    write("MacOS/counterpart", THIN)
    write("Frameworks/libcrypto.dylib", THIN)
    write("Frameworks/sqlcipher3/_sqlite3.abi3.so", THIN)
    write("Frameworks/PySide6/Qt/plugins/platforms/libqcocoa.dylib", FAT)
    write("Frameworks/PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore", FAT)
    write("Frameworks/PySide6/Qt/lib/QtCore.framework/Versions/A/Resources/Info.plist")
    write("Frameworks/Python.framework/Versions/3.12/Python", FAT)
    write("Frameworks/Python.framework/Versions/3.12/lib/inner.dylib", THIN)
    write("Resources/notes.class", JAVA)
    write("Resources/fonts/Inter.ttf")
    write("Info.plist")
    lib = contents / "Frameworks/PySide6/Qt/lib/QtCore.framework"
    (lib / "Versions/Current").symlink_to("A")
    (lib / "QtCore").symlink_to("Versions/Current/QtCore")
    python = contents / "Frameworks/Python.framework"
    (python / "Versions/Current").symlink_to("3.12")
    (python / "Python").symlink_to("Versions/Current/Python")
    (contents / "Frameworks/QtCore").symlink_to("PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore")
    (contents / "Resources/libcrypto.dylib").symlink_to("../Frameworks/libcrypto.dylib")
    (contents / "Resources/elsewhere").symlink_to(tmp_path, target_is_directory=True)
    return contents.parent


def test_info_says_what_the_app_is() -> None:
    info = plistlib.loads(plistlib.dumps(bundle.info()))
    assert info["CFBundleIdentifier"] == "app.counterpart.desktop"
    assert info["CFBundleShortVersionString"] == info["CFBundleVersion"] == RELEASE
    assert info["CFBundleLocalizations"] == ["en", "de"]
    assert info["NSHighResolutionCapable"] is True
    assert info["LSBackgroundOnly"] is False
    assert info["LSMinimumSystemVersion"] == "13.0"
    assert info["LSApplicationCategoryType"] == "public.app-category.business"
    # No exception from what macOS asks of connections.
    assert not any("Transport" in key for key in info)


def test_info_registers_the_scheme_and_receipts() -> None:
    info = bundle.info()
    (scheme,) = info["CFBundleURLTypes"]
    assert scheme["CFBundleURLSchemes"] == ["counterpart"]
    (declared,) = info["UTExportedTypeDeclarations"]
    (document,) = info["CFBundleDocumentTypes"]
    assert document["LSItemContentTypes"] == [declared["UTTypeIdentifier"]]
    tags = declared["UTTypeTagSpecification"]
    assert [f".{tag}" for tag in tags["public.filename-extension"]] == [RECEIPT_ENDING]
    assert declared["UTTypeConformsTo"] == ["public.json"]


def test_the_languages_are_those_that_ship() -> None:
    translated = {
        file.stem.rpartition("_")[2]
        for file in (PACKAGING.parent / "resources" / "translations").glob("*.qm")
    }
    assert set(bundle.info()["CFBundleLocalizations"]) == {"en"} | translated


def test_the_oldest_macos_is_that_of_the_qt_that_ships() -> None:
    """The wheel of PySide6 6.10 and 6.11 is `macosx_13_0`; another line of Qt may ask for a later one."""
    locked = (PACKAGING.parent / "requirements" / "client.txt").read_text("utf-8")
    found = re.search(r"^pyside6-essentials==(\d+\.\d+)", locked, re.MULTILINE)
    assert found is not None
    assert (found[1], bundle.OLDEST_MACOS) in {("6.10", "13.0"), ("6.11", "13.0")}


def test_no_exception_from_the_hardened_runtime_is_asked_for() -> None:
    assert plistlib.loads(steps.ENTITLEMENTS.read_bytes()) == {}


def test_the_icon_has_a_picture_of_each_size(tmp_path: Path) -> None:
    data = bundle.write_icon(tmp_path / "a.icns").read_bytes()
    assert data[:4] == b"icns"
    assert int.from_bytes(data[4:8], "big") == len(data)
    found, at = {}, 8
    while at < len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        picture = data[at + 8 : at + size]
        assert picture.startswith(b"\x89PNG")
        found[data[at : at + 4].decode()] = int.from_bytes(picture[16:20], "big")
        at += size
    assert found == {
        "ic11": 32, "ic12": 64, "ic07": 128, "ic13": 256, "ic08": 256, "ic14": 512, "ic09": 512, "ic10": 1024
    }  # fmt: skip


def test_code_is_told_by_how_it_begins(tmp_path: Path) -> None:
    for head, code in (
        (THIN, True),
        (FAT, True),
        ("feedface", True),
        (JAVA, False),
        ("7f454c46", False),
        ("", False),
    ):
        (tmp_path / "file").write_bytes(bytes.fromhex(head))
        assert steps.is_code(tmp_path / "file") is code


def test_it_is_signed_inside_out(app: Path) -> None:
    names = [str(path.relative_to(app)) for path in steps.parts(app)]
    assert names == [
        "Contents/Frameworks/PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "Contents/Frameworks/Python.framework/Versions/3.12/lib/inner.dylib",
        "Contents/Frameworks/sqlcipher3/_sqlite3.abi3.so",
        "Contents/Frameworks/libcrypto.dylib",
        "Contents/Frameworks/PySide6/Qt/lib/QtCore.framework",
        "Contents/Frameworks/Python.framework",
        ".",
    ]


def test_whatever_encloses_code_is_signed_after_it(app: Path) -> None:
    (app / "Contents/Frameworks/Helper.app/Contents/MacOS").mkdir(parents=True)
    for name in ("Helper", "second"):
        (app / "Contents/Frameworks/Helper.app/Contents/MacOS" / name).write_bytes(bytes.fromhex(THIN))
    order = steps.parts(app)
    for at, part in enumerate(order):
        assert not any(part in later.parents for later in order[at + 1 :]), f"{part} was sealed too early"
    listed = [path.name for path in order]
    assert listed.index("second") < listed.index("Helper.app")
    assert "Helper" not in listed


def test_each_part_is_signed_by_itself_under_the_hardened_runtime_with_a_time_stamp(app: Path) -> None:
    *signing, verifying = steps.sign_app(app, "An Identity")
    for step in signing:
        assert step.command[0] == "codesign"
        assert "--deep" not in step.command
        assert {"--force", "--timestamp"} <= set(step.command)
        assert step.command[step.command.index("--options") + 1] == "runtime"
        assert step.command[step.command.index("--sign") + 1] == "An Identity"
    # Only a program has entitlements; libraries have those of the program.
    assert ["--entitlements" in step.command for step in signing] == [False] * (len(signing) - 1) + [True]
    assert verifying.command[:3] == ("codesign", "--verify", "--strict")


def planned(app: Path, tmp_path: Path, kind: Any) -> list[Any]:
    prepared = release.prepare(app, tmp_path / "work", kind, "arm64")
    return list(release.plan(prepared, tmp_path / "out.pkg", kind, release.who(ENVIRONMENT)))


def programs(todo: Sequence[Any]) -> list[str]:
    """The programs that are run, without repetition, with the verbs of those that have any."""
    found: list[str] = []
    for step in todo:
        words = [word for word in step.command[:3] if re.fullmatch(r"[a-z-]+", word)]
        name = " ".join(words[1:] if words[0] == "xcrun" else words[:1])
        if not found or found[-1] != name:
            found.append(name)
    return found


def test_the_package_is_made_of_the_stapled_app_and_notarised_as_well(app: Path, tmp_path: Path) -> None:
    todo = planned(app, tmp_path, release.Kind.MANAGED)
    looked_at = ["notarytool submit", "stapler staple", "stapler validate", "spctl"]
    assert programs(todo) == [
        "codesign",
        "ditto",
        *looked_at,
        "pkgbuild",
        "productbuild",
        "pkgutil",
        *looked_at,
    ]
    (made,) = [step.command for step in todo if step.command[0] == "productbuild"]
    assert made[made.index("--sign") + 1] == ENVIRONMENT["COUNTERPART_MAC_INSTALLER"]
    (built,) = [step.command for step in todo if step.command[0] == "pkgbuild"]
    assert built[built.index("--install-location") + 1] == "/Applications"
    assert built[built.index("--identifier") + 1] == "app.counterpart.desktop"
    assert "--scripts" not in built
    root = Path(built[built.index("--root") + 1])
    assert [path.name for path in root.iterdir()] == ["Counterpart.app"]


def test_the_archive_for_users_is_packed_after_it_was_stapled(app: Path, tmp_path: Path) -> None:
    todo = planned(app, tmp_path, release.Kind.PER_USER)
    assert programs(todo) == [
        "codesign", "ditto", "notarytool submit", "stapler staple", "stapler validate", "spctl", "ditto"
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["managed", "per_user"])
def test_how_it_is_installed_is_said_under_the_signature(app: Path, tmp_path: Path, kind: str) -> None:
    prepared = release.prepare(app, tmp_path / "work", release.Kind(kind), "arm64")
    said = prepared / "Contents" / "Resources" / "installation.json"
    assert json.loads(said.read_text("utf-8")) == {"kind": kind}
    assert (prepared / "Contents/Frameworks/Python.framework/Python").is_symlink(), "links became copies"
    assert not (app / "Contents" / "Resources" / "installation.json").exists()


def test_the_app_goes_to_one_place_for_the_whole_computer(app: Path, tmp_path: Path) -> None:
    release.prepare(app, tmp_path / "work", release.Kind.MANAGED, "x86_64", "1.2.3")
    (component,) = plistlib.loads((tmp_path / "work" / "component.plist").read_bytes())
    assert component["RootRelativeBundlePath"] == "Counterpart.app"
    # Else the installer would follow a copy that somebody moved.
    assert component["BundleIsRelocatable"] is False
    script_ = ET.fromstring((tmp_path / "work" / "distribution.xml").read_text("utf-8"))
    options, domains = script_.find("options"), script_.find("domains")
    assert options is not None
    assert (options.get("customize"), options.get("hostArchitectures")) == ("never", "x86_64")
    assert domains is not None
    assert domains.get("enable_localSystem") == "true"
    assert [one.get("min") for one in script_.iter("os-version")] == [bundle.OLDEST_MACOS]
    assert {one.get("version") for one in script_.iter("pkg-ref")} == {None, "1.2.3"}
    assert not list(script_.iter("script"))


class Apple:
    """What the commands answer: exit codes by program, and what the notary says."""

    def __init__(self, status: str = "Accepted", codes: dict[str, int] | None = None) -> None:
        self.run: list[Sequence[str]] = []
        self._status, self._codes = status, codes or {}

    def __call__(self, command: Sequence[str]) -> tuple[int, str]:
        self.run.append(command)
        if "submit" in command:
            # The tool ends well whatever Apple says.
            return 0, json.dumps({"id": "submission-1", "status": self._status})
        if "log" in command:
            return 0, "libcrypto.dylib: the signature does not include a secure timestamp"
        return self._codes.get(command[0], 0), "printed"


def test_all_steps_are_run_in_order(app: Path, tmp_path: Path) -> None:
    todo = planned(app, tmp_path, release.Kind.MANAGED)
    apple = Apple()
    release.carry_out(todo, release.who(ENVIRONMENT).notary, apple)
    assert apple.run == [step.command for step in todo]


@pytest.mark.parametrize("status", ["Invalid", "Rejected", "In Progress"])
def test_what_apple_does_not_accept_is_not_stapled_and_why_is_told(
    app: Path, tmp_path: Path, status: str
) -> None:
    apple = Apple(status)
    with pytest.raises(release.NotReleased, match="secure timestamp"):
        release.carry_out(
            planned(app, tmp_path, release.Kind.MANAGED), release.who(ENVIRONMENT).notary, apple
        )
    assert "log" in apple.run[-1]
    assert "submission-1" in apple.run[-1]
    assert not any("staple" in command for command in apple.run)


@pytest.mark.parametrize("program", ["codesign", "ditto", "spctl", "pkgbuild", "productbuild", "pkgutil"])
def test_a_step_that_fails_ends_it(app: Path, tmp_path: Path, program: str) -> None:
    apple = Apple(codes={program: 3})
    with pytest.raises(release.NotReleased, match=f"{program} ended with 3"):
        release.carry_out(
            planned(app, tmp_path, release.Kind.MANAGED), release.who(ENVIRONMENT).notary, apple
        )
    assert apple.run[-1][0] == program


def test_a_notary_that_says_nothing_has_not_accepted(app: Path, tmp_path: Path) -> None:
    with pytest.raises(release.NotReleased, match="did not accept"):
        release.carry_out(
            planned(app, tmp_path, release.Kind.MANAGED), release.who(ENVIRONMENT).notary, lambda _: (0, "")
        )


def test_a_dry_run_prints_the_commands_and_runs_none(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "_run", lambda _: pytest.fail("nothing is to be run"))
    arguments = [str(app), "--kind", "managed", "--architecture", "arm64", "--to", str(tmp_path), "--dry-run"]
    assert release.main(arguments) == 0
    lines = [shlex.split(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0][0] == "codesign"
    assert lines[-1][0] == "spctl"
    assert lines[-1][-1] == str(tmp_path / f"counterpart-{RELEASE}-macos-arm64.pkg")


@pytest.mark.skipif(sys.platform == "darwin", reason="there the programs are")
def test_elsewhere_than_on_macos_it_says_so(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(release, "ROOT", tmp_path)
    assert release.main([str(app), "--kind", "managed", "--to", str(tmp_path)]) == 1
    assert "this runs on macOS" in capsys.readouterr().err


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_what_is_not_said_is_asked_for_by_its_name(name: str) -> None:
    with pytest.raises(release.NotReleased, match=f"^not set: {name}$"):
        release.who({key: value for key, value in ENVIRONMENT.items() if key != name})
