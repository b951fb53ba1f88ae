"""A place of releases: a folder of signed metadata and packages that any web server can serve as it is.

    metadata/1.root.json …     who may sign for what; two of three root keys
    metadata/N.targets.json    hands the channels to their keys, and signs for nothing itself
    metadata/N.stable.json     what the channel offers: one package for each platform; likewise N.beta.json
    metadata/N.snapshot.json   which of those belong together
    metadata/timestamp.json    the newest snapshot; signed anew every day
    targets/stable/HASH.linux-x86_64.zip

Files but for *timestamp.json* are never changed, so that a client in the middle of a look gets what belongs together.
Nothing that lies there is signed anew unless its own key has signed it before (`update_trust`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer
from update_keys import CHANNELS, ROLES, ROOT_KEYS, ROOT_THRESHOLD, Keys
from update_trust import ROOT_FILE, NotBelieved, Trust

#: How long a signature holds. A timestamp is signed anew every day; a client that is kept from seeing it knows after a
#: week that something is held back from it.
LASTS = {
    "root": timedelta(days=365),
    "targets": timedelta(days=365),
    "stable": timedelta(days=120),
    "beta": timedelta(days=120),
    "snapshot": timedelta(days=30),
    "timestamp": timedelta(days=7),
}


@dataclass(frozen=True)
class Offer:
    """What a channel offers for one platform: `path` is its target, `custom` what is signed about it."""

    path: str
    custom: dict[str, Any]


def _now() -> datetime:
    return datetime.now(UTC)


class Repository:
    """Reads the newest metadata of a folder and writes what follows it."""

    def __init__(self, folder: Path, keys: Keys, now: Callable[[], datetime] = _now) -> None:
        self.folder = folder
        self._keys = keys
        self._now = now
        self._trust = Trust(self.metadata, keys.folder / ROOT_FILE)

    # -- beginning ----------------------------------------------------------------------------------------
    def create(self) -> None:
        """Make all keys and the first metadata. Raises FileExistsError when there is a key or a root."""
        if list(self.metadata.glob("*.root.json")):
            raise FileExistsError(f"there is a root in {self.metadata}")
        self.metadata.mkdir(parents=True, exist_ok=True)
        roots = [self._keys.make(name) for name in ROOT_KEYS]
        signers = {role: self._keys.make(role) for role in ROLES}
        root = Root(expires=self._expires("root"), consistent_snapshot=True)
        for signer in roots:
            root.add_key(signer.public_key, "root")
        root.roles["root"].threshold = ROOT_THRESHOLD
        for role in ("targets", "snapshot", "timestamp"):
            root.add_key(signers[role].public_key, role)
        self._write_root(Metadata(root), ROOT_KEYS)
        targets = Targets(expires=self._expires("targets"))
        targets.delegations = Delegations(
            {signers[channel].public_key.keyid: signers[channel].public_key for channel in CHANNELS},
            {
                channel: DelegatedRole(
                    channel,
                    [signers[channel].public_key.keyid],
                    threshold=1,
                    terminating=True,
                    paths=[f"{channel}/*"],
                )
                for channel in CHANNELS
            },
        )
        self._write("targets", Metadata(targets))
        for channel in CHANNELS:
            self._write(channel, Metadata(Targets(expires=self._expires(channel))))
        snapshot = Metadata(Snapshot(expires=self._expires("snapshot")))
        snapshot.signed.version = 0
        self._publish(("targets", *CHANNELS), snapshot, 0)

    # -- releases -----------------------------------------------------------------------------------------
    def add(self, channel: str, package: Path, custom: dict[str, Any]) -> Offer:
        """Offer a package in a channel, in the place of what it offered for that platform."""
        path = f"{channel}/{custom['platform']}.zip"
        target = TargetFile.from_file(path, str(package))
        self._copy(package, target)
        return self._offer(channel, target, custom)

    def promote(self, platform: str, version: str, source: str = "beta", to: str = "stable") -> Offer:
        """Offer in one channel what another does: the same bytes, under the other channel's signature.

        Raises ValueError when the other one does not offer that version.
        """
        found = self._read(source).signed.targets.get(f"{source}/{platform}.zip")
        custom = found.unrecognized_fields["custom"] if found is not None else {}
        if found is None or custom["version"] != version:
            raise ValueError(
                f"{source} offers {custom.get('version', 'nothing')} for {platform}, not {version}"
            )
        target = TargetFile(found.length, found.hashes, f"{to}/{platform}.zip")
        self._expect(self._place(found), found)
        self._copy(self._place(found), target)
        return self._offer(to, target, custom)

    def offers(self, channel: str) -> list[Offer]:
        """Return what a channel offers."""
        targets = self._read(channel).signed.targets
        return [Offer(path, target.unrecognized_fields["custom"]) for path, target in sorted(targets.items())]

    def _offer(self, channel: str, target: TargetFile, custom: dict[str, Any]) -> Offer:
        role = self._read(channel)
        target.unrecognized_fields["custom"] = custom
        role.signed.targets[target.path] = target
        self._bump(channel, role)
        self._publish((channel,))
        return Offer(target.path, custom)

    # -- keeping it alive ---------------------------------------------------------------------------------
    def resign(self) -> None:
        """Sign the timestamp anew, and the snapshot when half of its time is over. Needs only the online keys."""
        snapshot = self._read("snapshot")
        if snapshot.signed.expires - self._now() < LASTS["snapshot"] / 2:
            self._publish(())
        else:
            self._write_timestamp(snapshot)

    def renew(self, role: str) -> None:
        """Sign the root, *targets* or a channel anew, before it expires."""
        if role == "root":
            self._next_root(self._root(), self._root_names())
            return
        self._bump(role, self._read(role))
        self._publish((role,))

    def rotate_root(self, old: str, new: str) -> None:
        """Put a new root key in the place of an old one; signed by enough of the old keys and of the new ones.

        The old key may be lost, or in other hands: then all others have to be at hand. `old`, `new`: names of key
        files. Raises ValueError when it cannot be told which key is meant.
        """
        root = self._root()
        names = self._root_names()
        known = {self._keys.signer(name).public_key.keyid: name for name in names}
        # Of the keys that are not at hand it can only be the old one if there is one such key.
        (revoked,) = (
            [keyid for keyid, name in known.items() if name == old]
            if old in names
            else [keyid for keyid in root.signed.roles["root"].keyids if keyid not in known]
        )
        added = self._keys.signer(new) if self._keys.has(new) else self._keys.make(new)
        root.signed.revoke_key(revoked, "root")
        root.signed.add_key(added.public_key, "root")
        self._next_root(root, (*names, new))

    def replace_key(self, role: str, new: str) -> None:
        """Put a new key in the place of one that is no root key; what it signs is signed anew.

        A new root says so, or for a channel new *targets*. Afterwards the new file takes the old one's name.
        """
        above: Metadata[Any] = self._read("targets") if role in CHANNELS else self._root()
        # Read while the key holds that signed them.
        snapshot, seen = self._read("snapshot"), self._seen()
        signed = self._read(role) if role in ("targets", *CHANNELS) else None
        known = above.signed.delegations if role in CHANNELS else above.signed
        added = self._keys.make(new)
        for keyid in list(known.roles[role].keyids):
            above.signed.revoke_key(keyid, role)
        above.signed.add_key(added.public_key, role)
        if role in CHANNELS:
            self._bump("targets", above)
        else:
            self._next_root(above, self._root_names())
        place = self._keys.folder
        if self._keys.has(role):
            (place / f"{role}.pem").replace(place / f"{role}.revoked.pem")
        (place / f"{new}.pem").replace(place / f"{role}.pem")
        if signed is not None:
            self._bump(role, signed)
        self._publish(("targets", *CHANNELS), snapshot, seen)

    def newest_root(self) -> Path:
        """Return the file of the newest root: what a release ships."""
        return self.metadata / f"{self._root().signed.version}.root.json"

    def expiries(self) -> dict[str, datetime]:
        """Return when which metadata expires."""
        found = {role: self._read(role).signed.expires for role in ("root", "targets", *CHANNELS, "snapshot")}
        return {**found, "timestamp": self._trust.timestamp().signed.expires}

    # -- parts --------------------------------------------------------------------------------------------
    @property
    def metadata(self) -> Path:
        """The folder of metadata."""
        return self.folder / "metadata"

    def _root(self) -> Metadata[Root]:
        return self._trust.root()

    def _root_names(self) -> tuple[str, ...]:
        """Names of the root's key files that are at hand."""
        wanted = set(self._root().signed.roles["root"].keyids)
        found = sorted(path.stem for path in self._keys.folder.glob("root-*.pem"))
        return tuple(name for name in found if self._keys.signer(name).public_key.keyid in wanted)

    def _next_root(self, root: Metadata[Root], names: tuple[str, ...]) -> None:
        root.signed.version += 1
        root.signed.expires = self._expires("root")
        self._write_root(root, names)

    def _write_root(self, root: Metadata[Root], names: tuple[str, ...]) -> None:
        """Sign and write a root, after the one before and the root itself have agreed that it is enough."""
        root.signatures.clear()
        for name in names:
            root.sign(self._keys.signer(name), append=True)
        before = list(self.metadata.glob("*.root.json"))
        for judge in (root, self._root() if before else root):
            judge.verify_delegate("root", root)
        name = f"{root.signed.version}.root.json"
        self._save(root, name)
        self._trust.keep((self.metadata / name).read_bytes())

    def _read(self, role: str) -> Metadata[Any]:
        return self._trust.read(role)

    def _seen(self) -> int:
        """The version of the timestamp that is out."""
        version: int = self._trust.timestamp().signed.version
        return version

    def _bump(self, role: str, metadata: Metadata[Any]) -> None:
        metadata.signed.version += 1
        metadata.signed.expires = self._expires(role)
        self._write(role, metadata)

    def _write(self, role: str, metadata: Metadata[Any]) -> None:
        metadata.sign(self._keys.signer(role))
        self._save(metadata, f"{metadata.signed.version}.{role}.json")

    def _publish(
        self, changed: tuple[str, ...], before: Metadata[Snapshot] | None = None, seen: int | None = None
    ) -> None:
        """Make a snapshot that has what changed, and a timestamp that has it: only then does anybody see it.

        `before`, `seen`: the snapshot and the timestamp's version until now, unless they are to be read.
        """
        snapshot = before if before is not None else self._read("snapshot")
        for role in changed:
            data = self._read(role)
            text = (self.metadata / f"{data.signed.version}.{role}.json").read_bytes()
            snapshot.signed.meta[f"{role}.json"] = MetaFile.from_data(data.signed.version, text, ["sha256"])
        seen = self._seen() if seen is None else seen
        self._bump("snapshot", snapshot)
        self._write_timestamp(snapshot, seen)

    def _write_timestamp(self, snapshot: Metadata[Snapshot], seen: int | None = None) -> None:
        seen = self._seen() if seen is None else seen
        text = (self.metadata / f"{snapshot.signed.version}.snapshot.json").read_bytes()
        meta = MetaFile.from_data(snapshot.signed.version, text, ["sha256"])
        timestamp = Metadata(Timestamp(seen + 1, expires=self._expires("timestamp"), snapshot_meta=meta))
        timestamp.sign(self._keys.signer("timestamp"))
        self._save(timestamp, "timestamp.json")

    def _save(self, metadata: Metadata[Any], name: str) -> None:
        fresh = self.metadata / f"{name}.new"
        metadata.to_file(str(fresh), JSONSerializer(compact=False))
        fresh.replace(self.metadata / name)

    def _copy(self, package: Path, target: TargetFile) -> None:
        place = self._place(target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            shutil.copyfile(package, place.with_suffix(".new"))
            place.with_suffix(".new").replace(place)

    @staticmethod
    def _expect(package: Path, target: TargetFile) -> None:
        """Raises NotBelieved for a package of other bytes than were signed for."""
        try:
            with package.open("rb") as file:
                target.verify_length_and_hashes(file)
        except LengthOrHashMismatchError as error:
            raise NotBelieved(package.name) from error

    def _place(self, target: TargetFile) -> Path:
        folder, _, name = target.path.rpartition("/")
        return self.folder / "targets" / folder / f"{target.hashes['sha256']}.{name}"

    def _expires(self, role: str) -> datetime:
        return (self._now() + LASTS[role]).replace(microsecond=0)
