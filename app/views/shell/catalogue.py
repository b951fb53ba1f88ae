"""Which page stands where: by name, built when it is first gone to."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from app.contract.manifest import Manifest
from app.views.page import ACCOUNT, COLLEAGUES, CONFLICT, HOME, NEW, SETTINGS, SYNC_CENTRE, Page, PageContext

#: Stands at home while the first sync runs.
FIRST_SYNC = "first_sync"

#: Module and class; a module is loaded with its page, so that the window opens without the ones nobody asked for.
_LIST = ("app.views.records.page", "RecordsPage")
_BOARD = ("app.views.deals.board", "make_board")
_MADE_BY_HAND = {
    HOME: ("app.views.home.page", "HomePage"),
    FIRST_SYNC: ("app.views.welcome.first_sync", "FirstSyncPage"),
    SYNC_CENTRE: ("app.views.sync_centre.page", "SyncCentrePage"),
    SETTINGS: ("app.views.settings.page", "SettingsPage"),
    ACCOUNT: ("app.views.account.page", "AccountPage"),
    COLLEAGUES: ("app.views.colleagues.page", "ColleaguesPage"),
    CONFLICT: ("app.views.conflict.page", "ConflictPage"),
    NEW: ("app.views.register.page", "RegisterPage"),
    "request": ("app.views.requests.page", "RequestsPage"),
    "document": ("app.views.documents.page", "DocumentsPage"),
    "task": ("app.views.tasks.page", "TasksPage"),
    "approval": ("app.views.approvals.page", "ApprovalsPage"),
    "deliverable": ("app.views.projects.page", "DeliverablesPage"),
    "order": ("app.views.orders.page", "OrdersPage"),
    "project": ("app.views.projects.page", "ProjectsPage"),
    "renewal": ("app.views.renewals.page", "RenewalsPage"),
    "membership": ("app.views.renewals.page", "MembershipsPage"),
}
#: Places of the window itself, which need no entity type.
_OWN = (HOME, FIRST_SYNC, SYNC_CENTRE, SETTINGS, ACCOUNT, COLLEAGUES, CONFLICT, NEW)


def every_page(manifest: Manifest) -> tuple[str, ...]:
    """Return the name of every page a portal may have: those made by hand, and the list of each entity type."""
    lists = (entity.name for entity in manifest.entities if entity.kind == "record")
    return tuple(dict.fromkeys((*_MADE_BY_HAND, *lists)))


def build_page(name: str, context: PageContext) -> Page | None:
    """Build the page of that name; entity types without a hand-made page have the list the manifest describes.

    None for a name that is neither, such as an entity type this user has not (any more).
    """
    entity = context.portal.manifest.entity(name)
    if name in _MADE_BY_HAND:
        if name not in _OWN and entity is None:
            return None
        if name == ACCOUNT and not context.portal.account.there:
            return None
        if name == COLLEAGUES and not context.portal.keeps_colleagues:
            return None
        made: Page = _loaded(_MADE_BY_HAND[name])(context)
        return made
    if entity is None or entity.kind != "record":
        return None
    page: Page = _loaded(_LIST)(context, name, ways=(_loaded(_BOARD),) if entity.list.board else ())
    return page


def _loaded(place: tuple[str, str]) -> Callable[..., Any]:
    module, name = place
    made: Callable[..., Any] = getattr(import_module(module), name)
    return made
