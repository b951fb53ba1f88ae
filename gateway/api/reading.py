"""The reading calls: manifest, me, snapshot, changes, records, digests, receipts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from app.contract.changes import BucketPage, ChangesPage, DigestPage, Me, SnapshotPage
from app.contract.clashing import ClashFilter
from app.contract.manifest import Manifest
from app.contract.receipts import Receipt
from gateway.api.caller import GRANT, Caller, TheBearer, TheGateway
from gateway.api.described import problems
from gateway.api.packing import LEAST, pack, takes_gzip
from gateway.reading import Page

router = APIRouter(prefix="/v1", tags=["reading"])

_JSON = "application/json"
Limit = Annotated[int | None, Query(ge=1, le=2000, description="Records a page may hold.")]
CursorText = Annotated[str, Query(min_length=1, max_length=2000)]


async def _page(request: Request, call: Callable[[], Page]) -> Response:
    """Answer with the page a call returns.

    All that takes time is done on another thread in one go: the token's check, the page, its compression.
    """
    gzip = takes_gzip(request.headers)

    def made() -> Response:
        page = call()
        headers = {GRANT: page.grant}
        if not gzip or len(page.body) < LEAST:
            return Response(page.body, media_type=_JSON, headers=headers)
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(pack(page.body), media_type=_JSON, headers=headers)

    return await run_in_threadpool(made)


@router.get("/me")
def me(gateway: TheGateway, session: Caller) -> Me:
    """Who is signed in, and for whom they act."""
    return gateway.me(session)


@router.get("/manifest", response_model=Manifest, responses={304: {"description": "It has not changed."}})
def manifest(
    gateway: TheGateway, session: Caller, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """The manifest that holds for the caller, with its ETag."""
    text, etag = gateway.manifest(session)
    headers = {"ETag": f'"{etag}"', GRANT: gateway.grant(session).label}
    if etag in _named(if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type=_JSON, headers=headers)


@router.get(
    "/clashes",
    response_model=ClashFilter,
    responses={
        204: {"description": "There is none for the caller: what they hold of it goes."},
        304: {"description": "It has not changed."},
    },
)
def clashes(
    gateway: TheGateway, session: Caller, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Which customers somebody has registered, as a filter that names nobody, with its ETag."""
    if not gateway.clashes.offered_to(gateway.grant(session).view.manifest):
        return Response(status_code=204)
    etag = gateway.clashes.etag()
    if etag and etag in _named(if_none_match):
        return Response(status_code=304, headers={"ETag": f'"{etag}"'})
    text, etag = gateway.clashes.shipped()
    return Response(text, media_type=_JSON, headers={"ETag": f'"{etag}"'})


def _named(if_none_match: str | None) -> set[str]:
    """The tags that a caller holds already."""
    return {item.strip().removeprefix("W/").strip('"') for item in (if_none_match or "").split(",")}


@router.get("/snapshot", response_model=SnapshotPage, responses=problems(410))
async def snapshot(
    request: Request,
    gateway: TheGateway,
    bearer: TheBearer,
    after: Annotated[str | None, Query(max_length=4000)] = None,
    limit: Limit = None,
) -> Response:
    """A page of everything visible; without `after` it begins. The last page brings the cursor to go on from."""
    return await _page(request, lambda: gateway.reading.snapshot(bearer, after, limit))


@router.get("/changes", response_model=ChangesPage, responses=problems(410))
async def changes(
    request: Request, gateway: TheGateway, bearer: TheBearer, cursor: CursorText, limit: Limit = None
) -> Response:
    """What changed since the cursor. 410: the position is not known any more, and a snapshot leads on."""
    return await _page(request, lambda: gateway.reading.changes(bearer, cursor, limit))


@router.get("/records", response_model=ChangesPage, responses=problems(410))
async def records(
    request: Request,
    gateway: TheGateway,
    bearer: TheBearer,
    gids: Annotated[str, Query(max_length=2000, description="Gids, joined by commas; 50 at most.")],
    cursor: CursorText,
) -> Response:
    """Some records as they are now; those the caller does not see are gone. The cursor stays where it is."""
    asked = [gid for gid in dict.fromkeys(gids.split(",")) if gid]
    return await _page(request, lambda: gateway.reading.records(bearer, asked, cursor))


@router.get("/digest", responses=problems(410))
def digest(gateway: TheGateway, bearer: TheBearer, cursor: CursorText) -> DigestPage:
    """Bucket sums over what the caller sees, empty unless nothing of it changed since the cursor."""
    return gateway.reading.digest(bearer, cursor)


@router.get("/digest/{entity}/{bucket}", responses=problems(404, 410))
def bucket(
    gateway: TheGateway, bearer: TheBearer, entity: str, bucket: int, cursor: CursorText
) -> BucketPage:
    """Ids and hashes of one bucket."""
    return gateway.reading.bucket(bearer, entity, bucket, cursor)


@router.get("/receipts/{mutation_id}", responses=problems(404))
def receipt(gateway: TheGateway, session: Caller, mutation_id: str) -> Receipt:
    """Signed evidence of one of the caller's own mutations."""
    return gateway.receipt(session, mutation_id)
