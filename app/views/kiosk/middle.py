"""The middle of the entrance: the code and how to use it, or what stands in its place."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.bridge.kiosk_state import LockedLine, SignInCode, Trouble
from app.services.words import Words
from app.views.kiosk.code_tiles import CodeTiles
from app.views.kiosk.pad import CodePad
from app.views.kiosk.press import press
from app.views.kiosk.square import SquareCode
from app.views.kiosk.steps import StepLine
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Kiosk, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import ButtonKind
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.layout import column, holding, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile

_WORDS = 584
#: Narrower or lower than this, the square gives way; its card is that small there.
_ROOMY, _SMALL_CARD = (1160, 790), 320


def minutes(seconds: float) -> str:
    """*8:12*."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


class TwoHalves(ThemedWidget):
    """Words before, something to look at behind; on an upright screen one below the other."""

    def put(self, words: QWidget, sight: QWidget) -> None:
        """What stands in the halves; called once."""
        self._sight = sight
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(24)
        words.setFixedWidth(_WORDS)
        self._line.addWidget(words)
        self._line.addStretch(1)
        self._line.addWidget(sight, 0, Qt.AlignmentFlag.AlignVCenter)

    def lie(self, *, upright: bool) -> None:
        """Turn with the screen."""
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._line.setDirection(down if upright else across)
        self._line.setSpacing(40 if upright else 24)
        self._line.setAlignment(
            self._sight, Qt.AlignmentFlag.AlignHCenter if upright else Qt.AlignmentFlag.AlignVCenter
        )


class CodeMiddle(TwoHalves):
    """Three steps, the code in tiles, its square, and how long it is good."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.heading = Text(theme, self.tr("Sign in with your phone"), Role.KIOSK, wrap=True)
        self.tiles = CodeTiles(theme)
        self.scan = StepLine(theme, 1, self.tr("Scan the square with your camera"), "")
        self.check = StepLine(
            theme,
            2,
            self.tr("Check that your phone shows this code"),
            self.tr("If it does not, do not go on."),
            self.tiles,
        )
        self.confirm = StepLine(
            theme,
            3,
            self.tr("Confirm on your phone"),
            self.tr("This screen opens by itself. You never type a password here."),
        )
        words = holding(column(None, self.heading, 28, self.scan, 20, self.check, 20, self.confirm, None))
        self.square = SquareCode(theme)
        self.bar = ProgressBar(theme, 8)
        self.left = Text(theme, "", Role.KIOSK_BODY_STRONG, Tone.TEXT2)
        self._below = row(self.bar, self.left, gap=12)
        sight = holding(column(self.square, 20, self._below))
        self.put(words, sight)

    def show_code(self, code: SignInCode) -> None:
        """Show a code that is good."""
        self.tiles.show_code(code.code)
        host = code.address.removeprefix("https://").removeprefix("http://")
        self.scan.say(self.tr("Or open {address} on your phone.").format(address=host))
        self.square.show_text(
            code.square, self.tr("Square for a camera. It leads to {address}.").format(address=host)
        )

    def count_down(self, code: SignInCode, now: datetime) -> None:
        """How long it is still good."""
        whole = max(1.0, (code.expires_at - code.given_at).total_seconds())
        left = (code.expires_at - now).total_seconds()
        words = self.tr("New code in {time}").format(time=minutes(left))
        self.left.set_text(words)
        self.bar.show_share(left / whole, words)

    def fit(self, room: QSize, *, upright: bool) -> None:
        """Take the room there is, in a screen of that size."""
        whole = Kiosk.SQUARE + 2 * Kiosk.QUIET
        roomy = upright or (room.width() >= _ROOMY[0] and room.height() >= _ROOMY[1])
        self.square.show_size(whole if roomy else _SMALL_CARD)
        self.lie(upright=upright)


class ToldMiddle(ThemedWidget):
    """Something is under way, or stands in the way: what, and what can be done. `again` is pressed for another try."""

    again = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.tile = IconTile(theme, "hourglass", Tone.NEUTRAL, size=64, icon_size=32)
        self.heading = Text(theme, "", Role.KIOSK, wrap=True)
        self.text = Text(theme, "", Role.KIOSK_BODY, Tone.TEXT2, wrap=True)
        self.retry = Text(theme, "", Role.KIOSK_BODY_STRONG, Tone.TEXT2)
        self.button = press(theme, self.tr("Try now"), "refresh", ButtonKind.PRIMARY)
        self.button.clicked.connect(self.again)
        ways = row(self.button, self.retry, None, gap=20)
        words = holding(column(None, row(self.tile, None), 24, self.heading, 12, self.text, 24, ways, None))
        words.setMaximumWidth(720)
        line = row(gap=0)
        line.addWidget(words, 4)
        line.addStretch(1)
        self.setLayout(line)

    def show_wait(self, heading: str, text: str) -> None:
        """It takes a moment."""
        self._show("hourglass", Tone.NEUTRAL, heading, text)
        self.button.hide()
        self.retry.hide()

    def show_trouble(self, trouble: Trouble, left: int) -> None:
        """`left`: seconds until it is tried again by itself; 0 when it is not."""
        self._show("alert-triangle", Tone.WARN, trouble.heading, trouble.text)
        self.button.show()
        self.retry.setVisible(left > 0)
        self.retry.set_text(self.tr("Tries again by itself in {seconds} s").format(seconds=left))

    def _show(self, icon: str, tone: Tone, heading: str, text: str) -> None:
        self.tile.show_icon(icon, tone)
        self.heading.set_text(heading)
        self.text.set_text(text)
        self.text.setVisible(bool(text))
        self.setAccessibleName(heading)
        self.setAccessibleDescription(text)


class UnlockMiddle(TwoHalves):
    """Whose screen is unlocked, and the pad. `given` with the code, `left` when somebody thought better of it."""

    given = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme, tr: Words) -> None:
        super().__init__(theme)
        self.tile = IconTile(theme, "lock", Tone.ACCENT, size=64, icon_size=32)
        self.heading = Text(theme, "", Role.KIOSK, wrap=True)
        note = self.tr("Type the code you chose, or hold your badge to the reader.")
        self.note = Text(theme, note, Role.KIOSK_BODY, Tone.TEXT2, wrap=True)
        self.problem = Text(theme, "", Role.KIOSK_BODY_STRONG, Tone.BAD, wrap=True)
        self.back = press(theme, self.tr("Back"), "arrow-left")
        self.back.clicked.connect(self.left)
        words = holding(
            column(
                None, row(self.tile, None), 24, self.heading, 12, self.note, 12, self.problem, 24,
                row(self.back, None), None,
            )
        )  # fmt: skip
        self.pad = CodePad(theme, tr)
        self.pad.given.connect(self.given)
        self.pad.changed.connect(lambda: self.show_problem(""))
        self.put(words, self.pad)

    def show_person(self, who: LockedLine, problem: str, *, checking: bool = False) -> None:
        """`problem`: why the last code did not open; `checking`: one is tried now."""
        self.heading.set_text(self.tr("{name}, unlock with your code").format(name=who.name))
        self.pad.rest(self.tr("One moment: your code is tried.") if checking else "")
        self.show_problem(problem)

    def show_problem(self, problem: str) -> None:
        """Why the last code did not open; empty: nothing."""
        self.problem.set_text(problem)
        self.problem.setVisible(bool(problem))
