"""What stands in the navigation: vendor and user, the places of the manifest, and the number beside each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject

from app.bridge.reading import Reading
from app.services.views_model import Mode
from app.views.page import Page, PageContext
from app.views.shell.places import counts, lower_places, pinned_places, upper_places
from app.views.widgets.nav import NavList


class NavFilling(QObject):
    """Fills it, and asks for the numbers beside the window. `open_ones`: open records by entity type."""

    def __init__(
        self, context: PageContext, nav: NavList, current: Callable[[], Page | None], parent: QObject
    ) -> None:
        """`current`: the page that is shown."""
        super().__init__(parent)
        self._current = current
        self._portal = context.portal
        self._bridge = context.bridge
        self._nav = nav
        self.open_ones: Mapping[str, int] = {}
        self._counting = Reading(
            context.portal, context.bridge, lambda portal: portal.lists.counts(), self._on_counted
        )

    def show_places(self) -> None:
        """Vendor, user and places as manifest and account say now."""
        manifest, me = self._portal.manifest, self._portal.me
        companies = [company.name for company in me.companies]
        shown = (
            companies[0] if len(companies) == 1 else self.tr("{count} companies").format(count=len(companies))
        )
        self._nav.set_vendor(manifest.brand, shown if companies else manifest.brand.portal)
        self._nav.set_user(me.name, me.role_label)
        self._nav.set_places(upper_places(manifest))
        self.show_pinned()
        keeps, account = self._portal.keeps_colleagues, self._portal.account.there
        self._nav.set_footer_places(lower_places(keeps_colleagues=keeps, account=account))

    def show_pinned(self) -> None:
        """The records to come back to."""
        self._nav.set_pinned(pinned_places(self._portal.recent.pinned(), self._portal.manifest))

    def ask(self) -> None:
        """Count afresh."""
        self._counting.ask()

    def _on_counted(self, counted: Mapping[str, int]) -> None:
        counted = self._but_untouched(counted)
        self.open_ones = counted
        first = self._bridge.status.mode is Mode.FIRST_SYNC
        progress = self._bridge.first_progress if first else None
        # A place without a count has none to show, which has to be said after a first sync too.
        shown = {entity.name: 0 for entity in self._portal.manifest.entities if entity.nav}
        outbox = self._portal.outbox.count()
        found = counts({**shown, **counted}, outbox, progress, self._portal.formats)
        for name, count in found.items():
            self._nav.set_count(name, count.text, quiet=count.quiet)

    def _but_untouched(self, counted: Mapping[str, int]) -> Mapping[str, int]:
        """A form that was only opened is no record yet."""
        page = self._current()
        gid = page.untouched() if page is not None else ""
        record = self._portal.records.get(gid) if gid else None
        if record is None or not self._portal.records.is_counted(gid):
            return counted
        return {**counted, record.entity: max(0, counted.get(record.entity, 0) - 1)}
