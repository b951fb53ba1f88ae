"""What is wrong with a manifest, as the checks of one tell it: the place, the cause, and the remedy. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong. `where`: the path in the manifest, such as `entities.lead.form.sections.Need`.

    `serious`: it keeps a gateway from starting, since a form, a list or a command would not do what it says.
    """

    where: str
    cause: str
    remedy: str
    serious: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {self.cause} {self.remedy}".strip()


def twice(where: str, names: Iterable[str]) -> Iterator[Flaw]:
    """Flaws for names that are there more than once."""
    for name, many in Counter(names).items():
        if many > 1:
            yield Flaw(f"{where}.{name}", "It is there twice.", "Give one of them another name.")


def known(where: str, what: str, names: Iterable[str], there: Collection[str]) -> Iterator[Flaw]:
    """Flaws for names that are not among those that are there."""
    for name in names:
        if name in there:
            continue
        if not name:
            yield Flaw(where, f"No {what} is named.", choice_of(there))
        else:
            yield Flaw(where, f"There is no {what} {name}.", meant(name, there))


def meant(name: str, there: Collection[str]) -> str:
    """Return what may be meant by a name that is none, or what there is."""
    near = get_close_matches(name, there, 1)
    return f"Did you mean {near[0]}?" if near else choice_of(there)


def choice_of(there: Collection[str]) -> str:
    """Return what there is to choose from, in a sentence."""
    return f"There are: {', '.join(there) or 'none'}."
