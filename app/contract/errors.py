"""The error tree. Foreign errors are translated into one of these in one place per boundary.

CounterpartError                 every error that is not a bug; carries cause, what is kept, what to do next
├─ RetryableError                the same call may succeed later, unchanged
│  ├─ Unreachable                no connection, name not found, timed out, connection cut
│  ├─ Busy                       429, 503 and the like; `retry_after` in seconds when the other side said so
│  └─ BadAnswer                  truncated or malformed answer; nothing of it was used
├─ PermanentError                the same call will fail again; a person or an update has to act
│  ├─ SignInNeeded               session expired or revoked
│  │  └─ WipeOrdered             revoked, and this device is to destroy what it holds
│  ├─ NotAllowed                 signed in, but not for this
│  ├─ CertificateRefused         the other side could not prove who it is
│  ├─ UpdateNeeded               the other side speaks a newer contract or manifest
│  │  └─ StoreNewer              a newer version of the program made the store on this computer
│  ├─ CursorExpired              410: the position is unknown there; a snapshot leads on
│  ├─ Refused                    the other side refused the content; `fields` says where
│  └─ HostileAnswer              an answer that breaks the contract (cursor going back, over-size, foreign records)
└─ LocalError                    this computer
   ├─ DiskFull
   ├─ StoreBusy                  another process holds the database
   ├─ StoreDamaged               the database file cannot be read; the outbox is salvaged
   ├─ WrongKey                   the key does not open this file
   └─ KeyStoreLocked             the system key store is locked or absent
      └─ KeyStoreAway            it is absent, though it may hold the key of an account
"""

from __future__ import annotations


class CounterpartError(Exception):
    """Base of all expected errors.

    `cause` says what happened, `kept` what is preserved, `next_step` what the user can do. Each is a plain
    sentence in the user's words; together they are the text shown.
    """

    default_cause = "Something went wrong."
    default_kept = "Everything you entered is kept on this computer."
    default_next_step = ""

    def __init__(self, cause: str = "", *, kept: str = "", next_step: str = "") -> None:
        self.cause = cause or self.default_cause
        self.kept = kept or self.default_kept
        self.next_step = next_step or self.default_next_step
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """The whole message: cause, what is kept, next step."""
        return " ".join(part for part in (self.cause, self.kept, self.next_step) if part)


class RetryableError(CounterpartError):
    """The same call may succeed later, unchanged. `retry_after` in seconds, or None when unknown."""

    default_next_step = "It is tried again by itself."

    def __init__(
        self, cause: str = "", *, kept: str = "", next_step: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(cause, kept=kept, next_step=next_step)
        self.retry_after = retry_after


class Unreachable(RetryableError):
    """No connection, name not found, timed out or cut."""

    default_cause = "The gateway cannot be reached."


class Busy(RetryableError):
    """The other side asked to come back later (429, 502, 503, 504, 423)."""

    default_cause = "The gateway is busy."


class BadAnswer(RetryableError):
    """An answer that could not be read: cut off or malformed. Nothing of it was used."""

    default_cause = "The gateway's answer was incomplete and was not used."


class PermanentError(CounterpartError):
    """The same call will fail again until a person or an update acts."""


class SignInNeeded(PermanentError):
    """The session has expired or was revoked."""

    default_cause = "Your session has ended."
    default_next_step = "Sign in again and it is sent."


class WipeOrdered(SignInNeeded):
    """The session was ended and this device told to destroy what it holds; `order` is the text to confirm it with.

    `user`: whose account is meant, empty when that was not said.
    """

    default_cause = "This device was told to erase what it holds."
    default_kept = "Nothing of this account is kept on this computer."
    default_next_step = "If you did not expect this, ask your administrator."

    def __init__(self, order: str, cause: str = "", *, user: str = "") -> None:
        super().__init__(cause)
        self.order = order
        self.user = user


class NotAllowed(PermanentError):
    """Signed in, but not entitled to this."""

    default_cause = "This is not shared with you."


class CertificateRefused(PermanentError):
    """The other side could not prove who it is; nothing was sent."""

    default_cause = "The gateway's certificate is not trusted, so nothing was sent."
    default_next_step = "Ask your IT department; do not try another network to get around it."


class UpdateNeeded(PermanentError):
    """The other side speaks a newer contract or manifest than this version."""

    default_cause = "The vendor's portal is newer than this version of Counterpart."
    default_next_step = "Update Counterpart to go on."


class StoreNewer(UpdateNeeded):
    """A newer version of the program has opened the store on this computer, and changed how it is kept."""

    default_cause = "This account was last opened with a newer version of Counterpart."
    default_next_step = "Start the newer version, or go back: what was not sent is brought over."


class CursorExpired(PermanentError):
    """The position is unknown to the gateway; a snapshot leads on."""

    default_cause = "The gateway no longer knows this position."
    default_next_step = "The records are read afresh by itself."


class Refused(PermanentError):
    """The content was refused. `fields` maps field names to the reason in the other side's words."""

    default_cause = "The gateway refused this."

    def __init__(
        self,
        cause: str = "",
        *,
        kept: str = "",
        next_step: str = "",
        code: str = "refused",
        fields: dict[str, str] | None = None,
    ) -> None:
        super().__init__(cause, kept=kept, next_step=next_step)
        self.code = code
        self.fields = fields or {}


class HostileAnswer(PermanentError):
    """An answer that breaks the contract: it was refused whole and reported."""

    default_cause = "The gateway's answer broke the rules of the exchange and was refused."
    default_next_step = "Tell the vendor; the sync centre keeps the details."


class LocalError(CounterpartError):
    """Something on this computer."""


class DiskFull(LocalError):
    """No space is left where the store lives."""

    default_cause = "The disk is full."
    default_kept = "What was saved before is kept."
    default_next_step = "Free some space; it goes on by itself."


class StoreBusy(LocalError):
    """Another process holds the store."""

    default_cause = "Another Counterpart is using this account's store."
    default_next_step = "Close the other one and try again."


class StoreDamaged(LocalError):
    """The store's file cannot be read as a database."""

    default_cause = "The store on this computer is damaged."
    default_kept = "It was set aside, and what was not sent yet has been salvaged from it."
    default_next_step = "The records are read afresh from the gateway."


class NoReader(LocalError):
    """What reads PDF files is not there: it does not start, or was ended with the window. It says nothing of a file."""

    default_cause = "This file cannot be shown: the part of Counterpart that draws pages does not run."
    default_kept = "The file itself is kept as it is."
    default_next_step = "Start Counterpart again. If that does not help, ask your IT department."


class WrongKey(LocalError):
    """The key does not open this store."""

    default_cause = "This key does not open the store."
    default_kept = "The store is untouched."
    default_next_step = "Unlock it with the passphrase of this account."


class KeyStoreLocked(LocalError):
    """The system key store is locked, or there is none."""

    default_cause = "Your key store is locked."
    default_kept = "Nothing is lost."
    default_next_step = "Unlock it to go on."


class KeyStoreAway(KeyStoreLocked):
    """There is no key store on this computer, for a moment or for good, and an account may have its key in one."""

    default_cause = "Your key store cannot be reached."
    default_kept = "Nothing is lost: the key of this account is in it."
    default_next_step = "It may still be starting. Try again in a moment."
