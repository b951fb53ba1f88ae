"""THIRD-PARTY.txt: who made what the program is made of, under which licence, with each licence's text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evidence.components import Component, Incomplete
from evidence.natives import LICENCES, Native

_RULE = "=" * 100

_HEAD = """Counterpart is made of the works below, each under a licence of its own; its own is Apache-2.0.
First the list, then the texts. A text that several have is printed once, where it first comes.
"""


def notices(packages: Iterable[Component], works: Iterable[Native]) -> str:
    """Return the whole file. Raises Incomplete for a work without a text."""
    entries = sorted(
        [*((one.pin.name, one.pin.version, one.licence, one.texts) for one in packages), *map(_work, works)],
        key=lambda entry: entry[0].lower(),
    )
    lines = [_HEAD, *(f"{name:32} {version:28} {licence}" for name, version, licence, _ in entries), ""]
    printed: dict[str, str] = {}
    for name, version, licence, found in entries:
        borrowed = found or _shared(name)
        if not borrowed:
            raise Incomplete(f"There is no text of the licence of {name} ({licence}).")
        lines += [_RULE, f"{name} {version}", f"Licence: {licence}", _RULE, ""]
        for file, text in borrowed:
            before = printed.setdefault(text, f"{name}, {file}")
            lines += [f"--- {file}", "" if before == f"{name}, {file}" else f"(the same as: {before})"]
            lines += [text, ""] if before == f"{name}, {file}" else [""]
    return "\n".join(lines)


#: Packages whose wheels carry no text, and the file of ours that has it.
_SHARED: Mapping[str, tuple[str, ...]] = {
    "PDFium": (),
    "pyside6-essentials": ("qt", "lgpl-3.0", "gpl-3.0"),
    "shiboken6": ("qt", "lgpl-3.0", "gpl-3.0"),
}


def _work(work: Native) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    found = _read(work.texts)
    if not found and work.within:
        found = ((f"see {work.within}", f"Its texts are among those of the package {work.within}."),)
    return work.name, work.version, work.licence, found


def _shared(name: str) -> tuple[tuple[str, str], ...]:
    return _read(_SHARED.get(name, ()))


def _read(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{name}.txt", (LICENCES / f"{name}.txt").read_text("utf-8").strip()) for name in names)
