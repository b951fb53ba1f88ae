"""The console's lists and records as JSON, for scripts that are signed in like a person, and the bytes of files.

`GET  {base}/data/{obj}?column=value&archived=1&limit=100&after=ID`  →  {"items": [...], "after": "ID" or null}
`GET  {base}/data/{obj}/{id}`   →  one record with its notes, files and history
`POST {base}/data/{obj}/{id}`   body {"changes": {...}, "if_revision": "3"}  →  the record, or 409 / 422
"""

from __future__ import annotations

from typing import Any

import anyio.to_thread
from sqlalchemy import BigInteger, Boolean, Column, Integer, String, select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette_admin.auth import login_not_required
from starlette_admin.routing import route
from starlette_admin.views import CustomView

from gateway.console.auth import signed_in
from gateway.console.reach import must_keep, must_reach, reach
from gateway.crm.embedded.crm import EmbeddedCrm, HistoryLine
from gateway.crm.embedded.objects import OBJECTS
from gateway.crm.embedded.staff import StaffDesk, StaffMember
from gateway.crm.port import CrmConflict, CrmMissing, CrmRefused, Ref, SourceRow

_MOST = 500

#: What databases keep as a whole number, and as a large one.
_LARGE, _LARGEST = 2**31 - 1, 2**63 - 1

_RESERVED = frozenset({"limit", "after", "archived"})


class DataView(CustomView):
    """JSON beside the pages."""

    path = "/data"
    add_to_menu = False

    def __init__(self, crm: EmbeddedCrm) -> None:
        self._crm = crm
        super().__init__(menu_label="Data", route_name="data", add_to_menu=False)

    @route("/{obj}", methods=["GET"], name="data-list")
    @login_not_required
    async def list_rows(self, request: Request) -> Response:
        """List records by column values."""
        member = signed_in(request)
        if member is None:
            return _sign_in_first()
        obj, wanted = request.path_params["obj"], dict(request.query_params)
        columns = OBJECTS[obj].table.columns if obj in OBJECTS else None
        if columns is None or any(not _is_told(name, columns) for name in wanted):
            return JSONResponse({"detail": "No such list or column."}, status_code=404)
        try:
            after = _whole(wanted.get("after", "0"), _LARGE)
            values = {
                name: _value(columns[name], text) for name, text in wanted.items() if name not in _RESERVED
            }
            items = await anyio.to_thread.run_sync(self._list, member, obj, wanted, values, after)
        except ValueError as error:
            return JSONResponse({"detail": f"No column holds that: {error}."}, status_code=422)
        limit = _limit(wanted)
        last = items[-1].ref.id if len(items) == limit else None
        return JSONResponse({"items": [_row(item) for item in items], "after": last})

    @route("/{obj}/{pk}", methods=["GET", "POST"], name="data-one")
    @login_not_required
    async def one_row(self, request: Request) -> Response:
        """Read or edit one record."""
        member = signed_in(request)
        if member is None:
            return _sign_in_first()
        ref = Ref(request.path_params["obj"], request.path_params["pk"])
        try:
            await anyio.to_thread.run_sync(must_reach, self._crm, member, ref)
            if request.method == "POST":
                body = await request.json()
                await anyio.to_thread.run_sync(
                    self._edit, member, ref, body["changes"], body.get("if_revision")
                )
            return JSONResponse(await anyio.to_thread.run_sync(self._one, ref))
        except CrmMissing as missing:
            return JSONResponse({"detail": str(missing)}, status_code=404)
        except CrmConflict as conflict:
            return JSONResponse({"detail": str(conflict)}, status_code=409)
        except CrmRefused as refusal:
            return JSONResponse({"detail": str(refusal), "fields": refusal.fields}, status_code=422)
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"detail": 'Send {"changes": {...}}.'}, status_code=400)

    def _edit(self, member: StaffMember, ref: Ref, changes: dict[str, Any], revision: str | None) -> None:
        must_keep(self._crm, member, ref.obj, changes)
        StaffDesk(self._crm, member).edit(ref, changes, revision)

    def _list(
        self, member: StaffMember, obj: str, wanted: dict[str, str], values: dict[str, Any], after: int
    ) -> list[SourceRow]:
        table = OBJECTS[obj].table
        query = select(table.c.id).where(table.c.id > after)
        within = reach(member, obj)
        if within is not None:
            query = query.where(within)
        if not wanted.get("archived"):
            query = query.where(table.c.archived.is_(False))
        for name, value in values.items():
            query = query.where(table.c[name] == value)
        with self._crm.database.read() as connection:
            ids = connection.execute(query.order_by(table.c.id).limit(_limit(wanted))).scalars().all()
        return list(self._crm.fetch([Ref(obj, str(key)) for key in ids]))

    def _one(self, ref: Ref) -> dict[str, Any]:
        found = _row(self._crm.read(ref))
        if "note" in OBJECTS[ref.obj].children:
            found["notes"] = [_row(item) for item in self._crm.children("note", ref)]
            found["files"] = [_row(item) for item in self._crm.children("attachment", ref)]
        return {**found, "history": [_line(line) for line in self._crm.history(ref)]}


class FileView(CustomView):
    """Bytes of files and documents."""

    path = "/file"

    def __init__(self, crm: EmbeddedCrm) -> None:
        self._crm = crm
        super().__init__(menu_label="File", route_name="file-home", add_to_menu=False)

    @route("/{obj}/{pk}", methods=["GET"], name="file-bytes")
    async def bytes_of(self, request: Request) -> Response:
        """Send a file as a download: the browser must not run what a partner uploaded."""
        ref = Ref(request.path_params["obj"], request.path_params["pk"])
        member = signed_in(request)
        try:
            if member is None:
                raise CrmMissing("Sign in first.")
            await anyio.to_thread.run_sync(must_reach, self._crm, member, ref)
            body = await anyio.to_thread.run_sync(self._crm.open_file, ref)
        except CrmMissing as missing:
            raise HTTPException(404, str(missing)) from missing
        safe = "".join(char if char.isalnum() or char in "-_. " else "_" for char in body.name).encode(
            "ascii", "replace"
        )
        headers = {
            "Content-Disposition": f'attachment; filename="{safe.decode()}"',
            "Content-Length": str(body.size),
        }
        return StreamingResponse(body.chunks, media_type="application/octet-stream", headers=headers)


def _row(item: SourceRow) -> dict[str, Any]:
    return {
        "id": item.ref.id,
        "revision": item.revision,
        "archived": item.archived,
        **{name: value for name, value in item.fields.items() if name != "id"},
    }


def _line(line: HistoryLine) -> dict[str, Any]:
    return {
        "field": line.field,
        "old": line.old,
        "new": line.new,
        "by": line.by,
        "via": line.via,
        "at": line.at.isoformat(),
        "marker": line.marker,
    }


def _is_told(name: str, columns: Any) -> bool:
    """Nobody finds out a password's hash by asking whose it is."""
    return name in _RESERVED or (name in columns and name not in {"pw_hash", "sign_outs"})


def _value(column: Column[Any], text: str) -> int | bool | str:
    """Return what a column is compared with. Raises ValueError."""
    if isinstance(column.type, Boolean):
        return bool(_whole(text, 1))
    if isinstance(column.type, Integer):
        return _whole(text, _LARGEST if isinstance(column.type, BigInteger) else _LARGE)
    if isinstance(column.type, String):
        return text
    raise ValueError(text)


def _whole(text: str, most: int) -> int:
    number = int(text)
    if abs(number) > most:
        raise ValueError(text)
    return number


def _limit(wanted: dict[str, str]) -> int:
    given = wanted.get("limit", "100")
    return min(_MOST, max(1, int(given))) if given.isdecimal() else 100


def _sign_in_first() -> Response:
    return JSONResponse({"detail": "Sign in first."}, status_code=401)
