"""Room for words: the navigation, titles, the sheet of keys; and the hue of a brand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.contract.manifest import Brand
from app.views.shell.keys import Bound
from app.views.shell.sheet import balanced
from app.views.theme.contrast import luminance
from app.views.theme.theme import Theme
from app.views.theme.tokens import DARK, HIGH_CONTRAST, LIGHT, Tokens, Width, with_brand
from app.views.widgets.cards import SectionHeader
from app.views.widgets.nav import NavItem, NavList, NavRow
from app.views.widgets.topbar import TopBar
from tests.views.pseudo import pseudo
from tests.views.stage import settle


@pytest.fixture
def nav(theme: Theme, qtbot: QtBot) -> Iterator[NavList]:
    made = NavList(theme, "Halden Systems", "Brightwater IT Ltd")
    qtbot.addWidget(made)
    made.resize(made.width(), 700)
    made.show()
    yield made
    settle()


def row(nav: NavList, key: str) -> NavRow:
    return nav._rows[key]


def test_the_navigation_is_as_wide_as_designed_while_its_words_are_short(nav: NavList) -> None:
    nav.set_places([NavItem("home", "Home", "home"), NavItem("deals", "Deals", "briefcase", "23")])
    assert nav.width() == Width.NAV


def test_it_widens_for_longer_words_and_says_in_a_tip_what_is_still_cut(nav: NavList, qtbot: QtBot) -> None:
    nav.set_places(
        [
            NavItem("co", "Gemeinsamer Verkauf", "users", "5"),
            NavItem("cpd", "Continuing education", "school", "12"),
        ]
    )
    assert Width.NAV < nav.width() <= Width.NAV_MOST
    qtbot.waitUntil(lambda: row(nav, "cpd").width() >= row(nav, "cpd").needs)
    assert [row(nav, key).toolTip() for key in ("co", "cpd")] == ["", ""]
    long = "Qualitätssicherungsmaßnahmen und Nachweise"
    nav.set_places([NavItem("co", long, "users", "5")])
    assert nav.width() == Width.NAV_MOST
    qtbot.waitUntil(lambda: row(nav, "co").toolTip() == long)


def test_words_a_third_longer_have_room(nav: NavList, qtbot: QtBot) -> None:
    words = ["Requests", "Documents", "Continuing education", "Sync centre", "Your company"]
    nav.set_places([NavItem(word, pseudo(word), "home", "23") for word in words])
    qtbot.waitUntil(lambda: row(nav, words[0]).width() > Width.NAV - 20)
    cut = [word for word in words if row(nav, word).needs > row(nav, word).width()]
    assert all(row(nav, word).toolTip() for word in cut)
    assert cut in ([], ["Continuing education"])


def test_it_does_not_draw_back_when_a_count_goes(nav: NavList) -> None:
    nav.set_places([NavItem("co", "Gemeinsamer Verkauf", "users")])
    before = nav.width()
    nav.set_count("co", "12.345")
    wide = nav.width()
    nav.set_count("co", "")
    assert before < wide == nav.width()


def test_a_long_name_of_a_vendor_widens_it_too(nav: NavList) -> None:
    nav.set_vendor(Brand(vendor="Thornbury Institute of Surveyors", initial="T"), "Brightwater IT Ltd")
    assert nav.width() > Width.NAV
    nav.set_vendor(Brand(vendor="Thornbury Institute " * 4, initial="T"), "Brightwater IT Ltd")
    assert nav.width() == Width.NAV_MOST
    assert nav.head.toolTip().startswith("Thornbury Institute Thornbury")


def test_a_title_wraps_before_it_is_cut(theme: Theme, qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    header = SectionHeader(theme, "Geändert seit Donnerstag 17:36", link="Als gesehen markieren")
    layout = QVBoxLayout(holder)
    layout.addWidget(header)
    layout.addStretch(1)
    holder.resize(800, 300)
    holder.show()
    one_line = header.height()
    assert header._title.width() >= header._title.natural_width
    holder.resize(336, 300)
    qtbot.waitUntil(lambda: header.height() > one_line)
    assert header._title.heightForWidth(header._title.width()) <= header._title.height()
    assert header._title.geometry().right() < header.link.geometry().left()  # type: ignore[union-attr]
    holder.resize(800, 300)
    qtbot.waitUntil(lambda: header.height() == one_line)


def test_a_page_says_its_title_before_its_day(theme: Theme, qtbot: QtBot) -> None:
    bar = TopBar(theme)
    qtbot.addWidget(bar)
    bar.set_title("Good morning, Maya", "Monday 23 November")
    bar.resize(900, 56)
    bar.show()
    qtbot.waitUntil(bar._subtitle.isVisible)
    bar.resize(420, 56)
    qtbot.waitUntil(lambda: not bar._subtitle.isVisible())
    qtbot.waitUntil(lambda: bar._title.width() >= bar._title.natural_width)


def keys(count: int) -> list[Bound]:
    return [Bound(f"Ctrl+{n}", f"Key {n}", lambda: None, None) for n in range(count)]


@pytest.mark.parametrize(
    ("parts", "columns"),
    [
        ((20, 4), [13, 13]),
        ((3, 20), [13, 13]),
        ((10, 10), [11, 11]),
        ((20,), [11, 11]),
        ((1,), [2]),
        ((2, 1), [3, 2]),
    ],
)
def test_keys_stand_in_even_columns(parts: tuple[int, ...], columns: list[int]) -> None:
    given = [(f"Part {number}", keys(count)) for number, count in enumerate(parts)]
    made = balanced(given)
    lengths = [sum(1 + len(entries) for _title, entries in column) for column in made]
    assert len(lengths) == len(columns)
    assert max(lengths) - min(lengths) <= 2
    assert [one.words for column in made for _title, entries in column for one in entries] == [
        one.words for _title, entries in given for one in entries
    ]


@pytest.mark.parametrize("tokens", [LIGHT, DARK, HIGH_CONTRAST], ids=lambda tokens: str(tokens.scheme))
def test_the_steps_of_the_pipeline_take_the_brands_hue_and_keep_their_brightness(tokens: Tokens) -> None:
    branded = with_brand(tokens, "#0F766E").stages
    assert not set(branded) & set(tokens.stages)
    for mine, designed in zip(branded, tokens.stages, strict=True):
        assert luminance(mine) == pytest.approx(luminance(designed), abs=0.03)
    assert with_brand(tokens, LIGHT.accent).stages == tokens.stages
