"""Numbers the gateway's core keeps to. Settings fill them in; tests take the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times as timedeltas unless said otherwise."""

    #: Records a page may hold, and how many it holds when the caller does not say.
    page_most: int = 2000
    page_usual: int = 500
    #: Characters of records' texts with which a page ends, however few records they are. What a client reads into
    #: memory is bounded, and records may be long.
    page_text: int = 2_000_000
    #: Seconds one push may take before the rest is deferred.
    push_seconds: float = 10.0
    #: Mutations of one user that may stand open, and seconds after which one that found no room may come again.
    open_most: int = 1000
    open_wait: float = 60.0
    #: How long a record stays reserved for whoever is writing it: well over a push's time, one mutation's calls to the
    #: source system, and the 30 seconds after which a client takes a call for lost and asks again.
    lease: timedelta = timedelta(minutes=2)
    #: How far the fast lane looks back behind the newest time it has seen.
    overlap: timedelta = timedelta(seconds=5)
    #: Pages one ingest step reads of one object before the others have their turn.
    pages_a_step: int = 5
    #: How often the delayed lane looks once more where what it waits for may have come in.
    delayed_every: timedelta = timedelta(seconds=10)
    #: How often a system that keeps a journal is asked what happened, unless it had more to tell.
    journal_every: timedelta = timedelta(seconds=2)
    #: How often all ids of an object are compared.
    sweep_every: timedelta = timedelta(minutes=10)
    #: A system that was not read completely for this long asks for a person.
    read_within: timedelta = timedelta(hours=1)
    #: What would remove more than this many records of an object, and more than this share, within this time stops
    #: and asks.
    brake_floor: int = 20
    brake_share: float = 0.1
    brake_window: timedelta = timedelta(hours=1)
    #: Bytes one webhook delivery may have.
    webhook_most: int = 256 * 1024
    #: One uploaded file, and all unfinished uploads of one user.
    blob_most: int = 50 * 1024 * 1024
    uploads_most: int = 40
    #: All files together that one user may bring within `upload_keep`.
    uploads_bytes: int = 5 * 1024 * 1024 * 1024
    #: How long a mutation that names a file waits for it to be uploaded (again) before it is refused.
    file_wait: timedelta = timedelta(days=1)
    #: Unfinished or unused uploads are thrown away after this long.
    upload_keep: timedelta = timedelta(days=30)
    #: How long a sign-in page may stay open, and how long its code is good for.
    sign_in: timedelta = timedelta(minutes=15)
    code: timedelta = timedelta(minutes=2)
    access: timedelta = timedelta(minutes=15)
    refresh: timedelta = timedelta(days=14)
    #: How long a device that has not come back is known by its last refresh token, to be told to wipe itself.
    device_known: timedelta = timedelta(days=365)
    #: A refresh that is repeated within this time gets the very same answer.
    refresh_same: timedelta = timedelta(minutes=1)
    #: One whose answer was lost may be repeated for this long: a lid that was closed meanwhile stays so over a long
    #: weekend.
    refresh_again: timedelta = timedelta(days=4)
    #: Wrong passwords before an account has to wait, and how long it waits.
    password_tries: int = 8
    staff_tries: int = 5
    password_wait: timedelta = timedelta(minutes=5)
    #: Failed sign-ins from one network address, all processes together, within the time it then has to wait. An
    #: office of partners may share one address.
    address_tries: int = 40
    address_wait: timedelta = timedelta(minutes=15)
    #: How long an invitation's link is good.
    invitation: timedelta = timedelta(days=7)
    #: How long a kiosk waits to be let in, the seconds it leaves between two questions, how long it stays signed in.
    device_code: timedelta = timedelta(minutes=10)
    device_pace: int = 5
    kiosk: timedelta = timedelta(hours=12)
