"""A reader of PDF files that has been taken over: how little of what it answers is believed."""

from __future__ import annotations

import io
import struct
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from app.contract.errors import Refused
from app.services import pdf as pages
from app.services.pdf import PdfFile, text_of
from app.services.pdf_wire import MOST_PAGES, Ended, receive
from tests.services.pdf_reader import MEBIBYTE
from tests.services.test_documents import PRICES

pytestmark = pytest.mark.usefixtures("own_reader")


class FakeReader:
    """A reader that has been taken over: it answers what it likes."""

    alive, dismissed = True, False

    def __init__(self, **answers: tuple[dict[str, Any], bytes]) -> None:
        self.answers = {"open": ({"pages": 1}, b""), **answers}
        self.dropped: list[int] = []

    def ask(self, question: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        if question["do"] not in self.answers:
            raise Ended
        return self.answers[question["do"]]

    def forget(self, number: int) -> None:
        """Nothing is held."""

    def end(self) -> None:
        """Nothing runs."""


class EndsOver(FakeReader):
    """A reader that ends over certain pages, and is another one afterwards."""

    def __init__(self, *bad: int) -> None:
        super().__init__(open=({"pages": 9}, b""))
        self.bad = bad
        self.begun = 0

    def ask(self, question: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        if question["do"] == "open":
            self.begun, self.alive = self.begun + 1, True
            return super().ask(question, body)
        if question["page"] in self.bad:
            self.alive = False
            raise Ended
        return {}, b"words"


def test_one_bad_page_costs_that_page_and_not_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are also drawn before anybody looks at them, and a page is not the fault of the one before it."""
    ends = EndsOver(1)
    monkeypatch.setattr(pages, "_running", lambda: ends)
    file = PdfFile(PRICES)
    for _ in range(3):
        with pytest.raises(Refused, match="more time or memory than a document may"):
            file.render(1, 1.0)
        with pytest.raises(Refused, match="more time or memory than a document may"):
            file.text(1)
        assert file.text(0) == file.text(2) == "words"
    assert ends.begun == 2
    assert text_of(PRICES).split() == ["words"] * 8


def test_a_document_with_many_bad_pages_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = EndsOver(1, 2, 3, 4)
    monkeypatch.setattr(pages, "_running", lambda: ends)
    file = PdfFile(PRICES)
    for index in (1, 2, 3, 4, 0):
        with pytest.raises(Refused, match="more time or memory than a document may"):
            file.text(index)
    assert ends.begun == 3


@pytest.mark.parametrize(
    ("do", "head", "body"),
    [
        ("open", {"pages": -1}, b""),
        ("open", {"pages": "many"}, b""),
        ("open", {}, b""),
        ("sizes", {"sizes": []}, b""),
        ("sizes", {"sizes": [[1.0, 2.0], [1.0, 2.0]]}, b""),
        ("sizes", {"sizes": [[1.0, float("nan")]]}, b""),
        ("render", {"width": 10, "height": 10, "stride": 40}, b"x" * 399),
        ("render", {"width": 10, "height": 10, "stride": 40}, b"x" * 401),
        ("render", {"width": 11, "height": 10, "stride": 40}, b"x" * 400),
        ("render", {"width": 10, "height": 10, "stride": 40, "more": 1}, b"x" * 400),
        ("render", {"width": 0, "height": 10, "stride": 40}, b""),
        ("render", {"width": 10, "height": -10, "stride": -40}, b"x" * 400),
        ("find", {"boxes": [[0, 0, 1]]}, b""),
        ("find", {"boxes": None}, b""),
        ("text", {"refused": True}, b""),
    ],
)
def test_a_reader_that_lies_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, do: str, head: dict[str, Any], body: bytes
) -> None:
    monkeypatch.setattr(pages, "_running", lambda: FakeReader(**{do: (head, body)}))
    ask: dict[str, Callable[[PdfFile], object]] = {
        "open": lambda _file: None,
        "sizes": PdfFile.sizes,
        "render": lambda file: file.render(0, 1.0),
        "find": lambda file: file.find(0, "x"),
        "text": lambda file: file.text(0),
    }
    with pytest.raises(Refused, match="damaged or needs a password"):
        ask[do](PdfFile(PRICES))


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("find", b'{"boxes":[' + b"[]," * 2_700_000 + b"[]]}"),
        ("sizes", b'{"sizes":[' + b"[]," * 2_700_000 + b"[]]}"),
        ("find", b'{"boxes":[],' + b",".join(b'"%d":{}' % number for number in range(100_000)) + b"}"),
        ("find", b'{"boxes":[' + b"[0,0,0,0]," * 100_000 + b"[0,0,0,0]]}"),
    ],
    ids=["boxes", "sizes", "more", "many"],
)
def test_a_reader_that_says_too_much_fills_no_memory(
    monkeypatch: pytest.MonkeyPatch, do: str, said: bytes
) -> None:
    class Told(FakeReader):
        def ask(self, question: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
            if question["do"] == "open":
                return {"pages": 1}, b""
            return receive(io.BytesIO(struct.pack("<QQ", len(said), 0) + said))

    monkeypatch.setattr(pages, "_running", Told)
    file = PdfFile(PRICES)
    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            file.sizes() if do == "sizes" else file.find(0, "x")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 100 * MEBIBYTE


def test_text_that_is_none_is_still_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_running", lambda: FakeReader(text=({}, b"caf\xe9 \xed\xa0\x80")))
    text = PdfFile(PRICES).text(0)
    assert text.startswith("caf\ufffd")
    assert text.encode("utf-8")


def test_more_pages_than_are_looked_at_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_running", lambda: FakeReader(open=({"pages": 10**12}, b"")))
    assert PdfFile(PRICES).pages == MOST_PAGES
