"""File bytes: ranges of blobs, and resumable uploads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from gateway.api.caller import Caller, TheGateway
from gateway.api.described import binary, problems
from gateway.names import media_type_problem, name_problem
from gateway.problems import Problem

router = APIRouter(prefix="/v1", tags=["files"])

Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
#: Longer numbers than any file has are no range.
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_BYTES = "application/octet-stream"


def _checked(problem: Callable[[str], str]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        wrong = problem(text) if text else ""
        if wrong:
            raise PydanticCustomError("name", wrong)
        return text

    return checked


class NewUpload(BaseModel):
    """A file about to be sent."""

    model_config = ConfigDict(extra="forbid")

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]
    media_type: Annotated[str, Field(max_length=200), AfterValidator(_checked(media_type_problem))] = _BYTES
    name: Annotated[str, Field(max_length=255), AfterValidator(_checked(name_problem))] = ""


class OpenUpload(BaseModel):
    """Where to send it, and from which byte on; `offset` equal to the size: nothing is left to send."""

    upload_id: str
    offset: int


@router.head("/blobs/{sha256}", response_class=Response, responses=problems(404))
def blob_size(gateway: TheGateway, session: Caller, sha256: Sha256) -> Response:
    """How many bytes a file has that the caller may read."""
    found = gateway.blob(session, sha256)
    return Response(media_type=_BYTES, headers={**_headers(sha256), "Content-Length": str(found.size)})


@router.get(
    "/blobs/{sha256}",
    response_class=StreamingResponse,
    responses={200: binary(_BYTES, "The whole."), 206: binary(_BYTES, "A range."), **problems(404, 416)},
)
def blob(
    gateway: TheGateway,
    session: Caller,
    sha256: Sha256,
    wanted: Annotated[str | None, Header(alias="Range")] = None,
) -> Response:
    """The bytes of a file the caller may read, whole or a range of them."""
    found = gateway.blob(session, sha256)
    start, end = _range(wanted, found.size) or (0, found.size)
    headers = {**_headers(sha256), "Content-Length": str(end - start)}
    if _range(wanted, found.size):
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    pieces = gateway.documents.read(sha256, start, end)
    status = 206 if "Content-Range" in headers else 200
    return StreamingResponse(pieces, status_code=status, media_type=_BYTES, headers=headers)


def _headers(sha256: str) -> dict[str, str]:
    return {
        "Accept-Ranges": "bytes",
        "ETag": f'"{sha256}"',
        "Content-Disposition": "attachment",
        "Cache-Control": "private, no-transform",
    }


def _range(wanted: str | None, size: int) -> tuple[int, int] | None:
    """Return start and end of the one range asked for; None for the whole. Raises Problem 416."""
    match = _RANGE.fullmatch((wanted or "").strip())
    if match is None or match.groups() == ("", ""):
        return None  # no range, several, or another unit: the whole is a valid answer (RFC 9110)
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if start >= size or end <= start:
        raise Problem(416, "range", f"The file has {size} bytes.")
    return start, end


@router.post("/uploads", status_code=201)
def begin_upload(gateway: TheGateway, session: Caller, body: NewUpload) -> OpenUpload:
    """Open an upload, or find the one of the same file that the caller began before."""
    upload_id, offset = gateway.begin_upload(session, body.sha256, body.size, body.media_type, body.name)
    return OpenUpload(upload_id=upload_id, offset=offset)


@router.head("/uploads/{upload_id}", response_class=Response, responses=problems(404))
def upload_offset(gateway: TheGateway, session: Caller, upload_id: str) -> Response:
    """How many bytes of an upload are here."""
    found = gateway.upload_state(session, upload_id)
    return Response(headers={"Upload-Offset": str(found.received), "Upload-Length": str(found.size)})


@router.patch("/uploads/{upload_id}", status_code=204, response_class=Response, responses=problems(404, 409))
def upload(
    gateway: TheGateway,
    session: Caller,
    upload_id: str,
    upload_offset: Annotated[int, Header(ge=0)],
    data: Annotated[bytes, Body(media_type="application/offset+octet-stream")],
) -> Response:
    """Send bytes from `Upload-Offset` on; the answer says how many are here now."""
    here = gateway.upload(session, upload_id, upload_offset, data)
    return Response(status_code=204, headers={"Upload-Offset": str(here)})
