"""The matrix: for each call of the interface, what each role may expect of it about whose things.

A call without a row fails the tests; so does a row without a call. A new call is one line
in `ROWS`: method, path, how to put the subject into it, and what is expected. `whose`: "mine", "own", "below",
"other", "unknown", as in stage.py. What nobody but its owner may have is `MINE`; a call that is about nothing of
anybody's is `PLAIN`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.gateway.matrix.stage import ROLES, Person, Stage, Subject

# ------------------------------------------------------------------------------------------------- what is expected

#: Whose deals each role sees, beside those the user owns. Said here once more, on purpose: scope.py is held to it.
SEES: Mapping[str, frozenset[str]] = {
    "admin": frozenset({"mine", "own", "below"}),
    "manager": frozenset({"mine", "own", "below"}),
    "read_only": frozenset({"mine", "own"}),
    "field_rep": frozenset({"mine", "own"}),
    "channel_manager": frozenset({"mine", "own"}),
    "approver": frozenset({"mine", "own"}),
    "rep": frozenset({"mine"}),
    "support": frozenset({"mine"}),
    "finance": frozenset({"mine"}),
    "operations": frozenset({"mine"}),
}

#: Roles that may look and not touch.
LOOKS = frozenset({"read_only"})

#: Roles that keep their colleagues' accounts.
KEEPS = frozenset({"admin"})

#: Roles that may register deals.
REGISTERS = frozenset({"admin", "manager", "rep", "field_rep"})

#: Role and whose, to the status that is expected.
Expected = Callable[[str, str], int]


def always(status: int) -> Expected:
    """The same for everybody, about everything."""
    return lambda _role, _whose: status


def if_seen(status: int, otherwise: int = 404) -> Expected:
    """By whose deals the role sees."""
    return lambda role, whose: status if whose in SEES[role] else otherwise


def if_mine(status: int, otherwise: int = 404) -> Expected:
    """By whether it is the caller's own."""
    return lambda _role, whose: status if whose == "mine" else otherwise


def if_keeper(status: int) -> Expected:
    """For who keeps colleagues, about a colleague: not about themselves, and strangers are not there."""

    def expected(role: str, whose: str) -> int:
        if role not in KEEPS or whose == "mine":
            return 403
        return status if whose == "own" else 404

    return expected


def keepers(status: int) -> Expected:
    """For who keeps colleagues, about nobody."""
    return lambda role, _whose: status if role in KEEPS else 403


def registrars(status: int, otherwise: int) -> Expected:
    """For who may register deals, about nobody."""
    return lambda role, _whose: status if role in REGISTERS else otherwise


# ------------------------------------------------------------------------------------------------------ what is sent


@dataclass(frozen=True)
class Call:
    """One request. `path` is filled in; the rest goes to httpx."""

    path: str
    members: Mapping[str, Any] = field(default_factory=dict)


Put = Callable[[Stage, Person, Subject, str], Call]


def named(**places: str) -> Put:
    """Put ids of the subject into the path: the place's name, and which id goes there."""

    def put(_stage: Stage, _person: Person, subject: Subject, path: str) -> Call:
        return Call(path.format(**{place: getattr(subject, which) for place, which in places.items()}))

    return put


def with_json(make: Callable[[Stage, Person, Subject], Any], **places: str) -> Put:
    """The same, with a body."""

    def put(stage: Stage, person: Person, subject: Subject, path: str) -> Call:
        return Call(
            named(**places)(stage, person, subject, path).path, {"json": make(stage, person, subject)}
        )

    return put


def asked(**params: str) -> Put:
    """Put ids of the subject, or of the caller (`my_cursor`), into the query; other texts as they are."""

    def put(_stage: Stage, person: Person, subject: Subject, path: str) -> Call:
        known = {"my_cursor": person.cursor, **vars(subject)}
        query = {name: known.get(which, which) for name, which in params.items()}
        return Call(path, {"params": query})

    return put


def form(**fields: str) -> Put:
    """A form."""
    return lambda _stage, _person, _subject, path: Call(path, {"data": fields})


def bucket(_stage: Stage, person: Person, subject: Subject, path: str) -> Call:
    """The bucket the subject's deal falls in."""
    place = path.format(entity="deal_registration", bucket=int(subject.gid[-1], 16))
    return Call(place, {"params": {"cursor": person.cursor}})


def piece(_stage: Stage, _person: Person, subject: Subject, path: str) -> Call:
    """The first byte of an upload."""
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    return Call(path.format(upload_id=subject.upload), {"headers": headers, "content": b"a"})


def edit(stage: Stage, _person: Person, subject: Subject) -> Any:
    """An edit of the subject's deal, each time the same."""
    mutation = stage.world.patch(subject.gid, {"competitor": None}, {"competitor": "Northwall"})
    return {"mutations": [json.loads(mutation.model_dump_json())]}


def file(_stage: Stage, _person: Person, subject: Subject) -> Any:
    """An upload of the subject's very file."""
    return {"sha256": subject.sha256, "size": 48, "name": "a.pdf"}


# ------------------------------------------------------------------------------------------- what the answer must hold

Holds = Callable[[str, str, Subject, Any], bool]


def shown(role: str, whose: str, subject: Subject, answer: Any) -> bool:
    """The subject's deal is among the records when it is seen, and no trace of it otherwise but what was asked."""
    return any(row[0] == subject.gid for row in answer["puts"]) == (whose in SEES[role])


def hashed(role: str, whose: str, subject: Subject, answer: Any) -> bool:
    """The subject's deal is in its bucket when it is seen."""
    return (subject.gid in answer["hashes"]) == (whose in SEES[role])


def outcome(role: str, whose: str, _subject: Subject, answer: Any) -> bool:
    """The edit is done when the deal is seen and the role may write."""
    (one,) = answer["outcomes"]
    if role in LOOKS:
        return bool(one["status"] == "rejected" and one["problem"]["code"] == "not_allowed")
    return bool(one["status"] in (("applied", "merged") if whose in SEES[role] else ("gone",)))


def not_known(role: str, whose: str, _subject: Subject, answer: Any) -> bool:
    """An upload is over at once when its bytes can be read, and learns nothing from others' otherwise."""
    return bool((answer["upload_id"] == "readable") == (whose in SEES[role]))


def anything(_role: str, _whose: str, _subject: Subject, _answer: Any) -> bool:
    """Whatever it says."""
    return True


# --------------------------------------------------------------------------------------------------------- the table


@dataclass(frozen=True)
class Row:
    """One call. `session`: it takes an access token; `holds` judges the JSON of a 2xx.

    `alike`: what is hidden is answered as what is not there. Not where the answer is about more than the subject.
    """

    method: str
    path: str
    put: Put
    expected: Expected
    holds: Holds = anything
    session: bool = True
    alike: bool = True


PLAIN = named()
_REFRESH = {"grant_type": "refresh_token", "client_id": "counterpart-desktop", "refresh_token": "x"}


def _invite(_stage: Stage, person: Person, subject: Subject) -> Any:
    return {"name": "New Person", "email": f"{person.role}.{subject.whose}@new.example", "role": "rep"}


def _role(_stage: Stage, _person: Person, _subject: Subject) -> Any:
    return {"role": "rep"}


def _wiped(_stage: Stage, _person: Person, _subject: Subject) -> Any:
    return {"order": "no such order", "wiped_at": "2026-11-24T09:00:00Z"}


ROWS: tuple[Row, ...] = (
    Row("get", "/v1/me", PLAIN, always(200)),
    Row("get", "/v1/manifest", PLAIN, always(200)),
    Row("get", "/v1/clashes", PLAIN, registrars(200, 204)),
    Row("get", "/v1/snapshot", PLAIN, always(200), shown),
    Row("get", "/v1/changes", asked(cursor="cursor"), if_mine(200, 410)),
    Row("get", "/v1/records", asked(cursor="my_cursor", gids="gid"), always(200), shown),
    Row("get", "/v1/digest", asked(cursor="cursor"), if_mine(200, 410)),
    Row("get", "/v1/digest/{entity}/{bucket}", bucket, always(200), hashed, alike=False),
    Row("get", "/v1/receipts/{mutation_id}", named(mutation_id="mutation"), if_mine(200)),
    Row("get", "/v1/blobs/{sha256}", named(sha256="sha256"), if_seen(200)),
    Row("head", "/v1/blobs/{sha256}", named(sha256="sha256"), if_seen(200)),
    Row("post", "/v1/uploads", with_json(file), always(201), not_known),
    Row("head", "/v1/uploads/{upload_id}", named(upload_id="upload"), if_mine(200)),
    Row("patch", "/v1/uploads/{upload_id}", piece, if_mine(204)),
    Row("get", "/v1/events", PLAIN, always(200)),
    Row("post", "/v1/mutations", with_json(edit), always(200), outcome),
    # Sign-in: without a session, and the same for whoever comes.
    Row("get", "/oauth/authorize", PLAIN, always(422), session=False),
    Row("post", "/oauth/authorize", form(request="forged"), always(422), session=False),
    Row("post", "/oauth/token", form(**_REFRESH), always(400), session=False),
    Row("post", "/oauth/revoke", form(token="x"), always(200), session=False),
    # Operation.
    Row("get", "/healthz", PLAIN, always(200), session=False),
    Row("get", "/livez", PLAIN, always(200), session=False),
    # Colleagues and devices.
    Row("get", "/v1/colleagues", PLAIN, keepers(200)),
    Row("post", "/v1/colleagues", with_json(_invite), keepers(201), alike=False),
    Row("post", "/v1/colleagues/{user}/link", named(user="user"), if_keeper(201)),
    Row("patch", "/v1/colleagues/{user}", with_json(_role, user="user"), if_keeper(200)),
    Row("delete", "/v1/colleagues/{user}", named(user="user"), if_keeper(204)),
    Row("get", "/v1/devices", PLAIN, always(200)),
    Row("delete", "/v1/devices/{device}", named(device="device"), if_mine(204)),
    Row("post", "/v1/wiped", with_json(_wiped), always(404), session=False),
    # Of a kiosk's own session only, and nobody's here is one.
    Row("get", "/v1/seal", PLAIN, always(404)),
    # Hints of source systems: what is not signed is not taken.
    Row("post", "/webhooks/{system}", named(system="whose"), always(404), session=False),
    Row("get", "/readyz", PLAIN, always(200), session=False),
    # Off where it has no token of its own.
    Row("get", "/metrics", PLAIN, always(404), session=False),
    # Other ways of signing in.
    Row(
        "post",
        "/oauth/device_authorization",
        form(client_id="counterpart-desktop"),
        always(404),
        session=False,
    ),
    Row("get", "/oauth/device", PLAIN, always(404), session=False),
    Row("post", "/oauth/device", form(request="forged"), always(404), session=False),
    Row("get", "/oauth/device/handover", PLAIN, always(404), session=False),
    Row("get", "/oauth/handover", PLAIN, always(422), session=False),
    Row("get", "/oauth/callback", PLAIN, always(404), session=False),
    Row("get", "/oauth/invitation/{token}", named(token="user"), always(404), session=False),
    Row("post", "/oauth/invitation/{token}", named(token="user"), always(404), session=False),
)

assert SEES.keys() == set(ROLES)


def known(row: Row) -> tuple[str, str]:
    """What a row is known by."""
    return row.method, row.path
