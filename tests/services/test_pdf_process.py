"""The process that reads PDF files: how it starts and ends, and what it may do meanwhile."""

from __future__ import annotations

import io
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.contract.errors import NoReader
from app.services import pdf as pages
from app.services import pdf_process
from app.services.pdf import PdfFile, end_reader, page_count
from app.services.pdf_memory import memory
from app.services.pdf_wire import send
from tests.patience import PATIENCE
from tests.security.documents import form_bomb
from tests.services.conftest import World
from tests.services.pdf_reader import MEBIBYTE, reader, runs
from tests.services.test_documents import PRICES, arrive, document

pytestmark = pytest.mark.usefixtures("own_reader")


def test_a_reader_that_somebody_ends_is_replaced() -> None:
    file = PdfFile(PRICES)
    running = reader()
    running.kill()
    running.wait()
    assert "zirconium" in file.text(1)
    assert reader() != running
    file.close()


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


class CountedTurn:
    """A turn that tells how many have asked for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = threading.Semaphore(0)

    def __enter__(self) -> None:
        self._asked.release()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def wait_for_another(self) -> None:
        assert self._asked.acquire(timeout=PATIENCE)


def test_who_waits_while_the_window_closes_starts_no_reader_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    file = PdfFile(PRICES)
    turn = CountedTurn()
    monkeypatch.setattr(pages, "_TURN", turn)
    told: list[Exception] = []

    def ask(question: Callable[[], object]) -> None:
        try:
            question()
        except NoReader as error:
            told.append(error)

    asking = [
        threading.Thread(target=ask, args=(one,)) for one in (lambda: file.text(0), lambda: PdfFile(PRICES))
    ]
    with turn:
        turn.wait_for_another()  # this one
        for thread in asking:
            thread.start()
            turn.wait_for_another()
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
