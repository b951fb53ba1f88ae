"""What has to hold of a package before it is pointed at, and what the disk has by then."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest
from tuf.api.exceptions import DownloadHTTPError

from app.session.updates.channel import Channel
from app.session.updates.fetcher import Fetcher
from app.session.updates.places import Pointer
from app.session.updates.refusals import UpdateRefused, Why
from app.session.updates.staging import StagePoint
from tests.updates.test_unpacking import FILE, Entry, zipped
from tests.updates.world import World

PROGRAM: Entry = ("counterpart", b"#!/bin/sh\n", 0o100755)
RELEASE: Entry = ("release.json", b'{"version": "0.2.0", "platform": "linux-x86_64"}', FILE)
PER_USER: Entry = ("installation.json", b'{"kind": "per_user"}', FILE)


@pytest.mark.parametrize(
    "entries",
    [
        (RELEASE, PER_USER),
        (("counterpart", b"cannot be run", FILE), RELEASE, PER_USER),
        (PROGRAM, PER_USER),
        (PROGRAM, ("release.json", b"{", FILE), PER_USER),
        (PROGRAM, ("release.json", b'{"version": "0.1.5", "platform": "linux-x86_64"}', FILE), PER_USER),
        (PROGRAM, ("release.json", b'{"version": "0.2.0", "platform": "macos-arm64"}', FILE), PER_USER),
        (PROGRAM, RELEASE),
        (PROGRAM, RELEASE, ("installation.json", b'{"kind": "managed"}', FILE)),
    ],
)
def test_a_signed_package_that_is_not_what_it_was_offered_as_is_refused(
    world: World, tmp_path: Path, entries: tuple[Entry, ...]
) -> None:
    package, size = zipped(tmp_path / "lies.zip", *entries)
    world.offer("0.2.0", package, size)
    with pytest.raises(UpdateRefused) as caught:
        world.taking().take(Channel.STABLE)
    assert caught.value.why is Why.PACKAGE
    assert world.home.pointer() == Pointer()
    assert not list(world.home.versions.iterdir())


def test_all_of_a_release_is_on_the_disk_before_it_gets_its_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.publish("0.2.0")
    durable: set[int] = set()
    sync = os.fsync

    def noted(descriptor: int) -> None:
        durable.add(os.fstat(descriptor).st_ino)
        sync(descriptor)

    missing: list[Path] = []

    def reached(point: StagePoint) -> None:
        if point is StagePoint.DURABLE:
            part = world.home.versions / "0.2.0.part"
            missing.extend(path for path in (part, *part.rglob("*")) if path.stat().st_ino not in durable)

    monkeypatch.setattr(os, "fsync", noted)
    world.taking(reached=reached).take(Channel.STABLE)
    assert missing == []
    assert world.home.versions.stat().st_ino in durable, "and then its name"
    assert (world.home.folder / "current.json").stat().st_ino in durable


@pytest.mark.parametrize("address", ["http://updates.vendor.example/x", "ftp://updates.vendor.example/x"])
def test_the_fetcher_itself_asks_over_https_alone(address: str) -> None:
    def never(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("it asked")

    with httpx.Client(transport=httpx.MockTransport(never)) as client, pytest.raises(DownloadHTTPError):
        Fetcher(client, lambda: 0.0).download_bytes(address, 100)
