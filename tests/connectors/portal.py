"""A gateway over a lab's system, with two companies and their people; what a partner does and sees."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contract.ids import source_gid
from app.contract.mutations import Command, Kind, Mutation, Outcome, PushBody, Status
from gateway.assembly import memory_database
from gateway.blobs import MemoryBlobs
from gateway.core import Gateway, Setup
from gateway.crm.port import CrmBusy, CrmUnavailable, KeepsPeople, Ref
from gateway.identity.passwords import Passwords
from gateway.identity.people import Contact, NewUser
from gateway.identity.session import Session
from gateway.limits import Limits
from gateway.systems import System
from tests.connectors.lab import DEAL, Lab
from tests.connectors.walking import gid_at
from tests.gateway.world import partner_manifest

#: Turns of the lanes in which everything has to have arrived.
_TURNS = 40


class Portal:
    """The gateway, and Maya, who acts for the first company; Ailsa acts for the second."""

    def __init__(
        self, lab: Lab, limits: Limits | None = None, systems: Sequence[System] | None = None
    ) -> None:
        """`systems`: those the gateway stands beside, when they are not the lab's alone."""
        self.lab = lab
        self._systems = systems
        self.limits = limits or Limits()
        self._database = memory_database()
        self._blobs = MemoryBlobs()
        self._signing = Ed25519PrivateKey.generate()
        self._passwords = Passwords(memory=64, rounds=1, lanes=1)
        self.north, self.south = lab.company("Brightwater IT"), lab.company("Calder & Rowe")
        self.gateway = self._gateway()
        self.read()
        self.maya = self._user("Maya Okafor", self.north)
        self.ailsa = self._user("Ailsa Rowe", self.south)

    def _gateway(self) -> Gateway:
        return Gateway(
            Setup(
                database=self._database,
                manifest=partner_manifest(),
                systems=self._systems or (self.lab.system,),
                blobs=self._blobs,
                clock=self.lab.clock,
                ids=self,
                random=os.urandom,
                secret=b"s" * 32,
                signing=self._signing,
                passwords=self._passwords,
                limits=self.limits,
            )
        )

    def new_id(self) -> str:
        """Return the next id."""
        return gid_at(self.lab.clock.now())

    def restart(self) -> None:
        """End the gateway's process and begin another, with a connector of its own."""
        self.lab.reopened()
        self.gateway = self._gateway()

    def _user(self, name: str, company: Ref) -> Session:
        email = f"{name.split(maxsplit=1)[0].lower()}@example.test"
        port = self.lab.port
        assert isinstance(port, KeepsPeople)
        contact = Contact(port.system, port.person(company, name, email, ()))
        new = NewUser(name, email, "manager", (self.gid(company),), "correct horse", (contact,))
        return self.gateway.identity.session_for(self.gateway.identity.add_user(new), f"{name}'s laptop")

    def gid(self, ref: Ref) -> str:
        """Return the gid of a row born in the system."""
        return source_gid(self.lab.port.system, ref.obj, ref.id)

    # ------------------------------------------------------------------------------------------------- reading

    def step(self) -> int:
        """One turn of every lane."""
        return self.gateway.ingest_step()

    def read(self) -> None:
        """Let everything appear, and read until nothing is left to read."""
        self.lab.settle()
        for _ in range(_TURNS):
            try:
                self.gateway.backfill()
            except CrmUnavailable as error:
                self.lab.tick(max(error.retry_after, 1.0))
                continue
            return
        raise AssertionError("there is no end to what changed")

    def sweep(self, obj: str) -> None:
        """Compare all ids of an object, patiently."""
        for _ in range(_TURNS):
            try:
                self.gateway.ingest.sweep(self.lab.system, obj, confirmed=True)
            except CrmBusy as busy:
                self.lab.tick(busy.retry_after)
                continue
            return
        raise AssertionError("the sweep never ends")

    def seen(self, session: Session | None = None) -> dict[str, dict[str, Any]]:
        """Return what somebody sees, by gid, from a fresh snapshot."""
        found: dict[str, dict[str, Any]] = {}
        after, cursor = None, ""
        while not cursor:
            page = json.loads(self.gateway.snapshot(session or self.maya, after, 2000))
            found |= {gid: {**data, "@entity": entity} for gid, entity, _, _, data in page["puts"]}
            after, cursor = page["after"], page["cursor"] or ""
        return found

    def cursor(self) -> str:
        """Return the head as Maya's device knows it."""
        after, cursor = None, ""
        while not cursor:
            page = json.loads(self.gateway.snapshot(self.maya, after, 2000))
            after, cursor = page["after"], page["cursor"] or ""
        return str(cursor)

    def gone_since(self, cursor: str) -> dict[str, tuple[str, str | None]]:
        """Return by gid why records went since, and what they went into."""
        found: dict[str, tuple[str, str | None]] = {}
        more = True
        while more:
            page = json.loads(self.gateway.changes(self.maya, cursor, 2000))
            found |= {gid: (reason, into) for gid, _, reason, into in page["gone"]}
            cursor, more = page["cursor"], page["more"]
        return found

    # ------------------------------------------------------------------------------------------------- writing

    def push(self, *mutations: Mutation) -> list[Outcome]:
        """Hand mutations in, as Maya."""
        return list(self.gateway.push(self.maya, PushBody(mutations=mutations)).outcomes)

    def until_done(self, mutation: Mutation) -> Outcome:
        """Hand a mutation in until it has an outcome that lasts, as a client does."""
        outcome: Outcome | None = None
        for _ in range(_TURNS):
            [outcome] = self.push(mutation)
            if outcome.status is not Status.DEFERRED:
                return outcome
            self.lab.tick(max(1.0, self.limits.lease.total_seconds() / 4))
            self.gateway.recover()
        raise AssertionError(f"{outcome} is put off for ever")

    def mutation(self, kind: Kind, entity: str, gid: str, **members: Any) -> Mutation:
        """Return a mutation."""
        fields = {"mutation_id": self.new_id(), "captured_at": self.lab.clock.now(), **members}
        return Mutation(entity=entity, gid=gid, kind=kind, **fields)

    def new_deal(self, **changes: Any) -> Mutation:
        """Return the registration of a deal."""
        close = (self.lab.clock.now() + timedelta(days=60)).date().isoformat()
        whole = {**DEAL, "company": self.gid(self.north), "target_close": close, **changes}
        return self.mutation(Kind.CREATE, "deal_registration", self.new_id(), changes=whole)

    def patch(self, gid: str, base: dict[str, Any], changes: dict[str, Any]) -> Mutation:
        """Return an edit of a deal."""
        return self.mutation(Kind.PATCH, "deal_registration", gid, base=base, changes=changes)

    def command(self, gid: str, name: str, state: str, **args: Any) -> Mutation:
        """Return a command on a deal."""
        command = Command(name=name, expected_state=state, args=args)
        return self.mutation(Kind.COMMAND, "deal_registration", gid, command=command)

    def message(self, parent: str, body: str) -> Mutation:
        """Return a message on a record."""
        return self.mutation(Kind.APPEND, "message", self.new_id(), changes={"parent": parent, "body": body})
