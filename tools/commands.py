"""The commands behind ``python3 tools/dev.py``, each a few lines over the module that knows how."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from tools.environment import ensure_environment
from tools.lint import lint
from tools.locking import refresh_locks
from tools.nightly import nightly
from tools.project import SetupError, run_program, say, venv_program
from tools.system_libraries import NEEDS, PACKAGE_NEEDS, TEST_NEEDS, Need, ensure_libraries

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}

# Tests start many processes, each of which would compile all modules anew where this is set.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}

# A file's tests stay together, for what they set up once. `-n 0` among the arguments keeps to one process (for --pdb).
# A process that crashes is not started again: it would crash at the same test without end.
SIDE_BY_SIDE = (
    *("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"),
    *("--max-worker-restart", "0"),
)

# The portals that ship, each with a sample of its own.
PORTALS = ("partner", "customer", "client", "member")

# What runs against a real Odoo, which is got and started here: minutes the first time, seconds later.
LIVE_TESTS = ("tests/connectors/odoo",)


def has_display(platform: str, environment: Mapping[str, str]) -> bool:
    """Whether a window could be shown. Windows and macOS are taken to have a screen."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def set_up(needs: Iterable[Need] = NEEDS) -> None:
    """Everything the other commands need: on Linux the system's libraries, and the environment."""
    # In this order, because what a person must do first should be said before a long download.
    ensure_libraries(needs)
    ensure_environment()


def _module(*arguments: str, extra: Mapping[str, str] | None = None) -> int:
    return run_program([venv_program("python"), "-m", *arguments], extra)


def _setup(options: argparse.Namespace) -> int:
    set_up()
    say("Everything is set up. Try: python3 tools/dev.py demo")
    return 0


def _demo(options: argparse.Namespace) -> int:
    set_up()
    if has_display(sys.platform, os.environ):
        config = ["--config", options.config] if options.config else []
        portal = ["--portal", options.portal] if options.portal else []
        return _module("app", "demo", *portal, *config)
    say("There is no display here, so the tour plays the same story offscreen instead.")
    return _module("tests.e2e.tour", "--only", "story", extra=OFFSCREEN)


def _test(options: argparse.Namespace) -> int:
    set_up(TEST_NEEDS)
    return _module("pytest", *SIDE_BY_SIDE, *options.rest, extra=OFFSCREEN | COMPILED)


def _tour(options: argparse.Namespace) -> int:
    set_up()
    fault = ["--break", options.fault] if options.fault else []
    return _module("tests.e2e.tour", *fault, extra=OFFSCREEN)


def _simulate(options: argparse.Namespace) -> int:
    set_up()
    steps = ["--steps", str(options.steps)] if options.steps else []
    system = ["--system", options.system] if options.system else []
    return _module("tests.simulation", "--seeds", str(options.seeds), *steps, *system)


def _sabotage(options: argparse.Namespace) -> int:
    set_up()
    return _module("tests.simulation.sabotage", *options.rest)


def _crash(options: argparse.Namespace) -> int:
    set_up()
    first = ["--first", str(options.first)] if options.first else []
    return _module("tests.crash", "--kills", str(options.kills), *first)


def _live(options: argparse.Namespace) -> int:
    """The contract suite, the tour and the soak; one that fails does not keep the others from running."""
    set_up(TEST_NEEDS)
    codes = (
        _module("pytest", "-m", "live", *LIVE_TESTS, *options.rest, extra=OFFSCREEN),
        _module("tests.e2e.tour", "--live", "odoo", extra=OFFSCREEN),
        _module("tests.live.soak", "--minutes", str(options.minutes), extra=OFFSCREEN),
    )
    return max(codes)


def _nightly(options: argparse.Namespace) -> int:
    set_up(TEST_NEEDS)
    return nightly()


def _bench(options: argparse.Namespace) -> int:
    set_up()
    return _module("benchmarks", *options.rest, extra=OFFSCREEN)


def _package(options: argparse.Namespace) -> int:
    """Build, then look at what was built."""
    set_up(PACKAGE_NEEDS)
    twice = ["--twice"] if options.twice else []
    built = run_program([venv_program("python"), "packaging/build.py", *twice])
    return built or _module("pytest", "-m", "package", "tests/packaging", *options.rest, extra=OFFSCREEN)


def _lint(options: argparse.Namespace) -> int:
    set_up()
    return lint()


def _lock(options: argparse.Namespace) -> int:
    ensure_environment()
    return refresh_locks()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="tools/dev.py", description="Counterpart's own commands.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, action: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(action=action)
        return command

    add("setup", _setup, "Make .venv from the locked packages, and install the libraries that Qt needs.")
    demo = add("demo", _demo, "Start a gateway with sample data and open the client, signed in.")
    demo.add_argument(
        "--portal", default="", help=f"which portal: {', '.join(PORTALS)}, or a manifest's file"
    )
    demo.add_argument(
        "--config", default="", help="a gateway's configuration, for a portal with its own mapping"
    )
    test = add("test", _test, "Run every test. Arguments after -- go to pytest.")
    test.add_argument("rest", nargs="*", metavar="PYTEST_ARGUMENT")
    tour = add("tour", _tour, "Play the whole story offscreen and write pictures and a report to build/tour.")
    tour.add_argument("--break", dest="fault", help="break one part on purpose; the tour must then fail")
    simulate = add("simulate", _simulate, "Run the simulation of both sides with many seeds.")
    simulate.add_argument("--seeds", type=_positive, default=100)
    simulate.add_argument("--steps", type=_positive, default=None, help="steps a seed")
    simulate.add_argument(
        "--system", help="play all seeds with this system's habits; otherwise each picks one"
    )
    sabotage = add(
        "sabotage", _sabotage, "Break the engine on purpose, one fault at a time; each must be caught."
    )
    sabotage.add_argument("rest", nargs="*", metavar="ARGUMENT")
    crash = add("crash", _crash, "End both sides at named points and SQL statements, and cut the power.")
    crash.add_argument("--kills", type=_positive, default=500)
    crash.add_argument("--first", type=_positive, default=None, help="the first seed")
    live = add(
        "live",
        _live,
        "Start a real Odoo 19 here and run the connector's tests, the tour and a two-way soak against it.",
    )
    live.add_argument("--minutes", type=_positive, default=3, help="how long the soak plays")
    live.add_argument("rest", nargs="*", metavar="PYTEST_ARGUMENT")
    add(
        "nightly",
        _nightly,
        "Everything long: simulation at size, sabotage, kills, a clean copy; reports what failed.",
    )
    bench = add("bench", _bench, "Measure ours and the floor in one run; writes build/bench.json.")
    bench.add_argument("rest", nargs="*", metavar="BENCH_ARGUMENT")
    package = add("package", _package, "Build the frozen app and the installers of this platform in dist/.")
    package.add_argument("--twice", action="store_true", help="freeze a second time and compare every byte")
    package.add_argument("rest", nargs="*", metavar="PYTEST_ARGUMENT")
    add("lint", _lint, "Style, types, import contracts and licences.")
    add("lock", _lock, "Resolve the dependencies anew and write requirements/.")
    return top


def run(arguments: Sequence[str]) -> int:
    """Carry out one command; gives the exit code."""
    options = parser().parse_args(arguments)
    try:
        code = options.action(options)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return int(code)
