"""Who sees what, in one place: a record carries tags, a user holds tags, and what meets is visible.

    company:<gid>:<family>      records of a partner company; a family is sales, support, finance or account
    company:<gid>:owner:<user>  what one user owns in one company: it goes when they leave that company
    tier:<tier>                 documents for companies of a tier
    all                         documents for everybody

Tags are plain text and never depend on the clock: when a timer changes what may be seen, the source system changes
the record, and ingest the tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.mapping import Family, ScopeMap

ALL = "all"

#: Families a role sees in each of its companies. A role that is not named here sees the company itself.
FAMILIES: Mapping[str, tuple[Family, ...]] = {
    "admin": ("sales", "support", "finance", "account"),
    "manager": ("sales", "support", "finance", "account"),
    "read_only": ("sales", "support", "finance", "account"),
    "field_rep": ("sales", "support", "finance", "account"),
    "support": ("support", "account"),
    "finance": ("finance", "account"),
}
_LEAST: tuple[Family, ...] = ("account",)


def company_tag(company: str, family: str) -> str:
    """Return the tag of one family of a company's records."""
    return f"company:{company}:{family}"


def owner_tag(company: str, user: str) -> str:
    """Return the tag of what a user owns in a company."""
    return f"company:{company}:owner:{user}"


def tier_tag(tier: str) -> str:
    """Return the tag of what companies of a tier may see."""
    return f"tier:{tier}"


def tags_for(scope: ScopeMap, gid: str, data: Mapping[str, Any], fields: Mapping[str, Any]) -> frozenset[str]:
    """Return the tags of a record from its data and its row's properties. Children carry their parent's instead."""
    tags: set[str] = set()
    company = gid if scope.company == "@self" else data.get(scope.company) if scope.company else None
    if company:
        tags.update(company_tag(company, family) for family in scope.families)
        owner = data.get(scope.owner) if scope.owner else None
        if owner:
            tags.add(owner_tag(company, owner))
    if scope.entitlement:
        value = fields.get(scope.entitlement.property)
        for item in value if isinstance(value, (list, tuple)) else (value,):
            tags.update(scope.entitlement.tags.get(str(item), ()))
    return frozenset(tags)


def tags_of(user: str, role: str, companies: Mapping[str, str | None]) -> frozenset[str]:
    """Return the tags a user holds. `companies` maps each of their companies to its tier (None: not known)."""
    tags = {ALL}
    for company, tier in companies.items():
        tags.update(company_tag(company, family) for family in FAMILIES.get(role, _LEAST))
        tags.add(owner_tag(company, user))
        if tier:
            tags.add(tier_tag(tier))
    return frozenset(tags)
