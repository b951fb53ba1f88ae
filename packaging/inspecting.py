"""What is wrong with a frozen app's content; nothing, when it may ship."""

from __future__ import annotations

from pathlib import Path

from slim import unknown

#: Parts that have to be there, by how their paths begin below the folder of parts.
NEEDED = (
    "resources/fonts/",
    "resources/help/",
    "resources/icons/",
    "resources/licences/",
    "resources/translations/",
    "babel/locale-data/",
)

#: Of our tree and of the build, what is no part of the product.
STRAY = (".ts", ".py", ".pyc", ".spec", ".toml")

#: Plugins without which there is no window.
_PLATFORMS = "/platforms/"


def inspect(bundle: Path) -> list[str]:
    """Return what is wrong: files that must not ship, parts that are missing, links that lead out of the folder."""
    files = [path for path in bundle.rglob("*") if path.is_file() or path.is_symlink()]
    names = sorted(path.relative_to(bundle).as_posix() for path in files)
    problems = [f"{name} must not ship" for name in unknown(names)]
    problems += [f"{name} is no part of the product" for name in names if name.endswith(STRAY)]
    problems += [f"{part} is missing" for part in NEEDED if not any(part in name for name in names)]
    if not any(_PLATFORMS in name for name in names):
        problems.append("no Qt platform plugin")
    return problems + [f"{name} leads out of the folder" for name in _leading_out(bundle, files)]


def _leading_out(bundle: Path, files: list[Path]) -> list[str]:
    inside = bundle.resolve()
    return sorted(
        path.relative_to(bundle).as_posix()
        for path in files
        if path.is_symlink() and not path.resolve().is_relative_to(inside)
    )
