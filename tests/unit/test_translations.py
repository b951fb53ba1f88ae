"""The words in other languages are complete, and the reading of the source finds what it says."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tools.source_words import Phrase, read_source
from tools.translations import LANGUAGES, problems

ROOT = Path(__file__).parents[2]

_ERRORS = """
class CounterpartError(Exception):
    default_cause = "Something went wrong."

class Refused(CounterpartError):
    pass
"""


def _source(root: Path, **modules: str) -> Path:
    for name, text in {"contract/errors": _ERRORS, **modules}.items():
        path = root / "app" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), "utf-8")
    return root


def test_nothing_is_missing() -> None:
    found = read_source(ROOT)
    assert [f"{one.where}: {one.why}" for one in found.troubles] == []
    assert {language: [*problems(found, language)] for language in LANGUAGES} == {"de": []}


@pytest.mark.parametrize(
    ("where", "line", "phrase"),
    [
        ("views__page", 'class Page:\n    def f(self): return self.tr("Keep")', Phrase("Page", "Keep")),
        ("views__page", 'translate("Places", "Home")', Phrase("Places", "Home")),
        ("views__page", 'def _w(t): return QCoreApplication.translate("P", t)\n_w("Here" if x else "Gone")',
         Phrase("P", "Gone")),
        ("views__page", 'self._portal.formats.tr.plural(n, "%n change", "%n changes")',
         Phrase("Services", "%n changes", plural=True)),
        ("services__home", 'self._context.tr("Good morning")', Phrase("Services", "Good morning")),
        ("services__home", 'class Formats:\n    def f(self): return self.tr("Today")', Phrase("Services", "Today")),
        ("contract__rules", 'said("Too low. At least {least}.", least=1)',
         Phrase("Services", "Too low. At least {least}.")),
        ("contract__rules", 'counted(2, "%n more", "%n more of them")',
         Phrase("Services", "%n more of them", plural=True)),
        ("sync__wire", 'raise Refused("No answer.", next_step="Ask "\n "again.")', Phrase("Services", "Ask again.")),
        ("sync__wire", "pass", Phrase("Services", "Something went wrong.")),
    ],
)  # fmt: skip
def test_what_is_said_is_found(tmp_path: Path, where: str, line: str, phrase: Phrase) -> None:
    assert phrase in read_source(_source(tmp_path, **{where: line})).phrases


@pytest.mark.parametrize(
    "line",
    [
        'self.tr(f"{n} files")',
        'raise Refused(f"{n} files.")',
        'said(f"{n} files")',
        'tr = self.tr; tr("Keep")',
    ],
)
def test_what_cannot_be_translated_is_told(tmp_path: Path, line: str) -> None:
    (trouble,) = read_source(_source(tmp_path, views__page=f"class Page:\n    def f(self): {line}")).troubles
    assert trouble.where == "app/views/page.py:2"


def test_a_translation_that_lost_a_place_or_its_source_is_told(tmp_path: Path) -> None:
    found = read_source(_source(tmp_path, services__home='tr("{who} answered")\ntr("Here")'))
    (tmp_path / "counterpart_de.ts").write_text(
        """<?xml version="1.0" encoding="utf-8"?>
        <!DOCTYPE TS>
        <TS version="2.1" language="de"><context><name>Services</name>
        <message><source>{who} answered</source><translation>{wer} hat geantwortet</translation></message>
        <message><source>Gone</source><translation>Weg</translation></message>
        <message><source>Here</source><translation type="unfinished"></translation></message>
        </context></TS>""",
        "utf-8",
    )
    told = [*problems(found, "de", tmp_path)]
    assert told[0].startswith("{wer}, {who} differ")
    assert told[1:] == [
        "not translated: Services: 'Here'",
        "not in the file: Services: 'Something went wrong.'",
        "said nowhere: Services: 'Gone'",
        "counterpart_de.qm is not made from counterpart_de.ts",
    ]
