"""Help beside the page: topics to search and read, each with the way to its place. It covers no more than it needs.

Usage: ``panel = HelpPanel(theme, window, Help(folder, language), show_place); panel.open()``. Offline, like everything.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QUrl
from PySide6.QtGui import (
    QFont,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QStackedWidget, QTextBrowser, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.services.help import Help, Topic
from app.services.portal import Portal
from app.views.theme.assets import asset_path
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import IconButton, secondary
from app.views.widgets.cards import Rule
from app.views.widgets.layout import column, emptied, holding, row
from app.views.widgets.rows import OpenRow
from app.views.widgets.scroll import scrolled
from app.views.widgets.search_box import SearchBox
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_WIDTH = 380
_LINE, _BETWEEN, _BETWEEN_POINTS, _INDENT = 20, 12, 6, 16


class TopicText(QTextBrowser):
    """Markdown as rich text. It loads nothing, neither from the network nor from disk, and follows no link."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setFont(theme.font(Role.BODY))
        self.document().setDocumentMargin(0)
        self.document().setIndentWidth(_INDENT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(self._on_theme)

    def show_markdown(self, text: str) -> None:
        """Show a text."""
        self._text = text
        features = QTextDocument.MarkdownFeature
        self.document().setMarkdown(text, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
        self._dress()
        self.verticalScrollBar().setValue(0)
        self.updateGeometry()

    def _dress(self) -> None:
        """Give paragraphs room to breathe, and stress with the weight the typeface has."""
        document = self.document()
        block = document.begin()
        while block.isValid():
            cursor = QTextCursor(block)
            roomy = cursor.blockFormat()
            roomy.setLineHeight(_LINE, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
            in_list = block.textList() is not None
            roomy.setTopMargin(0)
            roomy.setBottomMargin(_BETWEEN_POINTS if in_list else _BETWEEN)
            cursor.setBlockFormat(roomy)
            if in_list and (following := block.next()).isValid() and following.textList() is None:
                roomy.setBottomMargin(_BETWEEN)
                cursor.setBlockFormat(roomy)
            block = block.next()
        for start, end in _stressed(document):
            cursor = QTextCursor(document)
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            weight = QTextCharFormat()
            weight.setFontWeight(QFont.Weight.DemiBold)
            cursor.mergeCharFormat(weight)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, math.ceil(self.document().size().height()) + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        # A picture, though an empty one: for want of any, Qt would look for a file of that name by itself.
        nothing = QImage(1, 1, QImage.Format.Format_ARGB32)
        nothing.fill(0)
        return nothing

    def _on_theme(self) -> None:
        self.show_markdown(self._text)


def _stressed(document: QTextDocument) -> list[tuple[int, int]]:
    """Where the text is bold: (start, end) positions."""
    found: list[tuple[int, int]] = []
    block = document.begin()
    while block.isValid():
        parts = block.begin()
        while not parts.atEnd():
            fragment = parts.fragment()
            if fragment.charFormat().fontWeight() > QFont.Weight.DemiBold:
                found.append((fragment.position(), fragment.position() + fragment.length()))
            parts += 1
        block = block.next()
    return found


class TopicRow(OpenRow):
    """A topic of the list."""

    def __init__(self, theme: Theme, topic: Topic) -> None:
        super().__init__(theme)
        self.topic = topic
        self.setFixedHeight(40)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(topic.title)
        line = row(gap=8, margins=(20, 0, 16, 0))
        line.addWidget(Text(theme, topic.title, Role.NAME, elide=True), 1)
        line.addWidget(Icon(theme, "chevron-right", Tone.TEXT3, 14, self.tr("Read")))
        self.setLayout(line)


class HelpPanel(Panel):
    """At the trailing edge, below the top bar; Escape closes it."""

    def __init__(
        self, theme: Theme, window: QWidget, help_: Help, show_place: Callable[[Topic], None]
    ) -> None:
        super().__init__(theme, "surface", parent=window)
        self._window = window
        self._help = help_
        self._show_place = show_place
        self._before: QWidget | None = None
        self._topic: Topic | None = None
        self.rows: list[TopicRow] = []
        self.setObjectName("help")
        self.setAccessibleName(self.tr("Help"))
        self.back = IconButton(theme, "arrow-left", self.tr("All topics"))
        self.back.clicked.connect(self.show_topics)
        self._title = Text(theme, "", Role.SECTION, elide=True)
        close = IconButton(theme, "x", self.tr("Close help"))
        close.clicked.connect(self.close_panel)
        self.search = SearchBox(theme, self.tr("Search the help"), width=_WIDTH - 40)
        self.search.searched.connect(self._list)
        self.search.left.connect(self.close_panel)
        self.text = TopicText(theme)
        self.show_me = secondary(theme, self.tr("Show me"), "arrow-right", small=True)
        self.show_me.setObjectName("help.show")
        self.show_me.clicked.connect(self._go)
        self._build(close)
        window.installEventFilter(self)
        self.hide()

    def _build(self, close: QWidget) -> None:
        self._topics = QVBoxLayout()
        self._nothing = Text(
            self.theme, self.tr("Nothing found. Try fewer letters."), Role.SECONDARY, Tone.TEXT3
        )
        self._nothing.setContentsMargins(20, 8, 20, 8)
        lists = column(self._topics, self._nothing, None)
        self._list_page = holding(
            column(row(self.search, margins=(20, 16, 20, 8)), scrolled(holding(lists), self.tr("Topics")))
        )
        self._topic_page = holding(
            column(
                row(self.text, margins=(20, 16, 16, 0), align=False),
                row(self.show_me, None, margins=(20, 8, 20, 16)),
                None,
            )
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._list_page)
        self._stack.addWidget(self._topic_page)
        head = row(self.back, gap=6)
        head.addWidget(self._title, 1)
        holder = holding(head)
        holder.setFixedHeight(Height.TOP_BAR)
        outer = row(gap=0, margins=(19, 0, 12, 0))
        outer.addWidget(holder, 1)
        outer.addWidget(close)
        self.setLayout(column(outer, Rule(self.theme), self._stack, margins=(1, 0, 0, 0)))

    # opening and closing

    def open(self, topic: str = "") -> None:
        """Show it, with all topics or with one."""
        if self.isHidden():
            self._before = QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()
        found = next((one for one in self._help.topics if one.name.endswith(topic)), None) if topic else None
        if found is not None:
            self.show_topic(found)
        else:
            self.show_topics()

    def close_panel(self) -> None:
        """Hide it and give the keyboard back to where it was."""
        if self.isHidden():
            return
        self.hide()
        if self._before is not None and isValid(self._before) and not self._before.isHidden():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

    def show_topics(self) -> None:
        """All topics that answer what stands in the search field."""
        self._topic = None
        self._title.set_text(self.tr("Help"))
        self.back.hide()
        self._stack.setCurrentWidget(self._list_page)
        self._list(self.search.text())
        self.search.focus_text()

    def show_topic(self, topic: Topic) -> None:
        """One topic to read."""
        self._topic = topic
        self._title.set_text(topic.title)
        self.back.show()
        self.text.show_markdown(topic.text)
        self.text.setAccessibleName(topic.title)
        self.show_me.setVisible(bool(topic.place))
        self._stack.setCurrentWidget(self._topic_page)
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _list(self, text: str) -> None:
        found = self._help.search(text)
        if [entry.topic for entry in self.rows] == list(found):
            return
        emptied(self._topics)
        self.rows = []
        for topic in found:
            entry = TopicRow(self.theme, topic)
            entry.opened.connect(partial(self.show_topic, topic))
            self._topics.addWidget(entry)
            self.rows.append(entry)
        self._nothing.setVisible(not found)

    def _go(self) -> None:
        if self._topic is not None:
            self._show_place(self._topic)

    # place and paint

    def _place(self) -> None:
        width, top = min(_WIDTH, self._window.width() - 48), Height.TOP_BAR
        left = 0 if self.mirrored else self._window.width() - width
        self.setGeometry(QRect(left, top, width, self._window.height() - top))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.show_topics() if self._topic is not None else self.close_panel()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        x = self.width() - 1 if self.mirrored else 0
        painter.fillRect(x, 0, 1, self.height(), self.theme.tokens.line2)
        painter.fillRect(0, 0, self.width(), 1, self.theme.tokens.line2)
        painter.end()


def help_of(portal: Portal) -> Help:
    """The topics in the user's language."""
    return Help(asset_path("help"), portal.formats.tr.language)
