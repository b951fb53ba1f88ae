"""The least a PySide6 program can be: what the frozen app's size and start are held against."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel

app = QApplication(sys.argv)
label = QLabel("Hello")
label.show()


def shown() -> None:
    """Say so and leave, once it is painted."""
    label.repaint()
    print('{"shown": "hello"}', flush=True)
    app.quit()


QTimer.singleShot(0, shown)
sys.exit(app.exec())
