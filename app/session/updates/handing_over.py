"""At its start the program that was installed hands over to the release that is to run, before it does anything else.

A release that was started three times and never said that it stands there (`came_up`) is set back: the one before runs
again, and that release is never taken once more. Only the standard library is imported: every start goes through here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from app.contract.version import RELEASE
from app.session.installation import Installation, read_installation
from app.session.updates.places import Home, Pointer
from app.session.updates.versions import newer

#: Starts without a sign of life after which a release is set back.
TRIES = 3

#: Tells the one that is started that somebody chose it; it does not choose again.
CHOSEN = "COUNTERPART_CHOSEN"

#: What a frozen program leaves in the environment for its own children, and what it set aside of the user's.
_OWN = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")

#: Commands that open a window. Only those count as tries: nothing else says that the program has come up.
_WINDOWS = ("open", "kiosk")

Run = Callable[[Path, Sequence[str], Mapping[str, str]], NoReturn]


@dataclass(frozen=True)
class Decision:
    """`program`: what is started instead of this one; None: this one goes on. `pointer`: what holds from now on."""

    program: Path | None
    pointer: Pointer


def decide(home: Home, pointer: Pointer, running: str, *, counts: bool) -> Decision:
    """Decide which release runs. `running`: the version that asks. `counts`: whether this start is a try."""
    left = running in pointer.refused
    while pointer.current and pointer.current != running:
        if not left and not newer(pointer.current, running):
            return Decision(None, pointer)  # A newer one was installed meanwhile.
        worn_out = counts and not pointer.healthy and pointer.tries >= TRIES
        if worn_out or not home.program(pointer.current).is_file():
            pointer = set_back(pointer)
            continue
        if counts and not pointer.healthy:
            pointer = replace(pointer, tries=pointer.tries + 1)
        return Decision(home.program(pointer.current), pointer)
    if left and not pointer.current and pointer.installed and Path(pointer.installed).is_file():
        return Decision(Path(pointer.installed), pointer)
    return Decision(None, pointer)


def set_back(pointer: Pointer) -> Pointer:
    """Return the pointer to the release before the current one, which is never taken again."""
    return replace(
        pointer,
        current=pointer.previous,
        previous="",
        healthy=True,
        tries=0,
        refused=(*pointer.refused, pointer.current),
        set_back=pointer.current,
    )


def counts_as_try(arguments: Sequence[str]) -> bool:
    """Whether a command line opens a window. `arguments`: without the program's name."""
    first = arguments[0] if arguments else _WINDOWS[0]
    return first in _WINDOWS and "--help" not in arguments


def hand_over(
    installation: Installation | None = None,
    running: str = RELEASE,
    arguments: Sequence[str] | None = None,
    environment: MutableMapping[str, str] | None = None,
    run: Run | None = None,
) -> None:
    """Go over to the release that is to run, which ends this process; or return, and this one goes on.

    Whatever is wrong with what lies there, this program starts: it never raises.
    """
    installation = installation or read_installation()
    environment = os.environ if environment is None else environment
    arguments = sys.argv[1:] if arguments is None else arguments
    if environment.pop(CHOSEN, "") or not installation.updates_itself:
        return
    try:
        home = Home.of(installation)
        before = home.pointer()
        decision = decide(home, before, running, counts=counts_as_try(arguments))
        if decision.pointer != before:
            home.point(decision.pointer)
        if decision.program is not None:
            (run or _become)(decision.program, arguments, {**_users_own(environment), CHOSEN: "1"})
    except (OSError, ValueError) as error:
        _print(f"Counterpart goes on as {running}: {error}")


def came_up(installation: Installation, running: str = RELEASE) -> None:
    """Note that the running release stands there, and remove what is not needed any more. Never raises OSError."""
    if not installation.updates_itself:
        return
    home = Home.of(installation)
    pointer = home.pointer()
    if pointer.current != running or pointer.healthy:
        return
    try:
        home.point(replace(pointer, healthy=True, tries=0))
    except OSError as error:
        _print(f"It could not be noted that {running} came up: {error}")


def start_again(installation: Installation, arguments: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start the program anew beside this process, which is about to end. Raises OSError."""
    installed = Home.of(installation).pointer().installed
    program = installed if installed and Path(installed).is_file() else str(installation.program)
    own_group = sys.platform != "win32"
    return subprocess.Popen(
        [program, *arguments], env=_users_own(os.environ), close_fds=True, start_new_session=own_group
    )


def _print(line: str) -> None:
    """Print a line where there is a place for it: a Windows program with a window has none yet when it hands over."""
    if sys.stderr is not None:
        sys.stderr.write(f"{line}\n")


def _users_own(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what the frozen program put in for itself."""
    clean = {name: value for name, value in environment.items() if name != CHOSEN}
    for name in _OWN:
        saved = clean.pop(f"{name}_ORIG", None)
        clean.pop(name, None)
        if saved is not None:
            clean[name] = saved
        elif name in environment and not getattr(sys, "frozen", False):
            clean[name] = environment[name]
    # The freezer's own word for: whatever comes is another program.
    return {**clean, "PYINSTALLER_RESET_ENVIRONMENT": "1"}


def _become(program: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Run the other program in the place of this one."""
    command = [str(program), *arguments]
    if sys.platform == "win32":
        # Windows cannot replace a process: whoever waits for this one waits for the other.
        raise SystemExit(subprocess.call(command, env=dict(environment)))
    os.execve(command[0], command, dict(environment))  # noqa: S606  # no shell is wanted
