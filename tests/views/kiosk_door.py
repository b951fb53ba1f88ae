"""The entrance of a kiosk on its stage: a door whose state is set by hand, and what was asked of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QObject, Signal

from app.bridge.kiosk_state import KioskState, KioskStep, LockedLine, SignInCode, Trouble
from app.contract.manifest import Brand
from app.services.words import Words

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
CODE = SignInCode(
    "KTRM-4827",
    "https://halden.example/screen",
    "https://halden.example/screen?user_code=KTRM-4827",
    NOW - timedelta(seconds=108),
    NOW + timedelta(seconds=492),
)
HALDEN = Brand(vendor="Halden Systems", initial="H")
MAYA, JOHANNES = LockedLine("a", "MO", "Maya", 8), LockedLine("b", "JR", "Johannes", 2)


def state(step: KioskStep = KioskStep.CODE, **changes: object) -> KioskState:
    """A kiosk in Rotterdam that is reached, with a code that is good for 8:12."""
    usual: dict[str, object] = {
        "brand": HALDEN,
        "place": "Partner lounge, Rotterdam · screen 2",
        "help": "Call +31 10 555 0102.",
        "reached_at": NOW,
        "online": True,
        "code": CODE,
    }
    return KioskState(step, **{**usual, **changes})  # type: ignore[arg-type]


KEPT = "Unsent work of 2 people is kept here, encrypted; it goes on when they sign in."

EVERY_STATE = {
    "code": state(),
    "people": state(
        people=(MAYA, JOHANNES),
        kept=KEPT,
    ),
    "asking": state(KioskStep.ASKING, code=None),
    "opening": state(KioskStep.OPENING),
    "closing": state(KioskStep.CLOSING, said="You are signed out. Nothing of yours stays on this screen."),
    "checking": state(KioskStep.UNLOCK, who=MAYA, people=(MAYA,), checking=True),
    "unlock": state(
        KioskStep.UNLOCK, who=MAYA, people=(MAYA, JOHANNES), problem="That is not your code. 4 tries left."
    ),
    "trouble": state(
        KioskStep.TROUBLE,
        online=False,
        people=(MAYA,),
        trouble=Trouble(
            "The gateway cannot be reached.",
            "What is kept here stays, encrypted. Ask whoever looks after this screen.",
            NOW + timedelta(seconds=12),
        ),
    ),
}


class StillDoor(QObject):
    """Shows what it is told to, and remembers what was asked."""

    changed = Signal()

    def __init__(self, shown: KioskState) -> None:
        super().__init__()
        self.state = shown
        self.language = "English"
        self.words = Words()
        self.asked: list[tuple[str, ...]] = []
        self.at = NOW

    def show_state(self, shown: KioskState) -> None:
        self.state = shown
        self.changed.emit()

    def now(self) -> datetime:
        return self.at

    def time(self, at: datetime) -> str:
        return f"{at:%H:%M}"

    def new_code(self) -> None:
        self.asked.append(("new_code",))

    def speak_next(self) -> None:
        self.asked.append(("speak_next",))

    def choose(self, person: str) -> None:
        self.asked.append(("choose", person))
        who = next(one for one in self.state.people if one.id == person)
        self.show_state(state(KioskStep.UNLOCK, who=who, people=self.state.people))

    def go_back(self) -> None:
        self.asked.append(("go_back",))

    def unlock(self, code: str) -> None:
        self.asked.append(("unlock", code))

    def typing(self) -> None:
        """Nothing is put away while somebody types."""
