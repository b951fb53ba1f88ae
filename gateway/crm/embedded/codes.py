"""The embedded CRM's own codes: stages, statuses and the moves between them.

They are deliberately not the words of the portal: the mapping beside this file translates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Stage(StrEnum):
    """Where a registration stands."""

    DRAFT = "DRAFT"
    NEW = "NEW"
    REVIEW = "REVIEW"
    INFO_NEEDED = "INFO_NEEDED"
    APPROVAL = "APPROVAL"
    PROTECTED = "PROTECTED"
    EXT_ASKED = "EXT_ASKED"
    WON = "WON"
    REFUSED = "REFUSED"
    DUPLICATE = "DUPLICATE"
    LAPSED = "LAPSED"
    CANCELLED = "CANCELLED"
    WITHDRAWN = "WITHDRAWN"


class StaffRole(StrEnum):
    """What a member of staff is there for; `gateway/console/roles.py` says what each may do in the console."""

    CHANNEL = "CHM"
    APPROVER = "APR"
    OPERATIONS = "OPS"
    ADMINISTRATOR = "ADM"


class TicketStatus(StrEnum):
    """Where a request stands and with whom the ball is."""

    NEW = "NEW"
    WORK = "WORK"
    WAIT_PARTNER = "WAIT_PARTNER"
    WAIT_VENDOR = "WAIT_VENDOR"
    DONE = "DONE"
    SHUT = "SHUT"


class DocumentStatus(StrEnum):
    """Whether a document holds."""

    CURRENT = "CUR"
    SUPERSEDED = "SUP"
    EXPIRED = "EXP"
    WITHDRAWN = "WDR"


class LeadStatus(StrEnum):
    """Where an offered lead stands."""

    OFFER = "OFFER"
    TAKEN = "TAKEN"
    WORK = "WORK"
    CONVERTED = "CONV"
    DECLINED = "DECL"
    EXPIRED = "EXP"
    LOST = "LOST"


class OrderStatus(StrEnum):
    """Where an order stands."""

    PLACED = "PLACED"
    CONFIRMED = "CONF"
    FULFILLED = "SHIP"
    INVOICED = "INV"
    PAID = "PAID"
    CANCELLED = "CANC"


class ContractStatus(StrEnum):
    """Where a contract that comes up for renewal stands."""

    UPCOMING = "UPC"
    QUOTED = "QUO"
    INTENT = "INT"
    ORDERED = "ORD"
    LAPSED = "LAP"


#: Moves a portal user's write may make; staff operations have their own preconditions in staff.py.
PARTNER_MOVES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "registration": {
        Stage.DRAFT: frozenset({Stage.NEW, Stage.WITHDRAWN}),
        Stage.NEW: frozenset({Stage.WITHDRAWN}),
        Stage.INFO_NEEDED: frozenset({Stage.NEW, Stage.WITHDRAWN}),
        Stage.PROTECTED: frozenset({Stage.EXT_ASKED, Stage.WON}),
    },
    "ticket": {
        TicketStatus.NEW: frozenset({TicketStatus.DONE}),
        TicketStatus.WORK: frozenset({TicketStatus.DONE}),
        TicketStatus.WAIT_PARTNER: frozenset({TicketStatus.DONE}),
        TicketStatus.WAIT_VENDOR: frozenset({TicketStatus.DONE}),
        TicketStatus.DONE: frozenset({TicketStatus.WAIT_VENDOR}),
    },
    "lead": {LeadStatus.OFFER: frozenset({LeadStatus.TAKEN, LeadStatus.DECLINED})},
    "contract": {ContractStatus.QUOTED: frozenset({ContractStatus.INTENT})},
}

#: The column that holds the state, by object.
STATE_COLUMN: Mapping[str, str] = {
    "registration": "stage_code",
    "ticket": "status_code",
    "document": "status_code",
    "lead": "status_code",
    "order": "status_code",
    "contract": "status_code",
}

#: Stages in which the amount is under the reviewer's eyes and may not move.
AMOUNT_LOCKED: frozenset[str] = frozenset({Stage.REVIEW, Stage.APPROVAL})

#: Words of each stage on the staff's own screens.
STAGE_WORDS: Mapping[str, str] = {
    Stage.DRAFT: "Draft",
    Stage.NEW: "New",
    Stage.REVIEW: "In review",
    Stage.INFO_NEEDED: "Information needed",
    Stage.APPROVAL: "For approval",
    Stage.PROTECTED: "Protected",
    Stage.EXT_ASKED: "Extension asked for",
    Stage.WON: "Won",
    Stage.REFUSED: "Refused",
    Stage.DUPLICATE: "Duplicate",
    Stage.LAPSED: "Lapsed",
    Stage.CANCELLED: "Cancelled",
    Stage.WITHDRAWN: "Withdrawn",
}

TICKET_WORDS: Mapping[str, str] = {
    TicketStatus.NEW: "New",
    TicketStatus.WORK: "Being worked on",
    TicketStatus.WAIT_PARTNER: "Waiting for the partner",
    TicketStatus.WAIT_VENDOR: "Waiting for us",
    TicketStatus.DONE: "Resolved",
    TicketStatus.SHUT: "Closed",
}

DOCUMENT_WORDS: Mapping[str, str] = {
    DocumentStatus.CURRENT: "Current",
    DocumentStatus.SUPERSEDED: "Superseded",
    DocumentStatus.EXPIRED: "Expired",
    DocumentStatus.WITHDRAWN: "Withdrawn",
}

LEAD_WORDS: Mapping[str, str] = {
    LeadStatus.OFFER: "Offered",
    LeadStatus.TAKEN: "Taken",
    LeadStatus.WORK: "Being worked",
    LeadStatus.CONVERTED: "Converted",
    LeadStatus.DECLINED: "Declined",
    LeadStatus.EXPIRED: "Expired",
    LeadStatus.LOST: "Lost",
}

ORDER_WORDS: Mapping[str, str] = {
    OrderStatus.PLACED: "Placed",
    OrderStatus.CONFIRMED: "Confirmed",
    OrderStatus.FULFILLED: "Shipped",
    OrderStatus.INVOICED: "Invoiced",
    OrderStatus.PAID: "Paid",
    OrderStatus.CANCELLED: "Cancelled",
}

CONTRACT_WORDS: Mapping[str, str] = {
    ContractStatus.UPCOMING: "Coming up",
    ContractStatus.QUOTED: "Quoted",
    ContractStatus.INTENT: "Intent received",
    ContractStatus.ORDERED: "Ordered",
    ContractStatus.LAPSED: "Lapsed",
}

#: Words of every state, by object.
STATE_WORDS: Mapping[str, Mapping[str, str]] = {
    "registration": STAGE_WORDS,
    "ticket": TICKET_WORDS,
    "document": DOCUMENT_WORDS,
    "lead": LEAD_WORDS,
    "order": ORDER_WORDS,
    "contract": CONTRACT_WORDS,
}

STAFF_ROLE_WORDS: Mapping[str, str] = {
    StaffRole.CHANNEL: "Channel manager",
    StaffRole.APPROVER: "Approver",
    StaffRole.OPERATIONS: "Operations",
    StaffRole.ADMINISTRATOR: "Administrator",
}

TIER_WORDS: Mapping[str, str] = {"A": "Gold", "B": "Silver", "C": "Registered"}

ACCOUNT_STAGE_WORDS: Mapping[str, str] = {
    "ONB": "Onboarding",
    "ACT": "Active",
    "SUS": "Suspended",
    "END": "Ended",
}

SECTOR_WORDS: Mapping[str, str] = {
    "MFG": "Manufacturing",
    "RTL": "Retail",
    "EDU": "Education",
    "HLT": "Health",
    "LOG": "Transport and logistics",
    "HSP": "Hospitality",
    "FIN": "Finance and insurance",
    "PUB": "Public sector",
    "ENG": "Energy and utilities",
    "PRO": "Professional services",
    "AGR": "Food and agriculture",
    "MED": "Media",
}

PRODUCT_WORDS: Mapping[str, str] = {
    "EG220": "Edge 220",
    "EG440": "Edge 440",
    "VLT": "Vault",
    "INP": "Insight Pro",
    "INT": "Insight Team",
    "CARE": "Care",
}

KIND_WORDS: Mapping[str, str] = {"N": "New", "E": "Expansion", "R": "Renewal"}
ASSIST_WORDS: Mapping[str, str] = {
    "NONE": "None",
    "PRE": "Presales engineer",
    "DEMO": "Demo unit",
    "PRICE": "Special pricing",
}
PIPE_WORDS: Mapping[str, str] = {
    "P10": "Prospect",
    "P25": "Qualified",
    "P45": "Technical validation",
    "P65": "Business validation",
    "P85": "Committed",
    "P100": "Launched",
}
TOPIC_WORDS: Mapping[str, str] = {
    "QST": "Question",
    "QTE": "Quote",
    "TEC": "Technical support",
    "DLV": "Delivery",
    "INV": "Invoices and credits",
    "MKT": "Marketing",
    "TRN": "Training",
}
PRIORITY_WORDS: Mapping[str, str] = {"P4": "Low", "P3": "Normal", "P2": "High", "P1": "Urgent"}
CATEGORY_WORDS: Mapping[str, str] = {
    "PRC": "Prices",
    "DSH": "Data sheets",
    "LGL": "Legal",
    "GDE": "Guides",
    "SLS": "Sales",
    "TRG": "Training",
}
DECLINE_WORDS: Mapping[str, str] = {
    "PROBLEM": "Problem unclear",
    "STEPS": "Next steps unclear",
    "UNABLE": "Unable to support",
    "DUP": "Duplicate",
    "OTHER": "Other",
}
INTENT_WORDS: Mapping[str, str] = {
    "RENEW": "Renew as quoted",
    "CHANGE": "Renew with changes",
    "LAPSE": "Let it lapse",
}
