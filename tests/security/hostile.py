"""Texts that a display could take for more than words, and a picture that shows whether anything loaded it."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtGui import QImage

#: Addresses that may lead nowhere.
BAD_LINKS = (
    "http://attacker.example/",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>1</script>",
    "file:///etc/passwd",
    "file://attacker/share/x.exe",
    "\\\\attacker\\share\\x.exe",
    "//attacker.example/x",
    "ftp://attacker.example/",
    "smb://attacker/share",
    "ms-msdt:/id PCWDiagnostic",
    "search-ms:query=x&crumb=location:\\\\attacker",
    "vbscript:x",
    "mailto:x@attacker.example?attach=/etc/passwd",
    "tel:+441",
    "counterpart://deal/x",
    "https://halden.example@attacker.example/",
    "https://halden.example\\@attacker.example/",
    "https://user:pass@attacker.example/",
    "https:///attacker.example/",
    "https:attacker.example",
    "https://attacker",
    "https://",
    "https://a b.example/",
    "https://attacker.example/\nx",
    "\u202ehttps://attacker.example/",
    " javascript:alert(1)",
    "about:blank",
    "C:\\Windows\\System32\\calc.exe",
    "",
)


class Beacon:
    """A picture on this disk that no page names but the hostile texts: when its bytes are read, something loaded it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "beacon.png"
        image = QImage(900, 900, QImage.Format.Format_RGB32)
        image.fill(0xFFFF0000)
        assert image.save(str(self.path))
        self.rest()

    def rest(self) -> None:
        """Nobody has read it, as far as the disk's own notes go."""
        os.utime(self.path, ns=(1, 2))

    @property
    def lit(self) -> bool:
        """Whether it was read since."""
        return self.path.stat().st_atime_ns != 1

    @property
    def markup(self) -> str:
        """A text that begins with what any rich text would load and follow."""
        return (
            f'<img src="{self.path.as_uri()}"><b>bold</b> <a href="https://attacker.example/">click</a>'
            "<style>*{color:red}</style><script>alert(1)</script><!-- --> &lt;i&gt; {0} %s %1 &amp;"
        )
