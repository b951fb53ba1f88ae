"""The client's words in other languages, kept by Qt Linguist's own tools.

`python -m tools.translations update` puts new source texts into resources/translations/*.ts, drops what nobody says any
more, and makes the .qm files that the client loads. `check` (part of `make lint`) fails when a text lacks its
translation, a named place or the number got lost in one, or a .qm is not its .ts. `missing` prints, as JSON, what is to
be translated yet; `fill FILE` takes that JSON back with the translations filled in.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from tools.project import ROOT, say, venv_program
from tools.source_words import Found, Phrase, read_source

TRANSLATIONS = ROOT / "resources" / "translations"

#: The languages besides English, which the source speaks.
LANGUAGES = ("de",)

_PLACE = re.compile(r"\{\w*\}|%n")


def ts_path(language: str, folder: Path = TRANSLATIONS) -> Path:
    """Return where the translations into a language stand."""
    return folder / f"counterpart_{language}.ts"


def update(folder: Path = TRANSLATIONS) -> int:
    """Bring every .ts up to date with the source and make its .qm; returns an exit code."""
    found = read_source(ROOT)
    for language in LANGUAGES:
        _merge(found, language, folder)
        _release(ts_path(language, folder), ts_path(language, folder).with_suffix(".qm"))
        left = sum(1 for message in _messages(ts_path(language, folder)) if _unfinished(message))
        say(f"{language}: {len(found.phrases)} texts, {left} to be translated")
    return 0


def check(folder: Path = TRANSLATIONS) -> int:
    """Say what is wrong with the translations; returns 0 when nothing is."""
    found = read_source(ROOT)
    wrong = [f"{trouble.where}: {trouble.why}" for trouble in found.troubles]
    for language in LANGUAGES:
        wrong += [f"{language}: {problem}" for problem in problems(found, language, folder)]
    for line in wrong:
        say(line)
    if wrong:
        say("Run `python -m tools.translations update`, and translate what `missing` lists.")
    return 1 if wrong else 0


def problems(found: Found, language: str, folder: Path = TRANSLATIONS) -> Iterator[str]:
    """Yield what is wrong with one language."""
    path = ts_path(language, folder)
    known: set[Phrase] = set()
    for context, message in _in_contexts(path):
        phrase = Phrase(context, message.findtext("source") or "", message.get("numerus") == "yes")
        known.add(phrase)
        if _unfinished(message):
            yield f"not translated: {phrase.context}: {phrase.text!r}"
            continue
        for said in _said(message):
            lost = set(_PLACE.findall(phrase.text)) ^ set(_PLACE.findall(said))
            # *one day* may do without the figure; another form may not.
            if lost - ({"%n"} if phrase.plural else set()):
                yield f"{', '.join(sorted(lost))} differ in {said!r}, from {phrase.text!r}"
    yield from (f"not in the file: {one.context}: {one.text!r}" for one in sorted(found.phrases - known))
    yield from (f"said nowhere: {one.context}: {one.text!r}" for one in sorted(known - found.phrases))
    if not _is_released(path):
        yield f"{path.with_suffix('.qm').name} is not made from {path.name}"


def missing(language: str, folder: Path = TRANSLATIONS) -> list[dict[str, object]]:
    """Return what has no translation yet: context, text, plural, and `say` to be filled in."""
    return [
        {
            "context": context,
            "text": message.findtext("source"),
            "plural": message.get("numerus") == "yes",
            "say": ["", ""] if message.get("numerus") == "yes" else "",
        }
        for context, message in _in_contexts(ts_path(language, folder))
        if _unfinished(message)
    ]


def fill(language: str, said: Sequence[dict[str, object]], folder: Path = TRANSLATIONS) -> int:
    """Take translations in, as `missing` lists them; returns how many there were."""
    path = ts_path(language, folder)
    tree = ElementTree.parse(path)  # noqa: S314
    wanted = {(one["context"], one["text"]): one["say"] for one in said if one["say"]}
    count = 0
    for context in tree.getroot().iter("context"):
        for message in context.iter("message"):
            words = wanted.get((context.findtext("name"), message.findtext("source")))
            place = message.find("translation")
            if words is None or place is None:
                continue
            place.attrib.pop("type", None)
            forms = list(place.iter("numerusform"))
            if forms and isinstance(words, list):
                for form, word in zip(forms, words, strict=True):
                    form.text = word
            else:
                place.text = str(words)
            count += 1
    _write(tree.getroot(), path)
    return count


def _merge(found: Found, language: str, folder: Path) -> None:
    """Have lupdate merge the source's words, written as one small module, into the .ts."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "words.py"
        lines = [
            f"QCoreApplication.translate({_quoted(one.context)}, {_quoted(one.text)}"
            + (", None, 1)" if one.plural else ")")
            for one in sorted(found.phrases)
        ]
        source.write_text("\n".join(["from PySide6.QtCore import QCoreApplication", *lines, ""]), "utf-8")
        path = ts_path(language, folder)
        _run("lupdate", "-silent", "-no-obsolete", "-locations", "none", "-source-language", "en",
             "-target-language", language, source, "-ts", path)  # fmt: skip
    _write(ElementTree.parse(path).getroot(), path)  # noqa: S314


def _write(root: ElementTree.Element, path: Path) -> None:
    """Write a .ts in one form, whoever touched it: contexts and texts in order, so that merges stay small."""
    contexts = sorted(root.findall("context"), key=lambda one: one.findtext("name") or "")
    for context in contexts:
        root.remove(context)
        messages = sorted(context.findall("message"), key=lambda one: one.findtext("source") or "")
        for message in messages:
            context.remove(message)
        context.extend(messages)
    root.extend(contexts)
    ElementTree.indent(root, "    ")
    body = ElementTree.tostring(root, "unicode", short_empty_elements=False)
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', "utf-8")


def _is_released(path: Path) -> bool:
    """Whether the .qm beside a .ts is what lrelease makes of it."""
    made = path.with_suffix(".qm")
    with tempfile.TemporaryDirectory() as place:
        fresh = Path(place) / made.name
        _release(path, fresh)
        return made.is_file() and made.read_bytes() == fresh.read_bytes()


def _release(source: Path, target: Path) -> None:
    _run("lrelease", "-silent", source, "-qm", target)


def _run(tool: str, *arguments: str | Path) -> None:
    program = venv_program(f"pyside6-{tool}")
    subprocess.run([str(program), *(str(one) for one in arguments)], check=True)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _messages(path: Path) -> Iterator[ElementTree.Element]:
    for _, message in _in_contexts(path):
        yield message


def _in_contexts(path: Path) -> Iterator[tuple[str, ElementTree.Element]]:
    if not path.is_file():
        return
    for context in ElementTree.parse(path).getroot().iter("context"):  # noqa: S314
        for message in context.iter("message"):
            yield context.findtext("name") or "", message


def _unfinished(message: ElementTree.Element) -> bool:
    place = message.find("translation")
    return place is None or place.get("type") == "unfinished" or not all(_said(message))


def _said(message: ElementTree.Element) -> list[str]:
    place = message.find("translation")
    if place is None:
        return [""]
    forms = [form.text or "" for form in place.iter("numerusform")]
    return forms or [place.text or ""]


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; returns an exit code."""
    match list(arguments):
        case ["update"]:
            return update()
        case ["check"]:
            return check()
        case ["missing"]:
            update()
            say(json.dumps(missing(LANGUAGES[0]), ensure_ascii=False, indent=1))
            return 0
        case ["fill", file]:
            count = fill(LANGUAGES[0], json.loads(Path(file).read_text("utf-8")))
            say(f"{count} taken in")
            return update()
        case _:
            say(__doc__ or "")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
