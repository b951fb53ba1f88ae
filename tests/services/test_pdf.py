"""PDF files are read by a process of its own: what it draws, what it may cost, and how little of it is believed."""

from __future__ import annotations

import io
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.contract.errors import NoReader, Refused
from app.services import pdf as pages
from app.services import pdf_process
from app.services.pdf import PdfFile, end_reader, page_count, text_of
from app.services.pdf_memory import memory
from app.services.pdf_wire import Ended, receive, send
from tests.patience import PATIENCE
from tests.security.documents import form_bomb, huge_page, pdf_of
from tests.services.conftest import World
from tests.services.test_documents import PRICES, arrive, document

MEBIBYTE = 1 << 20


@pytest.fixture(autouse=True)
def _a_reader_of_its_own() -> Iterator[None]:
    end_reader()
    yield
    end_reader()


def reader() -> subprocess.Popen[bytes]:
    running = pages._last_reader
    assert running is not None
    return running._process


def held_by(process: subprocess.Popen[bytes]) -> int:
    """Bytes of memory, as Linux tells them."""
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def runs(pid: int) -> bool:
    """Whether a process runs; one that nobody has asked after is over all the same."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


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


def test_a_reader_that_somebody_ends_is_replaced() -> None:
    file = PdfFile(PRICES)
    running = reader()
    running.kill()
    running.wait()
    assert "zirconium" in file.text(1)
    assert reader() != running
    file.close()


def test_a_document_that_nobody_closed_is_let_go_of_all_the_same() -> None:
    large = PRICES + b"\n%" + b"x" * (60 * MEBIBYTE)
    first = PdfFile(PRICES)
    before = held_by(reader())
    for _ in range(5):
        assert (
            PdfFile(large).pages == 2
        )  # and nobody wanted it any more, as when one goes on to the next file
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


def no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_command", lambda: [str(Path(__file__).with_name("no such program"))])


def test_a_reader_that_cannot_be_started_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    no_program(monkeypatch)
    with pytest.raises(NoReader, match="does not run") as told:
        PdfFile(PRICES)
    assert told.value.next_step == "Start Counterpart again. If that does not help, ask your IT department."
    assert page_count(PRICES) is None, "a file is taken in all the same"


def test_text_that_nothing_was_there_to_read_is_looked_for_another_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gid = document(world)
    world.portal.documents.pull(gid)
    sha256 = arrive(world, gid)
    no_program(monkeypatch)
    for _ in range(5):
        with pytest.raises(NoReader):
            world.portal.documents.index_text(sha256)
    monkeypatch.undo()
    assert world.portal.documents.index_missing() == 1
    assert world.portal.search.query("zirconium")


def test_a_page_that_is_drawn_when_the_window_closes_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = PdfFile(form_bomb(12))
    told: list[Exception] = []

    def draw() -> None:
        try:
            bomb.render(0, 1.0)
        except NoReader as error:
            told.append(error)

    asked = threading.Event()
    ask = pages._Reader.ask

    def noted(self: pages._Reader, question: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        asked.set()
        return ask(self, question, body)

    monkeypatch.setattr(pages._Reader, "ask", noted)
    drawing = threading.Thread(target=draw)
    drawing.start()
    assert asked.wait(PATIENCE)
    end_reader()
    drawing.join(PATIENCE)
    assert len(told) == 1
    bomb.close()


def test_who_waits_while_the_window_closes_starts_no_reader_any_more() -> None:
    file = PdfFile(PRICES)
    told: list[Exception] = []

    def ask(question: Callable[[], object]) -> None:
        try:
            question()
        except NoReader as error:
            told.append(error)

    asking = [
        threading.Thread(target=ask, args=(one,)) for one in (lambda: file.text(0), lambda: PdfFile(PRICES))
    ]
    with pages._TURN:
        for thread in asking:
            thread.start()
        time.sleep(0.2)  # by then both wait for their turn
        end_reader()
    for thread in asking:
        thread.join(PATIENCE)
    with pytest.raises(NoReader):
        file.text(0)
    assert len(told) == 2
    assert not runs(reader().pid)
    file.close()
    assert page_count(PRICES) == 2, "the next document has its reader"


def test_several_may_end_it_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window that closes, and whoever asked it meanwhile."""
    monkeypatch.setattr(pages, "_command", lambda: ["cat"])
    wrong: list[Exception] = []

    def end(ended: pages._Reader, together: threading.Barrier) -> None:
        together.wait()
        try:
            ended.end()
        except ValueError as error:
            wrong.append(error)

    for _ in range(200):
        running, together = pages._Reader(), threading.Barrier(3)
        running._to.write(b"not sent yet")
        ending = [threading.Thread(target=end, args=(running, together)) for _ in range(3)]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join(PATIENCE)
    assert wrong == []


#: Opens a document, tells the reader's process, and ends as its argument says.
_APP = """
import os, sys, weakref
from pathlib import Path
from app.services import pdf
# The finaliser stands for those that any program has by then.
weakref.finalize(sys, int)
kept = pdf.PdfFile(Path(sys.argv[1]).read_bytes())
print(pdf._last_reader._process.pid, kept.pages, flush=True)
if sys.argv[2] == "killed":
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(("how", "code"), [("ends", 0), ("killed", -9)])
def test_the_reader_ends_with_its_app_without_a_word(tmp_path: Path, how: str, code: int) -> None:
    path = tmp_path / "prices.pdf"
    path.write_bytes(PRICES)
    done = subprocess.run(
        [sys.executable, "-c", _APP, str(path), how], capture_output=True, text=True, check=False, timeout=60
    )
    pid, count = map(int, done.stdout.split())
    assert (count, done.returncode, done.stderr) == (2, code, "")
    until = time.monotonic() + PATIENCE
    while runs(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not runs(pid)


def test_an_app_without_streams_has_one_whose_answers_nothing_comes_between(tmp_path: Path) -> None:
    """Started with none open, a pipe may take the place of standard error, where libraries write what they like."""
    path = tmp_path / "prices.pdf"
    path.write_bytes(PRICES)
    shell = 'exec "$0" -c "$1" "$2" told 2>&-'
    look = _APP + "\nprint(os.readlink(f'/proc/{pdf._last_reader._process.pid}/fd/2'))"
    done = subprocess.run(
        ["sh", "-c", shell, sys.executable, look, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "/dev/null"


def test_nothing_is_loaded_from_the_folder_one_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app").mkdir()
    for name in ("app/__init__.py", "json.py", "struct.py", "pypdfium2.py"):
        (tmp_path / name).write_text("raise SystemExit('taken over')")
    monkeypatch.delenv("PYTHONPATH", raising=False)  # what that names is the user's own wish
    monkeypatch.chdir(tmp_path)
    assert page_count(PRICES) == 2


def test_it_brings_in_nothing_but_what_reads() -> None:
    told = "import sys, app.services.pdf_process; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"PySide6", "pydantic", "httpx", "sqlcipher3", "asyncio", "ssl", "socket"})


def test_it_may_write_no_file_and_start_no_process() -> None:
    file = PdfFile(PRICES)
    for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        assert resource.prlimit(reader().pid, what) == (0, 0)
    assert file.render(0, 1.0).width > 0
    file.close()


def test_a_fault_of_its_own_ends_it_without_a_trace_in_a_window(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a frozen program without streams does not catch, the system shows in a dialog."""
    command = pages._command()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as wrong:
        assert wrong.stdin is not None
        assert wrong.stderr is not None
        send(wrong.stdin, {"do": "something else", "file": 1})
        said, code = wrong.stderr.read(), wrong.wait(PATIENCE)
    assert code == 1
    assert said.count(b"something else") == 1
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        with running:
            assert running.stdin is not None
            send(running.stdin, {"do": "something else", "file": 1})
            assert running.wait(PATIENCE) == 1
    assert (tmp_path / "log").read_bytes() == b""
    ended: list[int] = []
    monkeypatch.setattr(pdf_process, "serve", lambda *_: 1 / 0)
    monkeypatch.setattr(pdf_process, "_streams", lambda: (io.BytesIO(), io.BytesIO()))
    monkeypatch.setattr(pdf_process, "_give_up_rights", lambda: None)
    monkeypatch.setattr(pdf_process, "Warden", lambda: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(sys, "stderr", None)
    pdf_process.main()
    assert ended[0] == 1


def test_one_that_holds_too_much_ends_over_the_question_that_made_it_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(pdf_process, "memory", lambda: pdf_process.MOST_MEMORY + 1)
    monkeypatch.setattr(pdf_process.Warden, "_watch", lambda _self: None)
    warden = pdf_process.Warden()
    warden.began()
    warden.ended()
    assert ended == [1]


def test_the_frozen_app_gives_it_no_stream_that_a_window_may_not_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[dict[str, Any]] = []

    def refuse(_command: list[str], **given: Any) -> None:
        started.append(given)
        raise OSError

    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert page_count(PRICES) is None
    assert started[0]["stderr"] == subprocess.DEVNULL


def test_the_memory_of_this_process_is_known() -> None:
    before = memory()
    assert 5 * MEBIBYTE < before < 1 << 40
    more = b"x" * (200 * MEBIBYTE)
    assert memory() - before > 100 * MEBIBYTE
    assert len(more) == 200 * MEBIBYTE


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
    assert PdfFile(PRICES).pages == pages.MOST_PAGES
