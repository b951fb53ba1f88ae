"""Every page in a language nobody speaks: what was never given to a translator, what is cut, and who is not heard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import pytest
from babel import Locale
from PySide6.QtCore import QLocale
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.services.views_model import RecordView
from app.services.words import Words
from app.views.main_window import MainWindow
from app.views.theme.assets import asset_path
from app.views.theme.theme import SchemeChoice, Theme
from tests.services.conftest import partner_manifest
from tests.views import sample
from tests.views.everywhere import Written, cut_labels, furnish, overlays, places, popups, written
from tests.views.listening import mute
from tests.views.pseudo import PseudoTranslator, pseudo, pseudo_manifest, unsaid
from tests.views.stage import Stage, open_stage, settle

#: Names that are the same in every language, and marks.
_NAMES = """
    Counterpart English Deutsch Qt SHA KB MB GB PDF Ctrl Esc Enter Shift Alt am pm min Space Return Backspace Del
    GBP EUR USD MO sha256 Arrowmesh Netstone Boltline
"""


@dataclass
class Walk:
    """What was found on each page."""

    unspoken: dict[str, list[str]] = field(default_factory=dict)
    cut: dict[str, list[str]] = field(default_factory=dict)
    mute: dict[str, list[str]] = field(default_factory=dict)

    def look_at(self, name: str, shown: QWidget, known: frozenset[str]) -> None:
        """Note what is wrong with a window as it stands."""
        self.unspoken[name] = _unspoken(written(shown), known)
        self.cut[name] = cut_labels(shown)
        self.mute[name] = mute(shown)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> Walk:
    """Go everywhere once, at 1280 by 800."""
    QLocale.setDefault(QLocale("en_GB"))
    translator = PseudoTranslator()
    qapp.installTranslator(translator)
    theme = Theme(SchemeChoice.LIGHT)
    theme.apply(qapp)
    portal = pseudo_manifest(sample.client_manifest())
    stage = open_stage(tmp_path_factory.mktemp("walk"), theme, words=Words("en_GB", pseudo), manifest=portal)
    furnish(stage.world)
    window = MainWindow(stage.portal, stage.bridge, theme)
    window.resize(1280, 800)
    window.show()
    found = _walked(stage, window)
    window.close()
    window.deleteLater()
    settle()
    stage.close()
    qapp.removeTranslator(translator)
    return found


def _walked(stage: Stage, window: MainWindow) -> Walk:
    found, known = Walk(), _known(stage)
    for place in places(stage):
        window.go(place)
        QTest.qWait(30)
        found.look_at(place.page + place.entity, window, known)
    for name, over in chain(popups(stage, window), overlays(stage, window)):
        QTest.qWait(30)
        found.look_at(name, over, known)
    return found


def test_all_that_is_written_was_given_to_a_translator(walk: Walk) -> None:
    assert _with_faults(walk.unspoken) == {}


def test_words_a_third_longer_are_not_cut(walk: Walk) -> None:
    assert _with_faults(walk.cut) == {}


def test_all_one_can_reach_has_a_name_and_a_role(walk: Walk) -> None:
    assert _with_faults(walk.mute) == {}


def _with_faults(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: faults for name, faults in found.items() if faults}


def _known(stage: Stage) -> frozenset[str]:
    """Words of the records, of the user, and of the calendar: data, whatever the language."""
    records = [json.dumps(record.data, ensure_ascii=False) for record in _records(stage)]
    records += [
        f"{one.theirs_by} {one.theirs_via} {one.mine_device}" for one in stage.portal.conflicts.list()
    ]
    locale = Locale.parse("en_GB")
    calendar = [
        name
        for names in (locale.months["format"], locale.days["format"])
        for width in ("abbreviated", "wide", "narrow")
        for name in names[width].values()
    ]
    me, brand = stage.portal.me.model_dump_json(), partner_manifest().brand.vendor
    countries = locale.territories.values()
    # The help is written anew in each language, and not translated sentence by sentence.
    help_texts = [path.read_text("utf-8") for path in asset_path("help", "en").glob("*.md")]
    return frozenset(_tokens(" ".join((*records, *calendar, *help_texts, me, brand, *countries, _NAMES))))


def _records(stage: Stage) -> Iterator[RecordView]:
    for entity in stage.portal.manifest.entities:
        yield from stage.portal.records.rows(list(stage.world.store.projection.ids(entity.name)))


def _tokens(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())


def _unspoken(seen: list[Written], known: frozenset[str]) -> list[str]:
    """Texts with a word that was never given to a translator; single letters are marks and keys."""
    return [
        one.text
        for one in seen
        if any(len(token) > 1 and token not in known for token in _tokens(unsaid(one.text)))
    ]
