"""Every sample by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QWidget

from app.views.theme.theme import Theme
from tests.views.gallery.conflict import conflict
from tests.views.gallery.deals import deals
from tests.views.gallery.documents import documents
from tests.views.gallery.home import home
from tests.views.gallery.parts import PARTS
from tests.views.gallery.register import register
from tests.views.gallery.requests import requests
from tests.views.gallery.sync_centre import sync_centre

SCREENS: Mapping[str, Callable[[Theme], QWidget]] = {
    "home": home,
    "deals": deals,
    "register": register,
    "conflict": conflict,
    "documents": documents,
    "requests": requests,
    "sync-centre": sync_centre,
    **PARTS,
}
