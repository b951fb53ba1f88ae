"""A conflict: base, theirs and mine side by side, what will be sent, and one button that sends it.

Gone records (deleted at the vendor while something was pending) have an answer of their own on the same page.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.contract.errors import CounterpartError, Refused
from app.services.views_model import ChoiceKind, ConflictView, Done
from app.views.conflict.gone import GoneAnswer
from app.views.conflict.preview import PreviewCard
from app.views.conflict.table import ConflictTable, Heads
from app.views.forms.sources import sources_of
from app.views.page import SYNC_CENTRE, Crumb, Head, Key, Page, PageContext, Place, Toast
from app.views.theme.fonts import Role
from app.views.theme.tokens import Height, Space, Tone
from app.views.widgets.base import Panel, ThemedWidget
from app.views.widgets.buttons import Button, primary, secondary
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import column, row
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile


class ConflictPage(Page):
    """One conflict at a time; `arrive` with a gid shows it, after an answer the next one follows."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._gid = ""
        self._view: ConflictView | None = None
        self.table: ConflictTable | None = None
        self._preview: PreviewCard | None = None
        self._gone: GoneAnswer | None = None
        self._scroll = scrolled(ThemedWidget(self.theme), self.tr("Conflict"))
        self._decided = Text(self.theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self._later = secondary(self.theme, self.tr("Decide later"))
        self._later.clicked.connect(lambda: self.go.emit(Place(SYNC_CENTRE)))
        self.apply_button: Button = primary(self.theme, self.tr("Apply and send"), key="Ctrl ↵")
        self.apply_button.clicked.connect(self.apply)
        self._footer = Panel(self.theme, "raised", rules="top")
        self._footer.setFixedHeight(Height.ACTION_FOOTER)
        footer = row(gap=Space.M, margins=(Space.PAGE, 0, Space.PAGE, 0))
        footer.addWidget(self._decided, 1, Qt.AlignmentFlag.AlignVCenter)
        footer.addWidget(self._later)
        footer.addWidget(self.apply_button)
        self._footer.setLayout(footer)
        self.setLayout(column(self._scroll, self._footer))
        context.bridge.statusChanged.connect(self._show_decisions)

    # page

    def head(self) -> Head:
        return Head(self.tr("Conflict"), trail=(Crumb(self.tr("Sync centre"), Place(SYNC_CENTRE)),))

    def arrive(self, place: Place) -> None:
        if place.gid and place.gid != self._gid:
            self._gid = place.gid
            self._build()
        if self.table is not None:
            self.table.focus_first()

    def refresh(self) -> None:
        """Read the conflict again; a decision stays where neither side became another one."""
        found = self.portal.conflicts.get(self._gid) if self._gid else None
        if found is None and self._gid:
            following = self.portal.conflicts.list()
            self._gid = following[0].gid if following else ""
        if found is None or found != self._view:
            before = self.table if found is not None and self._view and found.gid == self._view.gid else None
            kept = before.decisions() if before is not None else {}
            focus = QApplication.focusWidget()
            had_keyboard = before is not None and focus is not None and before.isAncestorOf(focus)
            self._build()
            if self.table is not None:
                self.table.restore(kept)
                if had_keyboard:
                    self.table.focus_first()

    def keys(self) -> tuple[Key, ...]:
        return (
            Key("B", self.tr("Take the base"), lambda: self._on_table("base")),
            Key("T", self.tr("Take theirs"), lambda: self._on_table("theirs")),
            Key("M", self.tr("Take mine"), lambda: self._on_table("mine")),
            Key("E", self.tr("Edit the value"), lambda: self._on_table("edit")),
            Key("Up", self.tr("Field above"), lambda: self._on_table("up")),
            Key("Down", self.tr("Field below"), lambda: self._on_table("down")),
            Key("Ctrl+Return", self.tr("Apply and send"), self.apply),
        )

    def panes(self) -> tuple[QWidget, ...]:
        first = self.table.rows[0].theirs.dot if self.table is not None and self.table.rows else None
        return tuple(widget for widget in (first, self.apply_button) if widget is not None)

    # building

    def _build(self) -> None:
        self._view = self.portal.conflicts.get(self._gid) if self._gid else None
        self.table = None
        self._preview = None
        self._gone = None
        content = ThemedWidget(self.theme)
        body = QVBoxLayout(content)
        body.setContentsMargins(Space.PAGE, 20, Space.PAGE, 20)
        body.setSpacing(Space.L)
        if self._view is None:
            body.addWidget(self._nothing(), 1)
        elif self._view.kind == "gone":
            self._build_gone(body, self._view)
        else:
            self._build_fields(body, self._view)
        body.addStretch(1)
        self._scroll.setWidget(content)
        content.setAutoFillBackground(False)
        self._footer.setVisible(self.table is not None)
        self._show_decisions()

    def _nothing(self) -> QWidget:
        empty = EmptyState(
            self.theme,
            "checks",
            self.tr("No conflict is waiting for you."),
            self.tr("When you and {vendor} change the same field, you decide here.").format(
                vendor=self.portal.vendor
            ),
            self.tr("Open the sync centre"),
        )
        empty.acted.connect(lambda: self.go.emit(Place(SYNC_CENTRE)))
        return empty

    def _build_fields(self, body: QVBoxLayout, view: ConflictView) -> None:
        all_theirs = secondary(self.theme, self.tr("All theirs"), small=True)
        all_mine = secondary(self.theme, self.tr("All mine"), small=True)
        body.addWidget(self._heading(view, all_theirs, all_mine))
        table = ConflictTable(self.theme, self.portal.entity(view.entity), sources_of(self.portal))
        table.show_conflict(view, self._heads(view))
        table.changed.connect(self._show_decisions)
        all_theirs.clicked.connect(lambda: table.decide_all(ChoiceKind.THEIRS))
        all_mine.clicked.connect(lambda: table.decide_all(ChoiceKind.MINE))
        self.table = table
        self._preview = PreviewCard(self.theme)
        body.addWidget(table)
        body.addWidget(self._preview)

    def _build_gone(self, body: QVBoxLayout, view: ConflictView) -> None:
        body.addWidget(self._heading(view))
        entity = self.portal.entity(view.entity)
        told = (self.portal.formats.on(view.mine_at), view.doubt.words if view.doubt else "")
        when = ", ".join(part for part in told if part)
        self._gone = GoneAnswer(
            self.theme, view, self.portal.formats.tr.inside(entity.label), when, may_keep=entity.creatable
        )
        self._gone.answered.connect(self._answer_gone)
        body.addWidget(self._gone)

    def _heading(self, view: ConflictView, *buttons: Button) -> QWidget:
        title = " · ".join(part for part in (view.subtitle, view.title) if part)
        detail = " · ".join(part for part in (view.number, view.headline) if part)
        words = column(
            Text(self.theme, title, Role.SECTION, elide=True),
            Text(self.theme, detail, Role.SECONDARY, Tone.TEXT3, wrap=True),
        )
        line = row(IconTile(self.theme, "mark-conflict", Tone.CLASH, size=40, icon_size=20), gap=Space.M)
        line.addLayout(words, 1)
        for button in buttons:
            line.addWidget(button)
        holder = QWidget()
        holder.setLayout(line)
        return holder

    def _heads(self, view: ConflictView) -> Heads:
        formats = self.portal.formats
        theirs = [formats.moment(view.theirs_at) if view.theirs_at else "", view.theirs_via]
        mine = [formats.moment(view.mine_at), view.doubt.words if view.doubt else "", view.mine_device]
        vendor = self.portal.manifest.brand.vendor
        # Whoever wrote it may be told with the vendor's name already, or be this user on another device.
        named = vendor in view.theirs_by or view.theirs_by == view.mine_by
        who = ", ".join(name for name in (view.theirs_by, "" if named else vendor) if name)
        return Heads(
            base=(
                self.tr("Both sides agreed on this"),
                formats.moment(view.base_at) if view.base_at else self.tr("Before both changes"),
            ),
            theirs=(who, " · ".join(part for part in theirs if part)),
            mine=(
                self.tr("You, {name}").format(name=view.mine_by),
                " · ".join(part for part in mine if part),
            ),
        )

    # deciding

    def _show_decisions(self) -> None:
        if self.table is None or self._view is None or self._preview is None:
            return
        choices = self.table.choices()
        lines = self.portal.conflicts.preview(self._gid, choices)
        self._preview.show_lines(lines, self._compared_with(), self._agreeing(self._view.agreeing))
        open_groups = len(self._view.fields) - len(choices)
        said = self.tr(
            "{done} of {all} decided. If the record changes again before this arrives, you are asked again."
        )
        self._decided.set_text(said.format(done=len(choices), all=len(self._view.fields)))
        self.apply_button.set_text(self._apply_words(any(line.sends for line in lines)))
        problems = self.portal.conflicts.problems(self._gid, choices)
        wrong = {group: words for group, words in problems.items() if group in choices}
        self.table.show_problems(wrong)
        if open_groups:
            self.apply_button.disable(
                self.tr("Decide every field first; {count} to go.").format(count=open_groups)
            )
        elif wrong:
            self.apply_button.disable(self.tr("Mend the marked values first."))
        else:
            self.apply_button.enable()

    def _compared_with(self) -> str:
        status, vendor = self.bridge.status, self.portal.vendor
        if status.as_of is None:
            return self.tr("compared with {vendor}’s record as it is here").format(vendor=vendor)
        when = self.portal.formats.since(status.as_of)
        return self.tr("compared with {vendor}’s record as of {time}").format(vendor=vendor, time=when)

    def _agreeing(self, count: int) -> str:
        if not count:
            return ""
        if count == 1:
            return self.tr("The other field agrees on both sides and is left alone.")
        return self.tr("The other {count} fields agree on both sides and are left alone.").format(count=count)

    def _apply_words(self, sends: bool) -> str:
        if not sends:
            return self.tr("Apply")
        return self.tr("Apply and send") if self.bridge.online else self.tr("Apply (waits to send)")

    def apply(self) -> None:
        """Answer the conflict with what is decided; problems found by the rules are shown instead."""
        if self.table is None or not self.apply_button.isEnabled():
            return
        try:
            done = self.portal.conflicts.resolve(self._gid, self.table.choices(), self._view)
        except Refused as refusal:
            self.said.emit(Toast(refusal.text))
            self.refresh()
            self.table.show_problems(refusal.fields)
            return
        except CounterpartError as problem:
            self.said.emit(Toast(self.portal.formats.tr.told(problem)))
            return
        self._answered(done)

    def _answer_gone(self, keep: bool) -> None:
        try:
            done = self.portal.conflicts.resolve_gone(self._gid, keep)
        except CounterpartError as problem:
            self.said.emit(Toast(self.portal.formats.tr.told(problem)))
            return
        self._answered(done)
        if keep and self.portal.records.get(done.gid) is not None:
            self.open_record.emit(done.gid)

    def _answered(self, done: Done) -> None:
        self.said.emit(Toast(done.words))
        following = self.portal.conflicts.list()
        self._gid = following[0].gid if following else ""
        self._build()
        if not following:
            self.go.emit(Place(SYNC_CENTRE))

    def _on_table(self, what: str) -> None:
        table = self.table
        if table is None:
            return
        match what:
            case "base":
                table.take_base()
            case "theirs":
                table.take(ChoiceKind.THEIRS)
            case "mine":
                table.take(ChoiceKind.MINE)
            case "edit":
                table.take(ChoiceKind.EDITED)
            case "up":
                table.step(-1)
            case _:
                table.step(1)
