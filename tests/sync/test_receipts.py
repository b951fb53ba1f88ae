"""Signed evidence on its way in: what does not hold, is about something else or carries a strange key is not taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.contract.errors import Unreachable
from app.contract.evidence import fingerprint
from app.contract.mutations import Command, Kind, Mutation, Outcome
from app.contract.receipts import Receipt, ReceiptBody, merkle, short_name
from app.store.states import ItemState
from app.sync.events import ReceiptArrived
from tests.store.world import gid, mutation
from tests.sync.world import World, rejected

FIRST = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
SECOND = Ed25519PrivateKey.from_private_bytes(b"2" * 32)


def public(signing: Ed25519PrivateKey) -> str:
    return signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


class Notary:
    """Signs what the scripted gateway answers, as the real one does."""

    def __init__(self, client: World) -> None:
        self.client = client
        self.signing = FIRST
        self.bodies: dict[str, ReceiptBody] = {}
        self.asked: list[str] = []
        self.spoil: Callable[[Receipt], Receipt] = lambda receipt: receipt
        self.hashed: Callable[[Mutation], str] = Mutation.body_hash
        self._outcome = client.gateway._outcome
        client.gateway._outcome = self.answer  # type: ignore[method-assign]
        client.gateway.receipt = self.receipt  # type: ignore[method-assign]

    def answer(self, mutation: Mutation) -> Outcome:
        one, outcome = mutation, self._outcome(mutation)
        now = self.client.clock.now()
        body = ReceiptBody(
            mutation_id=one.mutation_id, body_hash=self.hashed(one), gid=one.gid, status=outcome.status.value,
            captured_at=one.captured_at, received_at=now, written_at=now,
        )  # fmt: skip
        self.bodies.setdefault(one.mutation_id, body)
        return outcome.model_copy(update={"receipt": short_name(self.bodies[one.mutation_id].leaf())})

    def sign(self, body: ReceiptBody) -> Receipt:
        root, (path, _) = merkle([body.leaf(), "0" * 64])
        signature = self.signing.sign(root.encode()).hex()
        return Receipt(body=body, path=path, root=root, signature=signature, key=public(self.signing))

    def receipt(self, mutation_id: str) -> Receipt:
        self.client.gateway._enter("receipt")
        self.asked.append(mutation_id)
        return self.spoil(self.sign(self.bodies[mutation_id]))


@pytest.fixture
def notary(client: World) -> Notary:
    return Notary(client)


def submit(client: World, name: str = "s1") -> None:
    command = Command(name="withdraw", expected_state="approved")
    client.enter(mutation(name, 1, Kind.COMMAND, changes={}, command=command))


def told(client: World) -> ReceiptArrived:
    arrived: ReceiptArrived = client.told(ReceiptArrived)[-1]
    return arrived


def test_the_receipt_of_an_edit_is_fetched_when_asked_for_and_kept(client: World, notary: Notary) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.sync()
    assert notary.asked == []
    client.engine.fetch_receipt("m1")
    assert told(client) == ReceiptArrived("m1")
    kept = client.store.receipts.get("m1")
    assert kept is not None
    assert (kept.receipt.body, kept.kept_at) == (notary.bodies["m1"], client.clock.now())
    client.engine.fetch_receipt("m1")
    assert notary.asked == ["m1"], "what is here is not fetched again"


def test_receipts_of_commands_come_by_themselves(client: World, notary: Notary) -> None:
    submit(client)
    client.sync()
    assert client.store.receipts.get("s1") is not None
    client.sync()
    assert notary.asked == ["s1"]


def test_what_stands_in_the_way_of_a_receipt_is_in_nobodys_way(client: World, notary: Notary) -> None:
    client.gateway.faults["receipt"] = [Unreachable()]
    submit(client)
    client.sync()
    assert client.engine.status.cause == ""
    client.engine.fetch_receipt("s1")
    assert client.store.receipts.get("s1") is not None


def test_offline_it_says_when_it_comes(client: World, notary: Notary) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.sync()
    client.engine.set_offline(True)
    client.engine.fetch_receipt("m1")
    assert notary.asked == []
    assert told(client).problem.startswith("You are offline.")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda r: r.model_copy(update={"signature": "0" * 128}), "its signature is wrong"),
        (lambda r: r.model_copy(update={"root": "0" * 64}), "its signature is wrong"),
        (lambda r: r.model_copy(update={"path": ()}), "not what was signed"),
        (
            lambda r: r.model_copy(update={"body": r.body.model_copy(update={"status": "rejected"})}),
            "not what was signed",
        ),
    ],
)
def test_a_receipt_that_does_not_hold_is_refused_and_told(
    client: World, notary: Notary, spoil: Callable[[Receipt], Receipt], words: str
) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.sync()
    notary.spoil = spoil
    client.engine.fetch_receipt("m1")
    assert words in told(client).problem
    assert client.store.receipts.get("m1") is None
    assert client.store.receipts.known_keys() == ()


@pytest.mark.parametrize(
    "other",
    [
        lambda body: body.model_copy(update={"mutation_id": "m2"}),
        lambda body: body.model_copy(update={"gid": gid(2)}),
        lambda body: body.model_copy(update={"captured_at": body.captured_at - timedelta(days=3)}),
        lambda body: body.model_copy(update={"status": "rejected"}),
        lambda body: body.model_copy(update={"body_hash": "0" * 32}),
    ],
    ids=["another mutation", "another record", "another time", "another answer", "another content"],
)
def test_a_receipt_of_something_else_is_refused_however_well_it_is_signed(
    client: World, notary: Notary, other: Callable[[ReceiptBody], ReceiptBody]
) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.sync()
    notary.spoil = lambda receipt: notary.sign(other(receipt.body))
    client.engine.fetch_receipt("m1")
    assert "the receipt of something else" in told(client).problem
    assert client.store.receipts.all() == []


def test_a_receipt_has_to_be_of_what_was_sent_from_the_outcome_on(client: World, notary: Notary) -> None:
    def falsified(one: Mutation) -> str:
        return one.model_copy(update={"changes": {"next_steps": "Never mine"}}).body_hash()

    notary.hashed = falsified
    client.edit("m1", 1, next_steps="Mine")
    client.sync()
    trace = client.store.receipts.trace("m1")
    assert trace is not None
    assert trace.name == short_name(notary.bodies["m1"].leaf()), "name and receipt agree with one another"
    client.engine.fetch_receipt("m1")
    assert "the receipt of something else" in told(client).problem
    assert client.store.receipts.all() == []


def test_the_receipt_of_what_an_older_version_sent_is_taken(client: World, notary: Notary) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.sync()
    client.store.connection.run("UPDATE outbox SET body_hash = ''")
    client.engine.fetch_receipt("m1")
    assert told(client) == ReceiptArrived("m1")


def test_the_first_key_is_pinned_and_another_one_is_taken_only_when_somebody_agrees(
    client: World, notary: Notary
) -> None:
    for name in ("m1", "m2"):
        client.edit(name, 1, next_steps=name)
        client.sync()
    client.engine.fetch_receipt("m1")
    assert [one.key for one in client.store.receipts.known_keys()] == [public(FIRST)]
    notary.signing = SECOND
    client.engine.fetch_receipt("m2")
    assert told(client).strange_key == public(SECOND)
    assert fingerprint(public(SECOND)) in told(client).problem
    assert client.store.receipts.get("m2") is None
    client.store.receipts.trust(public(SECOND), client.clock.now())
    client.engine.fetch_receipt("m2")
    assert told(client) == ReceiptArrived("m2")
    assert client.store.receipts.get("m1") is not None, "what was signed before still stands"


def test_the_key_the_gateway_names_first_is_pinned_and_a_change_is_told_once(client: World) -> None:
    def greet(signing: Ed25519PrivateKey) -> None:
        me = client.gateway.me()
        client.gateway.me = lambda: me.model_copy(update={"receipt_key": public(signing)})  # type: ignore[method-assign]
        client.clock.advance(client.settings.greet)
        client.sync()

    greet(FIRST)
    assert [one.key for one in client.store.receipts.known_keys()] == [public(FIRST)]
    assert client.store.receipts.strange_key == ""
    greet(SECOND)
    greet(SECOND)
    warning = f"Receipts are signed with another key now: {fingerprint(public(SECOND))}"
    assert client.lines().count(warning) == 1
    assert client.store.receipts.strange_key == public(SECOND)
    assert [one.key for one in client.store.receipts.known_keys()] == [public(FIRST)]
    client.store.receipts.trust(public(SECOND), client.clock.now())
    assert client.store.receipts.strange_key == ""


def test_a_refusal_and_a_clash_have_their_receipts_too(client: World, notary: Notary) -> None:
    client.gateway.outcomes["no"] = lambda one: rejected(one, "locked", "Amount is locked during review.")
    client.edit("no", 1, amount="9.00")
    client.sync()
    client.edit("clash", 2, next_steps="Mine")
    client.gateway.edit(2, next_steps="Theirs")
    client.sync()
    (aside,) = client.store.outbox.open_items()
    assert aside.state is ItemState.QUARANTINED
    for name, status in (("no", "rejected"), ("clash", "conflict")):
        client.engine.fetch_receipt(name)
        kept = client.store.receipts.get(name)
        assert kept is not None
        assert kept.receipt.body.status == status
        trace = client.store.receipts.trace(name)
        assert trace is not None
        assert trace.name == short_name(kept.receipt.body.leaf())
    client.store.outbox.discard("no", client.clock.now())
    gone = client.store.outbox.settled("no")
    assert gone is not None
    assert gone.receipt.startswith("R-"), "what the user gives up was still answered"
