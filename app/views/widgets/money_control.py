"""An amount with its currency: they mean one thing and are one value.

Usage: ``Field(theme, "Amount", MoneyControl(theme, ["GBP", "EUR"]))``; the value is a ``MoneyValue`` or None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.views.theme.theme import Theme
from app.views.widgets.choice_controls import ComboBox
from app.views.widgets.control import Control
from app.views.widgets.text_controls import make_line, parse_number, show_number


@dataclass(frozen=True, slots=True)
class MoneyValue:
    """A decimal string such as ``22480.00`` and an ISO 4217 code."""

    amount: str
    currency: str


class MoneyControl(Control):
    """Currency at the leading side, amount right-aligned in tabular figures."""

    def __init__(
        self, theme: Theme, currencies: Sequence[str], *, digits: int = 2, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._digits = digits
        self.combo = ComboBox(theme)
        self.combo.addItems(list(currencies))
        self.combo.setFixedWidth(72)
        self.edit = make_line(theme)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.combo)
        layout.addWidget(self.edit, 1)
        self.combo.activated.connect(lambda _row: self.edited.emit())
        self.edit.textEdited.connect(lambda _text: self.edited.emit())
        self.edit.editingFinished.connect(self._tidy)
        self.watch(self.edit, self.combo)

    def value(self) -> MoneyValue | None:
        amount = parse_number(self.edit.text(), self.locale())
        if amount is None:
            return None
        return MoneyValue(self._plain(amount), self.combo.currentText())

    def set_value(self, value: object) -> None:
        if value is None:
            self.edit.clear()
            return
        if not isinstance(value, MoneyValue):
            raise TypeError(f"expected a MoneyValue, got {type(value).__name__}")
        if self.combo.findText(value.currency) < 0:
            self.combo.addItem(value.currency)
        self.combo.setCurrentText(value.currency)
        self.edit.setText(show_number(value.amount, self.locale()))

    def set_currency(self, currency: str) -> None:
        """The currency an empty amount starts with."""
        if self.combo.findText(currency) >= 0:
            self.combo.setCurrentText(currency)

    def problem(self) -> str:
        if not self.edit.text().strip() or self.value() is not None:
            return ""
        sample = show_number("12500.00", self.locale())
        return self.tr("Not an amount. Write figures only, such as {sample}.").format(sample=sample)

    def set_locked(self, locked: bool) -> None:
        self.edit.setReadOnly(locked)
        self.combo.setEnabled(not locked)

    def name_as(self, name: str, description: str) -> None:
        super().name_as(name, description)
        self.combo.setAccessibleName(self.tr("{field}, currency").format(field=name))

    def _plain(self, amount: Decimal) -> str:
        exact = amount.quantize(Decimal(1).scaleb(-self._digits))
        # Digits beyond the currency's own are the user's and are judged by the rules, not cut here.
        return format(exact if exact == amount else amount, "f")

    def _tidy(self) -> None:
        found = self.value()
        if found is not None:
            self.edit.setText(show_number(found.amount, self.locale()))
