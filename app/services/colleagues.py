"""Colleagues and devices: what an administrator keeps in order, and everybody for their own devices.

Works only online, since it is the gateway that keeps both; nothing here is queued. Calls block for a while: the window
runs them as tasks. Errors say what became of the wish, in words that fit beside the field or the row they are about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol
from urllib.parse import quote

from pydantic import ValidationError

from app.contract.colleagues import Colleague, Colleagues, Devices, Invited, NewColleague, NewRole
from app.contract.errors import Busy, CounterpartError, Refused, RetryableError, SignInNeeded, Unreachable
from app.contract.said import said
from app.services.words import Words
from app.sync.words import duration

_SAME = said("Nothing was changed.")
_PERHAPS = said("Whether it was done shows once the list has been read again.")

_WRONG: Mapping[str, str] = {
    "name": said("Needed. Write the first and the last name, 200 characters at most."),
    "email": said("Write one whole address, such as name@company.example."),
    "role": said("Needed. Choose what they may do."),
}


class Calls(Protocol):
    """The gateway's side, as `app.sync.colleagues.ColleagueCalls` has it."""

    def colleagues(self) -> Colleagues: ...

    def invite(self, colleague: NewColleague) -> Invited: ...

    def link(self, colleague: str) -> Invited: ...

    def change_role(self, colleague: str, role: NewRole) -> Colleague: ...

    def remove(self, colleague: str) -> None: ...

    def devices(self) -> Devices: ...

    def sign_out_device(self, device: str, *, wipe: bool) -> None: ...


class Staff(Protocol):
    """What views ask; every method may be called from any thread, and raises contract errors."""

    def everybody(self) -> Colleagues: ...

    def invite(self, name: str, email: str, role: str) -> Invited: ...

    def new_link(self, colleague: str) -> Invited: ...

    def change_role(self, colleague: str, role: str) -> Colleague: ...

    def remove(self, colleague: str) -> None: ...

    def devices(self) -> Devices: ...

    def sign_out_device(self, device: str, *, erase: bool) -> None: ...


class ColleagueService:
    """`Staff` over the gateway."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def everybody(self) -> Colleagues:
        """Return everybody of the user's companies."""
        with _in_words(_SAME):
            return self._calls.colleagues()

    def invite(self, name: str, email: str, role: str) -> Invited:
        """Invite somebody. Raises Refused whose `fields` are *name*, *email* and *role*."""
        wish = _wish(name, email, role)
        with _in_words(_PERHAPS):
            try:
                return self._calls.invite(wish)
            except Refused as refused:
                if refused.code == "exists" and not refused.fields:
                    refused.fields = {"email": refused.cause}
                raise

    def new_link(self, colleague: str) -> Invited:
        """Make another link for somebody who has not taken up theirs."""
        with _in_words(_PERHAPS):
            return self._calls.link(colleague)

    def change_role(self, colleague: str, role: str) -> Colleague:
        """Give a colleague another role."""
        with _in_words(_PERHAPS):
            return self._calls.change_role(colleague, NewRole(role=role))

    def remove(self, colleague: str) -> None:
        """End a colleague's access."""
        with _in_words(_PERHAPS):
            self._calls.remove(colleague)

    def devices(self) -> Devices:
        """Return the user's own devices."""
        with _in_words(_SAME):
            return self._calls.devices()

    def sign_out_device(self, device: str, *, erase: bool) -> None:
        """Sign a device out; `erase`: it is told to destroy what it holds of this account."""
        with _in_words(_PERHAPS):
            self._calls.sign_out_device(device, wipe=erase)


class NobodyThere:
    """`Staff` where there is no gateway to ask."""

    def everybody(self) -> Colleagues:
        """Raise Unreachable."""
        raise Unreachable

    def invite(self, name: str, email: str, role: str) -> Invited:
        """Raise Unreachable."""
        raise Unreachable

    def new_link(self, colleague: str) -> Invited:
        """Raise Unreachable."""
        raise Unreachable

    def change_role(self, colleague: str, role: str) -> Colleague:
        """Raise Unreachable."""
        raise Unreachable

    def remove(self, colleague: str) -> None:
        """Raise Unreachable."""
        raise Unreachable

    def devices(self) -> Devices:
        """Raise Unreachable."""
        raise Unreachable

    def sign_out_device(self, device: str, *, erase: bool) -> None:
        """Raise Unreachable."""
        raise Unreachable


def mail_address(invited: Invited, vendor: str, until: str, tr: Words) -> str:
    """Return the `mailto:` address that writes an invitation in the user's own mail program.

    `until`: how long the link is good, in the user's words.
    """
    subject = tr("Your access to {vendor}’s partner portal").format(vendor=vendor)
    body = tr(
        "Hello {name},\n\nthis link gives you access to {vendor}’s partner portal, as {role}. It works once, "
        "until {until}:\n\n{link}\n"
    ).format(
        name=invited.colleague.name,
        vendor=vendor,
        role=invited.colleague.role_label,
        until=until,
        link=invited.link,
    )
    to = quote(invited.colleague.email, safe="@")
    return f"mailto:{to}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"


def _wish(name: str, email: str, role: str) -> NewColleague:
    try:
        return NewColleague(name=name.strip(), email=email.strip(), role=role)
    except ValidationError as error:
        names = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        fields = {field: words for field, words in _WRONG.items() if field in names}
        raise Refused(said("Something is missing or cannot be right."), kept=_SAME, fields=fields) from None


@contextmanager
def _in_words(uncertain: str) -> Iterator[None]:
    """Say of an error what holds here: nothing waits to be sent, and nothing is tried again by itself.

    `uncertain`: what to say of a call whose answer did not arrive.
    """
    try:
        yield
    except SignInNeeded:
        raise
    except Busy as error:
        error.kept, error.next_step = _SAME, _when(error.retry_after)
        raise
    except RetryableError as error:
        error.kept, error.next_step = uncertain, said("Try again when you are back.")
        raise
    except CounterpartError as error:
        error.kept = _SAME
        raise


def _when(seconds: float | None) -> str:
    if not seconds:
        return said("Try again in a moment.")
    return said("Try again in {duration}.", duration=duration(timedelta(seconds=seconds)))
