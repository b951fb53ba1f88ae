"""Below a form: that it is kept on this computer, what is wrong with it, and the buttons that hand it in or close."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtWidgets import QWidget

from app.services.format import Formats
from app.services.views_model import Doubt
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Space, Tone
from app.views.widgets.base import Panel
from app.views.widgets.doubt import DoubtMark
from app.views.widgets.layout import row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon


class FormFoot(Panel):
    """56 high; `buttons` stand at its end, the one that hands in last."""

    def __init__(self, theme: Theme, formats: Formats, *buttons: QWidget) -> None:
        super().__init__(theme, "raised", rules="top")
        self._formats = formats
        self._icon = Icon(theme, "circle-check", Tone.OK, 16, self.tr("Saved"))
        self._saved = Text(theme, "", Role.SECONDARY, Tone.TEXT2, elide=True)
        self._doubt = DoubtMark(theme)
        self._problem = Text(theme, "", Role.LABEL, Tone.BAD)
        self.setFixedHeight(Height.ACTION_FOOTER)
        line = row(gap=Space.M, margins=(Space.PAGE, 0, Space.PAGE, 0))
        line.addWidget(self._icon)
        line.addWidget(self._saved)
        line.addWidget(self._doubt)
        line.addStretch(1)
        line.addWidget(self._problem)
        for button in buttons:
            line.addWidget(button)
        self.setLayout(line)

    @property
    def saved(self) -> str:
        """What it says about what is kept."""
        return self._saved.text()

    @property
    def problem(self) -> str:
        """What it says is wrong."""
        return self._problem.text()

    def show_saved(self, at: datetime, doubt: Doubt | None) -> None:
        """When the form was kept last; `doubt`: what speaks against that time."""
        self._doubt.show_doubt(doubt)
        self._icon.show_icon("circle-check", Tone.OK)
        self._icon.show()
        self._saved.set_text(self.tr("Saved on this computer at {time}").format(time=self._formats.time(at)))

    def show_words(self, words: str) -> None:
        """Something else than when it was kept, such as that nothing has been typed yet."""
        self._icon.hide()
        self._doubt.show_doubt(None)
        self._saved.set_text(words)

    def show_not_saved(self, words: str) -> None:
        """Why it could not be kept."""
        self._doubt.show_doubt(None)
        self._icon.show_icon("alert-circle", Tone.BAD)
        self._icon.show()
        self._saved.set_text(words)

    def show_problems(self, labels: Sequence[str]) -> None:
        """The names of the fields to fix; one is named, more are counted."""
        if not labels:
            self._problem.set_text("")
        elif len(labels) == 1:
            self._problem.set_text(self.tr("1 field to fix: {field}").format(field=labels[0]))
        else:
            self._problem.set_text(self.tr("{n} fields to fix").format(n=len(labels)))
