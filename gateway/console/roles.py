"""What each role of the vendor's staff may see and do in the console: one table, and one right for every route.

A right is (area, deed): an area is a kind of record or a page, a deed is what is done there. An administrator may do
everything that is in the table; what is not in it nobody may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from starlette.requests import Request

from gateway.crm.embedded.codes import StaffRole
from gateway.crm.embedded.staff import StaffMember

Right = tuple[str, str]

_C, _A, _O = StaffRole.CHANNEL, StaffRole.APPROVER, StaffRole.OPERATIONS
_EVERYBODY = (_C, _A, _O)


def _deeds(*given: tuple[str, Iterable[StaffRole]]) -> Mapping[str, frozenset[StaffRole]]:
    return {deed: frozenset(roles) for names, roles in given for deed in names.split()}


#: Area → deed → who may, beside administrators. Channel managers reach only the records of their own accounts
#: (`gateway/console/reach.py`).
RIGHTS: Final[Mapping[str, Mapping[str, frozenset[StaffRole]]]] = {
    "overview": _deeds(("see", _EVERYBODY)),
    "registration": _deeds(
        ("see", _EVERYBODY),
        ("edit start_review ask_information send_for_approval comment archive restore", (_C, _A)),
        ("approve reject mark_duplicate refuse_extension expire cancel set_status", (_A,)),
        ("move", (_C, _O)),
    ),
    "ticket": _deeds(
        ("see", _EVERYBODY),
        ("edit take answer internal_note resolve close set_status archive restore move", (_C, _O)),
    ),
    "lead": _deeds(("see", _EVERYBODY), ("create edit offer set_status archive restore move", (_C, _O))),
    "order": _deeds(
        ("see", _EVERYBODY), ("edit confirm ship deliver invoice set_status archive restore move", (_O,))
    ),
    "invoice": _deeds(("see", _EVERYBODY), ("edit pay set_status archive restore", (_O,))),
    "contract": _deeds(
        ("see", _EVERYBODY), ("edit quote order_renewal set_status archive restore move", (_O,))
    ),
    "membership": _deeds(("see", _EVERYBODY), ("create edit set_status archive restore", (_O,))),
    "opportunity": _deeds(
        ("see", _EVERYBODY), ("create edit set_status comment archive restore move", (_C, _A, _O))
    ),
    "task": _deeds(
        ("see", _EVERYBODY),
        ("create edit accept return_task begin_after comment set_status archive restore move", (_C, _O)),
    ),
    "approval": _deeds(
        ("see", _EVERYBODY), ("create edit supersede set_status archive restore", (_C, _A, _O))
    ),
    "change_request": _deeds(("see", _EVERYBODY), ("make decline archive restore", (_O,))),
    "project": _deeds(("see", _EVERYBODY), ("create edit comment set_status archive restore", (_C, _O))),
    "milestone": _deeds(("see", _EVERYBODY), ("create edit set_status archive restore", (_C, _O))),
    "deliverable": _deeds(
        ("see", _EVERYBODY), ("create edit hand_over comment set_status archive restore", (_C, _O))
    ),
    "document": _deeds(("see", _EVERYBODY), ("edit publish replace withdraw archive restore", (_O,))),
    "account": _deeds(("see", _EVERYBODY), ("create edit archive restore", (_O,))),
    "contact": _deeds(("see", _EVERYBODY), ("create edit", (_C, _O)), ("archive restore", (_O,))),
    "staff": _deeds(("see", _EVERYBODY), ("create edit set_role new_password archive restore", ())),
    # What hangs below other records: read with them, written by their own deeds only.
    "acknowledgement": _deeds(("see", _EVERYBODY)),
    "note": _deeds(("see", _EVERYBODY)),
    "attachment": _deeds(("see", _EVERYBODY)),
    # The gateway's own pages.
    "users": _deeds(("see invite link set_role set_companies close reopen", (_O,))),
    "devices": _deeds(("see sign_out wipe", (_O,))),
    "connectors": _deeds(("see retry release", (_O,))),
    "dead_letters": _deeds(("see retry", (_O,))),
    "ledger": _deeds(("see retry", (_O,))),
    "audit": _deeds(("see verify", (_O,))),
}


def may(member: StaffMember | None, area: str, deed: str) -> bool:
    """Tell whether somebody may do that. Without a role they are an administrator; an unknown role may nothing."""
    allowed = RIGHTS.get(area, {}).get(deed)
    if member is None or allowed is None:
        return False
    return member.role in (None, StaffRole.ADMINISTRATOR) or member.role in allowed


# ------------------------------------------------------------------------------------------------------- routes


def _of_key(deed: str) -> Callable[[Request], Right]:
    return lambda request: (str(request.path_params.get("key", "")), deed)


def _named(request: Request) -> Right:
    return str(request.path_params.get("key", "")), str(request.query_params.get("name", ""))


def _of_object(request: Request) -> Right:
    return str(request.path_params.get("obj", "")), "edit" if request.method == "POST" else "see"


def _always(area: str, deed: str) -> Callable[[Request], Right]:
    return lambda _request: (area, deed)


def _never(_request: Request) -> Right:
    return "", ""


#: Routes that need no right: the way in and out, and the library's own files.
OPEN: Final = frozenset({"login", "logout", "static"})

#: The right each route needs, by the route's name. The console does not start with a route that is in neither.
ROUTES: Final[Mapping[str, Callable[[Request], Right]]] = {
    "index": _always("overview", "see"),
    "list": _of_key("see"),
    "detail": _of_key("see"),
    "relation-lookup": _of_key("see"),
    "create": _of_key("create"),
    "edit": _of_key("edit"),
    "action": _named,
    "row-action": _named,
    # Of the library, and not used here.
    "inline-edit": _never,
    "inline-edit-row": _never,
    "import": _never,
    "file": _never,
    "data": _never,
    "file-home": _never,
    # For scripts.
    "data-list": _of_object,
    "data-one": _of_object,
    "file-bytes": _of_object,
    # The gateway's own pages.
    "users": _always("users", "see"),
    "user": _always("users", "see"),
    "user-invite": _always("users", "invite"),
    "user-link": _always("users", "link"),
    "user-role": _always("users", "set_role"),
    "user-companies": _always("users", "set_companies"),
    "user-close": _always("users", "close"),
    "user-reopen": _always("users", "reopen"),
    "devices": _always("devices", "see"),
    "device-sign-out": _always("devices", "sign_out"),
    "device-wipe": _always("devices", "wipe"),
    "connectors": _always("connectors", "see"),
    "connector-retry": _always("connectors", "retry"),
    "connector-release": _always("connectors", "release"),
    "dead-letters": _always("dead_letters", "see"),
    "dead-letter-retry": _always("dead_letters", "retry"),
    "ledger": _always("ledger", "see"),
    "ledger-retry": _always("ledger", "retry"),
    "audit": _always("audit", "see"),
    "audit-verify": _always("audit", "verify"),
}
