"""The look's own promises: contrast, brand, one family of figures, icons, switching at run time."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessibilityHints, QColor, QFontMetricsF, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QTextEdit
from pytestqt.qtbot import QtBot

from app.views.theme.assets import asset_path, resource_root
from app.views.theme.contrast import contrast, readable
from app.views.theme.fonts import TYPE_SCALE, FontMissing, Role, load_family
from app.views.theme.icons import IconMissing, Icons
from app.views.theme.marks import MARKS, Mark, mark_words
from app.views.theme.palette import palette_of
from app.views.theme.stylesheet import stylesheet_of
from app.views.theme.theme import SchemeChoice, Theme
from app.views.theme.tokens import (
    DARK,
    HIGH_CONTRAST,
    HIGH_CONTRAST_DARK,
    LIGHT,
    Scheme,
    Tokens,
    Tone,
    tokens_of,
    with_brand,
)
from app.views.widgets.base import Panel
from app.views.widgets.cards import Card

VIEWS = Path(resource_root()).parent / "app" / "views"
KIT = [path for folder in ("theme", "widgets", "delegates") for path in (VIEWS / folder).glob("*.py")]
NAMED_COLOURS = {"tokens.py", "contrast.py"}


@pytest.mark.parametrize(
    ("token", "ground", "light", "dark"),
    [
        ("text", "surface", 17.9, 14.7),
        ("text2", "surface", 8.6, 9.6),
        ("text3", "surface", 5.4, 6.3),
        ("text3", "accent_soft", 4.7, 5.3),
        ("accent", "surface", 6.8, 7.9),
        ("on_fill", "accent_fill", 6.8, 5.3),
        ("field", "surface", 3.1, 3.9),
        ("ok", "ok_soft", 5.7, 7.1),
        ("warn", "warn_soft", 5.9, 7.7),
        ("bad", "bad_soft", 5.8, 7.0),
        ("clash", "clash_soft", 6.2, 7.0),
    ],
)
def test_contrast_is_what_the_design_says(token: str, ground: str, light: float, dark: float) -> None:
    for tokens, ratio in ((LIGHT, light), (DARK, dark)):
        assert contrast(getattr(tokens, token), getattr(tokens, ground)) == pytest.approx(ratio, abs=0.06)


_WORDS = ("text", "text2", "text3", "accent", "ok", "warn", "bad", "clash")
_GROUNDS = ("surface", "raised", "bg")
_PAIRS = (
    *((word, ground) for word in _WORDS for ground in _GROUNDS),
    *((word, ground) for word in ("text", "text2", "text3") for ground in ("hover", "accent_soft", "sunken")),
    *((word, f"{word}_soft") for word in ("accent", "ok", "warn", "bad", "clash")),
    *(("text", f"{word}_soft") for word in ("accent", "ok", "warn", "bad", "clash")),
    *(("text2", f"{word}_soft") for word in ("warn", "bad", "clash")),
    ("text2", "fill"),
    ("on_fill", "accent_fill"),
    ("on_toast", "toast"),
)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_all_words_can_be_read_in_every_scheme(scheme: Scheme) -> None:
    tokens, least = tokens_of(scheme), 7.0 if scheme.high_contrast else 4.5
    ratios = {pair: contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1])) for pair in _PAIRS}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least} == {}


@pytest.mark.parametrize("scheme", list(Scheme))
def test_what_one_types_into_has_an_edge_one_can_see(scheme: Scheme) -> None:
    tokens = tokens_of(scheme)
    edges = [("field", "surface"), ("accent", "surface"), ("bad", "surface"), ("warn", "surface")]
    if scheme.high_contrast:
        edges += [("line", "surface"), ("line2", "surface")]
    ratios = {pair: contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1])) for pair in edges}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 3.0} == {}


@pytest.mark.parametrize("kind", ["field", "bare"])
@pytest.mark.parametrize("make", [QLineEdit, QTextEdit])
def test_a_hint_in_a_field_can_be_read(
    make: type[QLineEdit | QTextEdit], kind: str, theme: Theme, qtbot: QtBot
) -> None:
    """A style sheet that names only the colour of text has Qt paint hints at half of it."""
    edit = make()
    qtbot.addWidget(edit)
    edit.setProperty("kind", kind)
    edit.show()
    hint = edit.palette().placeholderText().color()
    assert (hint.name().upper(), hint.alpha()) == (theme.tokens.text3, 255)


def test_stages_of_the_pipeline_are_told_apart_in_high_contrast() -> None:
    for tokens in (HIGH_CONTRAST, HIGH_CONTRAST_DARK):
        steps = [contrast(one, other) for one, other in pairwise(tokens.stages)]
        assert min(steps) >= 1.3


#: What vendors come with: pale, dark, neon, grey, and the accents of the portals that ship.
BRANDS = (
    *("#FFD400", "#F0F0F0", "#FFFFFF", "#9EC1FF"),
    *("#101010", "#000000", "#2B0B3A"),
    *("#00FF66", "#FF00FF", "#00FFFF", "#FF3300"),
    *("#808080", "#B0B0B0", "#C00000", "#00B37E"),
    *("#2952C4", "#0F766E", "#7A2E6E", "#2F6B2F"),
)


@pytest.mark.parametrize("tokens", list(map(tokens_of, Scheme)))
@pytest.mark.parametrize("brand", BRANDS)
def test_a_brand_reads_wherever_it_is_written_and_carries_white(tokens: Tokens, brand: str) -> None:
    branded = with_brand(tokens, brand)
    for ground in ("surface", "bg", "raised", "accent_soft"):
        assert contrast(branded.accent, getattr(branded, ground)) >= 4.5, ground
    for ink in ("text", "text2", "text3"):
        assert contrast(getattr(branded, ink), branded.accent_soft) >= 4.5, ink
    assert contrast(branded.on_fill, branded.accent_fill) >= 4.5
    changed = {
        field.name for field in fields(tokens) if getattr(branded, field.name) != getattr(tokens, field.name)
    }
    assert changed <= {"accent", "accent_fill", "accent_soft", "accent_line", "stages"}


def test_high_contrast_is_chosen_or_follows_the_system(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme = Theme(SchemeChoice.LIGHT)
    theme.choose(SchemeChoice.CONTRAST)
    assert theme.scheme is Scheme.HIGH_CONTRAST
    theme.choose(SchemeChoice.SYSTEM)
    plain = theme.scheme
    wanted = Qt.ContrastPreference.HighContrast
    monkeypatch.setattr(QAccessibilityHints, "contrastPreference", lambda _self: wanted)
    hints = QGuiApplication.styleHints()
    access = hints.accessibility()
    access.contrastPreferenceChanged.emit(wanted)
    assert (plain.high_contrast, theme.scheme.high_contrast) == (False, True)


def test_a_brand_that_reads_stays_itself() -> None:
    assert with_brand(LIGHT, "#A01818").accent == "#A01818"
    assert readable("#FFD400", "#FFFFFF") != "#FFD400"


@pytest.mark.parametrize("wrong", ["red", "#FFF", "#12345G", "", "rgb(1,2,3)"])
def test_a_brand_must_be_a_hex_colour(wrong: str) -> None:
    with pytest.raises(ValueError, match="#RRGGBB"):
        with_brand(LIGHT, wrong)


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_every_tone_has_words_a_ground_and_an_edge(tokens: Tokens) -> None:
    for tone in Tone:
        for colour in (tokens.tone(tone), tokens.soft(tone), tokens.edge(tone)):
            assert QColor(colour).isValid()


def test_colours_are_named_only_among_the_tokens() -> None:
    colour = re.compile(r"#[0-9A-Fa-f]{3,8}")
    found = [
        (path.name, node.value)
        for path in KIT
        if path.name not in NAMED_COLOURS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and colour.fullmatch(node.value)
    ]
    assert found == []


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_the_style_sheet_is_complete_and_stays_out_of_item_views(tokens: Tokens) -> None:
    sheet = stylesheet_of(tokens)
    assert "$" not in sheet
    assert not re.search(r"Q(Abstract)?(Item|Table|List|Tree)(View|Widget)", sheet)
    assert tokens.accent in sheet


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_the_palette_is_explicit(tokens: Tokens) -> None:
    palette = palette_of(tokens)
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, tokens.bg),
        (roles.Base, tokens.surface),
        (roles.AlternateBase, tokens.raised),
        (roles.Text, tokens.text),
        (roles.PlaceholderText, tokens.text3),
        (roles.Highlight, tokens.accent_soft),
        (roles.HighlightedText, tokens.text),
        (roles.Link, tokens.accent),
    ):
        assert palette.color(role) == QColor(colour)


def test_figures_are_tabular_and_hyphens_keep_their_width(theme: Theme) -> None:
    for role in Role:
        metrics = QFontMetricsF(theme.font(role))
        assert len({round(metrics.horizontalAdvance(digit), 3) for digit in "0123456789"}) == 1
        plain = theme.font(role)
        plain.clearFeatures()
        assert metrics.horizontalAdvance("Wi-Fi") == pytest.approx(
            QFontMetricsF(plain).horizontalAdvance("Wi-Fi")
        )


def test_the_bundled_face_is_used_in_the_sizes_of_the_scale(theme: Theme, qapp: QApplication) -> None:
    for role, spec in TYPE_SCALE.items():
        font = theme.font(role)
        assert (font.family(), font.pixelSize(), font.weight().value) == (
            "Counterpart Inter",
            spec.size,
            spec.weight,
        )
        assert spec.size >= 11
    assert qapp.font().family() == "Counterpart Inter"


def test_a_folder_without_fonts_is_a_clear_error(tmp_path: Path, qapp: QApplication) -> None:
    (tmp_path / "broken.ttf").write_text("not a font")
    with pytest.raises(FontMissing):
        load_family(tmp_path)


def test_a_font_may_be_changed_without_changing_the_theme(theme: Theme) -> None:
    theme.font(Role.BODY).setStrikeOut(True)
    assert not theme.font(Role.BODY).strikeOut()


def test_every_icon_that_the_kit_draws_is_bundled(theme: Theme) -> None:
    called = re.compile(
        r"(?:Icon\(theme|IconTile\(theme|IconButton\(\s*theme|IconButton\(theme|MarkLook\(|show_icon\()[,\s]*\"([a-z0-9-]+)\""
    )
    drawn = {name for path in KIT for name in called.findall(path.read_text("utf-8"))}
    drawn |= {look.icon for look in MARKS.values()}
    assert {"check", "trash", "alert-circle", "chevron-right"} <= drawn
    assert drawn <= theme.icons.names()


def test_icons_are_tinted_and_sharp(theme: Theme) -> None:
    icons = Icons(asset_path("icons"))
    double = icons.pixmap("home", "#B02318", 18, 2.0)
    assert double.size() == QSize(36, 36)
    assert double.deviceIndependentSize().toSize() == QSize(18, 18)
    image = double.toImage()
    inked = {
        image.pixelColor(x, y).name().upper()
        for x in range(36)
        for y in range(36)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert inked == {"#B02318"}
    assert icons.pixmap("home", "#B02318", 18, 2.0).cacheKey() == double.cacheKey()


def test_the_icon_store_is_bounded_and_says_what_is_missing(theme: Theme) -> None:
    icons = Icons(asset_path("icons"), capacity=3)
    for size in range(10, 20):
        assert not icons.pixmap("check", LIGHT.text, size).isNull()
    with pytest.raises(IconMissing):
        icons.pixmap("no-such-icon", LIGHT.text, 16)


def test_an_icon_from_a_newer_manifest_does_not_stop_the_painting(theme: Theme) -> None:
    assert not theme.pixmap("no-such-icon", Tone.TEXT, 16).isNull()
    assert not theme.icon("no-such-icon").isNull()


def test_each_mark_has_its_own_shape_word_and_tone() -> None:
    assert len({look.icon for look in MARKS.values()}) == len(Mark)
    assert len({mark_words(mark) for mark in Mark}) == len(Mark)
    assert MARKS[Mark.CONFLICT].tone is Tone.CLASH


def test_switching_reaches_application_and_widgets(theme: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    panel, card = Panel(theme, "surface"), Card(theme)
    for widget in (panel, card):
        qtbot.addWidget(widget)
        widget.resize(40, 40)
    assert panel.grab().toImage().pixelColor(20, 20) == QColor(LIGHT.surface)
    with qtbot.waitSignal(theme.changed):
        theme.choose(SchemeChoice.DARK)
    assert theme.scheme is Scheme.DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.bg)
    assert panel.grab().toImage().pixelColor(20, 20) == QColor(DARK.surface)
    assert card.grab().toImage().pixelColor(20, 20) == QColor(DARK.surface)
    with qtbot.assertNotEmitted(theme.changed):
        theme.choose(SchemeChoice.DARK)
    theme.choose(SchemeChoice.LIGHT)
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.bg)


def test_a_brand_at_run_time_and_back(theme: Theme, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.use_brand("#A01818")
    assert theme.tokens.accent == "#A01818"
    with pytest.raises(ValueError, match="#RRGGBB"):
        theme.use_brand("crimson")
    theme.use_brand(None)
    assert theme.tokens == LIGHT


def test_resources_are_found_in_a_frozen_app_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert asset_path("icons", "check.svg").is_file()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert asset_path("icons", "check.svg") == tmp_path / "resources" / "icons" / "check.svg"
