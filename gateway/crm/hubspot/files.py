"""Files: what is known of them, their bytes, and how they are brought in.

A signed address lets anybody read who holds it. So it is asked for by the gateway alone, used at once, and neither
kept nor told.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from gateway.crm.digests import Digests, KnownFile, digest_of
from gateway.crm.elsewhere import Elsewhere
from gateway.crm.hubspot.client import Client, path_to
from gateway.crm.hubspot.errors import refusal
from gateway.crm.hubspot.types import VERSION, is_id
from gateway.crm.port import CrmMissing, FileBody

#: The folder in HubSpot that holds what came through the portal.
FOLDER = "/counterpart"
_PIECE = 256 * 1024


@dataclass(frozen=True)
class About:
    """What HubSpot tells of a file. `key` changes when its bytes do."""

    id: str
    name: str
    media_type: str
    size: int
    key: str


class Files:
    """One account's files."""

    def __init__(self, client: Client, elsewhere: Elsewhere, digests: Digests) -> None:
        """`elsewhere`: reads addresses that need no credentials, and must not be given any."""
        self._client = client
        self._elsewhere = elsewhere
        self._digests = digests

    def about(self, file: str) -> About | None:
        """Return what is told of a file; None where there is none. Raises CrmUnavailable."""
        if not is_id(file):
            return None
        answer = self._client.get(path_to("files", VERSION, "files", file))
        if answer.status == 404:
            return None
        if not answer.well or not isinstance(answer.data, dict):
            raise self._client.unexpected(answer)
        told = answer.data
        extension = str(told.get("extension") or "")
        name = str(told.get("name") or file) + (f".{extension}" if extension else "")
        media_type = mimetypes.guess_type(f"x.{extension}")[0] or "application/octet-stream"
        state = told.get("fileMd5") or told.get("updatedAt") or ""
        return About(file, name, media_type, int(told.get("size") or 0), f"hubspot/{file}/{state}")

    def facts(self) -> Callable[[str, str], Any]:
        """Return what tells one thing about a file (None where there is none), asking once for each file."""
        about = cache(self.about)

        def fact(file: str, name: str) -> Any:
            found = about(file)
            return None if found is None else self._fact(found, name)

        return fact

    def _fact(self, about: About, name: str) -> Any:
        match name:
            case "name":
                return about.name
            case "media_type":
                return about.media_type
            case "size":
                return about.size
            case _:
                try:
                    return self._known(about).sha256
                except CrmMissing:  # it went this very moment
                    return None

    def _known(self, about: About) -> KnownFile:
        return digest_of(self._digests, about.key, lambda: (self._bytes(about.id),))

    def _bytes(self, file: str) -> bytes:
        answer = self._client.get(path_to("files", VERSION, "files", file, "signed-url"))
        if answer.status == 404:
            raise CrmMissing("The file is not there any more.")
        if not answer.well or not isinstance(answer.data, dict):
            raise self._client.unexpected(answer)
        return self._elsewhere.read(str(answer.data["url"]))

    def open(self, file: str) -> FileBody:
        """Return the bytes of a file. Raises CrmMissing, CrmUnavailable."""
        about = self.about(file)
        if about is None:
            raise CrmMissing("The file is not there any more.")
        data = self._bytes(file)
        known = digest_of(self._digests, about.key, lambda: (data,))
        return FileBody(known.sha256, len(data), about.media_type, about.name, _pieces(data))

    def store(self, body: FileBody) -> str:
        """Bring a file in, for nobody's eyes but the account's. Returns its id. Raises CrmRefused, CrmUnavailable."""
        data = b"".join(body.chunks)
        options = {
            "access": "PRIVATE",
            "overwrite": False,
            "duplicateValidationStrategy": "NONE",
            "duplicateValidationScope": "ENTIRE_PORTAL",
        }
        parts = {
            "file": (body.name, data, body.media_type),
            "fileName": (None, body.name.encode()),
            "folderPath": (None, FOLDER.encode()),
            "options": (None, json.dumps(options).encode()),
        }
        answer = self._client.write("POST", path_to("files", VERSION, "files"), files=parts)
        if not answer.well or not isinstance(answer.data, dict):
            raise refusal(self._client, answer, {})
        file = str(answer.data["id"])
        state = answer.data.get("fileMd5") or answer.data.get("updatedAt") or ""
        self._digests.put(f"hubspot/{file}/{state}", KnownFile(body.sha256, len(data)))
        return file


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]
