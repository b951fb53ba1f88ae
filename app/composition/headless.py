"""The commands without a window: they drive the same engine over the same store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.composition.report import Report
from app.contract.errors import LocalError, Refused
from app.services.account_key import Lock
from app.services.admission import expect_no_kiosk
from app.services.erased import AccountErased, account_erased
from app.services.format import Formats
from app.services.freshness import proof_words
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.portal import Portal
from app.services.surroundings import Surroundings
from app.session.accounts import Account, gateway_url
from app.session.oauth import TokenSet
from app.store.states import ItemState
from app.sync.engine import Wake
from app.sync.events import Event, Mode, Proof, Status, WipeWanted
from app.sync.transfers import Transfers

#: A sync that goes on for longer than this many rounds has something that keeps changing under it.
_MOST_ROUNDS = 200


@dataclass(frozen=True)
class Wanted:
    """Which account a command is about. `passphrase` is asked for only when the account needs one."""

    account: str
    gateway: str
    passphrase: Callable[[], str]


@contextmanager
def opened(surroundings: Surroundings, wanted: Wanted) -> Iterator[OpenAccount]:
    """Open the account a command is about, signing in first where a gateway is named that is new here.

    Raises KioskOnly on a kiosk, before anything is looked up; contract errors.
    """
    expect_no_kiosk(surroundings.managed)
    with surroundings.log.watched():
        found, tokens = _open(surroundings, wanted)
        try:
            if tokens is not None:
                found.session.begin(tokens)
            yield found
        finally:
            found.close()


def _open(surroundings: Surroundings, wanted: Wanted) -> tuple[OpenAccount, TokenSet | None]:
    opening = Opening(surroundings)
    opening.erasing.finish()
    account, tokens = _find(opening, wanted, surroundings)
    lock = opening.lock(account)
    needed = lock in (Lock.PASSPHRASE, Lock.NEW_PASSPHRASE)
    key = opening.key(account, wanted.passphrase() if needed else "")
    return opening.open(account, key, signed_in=tokens is not None), tokens


def _find(opening: Opening, wanted: Wanted, surroundings: Surroundings) -> tuple[Account, TokenSet | None]:
    if wanted.account:
        account = opening.account(wanted.account)
        if account is None:
            _tell_erased(opening, surroundings)
            raise Refused(
                f"There is no account {wanted.account} on this computer.", kept="Nothing was changed."
            )
        return account, None
    known = opening.at_gateway(wanted.gateway) if wanted.gateway else opening.accounts()
    if len(known) == 1:
        return known[0], None
    if not known:
        _tell_erased(opening, surroundings, gateway_url(wanted.gateway) if wanted.gateway else "")
    if not known and wanted.gateway:
        try:
            signed_in = opening.sign_in(wanted.gateway).run()
        except AccountErased:
            opening.erasing.seen(gateway_url(wanted.gateway))  # the error tells it
            raise
        return signed_in.account, signed_in.tokens
    if not known:
        raise LocalError(
            "There is no account on this computer yet.",
            kept="Nothing was changed.",
            next_step="Name the gateway with --gateway, or sign in with the command “open”.",
        )
    names = ", ".join(f"{account.id} ({account.name}, {account.vendor})" for account in known)
    pick = f"Pick one with --account: {names}."
    raise Refused("There are several accounts.", kept="Nothing was changed.", next_step=pick)


def _tell_erased(opening: Opening, surroundings: Surroundings, gateway: str = "") -> None:
    """Raise AccountErased if the account that is missing may be one that was ordered away.

    Whoever names the gateway is told once, and may sign in there again with the next command.
    """
    notes = [n for n in opening.erasing.notes() if not n.seen and gateway in ("", n.gateway)]
    if not notes:
        return
    if gateway:
        opening.erasing.seen(gateway)
    raise account_erased(notes, _formats(surroundings))


def send_receipts(surroundings: Surroundings) -> None:
    """Confirm what was erased as ordered, where that has not been done yet."""
    opening = Opening(surroundings)
    opening.erasing.finish()
    opening.erasing.tell()


def _erased(surroundings: Surroundings, account: OpenAccount, order: str) -> AccountErased:
    """Obey an order that came while a command ran, confirm it, and return what to say. Its stores must be closed."""
    account.erase(order)
    erasing = Opening(surroundings).erasing
    erasing.tell()
    notes = [note for note in erasing.notes() if note.gateway == account.account.gateway]
    return account_erased(notes, _formats(surroundings))


class _Orders:
    """Listens to the engine for the order to destroy the account."""

    def __init__(self) -> None:
        self.wipe = ""

    def __call__(self, event: Event) -> None:
        if isinstance(event, WipeWanted):
            self.wipe = event.order


def sync(surroundings: Surroundings, account: OpenAccount, *, believe: bool = False) -> Report:
    """Send what waits and fetch what is new, until nothing is left to do or something stands in the way.

    `believe`: what the last sync held back, since the gateway no longer showed most records, is removed. Raises
    AccountErased when the gateway ordered that, and it is done.
    """
    orders = _Orders()
    with account.open_store() as store:
        engine = account.engine(store, orders)
        if believe:
            engine.believe()
        transfers = Transfers(
            store, account.transport, surroundings.clock, surroundings.rng, _ignored, account.engine_settings
        )
        wake = Wake.START
        for _ in range(_MOST_ROUNDS):
            engine.cycle(wake)
            moved = False
            while engine.status.mode is Mode.LIVE and transfers.step():
                moved = True
            if not moved:
                break
            wake = Wake.UPLOADED
    if orders.wipe:
        raise _erased(surroundings, account, orders.wipe)
    return _standing(surroundings, account, engine.status)


def status(surroundings: Surroundings, account: OpenAccount) -> Report:
    """Tell how the account stands, from this computer alone."""
    return _standing(surroundings, account, None)


def _standing(surroundings: Surroundings, account: OpenAccount, status: Status | None) -> Report:
    formats = _formats(surroundings)
    with account.open_store() as store:
        checkpoint = store.cursors.read()
        counts = store.proofs.counts()
        states = store.outbox.counts()
        conflicts = store.conflicts.count()
    waiting = sum(n for state, n in states.items() if state is not ItemState.QUARANTINED)
    needs = states.get(ItemState.QUARANTINED, 0) + conflicts
    data: dict[str, Any] = {
        "account": account.account.id,
        "gateway": account.account.gateway,
        "user": account.account.name,
        "signed_in": account.session.signed_in,
        "complete": checkpoint.complete,
        "as_of": _moment(checkpoint.as_of),
        "proven_at": _moment(checkpoint.proven_at),
        "records": dict(sorted(counts.items())),
        "outbox": {"waiting": waiting, "needs_you": needs},
    }
    lines = [
        f"{account.account.name} at {account.account.gateway}",
        f"As of {formats.since(checkpoint.as_of)}."
        if checkpoint.as_of
        else "The first sync has not ended yet.",
        f"{formats.number(sum(counts.values()))} records; {waiting} waiting to send, {needs} need you.",
    ]
    if status is not None:
        data["mode"] = status.mode.value
        data["why"] = " ".join(part for part in (status.cause, status.kept, status.next_step) if part)
        lines += [data["why"]] if data["why"] else []
        if status.missing:
            data["missing"] = status.missing
            lines.append("If that is right: sync --remove-missing")
    return Report(status is None or status.mode is Mode.LIVE, data, tuple(lines))


def _formats(surroundings: Surroundings) -> Formats:
    return Formats(surroundings.clock, surroundings.locale, surroundings.zone)


def verify(surroundings: Surroundings, account: OpenAccount, *, rehash: bool) -> Report:
    """Prove that both sides are equal, and say what exactly was proven.

    Raises AccountErased when the gateway ordered that, and it is done.
    """
    with portal_of(account) as portal:
        formats = portal.formats
    orders = _Orders()
    with account.open_store() as store:
        engine = account.engine(store, orders)
        proof = engine.verify(rehash)
    if orders.wipe:
        raise _erased(surroundings, account, orders.wipe)
    words = proof_words(proof, formats)
    return Report(proof.identical, _proof(proof), (words.headline, words.detail, words.checked))


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "at": _moment(proof.at),
        "identical": proof.identical,
        "inconclusive": proof.inconclusive,
        "rehashed": proof.rehashed,
        "repaired": proof.repaired,
        "seconds": round(proof.seconds, 3),
        "note": proof.note,
        "entities": {
            entity.entity: {"records": entity.records, "identical_buckets": sum(entity.identical)}
            for entity in proof.entities
        },
        "sources": [
            {"system": source.system, "read_at": _moment(source.read_at), "stale": source.stale_reason}
            for source in proof.sources
        ],
    }


def outbox(portal: Portal) -> Report:
    """List what has not reached the vendor."""
    items = portal.outbox.items()
    data = [
        {
            "id": item.mutation_id,
            "state": item.state.value,
            "what": item.what,
            "whom": item.whom,
            "captured_at": _moment(item.captured_at),
            "reason": item.reason,
            "entity": item.entity,
            "gid": item.gid,
            "actions": [action.value for action in item.actions],
        }
        for item in items
    ]
    lines = [f"{item.state.value:12} {item.what} · {item.whom}" + (f"\n{'':13}{item.reason}" if item.reason else "")
             for item in items]  # fmt: skip
    return Report(True, {"items": data}, tuple(lines) or ("Nothing waits.",))


@contextmanager
def portal_of(account: OpenAccount) -> Iterator[Portal]:
    """Open the account's portal. Raises LocalError before the first contact with the gateway."""
    portal = account.open_portal(_nothing)
    try:
        yield portal
    finally:
        portal.close()


def _moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def _ignored(_: Event) -> None:
    """The command line looks at the result, not at the events on the way."""


def _nothing() -> None:
    """A command that enters nothing has nobody to wake."""
