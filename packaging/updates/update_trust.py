"""What of a place of releases is believed before anything in it is signed anew.

The place is served, so who has the web server can write there. Signing what lies there without looking would put the
publisher's signature under it. So a root is kept beside the keys; from that one follows, by its rotations, the one that
holds, and from that whether anything else is what its own key signed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization import DeserializationError
from update_keys import CHANNELS

#: Beside the keys: the newest root this publisher has seen.
ROOT_FILE = "root.json"


class NotBelieved(ValueError):
    """Something lies in the place that its key did not sign."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} in the place is not what was signed; somebody has changed it")


class Trust:
    """What is believed of one place. `kept`: the file of the root beside the keys."""

    def __init__(self, metadata: Path, kept: Path) -> None:
        self._metadata = metadata
        self._kept = kept

    def root(self) -> Metadata[Root]:
        """Return the root that holds. Raises FileNotFoundError without one beside the keys, NotBelieved."""
        if not self._kept.exists():
            raise FileNotFoundError(f"{self._kept} is missing: put the root that is believed beside the keys")
        root = Metadata[Root].from_file(str(self._kept))
        newest = newest_of(self._metadata, "root")
        own = self._metadata / f"{root.signed.version}.root.json"
        if not own.exists() or own.read_bytes() != self._kept.read_bytes():
            raise NotBelieved(own.name)
        for version in range(root.signed.version + 1, newest + 1):
            name = f"{version}.root.json"
            root = self._following(root, self._metadata / name, version)
        return root

    def keep(self, root: bytes) -> None:
        """Keep a root that was just written as the one that is believed."""
        fresh = self._kept.with_suffix(".new")
        fresh.write_bytes(root)
        fresh.replace(self._kept)

    def read(self, role: str) -> Metadata[Any]:
        """Return the newest metadata of a role, once it is known that its key signed it. Raises NotBelieved."""
        name = f"{newest_of(self._metadata, role)}.{role}.json"
        return self._signed(role, name)

    def timestamp(self) -> Metadata[Any]:
        """Return the timestamp, likewise."""
        return self._signed("timestamp", "timestamp.json")

    def _signed(self, role: str, name: str) -> Metadata[Any]:
        above: Metadata[Any] = self.read("targets") if role in CHANNELS else self.root()
        try:
            found: Metadata[Any] = Metadata.from_file(str(self._metadata / name))
            above.signed.verify_delegate(role, found.signed_bytes, found.signatures)
        except (RepositoryError, DeserializationError, DownloadError) as error:
            raise NotBelieved(name) from error
        if not name.startswith((f"{found.signed.version}.", "timestamp.")):
            raise NotBelieved(name)
        return found

    @staticmethod
    def _following(root: Metadata[Root], file: Path, version: int) -> Metadata[Root]:
        try:
            following = Metadata[Root].from_file(str(file))
            for judge in (root, following):
                judge.signed.verify_delegate("root", following.signed_bytes, following.signatures)
        except (OSError, RepositoryError, DeserializationError) as error:
            raise NotBelieved(file.name) from error
        if following.signed.version != version:
            raise NotBelieved(file.name)
        return following


def newest_of(metadata: Path, role: str) -> int:
    """Return the highest version of a role that lies in a folder. Raises FileNotFoundError when there is none."""
    numbers = [path.name.split(".")[0] for path in metadata.glob(f"*.{role}.json")]
    known = [int(number) for number in numbers if number.isascii() and number.isdigit()]
    if not known:
        raise FileNotFoundError(f"there is no {role} in {metadata}")
    return max(known)
