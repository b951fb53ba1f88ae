"""One examination with everything that is made of it: findings, their words to copy, the files for support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.diagnostics.contents import Item, contents
from app.services.doctor.computer import RealComputer
from app.services.doctor.examination import NO_WINDOW, Examination, Standing, Tell
from app.services.doctor.finding import Finding
from app.services.doctor.report import as_lines
from app.services.surroundings import Surroundings
from app.services.words import Words
from app.session.installation import read_installation


@dataclass(frozen=True)
class Examined:
    """`findings` in order, `items` for the archive, `text` to copy in the reader's language."""

    findings: Sequence[Finding] = ()
    items: Sequence[Item] = ()
    text: str = ""


def examined(
    surroundings: Surroundings, tell: Tell, standing: Standing = NO_WINDOW, gateways: Sequence[str] = ()
) -> Examined:
    """Examine this computer; takes seconds, so that a thread of its own runs it. `tell` is called on that thread."""
    computer, installation = RealComputer(), read_installation()
    examination = Examination(
        surroundings, gateways=gateways, standing=standing, computer=computer, installation=installation
    )
    findings = examination.run(tell)
    items = contents(
        surroundings, findings, examination.accounts, examination.insides, computer, installation
    )
    words = surroundings.words or Words(surroundings.locale)
    return Examined(findings, items, "\n".join(as_lines(findings, words, surroundings.log.redactor)))
