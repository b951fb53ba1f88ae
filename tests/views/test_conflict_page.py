"""A conflict: base, theirs, mine and edited per field, the preview, the keys; and the answer for gone records."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.contract.mutations import ClashReason, Kind, Mutation
from app.services.views_model import ChoiceKind
from app.store.conflicts import Conflict
from app.store.states import ConflictKind
from app.views.conflict.decision import DecisionRow
from app.views.conflict.gone import GoneAnswer
from app.views.conflict.page import ConflictPage
from app.views.conflict.worddiff import Change, Piece, word_diff
from app.views.page import CONFLICT, SYNC_CENTRE, Place
from app.views.widgets.buttons import Button
from app.views.widgets.pills import Pill
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

THREE = {
    "sales_stage": ("qualified", "technical_validation", "business_validation"),
    "decision_date": ("2026-12-18", "2027-01-15", "2026-12-22"),
    "next_steps": (
        "Demo at Crewe depot.",
        "Demo at Derby depot. Halden sends two Edge 220 units.",
        "Demo at Crewe depot on 3 December. Maya brings the rack plan.",
    ),
}


def shown(stage: Stage, gid: str, qtbot: QtBot) -> ConflictPage:
    page = ConflictPage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    page.arrive(Place(CONFLICT, gid=gid))
    QApplication.processEvents()
    return page


@pytest.fixture
def page(stage: Stage, qtbot: QtBot) -> ConflictPage:
    return shown(stage, stage.world.clash(THREE), qtbot)


def rows(page: ConflictPage) -> dict[str, DecisionRow]:
    table = page.table
    assert table is not None
    return {entry.field.group: entry for entry in table.rows}


def words(widget: QWidget) -> list[str]:
    settle()
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisibleTo(widget) and one.text()]


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def press(page: ConflictPage, *keys: str) -> None:
    """What the window does with a key of the page."""
    bound = {key.keys: key.run for key in tuple(page.keys())}
    for name in keys:
        bound[name]()
    QApplication.processEvents()


# showing


def test_only_what_differs_is_shown_with_who_and_when(page: ConflictPage) -> None:
    assert list(rows(page)) == ["sales_stage", "decision_date", "next_steps"]
    said = words(page)
    for text in (
        "Branch edge, 14 sites · Kestrel Foods",
        "Both sides agreed on this",
        "Ingrid Solheim, Halden Systems",
        "Today 08:57 · web, in the CRM",
        "You, Maya Okafor",
        "Today 08:31 · laptop BW-MO14",
        "Qualified",
        "18 Dec 2026",
        "0 of 3 decided. If the record changes again before this arrives, you are asked again.",
    ):
        assert text in said, text
    assert "Branch routers drop out several times a week." not in said


def test_nothing_is_decided_before_the_user_decides(page: ConflictPage) -> None:
    assert all(entry.kind is None for entry in rows(page).values())
    assert not page.apply_button.isEnabled()
    assert page.apply_button.toolTip() == "Decide every field first; 3 to go."


def test_a_partners_own_field_starts_with_mine(stage: Stage, qtbot: QtBot) -> None:
    gid = stage.world.clash({"competitor": ("Arrowmesh", "Netstone", "Boltline")})
    page = shown(stage, gid, qtbot)
    assert rows(page)["competitor"].kind is ChoiceKind.MINE
    assert page.apply_button.isEnabled()


# deciding


def test_a_click_takes_a_side_and_the_preview_follows(page: ConflictPage) -> None:
    stage_row, date_row = rows(page)["sales_stage"], rows(page)["decision_date"]
    click(stage_row.theirs)
    click(date_row.mine.content)
    assert (stage_row.kind, date_row.kind) == (ChoiceKind.THEIRS, ChoiceKind.MINE)
    assert (stage_row.theirs.chosen, stage_row.mine.chosen) == (True, False)
    said = words(page)
    assert "Nothing. Halden’s “Technical validation” stays." in said
    assert "22 Dec 2026" in said
    assert [pill.look.text for pill in pills(page)] == ["Theirs", "Mine", "Open"]
    assert any(text.startswith("2 of 3 decided.") for text in said)


def pills(page: ConflictPage) -> list[Pill]:
    settle()
    return [one for one in page.findChildren(Pill) if one.isVisibleTo(page)]


def test_keys_decide_and_move(page: ConflictPage) -> None:
    press(page, "T", "Down", "M", "Down", "B")
    kinds = {group: entry.kind for group, entry in rows(page).items()}
    assert kinds == {
        "sales_stage": ChoiceKind.THEIRS,
        "decision_date": ChoiceKind.MINE,
        "next_steps": ChoiceKind.EDITED,
    }
    choice = rows(page)["next_steps"].choice()
    assert choice is not None
    assert dict(choice.value) == {"next_steps": "Demo at Crewe depot."}
    press(page, "Down", "M")
    assert rows(page)["sales_stage"].kind is ChoiceKind.MINE, "around the ends"


def test_e_edits_in_place_with_the_manifests_own_control(page: ConflictPage) -> None:
    press(page, "Down", "E")
    focus = QApplication.focusWidget()
    assert isinstance(focus, QLineEdit)
    assert focus.text() == "22 Dec 2026", "it starts from mine"
    focus.selectAll()
    QTest.keyClicks(focus, "8 Jan 2027")
    choice = rows(page)["decision_date"].choice()
    assert choice is not None
    assert dict(choice.value) == {"decision_date": "2027-01-08"}
    assert "8 Jan 2027" in words(page)


def test_the_pencil_opens_the_edited_value(page: ConflictPage) -> None:
    entry = rows(page)["sales_stage"]
    assert entry.edited is not None
    assert entry.pencil is not None
    assert not entry.edited.isVisible()
    click(entry.pencil)
    assert entry.edited.isVisible()
    assert isinstance(QApplication.focusWidget(), QComboBox)


def test_a_text_offers_both_texts_and_typing_takes_it(page: ConflictPage) -> None:
    entry = rows(page)["next_steps"]
    assert entry.edited is not None
    assert entry.edited.isVisible()
    box = entry.edited.findChild(QTextEdit)
    assert box is not None
    assert "Derby" in box.toPlainText()
    assert "rack plan" in box.toPlainText()
    box.setFocus()
    QTest.keyClicks(box, "!")
    assert entry.kind is ChoiceKind.EDITED


def test_all_theirs_sends_nothing_and_all_mine_everything(stage: Stage, page: ConflictPage) -> None:
    click(button(page, "All theirs"))
    assert {entry.kind for entry in rows(page).values()} == {ChoiceKind.THEIRS}
    assert page.apply_button.text() == "Apply"
    click(button(page, "All mine"))
    assert {entry.kind for entry in rows(page).values()} == {ChoiceKind.MINE}
    assert page.apply_button.text() == "Apply and send"
    stage.offline()
    assert page.apply_button.text() == "Apply (waits to send)"


def button(page: QWidget, text: str) -> Button:
    return next(one for one in page.findChildren(Button) if one.text() == text and one.isVisibleTo(page))


def test_an_edited_value_the_rules_refuse_says_why(page: ConflictPage) -> None:
    press(page, "T", "Down", "E")
    focus = QApplication.focusWidget()
    assert isinstance(focus, QLineEdit)
    focus.selectAll()
    QTest.keyClicks(focus, "soon")
    assert any("Write a date" in text for text in words(page))
    rows(page)["next_steps"].take(ChoiceKind.MINE)
    assert page.apply_button.toolTip() == "Mend the marked values first."


# applying


def test_applying_sends_one_mutation_with_what_was_decided(stage: Stage, page: ConflictPage) -> None:
    press(page, "T", "Down", "M", "Down", "M", "Ctrl+Return")
    (mutation,) = stage.world.sent()
    assert dict(mutation.changes) == {
        "decision_date": "2026-12-22",
        "next_steps": "Demo at Crewe depot on 3 December. Maya brings the rack plan.",
    }
    assert mutation.base["decision_date"] == "2027-01-15", "against the record as it is now"
    assert mutation.supersedes is not None
    assert stage.toasts[-1].text == "Applied"
    assert stage.gone[-1] == Place(SYNC_CENTRE)
    assert list(stage.portal.conflicts.list()) == []


def test_all_theirs_settles_it_without_sending(stage: Stage, page: ConflictPage) -> None:
    click(button(page, "All theirs"))
    click(page.apply_button)
    assert stage.world.sent() == []
    assert list(stage.portal.conflicts.list()) == []


def test_control_return_does_nothing_while_something_is_open(stage: Stage, page: ConflictPage) -> None:
    press(page, "T", "Ctrl+Return")
    assert stage.world.sent() == []
    assert len(stage.portal.conflicts.list()) == 1


def test_decide_later_goes_back_and_keeps_it(stage: Stage, page: ConflictPage) -> None:
    press(page, "T")
    click(button(page, "Decide later"))
    assert stage.gone[-1] == Place(SYNC_CENTRE)
    assert len(stage.portal.conflicts.list()) == 1


def test_decisions_survive_a_refresh_but_not_another_truth(stage: Stage, page: ConflictPage) -> None:
    press(page, "T")
    page.refresh()
    assert rows(page)["sales_stage"].kind is ChoiceKind.THEIRS
    stage.world.deal(state="approved", sales_stage="committed", decision_date="2027-01-15")
    page.refresh()
    assert rows(page)["sales_stage"].field.theirs_words == "Committed"
    assert rows(page)["sales_stage"].kind is None, "decided against another value, so it is asked again"


def test_a_decision_on_what_did_not_change_is_kept(stage: Stage, page: ConflictPage) -> None:
    press(page, "T", "Down", "M")
    stage.world.deal(state="approved", sales_stage="committed", decision_date="2027-01-15")
    page.refresh()
    assert rows(page)["decision_date"].kind is ChoiceKind.MINE


def test_a_field_locked_meanwhile_only_takes_theirs(stage: Stage, qtbot: QtBot) -> None:
    gid = stage.world.clash(
        {"amount": ("1000.00", "1200.00", "1500.00")}, state="under_review", reason=ClashReason.LOCKED
    )
    page = shown(stage, gid, qtbot)
    (entry,) = rows(page).values()
    assert entry.kind is ChoiceKind.THEIRS
    assert not entry.mine.dot.isEnabled()
    assert entry.edited is None
    assert "Locked while under review." in words(page)
    click(entry.mine)
    press(page, "M")
    press(page, "E")
    press(page, "B")
    assert entry.kind is ChoiceKind.THEIRS
    assert page.apply_button.isEnabled()


def test_an_amount_and_its_currency_are_one_decision(stage: Stage, qtbot: QtBot) -> None:
    world = stage.world
    gid = world.clash({"amount": ("1000.00", "1200.00", "1500.00")}, also={"currency": "EUR"})
    page = shown(stage, gid, qtbot)
    (entry,) = rows(page).values()
    assert entry.editor is not None
    press(page, "E")
    edit = QApplication.focusWidget()
    assert isinstance(edit, QLineEdit)
    edit.selectAll()
    QTest.keyClicks(edit, "1,350.00")
    press(page, "Ctrl+Return")
    (mutation,) = world.sent()
    assert mutation.changes["amount"] == "1350.00"


def test_the_next_conflict_follows(stage: Stage, qtbot: QtBot) -> None:
    first = stage.world.clash({"competitor": ("a", "b", "c")})
    second = other_conflict(stage, "sableworks")
    page = shown(stage, first, qtbot)
    press(page, "Ctrl+Return")
    assert SYNC_CENTRE not in [getattr(place, "page", "") for place in stage.gone]
    assert "Sableworks" in " ".join(words(page))
    assert stage.portal.conflicts.get(second) is not None


def other_conflict(stage: Stage, name: str, kind: ConflictKind = ConflictKind.FIELDS) -> str:
    """A second record with an undecided conflict on its competitor."""
    world = stage.world
    gid = world.deal(name, customer="Sableworks", competitor="Netstone")
    mutation = Mutation(
        mutation_id=world.ids.new_id(),
        entity="deal_registration",
        gid=gid,
        kind=Kind.PATCH,
        base_version="1",
        base={"competitor": "Arrowmesh"},
        changes={"competitor": "Boltline"},
        captured_at=world.clock.now() - timedelta(minutes=30),
    )
    last = world.store.mirror.truth(gid)
    if kind is ConflictKind.GONE:
        world.store.mirror.remove(gid, "tombstone")
    with world.store.transaction():
        world.store.conflicts.add(
            Conflict(
                mutation_id=mutation.mutation_id,
                gid=gid,
                entity="deal_registration",
                kind=kind,
                clashes=(),
                mutation=mutation,
                mine={"competitor": "Boltline"},
                base={"competitor": "Arrowmesh"},
                last=dict(last.data) if last and last.data else None,
                label="Edit",
                detected_at=world.clock.now() - timedelta(minutes=5),
                mine_at=mutation.captured_at,
                device="laptop BW-MO14",
            )
        )
    return gid


# gone


@pytest.fixture
def gone(stage: Stage, qtbot: QtBot) -> ConflictPage:
    return shown(stage, other_conflict(stage, "gone", ConflictKind.GONE), qtbot)


def test_a_gone_record_shows_what_was_typed_and_two_ways(gone: ConflictPage) -> None:
    said = words(gone)
    assert any("Halden deleted this while you edited it." in text for text in said)
    assert "Competitor" in said
    assert any(text.startswith("Boltline") for text in said)
    answer = gone.findChild(GoneAnswer)
    assert answer is not None
    assert gone.table is None
    assert not gone.apply_button.isVisible()


def test_keeping_it_opens_a_draft_with_the_values(stage: Stage, gone: ConflictPage) -> None:
    answer = gone.findChild(GoneAnswer)
    assert answer is not None
    click(answer.keep_button)
    (draft,) = stage.portal.drafts.open_drafts()
    assert draft.data["competitor"] == "Boltline"
    assert stage.opened == [draft.gid]
    assert list(stage.portal.conflicts.list()) == []


def test_letting_it_go_leaves_nothing(stage: Stage, gone: ConflictPage) -> None:
    answer = gone.findChild(GoneAnswer)
    assert answer is not None
    click(answer.drop_button)
    assert stage.portal.drafts.open_drafts() == []
    assert list(stage.portal.conflicts.list()) == []
    assert stage.opened == []


def test_without_a_conflict_the_page_says_so(stage: Stage, qtbot: QtBot) -> None:
    page = shown(stage, "", qtbot)
    assert "No conflict is waiting for you." in words(page)
    click(button(page, "Open the sync centre"))
    assert stage.gone == [Place(SYNC_CENTRE)]


# words and look


@pytest.mark.parametrize(
    ("base", "text", "expected"),
    [
        ("Demo at Crewe.", "Demo at Derby.", "Demo at |-Crewe| |+Derby|."),
        ("One two", "One two three", "One two |+three"),
        ("One two three", "One three", "One |-two| three"),
        ("", "All new", "+All new"),
        ("All gone", "", ""),
        ("Same", "Same", "Same"),
        ("a b c d", "x y z d", "-a b c| |+x y z| d"),
    ],
)
def test_words_that_differ(base: str, text: str, expected: str) -> None:
    signs = {Change.KEPT: "", Change.REMOVED: "-", Change.ADDED: "+"}
    told = "|".join(signs[piece.change] + piece.text for piece in word_diff(base, text))
    assert told == expected


def test_a_book_is_not_compared_word_by_word() -> None:
    book = "word " * 5000
    assert word_diff(book, book + "end") == (Piece(book + "end", Change.KEPT),)


def test_what_was_removed_and_added_is_spoken(page: ConflictPage) -> None:
    content = rows(page)["next_steps"].theirs.content
    assert content.accessibleName() == (
        "Demo at, removed: Crewe, added: Derby, depot., added: Halden sends two Edge 220 units."
    )


def test_it_speaks_and_follows_the_scheme(stage: Stage, page: ConflictPage) -> None:
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)
