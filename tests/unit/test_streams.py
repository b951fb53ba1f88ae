"""The frozen app on Windows, which has a window and no standard streams."""

from __future__ import annotations

import sys

import pytest

from app import __main__


def test_without_streams_what_is_printed_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    seen: list[str] = []

    def command() -> None:
        sys.stderr.write("Counterpart is open already, but does not answer.\n")
        print("deferred", flush=True)
        seen.append(sys.stdin.readline())
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            stream.close()

    monkeypatch.setattr(__main__, "cli", command)
    __main__.main()
    assert seen == [""]


def test_streams_that_are_there_stay(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(__main__, "cli", lambda: print("said"))
    __main__.main()
    assert capsys.readouterr().out == "said\n"
