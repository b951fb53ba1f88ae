"""Tables of what both sides work on: co-selling, tasks, approvals, changes of details, projects.

Columns are written as in `models.py`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gateway.crm.embedded.models import (
    Account,
    Base,
    Contact,
    Document,
    Registration,
    Staff,
    Stamped,
    WithFile,
)
from gateway.crm.embedded.models_sold import Order


class Opportunity(Stamped, Base):
    """A deal both sides sell together: `p_...` is the partner's view of it, `v_...` the vendor's."""

    __tablename__ = "opportunity"

    opp_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), default=None)
    cust_name: Mapped[str] = mapped_column(String(120))
    opp_name: Mapped[str] = mapped_column(String(120), default="")
    pain: Mapped[str | None] = mapped_column(Text, default=None)
    cur: Mapped[str] = mapped_column(String(3), default="GBP")
    p_stage_code: Mapped[str | None] = mapped_column(String(8), default=None)
    p_close_on: Mapped[str | None] = mapped_column(String(10), default=None)
    p_value: Mapped[str | None] = mapped_column(String(20), default=None)
    p_contact: Mapped[str | None] = mapped_column(String(120), default=None)
    p_next: Mapped[str | None] = mapped_column(Text, default=None)
    v_close_on: Mapped[str | None] = mapped_column(String(10), default=None)
    v_value: Mapped[str | None] = mapped_column(String(20), default=None)
    v_team: Mapped[str | None] = mapped_column(String(200), default=None)
    v_next: Mapped[str | None] = mapped_column(Text, default=None)
    joint_next: Mapped[str | None] = mapped_column(Text, default=None)
    lost_why: Mapped[str | None] = mapped_column(String(400), default=None)
    stage_code: Mapped[str] = mapped_column(String(16), default="P10", index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    registration: Mapped[Registration | None] = relationship(foreign_keys=[registration_id])


class Task(Stamped, Base):
    """Something a partner is asked to do: `form_code` names the form to fill in, `replies` holds what was filled in.

    `after_ids`: tasks that have to be accepted before.
    """

    __tablename__ = "task"

    task_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    subject: Mapped[str] = mapped_column(String(160))
    details: Mapped[str | None] = mapped_column(Text, default=None)
    checklist: Mapped[str | None] = mapped_column(String(120), default=None)
    form_code: Mapped[str | None] = mapped_column(String(60), default=None)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), default=None)
    after_ids: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    replies: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    staff_note: Mapped[str | None] = mapped_column(Text, default=None)
    due_on: Mapped[str | None] = mapped_column(String(10), default=None)
    status_code: Mapped[str] = mapped_column(String(16), default="TODO", index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    document: Mapped[Document | None] = relationship(foreign_keys=[document_id])


class Approval(WithFile, Stamped, Base):
    """Something a partner decides on. `shown_hash`: the hash of what they saw when they did."""

    __tablename__ = "approval"

    apv_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    subject: Mapped[str] = mapped_column(String(160))
    step_label: Mapped[str | None] = mapped_column(String(120), default=None)
    summary: Mapped[str | None] = mapped_column(Text, default=None)
    lines: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    total: Mapped[str | None] = mapped_column(String(20), default=None)
    cur: Mapped[str | None] = mapped_column(String(3), default=None)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), default=None)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id"), default=None)
    deciders: Mapped[str | None] = mapped_column(String(200), default=None)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    due_on: Mapped[str | None] = mapped_column(String(10), default=None)
    decided_by: Mapped[str | None] = mapped_column(String(120), default=None)
    decided_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    decide_note: Mapped[str | None] = mapped_column(Text, default=None)
    shown_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"), default=None)
    status_code: Mapped[str] = mapped_column(String(16), default="PEND", index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    registration: Mapped[Registration | None] = relationship(foreign_keys=[registration_id])
    order: Mapped[Order | None] = relationship(foreign_keys=[order_id])
    asked_by: Mapped[Staff | None] = relationship(foreign_keys=[asked_by_id])
    replaced_by: Mapped[Approval | None] = relationship(
        foreign_keys=[replaced_by_id], remote_side="Approval.id"
    )


class ChangeRequest(Stamped, Base):
    """A change of their details that a partner asks for."""

    __tablename__ = "change_request"

    chg_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), default=None)
    what_code: Mapped[str] = mapped_column(String(8), default="OTHER")
    old_text: Mapped[str | None] = mapped_column(String(400), default=None)
    new_text: Mapped[str] = mapped_column(String(400))
    why_text: Mapped[str | None] = mapped_column(Text, default=None)
    answer_text: Mapped[str | None] = mapped_column(Text, default=None)
    status_code: Mapped[str] = mapped_column(String(16), default="ASKED", index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    asked_by: Mapped[Contact | None] = relationship(foreign_keys=[asked_by_id])


class Project(Stamped, Base):
    """Work the vendor does for a company."""

    __tablename__ = "project"

    prj_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    prj_name: Mapped[str] = mapped_column(String(160))
    about: Mapped[str | None] = mapped_column(Text, default=None)
    phase_label: Mapped[str | None] = mapped_column(String(80), default=None)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    begin_on: Mapped[str | None] = mapped_column(String(10), default=None)
    end_on: Mapped[str | None] = mapped_column(String(10), default=None)
    budget: Mapped[str | None] = mapped_column(String(20), default=None)
    spent: Mapped[str | None] = mapped_column(String(20), default=None)
    cur: Mapped[str | None] = mapped_column(String(3), default=None)
    status_code: Mapped[str] = mapped_column(String(16), default="PLAN", index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    leader: Mapped[Staff | None] = relationship(foreign_keys=[leader_id])


class Milestone(Stamped, Base):
    """A point in a project; `seq_no` orders them."""

    __tablename__ = "milestone"

    ms_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    ms_name: Mapped[str] = mapped_column(String(160))
    about: Mapped[str | None] = mapped_column(Text, default=None)
    phase_label: Mapped[str | None] = mapped_column(String(80), default=None)
    due_on: Mapped[str | None] = mapped_column(String(10), default=None)
    reached_on: Mapped[str | None] = mapped_column(String(10), default=None)
    seq_no: Mapped[int | None] = mapped_column(Integer, default=None)
    status_code: Mapped[str] = mapped_column(String(16), default="PLAN", index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    project: Mapped[Project] = relationship(foreign_keys=[project_id])


class Deliverable(WithFile, Stamped, Base):
    """One version of something that is handed over in a project. `shown_hash`: of what was decided on."""

    __tablename__ = "deliverable"

    dlv_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    milestone_id: Mapped[int | None] = mapped_column(ForeignKey("milestone.id"), default=None)
    dlv_name: Mapped[str] = mapped_column(String(160))
    about: Mapped[str | None] = mapped_column(Text, default=None)
    ver_label: Mapped[str] = mapped_column(String(20), default="1")
    handed_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    answer_by: Mapped[str | None] = mapped_column(String(10), default=None)
    decided_by: Mapped[str | None] = mapped_column(String(120), default=None)
    decided_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    decide_note: Mapped[str | None] = mapped_column(Text, default=None)
    shown_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    status_code: Mapped[str] = mapped_column(String(16), default="WORK", index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    project: Mapped[Project] = relationship(foreign_keys=[project_id])
    milestone: Mapped[Milestone | None] = relationship(foreign_keys=[milestone_id])
