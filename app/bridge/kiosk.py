"""A shared screen between its people: a code to sign in with, who may come back, and how somebody is let in or out.

A small state machine over `app.services.kiosk.opening.KioskOpening`; the entrance renders `state` and calls the
methods. It ends with `opened` for whoever came in, and goes on from `lock`, `sign_out` or `erase` when they leave.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.bridge.errand import Errand
from app.bridge.kiosk_state import KioskState, KioskStep, LockedLine, SignInCode, Trouble
from app.bridge.speech import LanguageChoice, Speech
from app.contract.errors import CounterpartError, RetryableError
from app.contract.manifest import Brand
from app.services.format import Formats
from app.services.kiosk.account import KioskAccount
from app.services.kiosk.opening import KioskOpening, SignedOutHere, WrongCode
from app.services.kiosk.signing_in import DeviceSignIn, KioskSignedIn
from app.services.kiosk.telling import kept_words, left_words
from app.services.kiosk.values import Kept
from app.services.words import Words
from app.session.device_code import CodeShown, CodeTaken, CodeWaits, DeviceCodeNews, KeptOut
from app.session.sign_in import SignInAbandoned
from app.sync.clock import Clock

#: After an answer that will hardly change by itself, seconds until it is asked again.
_LATER = 60.0
#: After one that another code may mend.
_SOON = 15.0
#: A line about what just happened stands for so long, in milliseconds; a code nobody types is put away after as long.
_SAID_MS = 30_000
_SECOND_MS = 1_000
#: Seconds between two looks at what the gateway was not told, and at what is older than thirty days.
_TIDY_MS = 10 * 60_000

#: Languages by what they call themselves.
_LANGUAGES = {LanguageChoice.ENGLISH: "English", LanguageChoice.GERMAN: "Deutsch"}


@dataclass(frozen=True)
class KioskLook:
    """What the entrance is told besides its people: whose it is, where it stands, whom to call."""

    brand: Brand
    place: str = ""
    help: str = ""
    idle_seconds: int = 120


class Kiosk(QObject):
    """The entrance's own logic. All signals come on the window's thread."""

    changed = Signal()
    """`state` is another one."""
    opened = Signal(object)
    """A KioskAccount that has the screen now."""

    _told = Signal(int, object)

    def __init__(
        self,
        opening: KioskOpening,
        clock: Clock,
        formats: Formats,
        speech: Speech,
        look: KioskLook,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opening = opening
        self._clock = clock
        self._formats = formats
        self._speech = speech
        self._state = KioskState(
            brand=look.brand, place=look.place, help=look.help, idle_seconds=look.idle_seconds
        )
        self._turn = 0
        self._attempt: tuple[Errand, DeviceSignIn] | None = None
        self._errands: set[Errand] = set()
        self._leaving: set[str] = set()
        self._told.connect(self._on_news, Qt.ConnectionType.QueuedConnection)
        self._second = self._timer(_SECOND_MS, self._tick, once=False)
        self._again = self._timer(0, self.new_code)
        self._hush = self._timer(_SAID_MS, self._be_quiet)
        self._tidies = self._timer(_TIDY_MS, self._tidy, once=False)

    def _timer(self, milliseconds: int, act: Callable[[], None], *, once: bool = True) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(once)
        timer.setInterval(milliseconds)
        timer.timeout.connect(act)
        return timer

    # -- what the entrance asks -----------------------------------------------------------------------------
    @property
    def state(self) -> KioskState:
        """What is shown now."""
        return self._state

    @property
    def words(self) -> Words:
        """Says a text in the reader's language."""
        return self._formats.tr

    @property
    def language(self) -> str:
        """The language that is spoken, in itself."""
        return _LANGUAGES[self._spoken()]

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._clock.now()

    def time(self, at: datetime) -> str:
        """*09:41*."""
        return self._formats.time(at)

    def speak_next(self) -> None:
        """Speak another language; whoever has words on screen builds them anew."""
        known = list(_LANGUAGES)
        self._speech.choose(known[(known.index(self._spoken()) + 1) % len(known)])

    def _spoken(self) -> LanguageChoice:
        german = self._speech.locale.partition("_")[0] == LanguageChoice.GERMAN.value
        return LanguageChoice.GERMAN if german else LanguageChoice.ENGLISH

    # -- a code ---------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """Nobody has the screen: show a code, and who may come back."""
        self._second.start()
        self._tidies.start()
        self._tidy()
        self.new_code()

    @Slot()
    def new_code(self) -> None:
        """Another code in the place of the one that is shown."""
        self._drop_attempt()
        self._again.stop()
        self._show(step=KioskStep.ASKING, code=None, trouble=None, who=None, problem="")
        turn = self._turn
        attempt = self._opening.sign_in(lambda news: self._told.emit(turn, news))
        errand = Errand(attempt.run, self._signed_in, self._not_signed_in, owner=self)
        self._attempt = (errand, attempt)
        errand.start()

    def _drop_attempt(self) -> None:
        self._turn += 1
        if self._attempt is not None:
            errand, attempt = self._attempt
            self._attempt = None
            errand.abandon()
            attempt.cancel()

    @Slot(int, object)
    def _on_news(self, turn: int, news: DeviceCodeNews) -> None:
        if turn != self._turn:
            return
        match news:
            case CodeShown():
                now = self.now()
                code = SignInCode(
                    news.user_code, news.address, news.complete or news.address, now, news.expires_at
                )
                self._reached(code=code, trouble=None)
                if self._state.step is not KioskStep.UNLOCK:
                    self._show(step=KioskStep.CODE)
            case CodeWaits():
                self._on_waiting(news)
            case CodeTaken():
                self._reached(step=KioskStep.OPENING, who=None)
            case _:
                assert_never(news)

    def _on_waiting(self, news: CodeWaits) -> None:
        """The gateway is away: a code that is shown stays, since it is good when the gateway is back."""
        again = self.now() + timedelta(seconds=news.seconds)
        self._show(online=False, trouble=self._trouble(news.because, again))
        if self._state.step is KioskStep.ASKING:
            self._show(step=KioskStep.TROUBLE)

    def _signed_in(self, signed_in: KioskSignedIn) -> None:
        self._attempt = None
        self._reached(step=KioskStep.OPENING, who=None)
        self._run(lambda: self._opening.open(signed_in), self._in, self._not_signed_in)

    def _not_signed_in(self, error: CounterpartError) -> None:
        self._attempt = None
        if isinstance(error, SignInAbandoned):
            return
        seconds = _SOON if isinstance(error, RetryableError | KeptOut) else _LATER
        trouble = self._trouble(error, self.now() + timedelta(seconds=seconds))
        self._show(step=KioskStep.TROUBLE, code=None, who=None, trouble=trouble)
        self._again.start(int(seconds * 1000))

    def _in(self, account: KioskAccount) -> None:
        """Somebody has the screen now."""
        self._drop_attempt()
        self._again.stop()
        self._hush.stop()
        self._show(step=KioskStep.OPENING, code=None, who=None, problem="", checking=False, said="")
        self.opened.emit(account)

    def _reached(self, **changes: Any) -> None:
        self._show(online=True, reached_at=self.now(), **changes)

    def _trouble(self, error: CounterpartError, again_at: datetime) -> Trouble:
        words = self.words
        rest = " ".join(words(part) for part in (error.kept, error.next_step) if part.strip())
        return Trouble(words(error.cause), rest, again_at)

    # -- coming back ----------------------------------------------------------------------------------------
    def choose(self, person: str) -> None:
        """Somebody who is locked here wants to come back."""
        who = next((one for one in self._state.people if one.id == person), None)
        if who is not None and self._state.step is not KioskStep.OPENING:
            self._show(step=KioskStep.UNLOCK, who=who, problem="", said="")
            self._hush.start()

    def go_back(self) -> None:
        """They thought better of it."""
        self._hush.stop()
        back = KioskStep.CODE if self._state.code is not None else KioskStep.ASKING
        if self._state.trouble is not None and self._state.code is None:
            back = KioskStep.TROUBLE
        self._show(step=back, who=None, problem="", checking=False)

    def unlock(self, code: str) -> None:
        """Try a code of whoever was chosen."""
        who = self._state.who
        if who is None or self._state.checking:
            return
        self._hush.start()
        self._show(checking=True, problem="")
        self._run(lambda: self._opening.unlock(who.id, code), self._in, self._not_unlocked)

    def typing(self) -> None:
        """Somebody is at it: what is typed is not put away yet."""
        if self._hush.isActive():
            self._hush.start()

    def _not_unlocked(self, error: CounterpartError) -> None:
        told = " ".join(
            self.words(part) for part in (error.cause, error.kept, error.next_step) if part.strip()
        )
        self._look_round()
        if isinstance(error, WrongCode):
            self._show(problem=told, checking=False)
        else:
            self.go_back()
            if isinstance(error, SignedOutHere):
                self._say(told)
            else:
                self._show(said=told)

    # -- going ----------------------------------------------------------------------------------------------
    def put_away(self) -> None:
        """Whoever has the screen is about to leave it: nothing of theirs is shown from now on."""
        self._show(step=KioskStep.CLOSING, code=None, trouble=None, who=None, said="")

    def lock(self, account: KioskAccount) -> None:
        """Whoever has the screen is locked, or signed out where no code leads back. Their stores are closed."""
        self._close(lambda: self._opening.lock(account.person.id))

    def sign_out(self, account: KioskAccount) -> None:
        """Sign out whoever has the screen. Their stores are closed."""
        self._close(lambda: self._opening.sign_out(account.person.id))

    def erase(self, account: KioskAccount, order: str) -> None:
        """Destroy everything of whoever has the screen, as the gateway ordered. Their stores are closed."""
        said = self.tr("Everything of this account was deleted here, as the vendor ordered.")

        def erase() -> None:
            account.erase(order)

        self._close(erase, said)

    def _close(self, act: Callable[[], Kept | None], said: str = "") -> None:
        self.put_away()

        def out(kept: Kept | None) -> None:
            self._look_round()
            self._say(left_words(kept, self.words) if kept is not None else said)
            self.new_code()

        def not_out(error: CounterpartError) -> None:
            self._say(self.words.told(error))
            self.new_code()

        self._run(act, out, not_out)

    # -- meanwhile ------------------------------------------------------------------------------------------
    @Slot()
    def _tick(self) -> None:
        """A second went by: who may not come back any more is signed out."""
        for person in self._opening.due():
            if person not in self._leaving:
                self._leaving.add(person)
                self._let_go(person)
        self._look_round()

    def _let_go(self, person: str) -> None:
        def over(_what: object) -> None:
            self._leaving.discard(person)
            self._look_round()

        self._run(lambda: self._opening.sign_out(person), over, over)

    def _look_round(self) -> None:
        """Who is locked here now, and whose work is kept."""
        people = tuple(
            LockedLine(
                one.person.id, one.person.initials, one.person.name_short, max(1, math.ceil(one.left / 60))
            )
            for one in self._opening.people()
        )
        who = self._state.who
        if who is not None and who.id not in {one.id for one in people} and not self._state.checking:
            self.go_back()
        self._show(people=people, kept=kept_words(self._opening.kept(), self.words))

    @Slot()
    def _tidy(self) -> None:
        self._run(self._opening.tidy, lambda _done: self._look_round(), lambda _error: None)

    def show_brand(self, brand: Brand) -> None:
        """It is known now whose screen this is."""
        self._show(brand=brand)

    def _say(self, words: str) -> None:
        self._show(said=words)
        self._hush.start()

    @Slot()
    def _be_quiet(self) -> None:
        """What was said has been read, and who began to type has gone."""
        if self._state.step is KioskStep.UNLOCK and not self._state.checking:
            self.go_back()
        self._show(said="")

    def stop(self) -> None:
        """The kiosk ends: nothing is asked any more, and whoever is here is signed out. Blocks."""
        for timer in (self._second, self._again, self._hush, self._tidies):
            timer.stop()
        self._drop_attempt()
        for errand in tuple(self._errands):
            errand.abandon()
            errand.wait(_END)
        self._opening.end()

    def _run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[CounterpartError], None],
    ) -> None:
        """Do what blocks beside the window."""

        def over(result: Any) -> None:
            self._errands.discard(errand)
            done(result)

        def broken(error: CounterpartError) -> None:
            self._errands.discard(errand)
            failed(error)

        errand = Errand(work, over, broken, owner=self)
        self._errands.add(errand)
        errand.start()

    def _show(self, **changes: Any) -> None:
        fresh = replace(self._state, **changes)
        if fresh != self._state:
            self._state = fresh
            self.changed.emit()


_END = 5.0
