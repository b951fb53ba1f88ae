"""All checks of one computer, side by side, each with its time; what does not come back in time is said not to have.

Usage: ``Examination(surroundings, computer, ...).run(tell)``; `tell` hears each finding as it comes, on any thread.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import httpx

from app.contract.errors import CounterpartError, KeyStoreLocked
from app.contract.said import said
from app.services.admission import gateway_client
from app.services.doctor import gateway as asked
from app.services.doctor import here, network
from app.services.doctor.computer import Computer, RealComputer, Shown
from app.services.doctor.finding import Check, Finding, State, order
from app.services.doctor.way import Way, way_to
from app.services.format import Formats
from app.services.surroundings import Surroundings
from app.session.accounts import Account, Accounts, gateway_url
from app.session.installation import Installation, read_installation
from app.session.logbook.happenings import Ref
from app.store.examining import Inside
from app.store.keys import PassphraseKey, key_source

#: Seconds for all of it, and the most gateways and accounts that are looked at.
LIMIT = 14.0
_MOST = 8

Tell = Callable[[Finding], None]
_Checks = dict[tuple[Check, str], Callable[[], Iterable[Finding]]]


@dataclass(frozen=True)
class Standing:
    """What a window knows besides: its screen, the key of the account that is open, whether its events come in."""

    shown: Shown | None = None
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    live: Mapping[str, bool] = field(default_factory=dict)


NO_WINDOW = Standing()


class Examination:
    """One examination. `gateways`: addresses to look at; without any, those of the accounts and of the policy."""

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        gateways: Sequence[str] = (),
        standing: Standing = NO_WINDOW,
        computer: Computer | None = None,
        installation: Installation | None = None,
        limit: float = LIMIT,
    ) -> None:
        """Raises Refused for an address that is none."""
        self._around = surroundings
        self._standing = standing
        self._computer = computer or RealComputer()
        self._installation = installation or read_installation()
        self._limit = limit
        self.accounts = Accounts(surroundings.root).list()[:_MOST]
        self._gateways = self._which(gateways)
        self._formats = Formats(
            surroundings.clock, surroundings.locale, surroundings.zone, surroundings.words
        )
        self.insides: dict[str, Inside] = {}

    def run(self, tell: Tell = lambda _finding: None) -> list[Finding]:
        """Do all of them; returns what was found, in the order in which it is told."""
        found: dict[tuple[Check, str], list[Finding]] = {}
        done: queue.Queue[tuple[tuple[Check, str], list[Finding]]] = queue.Queue()
        checks = self._checks()
        for key, check in checks.items():
            # None of them is waited for at the end of the process: a name that is looked up may take a minute.
            threading.Thread(target=_carried_out, args=(key, check, done), name="doctor", daemon=True).start()
        until = time.monotonic() + self._limit
        while len(found) < len(checks):
            try:
                key, findings = done.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            found[key] = findings
            for finding in findings:
                tell(finding)
        for name, about in checks.keys() - found.keys():
            late = Finding(name, State.UNKNOWN, said("It did not come back in time."), about=about)
            found[name, about] = [late]
            tell(late)
        return sorted((one for several in found.values() for one in several), key=order)

    # -- what is done -------------------------------------------------------------------------------------
    def _checks(self) -> _Checks:
        around, computer = self._around, self._computer
        checks: _Checks = {
            (Check.VERSIONS, ""): lambda: [here.versions(computer, self._standing.shown)],
            (Check.INSTALLATION, ""): lambda: [here.installation(self._installation)],
            (Check.POLICY, ""): lambda: [here.policy(around.managed)],
            (Check.LOCALE, ""): lambda: [
                here.locale_and_zone(around.locale, self._formats.tr.language, computer)
            ],
            (Check.KEYRING, ""): lambda: [
                here.keyring(around.ring, self._probe(), needed=self._ring_is_needed())
            ],
            (Check.DISK, ""): lambda: [self._disk()],
            (Check.LEFTOVERS, ""): lambda: [here.leftovers(around.root, computer)],
            (Check.DISPLAY, ""): lambda: [here.display(self._standing.shown)],
        }
        for account in self.accounts:
            checks[Check.DATABASE, about_account(account)] = partial(self._database, account)
        for url in self._gateways:
            checks |= self._network(url)
        if not self._gateways:
            checks[Check.GATEWAY, ""] = lambda: [_no_gateway()]
        return checks

    def _network(self, url: str) -> _Checks:
        around, computer = self._around, self._computer
        wanted = around.managed.policy.proxy
        way = way_to(url, wanted, computer)
        answers = _Once(lambda: self._ask(way))
        host = way.host
        return {
            (Check.PROXY, host): lambda: [network.proxy(way, wanted, computer)],
            (Check.DNS, host): lambda: [network.name(way, computer)],
            (Check.CERTIFICATE, host): lambda: [network.certificate(way, computer, around.clock.now())],
            (Check.GATEWAY, host): lambda: [self._gateway(way, answers.get())],
            (Check.CLOCK, host): lambda: [asked.clock(way, answers.get(), computer.system)],
            (Check.EVENTS, host): lambda: self._with_client(
                way, Check.EVENTS, lambda client: asked.events(way, client, live=self._standing.live.get(url))
            ),
            (Check.DEVICE_CODES, host): lambda: self._with_client(
                way,
                Check.DEVICE_CODES,
                lambda client: asked.device_codes(way, client, kiosk=around.managed.policy.kiosk),
            ),
        }

    def _ask(self, way: Way) -> asked.Answered | CounterpartError:
        try:
            with gateway_client(self._around.managed, way.url) as client:
                return asked.ask(client, self._around.clock.now())
        except CounterpartError as error:
            return error

    def _gateway(self, way: Way, answered: asked.Answered | CounterpartError) -> Finding:
        its_version = ""
        if isinstance(answered, asked.Answered) and answered.ours:
            with suppress(CounterpartError), gateway_client(self._around.managed, way.url) as client:
                its_version = asked.version(client)
        return asked.gateway(way, answered, its_version)

    def _with_client(self, way: Way, check: Check, look: Callable[[httpx.Client], Finding]) -> list[Finding]:
        try:
            with gateway_client(self._around.managed, way.url) as client:
                return [look(client)]
        except CounterpartError as error:
            return [Finding(check, State.UNKNOWN, error.cause, error.next_step, way.host)]

    def _disk(self) -> Finding:
        stores = [account.store_path for account in self.accounts]
        return here.disk(self._around.root, self._computer, stores, self._formats.size)

    def _database(self, account: Account) -> list[Finding]:
        about = about_account(account)
        finding, found = here.database(
            account.store_path, lambda: self._key(account), about, self._formats.size
        )
        if found is not None:
            self.insides[account.id] = found
        return [finding]

    def _key(self, account: Account) -> bytes | None:
        """The key, where it can be had without asking a person. Raises KeyStoreLocked kinds."""
        if account.id in self._standing.keys:
            return self._standing.keys[account.id]
        source = key_source(account.key_path, self._around.ring())
        if isinstance(source, PassphraseKey):
            if not source.exists and account.key_holder not in ("", "passphrase"):
                raise KeyStoreLocked
            return None
        found = source.load(account.id)
        if found is None:
            raise KeyStoreLocked(
                said("Its key is not in the key store any more."),
                next_step=said("Restore the key from a backup, or start afresh."),
            )
        return found

    def _ring_is_needed(self) -> bool:
        return any(
            one.key_holder not in ("", "passphrase") and not one.key_path.exists() for one in self.accounts
        )

    def _probe(self) -> str:
        return f"check-{self._around.ids.new_id()}"

    def _which(self, wanted: Sequence[str]) -> list[str]:
        """The gateways to look at, each once."""
        if wanted:
            return [*dict.fromkeys(gateway_url(one) for one in wanted)][:_MOST]
        found = [account.gateway for account in self.accounts]
        with suppress(CounterpartError):
            if self._around.managed.policy.gateway_address:
                found.append(gateway_url(self._around.managed.policy.gateway_address))
        return [*dict.fromkeys(found)][:_MOST]


def about_account(account: Account) -> str:
    """Return which account it is, without anybody's name: a hash, and its gateway's host."""
    host = httpx.URL(account.gateway).host
    return f"{Ref.of(account.id).text} · {host}"


def _no_gateway() -> Finding:
    what = said("No gateway is known on this computer yet.")
    return Finding(Check.GATEWAY, State.UNKNOWN, what, said("Name one with --gateway, or sign in first."))


class _Once:
    """One call whose result several threads wait for."""

    def __init__(self, make: Callable[[], asked.Answered | CounterpartError]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: asked.Answered | CounterpartError | None = None

    def get(self) -> asked.Answered | CounterpartError:
        """Make it, or wait for whoever does."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


def _carried_out(
    key: tuple[Check, str],
    check: Callable[[], Iterable[Finding]],
    done: queue.Queue[tuple[tuple[Check, str], list[Finding]]],
) -> None:
    """Whatever goes wrong in one check is told as that, and keeps no other from being told."""
    name, about = key
    try:
        found = [*check()]
    except Exception as error:  # noqa: BLE001  # a check that breaks is a finding; what it says may be anybody's
        what = said("It broke off: {kind}.", kind=type(error).__name__)
        found = [Finding(name, State.UNKNOWN, what, said("Tell the vendor."), about)]
    done.put((key, found))
