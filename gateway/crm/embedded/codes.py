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


class OpportunityStage(StrEnum):
    """Where the vendor sees a deal that both sides sell."""

    PROSPECT = "P10"
    QUALIFIED = "P25"
    TECHNICAL = "P45"
    BUSINESS = "P65"
    COMMITTED = "P85"
    LAUNCHED = "P100"
    LOST = "LOST"


class InvoiceStatus(StrEnum):
    """Whether an invoice is paid."""

    OPEN = "OPEN"
    OVERDUE = "OVER"
    PAID = "PAID"
    CANCELLED = "CANC"


class TaskStatus(StrEnum):
    """Where a task stands."""

    TODO = "TODO"
    BEGUN = "PROG"
    HANDED_IN = "HAND"
    RETURNED = "BACK"
    ACCEPTED = "OK"
    CANCELLED = "CANC"


class ApprovalStatus(StrEnum):
    """Whether something was decided on."""

    PENDING = "PEND"
    APPROVED = "YES"
    REJECTED = "NO"
    SUPERSEDED = "SUP"


class MembershipStatus(StrEnum):
    """Whether a membership holds."""

    ACTIVE = "ACT"
    DUE = "DUE"
    LAPSED = "LAP"


class ChangeStatus(StrEnum):
    """What became of a change of details that was asked for."""

    ASKED = "ASKED"
    DONE = "DONE"
    DECLINED = "DECL"
    WITHDRAWN = "WDR"


class ProjectStatus(StrEnum):
    """Where a project stands."""

    PLANNED = "PLAN"
    RUNNING = "RUN"
    ON_HOLD = "HOLD"
    DONE = "DONE"
    CANCELLED = "CANC"


class MilestoneStatus(StrEnum):
    """Where a milestone stands."""

    PLANNED = "PLAN"
    RUNNING = "RUN"
    LATE = "LATE"
    REACHED = "MET"
    DROPPED = "DROP"


class DeliverableStatus(StrEnum):
    """Where one version of a deliverable stands."""

    IN_WORK = "WORK"
    HANDED_OVER = "GIVEN"
    ACCEPTED = "OK"
    SENT_BACK = "BACK"
    SUPERSEDED = "SUP"


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
    "lead": {
        LeadStatus.OFFER: frozenset({LeadStatus.TAKEN, LeadStatus.DECLINED}),
        LeadStatus.TAKEN: frozenset({LeadStatus.WORK, LeadStatus.CONVERTED, LeadStatus.LOST}),
        LeadStatus.WORK: frozenset({LeadStatus.CONVERTED, LeadStatus.LOST}),
    },
    "contract": {ContractStatus.QUOTED: frozenset({ContractStatus.INTENT})},
    "task": {
        TaskStatus.TODO: frozenset({TaskStatus.HANDED_IN}),
        TaskStatus.BEGUN: frozenset({TaskStatus.HANDED_IN}),
        TaskStatus.RETURNED: frozenset({TaskStatus.HANDED_IN}),
    },
    "approval": {ApprovalStatus.PENDING: frozenset({ApprovalStatus.APPROVED, ApprovalStatus.REJECTED})},
    "change_request": {ChangeStatus.ASKED: frozenset({ChangeStatus.WITHDRAWN})},
    "deliverable": {
        DeliverableStatus.HANDED_OVER: frozenset({DeliverableStatus.ACCEPTED, DeliverableStatus.SENT_BACK})
    },
}

#: The column that holds the state, by object.
STATE_COLUMN: Mapping[str, str] = {
    "registration": "stage_code",
    "ticket": "status_code",
    "document": "status_code",
    "lead": "status_code",
    "order": "status_code",
    "contract": "status_code",
    "opportunity": "stage_code",
    "invoice": "status_code",
    "task": "status_code",
    "approval": "status_code",
    "membership": "status_code",
    "change_request": "status_code",
    "project": "status_code",
    "milestone": "status_code",
    "deliverable": "status_code",
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

OPPORTUNITY_WORDS: Mapping[str, str] = {
    OpportunityStage.PROSPECT: "Prospect",
    OpportunityStage.QUALIFIED: "Qualified",
    OpportunityStage.TECHNICAL: "Technical validation",
    OpportunityStage.BUSINESS: "Business validation",
    OpportunityStage.COMMITTED: "Committed",
    OpportunityStage.LAUNCHED: "Launched",
    OpportunityStage.LOST: "Lost",
}

INVOICE_WORDS: Mapping[str, str] = {
    InvoiceStatus.OPEN: "Open",
    InvoiceStatus.OVERDUE: "Overdue",
    InvoiceStatus.PAID: "Paid",
    InvoiceStatus.CANCELLED: "Cancelled",
}

TASK_WORDS: Mapping[str, str] = {
    TaskStatus.TODO: "To do",
    TaskStatus.BEGUN: "Begun",
    TaskStatus.HANDED_IN: "Handed in",
    TaskStatus.RETURNED: "Returned",
    TaskStatus.ACCEPTED: "Accepted",
    TaskStatus.CANCELLED: "Cancelled",
}

APPROVAL_WORDS: Mapping[str, str] = {
    ApprovalStatus.PENDING: "To be decided",
    ApprovalStatus.APPROVED: "Approved",
    ApprovalStatus.REJECTED: "Rejected",
    ApprovalStatus.SUPERSEDED: "Superseded",
}

MEMBERSHIP_WORDS: Mapping[str, str] = {
    MembershipStatus.ACTIVE: "Active",
    MembershipStatus.DUE: "Due",
    MembershipStatus.LAPSED: "Lapsed",
}

CHANGE_WORDS: Mapping[str, str] = {
    ChangeStatus.ASKED: "Asked for",
    ChangeStatus.DONE: "Done",
    ChangeStatus.DECLINED: "Declined",
    ChangeStatus.WITHDRAWN: "Withdrawn",
}

PROJECT_WORDS: Mapping[str, str] = {
    ProjectStatus.PLANNED: "Planned",
    ProjectStatus.RUNNING: "Running",
    ProjectStatus.ON_HOLD: "On hold",
    ProjectStatus.DONE: "Handed over",
    ProjectStatus.CANCELLED: "Cancelled",
}

MILESTONE_WORDS: Mapping[str, str] = {
    MilestoneStatus.PLANNED: "Planned",
    MilestoneStatus.RUNNING: "Running",
    MilestoneStatus.LATE: "Late",
    MilestoneStatus.REACHED: "Reached",
    MilestoneStatus.DROPPED: "Dropped",
}

DELIVERABLE_WORDS: Mapping[str, str] = {
    DeliverableStatus.IN_WORK: "In work",
    DeliverableStatus.HANDED_OVER: "Handed over",
    DeliverableStatus.ACCEPTED: "Accepted",
    DeliverableStatus.SENT_BACK: "Sent back",
    DeliverableStatus.SUPERSEDED: "Superseded",
}

#: Words of every state, by object.
STATE_WORDS: Mapping[str, Mapping[str, str]] = {
    "registration": STAGE_WORDS,
    "ticket": TICKET_WORDS,
    "document": DOCUMENT_WORDS,
    "lead": LEAD_WORDS,
    "order": ORDER_WORDS,
    "contract": CONTRACT_WORDS,
    "opportunity": OPPORTUNITY_WORDS,
    "invoice": INVOICE_WORDS,
    "task": TASK_WORDS,
    "approval": APPROVAL_WORDS,
    "membership": MEMBERSHIP_WORDS,
    "change_request": CHANGE_WORDS,
    "project": PROJECT_WORDS,
    "milestone": MILESTONE_WORDS,
    "deliverable": DELIVERABLE_WORDS,
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

PURPOSE_WORDS: Mapping[str, str] = {
    "SAL": "Sales",
    "TEC": "Technology",
    "BIL": "Invoices",
    "LGL": "Contracts",
}
CHANGE_OF_WORDS: Mapping[str, str] = {
    "NAME": "Legal name",
    "TIER": "Tier",
    "BANK": "Bank details",
    "VAT": "VAT number",
    "OTHER": "Something else",
}
CONTRACT_KIND_WORDS: Mapping[str, str] = {"CTR": "Contract", "MEM": "Membership"}
