"""All that takes too long for each change, one after the other; what fails does not keep the rest from running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from tools.project import ROOT, say, venv_program

REPORT = ROOT / "build" / "nightly"

#: What a copy on a machine of its own may know of this one: how to reach the network, and nothing else.
_KEPT = ("PATH", "LANG", "TMPDIR", "SYSTEMROOT", "PIP_", "UV_", "SSL_", "REQUESTS_", "HTTP", "NO_PROXY")

#: Where Hypothesis plays machines and rules; how many examples it tries there is `COUNTERPART_EXAMPLES`.
_FUZZED = (
    "tests/simulation/test_simulation.py",
    "tests/store/test_projection_machine.py",
    "tests/contract/test_merge.py",
    "tests/contract/test_wire.py",
    "tests/services/test_file_names.py",
    "tests/security/test_fuzz.py",
    "tests/security/test_10_file_names.py",
    "tests/security/test_12_formulas.py",
    "tests/gateway/test_described.py",
)

#: Seeds of the simulation, and kills; each night goes on where the night before ended.
_SEEDS = 2000
_KILLS = 500

#: Times the gateway process that leads is killed.
_LEADERS = 20

#: Minutes for which partners and Odoo's own people play on the same records.
_SOAK = 30

#: After so many nights they come again.
_NIGHTS = 1000

#: Lines of a failed run's output that are shown.
_SHOWN = 30

Run = Callable[[Path], int]


@dataclass(frozen=True)
class Result:
    """How one run ended."""

    name: str
    ok: bool
    seconds: float


def nightly() -> int:
    """Run everything; gives the exit code. Each run's output is in build/nightly/NAME.log."""
    REPORT.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC).date()
    say(f"night of {today}: the seeds from {_first(today, _SEEDS)} on")
    results = [_carried_out(name, run) for name, run in runs(today).items()]
    (REPORT / "report.json").write_text(
        json.dumps([asdict(one) for one in results], indent=1) + "\n", "utf-8"
    )
    failed = [one.name for one in results if not one.ok]
    say(
        f"{len(results) - len(failed)} of {len(results)} well"
        + (f", not {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


def runs(night: date) -> dict[str, Run]:
    """What runs in this night, by name, in this order."""
    return {name: _run(command) for name, command in commands(night).items()}


def commands(night: date) -> dict[str, tuple[str, ...]]:
    """Modules with their arguments, by the name of the run; none for the clean copy."""
    return {
        "clean-copy": (),
        "simulation": ("tests.simulation", "--first", _first(night, _SEEDS), "--seeds", str(_SEEDS)),
        "sabotage": ("tests.simulation.sabotage",),
        "kills": ("tests.crash", "--first", _first(night, _KILLS), "--kills", str(_KILLS)),
        "failover": ("tests.failover", "--kills", str(_LEADERS)),
        "audit": ("tools.audit",),
        "fuzz": ("pytest", "--override-ini=timeout=0", *_FUZZED),
        "long-tests": ("pytest", "-m", "nightly"),
        "packages": ("tools.dev", "package"),
        "tour": ("tests.e2e.tour",),
        "live-tests": ("pytest", "-m", "live", "--override-ini=timeout=0"),
        "live-tour": ("tests.e2e.tour", "--live", "odoo"),
        "live-soak": ("tests.live.soak", "--minutes", str(_SOAK), "--seed", _first(night, 1)),
        "scale": ("benchmarks",),
    }


def _first(night: date, each: int) -> str:
    """The seed a night begins with, where each takes so many."""
    return str(1 + night.toordinal() % _NIGHTS * each)


def _run(arguments: Sequence[str]) -> Run:
    def run(log: Path) -> int:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "COUNTERPART_EXAMPLES": "200"}
        return _logged([str(venv_program("python")), "-m", *arguments], log, ROOT, environment)

    return run if arguments else _clean_copy


def _clean_copy(log: Path) -> int:
    """What a stranger gets: a fresh clone of what is committed, an empty home, nothing installed by hand."""
    with tempfile.TemporaryDirectory(prefix="counterpart-nightly-") as folder:
        home, copy = Path(folder, "home"), Path(folder, "copy")
        home.mkdir()
        environment = {name: value for name, value in os.environ.items() if name.upper().startswith(_KEPT)}
        environment["HOME"] = environment["USERPROFILE"] = str(home)
        cloned = _logged(["git", "clone", "--quiet", str(ROOT), str(copy)], log, ROOT, dict(os.environ))
        return cloned or _logged([sys.executable, "tools/dev.py", "test"], log, copy, environment)


def _logged(command: Sequence[str], log: Path, where: Path, environment: dict[str, str]) -> int:
    with log.open("ab") as output:
        done = subprocess.run(command, cwd=where, env=environment, stdout=output, stderr=output, check=False)
    return done.returncode


def _carried_out(name: str, run: Run) -> Result:
    log = REPORT / f"{name}.log"
    log.unlink(missing_ok=True)
    say(f"{name} …")
    began = time.monotonic()
    ok = run(log) == 0
    result = Result(name, ok, round(time.monotonic() - began, 1))
    say(f"{name:12} {'ok' if ok else 'FAILED':8} {result.seconds:8.0f} s")
    if not ok:
        lines = log.read_text("utf-8", errors="replace").splitlines()
        say("\n".join(f"    {line}" for line in lines[-_SHOWN:]))
    return result
