"""PDF files as they are read: what is drawn, found and let go of, and what one page may cost."""

from __future__ import annotations

import threading
import time

import pytest

from app.contract.errors import Refused
from app.services import pdf as pages
from app.services.pdf import PdfFile, page_count, text_of
from tests.security.documents import form_bomb, huge_page, pdf_of
from tests.services.pdf_reader import MEBIBYTE, held_by, reader
from tests.services.test_documents import PRICES

pytestmark = pytest.mark.usefixtures("own_reader")


def test_pages_are_drawn_and_searched() -> None:
    file = PdfFile(PRICES)
    assert file.pages == 2
    assert len(file.sizes()) == 2
    width, height = file.sizes()[0]
    image = file.render(0, 0.5)
    assert (image.width, image.height) == (round(width / 2 + 0.49), round(height / 2 + 0.49))
    assert len(image.pixels) == image.stride * image.height
    assert len(set(image.pixels)) > 2
    assert file.find(0, "1,890")
    assert file.find(0, "") == file.find(1, "1,890") == []
    file.close()
    file.close()
    with pytest.raises(Refused, match="has been closed"):
        file.text(0)
    assert "zirconium" in text_of(PRICES)


def test_what_is_closed_is_let_go_of_by_the_reader() -> None:
    large = PRICES + b"\n%" + b"x" * (60 * MEBIBYTE)
    first = PdfFile(PRICES)
    before = held_by(reader())
    for _ in range(5):
        assert page_count(large) == 2
    assert held_by(reader()) - before < 200 * MEBIBYTE
    assert "Edge 220" in first.text(0)
    first.close()


def test_a_page_that_takes_too_long_is_given_up_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    file, bomb = PdfFile(PRICES), PdfFile(form_bomb(12))
    monkeypatch.setattr(pages, "MOST_SECONDS", 0.3)
    began = time.monotonic()
    with pytest.raises(Refused, match="more time or memory than a document may"):
        bomb.render(0, 1.0)
    assert time.monotonic() - began < 5
    monkeypatch.undo()
    assert "zirconium" in file.text(1)
    running = reader()
    with pytest.raises(Refused, match="more time or memory than a document may"):
        bomb.text(0)
    bomb.close()
    assert file.render(0, 1.0).width > 0
    assert reader() == running, "what was given up ends no other reader"
    file.close()


def test_a_page_that_takes_too_much_memory_is_given_up() -> None:
    file = PdfFile(huge_page(14_400))
    with pytest.raises(Refused, match="more time or memory than a document may"):
        file.render(0, 2.0)
    file.close()
    assert "zirconium" in text_of(PRICES)


def test_a_document_that_nobody_closed_is_let_go_of_all_the_same() -> None:
    large = PRICES + b"\n%" + b"x" * (60 * MEBIBYTE)
    first = PdfFile(PRICES)
    before = held_by(reader())
    for _ in range(5):
        # Nobody wants it any more, as when one goes on to the next file.
        assert PdfFile(large).pages == 2
    assert page_count(PRICES) == 2
    assert held_by(reader()) - before < 200 * MEBIBYTE
    assert "Edge 220" in first.text(0)
    first.close()


def test_a_file_that_could_not_be_opened_is_dropped_without_ending_the_reader() -> None:
    first = PdfFile(PRICES)
    running = reader()
    for _ in range(3):
        assert page_count(b"%PDF-1.7\nno more") is None
    assert "Edge 220" in first.text(0)
    assert reader() == running
    first.close()


def test_time_that_is_over_as_the_answer_comes_costs_no_other_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Late(threading.Timer):
        def cancel(self) -> None:
            self.function(*self.args, **self.kwargs)
            super().cancel()

    file, other = PdfFile(PRICES), PdfFile(PRICES)
    monkeypatch.setattr(threading, "Timer", Late)
    assert "Edge 220" in file.text(0)
    monkeypatch.undo()
    assert "zirconium" in other.text(1)
    assert "zirconium" in file.text(1)
    file.close()
    other.close()


@pytest.mark.parametrize("wanted", ["\ud800", "\0", "\0\0", "\ud800\0"])
def test_words_that_are_none_are_nowhere(wanted: str) -> None:
    file = PdfFile(PRICES)
    assert file.find(0, wanted) == []
    assert file.find(0, f"1,890{wanted}") == file.find(0, "1,890") != []
    file.close()


@pytest.mark.parametrize("scale", [0.0, -1.0, float("inf"), float("nan"), 1e300])
def test_a_scale_that_is_none_gives_up_no_document(scale: float) -> None:
    file = PdfFile(PRICES)
    running = reader()
    with pytest.raises(Refused, match="damaged or needs a password"):
        file.render(0, scale)
    assert "Edge 220" in file.text(0)
    assert reader() == running
    file.close()


def test_a_page_that_cannot_be_read_takes_no_other_with_it() -> None:
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count 3/Kids[10 0 R 99 0 R 12 0 R]>>",
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }
    for number in range(3):
        words = b"BT /F 12 Tf 20 20 Td (number %d) Tj ET" % number
        objects[10 + number] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</Font<</F 5 0 R>>>>/Contents %d 0 R>>"
            % (20 + number)
        )
        objects[20 + number] = b"<</Length %d>>stream\n%s\nendstream" % (len(words), words)
    text = text_of(pdf_of(objects))
    assert "number 0" in text
    assert "number 2" in text


def test_what_was_read_of_a_document_before_it_was_given_up_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    text = PdfFile.text

    def ends(file: PdfFile, index: int) -> str:
        if index == 1:
            reader().kill()
            reader().wait()
            file._given_up = True
        return text(file, index)

    monkeypatch.setattr(PdfFile, "text", ends)
    assert "Edge 220" in text_of(PRICES)
    monkeypatch.setattr(PdfFile, "text", lambda file, _index: text(file, 99))
    with pytest.raises(Refused):
        text_of(PRICES)
