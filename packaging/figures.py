"""Size and start-up of the frozen app, beside a plain hello app that the same PyInstaller froze in the same run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from freezing import size

#: Seconds from starting the program to its first painted page that are wanted.
WANTED = 1.0

#: What fails a build. A machine that builds does other things as well, which the hello app then feels too: seconds,
#: or so many times what it takes, whichever is more.
MOST, MOST_TIMES = 3.0, 10

#: The same in seconds of processor time, from start to end, which a busy machine stretches far less.
MOST_CPU, MOST_CPU_TIMES = 1.5, 11

#: Bytes of the frozen app beside the hello app that fail a build.
LARGEST_SHARE = 1.0

RUNS = 7


@dataclass(frozen=True)
class Started:
    """Several starts: seconds until the window was shown, and of processor time to the end, where that can be told."""

    seconds: tuple[float, ...]
    processor: tuple[float, ...] = ()

    @property
    def least_processor(self) -> float:
        """The least of processor time; 0 where it cannot be told."""
        return min(self.processor, default=0.0)

    @property
    def best(self) -> float:
        """The one that nothing else of the machine was in the way of."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """What is usual here and now."""
        return statistics.median(self.seconds)


def started(
    command: Sequence[str], environment: dict[str, str], typed: str = "", runs: int = RUNS
) -> Started:
    """Start a program several times until it says on a line that it is shown; the first one warms the disk's cache."""
    seconds, processor = [], []
    for _ in range(runs + 1):
        before = _of_children()
        seconds.append(_until_shown(command, environment, typed))
        processor.append(_of_children() - before)
    return Started(tuple(seconds[1:]), tuple(processor[1:]) if any(processor) else ())


def report(bundle: Path, hello: Path, ours: Started, plain: Started) -> dict[str, float]:
    """Return the figures: megabytes and seconds."""
    return {
        "size_mb": round(size(bundle) / 1e6, 1),
        "hello_size_mb": round(size(hello) / 1e6, 1),
        "start_best_s": round(ours.best, 3),
        "start_median_s": round(ours.median, 3),
        "hello_start_best_s": round(plain.best, 3),
        "hello_start_median_s": round(plain.median, 3),
        "start_cpu_s": round(ours.least_processor, 3),
        "hello_start_cpu_s": round(plain.least_processor, 3),
    }


def words(figures: dict[str, float]) -> str:
    """Return the figures as lines for a person."""
    wanted = "as wanted" if figures["start_best_s"] <= WANTED else f"more than {WANTED:.0f} s"
    return (
        f"Size: {figures['size_mb']} MB; a plain PySide6 hello app: {figures['hello_size_mb']} MB\n"
        f"Start to the first painted page: best {figures['start_best_s']} s, median {figures['start_median_s']} s "
        f"({wanted}); hello: best {figures['hello_start_best_s']} s, median {figures['hello_start_median_s']} s\n"
        f"Processor time of a start and its end: {figures['start_cpu_s']} s; hello: {figures['hello_start_cpu_s']} s"
    )


def faults(figures: dict[str, float]) -> list[str]:
    """Return what is worse than a build may be."""
    found = []
    if figures["start_best_s"] > max(MOST, MOST_TIMES * figures["hello_start_best_s"]):
        found.append(f"the app takes {figures['start_best_s']} s to its first page, at its best")
    if figures["start_cpu_s"] > max(MOST_CPU, MOST_CPU_TIMES * figures["hello_start_cpu_s"]):
        found.append(f"a start takes {figures['start_cpu_s']} s of the processor")
    if figures["size_mb"] > LARGEST_SHARE * figures["hello_size_mb"]:
        found.append(f"the app has {figures['size_mb']} MB, a hello app {figures['hello_size_mb']} MB")
    return found


def write(figures: dict[str, float], file: Path) -> None:
    """Keep the figures where a later run finds them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def _of_children() -> float:
    """Return the seconds of processor time of all processes that this one has started and seen end."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _until_shown(
    command: Sequence[str],
    environment: dict[str, str],
    typed: str,
    now: Callable[[], float] = time.perf_counter,
) -> float:
    began = now()
    with subprocess.Popen(
        list(command),
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(typed)
        process.stdin.close()
        line = process.stdout.readline()
        taken = now() - began
    if "shown" not in line or process.returncode != 0:
        raise RuntimeError(f"{command[0]} did not show its window: {line!r}, {process.returncode}")
    return taken
