"""Every page there is can be loaded by the name under which it stands in the catalogue."""

from __future__ import annotations

from app.views.page import Page
from app.views.shell import catalogue


def test_every_entry_names_a_page() -> None:
    for place in (*catalogue._MADE_BY_HAND.values(), catalogue._LIST):
        made = catalogue._loaded(place)
        assert isinstance(made, type)
        assert issubclass(made, Page)
