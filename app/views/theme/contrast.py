"""Contrast by the WCAG formula, and the mending of a vendor's brand colour.

Usage: ``contrast("#2952C4", "#FFFFFF")`` gives a ratio from 1 to 21; colours are ``#RRGGBB``.
"""

from __future__ import annotations

import re

READABLE = 4.5
#: What high contrast keeps to.
VERY_READABLE = 7.0
BLACK, WHITE = "#000000", "#FFFFFF"
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_STEPS = 100


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255. Raises ValueError for anything but ``#RRGGBB``."""
    if not _HEX.fullmatch(colour):
        raise ValueError(f"not a colour of the form #RRGGBB: {colour!r}")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(value / 255) for value in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, in either order."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(colour: str, towards: str, share: float) -> str:
    """``colour`` moved by ``share`` (0 to 1) of the way towards another."""
    blended = (
        round(start + (end - start) * share)
        for start, end in zip(channels(colour), channels(towards), strict=True)
    )
    return "#" + "".join(f"{value:02X}" for value in blended)


def readable(colour: str, ground: str, minimum: float = READABLE) -> str:
    """``colour`` itself when it reads on ``ground``, else moved away from the ground until it does.

    On a light ground the colour is darkened, on a dark one lightened; its hue stays as long as it can.
    """
    away = BLACK if luminance(ground) > 0.18 else WHITE
    for step in range(_STEPS + 1):
        candidate = mix(colour, away, step / _STEPS)
        if contrast(candidate, ground) >= minimum:
            return candidate
    return away


def as_bright_as(colour: str, model: str) -> str:
    """``colour`` moved towards white or black until it is as bright as another one; its hue stays."""
    wanted = luminance(model)
    away = WHITE if wanted > luminance(colour) else BLACK
    steps = (mix(colour, away, step / _STEPS) for step in range(_STEPS + 1))
    return min(steps, key=lambda candidate: abs(luminance(candidate) - wanted))


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
