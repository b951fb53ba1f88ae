"""What a build was made from, as an in-toto statement with SLSA's predicate; and the checksums beside it.

It is a statement, not an attestation: whoever publishes signs it (docs/release.md).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from app.contract.version import RELEASE

ROOT = Path(__file__).resolve().parents[2]
BUILD_TYPE = "https://counterpart.invalid/build/package/v1"
SUMS = "SHA256SUMS"


def sha256(file: Path) -> str:
    """Return the digest of a file in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def tree_digest(tree: Path) -> str:
    """Return one digest for a folder: of the sorted lines "digest  path" of its files, links by where they lead."""
    lines = []
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if path.is_symlink():
            lines.append(f"link {path.readlink().as_posix()}  {name}\n")
        elif path.is_file():
            lines.append(f"{sha256(path)}  {name}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def checksums(files: Iterable[Path]) -> str:
    """Return the text that `sha256sum --check` reads, in the folder of the files."""
    return "".join(f"{sha256(file)}  {file.name}\n" for file in sorted(files, key=lambda one: one.name))


def provenance(
    subjects: Mapping[str, str],
    locks: Iterable[Path],
    tools: Mapping[str, str],
    *,
    commit: str,
    changed: bool,
) -> str:
    """Return the statement. `subjects`: SHA-256 by name; `changed`: whether the tree differs from the commit."""
    source: dict[str, Any] = {"uri": "git+file:counterpart", "digest": {"gitCommit": commit}}
    taken = [{"uri": lock.relative_to(ROOT).as_posix(), "digest": {"sha256": sha256(lock)}} for lock in locks]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": value}} for name, value in sorted(subjects.items())],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"release": RELEASE, "command": "make package"},
                "internalParameters": {"tools": dict(sorted(tools.items())), "treeChanged": changed},
                "resolvedDependencies": [source, *taken],
            },
            "runDetails": {"builder": {"id": builder()}},
        },
    }
    return json.dumps(statement, indent=1) + "\n"


def builder() -> str:
    """Return who built: the workflow's own address where one runs this, or that it was somebody's computer."""
    server, repository = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_WORKFLOW_REF")
    return (
        f"{server}/{repository}"
        if server and repository
        else "https://counterpart.invalid/builder/own-computer"
    )


def commit_of(root: Path = ROOT) -> tuple[str, bool]:
    """Return the commit the tree is at, and whether anything in it has been changed since."""
    commit = _git(root, "rev-parse", "HEAD")
    return commit, bool(_git(root, "status", "--porcelain", "--untracked-files=no"))


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
    ).stdout.strip()
