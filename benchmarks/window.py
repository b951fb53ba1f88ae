"""The window as a person meets it: how soon it is there, answers, and scrolls, and what it holds.

Each measurement looks at a new process that shows the real window offscreen over a real encrypted store.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.sync.settings import EngineSettings
from benchmarks.harness import Bound, Goal, Result, Scale, alone, percentile
from benchmarks.plain_server import plain_server
from benchmarks.records import ENTITY, Deals
from benchmarks.window_process import run
from benchmarks.window_store import PASSPHRASE, company_row, copied, greeted, manifest_text, me

_ROOT = Path(__file__).parent.parent
_FROZEN = _ROOT / "dist" / "counterpart" / "counterpart"
#: Seconds until the window has read all it reads by itself and has given back what that took.
_AT_REST = 25.0
_PAGE = EngineSettings().page_rows


def start(scale: Scale) -> Iterator[Result]:
    """From starting the program until its first page stands painted, with the gateway away."""
    kinds: list[tuple[str, tuple[str, ...], float]] = [("source", (sys.executable, "-m", "app"), 1.3)]
    if _freeze_is_new():
        kinds.append(("frozen", (str(_FROZEN),), 1.0))
    for page in ("", ENTITY):
        for kind, command, goal in kinds:
            root = copied(scale.folder, scale.sizes[1], "start")
            _started(command, root, page)  # the first one warms the disk's cache
            taken = [_started(command, root, page) for _ in range(scale.runs)]
            name = f"start.{'list' if page else 'home'}.{kind}"
            note = "the list of deals" if page else "home with all its figures"
            yield alone(name, "s", Goal(Bound.MOST, goal), scale.sizes[1], taken, note)


def _freeze_is_new() -> bool:
    """Whether there is a frozen app, made from a source that knows how to say that its window is shown."""
    if not _FROZEN.exists():
        return False
    asked = subprocess.run((str(_FROZEN), "open", "--help"), capture_output=True, check=False)
    return b"--exit-when-shown" in asked.stdout


def _started(command: Sequence[str], root: Path, page: str) -> float:
    began = time.perf_counter()
    with _opened(command, root, ("--exit-when-shown", *(("--page", page) if page else ()))) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        taken = time.perf_counter() - began
    if "shown" not in json.loads(line or "{}"):
        raise RuntimeError("the window was not shown")
    return taken


@contextmanager
def _opened(command: Sequence[str], root: Path, options: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program over an account; it has ended when the block has."""
    with subprocess.Popen(
        [*command, "open", "--data", str(root), "--passphrase-stdin", *options],
        cwd=_ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(f"{PASSPHRASE}\n".encode())
        process.stdin.close()
        yield process


def lists(scale: Scale) -> Iterator[Result]:
    """Open the list of deals, sort it by every column, filter it by every chip, and by text key by key."""
    found = run("lists", copied(scale.folder, scale.sizes[1], "lists"), quick=scale.quick)
    words = {
        "open": "from home",
        "sort": "every column, both ways",
        "chip": "every chip",
        "text": "key by key",
    }
    for name, note in words.items():
        yield _p95(scale, f"list.{name}.p95", found[name], 50, f"{note}: whole and painted")


def search(scale: Scale) -> Iterator[Result]:
    """Search as you type, from the first letter on."""
    found = run("search", copied(scale.folder, scale.sizes[1], "search"), quick=scale.quick)
    yield _p95(scale, "search.p95", found["key"], 20, "from a key to the results painted")


def scroll(scale: Scale) -> Iterator[Result]:
    """Scroll through the list of deals."""
    found = run("scroll", copied(scale.folder, scale.sizes[1], "scroll"), quick=scale.quick)
    for name in ("wheel", "page", "thrown"):
        goal = Goal(Bound.MOST, 16)
        value = percentile(found[name], 0.99)
        yield Result(
            f"scroll.{name}.p99", "ms", value, None, goal, scale.sizes[1], len(found[name]), "a frame"
        )


def memory(scale: Scale) -> Iterator[Result]:
    """What the process holds at rest with the list of deals open; nothing where the system does not tell."""
    if not Path("/proc/self/smaps_rollup").exists():
        return
    figures: dict[str, list[float]] = {"rss": [], "pss": []}
    for _ in range(min(scale.runs, 3)):
        root = copied(scale.folder, scale.sizes[1], "memory")
        with _opened((sys.executable, "-m", "app"), root, ("--page", ENTITY)) as process:
            time.sleep(2 if scale.quick else _AT_REST)
            figures["rss"].append(_megabytes(process.pid, "status", "VmRSS"))
            figures["pss"].append(_megabytes(process.pid, "smaps_rollup", "Pss"))
            process.terminate()
    for name, taken in figures.items():
        goal = Goal(Bound.MOST, 180) if name == "rss" else Goal(Bound.NONE)
        yield alone(f"memory.idle.{name}", "MB", goal, scale.sizes[1], taken)


def _megabytes(process: int, file: str, name: str) -> float:
    lines = Path(f"/proc/{process}/{file}").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:"))


def stall(scale: Scale) -> Iterator[Result]:
    """A first sync into the window with the list of deals open."""
    count, root = scale.sizes[1], scale.folder / "stall"
    with plain_server(first_sync(count)) as url:
        found = run("stall", greeted(root, url), quick=scale.quick)
    if found["rows"] < count * 0.6 or found["moved"] > 1:
        raise RuntimeError(
            f"the list did not fill in calmly: {found['rows']} rows, moved {found['moved']} times"
        )
    late, beats = found["late"], len(found["late"])
    yield Result("stall.p99", "ms", percentile(late, 0.99), None, Goal(Bound.MOST, 16), count, beats)
    yield Result("stall.max", "ms", max(late), None, Goal(Bound.MOST, 50), count, beats)
    note = "from opening the list to its first rows painted"
    yield alone("first_list", "s", Goal(Bound.MOST, 1.5), count, [found["usable"]], note)
    yield alone(
        "first_sync.window", "s", Goal(Bound.NONE), count, [found["whole"]], "until live, window open"
    )


def first_sync(count: int) -> dict[str, bytes]:
    """The answers of a gateway whose snapshot has so many deals."""
    deals = Deals()
    rows = [company_row(), *(deals.row(index) for index in range(count))]
    starts = [*range(0, len(rows), _PAGE)]
    answers = {"/v1/me": me().model_dump_json().encode(), "/v1/manifest": manifest_text().encode()}
    counts = {ENTITY: count, "company": 1}
    for start_at in starts:
        last = start_at == starts[-1]
        envelope = {
            **_head(),
            "after": None if last else str(start_at + _PAGE),
            "cursor": "c1" if last else None,
            "counts": counts,
        }
        puts = f"[{','.join(rows[start_at : start_at + _PAGE])}]"
        asked = f"&after={start_at}" if start_at else ""
        answers[f"/v1/snapshot?limit={_PAGE}{asked}"] = _page(envelope, puts)
    answers[f"/v1/changes?cursor=c1&limit={_PAGE}"] = _page(
        {**_head(), "cursor": "c1", "more": False, "gone": []}, "[]"
    )
    return answers


def _head() -> dict[str, object]:
    return {"epoch": "e1", "as_of": datetime.now(UTC).isoformat(), "sources": []}


def _page(envelope: dict[str, object], puts: str) -> bytes:
    text = json.dumps(envelope, separators=(",", ":"))
    return f'{text[:-1]},"puts":{puts}}}'.encode()


def _p95(scale: Scale, name: str, figures: list[float], most: float, note: str) -> Result:
    return Result(
        name,
        "ms",
        percentile(figures, 0.95),
        None,
        Goal(Bound.MOST, most),
        scale.sizes[1],
        len(figures),
        note,
    )
