"""Writes what IT departments are given, out of the one schema: templates, samples, and the reference in docs/admin.md.

`python -m tools.policy` writes, `python -m tools.policy check` says what is not as it would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tools.policy.admx import LANGUAGES, adml, admx
from tools.policy.plain import json_schema, mobileconfig, sample_toml
from tools.policy.tables import with_reference
from tools.project import ROOT, say

FOLDER = ROOT / "packaging" / "policy"
PAGE = ROOT / "docs" / "admin.md"


def made() -> Mapping[Path, str]:
    """Return every file with its content."""
    files = {
        FOLDER / "counterpart.admx": admx(),
        FOLDER / "counterpart.mobileconfig": mobileconfig(),
        FOLDER / "policy.toml": sample_toml(),
        FOLDER / "counterpart.schema.json": json_schema(),
        PAGE: with_reference(PAGE.read_text(encoding="utf-8")),
    }
    return files | {
        FOLDER / folder / "counterpart.adml": adml(language) for folder, language in LANGUAGES.items()
    }


def main(arguments: list[str]) -> int:
    """Write or check; returns an exit code."""
    stale = [path for path, text in made().items() if not path.exists() or path.read_text("utf-8") != text]
    if arguments == ["check"]:
        for path in stale:
            say(f"{path.relative_to(ROOT)} is not what the policy's schema makes: python -m tools.policy")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made()[path], encoding="utf-8", newline="\n")
        say(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
