"""A short day at two processes behind a round robin, whose leader is killed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.failover.fleet import fleet
from tests.failover.play import play


@pytest.mark.nightly  # five processes for a minute; that a leader's work is taken over is tested without them
@pytest.mark.timeout(300)
def test_a_day_on_which_the_leader_is_killed(tmp_path: Path) -> None:
    with fleet(tmp_path) as made:
        evening = play(made, partners=3, rounds=4, batch=3, kills=1)
        assert evening.wrong == [], made.log()
        assert (evening.sent, evening.kills) == (3 * 4 * 3 * 2, 1)
        served = made._proxy.served
        assert len(served) == 3
        assert min(served.values()) > 0
