"""Which page stands where: by name, built when it is first gone to."""

from __future__ import annotations

from app.views.conflict.page import ConflictPage
from app.views.deals.page import RecordsPage
from app.views.documents.page import DocumentsPage
from app.views.home.page import HomePage
from app.views.page import CONFLICT, HOME, NEW, SETTINGS, SYNC_CENTRE, Page, PageContext
from app.views.register.page import RegisterPage
from app.views.requests.page import RequestsPage
from app.views.settings.page import SettingsPage
from app.views.sync_centre.page import SyncCentrePage
from app.views.welcome.first_sync import FirstSyncPage

#: Stands at home while the first sync runs.
FIRST_SYNC = "first_sync"

_MADE_BY_HAND: dict[str, type[Page]] = {
    HOME: HomePage,
    FIRST_SYNC: FirstSyncPage,
    SYNC_CENTRE: SyncCentrePage,
    SETTINGS: SettingsPage,
    CONFLICT: ConflictPage,
    NEW: RegisterPage,
    "request": RequestsPage,
    "document": DocumentsPage,
}


def build_page(name: str, context: PageContext) -> Page | None:
    """Build the page of that name; entity types without a hand-made page have the list the manifest describes.

    None for a name that is neither, such as an entity type this user has not (any more).
    """
    entity = context.portal.manifest.entity(name)
    if name in _MADE_BY_HAND:
        if name in ("request", "document") and entity is None:
            return None
        return _MADE_BY_HAND[name](context)
    if entity is None or entity.kind != "record":
        return None
    return RecordsPage(context, name)
