"""Files: a version of a document under a row, with its bytes.

A file is inserted as a `ContentVersion` whose `FirstPublishLocationId` is the row it hangs on: Salesforce makes the
document and its link by itself, and the version keeps saying where it was published first. (Links themselves,
`ContentDocumentLink`, can only be asked for one document or row at a time, and have neither stamp nor custom fields.)
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from typing import Any

from gateway.crm.digests import Digests, KnownFile, digest_of
from gateway.crm.port import CrmError, CrmMissing, CrmRefused, FileBody, Ref, RowCreation, SourceRow
from gateway.crm.salesforce import soql
from gateway.crm.salesforce.rows import Rows, file_key
from gateway.crm.salesforce.session import Session
from gateway.crm.salesforce.shapes import FILE, SHA256
from gateway.crm.salesforce.writes import Writes

_COLUMNS = ("Id", "Checksum", "ContentSize", "PathOnClient", "IsDeleted")


class Files:
    """The files of one org."""

    def __init__(self, session: Session, rows: Rows, writes: Writes, digests: Digests) -> None:
        self._session = session
        self._rows = rows
        self._writes = writes
        self._digests = digests

    def attach(self, write: RowCreation, body: FileBody) -> SourceRow:
        """Store a file under a row, once per marker. Raises CrmRefused, CrmMissing."""
        there = self._rows.created(write.obj, [write.marker]).get(write.marker)
        if there is None:
            there = self._stored(write, body)
        return self._rows.must(there)

    def _stored(self, write: RowCreation, body: FileBody) -> Ref:
        data = b"".join(body.chunks)
        if hashlib.sha256(data).hexdigest() != body.sha256:
            raise CrmRefused("The file arrived damaged.", {SHA256: "The bytes are not the ones announced."})
        shape = self._rows.shape(write.obj)
        values = {"PathOnClient": body.name, **self._writes.new_body(shape, write)}
        values.setdefault("Title", str(values["PathOnClient"]))
        parts = {
            "entity_content": ("", json.dumps(values).encode(), "application/json"),
            "VersionData": ("file", data, "application/octet-stream"),
        }
        try:
            made = self._session.write("POST", f"sobjects/{FILE}", files=parts)
        except CrmRefused as error:
            found = self._rows.created(write.obj, [write.marker]).get(write.marker)
            if found is None:
                raise self._writes.orphaned(shape, write.parent, error) from None
            return found
        except CrmMissing as error:
            raise self._writes.orphaned(shape, write.parent, error) from None
        ref = Ref(FILE, str(made["id"]))
        self._note(ref, data, body.sha256)
        return ref

    def _note(self, ref: Ref, data: bytes, sha256: str) -> None:
        """Remember what was sent under the name by which it will be asked for: it need not be fetched to be known."""
        checksum = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self._digests.put(file_key({"Id": ref.id, "Checksum": checksum}), KnownFile(sha256, len(data)))

    def open(self, ref: Ref) -> FileBody:
        """Return the bytes of a file or document. Raises CrmMissing."""
        record = self._record(ref)
        path = f"sobjects/{FILE}/{record['Id']}/VersionData"
        known = digest_of(self._digests, file_key(record), lambda: self._session.stream(path))
        name = str(record["PathOnClient"] or "file")
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return FileBody(known.sha256, known.size, media_type, name, self._session.stream(path))

    def _record(self, ref: Ref) -> dict[str, Any]:
        missing: CrmError = CrmMissing("The file is not there any more.")
        if ref.obj != FILE or not soql.is_id(ref.id):
            raise missing
        found = self._session.query(soql.select(_COLUMNS, FILE, soql.one_of("Id", [ref.id])))
        if not found:
            raise missing
        return found[0]
