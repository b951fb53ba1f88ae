"""Every parser of what comes from outside refuses in its own words, or understands; nothing else ever leaves it.

Hypothesis and not a fuzzer that watches coverage: it runs on every system the client does, needs nothing installed,
and tells the smallest input. By day a few inputs each, at night hundreds and others (`COUNTERPART_EXAMPLES`).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from tests.examples import played
from tests.security import parsers, parsers_gateway, parsers_machine
from tests.security.read_by import CLIENT, GATEWAY, Fuzzed, Inside, Reading
from tests.security.source import parsing
from tests.security.target import Target

TARGETS = (*parsers.TARGETS, *parsers_gateway.TARGETS, *parsers_machine.TARGETS)


@pytest.fixture(autouse=True)
def _pictures(qapp: QApplication) -> QApplication:
    """Some of it draws."""
    return qapp


@pytest.mark.qt_log_level_fail("CRITICAL")  # what decoders have to say of what they are given
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_comes(target: Target) -> None:
    @given(st.data())
    @played(12 if target.slow else 40)
    def fuzzed(data: st.DataObject) -> None:
        given_ = data.draw(target.given)
        try:
            target.call(given_)
        except target.refuses:
            return

    fuzzed()


@pytest.mark.parametrize(("package", "known"), [("app", CLIENT), ("gateway", GATEWAY)])
def test_every_parser_is_accounted_for(package: str, known: dict[str, Reading]) -> None:
    """A module that begins to parse has to say which target goes through it, or why none has to."""
    assert parsing(package).keys() == known.keys()
    names = [target.name for target in TARGETS]
    for path, reading in known.items():
        match reading:
            case Fuzzed(targets):
                assert targets, path
                missing = [one for one in targets if not any(name.startswith(one) for name in names)]
                assert missing == [], path
            case Inside(why):
                assert len(why) > 20, path


def test_no_two_targets_share_a_name() -> None:
    names = [target.name for target in TARGETS]
    assert len({*names}) == len(names)
