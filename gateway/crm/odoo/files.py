"""Bytes that Odoo keeps: attachments, and the PDFs of invoices.

Odoo tells a SHA-1 of each; the contract wants SHA-256, which is reckoned once for each state of a file. An invoice's
PDF is there when Odoo has made it, as the invoice was sent or printed: its API offers no way to have one made.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.crm.digests import Digests, KnownFile, digest_of
from gateway.crm.odoo.client import Client
from gateway.crm.odoo.errors import OdooSaid, translated
from gateway.crm.odoo.reading import Reader
from gateway.crm.port import CrmMissing, CrmUnavailable, FileBody

_TOLD = ("name", "checksum", "file_size", "mimetype", "type", "write_date")
_PDF = "application/pdf"
_PIECE = 256 * 1024


@dataclass(frozen=True)
class Paper:
    """A file beside a row. `key`: the id of the attachment that holds it."""

    key: int
    name: str
    sha256: str
    size: int
    media_type: str


class Files:
    """Attachments, by id."""

    def __init__(self, client: Client, reader: Reader, digests: Digests, label: str) -> None:
        self._client = client
        self._reader = reader
        self._digests = digests
        self._label = label

    def digests(self, ids: Sequence[int]) -> dict[int, KnownFile]:
        """Return what attachments come to; links, and what has no bytes, are left out. Raises CrmUnavailable."""
        rows = self._told(ids)
        return {key: self._known(key, row) for key, row in rows.items()}

    def papers(self, moves: Sequence[int]) -> dict[int, Paper]:
        """Return the PDFs of invoices, by the invoice's id."""
        names = self._reader.having("account.move", ["invoice_pdf_report_id", "message_main_attachment_id"])
        held: dict[int, int] = {}
        for key, row in self._reader.by_id("account.move", moves, names).items():
            for name in names:
                if row.get(name) and key not in held:
                    held[key] = int(row[name][0])
        rows = self._told(list(held.values()))
        found: dict[int, Paper] = {}
        for move, key in held.items():
            paper = rows.get(key, {})
            if paper.get("mimetype") == _PDF:
                known = self._known(key, paper)
                found[move] = Paper(key, paper["name"], known.sha256, known.size, _PDF)
        return found

    def open(self, key: int) -> FileBody:
        """Return an attachment with its bytes. Raises CrmMissing, CrmUnavailable."""
        row = self._told([key]).get(key)
        if row is None:
            raise CrmMissing(f"{self._label} does not have this file any more.")
        known = self._known(key, row)
        return FileBody(known.sha256, known.size, row["mimetype"] or "", row["name"], self._chunks(key))

    def remember(self, key: int, known: KnownFile) -> None:
        """Note what an attachment comes to that was just stored."""
        for row in self._told([key]).values():
            self._digests.put(self._name(key, row), known)

    def _told(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        rows = self._reader.by_id("ir.attachment", ids, _TOLD) if ids else {}
        return {key: row for key, row in rows.items() if row["type"] == "binary" and row["checksum"]}

    def _known(self, key: int, row: dict[str, Any]) -> KnownFile:
        return digest_of(self._digests, self._name(key, row), lambda: self._chunks(key))

    def _name(self, key: int, row: dict[str, Any]) -> str:
        return f"attachment/{key}/{row['checksum']}/{row['file_size']}"

    def _chunks(self, key: int) -> Iterator[bytes]:
        data = self._bytes(key)
        return (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))

    def _bytes(self, key: int) -> bytes:
        try:
            rows = self._client.call(
                "ir.attachment", "read", [key], fields=["datas"], context={"bin_size": False}
            )
        except OdooSaid as error:
            raise translated(error.what, self._label, writing=False) from error
        try:
            return base64.b64decode(rows[0]["datas"] or b"", validate=True)
        except (LookupError, TypeError, binascii.Error) as error:
            raise CrmUnavailable(f"{self._label} gave a file that cannot be read.", 60.0) from error
