"""The publisher's tool, as it is called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import publish
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from update_keys import Keys
from update_package import make_package
from update_repository import Repository

from app.store.migrations.steps import KNOWN_STEPS
from tests.patience import PATIENCE
from tests.updates.world import PASSPHRASE, frozen_app, publisher

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    monkeypatch.setenv(publish.PASSPHRASE, PASSPHRASE)

    def command(name: str, *arguments: str) -> str:
        code = publish.main([name, str(tmp_path / "place"), "--keys", str(tmp_path / "keys"), *arguments])
        told = capsys.readouterr()
        assert code == 0, told.err
        return told.out

    return command


def test_from_the_keys_to_stable(tmp_path: Path, run: object) -> None:
    assert callable(run)
    run("init")
    frozen = frozen_app(tmp_path / "frozen", "0.2.0")
    notes = tmp_path / "notes.txt"
    notes.write_text("What is new.\n", encoding="utf-8")
    which = ["--version", "0.2.0", "--platform", "linux-x86_64"]
    run("add", *which, "--notes", f"en={notes}", "--minimum-system", "2.31", str(frozen))
    run("promote", *which)
    run("resign")
    run("renew", "stable")
    run("rotate-root", "--old", "root-3", "--new", "root-4")
    run("replace-key", "beta")
    told = run("show")
    assert "stable: 0.2.0 for linux-x86_64" in told
    assert "timestamp expires" in told
    run("root", "--to", str(tmp_path / "resources" / "root.json"))
    root = json.loads((tmp_path / "resources" / "root.json").read_text("utf-8"))
    assert (root["signed"]["version"], root["signed"]["roles"]["root"]["threshold"]) == (2, 2)
    repository = Repository(tmp_path / "place", Keys(tmp_path / "keys", PASSPHRASE))
    (offer,) = repository.offers("stable")
    assert offer.custom["store_schema"] == len(KNOWN_STEPS)
    assert offer.custom["notes"] == {"en": "What is new."}
    assert offer.custom["minimum_system"] == "2.31"


def test_it_is_a_script_of_its_own(tmp_path: Path) -> None:
    command = [
        sys.executable,
        str(ROOT / "packaging" / "updates" / "publish.py"),
        "init",
        str(tmp_path / "place"),
    ]
    environment = {**os.environ, publish.PASSPHRASE: PASSPHRASE}
    ended = subprocess.run(
        [*command, "--keys", str(tmp_path / "keys")], env=environment, check=False, timeout=PATIENCE
    )
    assert ended.returncode == 0
    assert (tmp_path / "place" / "metadata" / "1.root.json").is_file()


def test_what_cannot_be_published_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], made: Path
) -> None:
    monkeypatch.setenv(publish.PASSPHRASE, PASSPHRASE)
    where = [str(made / "place"), "--keys", str(made / "keys")]
    assert publish.main(["init", *where]) == 1
    assert "there is a root" in capsys.readouterr().err
    assert publish.main(["promote", *where, "--version", "9.0.0", "--platform", "linux-x86_64"]) == 1
    assert "beta offers nothing" in capsys.readouterr().err
    monkeypatch.setenv(publish.PASSPHRASE, "another passphrase")
    assert publish.main(["resign", *where]) == 1
    monkeypatch.setenv(publish.PASSPHRASE, "short")
    assert publish.main(["resign", *where]) == 1
    assert "fewer than 12" in capsys.readouterr().err


def test_keys_are_encrypted_and_this_users_alone(made: Path) -> None:
    for path in (made / "keys").glob("*.pem"):
        assert path.stat().st_mode & 0o077 == 0
        assert b"ENCRYPTED" in path.read_bytes()
        with pytest.raises(TypeError):
            load_pem_private_key(path.read_bytes(), None)


def test_no_key_is_overwritten(made: Path) -> None:
    with pytest.raises(FileExistsError):
        Keys(made / "keys", PASSPHRASE).make("root-1")


def test_a_root_is_not_written_without_two_good_signatures(tmp_path: Path) -> None:
    repository = publisher(tmp_path)
    repository.create()
    for name in ("root-2", "root-3"):
        (tmp_path / "keys" / f"{name}.pem").unlink()
    with pytest.raises(Exception, match="root was signed by 1/2 keys"):
        repository.renew("root")
    assert repository.newest_root().name == "1.root.json"


def test_the_online_keys_alone_keep_it_alive_and_can_do_nothing_else(tmp_path: Path) -> None:
    repository = publisher(tmp_path)
    repository.create()
    for path in (tmp_path / "keys").glob("*.pem"):
        if path.stem not in ("snapshot", "timestamp"):
            path.unlink()
    repository.resign()
    with pytest.raises(FileNotFoundError):
        repository.renew("stable")


def test_a_package_depends_only_on_what_goes_in(tmp_path: Path) -> None:
    frozen = frozen_app(tmp_path / "frozen", "0.2.0")
    (frozen / "_internal" / "link.so").symlink_to("library.so")
    (frozen / "release.json").write_text("left by somebody")
    packages = [tmp_path / "one.zip", tmp_path / "two.zip"]
    size = make_package(frozen, packages[0], "0.2.0", "linux-x86_64")
    os.utime(frozen / "counterpart", (1, 1))
    assert make_package(frozen, packages[1], "0.2.0", "linux-x86_64") == size
    assert packages[0].read_bytes() == packages[1].read_bytes()
    with zipfile.ZipFile(packages[0]) as archive:
        assert json.loads(archive.read("release.json")) == {"version": "0.2.0", "platform": "linux-x86_64"}
        assert json.loads(archive.read("installation.json")) == {"kind": "per_user"}
        files = [info for info in archive.infolist() if info.filename != "_internal/link.so"]
        assert sum(info.file_size for info in files) == size


def test_a_folder_without_the_program_is_no_release(tmp_path: Path) -> None:
    frozen = frozen_app(tmp_path / "frozen", "0.2.0")
    for platform in ("windows-x86_64", "macos-arm64"):
        with pytest.raises(FileNotFoundError):
            make_package(frozen, tmp_path / "x.zip", "0.2.0", platform)


def test_a_bundle_of_macos_says_itself_whose_it_is(tmp_path: Path) -> None:
    contents = tmp_path / "frozen" / "Counterpart.app" / "Contents"
    for folder in ("MacOS", "Resources"):
        (contents / folder).mkdir(parents=True)
    (contents / "MacOS" / "counterpart").write_text("program")
    with pytest.raises(FileNotFoundError, match="per_user"):
        make_package(tmp_path / "frozen", tmp_path / "x.zip", "0.2.0", "macos-arm64")
    (contents / "Resources" / "installation.json").write_text('{"kind": "per_user"}')
    make_package(tmp_path / "frozen", tmp_path / "x.zip", "0.2.0", "macos-arm64")
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert "installation.json" not in archive.namelist(), "what is signed is not added to"


def test_no_private_key_is_in_the_tree() -> None:
    for folder in ("resources", "packaging/updates"):
        for path in (ROOT / folder).rglob("*"):
            assert path.is_dir() or b"PRIVATE KEY-----" not in path.read_bytes(), path


# -- whoever can write to the folder that is served ---------------------------------------------------------
def changed(place: Path, pattern: str, change: Callable[[dict[str, Any]], None], name: str = "") -> None:
    """Change signed metadata as whoever has the web server can: without a key, so signatures stay as they were."""
    newest = max((place / "metadata").glob(pattern), key=lambda path: path.stat().st_mtime_ns)
    data = json.loads(newest.read_text("utf-8"))
    change(data["signed"])
    (newest.with_name(name) if name else newest).write_text(json.dumps(data), encoding="utf-8")


def offers_another_package(signed: dict[str, Any]) -> None:
    for target in signed["targets"].values():
        target["hashes"]["sha256"] = "0" * 64


def has_keys_of_its_own(signed: dict[str, Any]) -> None:
    signed["version"] += 1
    for role in ("targets", "snapshot", "timestamp"):
        (keyid,) = signed["roles"][role]["keyids"]
        signed["keys"][keyid]["keyval"]["public"] = "0" * 64


def hands_its_channels_to_others(signed: dict[str, Any]) -> None:
    for key in signed["delegations"]["keys"].values():
        key["keyval"]["public"] = "0" * 64


def is_of_long_ago(signed: dict[str, Any]) -> None:
    signed["expires"] = "2020-01-01T00:00:00Z"


WHICH = ["--version", "0.2.0", "--platform", "linux-x86_64"]


@pytest.mark.parametrize(
    ("pattern", "change", "name", "command"),
    [
        ("*.stable.json", offers_another_package, "", ["renew", "stable"]),
        ("*.beta.json", offers_another_package, "", ["promote", *WHICH]),
        ("*.targets.json", hands_its_channels_to_others, "", ["renew", "targets"]),
        ("*.targets.json", hands_its_channels_to_others, "", ["promote", *WHICH]),
        ("*.root.json", has_keys_of_its_own, "2.root.json", ["renew", "root"]),
        ("*.root.json", has_keys_of_its_own, "2.root.json", ["rotate-root", "--old=root-3", "--new=root-4"]),
        ("*.root.json", has_keys_of_its_own, "2.root.json", ["root", "--to=root.json"]),
        ("*.root.json", has_keys_of_its_own, "1.root.json", ["renew", "root"]),
        ("*.snapshot.json", is_of_long_ago, "", ["resign"]),
        ("*.snapshot.json", is_of_long_ago, "", ["replace-key", "timestamp"]),
    ],
)
def test_nothing_is_signed_anew_that_was_not_signed_before(
    tmp_path: Path,
    run: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pattern: str,
    change: Callable[[dict[str, Any]], None],
    name: str,
    command: list[str],
) -> None:
    """Else whoever has the web server would have the publisher put its signature under what they wrote there."""
    assert callable(run)
    monkeypatch.chdir(tmp_path)
    run("init")
    frozen = frozen_app(tmp_path / "frozen", "0.2.0")
    for channel in ("beta", "stable"):
        run("add", "--channel", channel, *WHICH, str(frozen))
    place = tmp_path / "place"
    changed(place, pattern, change, name)
    before = {path: path.read_bytes() for path in place.rglob("*.json")}
    code = publish.main([command[0], str(place), "--keys", str(tmp_path / "keys"), *command[1:]])
    assert code == 1
    assert "Nothing was published" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in place.rglob("*.json")} == before
    assert not (tmp_path / "root.json").exists()


def test_a_package_that_was_changed_where_it_lies_is_not_promoted(
    tmp_path: Path, run: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(run)
    run("init")
    run("add", *WHICH, str(frozen_app(tmp_path / "frozen", "0.2.0")))
    (package,) = (tmp_path / "place" / "targets" / "beta").iterdir()
    package.write_bytes(package.read_bytes()[:-1] + b"x")
    arguments = ["promote", str(tmp_path / "place"), "--keys", str(tmp_path / "keys"), *WHICH]
    assert publish.main(arguments) == 1
    assert package.name in capsys.readouterr().err


def test_without_the_root_that_is_believed_nothing_is_signed(
    tmp_path: Path, run: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(run)
    run("init")
    (tmp_path / "keys" / "root.json").unlink()
    assert publish.main(["resign", str(tmp_path / "place"), "--keys", str(tmp_path / "keys")]) == 1
    assert "root.json" in capsys.readouterr().err
