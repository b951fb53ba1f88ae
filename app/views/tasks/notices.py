"""What is said about a task above its form: why it came back, what the vendor had to say, and that it waits to send."""

from __future__ import annotations

from app.services.views_model import TaskView
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.banner import Notice
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column


class TaskNotices(ThemedWidget):
    """`waits.acted` takes back what was handed in and not sent."""

    def __init__(self, theme: Theme, vendor: str) -> None:
        super().__init__(theme)
        self._vendor = vendor
        self.told = Notice(theme, "", tone=Tone.WARN)
        self.waits = Notice(theme, "", tone=Tone.ACCENT, icon="clock")
        self.setLayout(column(self.told, self.waits, gap=Space.L))

    def show_task(self, task: TaskView, *, online: bool) -> None:
        """Show what there is to say now; nothing at all where there is nothing."""
        told, waits = self._show_told(task), self._show_waits(task, online=online)
        self.setVisible(told or waits)

    def _show_told(self, task: TaskView) -> bool:
        sent_back = bool(task.problems) or (task.open and bool(task.note))
        shown = sent_back or bool(task.note)
        self.told.setVisible(shown)
        if sent_back:
            title = self.tr("{vendor} sent this back")
            kept = self.tr("Everything you filled in is here. Mend it and hand it in again.")
            self.told.dress(Tone.WARN, "alert-triangle")
            self.told.show_words(title.format(vendor=self._vendor), f"{task.note}\n{kept}".strip())
        elif shown:
            # Handed in again: what was asked for stands here to be read, and warns of nothing any more.
            title = self.tr("{vendor} says") if task.line.done else self.tr("What {vendor} had asked for")
            self.told.dress(Tone.NEUTRAL, "message-circle")
            self.told.show_words(title.format(vendor=self._vendor), task.note)
        return shown

    def _show_waits(self, task: TaskView, *, online: bool) -> bool:
        self.waits.setVisible(task.waiting)
        if task.waiting:
            words = (
                self.tr("It goes to {vendor} as soon as what is before it has gone.")
                if online
                else self.tr("{vendor} gets it when you are back. It is kept on this computer until then.")
            )
            title = self.tr("Handed in, not sent yet")
            self.waits.show_words(title, words.format(vendor=self._vendor), self.tr("Take it back"))
        return task.waiting
