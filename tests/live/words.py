"""How contract words are spelt in Odoo: written down here once more, so that a mistake in the mapping shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any

PREFIX = "x_counterpart_"

#: Contract fields of a deal that stand in one field of Odoo as they are.
DEAL: Mapping[str, str] = {
    "customer": "partner_name",
    "website": "website",
    "street": "street",
    "postcode": "zip",
    "city": "city",
    "contact_name": "contact_name",
    "contact_email": "email_from",
    "contact_phone": "phone",
    "title": "name",
    "type": f"{PREFIX}type",
    "currency": f"{PREFIX}currency",
    "target_close": "date_deadline",
    "competitor": f"{PREFIX}competitor",
    "help_needed": f"{PREFIX}help",
    "decision_date": f"{PREFIX}decision_date",
    "next_steps": f"{PREFIX}next_steps",
    "industry": f"{PREFIX}industry",
    "sales_stage": f"{PREFIX}sales_stage",
    "review_comment": f"{PREFIX}review_comment",
    "protected_from": f"{PREFIX}protected_from",
    "protected_until": f"{PREFIX}protected_until",
    "duplicate_of": f"{PREFIX}duplicate_of",
}

DEAL_STATES: Mapping[str, str] = {
    "draft": "Draft",
    "submitted": "Submitted",
    "under_review": "Under review",
    "action_required": "Action required",
    "pending_approval": "Pending approval",
    "approved": "Approved",
    "extension_requested": "Extension requested",
    "converted": "Converted",
    "rejected": "Rejected",
    "duplicate": "Duplicate",
    "expired": "Expired",
    "cancelled": "Cancelled",
    "withdrawn": "Withdrawn",
}

REQUEST_STATES: Mapping[str, str] = {
    "new": "New",
    "open": "In Progress",
    "waiting_on_partner": "Awaiting",
    "waiting_on_vendor": "Partner answered",
    "resolved": "Done",
    "closed": "Closed",
}

CATEGORIES: Mapping[str, str] = {
    "question": "Question",
    "quote": "Quote",
    "support": "Technical support",
    "logistics": "Delivery",
    "billing": "Invoices and credits",
    "marketing": "Marketing",
    "training": "Training",
}

PRIORITIES: Mapping[str, str] = {"low": "0", "normal": "1", "high": "2", "urgent": "3"}

PRODUCTS: Mapping[str, str] = {
    "edge_220": "Edge 220",
    "edge_440": "Edge 440",
    "vault": "Vault",
    "insight_pro": "Insight Pro",
    "insight_team": "Insight Team",
    "care": "Care",
}

#: Contract fields of a document and of an offered lead.
DOCUMENT: Mapping[str, str] = {
    "code": f"{PREFIX}code",
    "title": f"{PREFIX}title",
    "summary": "description",
    "version": f"{PREFIX}version",
    "file_name": "name",
    "media_type": "mimetype",
    "valid_from": f"{PREFIX}valid_from",
    "valid_until": f"{PREFIX}valid_until",
    "supersedes": f"{PREFIX}supersedes",
    "state": f"{PREFIX}state",
    "category": f"{PREFIX}category",
}
LEAD: Mapping[str, str] = {
    "customer": "partner_name",
    "sites": f"{PREFIX}sites",
    "expires_at": f"{PREFIX}offer_ends",
    "decline_reason": f"{PREFIX}decline_reason",
    "note": f"{PREFIX}partner_note",
    "state": f"{PREFIX}offer_state",
}

#: Left out of the tour, with the reason; told in its report.
NOT_PART: Mapping[str, str] = {
    "renewals": "Odoo Community keeps no contracts that come up for renewal; the shipped mapping has none.",
    "timeline": "Odoo tells a deal's history to administrators only; the portal's API user is none.",
    "who wrote the other side of a conflict": "for the same reason: the comparison shows both values without a name.",
    "deal numbers of the story": "Odoo's leads bear no number of their own: their id is shown, and the vendor finds "
    "deals by their customer.",
}


def spelt(values: Mapping[str, Any], table: Mapping[str, str]) -> dict[str, Any]:
    """Return Odoo's fields for those contract fields that a table knows and that hold something."""
    return {name: values[field] for field, name in table.items() if values.get(field) not in (None, "", [])}


def paragraphs(text: str) -> str:
    """Return plain text as Odoo's editor would have left it."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n\n")).replace("\n", "<br>")


def plain(body: str | bool) -> str:
    """Return what a message of a single paragraph says, without its markup."""
    return unescape(re.sub(r"<[^>]+>", "", str(body or ""))).strip()
