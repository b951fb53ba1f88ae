"""This computer by itself, without a network: key store, disk, stores, settings, other windows, screen, versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import assert_never

from babel import Locale, UnknownLocaleError

from app.contract.errors import KeyStoreLocked, LocalError, StoreBusy, StoreDamaged, WrongKey
from app.contract.said import counted, said
from app.contract.version import RELEASE, WIRE_SCHEMA
from app.services.doctor.computer import Computer, Shown
from app.services.doctor.finding import Check, Fact, Finding, State
from app.session.installation import Installation, InstallationKind
from app.session.policy.schema import Managed
from app.store.examining import Inside, inside, outside
from app.store.keys import KeyRing, new_key

_MB = 1_000_000
#: Below this nothing can be saved with certainty; below that it is time to make room.
LEAST_FREE, LITTLE_FREE = 50 * _MB, 500 * _MB
#: A log that has grown so large is folded in by the next start.
_LONG_LOG = 200 * _MB
#: Seconds for the pages of one store.
_PAGES = 6.0

#: Only the first problem is told; IT wants all of them.
_ASK_IT = said("Have your IT department mend it; “counterpart policy” lists all there is.")


def versions(computer: Computer, shown: Shown | None) -> Finding:
    """What it is made of and runs on."""
    facts: dict[str, Fact] = {"release": RELEASE, "wire": WIRE_SCHEMA, **computer.versions()}
    if shown is not None and shown.qt:
        facts["qt"] = shown.qt
    what = said("Counterpart {version} on {system}.", version=RELEASE, system=str(facts.get("system") or "?"))
    return Finding(Check.VERSIONS, State.OK, what, facts=facts)


def installation(found: Installation) -> Finding:
    """Who looks after the program."""
    facts: dict[str, Fact] = {"kind": found.kind.value}
    return Finding(Check.INSTALLATION, State.OK, _installed(found.kind), facts=facts)


def _installed(kind: InstallationKind) -> str:
    match kind:
        case InstallationKind.MANAGED:
            return said("Installed for the whole computer; your IT brings new releases.")
        case InstallationKind.PER_USER:
            return said("Installed for you alone; it brings itself up to date.")
        case InstallationKind.SOURCE:
            return said("Run from its source; it does not update itself.")
        case _:
            assert_never(kind)


def policy(managed: Managed) -> Finding:
    """Whether what an organisation set is understood."""
    facts: dict[str, Fact] = {
        "source": managed.source,
        "forced": len(managed.forced),
        "recommended": len(managed.recommended),
        "problems": len(managed.problems),
        "blocking": len(managed.blocking),
    }
    if managed.blocking:
        what = said(
            "It is not understood, so Counterpart stays closed: {problem}", problem=managed.blocking[0]
        )
        return Finding(Check.POLICY, State.BAD, what, _ASK_IT, facts=facts)
    if managed.problems:
        what = said("Something in it is not understood: {problem}", problem=managed.problems[0])
        return Finding(Check.POLICY, State.WARN, what, _ASK_IT, facts=facts)
    if not managed.source:
        return Finding(Check.POLICY, State.OK, said("No organisation sets anything here."), facts=facts)
    count = len(managed.forced) + len(managed.recommended)
    what = counted(
        count, "%n value is set by {source}.", "%n values are set by {source}.", source=managed.source
    )
    return Finding(Check.POLICY, State.OK, what, facts=facts)


def keyring(ring: Callable[[], KeyRing | None], probe: str, *, needed: bool) -> Finding:
    """Whether the system's key store takes a key, gives it back and forgets it. `needed`: an account has its key there.

    `probe`: a name of its own, so that no account's key is touched. Nothing is ever kept in plain text instead.
    """
    found = ring()
    if found is None and needed:
        return Finding(
            Check.KEYRING,
            State.BAD,
            said("There is no key store, and an account has its key in one."),
            said("It may still be starting: sign in to the desktop, unlock it, and try again."),
            facts={"there": False, "locked": None},
        )
    if found is None:
        what = said("There is none on this computer; a passphrase protects each account instead.")
        return Finding(Check.KEYRING, State.OK, what, facts={"there": False, "locked": None})
    key = new_key()
    try:
        found.save(probe, key)
        same = found.load(probe) == key
        found.destroy(probe)
        gone = found.load(probe) is None
    except (KeyStoreLocked, WrongKey):
        with suppress(LocalError):
            found.destroy(probe)
        return Finding(
            Check.KEYRING,
            State.BAD,
            said("It is locked, or does not answer."),
            said("Unlock your key store; everything goes on then. Nothing is lost."),
            facts={"there": True, "locked": True},
        )
    facts: dict[str, Fact] = {"there": True, "locked": False, "returns": same, "forgets": gone}
    if not (same and gone):
        what = said("It does not give back what it is given.")
        mend = said("Repair the system’s key store; a new account is protected by a passphrase until then.")
        return Finding(Check.KEYRING, State.BAD, what, mend, facts=facts)
    return Finding(Check.KEYRING, State.OK, said("It is unlocked, and keeps keys."), facts=facts)


def disk(root: Path, computer: Computer, stores: Iterable[Path], size: Callable[[int], str]) -> Finding:
    """Whether there is room, and whether files can be made. `size` says a number of bytes in words."""
    temporary = computer.temporary()
    for folder, what in (
        (root, said("Counterpart’s folder cannot be written to.")),
        (temporary, said("The folder for temporary files cannot be written to.")),
    ):
        try:
            computer.writable(folder)
        except OSError as error:
            facts: dict[str, Fact] = {"writable": False, "errno": error.errno}
            mend = said("Check that it is there, that it belongs to you, and that the disk is not full.")
            return Finding(Check.DISK, State.BAD, what, mend, facts=facts)
    free = min(computer.free(root), computer.free(temporary))
    # To write a store anew, which revoked records need, takes its size twice.
    largest = max((path.stat().st_size for path in stores if path.exists()), default=0)
    facts = {"writable": True, "free": free, "largest_store": largest}
    what = said("{free} are free.", free=size(free))
    if free < LEAST_FREE:
        mend = said("Free some space now; what was saved before is kept.")
        return Finding(
            Check.DISK,
            State.BAD,
            said("The disk is full: {free} are free.", free=size(free)),
            mend,
            facts=facts,
        )
    if free < max(LITTLE_FREE, 2 * largest):
        mend = said("Free some space, or clear documents in the settings.")
        return Finding(Check.DISK, State.WARN, what, mend, facts=facts)
    return Finding(Check.DISK, State.OK, what, facts=facts)


def database(
    path: Path, key: Callable[[], bytes | None], about: str, size: Callable[[int], str]
) -> tuple[Finding, Inside | None]:
    """Whether an account's store opens and is whole; and what is in it, for the diagnostics file.

    `key` gives the key where it can be had without asking anybody. Nothing is changed.
    """
    try:
        seen = outside(path)
    except FileNotFoundError:
        nothing = said("Nothing is stored yet.")
        return Finding(Check.DATABASE, State.OK, nothing, "", about, {"there": False}), None
    except OSError:
        what = said("The store cannot be read.")
        mend = said("Check that its file is there and belongs to you.")
        return Finding(Check.DATABASE, State.BAD, what, mend, about, {"there": True}), None
    facts: dict[str, Fact] = {
        "there": True,
        "size": seen.size,
        "log": seen.log,
        "whole_pages": seen.whole_pages,
    }
    try:
        known = key()
    except LocalError as error:
        return Finding(Check.DATABASE, State.UNKNOWN, error.cause, error.next_step, about, facts), None
    if known is None:
        what = said("{size}; a passphrase protects it, so nobody looked inside.", size=size(seen.size))
        return Finding(Check.DATABASE, State.UNKNOWN, what, "", about, facts), None
    try:
        found = inside(path, known, _PAGES)
    except (WrongKey, StoreBusy, StoreDamaged, LocalError) as error:
        return _unreadable(error, about, facts), None
    return _opened(found, seen.size, seen.log, about, facts, size), found


def _unreadable(error: LocalError, about: str, facts: dict[str, Fact]) -> Finding:
    facts["error"] = type(error).__name__
    if isinstance(error, StoreBusy):
        what = said("It is busy just now.")
        return Finding(Check.DATABASE, State.UNKNOWN, what, said("Try again in a moment."), about, facts)
    if isinstance(error, WrongKey):
        what = said("Its key does not open it.")
        mend = said(
            "Restore the key from a backup, or start afresh: the vendor’s records come again by themselves."
        )
        return Finding(Check.DATABASE, State.BAD, what, mend, about, facts)
    what = said("It is damaged.")
    mend = said("Open the account: what was not sent is salvaged, and the records are read afresh.")
    return Finding(Check.DATABASE, State.BAD, what, mend, about, facts)


def _opened(
    found: Inside, bytes_: int, log: int, about: str, facts: dict[str, Fact], size: Callable[[int], str]
) -> Finding:
    facts |= {
        "intact": found.intact,
        "steps": found.steps,
        "pending": found.pending,
        "newer": found.unknown,
        "cipher": found.cipher,
        "sqlite": found.sqlite,
    }
    if found.unknown:
        what = said("A newer version of Counterpart has opened it.")
        return Finding(Check.DATABASE, State.BAD, what, said("Update Counterpart to go on."), about, facts)
    if found.intact is False:
        what = said("Parts of it are damaged.")
        mend = said("Open the account: what was not sent is salvaged, and the records are read afresh.")
        return Finding(Check.DATABASE, State.BAD, what, mend, about, facts)
    if log > _LONG_LOG:
        what = said("Its log has grown to {size}.", size=size(log))
        mend = said("Close all windows of Counterpart and open it again; that folds it in.")
        return Finding(Check.DATABASE, State.WARN, what, mend, about, facts)
    if found.intact is None:
        what = said("{size}; it opens. There was no time to look at all of it.", size=size(bytes_))
        return Finding(Check.DATABASE, State.OK, what, "", about, facts)
    what = said("{size}; it opens and is whole.", size=size(bytes_))
    return Finding(Check.DATABASE, State.OK, what, "", about, facts)


def leftovers(root: Path, computer: Computer) -> Finding:
    """What an earlier window left that died: its lock, which names its process."""
    dead = alive = 0
    for lock in sorted(root.glob("*.lock")):
        process = _process_of(lock)
        lives = computer.lives(process) if process else None
        alive += lives is True
        dead += lives is False
    facts: dict[str, Fact] = {"open": alive, "left": dead}
    if dead:
        what = said("A window ended without closing.")
        mend = said(
            "Nothing has to be done: the next start sees it. If that does not show, restart the computer."
        )
        return Finding(Check.LEFTOVERS, State.WARN, what, mend, facts=facts)
    what = counted(alive, "%n window is open.", "%n windows are open.")
    return Finding(Check.LEFTOVERS, State.OK, what, facts=facts)


def _process_of(lock: Path) -> int:
    """Qt writes the process's id in the first line of a lock."""
    try:
        first = lock.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0].strip()
    except OSError:
        return 0
    return int(first) if first.isdecimal() and len(first) < 12 else 0


def locale_and_zone(name: str, language: str, computer: Computer) -> Finding:
    """How dates, figures and words are written."""
    zone = computer.zone()
    facts: dict[str, Fact] = {
        "locale": name,
        "language": language,
        "zone": zone,
        "encoding": computer.encoding(),
    }
    try:
        Locale.parse(name.replace("-", "_").split(".")[0])
    except (UnknownLocaleError, ValueError):
        what = said("The system’s language setting “{name}” is not known.", name=name[:40])
        mend = said("Dates and figures are written as in English. Choose a language in the system settings.")
        return Finding(Check.LOCALE, State.WARN, what, mend, facts=facts)
    if not zone:
        what = said("The system has no time zone.")
        return Finding(
            Check.LOCALE, State.WARN, what, said("Choose one in the system settings."), facts=facts
        )
    return Finding(
        Check.LOCALE, State.OK, said("{name}, time zone {zone}.", name=name, zone=zone), facts=facts
    )


def display(shown: Shown | None) -> Finding:
    """Whether a window has room; only a window knows."""
    if shown is None:
        what = said("Only a window can see it; use “Check this computer” there.")
        return Finding(Check.DISPLAY, State.UNKNOWN, what)
    facts: dict[str, Fact] = {
        "width": shown.width,
        "height": shown.height,
        "scale": round(shown.scale, 2),
        "screens": shown.screens,
    }
    scale = round(shown.scale * 100)
    what = said(
        "{width} × {height} at {scale} %.", width=str(shown.width), height=str(shown.height), scale=str(scale)
    )
    if shown.width < 1000 or shown.height < 640:
        mend = said("Choose a smaller scale or a larger screen; 1280 × 800 is comfortable.")
        return Finding(Check.DISPLAY, State.WARN, what, mend, facts=facts)
    return Finding(Check.DISPLAY, State.OK, what, facts=facts)
