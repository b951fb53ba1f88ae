"""Every colour and measure of the look, in one place; palette, style sheet and painting are filled from here.

Usage: ``LIGHT.accent``, ``LIGHT.tone(Tone.WARN)``, ``with_brand(DARK, "#C00000")``.
Colours are ``#RRGGBB`` (``scrim`` is ``#AARRGGBB``); measures are device-independent pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from app.views.theme.contrast import READABLE, VERY_READABLE, as_bright_as, contrast, mix, readable


class Scheme(StrEnum):
    """What is on the screen now."""

    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high_contrast"
    HIGH_CONTRAST_DARK = "high_contrast_dark"

    @property
    def high_contrast(self) -> bool:
        """Whether words stand out as far as they can, and every edge is seen."""
        return self in (Scheme.HIGH_CONTRAST, Scheme.HIGH_CONTRAST_DARK)

    @property
    def dark(self) -> bool:
        """Whether the ground is dark."""
        return self in (Scheme.DARK, Scheme.HIGH_CONTRAST_DARK)


class Tone(StrEnum):
    """What a colour means; widgets and delegates speak of tones, never of colours."""

    TEXT = "text"
    TEXT2 = "text2"
    TEXT3 = "text3"
    ACCENT = "accent"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    CLASH = "clash"
    NEUTRAL = "neutral"
    ON_FILL = "on_fill"
    ON_TOAST = "on_toast"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, under the names of the design."""

    scheme: Scheme
    bg: str
    surface: str
    raised: str
    sunken: str
    fill: str
    """Neutral pills and the track of bars: in the dark, sunken itself would vanish on the surface."""
    hover: str
    line: str
    line2: str
    field: str
    text: str
    text2: str
    text3: str
    accent: str
    accent_fill: str
    on_fill: str
    accent_soft: str
    accent_line: str
    ok: str
    ok_soft: str
    warn: str
    warn_soft: str
    warn_line: str
    bad: str
    bad_soft: str
    bad_line: str
    clash: str
    clash_soft: str
    clash_line: str
    stages: tuple[str, str, str, str, str]
    scrim: str
    toast: str
    on_toast: str

    def tone(self, tone: Tone) -> str:
        """The colour of words, icons and shapes in this tone."""
        match tone:
            case Tone.TEXT:
                return self.text
            case Tone.TEXT2 | Tone.NEUTRAL:
                return self.text2
            case Tone.TEXT3:
                return self.text3
            case Tone.ACCENT:
                return self.accent
            case Tone.OK:
                return self.ok
            case Tone.WARN:
                return self.warn
            case Tone.BAD:
                return self.bad
            case Tone.CLASH:
                return self.clash
            case Tone.ON_FILL:
                return self.on_fill
            case Tone.ON_TOAST:
                return self.on_toast
            case _:
                assert_never(tone)

    def soft(self, tone: Tone) -> str:
        """The ground that goes under words of this tone in pills, tiles and banners."""
        match tone:
            case Tone.ACCENT:
                return self.accent_soft
            case Tone.OK:
                return self.ok_soft
            case Tone.WARN:
                return self.warn_soft
            case Tone.BAD:
                return self.bad_soft
            case Tone.CLASH:
                return self.clash_soft
            case Tone.TEXT | Tone.TEXT2 | Tone.TEXT3 | Tone.NEUTRAL | Tone.ON_FILL | Tone.ON_TOAST:
                return self.fill
            case _:
                assert_never(tone)

    def edge(self, tone: Tone) -> str:
        """The border of a soft ground of this tone."""
        match tone:
            case Tone.ACCENT:
                return self.accent_line
            case Tone.WARN:
                return self.warn_line
            case Tone.BAD:
                return self.bad_line
            case Tone.CLASH:
                return self.clash_line
            case Tone.OK | Tone.TEXT | Tone.TEXT2 | Tone.TEXT3 | Tone.NEUTRAL | Tone.ON_FILL | Tone.ON_TOAST:
                return self.line
            case _:
                assert_never(tone)


LIGHT = Tokens(
    scheme=Scheme.LIGHT,
    bg="#F4F5F7",
    surface="#FFFFFF",
    raised="#FAFAFB",
    sunken="#ECEEF1",
    fill="#ECEEF1",
    hover="#F4F5F8",
    line="#E2E4E9",
    line2="#C9CDD6",
    field="#8A92A1",
    text="#14171D",
    text2="#454C5A",
    text3="#626A79",
    accent="#2952C4",
    accent_fill="#2952C4",
    on_fill="#FFFFFF",
    accent_soft="#E9EFFD",
    accent_line="#B9C9F4",
    ok="#136B40",
    ok_soft="#E3F3EA",
    warn="#855000",
    warn_soft="#FCF0DA",
    warn_line="#EBCF98",
    bad="#B02318",
    bad_soft="#FBE9E7",
    bad_line="#EFB9B3",
    clash="#7236B0",
    clash_soft="#F2EAFB",
    clash_line="#D8C0EF",
    stages=("#C6D3F6", "#97AFEC", "#6686DD", "#3F64CD", "#213F96"),
    scrim="#6114171D",
    toast="#14171D",
    on_toast="#FFFFFF",
)

DARK = Tokens(
    scheme=Scheme.DARK,
    bg="#121418",
    surface="#191C21",
    raised="#1E2127",
    sunken="#0E1013",
    fill="#2A2F38",
    hover="#20242A",
    line="#2B2F37",
    line2="#404652",
    field="#717988",
    text="#ECEEF2",
    text2="#BDC3CE",
    text3="#969EAD",
    accent="#8FAEFF",
    accent_fill="#3A63D6",
    on_fill="#FFFFFF",
    accent_soft="#1E2A48",
    accent_line="#3A5085",
    ok="#62CB93",
    ok_soft="#16301F",
    warn="#E8B565",
    warn_soft="#352813",
    warn_line="#5E4821",
    bad="#FF938A",
    bad_soft="#3D1D1B",
    bad_line="#6E332F",
    clash="#C9A1F4",
    clash_soft="#2E2140",
    clash_line="#533C73",
    stages=("#35477D", "#4059A6", "#5474CC", "#7E9CF0", "#B7C9FF"),
    scrim="#8C000000",
    toast="#ECEEF2",
    on_toast="#14171D",
)

#: Black on white; what is only decoration elsewhere (rules, borders of cards) is an edge one can see here.
HIGH_CONTRAST = Tokens(
    scheme=Scheme.HIGH_CONTRAST,
    bg="#FFFFFF",
    surface="#FFFFFF",
    raised="#FFFFFF",
    sunken="#F0F0F0",
    fill="#E8E8E8",
    hover="#E8E8E8",
    line="#767676",
    line2="#000000",
    field="#000000",
    text="#000000",
    text2="#000000",
    text3="#333333",
    accent="#0037A6",
    accent_fill="#0037A6",
    on_fill="#FFFFFF",
    accent_soft="#DCE6FF",
    accent_line="#0037A6",
    ok="#00451F",
    ok_soft="#E2F5E9",
    warn="#5A3500",
    warn_soft="#FFF1D6",
    warn_line="#5A3500",
    bad="#850C06",
    bad_soft="#FFE7E4",
    bad_line="#850C06",
    clash="#4E1C85",
    clash_soft="#F3E9FF",
    clash_line="#4E1C85",
    stages=("#9DB2F0", "#6F8BE0", "#4667CC", "#2446AD", "#0A2273"),
    scrim="#B3000000",
    toast="#000000",
    on_toast="#FFFFFF",
)

#: White on black.
HIGH_CONTRAST_DARK = Tokens(
    scheme=Scheme.HIGH_CONTRAST_DARK,
    bg="#000000",
    surface="#000000",
    raised="#000000",
    sunken="#141414",
    fill="#2B2B2B",
    hover="#242424",
    line="#8A8A8A",
    line2="#FFFFFF",
    field="#FFFFFF",
    text="#FFFFFF",
    text2="#FFFFFF",
    text3="#D9D9D9",
    accent="#A8C6FF",
    accent_fill="#A8C6FF",
    on_fill="#000000",
    accent_soft="#0A2350",
    accent_line="#A8C6FF",
    ok="#86F0B2",
    ok_soft="#06291A",
    warn="#FFD68A",
    warn_soft="#332300",
    warn_line="#FFD68A",
    bad="#FFB9B2",
    bad_soft="#3A0C08",
    bad_line="#FFB9B2",
    clash="#E2C8FF",
    clash_soft="#2A1147",
    clash_line="#E2C8FF",
    stages=("#3D58B0", "#5C7AD6", "#829DF0", "#A9BEFA", "#D3DEFF"),
    scrim="#CC000000",
    toast="#FFFFFF",
    on_toast="#000000",
)


#: How much of a brand's accent lies in the ground of what is selected, at most, and in the edge around it.
_GROUND, _EDGE = 0.12, 0.35
#: The hue that the steps of the pipeline are designed in.
_HOUSE = LIGHT.accent


def tokens_of(scheme: Scheme) -> Tokens:
    """The plain tokens of a scheme, without a brand."""
    match scheme:
        case Scheme.LIGHT:
            return LIGHT
        case Scheme.DARK:
            return DARK
        case Scheme.HIGH_CONTRAST:
            return HIGH_CONTRAST
        case Scheme.HIGH_CONTRAST_DARK:
            return HIGH_CONTRAST_DARK
        case _:
            assert_never(scheme)


def with_brand(tokens: Tokens, colour: str) -> Tokens:
    """The tokens with a vendor's brand colour as accent; moved until it reads wherever the accent is written.

    The fill is mended on its own, because it carries white words instead of lying on a ground. What is selected lies
    on a tint of the same colour. Raises ValueError for anything but ``#RRGGBB``.
    """
    least = VERY_READABLE if tokens.scheme.high_contrast else READABLE
    accent = readable(colour, tokens.surface, least)
    soft = _soft(tokens, accent)
    for ground in (tokens.bg, tokens.raised, soft):
        accent = readable(accent, ground, least)
    return replace(
        tokens,
        accent=accent,
        accent_fill=readable(colour, tokens.on_fill, least),
        accent_soft=soft,
        accent_line=mix(tokens.surface, accent, _EDGE),
        stages=_stages(tokens, colour),
    )


def _stages(tokens: Tokens, colour: str) -> tuple[str, str, str, str, str]:
    """The steps of the pipeline in the brand's hue, each as bright as it is designed: so they are told apart."""
    if colour.upper() == _HOUSE:
        return tokens.stages
    first, second, third, fourth, fifth = (as_bright_as(colour, stage) for stage in tokens.stages)
    return first, second, third, fourth, fifth


def _soft(tokens: Tokens, accent: str) -> str:
    """The ground of what is selected: as much of the accent as lets the faintest words on it be read."""
    share = _GROUND
    while share > 0 and contrast(tokens.text3, mix(tokens.surface, accent, share)) < READABLE:
        share -= 0.01
    return mix(tokens.surface, accent, max(0.0, share))


class Space:
    """Distances between things."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 20
    XXL = 24
    PAGE = 24
    LIST = 16
    CARD = 16
    COLUMN = 24


class Radius:
    """Corner radii; a pill takes half its height."""

    KEY = 4
    CONTROL = 6
    CARD = 8
    DIALOG = 10


class Height:
    """Heights of what repeats."""

    TOP_BAR = 56
    BANNER = 44
    CHIP_BAR = 56
    CHIP_BAR_SMALL = 48
    TABLE_HEAD = 32
    ROW = 36
    ROW_TWO_LINES = 54
    ROW_PROGRESS = 52
    NAV_ROW = 32
    CONTROL = 32
    CONTROL_SMALL = 28
    PILL = 20
    ACTION_FOOTER = 56
    LIST_FOOTER = 44
    TOAST = 40


class Width:
    """Widths of what is fixed."""

    NAV = 208
    NAV_MOST = 264
    DETAIL_MIN = 328
    DETAIL_MAX = 360
    FORM_MAX = 840
    PALETTE = 640
    DIALOG = 480


class Kiosk:
    """A screen that is touched: what one presses at the entrance, and the least anybody can press anywhere."""

    TARGET = 64
    LEAST = 44
    CODE_TILE = (56, 72)
    SQUARE = 320
    QUIET = 28
    EDGE = 64
    BAR = 64
