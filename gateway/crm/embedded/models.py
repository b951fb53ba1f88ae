"""Tables of the embedded CRM: a system of its own, with its own ids, names, codes and clock.

Instants are integers of milliseconds since 1970 (columns `..._ms`), days are ISO dates as text, money is decimal
text. Every row has a revision that grows with each write. Ids are never used twice.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship


class Base(DeclarativeBase):
    """Registry of the CRM's tables."""


class Stamped:
    """What every business row carries."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    rev: Mapped[int] = mapped_column(Integer, default=1)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    modified_ms: Mapped[int] = mapped_column(BigInteger)
    archived: Mapped[bool] = mapped_column(Boolean, default=False)
    portal_ref: Mapped[str | None] = mapped_column(String(80), unique=True, default=None)
    #: What a mapping names and no column holds, by names that begin with `x_`.
    extra: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        name = getattr(cls, "__tablename__", cls.__name__.lower())
        return (Index(f"ix_{name}_modified", "modified_ms", "id"), {"sqlite_autoincrement": True})


class WithFile:
    """What a row says of the one file that belongs to it, where there is one."""

    file_name: Mapped[str | None] = mapped_column(String(255), default=None)
    mime: Mapped[str | None] = mapped_column(String(120), default=None)
    byte_count: Mapped[int | None] = mapped_column(BigInteger, default=None)
    digest: Mapped[str | None] = mapped_column(String(64), index=True, default=None)


class Staff(Stamped, Base):
    """A person of the vendor's; signs in to the console with `login`.

    `role_code`: a code of `StaffRole`; without one, as in databases from before there were roles, an administrator.
    """

    __tablename__ = "staff"

    login: Mapped[str] = mapped_column(String(60), unique=True)
    full_name: Mapped[str] = mapped_column(String(120))
    job_title: Mapped[str] = mapped_column(String(120), default="")
    mail: Mapped[str] = mapped_column(String(200), default="")
    pw_hash: Mapped[str] = mapped_column(String(200), default="")
    role_code: Mapped[str | None] = mapped_column(String(8), default=None)
    sign_outs: Mapped[int | None] = mapped_column(default=None)


class Account(Stamped, Base):
    """A partner company; `part_of` is the distributor it buys from, or the company it is a branch of."""

    __tablename__ = "account"

    acct_name: Mapped[str] = mapped_column(String(120))
    tier_code: Mapped[str] = mapped_column(String(1), default="C")
    stage_code: Mapped[str | None] = mapped_column(String(8), default=None)
    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), default=None)
    country_iso: Mapped[str] = mapped_column(String(2), default="GB")
    town: Mapped[str] = mapped_column(String(80), default="")
    looked_after_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    addr_street: Mapped[str | None] = mapped_column(String(120), default=None)
    addr_zip: Mapped[str | None] = mapped_column(String(20), default=None)
    phone: Mapped[str | None] = mapped_column(String(40), default=None)
    web: Mapped[str | None] = mapped_column(String(200), default=None)

    looked_after: Mapped[Staff | None] = relationship(foreign_keys=[looked_after_id])
    part_of: Mapped[Account | None] = relationship(foreign_keys=[part_of_id], remote_side="Account.id")


class Contact(Stamped, Base):
    """A person at a partner company, or the vendor's own in the field (`in_house`, no company).

    `on_portal`: they sign in to the portal, as far as the CRM was told.
    """

    __tablename__ = "contact"

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True, default=None)
    in_house: Mapped[bool] = mapped_column(Boolean, default=False)
    full_name: Mapped[str] = mapped_column(String(120))
    job_title: Mapped[str] = mapped_column(String(120), default="")
    mail: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    purpose_codes: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    on_portal: Mapped[bool | None] = mapped_column(Boolean, default=None)

    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])


class Lead(Stamped, Base):
    """A prospect offered to a partner. `declined_by`: ids of the accounts that would not have it."""

    __tablename__ = "lead"

    lead_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    cust_name: Mapped[str] = mapped_column(String(120))
    need_text: Mapped[str] = mapped_column(Text, default="")
    country_iso: Mapped[str] = mapped_column(String(2), default="")
    site_count: Mapped[int | None] = mapped_column(Integer, default=None)
    offered_contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), default=None)
    offer_ends: Mapped[str | None] = mapped_column(String(10), default=None)
    decline_code: Mapped[str | None] = mapped_column(String(8), default=None)
    partner_note: Mapped[str | None] = mapped_column(Text, default=None)
    status_code: Mapped[str] = mapped_column(String(8), default="OFFER", index=True)
    ct_name: Mapped[str | None] = mapped_column(String(120), default=None)
    ct_mail: Mapped[str | None] = mapped_column(String(200), default=None)
    web: Mapped[str | None] = mapped_column(String(200), default=None)
    declined_by: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), default=None)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    offered_contact: Mapped[Contact | None] = relationship(foreign_keys=[offered_contact_id])


class Registration(Stamped, Base):
    """A deal a partner asks to have protected. `co_worker_ids`: contacts who work on it with its owner."""

    __tablename__ = "registration"

    reg_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), default=None)
    cust_name: Mapped[str] = mapped_column(String(120))
    domain: Mapped[str] = mapped_column(String(200), default="")
    domain_key: Mapped[str] = mapped_column(String(200), default="", index=True)
    country_iso: Mapped[str] = mapped_column(String(2), default="")
    sector_code: Mapped[str | None] = mapped_column(String(8), default=None)
    addr_street: Mapped[str | None] = mapped_column(String(120), default=None)
    addr_zip: Mapped[str | None] = mapped_column(String(20), default=None)
    addr_town: Mapped[str | None] = mapped_column(String(80), default=None)
    ct_name: Mapped[str | None] = mapped_column(String(120), default=None)
    ct_mail: Mapped[str | None] = mapped_column(String(200), default=None)
    ct_phone: Mapped[str | None] = mapped_column(String(40), default=None)
    deal_name: Mapped[str] = mapped_column(String(120), default="")
    kind_code: Mapped[str] = mapped_column(String(1), default="N")
    est_value: Mapped[str | None] = mapped_column(String(20), default=None)
    cur: Mapped[str | None] = mapped_column(String(3), default=None)
    product_codes: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    close_on: Mapped[str | None] = mapped_column(String(10), default=None)
    rival: Mapped[str | None] = mapped_column(String(120), default=None)
    assist_code: Mapped[str | None] = mapped_column(String(8), default=None)
    pain: Mapped[str | None] = mapped_column(Text, default=None)
    pipe_code: Mapped[str | None] = mapped_column(String(8), default=None)
    decide_on: Mapped[str | None] = mapped_column(String(10), default=None)
    next_action: Mapped[str | None] = mapped_column(Text, default=None)
    stage_code: Mapped[str] = mapped_column(String(16), default="DRAFT", index=True)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    review_note: Mapped[str | None] = mapped_column(Text, default=None)
    field_remarks: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    close_reason: Mapped[str | None] = mapped_column(String(400), default=None)
    prot_from: Mapped[str | None] = mapped_column(String(10), default=None)
    prot_to: Mapped[str | None] = mapped_column(String(10), default=None)
    dup_of_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), default=None)
    ext_until: Mapped[str | None] = mapped_column(String(10), default=None)
    ext_note: Mapped[str | None] = mapped_column(Text, default=None)
    po_ref: Mapped[str | None] = mapped_column(String(60), default=None)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), default=None)
    co_worker_ids: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), default=None)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    owner: Mapped[Contact | None] = relationship(foreign_keys=[owner_id])
    lead: Mapped[Lead | None] = relationship(foreign_keys=[lead_id])
    reviewer: Mapped[Staff | None] = relationship(foreign_keys=[reviewer_id])


class Ticket(Stamped, Base):
    """A partner's request."""

    __tablename__ = "ticket"

    req_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), default=None)
    subject: Mapped[str] = mapped_column(String(140))
    topic_code: Mapped[str] = mapped_column(String(8), default="QST")
    prio: Mapped[str] = mapped_column(String(2), default="P3")
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), default=None)
    cust_name: Mapped[str | None] = mapped_column(String(120), default=None)
    status_code: Mapped[str] = mapped_column(String(16), default="NEW", index=True)
    worked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    answer_due_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    last_note_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    done_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    owner: Mapped[Contact | None] = relationship(foreign_keys=[owner_id])
    worked_by: Mapped[Staff | None] = relationship(foreign_keys=[worked_by_id])
    registration: Mapped[Registration | None] = relationship(foreign_keys=[registration_id])


class Note(Stamped, Base):
    """Something written under another row; internal ones are for staff only."""

    __tablename__ = "note"

    parent_obj: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int] = mapped_column(Integer, index=True)
    body: Mapped[str] = mapped_column(Text)
    internal: Mapped[bool] = mapped_column(Boolean, default=False)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), default=None)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    written_by: Mapped[str] = mapped_column(String(120), default="")
    sent_ms: Mapped[int] = mapped_column(BigInteger)


class Attachment(Stamped, Base):
    """A file under another row."""

    __tablename__ = "attachment"

    parent_obj: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int] = mapped_column(Integer, index=True)
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"), default=None)
    file_name: Mapped[str] = mapped_column(String(255))
    mime: Mapped[str] = mapped_column(String(120), default="application/octet-stream")
    byte_count: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    internal: Mapped[bool] = mapped_column(Boolean, default=False)
    added_by: Mapped[str] = mapped_column(String(120), default="")


class Document(Stamped, Base):
    """A published document; `audience` lists the tier codes it is for, or `ALL`.

    `for_stages` lists the stages a company must be in besides; none: any. `change_note`: what is new in this version;
    `confirm_by`: until when partners should confirm that they have read it.
    """

    __tablename__ = "document"

    doc_code: Mapped[str] = mapped_column(String(40))
    doc_title: Mapped[str] = mapped_column(String(160))
    abstract: Mapped[str] = mapped_column(String(400), default="")
    cat_code: Mapped[str] = mapped_column(String(8), default="GDE")
    ver_label: Mapped[str] = mapped_column(String(20), default="1")
    file_name: Mapped[str] = mapped_column(String(255))
    mime: Mapped[str] = mapped_column(String(120), default="application/pdf")
    byte_count: Mapped[int] = mapped_column(BigInteger)
    page_count: Mapped[int | None] = mapped_column(Integer, default=None)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    valid_from: Mapped[str | None] = mapped_column(String(10), default=None)
    valid_to: Mapped[str | None] = mapped_column(String(10), default=None)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), default=None)
    status_code: Mapped[str] = mapped_column(String(4), default="CUR", index=True)
    audience: Mapped[list[Any]] = mapped_column(JSON, default=list)
    for_stages: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    published_ms: Mapped[int] = mapped_column(BigInteger)
    change_note: Mapped[str | None] = mapped_column(Text, default=None)
    confirm_by: Mapped[str | None] = mapped_column(String(10), default=None)


class Acknowledgement(Stamped, Base):
    """A partner's person confirms to have read a document; `digest` says which bytes."""

    __tablename__ = "acknowledgement"

    parent_obj: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int] = mapped_column(Integer, index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), default=None)
    read_by: Mapped[str] = mapped_column(String(120), default="")
    digest: Mapped[str] = mapped_column(String(64))
    ver_label: Mapped[str | None] = mapped_column(String(20), default=None)
    read_ms: Mapped[int] = mapped_column(BigInteger)


class History(Base):
    """One change of one field: who, when, by which way. An empty field name tells of the row as a whole."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_row", "obj", "row_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    obj: Mapped[str] = mapped_column(String(16))
    row_id: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(40))
    old_value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True, default=None)
    new_value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True, default=None)
    by_name: Mapped[str] = mapped_column(String(120))
    by_key: Mapped[str] = mapped_column(String(20), default="")
    via: Mapped[str] = mapped_column(String(120))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    marker: Mapped[str] = mapped_column(String(80), default="")


class WriteMarker(Base):
    """Markers of the writes that reached a row, also of those that changed nothing."""

    __tablename__ = "write_marker"

    obj: Mapped[str] = mapped_column(String(16), primary_key=True)
    row_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    marker: Mapped[str] = mapped_column(String(80), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)


class MergeLog(Base):
    """Which row a merged one went into."""

    __tablename__ = "merge_log"

    obj: Mapped[str] = mapped_column(String(16), primary_key=True)
    loser_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    winner_id: Mapped[int] = mapped_column(Integer)
    at_ms: Mapped[int] = mapped_column(BigInteger)


class Numbering(Base):
    """The next number of each series, such as `DR-2026`."""

    __tablename__ = "numbering"

    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    next_no: Mapped[int] = mapped_column(Integer)


class ContentPart(Base):
    """Bytes of files and documents in parts of 256 KiB, kept once per digest."""

    __tablename__ = "content_part"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    part_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)
