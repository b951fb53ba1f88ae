"""What the spec file needs for the `.app`: the content of Info.plist, and the icon."""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

from app.contract.version import RELEASE  # noqa: E402  # the two folders above come first
from app.services.links import SCHEME  # noqa: E402
from app.services.receipts import RECEIPT_ENDING  # noqa: E402

#: Also the domain of managed preferences.
IDENTIFIER = "app.counterpart.desktop"
APP = "Counterpart.app"
RECEIPT_TYPE = "app.counterpart.receipt"
RECEIPT_MIME = "application/vnd.counterpart.receipt+json"

#: What the Qt that ships runs on; its wheel for macOS is made for this one.
OLDEST_MACOS = "13.0"

#: Kinds of pictures in an .icns file, by their edges in pixels; those of two kinds are for screens of two densities.
_KINDS = {
    32: ("ic11",),
    64: ("ic12",),
    128: ("ic07",),
    256: ("ic13", "ic08"),
    512: ("ic14", "ic09"),
    1024: ("ic10",),
}
#: Apple's tiles leave a tenth of the edge free on each side.
_MARGIN = 0.1


def info(release: str = RELEASE) -> dict[str, Any]:
    """Info.plist, as far as PyInstaller does not write it."""
    return {
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleName": "Counterpart",
        "CFBundleDisplayName": "Counterpart",
        "CFBundleShortVersionString": release,
        "CFBundleVersion": release,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "de"],
        "LSApplicationCategoryType": "public.app-category.business",
        "LSMinimumSystemVersion": OLDEST_MACOS,
        # PyInstaller takes a program that also prints for one without windows.
        "LSBackgroundOnly": False,
        "NSHighResolutionCapable": True,
        "NSSupportsAutomaticGraphicsSwitching": True,
        "CFBundleURLTypes": [
            {"CFBundleURLName": IDENTIFIER, "CFBundleURLSchemes": [SCHEME], "CFBundleTypeRole": "Viewer"}
        ],
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Counterpart receipt",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [RECEIPT_TYPE],
            }
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": RECEIPT_TYPE,
                "UTTypeDescription": "Counterpart receipt",
                "UTTypeConformsTo": ["public.json"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": [RECEIPT_ENDING.removeprefix(".")],
                    "public.mime-type": [RECEIPT_MIME],
                },
            }
        ],
    }


def icns(pictures: Mapping[int, bytes]) -> bytes:
    """An .icns file of PNG pictures by their edges in pixels; an edge that macOS has no kind for is a KeyError."""
    body = b"".join(
        kind.encode() + struct.pack(">I", 8 + len(png)) + png
        for edge, png in sorted(pictures.items())
        for kind in _KINDS[edge]
    )
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def write_icon(target: Path) -> Path:
    """Draw the icon into a file."""
    from tile import tiles  # noqa: PLC0415  # only who draws needs Qt

    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(icns(tiles(_KINDS, _MARGIN)))
    return target
