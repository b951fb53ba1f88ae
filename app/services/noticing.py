"""What the log is told of: calls to the gateway, events of the engine, accounts that come and go.

Each is reduced to closed kinds here; what a call was about, or a record holds, stays outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import assert_never

from app.contract.errors import CounterpartError
from app.session.accounts import Account, Accounts
from app.session.logbook.happenings import Detail, Happened, Kind, Ref
from app.session.logbook.log import Log
from app.sync.events import (
    ActivityAdded,
    Event,
    FirstSyncProgress,
    ManifestChanged,
    OutboxChanged,
    ProofDone,
    ReceiptArrived,
    RecordsChanged,
    StatusChanged,
    TransferProgress,
    WipeWanted,
)
from app.sync.wire import Heard


class Call(StrEnum):
    """Calls to the gateway, by the first words of their path: what follows names records and files."""

    ME = "/v1/me"
    MANIFEST = "/v1/manifest"
    SNAPSHOT = "/v1/snapshot"
    CHANGES = "/v1/changes"
    RECORDS = "/v1/records"
    EVENTS = "/v1/events"
    MUTATIONS = "/v1/mutations"
    DIGEST = "/v1/digest"
    BLOBS = "/v1/blobs"
    UPLOADS = "/v1/uploads"
    RECEIPTS = "/v1/receipts"
    COLLEAGUES = "/v1/colleagues"
    DEVICES = "/v1/devices"
    CLASHES = "/v1/clashes"
    SEAL = "/v1/seal"
    WIPED = "/v1/wiped"
    TOKEN = "/oauth/token"  # noqa: S105
    REVOKE = "/oauth/revoke"
    DEVICE_CODE = "/oauth/device_authorization"
    OTHER = "other"


_CALLS: Mapping[str, Call] = {call.value: call for call in Call}


def call_of(path: str) -> Call:
    """Return which call a path is."""
    return _CALLS.get("/".join(path.partition("?")[0].split("/")[:3]), Call.OTHER)


def heard(log: Log) -> Heard:
    """Return what a wire tells of its calls."""

    def note(_method: str, path: str, error: CounterpartError | None) -> None:
        if error is None:
            log.note(Happened.CALLED, call=call_of(path))
        else:
            log.note(Happened.CALL_FAILED, call=call_of(path), error=Kind.of(error), **_led_by(error))

    return note


def _led_by(error: CounterpartError) -> dict[str, Detail]:
    """The kind of foreign error behind one of ours tells a cut from a name that is not found."""
    return {"by": Kind.of(error.__cause__)} if error.__cause__ is not None else {}


def overheard(log: Log, account: Account, emit: Callable[[Event], None]) -> Callable[[Event], None]:
    """Return what passes an engine's events on, and notes what matters of them."""
    ref = Ref.of(account.id)

    def passed_on(event: Event) -> None:
        _note(log, ref, event)
        emit(event)

    return passed_on


def _note(log: Log, ref: Ref, event: Event) -> None:
    match event:
        case StatusChanged(status):
            stopped = Happened.STOPPED_SHORT if status.cause and not status.by_choice else Happened.MODE
            log.note(
                stopped,
                account=ref,
                mode=status.mode,
                by_choice=status.by_choice,
                missing=status.missing,
                clock_off=status.clock_off,
            )
        case RecordsChanged():
            log.note(Happened.RECORDS, account=ref, count=None if event.gids is None else len(event.gids))
        case TransferProgress() if event.state == "failed":
            log.note(Happened.TRANSFER_FAILED, account=ref, upload=event.upload, bytes=event.total)
        case ProofDone(proof):
            fine = proof.identical or proof.inconclusive
            log.note(
                Happened.PROVEN if fine and not proof.repaired else Happened.DIFFERED,
                account=ref,
                identical=proof.identical,
                inconclusive=proof.inconclusive,
                repaired=proof.repaired,
            )
        case ManifestChanged():
            log.note(Happened.MANIFEST, account=ref)
        case WipeWanted():
            log.note(Happened.WIPE_ORDERED, account=ref)
        case TransferProgress() | FirstSyncProgress() | OutboxChanged() | ActivityAdded() | ReceiptArrived():
            pass
        case _:
            assert_never(event)


def forget_with_the_last(log: Log, accounts: Accounts) -> None:
    """Empty the log once no account is left here. It holds nothing of anybody, and need not say that one was here."""
    if not accounts.list():
        log.empty()
