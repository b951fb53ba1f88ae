"""The bundled face and its text roles.

Usage: ``fonts = Fonts(load_family(asset_path("fonts")))`` then ``fonts.font(Role.NAME)``. A QApplication must exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from PySide6.QtGui import QFont, QFontDatabase

_SUFFIXES = frozenset({".otf", ".ttf", ".ttc"})


class Role(StrEnum):
    """What a text is for; decides size, line height and weight."""

    KIOSK = "kiosk"
    KIOSK_CODE = "kiosk_code"
    KIOSK_STEP = "kiosk_step"
    KIOSK_NAME = "kiosk_name"
    KIOSK_BODY = "kiosk_body"
    KIOSK_BODY_STRONG = "kiosk_body_strong"
    KIOSK_LABEL = "kiosk_label"
    HEADING = "heading"
    FIGURE = "figure"
    PAGE_TITLE = "page_title"
    SECTION = "section"
    LEAD = "lead"
    BODY = "body"
    NAME = "name"
    STRONG = "strong"
    SECONDARY = "secondary"
    LABEL = "label"
    LABEL_STRONG = "label_strong"
    CAPTION = "caption"
    CAPTION_MEDIUM = "caption_medium"
    TABLE_HEAD = "table_head"


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """Pixel size, line height in pixels, weight 100 to 900 and letter spacing as a share of the size."""

    size: int
    line: int
    weight: int
    spacing: float = 0.0


TYPE_SCALE: Mapping[Role, TypeSpec] = MappingProxyType(
    {
        Role.KIOSK: TypeSpec(40, 48, 600, -0.02),
        Role.KIOSK_CODE: TypeSpec(36, 44, 600),
        Role.KIOSK_STEP: TypeSpec(18, 24, 500, -0.005),
        Role.KIOSK_NAME: TypeSpec(18, 24, 600, -0.01),
        Role.KIOSK_BODY: TypeSpec(15, 22, 400),
        Role.KIOSK_BODY_STRONG: TypeSpec(15, 22, 500),
        Role.KIOSK_LABEL: TypeSpec(17, 24, 500),
        Role.HEADING: TypeSpec(24, 32, 600, -0.015),
        Role.FIGURE: TypeSpec(22, 28, 600),
        Role.PAGE_TITLE: TypeSpec(20, 28, 600, -0.01),
        Role.SECTION: TypeSpec(15, 20, 600, -0.01),
        Role.LEAD: TypeSpec(14, 20, 400),
        Role.BODY: TypeSpec(13, 20, 400),
        Role.NAME: TypeSpec(13, 20, 500),
        Role.STRONG: TypeSpec(13, 20, 600),
        Role.SECONDARY: TypeSpec(12, 16, 400),
        Role.LABEL: TypeSpec(12, 16, 500),
        Role.LABEL_STRONG: TypeSpec(12, 16, 600),
        Role.CAPTION: TypeSpec(11, 16, 400),
        Role.CAPTION_MEDIUM: TypeSpec(11, 16, 500),
        Role.TABLE_HEAD: TypeSpec(11, 16, 600),
    }
)


class FontMissing(RuntimeError):
    """No usable font file was bundled; without one every text would be boxes."""


def load_family(folder: Path) -> str:
    """Register every font file of the folder and return the family name. Raises FontMissing."""
    families: list[str] = []
    for path in sorted(folder.glob("**/*")):
        if path.suffix.lower() not in _SUFFIXES:
            continue
        font_id = QFontDatabase.addApplicationFont(str(path))
        if font_id >= 0:
            families.extend(QFontDatabase.applicationFontFamilies(font_id))
    if not families:
        raise FontMissing(f"no font could be loaded from {folder.name}")
    # Static cuts also answer to style-specific families ("Inter Medium"); the shortest name is the whole family.
    return min(families, key=len)


class Fonts:
    """Ready fonts by role, with tabular figures, made once per family."""

    def __init__(self, family: str) -> None:
        self._family = family
        self._fonts = {role: self._make(spec) for role, spec in TYPE_SCALE.items()}

    @property
    def family(self) -> str:
        return self._family

    def font(self, role: Role) -> QFont:
        """A copy, so that a caller may strike or underline it."""
        return QFont(self._fonts[role])

    def line(self, role: Role) -> int:
        """The line height of the role in pixels."""
        return TYPE_SCALE[role].line

    def _make(self, spec: TypeSpec) -> QFont:
        font = QFont(self._family)
        font.setPixelSize(spec.size)
        font.setWeight(QFont.Weight(spec.weight))
        # Hinting would snap advances to whole pixels and give other widths on each system.
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setFeature(QFont.Tag("tnum"), 1)
        if spec.spacing:
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spec.size * spec.spacing)
        return font
