"""From 100 to 250 per cent no word is cut."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


def _scaled(scale: str, folder: Path, *names: str) -> dict[str, object]:
    environment = {
        **os.environ,
        "QT_SCALE_FACTOR": scale,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(_ROOT),
    }
    command = [sys.executable, "-m", "tests.views.scaled", str(folder), *names]
    run = subprocess.run(
        command, env=environment, cwd=_ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert run.returncode == 0, run.stderr
    told: dict[str, object] = json.loads(run.stdout)
    return told


def test_at_two_and_a_half_the_first_pages_have_room(tmp_path: Path) -> None:
    assert _scaled("2.5", tmp_path, "home", "deal_registration", "newdeal_registration") == {
        "scale": 2.5,
        "cut": {},
    }
    assert {path.stem for path in tmp_path.glob("*.png")} == {
        "home",
        "deal_registration",
        "newdeal_registration",
    }


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("scale", ["1", "1.5", "2.5"])
def test_every_page_has_room_at_every_scale(scale: str) -> None:
    folder = _ROOT / "build" / "scaled" / scale
    assert _scaled(scale, folder) == {"scale": float(scale), "cut": {}}
