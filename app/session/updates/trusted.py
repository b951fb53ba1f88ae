"""What the publisher signed: metadata by The Update Framework, checked by its own library.

Trust begins with the root that came with this program, and follows its rotations. The library refuses bad signatures,
expired metadata, older metadata than was seen, mixed metadata, wrong lengths and hashes. Added here: the clock is
handed in and never goes behind the last good check, and bounds are narrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tuf.ngclient import Updater, UpdaterConfig

from app.contract.errors import Refused
from app.contract.said import said
from app.session.updates.channel import Channel
from app.session.updates.fetcher import Fetcher
from app.session.updates.places import Home
from app.session.updates.refusals import UpdateRefused, Why, translated
from app.session.updates.release import Machine, Release, release_of, target_path

#: Bytes and steps; a publisher of two channels stays far below them.
_BOUNDS = UpdaterConfig(
    max_root_rotations=64,
    max_delegations=4,
    root_max_length=64_000,
    timestamp_max_length=16_000,
    snapshot_max_length=64_000,
    targets_max_length=512_000,
)


class Trusted:
    """One look at the place of releases: what it has is read once."""

    def __init__(self, home: Home, address: str, root: bytes, fetcher: Fetcher, now: datetime) -> None:
        """`address`: https, with *metadata/* and *targets/* below it. `root`: the one this program came with.

        `now`: the time by which metadata has expired. Raises UpdateRefused for a root or address that is none.
        """
        base = release_address(address)
        self._home = home
        self._fetcher = fetcher
        with _in_our_words():
            home.metadata.mkdir(parents=True, exist_ok=True)
            self._updater = Updater(
                str(home.metadata),
                f"{base}/metadata/",
                target_base_url=f"{base}/targets/",
                fetcher=fetcher,
                config=_BOUNDS,
                bootstrap=root,
            )
            # The library takes the time when it is made, from the system.
            self._updater._trusted_set.reference_time = now

    def offered(self, channel: Channel, machine: Machine) -> Release | None:
        """Return what a channel offers for a machine; None: nothing. Raises UpdateRefused, ReleasesAway, LocalError."""
        with _in_our_words():
            self._updater.refresh()
            target = self._updater.get_targetinfo(target_path(channel, machine.platform))
        return None if target is None else release_of(target, machine)

    def fetch(self, release: Release) -> Path:
        """Fetch a package, or the rest of one; returns it verified. Raises UpdateRefused, ReleasesAway, LocalError."""
        digest = release.target.hashes["sha256"]
        partial = self._home.download / f"{digest}.part"
        whole = self._home.download / f"{digest}.zip"
        self._fetcher.partial = partial
        try:
            with _in_our_words():
                self._forget_others(digest)
                if self._updater.find_cached_target(release.target, str(whole)) is None:
                    self._updater.download_target(release.target, str(whole))
        except UpdateRefused as refused:
            if refused.why is not Why.TOO_SLOW:
                partial.unlink(missing_ok=True)
            whole.unlink(missing_ok=True)
            raise
        finally:
            self._fetcher.partial = None
        partial.unlink(missing_ok=True)
        return whole

    def _forget_others(self, digest: str) -> None:
        for rest in self._home.download.glob("*"):
            if rest.stem != digest:
                rest.unlink()


def release_address(text: str) -> str:
    """Return the place of releases in one form. Raises Refused for what is not an https address."""
    address = text.strip().rstrip("/")
    if not address.startswith("https://") or " " in address or "?" in address or "#" in address:
        raise Refused(
            said("The address of new versions has to begin with https://."),
            kept=said("Counterpart goes on as it is."),
            code="update_address",
        )
    return address


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        expected = translated(error)
        if expected is None or expected is error:
            raise
        raise expected from error
