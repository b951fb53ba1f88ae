"""A quantity one steps up and down, beside the field in which it can be typed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.views.theme.theme import Theme
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import IconButton
from app.views.widgets.field import Field
from app.views.widgets.layout import column, row
from app.views.widgets.text_controls import NumberControl

_WIDTH = 120
#: Height of a field's label with its gap.
_LABEL = 20


class QuantityStepper(ThemedWidget):
    """Minus, number, plus; `edited` comes with each change by the user. Never below `least`."""

    edited = Signal()

    def __init__(
        self,
        theme: Theme,
        label: str,
        *,
        least: int = 1,
        most: int = 1_000_000,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._least, self._most = least, most
        self._label = label
        self._control = NumberControl(theme, whole=True)
        self.field = Field(theme, label, self._control)
        self._control.setFixedWidth(_WIDTH)
        self.less = IconButton(theme, "minus", self.tr("One less"), size=32)
        self.less.setObjectName("quantity.less")
        self.less.clicked.connect(lambda: self._step(-1))
        self.more = IconButton(theme, "plus", self.tr("One more"), size=32)
        self.more.setObjectName("quantity.more")
        self.more.clicked.connect(lambda: self._step(1))
        for button in (self.less, self.more):
            button.setAutoRepeat(True)
        # The buttons stand beside the number, below the label's line.
        buttons = column(_LABEL, row(self.less, self.more, gap=4), None)
        whole = row(gap=8, align=False)
        whole.addWidget(self.field, 0)
        whole.addLayout(buttons, 0)
        whole.addStretch(1)
        self.setLayout(whole)
        self.field.edited.connect(self._on_edited)

    @property
    def quantity(self) -> int | None:
        """The number that stands there, None when it is none."""
        value = self._control.value()
        try:
            return int(value) if value is not None else None
        except ValueError:
            return None

    def show_quantity(self, quantity: int | None) -> None:
        """Show a number; not an edit."""
        self.field.set_value(quantity)
        self._follow()

    def problem(self) -> str:
        """Why this is no quantity, or an empty string; shown on the field by `judge`."""
        if self._control.problem():
            return self._control.problem()
        quantity = self.quantity
        if quantity is None or quantity < self._least:
            return self.tr("At least {least}. To end it, let it lapse.").format(least=self._least)
        return self.tr("At most {most}.").format(most=self._most) if quantity > self._most else ""

    def judge(self) -> bool:
        """Show what is wrong, if anything; whether it may go."""
        self.field.set_error(self.problem())
        return not self.problem()

    def _step(self, by: int) -> None:
        self.field.set_value(min(self._most, max(self._least, (self.quantity or 0) + by)))
        self._on_edited()

    def _on_edited(self) -> None:
        self.field.set_error("")
        self._follow()
        self.edited.emit()

    def _follow(self) -> None:
        quantity = self.quantity
        if quantity is not None and quantity <= self._least:
            self.less.disable(self.tr("It cannot be less. To end it, let it lapse."))
        else:
            self.less.enable()
