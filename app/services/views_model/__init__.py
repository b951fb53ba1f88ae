"""What views are given: plain frozen values, already in the user's words.

Views import their types from here and from `app.bridge` only; events of the engine are re-exported for that reason.
Times are UTC datetimes unless a name ends in `_words`. Money is `Decimal` by ISO 4217 code. `tone` is a value of
`Tone`, or "clash" for a conflict and nothing else.
"""

from __future__ import annotations

from app.contract.manifest import FieldType, Template, Tone
from app.contract.mutations import ClashReason
from app.services.views_model.account import AccountFact, AccountView, Credential
from app.services.views_model.documents import (
    ChangedSince,
    Confirmation,
    Difference,
    DocMark,
    DocState,
    DocumentState,
    Download,
    Storage,
)
from app.services.views_model.drafts import ClashHint, Discarded, Done, Draft, FileInfo, Origin, Target
from app.services.views_model.home import (
    ChangeLine,
    Closing,
    Covers,
    Glance,
    Hit,
    HomeView,
    Need,
    Pipeline,
    PipelineStage,
    RenewalWindow,
)
from app.services.views_model.outbox import (
    ActivityLine,
    Choice,
    ChoiceKind,
    ConflictField,
    ConflictView,
    OutboxAction,
    OutboxView,
    PreviewLine,
    RefusedEdit,
    Reopened,
)
from app.services.views_model.records import (
    Doubt,
    Due,
    Figure,
    FileView,
    Listing,
    ListView,
    MessageView,
    Option,
    RecordView,
    TimelineEntry,
)
from app.services.views_model.requests import ClockView, Suggestion
from app.services.views_model.status import (
    Freshness,
    Notice,
    ProofWords,
    ReceiptFact,
    ReceiptView,
    SavedFile,
    SourceView,
)
from app.services.views_model.tasks import Checklist, TaskLine, TaskView
from app.store.states import SyncState
from app.sync.events import (
    BucketProof,
    FirstSyncProgress,
    Mode,
    Proof,
    ReceiptArrived,
    RecordsChanged,
    Status,
    TransferProgress,
)

__all__ = [
    "AccountFact",
    "AccountView",
    "ActivityLine",
    "BucketProof",
    "ChangeLine",
    "ChangedSince",
    "Checklist",
    "Choice",
    "ChoiceKind",
    "ClashHint",
    "ClashReason",
    "ClockView",
    "Closing",
    "Confirmation",
    "ConflictField",
    "ConflictView",
    "Covers",
    "Credential",
    "Difference",
    "Discarded",
    "DocMark",
    "DocState",
    "DocumentState",
    "Done",
    "Doubt",
    "Download",
    "Draft",
    "Due",
    "FieldType",
    "Figure",
    "FileInfo",
    "FileView",
    "FirstSyncProgress",
    "Freshness",
    "Glance",
    "Hit",
    "HomeView",
    "ListView",
    "Listing",
    "MessageView",
    "Mode",
    "Need",
    "Notice",
    "Option",
    "Origin",
    "OutboxAction",
    "OutboxView",
    "Pipeline",
    "PipelineStage",
    "PreviewLine",
    "Proof",
    "ProofWords",
    "ReceiptArrived",
    "ReceiptFact",
    "ReceiptView",
    "RecordView",
    "RecordsChanged",
    "RefusedEdit",
    "RenewalWindow",
    "Reopened",
    "SavedFile",
    "SourceView",
    "Status",
    "Storage",
    "Suggestion",
    "SyncState",
    "Target",
    "TaskLine",
    "TaskView",
    "Template",
    "TimelineEntry",
    "Tone",
    "TransferProgress",
]
