"""The story from the director's chair: who does what when, and what each side shows of the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from app.session.accounts import Accounts
from app.store.database import Store
from app.store.keys import PassphraseKey
from tests.e2e.tour import story
from tests.e2e.tour.acts.passphrase import PASSPHRASE
from tests.e2e.tour.claims import Claims
from tests.e2e.tour.director import GatewayOfTheTour, Player, wire_to
from tests.e2e.tour.vendor import VendorSide

#: What Qt's platform without a screen says of itself.
_NOISE = ("This plugin", "picture ")
#: Longer than the refresh token of the tour's gateway lives.
_FIVE_DAYS = 5 * 24 * 3600


class Tour:
    """One tour in one folder."""

    def __init__(self, folder: Path, pictures: Path, gateway: GatewayOfTheTour, vendor: VendorSide) -> None:
        """`gateway` runs. `vendor`: somebody at the system behind it."""
        self._folder, self._pictures = folder, pictures
        self.claims = Claims(folder / "claims.json")
        self._gateway, self._vendor = gateway, vendor
        self._wire = wire_to(gateway)
        self._players: list[Player] = []

    def close(self) -> None:
        """Stop whatever still runs."""
        for player in self._players:
            player.kill()
        self._wire.close()
        self._vendor.close()
        self._gateway.stop()

    def play(self) -> None:
        """Play all acts."""
        self._vendor.sign_in()
        self._offline_and_killed()
        self._vendor_works()
        self._back_again()
        self._look_at_the_crm()
        self._look_at_the_disk()
        self._on_the_road()

    # acts

    def _player(self, name: str, user: str, data: str) -> Player:
        person = self._gateway.user(user)
        script = {
            "work": str(self._folder),
            "pictures": str(self._pictures),
            "data": str(self._folder / data),
            "clock": str(self._gateway.clock),
            "claims": str(self._folder / "claims.json"),
            "gateway": self._wire.url,
            "email": person["email"],
            "password": person["password"],
            "fault": self._gateway.fault,
            "told": self._vendor.told,
        }
        player = Player(name, self._folder, script)
        self._players.append(player)
        return player

    def _heard(self, player: Player) -> None:
        """Take over what an act has written down."""
        self.claims = Claims(self._folder / "claims.json")
        lines = [one for one in player.log().splitlines() if not one.startswith(_NOISE)]
        sys.stdout.writelines(f"    {line}\n" for line in lines[-60:])

    def _offline_and_killed(self) -> None:
        player = self._player("working_offline", "Maya Okafor", "client")
        if player.wait_for("looking-at-castellane", 150):
            deal = self._vendor.deal(story.REVOKED, story.REVOKED_NUMBER)
            self._vendor.edit(deal, next_steps=f"Ask about {story.REVOKED_WORD}.")
        whole = player.wait_for("half-written", 240)
        player.kill()
        self._heard(player)
        self.claims.put("killed", whole, "killed while it writes", f"exit {player.process.returncode}")

    def _vendor_works(self) -> None:
        """Meanwhile the vendor edits the same records."""
        self.claims.prove("vendor_edits", "the vendor edits the same records in the CRM", self._edits)
        self._gateway.stop()
        self._wire.close()

    def _edits(self) -> str:
        vendor = self._vendor
        vendor.edit(vendor.deal(story.MERGED, story.MERGED_NUMBER), next_steps=story.VENDOR_STEP)
        vendor.edit(vendor.deal(story.CLASHED, story.CLASHED_NUMBER), next_steps=story.THEIR_STEP)
        vendor.start_review(vendor.deal(story.STALE, story.STALE_NUMBER))
        vendor.move(vendor.deal(story.REVOKED, story.REVOKED_NUMBER), story.COMPANIES[1])
        return "two deals edited, one taken into review, one moved to another company"

    def _back_again(self) -> None:
        player = self._player("coming_back", "Maya Okafor", "client")
        player.wait_for("gateway-wanted", 150)
        self._wire.cut_next_push()
        self._gateway.start()
        self._wire.open()
        self._vendor.sign_in()
        if player.wait_for("settled", 300):
            deal = self._vendor.deal(story.MERGED, story.MERGED_NUMBER)
            self._vendor.edit(deal, next_steps=story.SELF_MADE)
        player.sign("edited-again")
        player.wait_for("verified", 240)
        player.end(15)
        self._heard(player)
        cuts = self._wire.cuts
        self.claims.put("answer_cut", cuts == 1, "the answer to the first push was lost", f"{cuts} cut")

    def _on_the_road(self) -> None:
        player = self._player("on_the_road", "Callum Reid", "field")
        if player.wait_for("five-days", 240):
            self._gateway.clock.write_text(str(_FIVE_DAYS))
        player.sign("five-days-later")
        player.wait_for("on-the-road-done", 240)
        player.end(15)
        self._heard(player)
        self._vendor.sign_in()  # at the console, too, nobody stays signed in for five days
        self.claims.prove("field_rep", "both are in the CRM, each with its company", self._field_deals)

    def _field_deals(self) -> str:
        seen = []
        for company, customer in zip(story.COMPANIES, story.FIELD_DEALS, strict=True):
            deal = self._vendor.deal(customer)
            owner, state = deal.fields["company"], deal.fields["state"]
            must(owner == company, f"{customer} belongs to {owner}")
            must(state == "submitted", f"{customer} is {state}")
            seen.append(f"{deal.number} {customer}")
        return ", ".join(seen)

    # what the vendor sees

    def _look_at_the_crm(self) -> None:
        prove = self.claims.prove
        prove("register_offline", "once in the CRM, submitted, with its file", self._registered)
        prove("edit_offline", "the edit is in the CRM", self._edited)
        prove("merged", "both values in the CRM, the edit written exactly once", self._edited)
        prove("conflict", "what was chosen is in the CRM", self._chosen)
        prove("request_offline", "once in the CRM with its message and file", self._request)
        prove("message_offline", "once in the CRM", lambda: self._notes(story.MESSAGE))
        prove("stale_command", "the deal is not withdrawn in the CRM", self._not_withdrawn)

    def _registered(self) -> str:
        deal = self._vendor.deal(story.NEW_DEAL)
        state = deal.fields["state"]
        must(state == "submitted", f"state {state}")
        must(len(deal.files) == 1, f"{len(deal.files)} files")
        sent = (self._folder / "harrowgate-survey.pdf").read_bytes()
        must(deal.files[0] == sent, "another file")
        return f"{deal.number} {state}, one file, byte for byte"

    def _edited(self) -> str:
        deal = self._vendor.deal(story.MERGED, story.MERGED_NUMBER)
        rival = deal.fields["competitor"]
        must(rival == story.RIVAL, f"competitor {rival}")
        written = self._vendor.written(deal, "competitor", story.RIVAL)
        must(len(written) == 1, f"written {len(written)} times")
        stepped = self._vendor.written(deal, "next_steps", story.VENDOR_STEP)
        must(len(stepped) == 1, f"the vendor's step {len(stepped)} times")
        return f"{deal.number}: {rival} by {written[0]}"

    def _chosen(self) -> str:
        deal = self._vendor.deal(story.CLASHED, story.CLASHED_NUMBER)
        steps = deal.fields["next_steps"]
        must(steps == story.MY_STEP, f"next steps {steps}")
        return f"{deal.number}: {steps}"

    def _request(self) -> str:
        request = self._vendor.request(story.REQUEST)
        must(list(request.notes) == [story.REQUEST_TEXT], f"notes {request.notes}")
        must(len(request.files) == 1, f"{len(request.files)} files")
        return f"{request.number}, one message, one file"

    def _notes(self, text: str) -> str:
        found = self._vendor.notes(text)
        must(len(found) == 1, f"{len(found)} notes")
        return f"one note by {found[0]}"

    def _not_withdrawn(self) -> str:
        deal = self._vendor.deal(story.STALE, story.STALE_NUMBER)
        state = deal.fields["state"]
        must(state == "under_review", f"state {state}")
        return f"{deal.number} {state}"

    # what is on the disk

    def _look_at_the_disk(self) -> None:
        self.claims.prove("revoked", "and not on the disk: no table and no blob holds it", self._nowhere)

    def _nowhere(self) -> str:
        with self._client_store() as store:
            looked, held = everything_in(store, [story.REVOKED_WORD])
        must(not held, f"found in {sorted(set(held))}")
        must(looked > 500, f"only {looked} rows were looked at")
        plain = Accounts(self._folder / "client").list()[0].store_path.read_bytes()
        must(story.NEW_DEAL.encode() not in plain, "the file is not encrypted")
        return f"{looked} rows of all tables looked through"

    def _client_store(self) -> Store:
        """Open what Maya's client keeps, while it does not run."""
        account = Accounts(self._folder / "client").list()[0]
        return Store.open(account.store_path, PassphraseKey(account.folder / "key.json").unlock(PASSPHRASE))


def everything_in(store: Store, words: Sequence[str]) -> tuple[int, list[str]]:
    """Look through every row of every table; returns how many there were, and the tables that hold a word."""
    looked, held = 0, []
    for (table,) in store.connection.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in store.connection.rows(f'SELECT * FROM "{table}"'):
            looked += 1
            if any(_holds(value, word) for value in row for word in words):
                held.append(table)
    return looked, held


def _holds(value: object, word: str) -> bool:
    if isinstance(value, bytes):
        return word.encode() in value
    return isinstance(value, str) and word in value


def must(holds: bool, otherwise: str) -> None:
    """Raise AssertionError unless it holds."""
    if not holds:
        raise AssertionError(otherwise)
