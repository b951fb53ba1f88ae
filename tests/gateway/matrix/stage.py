"""A served gateway with somebody in each role, and something of everybody's for each call to be about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from gateway.api.app import build_app
from gateway.crm.port import Ref
from gateway.identity.session import Session
from tests.gateway.serving import serving
from tests.gateway.world import Mirror, World, partner_manifest
from tests.patience import PATIENCE

#: Whose something is: the caller's own, another's of their company, a company's below theirs, a company's they have
#: nothing to do with, and nobody's, since it is not there.
SUBJECTS = ("mine", "own", "below", "other", "unknown")

ROLES = tuple(role.name for role in partner_manifest().roles)


@dataclass(frozen=True)
class Subject:
    """Something that a call can be about, by the ids it goes under."""

    whose: str
    gid: str
    sha256: str
    mutation: str
    upload: str
    user: str
    device: str
    cursor: str

    @property
    def ids(self) -> tuple[str, ...]:
        """All of them: what answers may differ in, and in nothing else."""
        return (self.gid, self.sha256, self.mutation, self.upload, self.user, self.device, self.cursor)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, with what is theirs."""

    role: str
    session: Session
    token: str
    cursor: str
    subjects: dict[str, Subject]


class Stage:
    """The companies north, its reseller below it, and south; in north somebody in each role."""

    def __init__(self, folder: Path) -> None:
        limits = World().limits
        self.world = World(replace(limits, page_usual=2000), folder)
        self.below = self.world.port.add("account", title="Below", level="R", over=self.world.north.id)
        self.world.read()
        sessions = {role: self.world.user(f"Pat{role} X", role, self.world.north) for role in ROLES}
        colleague = self.world.user("Conny Colleague", "admin", self.world.north)
        reseller = self.world.user("Bea Below", "admin", self.below)
        others = {"own": colleague, "below": reseller, "other": self.world.other}
        subjects = {whose: self._subject(whose, session) for whose, session in others.items()}
        subjects["unknown"] = self._nothing()
        mine = {role: self._subject("mine", session) for role, session in sessions.items()}
        self.world.read()
        subjects = {whose: self._with_cursor(one, others.get(whose)) for whose, one in subjects.items()}
        self.people = {
            role: self._person(role, session, {"mine": mine[role], **subjects})
            for role, session in sessions.items()
        }

    def _subject(self, whose: str, session: Session) -> Subject:
        """Make a deal with a file, something asked for, an upload that goes on: all of one user's."""
        world = self.world
        account = {"below": self.below, "other": world.south}.get(whose, world.north)
        user = world.gateway.identity.people.get(session.user)
        assert user is not None
        deal = world.deal(account, person=user.name.partition(" ")[0])
        body = f"evidence of {session.user}".encode()
        world.port.add_file("paper", body, on_id=deal.id, on_kind="D", label="a.pdf")
        asked = world.patch(world.ids.new_id(), {"title": "a"}, {"title": "b"})
        world.push_one(session, asked)
        sha256 = hashlib.sha256(body).hexdigest()
        part = hashlib.sha256(session.user.encode()).hexdigest()
        upload, _ = world.gateway.begin_upload(session, part, 3, "application/pdf", "part.pdf")
        spare = world.gateway.identity.session_for(session.user, "an old laptop")
        ids = (sha256, asked.mutation_id, upload, session.user, spare.device, "")
        return Subject(whose, world.gid(deal), *ids)

    def _nothing(self) -> Subject:
        new = self.world.ids.new_id
        return Subject("unknown", new(), "0" * 64, new(), new(), new(), new(), "x" * 80)

    def _with_cursor(self, subject: Subject, session: Session | None) -> Subject:
        return replace(subject, cursor=Mirror(self.world, session).snapshot().cursor) if session else subject

    def _person(self, role: str, session: Session, subjects: dict[str, Subject]) -> Person:
        with self.world.database.write() as connection:
            token = self.world.gateway.identity.sessions.first_tokens(connection, session.id).access
        cursor = Mirror(self.world, session).snapshot().cursor
        subjects = {**subjects, "mine": replace(subjects["mine"], cursor=cursor)}
        return Person(role, session, token, cursor, subjects)

    def row_of(self, subject: Subject) -> Ref:
        """The source system's row of a subject's deal."""
        return next(ref for ref in self.world.port.rows if self.world.gid(ref) == subject.gid)


@contextmanager
def staged(folder: Path) -> Iterator[tuple[Stage, httpx.Client]]:
    """Serve it."""
    stage = Stage(folder)
    with (
        serving(build_app(stage.world.gateway)) as url,
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
    ):
        yield stage, client
    stage.world.gateway.close()
