"""A project as its client reads it: what waits for them, how far it is, what it costs, and what is handed over."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.services.projects import Budget, Plan
from app.services.views_model import RecordView
from app.views.page import Key, PageContext
from app.views.projects.milestones import DeliverableCard, MilestoneList
from app.views.records.reader_pane import ReaderPane
from app.views.records.record.facts import RECORD_LINK, facts_of, steps_of
from app.views.records.remarks import Remarks
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import AskFiles, AskPrinter, AskWhere
from app.views.widgets.base import Panel, ThemedWidget
from app.views.widgets.cards import Card, SectionHeader
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, emptied, holding, row
from app.views.widgets.scroll import scrolled
from app.views.widgets.stepper import Stepper
from app.views.widgets.text import Text

_WITHOUT = frozenset({"budget", "spent", "summary", "phase"})


class BudgetBar(ThemedWidget):
    """What is spent of the budget, as a bar with its figures."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, parent)
        self._formats = context.portal.formats
        self._words = Text(self.theme, "", Role.NAME, wrap=True)
        self._note = Text(self.theme, "", Role.LABEL, Tone.TEXT2)
        self.bar = ProgressBar(self.theme, 8, self.tr("Budget"))
        line = row(gap=8)
        line.addWidget(self._words, 1)
        line.addWidget(self._note)
        self.setLayout(column(line, 6, self.bar))

    @property
    def words(self) -> tuple[str, str]:
        """What stands above the bar."""
        return self._words.text(), self._note.text()

    def show_budget(self, budget: Budget) -> None:
        """Draw a budget."""
        money = self._formats.money_short
        spent, whole = money(budget.spent, budget.currency), money(budget.budget, budget.currency)
        self._words.set_text(self.tr("{spent} of {budget} spent").format(spent=spent, budget=whole))
        if budget.over:
            over = money(budget.over, budget.currency)
            self._note.set_text(self.tr("{amount} over the budget").format(amount=over))
        else:
            left = money(budget.budget - budget.spent, budget.currency)
            self._note.set_text(self.tr("{amount} left").format(amount=left))
        self._note.set_tone(Tone.BAD if budget.over else Tone.TEXT2)
        self.bar.show_share(budget.share, f"{self._words.text()}, {self._note.text()}")


class ProjectPane(ReaderPane):
    """One project."""

    def __init__(
        self,
        context: PageContext,
        ask_target: AskWhere,
        ask_paper: AskPrinter,
        ask: AskFiles,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, ask_target, ask_paper, parent, decides=False)
        self._gid = ""
        self._waiting_shown: tuple[RecordView, ...] = ()
        self._others_shown: tuple[RecordView, ...] = ()
        self._facts_shown: tuple[Fact, ...] = ()
        theme = self.theme
        self.nothing = EmptyState(theme, "stack-2", "")
        self.stepper = Stepper(theme)
        self._strip = Panel(theme, "raised", rules="bottom")
        self._strip.setLayout(column(self.stepper, margins=(4, 13, 4, 13)))
        self._waits = QVBoxLayout()
        self._waits_holder = holding(
            column(_section(theme, self.tr("Waits for you")), 8, self._waits, 20), self
        )
        self._summary = Text(theme, "", Role.LEAD, wrap=True)
        self.facts = KeyValueList(theme, label_width=120)
        self.facts.opened.connect(lambda link: self.open_record.emit(link.removeprefix(RECORD_LINK)))
        self.budget = BudgetBar(context)
        card = Card(theme, inset=14, name=self.tr("Budget"))
        card.body.addWidget(self.budget)
        self._budget_holder = holding(column(card, 20))
        self.milestones = MilestoneList(theme)
        self.milestones.opened.connect(self.open_record)
        self._milestones_holder = holding(
            column(_section(theme, self.tr("Milestones")), 10, self.milestones, 12)
        )
        self._others = QVBoxLayout()
        self._others_holder = holding(
            column(_section(theme, self.tr("Other deliverables")), 8, self._others, 12)
        )
        self.remarks = Remarks(context, ask)
        self.remarks.said.connect(self.said)
        self.remarks.changed.connect(self.follow)
        self._build()

    def _build(self) -> None:
        content = QWidget()
        parts = (
            self._waits_holder, self._summary, 10, self.facts, 14, self._budget_holder,
            self._milestones_holder, self._others_holder,
        )  # fmt: skip
        content.setLayout(column(column(*parts, margins=(24, 18, 24, 8)), self.remarks, None))
        self.area = scrolled(content, self.tr("About this project"))
        self._record_page = QWidget()
        whole = QVBoxLayout(self._record_page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.head)
        whole.addWidget(self._strip)
        whole.addWidget(self.area, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(self._record_page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    @property
    def gid(self) -> str:
        return self._gid

    @property
    def waiting(self) -> tuple[RecordView, ...]:
        """The deliverables that wait for the user."""
        return self._waiting_shown

    def show_record(self, gid: str) -> None:
        if gid != self._gid:
            self._gid = gid
            self.area.verticalScrollBar().setValue(0)
            self.follow()

    def follow(self) -> None:
        record = self.record()
        self._stack.setCurrentWidget(self._record_page if record else self.nothing)
        if record is None:
            words = (
                self.tr("This is no longer shared with you.")
                if self._gid
                else self.tr("Choose one to read it here.")
            )
            self.nothing.show_words("lock" if self._gid else "stack-2", words)
            return
        self.head.show_record(record)
        steps = steps_of(self._portal, record)
        self._strip.setVisible(steps is not None)
        if steps is not None:
            self.stepper.show_stages(steps[0], steps[1], failed=steps[2])
        summary = str(record.data.get("summary") or "")
        self._summary.set_text(summary)
        self._summary.setVisible(bool(summary))
        facts = tuple(facts_of(self._portal, record, (), _WITHOUT))
        if facts != self._facts_shown:
            self._facts_shown = facts
            self.facts.set_facts(facts)
        self._show_plan(self._portal.about.plan(record))
        self.remarks.show_record(record)

    def _show_plan(self, plan: Plan) -> None:
        if plan.waiting != self._waiting_shown:
            self._waiting_shown = plan.waiting
            self._fill(self._waits, plan.waiting)
        self._waits_holder.setVisible(bool(plan.waiting))
        self._budget_holder.setVisible(plan.budget is not None)
        if plan.budget is not None:
            self.budget.show_budget(plan.budget)
        self.milestones.show_milestones(plan.milestones)
        self._milestones_holder.setVisible(bool(plan.milestones))
        if plan.others != self._others_shown:
            self._others_shown = plan.others
            self._fill(self._others, plan.others)
        self._others_holder.setVisible(bool(plan.others))

    def _fill(self, slot: QVBoxLayout, found: tuple[RecordView, ...]) -> None:
        emptied(slot)
        if found:
            card = DeliverableCard(self.theme, found)
            card.opened.connect(self.open_record)
            slot.addWidget(card)

    def keep(self) -> None:
        self.remarks.keep()

    def answer(self, focus: str) -> None:
        if focus == "reply":
            self.remarks.write_here()

    def own_keys(self, entity: str) -> tuple[Key, ...]:
        if not self._portal.may.talk(entity):
            return ()
        return (
            Key("Ctrl+Return", self.tr("Send the comment"), self.remarks.box.send),
            Key("C", self.tr("Write a comment"), self.remarks.write_here),
        )


def _section(theme: Theme, words: str) -> SectionHeader:
    return SectionHeader(theme, words)
