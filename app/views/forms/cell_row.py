"""The fields of a row of a form: side by side, and in two lines where there is not room for the words of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from app.views.theme.tokens import Space
from app.views.widgets.field import Field

#: In less than this neither a name with *optional* behind it nor a value can be read.
_LEAST = 132
#: So few fields stay side by side: below that width the whole form is too narrow.
_TOGETHER = 3


class CellRow(QGridLayout):
    """`fit` is told of the width there is. The weights alone decide how it is shared."""

    def __init__(self, fields: Sequence[Field], weights: Sequence[int]) -> None:
        super().__init__()
        self._fields = tuple(fields)
        self._weights = tuple(weights)
        self._columns = 0
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(Space.L)
        self.setVerticalSpacing(Space.M)
        for field in self._fields:
            # Hints of the controls would make neighbouring rows uneven.
            field.setMinimumWidth(1)
        self._place(len(self._fields))

    def fit(self, width: int) -> None:
        """Break the row in two where a field would get less room than it can do with."""
        count = len(self._fields)
        shares = sum(self._weights)
        room = width - Space.L * (count - 1)
        narrow = shares and min(self._weights) * room // shares < _LEAST
        self._place((count + 1) // 2 if narrow and count > _TOGETHER else count)

    def _place(self, columns: int) -> None:
        if columns == self._columns:
            return
        for number in range(max(columns, self._columns)):
            taken = self._weights[number::columns] if number < columns else ()
            self.setColumnStretch(number, max(taken, default=0))
        self._columns = columns
        for number, field in enumerate(self._fields):
            line, place = divmod(number, columns)
            self.addWidget(field, line, place, Qt.AlignmentFlag.AlignTop)
