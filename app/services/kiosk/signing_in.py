"""One sign-in at a kiosk: the code on the screen, who let it in, and the seal from which their keys come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app.contract.changes import Me
from app.contract.errors import CounterpartError, WipeOrdered
from app.contract.sealing import Seal
from app.services.erased import account_erased
from app.services.format import Formats
from app.services.surroundings import Surroundings
from app.session.accounts import Account, Device, account_id
from app.session.device_code import DeviceCode, DeviceCodeNews, Waiter
from app.session.erasing import Erasing
from app.session.oauth import OAuth, TokenSet
from app.session.tokens import MemoryVault, Session
from app.session.wipe import FilesRemain
from app.sync.http_transport import HttpTransport
from app.sync.sealing import fetch_seal
from app.sync.signed import Signed
from app.sync.transport import ManifestAnswer
from app.sync.wire import Wire


@dataclass(frozen=True)
class KioskSignedIn:
    """Who was let in, and their portal. Nothing of it is on the disk."""

    account: Account
    me: Me
    manifest: ManifestAnswer = field(repr=False)
    tokens: TokenSet = field(repr=False)
    seal: Seal = field(repr=False)


class DeviceSignIn:
    """A sign-in by device code. `run` blocks; `cancel` from another thread. Not used twice.

    It may lead to an order to destroy what is kept here of whoever signs in, which is obeyed.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        gateway: str,
        wire: Wire,
        device: Device,
        erasing: Erasing,
        tell: Callable[[DeviceCodeNews], None],
        waiter: Waiter | None = None,
    ) -> None:
        """`surroundings`: the kiosk's own. `wire`: to the gateway; closed after use.

        Raises NoKiosk unless policy makes this computer one.
        """
        self._surroundings = surroundings
        self._gateway = gateway
        self._erasing = erasing
        self._wire = wire
        self._oauth = OAuth(self._wire, surroundings.clock)
        self._code = DeviceCode(surroundings.managed, self._wire, device, surroundings.clock, tell, waiter)

    def run(self) -> KioskSignedIn:
        """Show codes until somebody lets this screen in; `tell` hears what to show.

        Raises SignInAbandoned when cancelled, KeptOut, DeviceCodesOff, UpdateNeeded for a gateway without seals,
        AccountErased after an order was obeyed, contract errors. What cannot be reached is tried again by itself.
        """
        try:
            self._erasing.tell(self._gateway)
            tokens = self._code.run()
            try:
                return self._whose(tokens)
            except WipeOrdered as ordered:
                raise self._obeyed(ordered) from None
            except CounterpartError:
                self._undo(tokens)
                raise
        finally:
            self._wire.close()

    def cancel(self) -> None:
        """Stop waiting, also for an answer that is on its way."""
        self._code.cancel()
        self._wire.cut()

    # -- parts --------------------------------------------------------------------------------------------
    def _whose(self, tokens: TokenSet) -> KioskSignedIn:
        vault = MemoryVault(tokens)
        session = Session(vault, self._oauth, self._surroundings.clock)
        transport = HttpTransport(self._wire, session)
        me = self._code.again(transport.me)
        manifest = self._code.again(lambda: transport.manifest(None))
        seal = self._code.again(lambda: fetch_seal(Signed(self._wire, session)))
        known = account_id(self._gateway, me.user)
        if self._erasing.pending(known):
            self._erasing.finish()
        if self._erasing.pending(known):
            raise FilesRemain
        self._erasing.seen(self._gateway)
        folder = self._surroundings.root / known
        account = Account(known, self._gateway, me.user, me.name, me.vendor, folder)
        # It may have been renewed meanwhile.
        return KioskSignedIn(account, me, manifest, vault.load() or tokens, seal)

    def _undo(self, tokens: TokenSet) -> None:
        """Nobody goes on with this session."""
        try:
            self._oauth.revoke(tokens.refresh)
        except CounterpartError:
            return  # it ends by itself

    def _obeyed(self, ordered: WipeOrdered) -> CounterpartError:
        if not ordered.user:
            return ordered
        known, around = account_id(self._gateway, ordered.user), self._surroundings
        account = Account(known, self._gateway, ordered.user, "", "", around.root / known)
        self._erasing.obey(account, ordered.order)
        self._erasing.tell(self._gateway)
        notes = [note for note in self._erasing.notes() if note.gateway == self._gateway]
        return account_erased(notes, Formats(around.clock, around.locale, around.zone, around.words))
