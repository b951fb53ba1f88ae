"""Nothing of a person stays once their windows are destroyed, and nothing is destroyed twice."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QApplication, QCompleter, QLineEdit, QListView, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.views.shell.traces import clear_traces, destructible_windows
from app.views.theme.theme import Theme


def test_the_list_of_a_completer_goes_with_its_field_and_only_once(theme: Theme) -> None:
    """Qt's completer deletes its list without looking; destroyed before, it would end the program."""
    keep = QWidget()
    keep.show()
    windows: list[QWidget] = []
    lists: list[QListView] = []
    for _ in range(20):
        window = QWidget()
        edit = QLineEdit(window)
        made = QVBoxLayout(window)
        made.addWidget(edit)
        completer = QCompleter(QStringListModel(["Kestrel Foods"]), edit)
        shown = QListView()
        completer.setPopup(shown)
        edit.setCompleter(completer)
        window.show()
        windows.append(window)
        lists.append(shown)
    assert all(one in QApplication.topLevelWidgets() for one in lists), "each is a window of its own"
    assert not [one for one in destructible_windows() if one in lists]
    clear_traces(keep)
    assert [one for one in (*windows, *lists) if isValid(one)] == []
    assert isValid(keep)
