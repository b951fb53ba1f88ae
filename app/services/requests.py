"""What a person does with requests besides reading and writing: whose turn it is, opening one again, its answers."""

from __future__ import annotations

from collections.abc import Sequence

from app.contract.errors import Refused
from app.contract.manifest import CommandSpec, Tone
from app.services import answer_clock
from app.services.answer_clock import AnswerClock, Said, Turn
from app.services.context import PortalContext, state_spec
from app.services.format import moment_of
from app.services.intents import Intents
from app.services.prefs import Prefs
from app.services.records import Records
from app.services.suggesting import Suggesting
from app.services.views_model import ClockView, Done, FileInfo, MessageView, RecordView

_HELPED = "requests.helped"
_MOST_HELPED = 500


class RequestService:
    """One vendor's requests."""

    def __init__(self, context: PortalContext, records: Records, intents: Intents, prefs: Prefs) -> None:
        self._context = context
        self._records = records
        self._intents = intents
        self._prefs = prefs
        self.suggestions = Suggesting(context, prefs)

    # -- the clock ----------------------------------------------------------------------------------------
    def clock(self, record: RecordView, messages: Sequence[MessageView]) -> ClockView | None:
        """Return whose turn it is, since when, and what is left, in words; None when nobody has to answer."""
        state = state_spec(self._context.manifest.entity(record.entity), record.state)
        if state is None or not state.open:
            return None
        asked = moment_of(record.data.get("created_at"))
        due = moment_of(record.data.get("due_at"))
        said = [Said(message.vendor, message.at if _arrived(message) else None) for message in messages]
        now = self._context.present()
        found = answer_clock.read(state.waits_on, due, asked, said, now)
        return self._in_words(found) if found is not None else None

    def _in_words(self, clock: AnswerClock) -> ClockView:
        vendor, formats, tr = self._context.vendor, self._context.formats, self._context.tr
        if clock.turn is Turn.SENDING:
            words = tr("Once your answer has been sent, it is {vendor}’s turn.").format(vendor=vendor)
            return ClockView("", "", Tone.NEUTRAL, 0.0, tr("You have answered"), words, paused=True)
        mine = clock.turn is Turn.PARTNER
        turn = tr("Your turn") if mine else tr("{vendor}’s turn").format(vendor=vendor)
        if clock.since is not None:
            said = tr("Your turn since {time}") if mine else tr("{vendor}’s turn since {time}")
            turn = said.format(vendor=vendor, time=formats.since(clock.since))
        if clock.due is None:
            stands = tr("The time {vendor} has stands still meanwhile.").format(vendor=vendor)
            rest = stands if mine else tr("No time is set for the answer.")
            return ClockView("", "", Tone.NEUTRAL, 0.0, turn, rest, paused=clock.paused)
        left = formats.time_left(clock.due, mine=mine)
        figure, _space, rest = left.words.rpartition(" ")
        tone = Tone.BAD if clock.overdue else Tone(left.tone)
        words = self._by(clock, mine=mine)
        return ClockView(figure, rest, tone, clock.share, turn, words, paused=clock.paused)

    def _by(self, clock: AnswerClock, *, mine: bool) -> str:
        """*Halden answers by 14:36*, *You answer by Wed 25 Nov*, *Halden was to answer by Fri 15:20*."""
        if clock.due is None:
            return ""
        formats, vendor, tr = self._context.formats, self._context.vendor, self._context.tr
        day = formats.local(clock.due).date()
        if day == formats.today():
            when = formats.time(clock.due)
        else:
            when = formats.moment(clock.due) if clock.overdue else formats.weekday_day(day)
        if clock.overdue:
            words = tr("You were to answer by {when}") if mine else tr("{vendor} was to answer by {when}")
        else:
            words = tr("You answer by {when}") if mine else tr("{vendor} answers by {when}")
        return words.format(vendor=vendor, when=when)

    # -- resolved, and again ------------------------------------------------------------------------------
    def reopening(self, record: RecordView) -> CommandSpec | None:
        """Return the command that opens a resolved request again, or None where that is not to be had (any more)."""
        state = state_spec(self._context.manifest.entity(record.entity), record.state)
        if state is None or state.open:
            return None
        commands = self._records.commands(record.gid)
        return next((c for c in commands if not c.args and self._opens(record, c)), None)

    def _opens(self, record: RecordView, command: CommandSpec) -> bool:
        state = state_spec(self._context.manifest.entity(record.entity), command.to_state)
        return state is not None and state.open

    def reopen(self, gid: str, text: str, taken: Sequence[FileInfo] = ()) -> Done:
        """Open a request again and say what is still missing. Raises Refused without words, or when it is too late."""
        tr = self._context.tr
        record = self._records.get(gid)
        command = self.reopening(record) if record is not None else None
        if command is None:
            raise Refused(
                tr("This request is closed for good."),
                kept=tr("What you wrote is kept here."),
                next_step=tr("Raise a new one; you can say which one it follows."),
                code="state",
            )
        if not text.strip():
            words = tr("Say what is still missing, so that {vendor} can help.")
            nothing = {"body": words.format(vendor=self._context.vendor)}
            raise Refused(nothing["body"], kept=tr("The request stays as it is."), fields=nothing)
        with self._context.store.transaction():
            asked = self._intents.command(gid, command.name)
            said = self._intents.message(gid, text, taken=taken)
        self._prefs.set(_HELPED, self._others(gid) or None)
        # Undone together: the message and its files go, then the request is as it was.
        return Done(said.mutation_id, gid, asked.words, undoable=True, more=(*said.more, asked.mutation_id))

    def asks_whether_it_helped(self, record: RecordView) -> bool:
        """Whether the user is asked if a resolved request was answered well: once, and while it can be opened again."""
        return self.reopening(record) is not None and record.gid not in self._kept()

    def helped(self, gid: str) -> None:
        """The user is content: they are not asked again. It is kept here alone."""
        self._prefs.set(_HELPED, [*self._others(gid), gid][-_MOST_HELPED:])

    def ask_again(self, gid: str) -> None:
        """Undo `helped`."""
        self._prefs.set(_HELPED, self._others(gid) or None)

    def _others(self, gid: str) -> list[str]:
        return [one for one in self._kept() if one != gid]

    def _kept(self) -> list[str]:
        kept = self._prefs.get(_HELPED, [])
        return [str(one) for one in kept] if isinstance(kept, list) else []


def _arrived(message: MessageView) -> bool:
    """One that waits to be sent has a time of writing, but nobody has read it."""
    return not message.mutation_id and message.at is not None
