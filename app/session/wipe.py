"""Sign-out for good: the key first, then the files. What was encrypted is out of reach as soon as the key is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.contract.errors import LocalError
from app.contract.said import counted
from app.session.accounts import Account
from app.session.erasing import remove_folder
from app.session.tokens import Session


class KeyHolder(Protocol):
    """Whoever keeps the keys of the stores."""

    def destroy(self, account: str) -> None:
        """Destroy the account's key."""


class FilesRemain(LocalError):
    """Some files could not be deleted; without their key they cannot be read by anybody."""

    default_cause = "Some files of this account could not be deleted."
    default_kept = "Their key is destroyed, so nobody can read them."
    default_next_step = "Close other programs that use them and remove this account again."


@dataclass(frozen=True)
class SignedOut:
    """`told_gateway`: the gateway has ended the session; otherwise it ends there by itself."""

    told_gateway: bool


def sign_out(account: Account, session: Session | None, keys: KeyHolder) -> SignedOut:
    """End the session and destroy everything this computer holds for the account.

    The account's store must be closed. Unsent work goes too: whoever calls this has asked the person before.
    Raises FilesRemain.
    """
    told = session.end() if session is not None else False
    keys.destroy(account.id)
    _remove(account)
    return SignedOut(told)


def _remove(account: Account) -> None:
    failed = remove_folder(account.folder)
    if failed and account.folder.exists():
        raise FilesRemain(
            counted(
                len(failed),
                "%n file of this account could not be deleted.",
                "%n files of this account could not be deleted.",
            )
        )
