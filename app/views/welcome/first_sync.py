"""The first sync: how much has come, how fast, what can be opened already, and which documents to keep."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.contract.manifest import EntityType
from app.services.format import duration
from app.services.prefs import KEY_HOLDER
from app.services.views_model import FirstSyncProgress, Status
from app.views.page import Head, Page, PageContext, Place, Toast
from app.views.theme.fonts import Role
from app.views.theme.tokens import Space, Tone
from app.views.welcome.coming_rows import Coming, ComingRow, Stage
from app.views.welcome.keep_card import KeepCard
from app.views.welcome.protection import protection_words
from app.views.widgets.buttons import secondary
from app.views.widgets.cards import Card, Rule
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Run, Text
from app.views.widgets.tiles import Icon

_WIDTH = 720


class FirstSyncPage(Page):
    """Shown in place of home until everything has come once; what is ready opens meanwhile."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._rows: dict[str, ComingRow] = {}
        self._figure = Text(self.theme, "", Role.HEADING)
        self._rate = Text(self.theme, "", Role.BODY)
        self._bar = ProgressBar(self.theme, 8, self.tr("Records on this computer"))
        self._hint = Text(self.theme, "", Role.SECONDARY, Tone.TEXT3, wrap=True)
        self._pause = secondary(self.theme, self.tr("Pause"), small=True)
        self._pause.clicked.connect(self._toggle_pause)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.keep = KeepCard(self.theme)
        self.keep.choose_asked.connect(self._choose_files)
        self.keep.keep_asked.connect(self._keep_these)
        self._lock = Text(self.theme, "", Role.SECONDARY, Tone.TEXT2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(self._content(), self.tr("First sync")))
        self.bridge.progress.connect(self._on_progress)
        self.bridge.statusChanged.connect(self._on_status)

    def _content(self) -> QWidget:
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        lead = self.tr(
            "After this, Counterpart opens at once and works without a network. You can start now with what is ready."
        )
        lock = row(Icon(self.theme, "lock", Tone.TEXT3, 14), self._lock, None, gap=8)
        inner.setLayout(
            column(
                Text(self.theme, self.tr("Bringing your records to this computer"), Role.HEADING),
                6,
                Text(self.theme, lead, Role.LEAD, Tone.TEXT2, wrap=True),
                24,
                self._card(),
                16,
                self.keep,
                16,
                lock,
                None,
            )
        )
        content = QWidget()
        line = QHBoxLayout(content)
        line.setContentsMargins(Space.PAGE, 47, Space.PAGE, Space.PAGE)
        line.addStretch(1)
        line.addWidget(inner, 100, Qt.AlignmentFlag.AlignTop)
        line.addStretch(1)
        return content

    def _card(self) -> Card:
        card = Card(self.theme, name=self.tr("First sync"))
        figures = row(self._figure, None, self._rate)
        below = row(gap=Space.L)
        below.addLayout(column(None, self._hint, None), 1)
        below.addWidget(self._pause)
        card.body.addLayout(column(figures, 8, self._bar, 14, below, margins=(20, 18, 20, 20)))
        card.body.addLayout(self._list)
        return card

    # page

    def head(self) -> Head:
        return Head(self.tr("Welcome, {name}").format(name=self.portal.first_name))

    def refresh(self) -> None:
        self._show_progress(self.bridge.first_progress)
        gids, size = self.portal.documents.recommended()
        self.keep.show_offer(len(gids), size, self.portal.formats)
        self._lock.set_text(protection_words(str(self.portal.prefs.get(KEY_HOLDER, ""))))

    # figures

    def _show_progress(self, progress: FirstSyncProgress | None) -> None:
        by_entity: Mapping[str, tuple[int, int]] = progress.by_entity if progress is not None else {}
        self._show_figures(progress)
        self._show_hint()
        wanted = self._coming(by_entity)
        if [coming.key or coming.name for coming in wanted] != list(self._rows):
            emptied(self._list)
            self._rows = {}
            for coming in wanted:
                entry = ComingRow(self.theme, coming, self.portal.formats)
                entry.opened.connect(lambda key: self.go.emit(Place(key)))
                self._list.addWidget(Rule(self.theme))
                self._list.addWidget(entry)
                self._rows[coming.key or coming.name] = entry
        else:
            for coming in wanted:
                self._rows[coming.key or coming.name].show_coming(coming)

    def _on_status(self, _status: Status) -> None:
        self._on_progress(self.bridge.first_progress)

    def _on_progress(self, progress: FirstSyncProgress | None) -> None:
        """Follow it where it is looked at; a page that is gone to reads afresh."""
        if self.isVisible():
            self._show_progress(progress)

    def _show_figures(self, progress: FirstSyncProgress | None) -> None:
        formats = self.portal.formats
        if progress is None or not progress.total:
            asking = self.tr("Asking {vendor} what is yours").format(vendor=self.portal.vendor)
            self._figure.set_runs([Run(asking, Tone.TEXT2, Role.LEAD)])
            self._rate.set_text("")
            self._bar.show_share(0.0, asking)
            return
        of = self.tr("of {total} records").format(total=formats.number(progress.total))
        done = formats.number(progress.done)
        self._figure.set_runs([Run(done + "  "), Run(of, Tone.TEXT2, Role.BODY)])
        self._bar.show_share(progress.done / progress.total, f"{done} {of}")
        if self.bridge.paused or progress.rate <= 0:
            self._rate.set_text("")
            return
        runs = [
            Run(formats.number(round(progress.rate)), role=Role.NAME),
            Run(" " + self.tr("a second"), Tone.TEXT2),
        ]
        if progress.remaining is not None:
            runs += [
                Run(" · " + self.tr("about") + " ", Tone.TEXT2),
                Run(duration(progress.remaining), role=Role.NAME),
            ]
            runs.append(Run(" " + self.tr("left"), Tone.TEXT2))
        self._rate.set_runs(runs)

    def _show_hint(self) -> None:
        paused = self.bridge.paused
        self._pause.set_text(self.tr("Go on") if paused else self.tr("Pause"))
        cause = self.portal.formats.tr(self.bridge.status.cause)
        if paused:
            self._hint.set_text(
                self.tr("Paused. What has come is kept, and you can work with what is ready.")
            )
            self._hint.set_tone(Tone.TEXT2)
        elif cause:
            self._hint.set_text(
                self.tr("{cause} What has come is kept; it goes on from here.").format(cause=cause)
            )
            self._hint.set_tone(Tone.WARN)
        else:
            self._hint.set_text(self.tr("If you close the app or lose the network, it goes on from here."))
            self._hint.set_tone(Tone.TEXT3)

    def _coming(self, by_entity: Mapping[str, tuple[int, int]]) -> list[Coming]:
        entities = sorted(self.portal.manifest.entities, key=lambda entity: entity.rank)
        shown = [entity for entity in entities if entity.nav]
        rows = [self._one(entity, by_entity) for entity in shown]
        rest = [entity for entity in entities if not entity.nav and by_entity.get(entity.name, (0, 0))[1]]
        if rest:
            rows.append(self._together(rest, by_entity))
        order = {Stage.READY: 0, Stage.COMING: 1, Stage.NEXT: 2}
        return sorted(rows, key=lambda coming: order[coming.stage])

    def _one(self, entity: EntityType, by_entity: Mapping[str, tuple[int, int]]) -> Coming:
        done, total = by_entity.get(entity.name, (0, 0))
        known = entity.name in by_entity
        stage = Stage.READY if known and done >= total else Stage.COMING if done else Stage.NEXT
        things = self.portal.formats.tr.inside(entity.plural)
        return Coming(entity.name, entity.place_name, entity.icon, stage, done, total, things)

    def _together(self, entities: list[EntityType], by_entity: Mapping[str, tuple[int, int]]) -> Coming:
        """What has no list of its own, such as messages and files, is one row."""
        done = sum(by_entity[entity.name][0] for entity in entities)
        total = sum(by_entity[entity.name][1] for entity in entities)
        names = [entity.plural for entity in sorted(entities, key=lambda one: -by_entity[one.name][1])]
        words = names[0]
        if len(names) == 2:
            words = self.tr("{one} and {other}").format(one=names[0], other=names[1])
        elif len(names) > 2:
            words = self.tr("{one}, {other} and more").format(one=names[0], other=names[1])
        stage = Stage.READY if done >= total else Stage.COMING if done else Stage.NEXT
        return Coming("", words.capitalize(), "messages", stage, done, total)

    # acting

    def _toggle_pause(self) -> None:
        self.bridge.pause_first_sync(not self.bridge.paused)
        self._show_progress(self.bridge.first_progress)

    def _choose_files(self) -> None:
        self.go.emit(Place("document"))

    def _keep_these(self) -> None:
        gids, size = self.portal.documents.recommended()
        self.portal.documents.keep_many(gids)
        self.keep.show_kept(len(gids), size, self.portal.formats)
        self.said.emit(Toast(self.tr("They come in after the records.")))
