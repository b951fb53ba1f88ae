"""Settings of new versions: which one runs, what is ready, where they come from; or why none comes."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.bridge.updates import UpdateWatch
from app.services.updating import Off, UpdateView, off_words
from app.session.updates.channel import Channel
from app.views.page import PageContext
from app.views.settings.section import Line, Section
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.choice_controls import Option, SegmentedControl


class UpdatesSection(QWidget):
    """Follows an `UpdateWatch`; without one nothing is shown."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._formats = context.portal.formats
        self._watch: UpdateWatch | None = context.updates
        theme = context.theme
        self.check = secondary(theme, self.tr("Check for updates"), "refresh", small=True)
        self.restart = primary(theme, self.tr("Restart now"), small=True)
        self.understood = secondary(theme, self.tr("Understood"), small=True)
        self.channel = SegmentedControl(
            theme,
            [
                Option(Channel.NONE.value, self.tr("Off")),
                Option(Channel.STABLE.value, self.tr("Stable")),
                Option(Channel.BETA.value, self.tr("Beta")),
            ],
        )
        self.channel.setMinimumWidth(240)
        self.channel.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.channel.name_as(self.tr("New versions"), self.tr("Beta comes earlier and is less tried."))
        self.version = Line(theme, self.tr("Version"), "", self.check)
        self.ready = Line(theme, self.tr("Ready"), "", self.restart)
        self.news = Line(theme, self.tr("What is new"), "")
        self.set_back = Line(theme, self.tr("Set back"), "", self.understood)
        self.source = Line(theme, self.tr("New versions"), "", self.channel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        lines = (self.version, self.ready, self.news, self.set_back, self.source)
        self._section = Section(theme, self.tr("Updates"), *lines)
        layout.addWidget(self._section)
        if self._watch is None:
            self.hide()
            return
        self.check.clicked.connect(self._watch.check)
        self.restart.clicked.connect(self._watch.restart_wanted)
        self.understood.clicked.connect(self._watch.understood)
        self.channel.edited.connect(self._choose)
        self._watch.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands."""
        if self._watch is None:
            return
        view = self._watch.view
        self.version.say(self._standing(view), self.tr("Version {version}").format(version=view.running))
        # Where nothing can be looked for there is no button, and no channel to choose.
        self.check.setVisible(view.off is None)
        if self._watch.checking:
            self.check.disable(self.tr("It looks right now."))
        else:
            self.check.enable()
        self._show_ready(view)
        self._section.show_part(self.set_back, bool(view.set_back))
        words = self.tr(
            "Version {version} did not come up, so {running} runs again. It is not taken once more."
        )
        self.set_back.say(words.format(version=view.set_back, running=view.running))
        self._show_source(view)

    def _show_ready(self, view: UpdateView) -> None:
        notes = view.ready.notes_in(self._formats.tr.language) if view.ready is not None else ""
        self._section.show_part(self.ready, view.ready is not None)
        self._section.show_part(self.news, bool(notes))
        if view.ready is not None:
            title = self.tr("Version {version} is ready").format(version=view.ready.version)
            self.ready.say(self.tr("It starts next time. What you have typed is kept."), title)
            self.news.say(notes)

    def _show_source(self, view: UpdateView) -> None:
        self._section.show_part(self.source, view.off in (None, Off.CHOSEN))
        self.channel.setVisible(view.may_choose)
        self.channel.set_value(view.channel.value)
        words = self.tr("Beta comes earlier and is less tried.")
        if view.forced:
            name = self.tr("Beta") if view.channel is Channel.BETA else self.tr("Stable")
            words = self.tr("{channel}, set by your organisation.").format(channel=name)
        self.source.say(words)

    def _standing(self, view: UpdateView) -> str:
        watch, said = self._watch, self._formats.tr
        assert watch is not None
        if view.off is not None:
            return said(off_words(view.off, watch.source))
        if watch.fetched is not None:
            return self.tr("Fetching: {size}.").format(size=self._formats.size_of(*watch.fetched))
        if watch.checking:
            return self.tr("Looking for a newer version.")
        if watch.problem is not None:
            return said.told(watch.problem)
        parts = [said(view.found)] if view.found else []
        if view.checked_at is not None:
            moment = said.inside(self._formats.moment(view.checked_at))
            parts.append(self.tr("Last checked {moment}.").format(moment=moment))
        return " ".join(parts) or self.tr("Not checked yet.")

    def _choose(self) -> None:
        if self._watch is not None:
            self._watch.choose(Channel(str(self.channel.value())))
