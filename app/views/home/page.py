"""Home: what needs the user, the pipeline, renewals, and what changed since they last looked."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bridge.reading import Reading
from app.contract.manifest import Job
from app.services.views_model import HomeView, Pipeline, Target
from app.views.home.changes import ChangesSection
from app.views.home.glance import GlanceSection
from app.views.home.needs import MOST, NeedsSection
from app.views.home.pipeline import PipelineSection
from app.views.home.renewals import RenewalsSection
from app.views.page import NEW, Action, Head, Page, PageContext, Place, SearchBox, Toast
from app.views.theme.tokens import Space
from app.views.widgets.columns import Columns
from app.views.widgets.layout import column, holding
from app.views.widgets.scroll import scrolled

_SIDE = 336
_GAP = 22
_MINUTE_MS = 60_000
_TABLE = "home.pipeline.table"


class HomePage(Page):
    """The first page; everything on it leads somewhere."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._needs = NeedsSection(self.theme)
        self._pipeline = PipelineSection(self.theme)
        self._glance = GlanceSection(self.theme)
        self._renewals = RenewalsSection(self.theme)
        self._changes = ChangesSection(self.theme)
        self._needs.acted.connect(self.go)
        self._changes.opened.connect(self.go)
        self._changes.seen.connect(self._mark_seen)
        self._renewals.opened.connect(self._open_renewals)
        self._pipeline.table_asked.connect(lambda: self._open_deals("open"))
        self._pipeline.ending_asked.connect(lambda: self._open_deals("ending"))
        self._pipeline.first_asked.connect(self._do_first_job)
        self._pipeline.stage_asked.connect(lambda state: self._open_deals(f"stage:{state}"))
        self._pipeline.turned.connect(self._turn)
        self._pipeline.show_as_table(self.portal.prefs.get(_TABLE) is True)
        self._glance.opened.connect(lambda entity: self.go.emit(Place(entity)))
        self._pipeline_entity = ""
        self._currencies = 0
        self._home: HomeView | None = None
        self._reading = Reading(self.portal, self.bridge, lambda portal: portal.home.read(), self._show_home)
        self._figures = Reading(
            self.portal, self.bridge, lambda portal: portal.home.pipeline(), self._show_pipeline
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(self._content(), self.tr("Home")))
        # Dates such as "Today 12:00" and the greeting go on while the page stays open.
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._pass_time)
        self._minute.start()

    def _content(self) -> QWidget:
        left = holding(column(self._needs, self._pipeline, self._glance, None, gap=_GAP))
        side = QWidget()
        right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(_GAP)
        right.addWidget(self._renewals)
        right.addWidget(self._changes, 1)
        return Columns(left, side, side=_SIDE, margins=(Space.PAGE, _GAP, Space.PAGE, Space.XL))

    # page

    def head(self) -> Head:
        title, subtitle = self.portal.home.greeting()
        job = self._first_job()
        actions = (Action(job.label, self._do_first_job, job.icon, primary=True),) if job else ()
        search = SearchBox(self.tr("Search everything"), everything=True)
        return Head(title, subtitle, search=search, actions=actions)

    def refresh(self) -> None:
        # What waits for the user first: it is there long before everything is counted.
        self._reading.ask()
        self._figures.ask()

    def _show_home(self, home: HomeView) -> None:
        formats = self.portal.formats
        self._home = home
        self._show_needs()
        self._glance.show_lists(home.glance)
        counted = self.portal.home.windows_of
        self._renewals.setVisible(counted is not None)
        if counted is not None:
            self._renewals.show_kind(counted.plural, formats.tr.inside(counted.plural))
            self._renewals.show_windows(list(home.renewals), formats)
        self._changes.show_changes(list(home.changed), home.changed_since, formats, self.portal.vendor)
        self.settled.emit()

    def _show_needs(self) -> None:
        """Each further currency is another bar; the pipeline's foot stays in view for one job less."""
        if self._home is not None:
            most = MOST - max(0, self._currencies - 2)
            self._needs.show_needs(list(self._home.needs), self._home.needs_summary, most)

    def _show_pipeline(self, pipeline: Pipeline | None) -> None:
        self._pipeline_entity = pipeline.entity if pipeline is not None else ""
        self._pipeline.setVisible(pipeline is not None)
        before, self._currencies = self._currencies, len(pipeline.currencies) if pipeline is not None else 0
        if before != self._currencies:
            self._show_needs()
        if pipeline is not None:
            self._show_first_words(pipeline.entity)
            kind = self.portal.entity(pipeline.entity)
            self._pipeline.show_pipeline(pipeline, self.portal.formats, kind.label, kind.plural)

    def panes(self) -> tuple[QWidget, ...]:
        rows = (*self._needs.rows[:1], *self._changes.rows[:1])
        return tuple(rows)

    # acting

    def _first_job(self) -> Job | None:
        return next((job for job in self.portal.manifest.jobs if job.does == "create"), None)

    def _do_first_job(self) -> None:
        job = self._first_job()
        if job is not None:
            self.go.emit(Place(NEW, entity=job.entity))

    def _show_first_words(self, entity: str) -> None:
        kind = self.portal.manifest.entity(entity)
        job = self._first_job()
        label = job.label if job is not None and job.entity == entity else ""
        if kind is not None:
            title = self.tr("No {things} here yet").format(things=self.portal.formats.tr.inside(kind.plural))
            self._pipeline.show_empty_words(title, kind.empty_hint, label)

    def _open_deals(self, chip: str) -> None:
        if self._pipeline_entity:
            self.go.emit(Place(self._pipeline_entity, chip=chip))

    def _open_renewals(self) -> None:
        counted = self.portal.home.windows_of
        if counted is not None:
            self.go.emit(Target(counted.name))

    def _turn(self, as_table: bool) -> None:
        self.portal.prefs.set(_TABLE, as_table or None)
        self._pipeline.show_as_table(as_table)

    def _mark_seen(self) -> None:
        before = self.portal.home.seen_at()
        self.portal.home.mark_seen()
        self.refresh()
        self.said.emit(Toast(self.tr("Marked as seen"), lambda: self._unmark(before)))

    def _unmark(self, before: datetime) -> None:
        self.portal.home.unmark_seen(before)
        self.refresh()

    def _pass_time(self) -> None:
        if self.isVisible():
            self.refresh()
            self.head_changed.emit()
