"""The steps of a form beside it: which of its sections are complete, and how much is still to fill in or to fix."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QCoreApplication

from app.views.forms.sections import Section
from app.views.theme.tokens import Tone
from app.views.widgets.stepper import Step, StepState

#: The last step: handing it in.
SUBMIT = "submit"
_SECTION = "section"
_FILES, _MESSAGE = "file", "message"


def steps_of(
    sections: Sequence[Section], problems: Collection[str], shown: Collection[str], files: int
) -> list[Step]:
    """Return a step for each section and the last one. `shown`: the problems the user has been told of."""
    steps = []
    for number, section in enumerate(sections):
        names = {spec.name for spec in section.fields} | ({_FILES} if section.files else set())
        if number == len(sections) - 1:
            # The message, and files without a section of their own, stand at the end of the last one.
            names |= {_MESSAGE} if any(one.files for one in sections) else {_MESSAGE, _FILES}
        wrong = sum(1 for name in problems if name in names)
        seen = sum(1 for name in shown if name in names)
        done = _files_words(files) if section.files else _tr("Complete")
        steps.append(_step(f"{_SECTION}{number}", section.title, wrong, seen, done))
    state = StepState.AHEAD if problems else StepState.DONE
    return [*steps, Step(SUBMIT, _tr("Review and submit"), "", state)]


def section_of(key: str) -> int | None:
    """Return the number of the section a step stands for, None for the last step."""
    return None if key == SUBMIT else int(key.removeprefix(_SECTION))


def _step(key: str, title: str, wrong: int, seen: int, done: str) -> Step:
    if not wrong:
        return Step(key, title, done, StepState.DONE)
    if seen:
        note = _tr("1 field to fix") if seen == 1 else _tr("{n} fields to fix").format(n=seen)
        return Step(key, title, note, StepState.CURRENT, Tone.BAD)
    note = _tr("1 field to fill in") if wrong == 1 else _tr("{n} fields to fill in").format(n=wrong)
    return Step(key, title, note, StepState.AHEAD)


def _files_words(count: int) -> str:
    return _tr("1 file") if count == 1 else _tr("{n} files").format(n=count)


def _tr(words: str) -> str:
    return QCoreApplication.translate("RegisterPage", words)
