"""Who holds the key that encrypts this account's store, in one true sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QCoreApplication

from app.contract.said import said

#: What the account's store says of its key, to the name people know.
_HOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "windows": "Windows",
        "macos": said("the macOS keychain"),
        "secret_service": said("the key store of your desktop"),
    }
)


def protection_words(holder: str) -> str:
    """*Encrypted on this computer with a key held by Windows for your account.* Claims no more than is known."""
    if holder == "passphrase":
        return QCoreApplication.translate(
            "Protection", "Encrypted on this computer; your passphrase opens the key."
        )
    if holder == "kiosk":
        return QCoreApplication.translate(
            "Protection", "Encrypted on this computer; the key comes with your sign-in and goes with you."
        )
    name = _HOLDERS.get(holder)
    if name is None:
        return QCoreApplication.translate("Protection", "Encrypted on this computer.")
    words = QCoreApplication.translate(
        "Protection", "Encrypted on this computer with a key held by {name} for your account."
    )
    return words.format(name=QCoreApplication.translate("Services", name))
