"""Who sees what, declared in one place: a record carries tags, a user holds tags, and what meets is visible.

    company:<gid>:<family>      records of a partner company; a family is sales, support, finance or account
    company:<gid>:owner:<user>  what one user owns in one company: it goes when they leave that company
    below:<gid>                 companies that belong to a company, and below alone for all that belong to any
    tier:<tier>, stage:<stage>  documents for companies of a tier, or in a stage of their account
    tier:<tier>&stage:<stage>   documents for companies that are both
    all                         documents for everybody

A user of several companies holds each one's conjunctions, and none between two companies. Tags are plain text and
never depend on the clock: when a timer changes what may be seen, the source system changes the record, and ingest the
tags. Pull, push, digests, files, receipts and events go by the tags alone, so that what is said here holds for all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from app.contract.manifest import Role
from gateway.mapping import Entitlement, Family, ScopeMap

ALL = "all"

#: Stands on every company that belongs to another one, so that a change of who belongs to whom can be noticed.
BELOW = "below"

#: Joins the terms of a conjunction.
_AND = "&"


@dataclass(frozen=True)
class Reach:
    """The families a role sees: of its own companies (or accounts, on the vendor's side), and of those below them."""

    own: tuple[Family, ...]
    below: tuple[Family, ...] = ()


_EVERYTHING: tuple[Family, ...] = ("sales", "support", "finance", "account")

#: What each role of the partner portal reaches, besides what its user owns, where its manifest does not say it. The
#: vendor's roles see the accounts they were given, and no others by them. A role that is named nowhere sees the company
#: itself.
ROLES: Mapping[str, Reach] = {
    "admin": Reach(_EVERYTHING, below=_EVERYTHING),
    "manager": Reach(_EVERYTHING, below=_EVERYTHING),
    "rep": Reach(("account",)),
    "support": Reach(("support", "account")),
    "finance": Reach(("finance", "account")),
    "read_only": Reach(_EVERYTHING),
    "field_rep": Reach(_EVERYTHING),
    "channel_manager": Reach(_EVERYTHING),
    "approver": Reach(("sales", "account")),
    "operations": Reach(("support", "finance", "account")),
}
_LEAST = Reach(("account",))


@dataclass(frozen=True)
class Terms:
    """What a company is entitled by. None: its record does not say, and nothing follows from it."""

    tier: str | None = None
    stage: str | None = None


def reach_of(role: str, spec: Role | None = None) -> Reach:
    """Return what a role reaches: what its manifest says, each part by itself, and what is usual otherwise."""
    usual = ROLES.get(role, _LEAST)
    own, below = (spec.reach, spec.reach_below) if spec else (None, None)
    return Reach(_families(own, usual.own), _families(below, usual.below))


def _families(named: tuple[str, ...] | None, usual: tuple[Family, ...]) -> tuple[Family, ...]:
    """A family nobody has records in is passed over."""
    return usual if named is None else tuple(family for family in _EVERYTHING if family in named)


def company_tag(company: str, family: str) -> str:
    """Return the tag of one family of a company's records."""
    return f"company:{company}:{family}"


def owner_tag(company: str, user: str) -> str:
    """Return the tag of what a user owns in a company."""
    return f"company:{company}:owner:{user}"


def below_tag(company: str) -> str:
    """Return the tag of the companies that belong to a company."""
    return f"{BELOW}:{company}"


def together(tags: Iterable[str]) -> str:
    """Return the tag of a conjunction: the same for the same terms in any order, and `all` adds nothing to others."""
    terms = {term for tag in tags for term in tag.split(_AND)} - {ALL}
    return _AND.join(sorted(terms, reverse=True)) or ALL


def tags_for(
    scope: ScopeMap,
    gid: str,
    data: Mapping[str, Any],
    fields: Mapping[str, Any],
    co_owners: Iterable[str] = (),
) -> frozenset[str]:
    """Return the tags of a record from its data and its row's properties. Children carry their parent's instead.

    `co_owners`: user ids of those who see it as its owner does.
    """
    tags: set[str] = set()
    company = gid if scope.company == "@self" else data.get(scope.company) if scope.company else None
    if company:
        tags.update(company_tag(company, family) for family in scope.families)
        owner = data.get(scope.owner) if scope.owner else None
        if owner:
            tags.add(owner_tag(company, owner))
        tags.update(owner_tag(company, user) for user in co_owners)
        above = data.get(scope.above) if scope.above else None
        if above and above != company:
            tags |= {BELOW, below_tag(above)}
    if scope.entitlement:
        narrower = [found for item in scope.conditions if (found := _narrowed(item, fields)) is not None]
        tags.update(map(together, product(_entitled(scope.entitlement, fields), *narrower)))
    return frozenset(tags)


def _narrowed(item: Entitlement, fields: Mapping[str, Any]) -> set[str] | None:
    """The tags a condition asks for; None when the row makes none. A value nobody knows is met by nobody."""
    return None if fields.get(item.property) in (None, "", [], ()) else _entitled(item, fields)


def _entitled(item: Entitlement, fields: Mapping[str, Any]) -> set[str]:
    value = fields.get(item.property)
    values = value if isinstance(value, (list, tuple)) else (value,)
    return {tag for one in values for tag in item.tags.get(str(one), ())}


def tags_of(
    user: str,
    role: str,
    companies: Mapping[str, Terms],
    below: Collection[str] = (),
    spec: Role | None = None,
) -> frozenset[str]:
    """Return the tags a user holds, by the companies they act for and those below these.

    `spec`: what the manifest says of their role.
    """
    tags, reach = {ALL}, reach_of(role, spec)
    for company, terms in companies.items():
        tags.update(company_tag(company, family) for family in reach.own)
        tags.add(owner_tag(company, user))
        tags.update(_entitlements(terms))
    if reach.below:
        tags.update(below_tag(company) for company in (*companies, *below))
        tags.update(company_tag(company, family) for company in below for family in reach.below)
    return frozenset(tags)


def _entitlements(terms: Terms) -> Iterator[str]:
    # A value that holds the sign of a conjunction would be read as one.
    held = [f"{name}:{value}" for name, value in vars(terms).items() if value and _AND not in value]
    yield from held
    if len(held) > 1:
        yield together(held)
