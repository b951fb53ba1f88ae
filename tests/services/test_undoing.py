"""The history behind Ctrl+Z: newest first, each step once, and what it is too late for is said."""

from __future__ import annotations

from collections.abc import Callable

from app.services.undoing import Step, Undoing, Walked


def recording(done: list[str], words: str, answer: object = None) -> Callable[[], object]:
    def undo() -> object:
        done.append(words)
        return answer

    return undo


def test_it_walks_back_newest_first_and_each_step_once() -> None:
    done: list[str] = []
    history = Undoing()
    for words in ("one", "two", "three"):
        history.did(words, recording(done, words, True))
    assert [history.back() for _ in range(4)] == [Walked("three"), Walked("two"), Walked("one"), Walked()]
    assert done == ["three", "two", "one"]


def test_what_was_sent_meanwhile_is_told_and_skipped() -> None:
    done: list[str] = []
    history = Undoing()
    history.did("kept", recording(done, "kept"))
    history.did("sent", recording(done, "sent", False))
    history.did("sent too", recording(done, "sent too", False))
    assert history.back() == Walked("kept", ("sent too", "sent"))
    history.did("sent", recording(done, "sent", False))
    assert history.back() == Walked("", ("sent",))
    assert len(history) == 0


def test_the_button_takes_back_its_own_step_wherever_it_stands() -> None:
    done: list[str] = []
    history = Undoing()
    first = history.did("first", recording(done, "first"))
    history.did("second", recording(done, "second"))
    assert history.take(first) == Walked("first")
    assert history.take(first) == Walked()
    assert history.back() == Walked("second")
    assert done == ["first", "second"]
    assert history.take(Step("never", lambda: None)) == Walked()


def test_only_the_last_twenty_are_remembered() -> None:
    done: list[str] = []
    history = Undoing()
    for number in range(25):
        history.did(str(number), recording(done, str(number)))
    while history:
        history.back()
    assert done == [str(number) for number in range(24, 4, -1)]
    history.did("more", recording(done, "more"))
    history.forget()
    assert history.back() == Walked()
