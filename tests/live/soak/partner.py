"""A partner at a device: the real client without its window, over real HTTP, on a wire that breaks."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.composition import headless
from app.composition.browser import FormBrowser
from app.composition.demo import PassingKeyring
from app.composition.surroundings import real_surroundings
from app.contract.errors import CounterpartError
from app.services.open_account import OpenAccount
from app.services.portal import Portal
from app.services.views_model import Choice, ChoiceKind
from app.store.keys import KeyRing
from tests.e2e.tour.proxy import CuttingProxy
from tests.live.soak.book import Book

DEAL, REQUEST = "deal_registration", "request"
#: Contract fields that partners edit.
FIELDS = ("next_steps", "competitor")


class Partner:
    """One device. Used by one thread at a time."""

    def __init__(
        self, name: str, person: dict[str, Any], folder: Path, port: int, book: Book, seed: str
    ) -> None:
        self.name, self._folder, self._book = name, folder, book
        self._rng = random.Random(f"{seed}/{name}")
        self.wire = CuttingProxy(port)
        self.wire.open()
        ring = KeyRing(PassingKeyring())
        around = real_surroundings(
            folder / name,
            locale="en_GB",
            ring=lambda: ring,
            open_browser=FormBrowser(person["email"], person["password"]),
        )
        self.around = replace(around, rng=random.Random(f"{seed}/{name}/wait"))
        self.person = person
        self._opened: AbstractContextManager[OpenAccount] = headless.opened(
            self.around, headless.Wanted("", self.wire.url, lambda: "")
        )
        self.account = self._opened.__enter__()
        if not self.sync():
            raise RuntimeError(f"{name} cannot sync for the first time")

    def close(self) -> None:
        """End it."""
        self._opened.__exit__(None, None, None)
        self.wire.close()

    # ------------------------------------------------------------------------------------------------ one turn

    def turn(self) -> None:
        """Do something, and mostly sync after it."""
        verbs: Sequence[tuple[Callable[[Portal], object], int]] = (
            (self._edit, 40),
            (self._message, 16),
            (self._register, 6),
            (self._raise_request, 4),
            (self._resolve, 14),
            (self._look_after, 8),
            (self._withdraw, 2),
        )
        try:
            with headless.portal_of(self.account) as portal:
                for _ in range(self._rng.randrange(1, 4)):
                    [verb] = self._rng.choices([verb for verb, _ in verbs], [weight for _, weight in verbs])
                    verb(portal)
            if self._rng.random() < 0.25:
                self.wire.cut_next_push()
            self.sync()
        except CounterpartError as error:
            self._book.did(f"turns of partners that ended with {type(error).__name__} ({error.cause})")
        except Exception:  # noqa: BLE001 - a partner's turn that ends like this is told, and is a violation
            self._book.trouble(f"{self.name}: {traceback.format_exc()[-1200:]}")

    def sync(self) -> bool:
        """Exchange until nothing is left to do; tells whether the gateway was reached."""
        self._book.did("syncs")
        return headless.sync(self.around, self.account).ok

    def calm_sync(self) -> bool:
        """Sync when nothing disturbs any more; what goes wrong now goes wrong with the next one, too, and is told."""
        try:
            return self.sync()
        except CounterpartError as error:
            self._book.did(f"syncs at the end that ended with {type(error).__name__}")
            return False

    def rest(self) -> dict[str, int]:
        """Return how much waits to be sent, and how much waits for its user."""
        found: dict[str, int] = headless.status(self.around, self.account).data["outbox"]
        return found

    # ------------------------------------------------------------------------------------------------ what they do

    def _shown(self, portal: Portal, *entities: str) -> list[str]:
        with self.account.open_store() as store:
            return [
                gid
                for entity in entities
                for (gid,) in store.connection.rows(
                    "SELECT gid FROM record WHERE entity = ? AND sync <> 'draft' ORDER BY gid", (entity,)
                )
            ]

    def _edit(self, portal: Portal) -> None:
        gids = self._shown(portal, DEAL)
        if not gids:
            return
        # Some deals are everybody's favourites: there they meet.
        gid = self._rng.choice(gids[:6] if self._rng.random() < 0.6 else gids)
        name = self._rng.choice(FIELDS)
        if name not in portal.records.editable(gid):
            return
        word = self._book.word("p", self.name)
        portal.intents.edit(gid, {name: f"See {word}"})
        self._book.entered(self.name, gid, name, word)

    def _message(self, portal: Portal) -> None:
        parents = self._shown(portal, DEAL, REQUEST)
        if not parents:
            return
        parent, word = self._rng.choice(parents), self._book.word("p", self.name)
        portal.intents.message(parent, f"A word: {word}")
        self._book.put(self.name, "message", parent, word)

    def _register(self, portal: Portal) -> None:
        """A deal with its evidence, and a message on it before anything was sent."""
        gid, word = portal.drafts.start(DEAL), self._book.word("p", self.name)
        close = datetime.now(UTC).date() + timedelta(days=60)
        values = {
            "customer": word,
            "website": f"{word}.example",
            "country": "GB",
            "title": "Branch network",
            "type": "new",
            "amount": "1200.00",
            "currency": "GBP",
            "target_close": close.isoformat(),
            "problem": "The network stops whenever the shop is full of people.",
        }
        data = portal.drafts.load(gid).data
        if not data.get("company"):
            values["company"] = portal.records.options("company")[0].gid
        portal.drafts.save(gid, {**data, **values})
        file, name = self._folder, self._book.word("p", self.name)
        path = file / f"{name}.txt"
        path.write_text(f"Evidence for {word}")
        portal.drafts.add_file(gid, path)
        portal.drafts.submit(gid)
        self._book.put(self.name, "registration", gid, word)
        self._book.put(self.name, "file", gid, name)
        if self._rng.random() < 0.5:
            said = self._book.word("p", self.name)
            portal.intents.message(gid, f"First of all: {said}")
            self._book.put(self.name, "message", gid, said)

    def _raise_request(self, portal: Portal) -> None:
        gid = portal.drafts.start(REQUEST)
        subject, text = self._book.word("p", self.name), self._book.word("p", self.name)
        data = dict(portal.drafts.load(gid).data)
        if not data.get("company"):
            data["company"] = portal.records.options("company")[0].gid
        data |= {"subject": subject, "category": "quote", "priority": "normal"}
        portal.drafts.save(gid, data, text=text)
        portal.drafts.submit(gid)
        self._book.put(self.name, "request", gid, subject)
        self._book.put(self.name, "message", gid, text)

    def _resolve(self, portal: Portal) -> None:
        listed = portal.conflicts.list()
        view = portal.conflicts.get(self._rng.choice(listed).gid) if listed else None
        if view is None:
            return
        self._book.did("conflicts decided")
        if view.kind == "gone":
            mine = [one.mine for one in view.fields]
            portal.conflicts.resolve_gone(view.gid, self._rng.random() < 0.5)
            self._book.gave_up(self.name, mine)
            return
        choices: dict[str, Choice] = {}
        for one in view.fields:
            kind = (
                self._rng.choice((ChoiceKind.MINE, ChoiceKind.THEIRS)) if one.editable else ChoiceKind.THEIRS
            )
            choices[one.group] = Choice(kind)
        portal.conflicts.resolve(view.gid, choices)
        for one in view.fields:
            if choices[one.group].kind is ChoiceKind.THEIRS:
                self._book.gave_up(self.name, one.mine)

    def _look_after(self, portal: Portal) -> None:
        """Try again what was refused, or let go of it."""
        with self.account.open_store() as store:
            aside = [item for item in store.outbox.open_items() if item.state == "quarantined"]
        if not aside:
            return
        item = self._rng.choice(aside)
        if self._rng.random() < 0.5 and (item.problem or {}).get("kind") != "revoked":
            portal.outbox.retry(item.mutation.mutation_id)
            return
        portal.outbox.discard(item.mutation.mutation_id)
        self._book.gave_up(self.name, item.mutation.changes)

    def _withdraw(self, portal: Portal) -> None:
        for gid in self._shown(portal, DEAL):
            if any(command.name == "withdraw" for command in portal.records.commands(gid)):
                portal.intents.command(gid, "withdraw", {})
                self._book.did("withdrawals")
                return
