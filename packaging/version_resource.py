"""What Windows shows about the program in its properties; written from the release, in the form PyInstaller reads."""

from __future__ import annotations

import re

from app.contract.version import RELEASE

_ENGLISH_UNICODE = "040904B0"

_STRINGS = {
    "CompanyName": "Counterpart",
    "FileDescription": "Counterpart",
    "FileVersion": RELEASE,
    "InternalName": "counterpart",
    "LegalCopyright": "Apache-2.0; see THIRD-PARTY.txt for what it is made of",
    "OriginalFilename": "counterpart.exe",
    "ProductName": "Counterpart",
    "ProductVersion": RELEASE,
}


def numbers(release: str) -> tuple[int, int, int, int]:
    """Return a release as the four numbers Windows compares; what follows a third one is left out."""
    parts = [int(part) for part in re.split(r"[-+]", release, maxsplit=1)[0].split(".")[:3]]
    padded = [*parts, 0, 0, 0, 0]
    return padded[0], padded[1], padded[2], 0


def version_resource(release: str = RELEASE) -> str:
    """Return the text of the version file."""
    four = numbers(release)
    strings = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in _STRINGS.items())
    return (
        "VSVersionInfo(\n"
        f"  ffi=FixedFileInfo(filevers={four}, prodvers={four}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1,"
        " subtype=0x0, date=(0, 0)),\n"
        f"  kids=[StringFileInfo([StringTable({_ENGLISH_UNICODE!r}, [{strings}])]),"
        " VarFileInfo([VarStruct('Translation', [0x0409, 1200])])])\n"
    )
