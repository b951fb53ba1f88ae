"""A kiosk: one machine that many people use, and nothing stays of any of them that others could read.

Signing in is by device code. The keys of a person come from the gateway with each sign-in and are in memory only: while
the person has the screen, or wrapped by a code of theirs while it is locked. What they have not sent when they leave is
kept in a file that only their next sign-in at this machine opens.

What blocks (network, Argon2id, the disk) says so; a window runs it as an errand. An account is locked, signed out or
erased only once its stores are closed: portal, engine and threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace

from app.contract.errors import CounterpartError, Refused, WrongKey
from app.contract.said import counted, said
from app.services.admission import admitted
from app.services.format import initials
from app.services.idle import IdleWatch
from app.services.kiosk.account import KioskAccount
from app.services.kiosk.floor import Floor
from app.services.kiosk.keeping import Keeping, Visit
from app.services.kiosk.signing_in import DeviceSignIn, KioskSignedIn
from app.services.kiosk.values import Kept, KeptSummary, KioskPerson, LockedPerson
from app.services.surroundings import Surroundings, wire_to
from app.session.accounts import Accounts, Device
from app.session.device_code import DeviceCodeNews, NoKiosk, Waiter
from app.session.erasing import Erasing, WipeNote
from app.session.kiosk.code_box import CodeBox
from app.session.kiosk.farewells import Farewells
from app.session.kiosk.folder import KioskFolder
from app.session.kiosk.process import no_core_dumps
from app.session.kiosk.seal_keys import SealKeys
from app.session.kiosk.sealed_file import head_of
from app.session.policy.schema import Managed
from app.sync.wire import Wire


class WrongCode(WrongKey):
    """The code does not open the screen. `tries`: how many are left before its person is signed out."""

    def __init__(self, tries: int) -> None:
        super().__init__(
            said("That is not the code."),
            kept=" ",
            next_step=counted(tries, "Try again: one try is left.", "Try again: %n tries are left."),
        )
        self.tries = tries


class SignedOutHere(Refused):
    """Whoever wants to come back was signed out meanwhile."""

    def __init__(self, cause: str = "") -> None:
        super().__init__(
            cause or said("You were signed out: the time to come back is over."),
            kept=said("What you had not sent is kept here, encrypted."),
            next_step=said("Sign in with your phone; it goes on by itself."),
            code="signed_out",
        )


class ScreenTaken(Refused):
    """Two came at once, by phone and by code, and the other one was first."""

    def __init__(self) -> None:
        super().__init__(
            said("Somebody else has this screen now."),
            kept=said("Nothing is lost."),
            next_step=said("Come back once they have left."),
            code="screen_taken",
        )


class KioskOpening:
    """The people at this kiosk, and how they come and go. Its methods may be called from any thread."""

    def __init__(self, surroundings: Surroundings) -> None:
        """Raises NoKiosk unless policy makes this computer one, Refused kinds and PolicyUnclear without a gateway."""
        policy = surroundings.managed.policy
        if not policy.kiosk:
            raise NoKiosk
        self.gateway = _gateway(surroundings.managed)
        self.folder = KioskFolder(surroundings.root)
        # No key store, no browser: a kiosk has keys in memory only, and shows nothing that is not its own.
        self._around = replace(surroundings, root=self.folder.root, ring=_no_ring, open_browser=_no_browser)
        self._farewells = Farewells(self.folder.farewells, surroundings.clock, self._connect)
        self._keeping = Keeping(self._around, self.folder, lambda: self.device.id)
        self.erasing = Erasing(
            self.folder.root,
            surroundings.clock,
            _no_ring,
            self._connect,
            self.folder.of_account,
            keys_at_rest=False,
        )
        self._floor = Floor(surroundings.clock, policy.kiosk_unlock_minutes)
        self._visits: dict[str, Visit] = {}
        self._lock = threading.RLock()

    # -- the machine --------------------------------------------------------------------------------------
    @property
    def device(self) -> Device:
        """This machine as the gateway knows it; its name is the place that policy gives it."""
        known = Accounts(self.folder.root).device(self._around.ids.new_id())
        return replace(known, name=self._around.managed.policy.kiosk_place or known.name)

    def environment(self) -> Mapping[str, str]:
        """Return what the window's process is started with, so that files of a moment land where they are emptied."""
        return self.folder.environment()

    def start(self) -> None:
        """Make the folders, delete what an earlier run left that may go, and go on with orders to destroy."""
        no_core_dumps()
        self.folder.prepare()
        self.folder.drop_emptied()
        self.erasing.finish()

    def tidy(self) -> bool:
        """Tell the gateway what it does not know yet, and delete what is older than thirty days by its clock.

        Blocks; call it at the start and every now and then at the entrance. False when it could not be reached.
        """
        self.erasing.tell()
        untold = self._farewells.tell()
        try:
            with closing(self._connect(self.gateway)) as wire:
                wire.call("GET", "/livez")
        except CounterpartError:
            return False
        if wire.ahead is not None:
            with self._lock:
                if not self._visits:
                    self.folder.let_go(self._around.clock.now() - wire.ahead)
        return untold == 0

    def idle_watch(self) -> IdleWatch:
        """Return what counts the seconds nobody touches the screen, as policy has them."""
        return IdleWatch(self._around.clock, self._around.managed.policy.idle_lock_seconds)

    # -- in -----------------------------------------------------------------------------------------------
    def sign_in(self, tell: Callable[[DeviceCodeNews], None], waiter: Waiter | None = None) -> DeviceSignIn:
        """Begin a sign-in; `tell` hears on the thread of `run` what to show. `waiter`: what waits between questions."""
        wire = self._connect(self.gateway)
        return DeviceSignIn(self._around, self.gateway, wire, self.device, self.erasing, tell, waiter)

    def open(self, signed_in: KioskSignedIn) -> KioskAccount:
        """Open the account of who signed in, and bring back what was kept for them; needs no network. Blocks.

        The same person may be locked here: their session of before ends, and they go on where they were. Raises
        ScreenTaken while another one has the screen, LocalError kinds, UpdateNeeded; then this person is not signed in.
        Let go of `signed_in` afterwards: it holds secrets.
        """
        person = _person(signed_in)
        with self._lock:
            note = self._farewells.begin(self.gateway, signed_in.seal.farewell)
            if self._floor.using is not None:
                self._farewells.end(note)
                raise ScreenTaken
            before = self._visits.get(person.id)
            visit = Visit(person, signed_in.account, note, SealKeys.of(signed_in.seal.secret()))
            try:
                opened = self._opened(visit, signed_in)
            except BaseException:
                visit.forget_keys()
                self._farewells.end(note)
                raise
            self._arrive(visit)
        if before is not None:
            before.forget_keys()
            self._farewells.end(before.farewell)
        return opened

    def _opened(self, visit: Visit, signed_in: KioskSignedIn) -> KioskAccount:
        known = self._keeping.prepare(visit)
        assert visit.keys is not None
        opened = KioskAccount(self._around, visit.account, visit.keys, self, visit.person)
        visit.opened = opened
        try:
            self._keeping.make_ready(opened, signed_in.me, signed_in.manifest)
            taken = self._keeping.take_back(visit, opened)
            # Should anything fail until here, whoever is locked still has their session, and what is kept is kept.
            opened.session.begin(signed_in.tokens)
            opened.contact.open(signed_in=True)
        except BaseException:
            opened.close()
            if not known:
                self._keeping.discard_fresh(visit)
            raise
        for path in taken:
            path.unlink(missing_ok=True)
        return opened

    def choose_code(self, person: str, code: str) -> None:
        """Choose the code that brings who has the screen back after a lock: a PIN or what a badge holds. Blocks.

        Raises Refused for a code that will not do.
        """
        with self._lock:
            visit = self._visits[person]
            assert visit.keys is not None
            visit.box = CodeBox(code, visit.keys.join())

    def has_code(self, person: str) -> bool:
        """Whether a lock would leave a way back."""
        visit = self._visits.get(person)
        return self._floor.locks and visit is not None and visit.box is not None

    # -- locked -------------------------------------------------------------------------------------------
    def lock(self, person: str) -> Kept | None:
        """Lock who has the screen: what is unsent is sealed, the key stays only under their code. Blocks.

        Without a code, or where policy leaves no time to come back, they are signed out; then Kept is returned. Who
        locked first is signed out where a sixth person would be locked.
        """
        if not self.has_code(person):
            return self.sign_out(person)
        with self._lock:
            visit = self._visits[person]
            self._keeping.seal(visit)
            visit.close()
            too_many = self._floor.lock()
            self.folder.empty_temp()
        if too_many:
            self.sign_out(too_many)
        return None

    def people(self) -> tuple[LockedPerson, ...]:
        """Return who is locked and may come back, who locked first first."""
        return self._floor.people()

    def due(self) -> tuple[str, ...]:
        """Return who is locked and has to be signed out now; look every second, and `sign_out` each."""
        return self._floor.over()

    def unlock(self, person: str, code: str) -> KioskAccount:
        """Give somebody their screen back. Blocks.

        Raises WrongCode with the tries that are left, SignedOutHere when there is no way back any more, ScreenTaken
        while another one has the screen, LocalError kinds.
        """
        with self._lock:
            visit = self._visits.get(person)
            if visit is None or visit.box is None or not self._floor.locked(person):
                self.sign_out(person)
                raise SignedOutHere
            if self._floor.using is not None:
                raise ScreenTaken
            try:
                secret = visit.box.open(code)
            except WrongKey:
                tries = self._floor.wrong(person)
                if tries:
                    raise WrongCode(tries) from None
                self.sign_out(person)
                raise SignedOutHere(
                    said("That was the wrong code too often, so you were signed out.")
                ) from None
            visit.keys = SealKeys.joined(secret)
            self.folder.taken_up(person)
            try:
                opened = visit.opened = KioskAccount(
                    self._around, visit.account, visit.keys, self, visit.person
                )
                taken = self._keeping.take_back(visit, opened)
            except BaseException:
                visit.close()
                raise
            for path in taken:
                path.unlink(missing_ok=True)
            self._arrive(visit)
            return opened

    # -- out ----------------------------------------------------------------------------------------------
    def unsent(self, person: str) -> int:
        """Return how many things of who has the screen are not at the vendor; to be told before they sign out."""
        with self._lock:
            return self._keeping.count(self._visits[person])

    def sign_out(self, person: str) -> Kept:
        """Sign somebody out, locked or not: what is unsent is sealed, everything else is deleted. Blocks.

        The gateway is told; where it cannot be reached, later. Somebody who is not here is signed out already.
        """
        with self._lock:
            visit = self._visits.pop(person, None)
            self._floor.leave(person)
            if visit is None:
                return Kept()
            if visit.keys is not None:
                self._keeping.seal(visit)
            visit.forget_keys()
            self._keeping.remove(visit)
            if self._floor.using is None:  # of who was locked nothing is in there any more
                self.folder.empty_temp()
        return Kept(visit.things, self._farewells.end(visit.farewell), visit.sealed)

    def erase(self, person: str, order: str) -> WipeNote:
        """Destroy everything of somebody here, sealed files included, as the gateway ordered. Blocks."""
        with self._lock:
            visit = self._visits.pop(person)
            self._floor.leave(person)
            visit.forget_keys()
            note = self.erasing.obey(visit.account, order)
            self.folder.empty_temp()
        self._farewells.end(visit.farewell)
        self.erasing.tell(visit.account.gateway)
        return note

    def end(self) -> None:
        """The kiosk stops: everybody is signed out, and nothing of a moment stays. Blocks."""
        for person in tuple(self._visits):
            self.sign_out(person)
        self.folder.empty_temp()

    def kept(self) -> KeptSummary:
        """Return what is kept here of people who are not here."""
        sealed = {name: head_of(path) for name, path in self.folder.all_sealed().items()}
        away = {name: head for name, head in sealed.items() if head is not None and name not in self._visits}
        broken = [one for one in self.folder.stores() if one not in self._visits and one not in away]
        things = sum(head.things for head in away.values())
        return KeptSummary(len(away) + len(broken), things, len(broken))

    # -- parts --------------------------------------------------------------------------------------------
    def _arrive(self, visit: Visit) -> None:
        self._visits[visit.person.id] = visit
        self._floor.arrive(visit.person)

    def _connect(self, gateway: str) -> Wire:
        return wire_to(self._around, gateway)


def _person(signed_in: KioskSignedIn) -> KioskPerson:
    name = signed_in.me.name
    return KioskPerson(signed_in.account.id, initials(name), next(iter(name.split()), ""))


def _gateway(managed: Managed) -> str:
    address = managed.policy.gateway_address
    if not address:
        raise Refused(
            said("No gateway is set for this kiosk."),
            kept=said("Nothing is lost."),
            next_step=said("Your IT sets the policy GatewayAddress."),
            code="gateway_url",
        )
    return admitted(managed, address)


def _no_ring() -> None:
    """No key of a kiosk's person goes to a key store."""


def _no_browser(_address: str) -> bool:
    """Nobody is sent to a browser on a kiosk."""
    return False
