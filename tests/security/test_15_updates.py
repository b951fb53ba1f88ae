"""15. A release is taken when enough of the publisher's keys have signed for it, now, and it is newer than what
runs; a bad signature, metadata that has expired, an older release, other bytes and data without an end are refused,
and nothing has changed. Where IT looks after the installation, nothing is even asked.

More, eighty attacks: `tests/updates/test_refused.py`. Unpacking: `tests/updates/test_unpacking.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.contract.errors import CounterpartError
from app.session.installation import INSTALLATION_FILE, InstallationKind, read_installation
from app.session.updates.channel import Channel
from app.session.updates.refusals import UpdateRefused
from tests.security.source import calls, imports
from tests.updates.world import World, publisher, sent


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("publisher")
    publisher(folder).create()
    return folder


@pytest.fixture
def place(tmp_path: Path, made: Path) -> World:
    return World(tmp_path, made)


def refused(place: World, running: str = "0.1.0") -> UpdateRefused:
    before = place.state()
    with pytest.raises(UpdateRefused) as told:
        place.taking(running).take(Channel.STABLE)
    kept = {name: data for name, data in place.state().items() if not name.startswith("download/")}
    assert kept == {name: data for name, data in before.items() if not name.startswith("download/")}
    return told.value


def test_a_good_release_is_taken(place: World) -> None:
    place.publish("0.2.0")
    place.taking().take(Channel.STABLE)
    assert (place.home.versions / "0.2.0").is_dir()


def test_a_bad_signature_is_refused(place: World) -> None:
    place.publish("0.2.0")
    for role in ("timestamp", "snapshot", "stable"):
        path = max(place.place.glob(f"metadata/*{role}.json"), key=lambda one: one.stat().st_mtime_ns)
        content = json.loads(path.read_text())
        for signature in content["signatures"]:
            digits = signature["sig"]
            signature["sig"] = ("0" if digits[0] != "0" else "1") + digits[1:]
        spoilt = json.dumps(content).encode()
        place.between = answering(path.name, spoilt)
        refused(place)


def answering(ending: str, data: bytes) -> Callable[[httpx.Request], httpx.Response | None]:
    return lambda request: sent(data) if request.url.path.endswith(ending) else None


def test_what_is_signed_cannot_be_changed(place: World) -> None:
    place.publish("0.2.0")
    path = max(place.place.glob("metadata/*timestamp.json"))
    content: dict[str, Any] = json.loads(path.read_text())
    content["signed"]["expires"] = "2099-01-01T00:00:00Z"
    place.between = answering("timestamp.json", json.dumps(content).encode())
    refused(place)


def test_metadata_that_has_expired_is_refused(place: World) -> None:
    place.publish("0.2.0")
    place.clock.pass_by(timedelta(days=40))
    refused(place)


def test_a_rollback_is_refused(place: World) -> None:
    place.publish("0.2.0")
    place.taking().take(Channel.STABLE)
    old = {path.name: path.read_bytes() for path in place.place.rglob("*.json")}
    place.clock.pass_by(timedelta(days=1))
    place.publish("0.3.0")
    place.taking("0.2.0").take(Channel.STABLE)
    place.between = lambda request: (
        sent(old["timestamp.json"]) if request.url.path.endswith("timestamp.json") else None
    )
    refused(place, "0.3.0")
    place.between = lambda _request: None
    place.publish("0.1.5")
    assert not (place.home.versions / "0.1.5").exists()
    with_older = place.taking("0.3.0")
    with suppress(CounterpartError):
        with_older.take(Channel.STABLE)
    assert not (place.home.versions / "0.1.5").exists(), "however well it is signed"


def test_other_bytes_and_bytes_without_an_end_are_refused(place: World) -> None:
    place.publish("0.2.0")
    place.between = answering(".zip", b"PK\x03\x04 something else")
    refused(place)

    def endless(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith(".zip"):
            return None
        return httpx.Response(200, content=(b"\0" * 65_536 for _ in range(100_000)))

    place.between = endless
    refused(place)
    assert sum(path.stat().st_size for path in place.home.folder.rglob("*") if path.is_file()) < 50_000_000


@pytest.mark.parametrize("content", ['{"kind": "managed"}', "{}", "not json", '{"kind": "other"}'])
def test_where_it_looks_after_it_nothing_is_asked(tmp_path: Path, content: str) -> None:
    program = tmp_path / "counterpart"
    program.touch()
    (tmp_path / INSTALLATION_FILE).write_text(content)
    found = read_installation(program, frozen=True)
    assert found.kind is not InstallationKind.PER_USER


def test_no_release_is_run_from_elsewhere_and_no_code_is_loaded_from_data() -> None:
    """Nothing is unpickled, evaluated or imported by a name that came from outside."""
    for name in ("eval", "exec", "compile", "__import__", "run_path", "run_module"):
        found = [(path, call.lineno) for path, call in calls(name) if getattr(call.func, "id", "") == name]
        assert found == [], name
    loaded = {name.split(".")[0] for _, name in imports()}
    assert loaded.isdisjoint({"pickle", "marshal", "shelve", "dill", "yaml", "runpy"})
