"""What a file shows: pages of a PDF, a picture, words, or nothing that this window can show.

`open_content` and every method of `Sheets` may run on any thread; they never touch a widget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QImage

from app.services.pdf import PdfFile

#: One page is never rendered beyond this many pixels, however far one zooms.
_MOST_PIXELS = 24_000_000
#: Text beyond this many characters is cut; the saved copy has it all.
_MOST_TEXT = 2_000_000
#: Pixels of a picture that count as one point, so that 100 % is one pixel to one.
_POINTS_PER_PIXEL = 0.75
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})

Box = tuple[float, float, float, float]


class Sheets(Protocol):
    """Pages that can be rendered. Sizes and boxes in points; a box is left, top, right, bottom from the top left."""

    @property
    def count(self) -> int:
        """Number of pages."""

    def size(self, index: int) -> tuple[float, float]:
        """Width and height of a page."""

    def render(self, index: int, scale: float) -> QImage:
        """Draw a page; `scale` in pixels a point."""

    def find(self, index: int, wanted: str) -> list[Box]:
        """Where `wanted` stands on a page."""

    def close(self) -> None:
        """Free what is held."""


@dataclass(frozen=True)
class Words:
    """A plain text; `cut` tells that only its beginning is shown."""

    text: str
    cut: bool


@dataclass(frozen=True)
class Unshowable:
    """A file of a kind that is only saved, never opened here."""

    media_type: str


Content = Sheets | Words | Unshowable


class PdfSheets:
    """The pages of a PDF."""

    def __init__(self, data: bytes) -> None:
        self._file = PdfFile(data)
        self._sizes = [self._file.size(index) for index in range(self._file.pages)]

    @property
    def count(self) -> int:
        return self._file.pages

    def size(self, index: int) -> tuple[float, float]:
        return self._sizes[index]

    def render(self, index: int, scale: float) -> QImage:
        width, height = self._sizes[index]
        most = (_MOST_PIXELS / max(1.0, width * height)) ** 0.5
        page = self._file.render(index, min(scale, most))
        image = QImage(page.pixels, page.width, page.height, page.stride, QImage.Format.Format_RGB32)
        # QImage only borrows the bytes.
        return image.copy()

    def find(self, index: int, wanted: str) -> list[Box]:
        height = self._sizes[index][1]
        return [
            (left, height - top, right, height - bottom)
            for left, bottom, right, top in self._file.find(index, wanted)
        ]

    def close(self) -> None:
        self._file.close()


class PictureSheets:
    """A picture as a single page."""

    def __init__(self, image: QImage) -> None:
        self._image = image

    @property
    def count(self) -> int:
        return 1

    def size(self, index: int) -> tuple[float, float]:
        return self._image.width() * _POINTS_PER_PIXEL, self._image.height() * _POINTS_PER_PIXEL

    def render(self, index: int, scale: float) -> QImage:
        width, height = self.size(index)
        most = (_MOST_PIXELS / max(1.0, width * height)) ** 0.5
        used = min(scale, most)
        wanted = QSize(max(1, round(width * used)), max(1, round(height * used)))
        mode = Qt.TransformationMode.SmoothTransformation
        return self._image.scaled(wanted, Qt.AspectRatioMode.IgnoreAspectRatio, mode)

    def find(self, index: int, wanted: str) -> list[Box]:
        return []

    def close(self) -> None:
        self._image = QImage()


def open_content(data: bytes, media_type: str) -> Content:
    """Open a file by what it says it is. Raises Refused for a PDF that is damaged or needs a password."""
    if data.startswith(b"%PDF-"):
        return PdfSheets(data)
    if media_type in _PICTURES:
        image = QImage.fromData(QByteArray(data))
        if not image.isNull():
            return PictureSheets(image)
        return Unshowable(media_type)
    if media_type.startswith("text/") and media_type != "text/html":
        return _words(data, media_type)
    return Unshowable(media_type)


def can_show(media_type: str) -> bool:
    """Whether files of this kind open inside the window."""
    text = media_type.startswith("text/") and media_type != "text/html"
    return media_type == "application/pdf" or media_type in _PICTURES or text


def _words(data: bytes, media_type: str) -> Words | Unshowable:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unshowable(media_type)
    return Words(text[:_MOST_TEXT], len(text) > _MOST_TEXT)
