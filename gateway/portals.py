"""Reading a portal: a manifest's file, what it extends, and its words in other languages.

    partner.toml                 the manifest
    words/partner.de.toml        its texts in German, as `"text as written" = "Text"`

What a file extends lies beside it or is one that ships; its words in other languages hold for whoever extends it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.contract.manifest import Manifest, parse_manifest
from app.contract.overlays import OverlayProblem, resolve
from gateway.manifest_fit import misfits
from gateway.manifest_flaws import Flaw
from gateway.manifest_lint import lint
from gateway.manifest_shape import ManifestProblem, unreadable
from gateway.manifest_spelling import misspelt
from gateway.manifest_words import borrowed, unsaid

#: Where the portals lie that ship.
SHIPPED = Path(__file__).parent.parent / "resources" / "manifests"

#: Their names, the flagship first.
PORTALS = ("partner", "customer", "client", "member")

_WORDS = "words"


def shipped(name: str) -> Path:
    """Return the file of a portal that ships. Raises ValueError for one there is none of."""
    if name not in PORTALS:
        raise ValueError(f"There is no portal {name}. There are: {', '.join(PORTALS)}.")
    return SHIPPED / f"{name}.toml"


def load_portal(path: Path) -> Manifest:
    """Read a manifest with all it extends, and its words. Raises OSError, ValueError, UpdateNeeded."""
    manifest, flaws = examine(path)
    serious = [flaw for flaw in flaws if flaw.serious]
    if serious:
        first = serious[0]
        more = f" ({len(serious) - 1} more: counterpart-gateway check)" if len(serious) > 1 else ""
        raise OverlayProblem(path.name, first.where, first.cause, f"{first.remedy}{more}")
    return manifest


def examine(path: Path) -> tuple[Manifest, tuple[Flaw, ...]]:
    """Read a manifest, and say what is wrong with it. Raises OSError, ValueError, UpdateNeeded when it is none.

    ManifestProblem has all that keeps it from being one.
    """
    files: list[Path] = []
    data = resolve(path.name, reader(path.parent, files.append))
    words = _words([*reversed(files)])
    if words:
        data["words"] = {
            language: {**words.get(language, {}), **data.get("words", {}).get(language, {})}
            for language in {*words, *data.get("words", {})}
        }
    try:
        manifest = parse_manifest(data)
    except ValidationError as error:
        raise ManifestProblem(path.name, tuple(unreadable(data, error))) from None
    vendors = {file.stem: _toml(file).get("brand", {}) for file in files[1:]}
    return manifest, (
        *lint(manifest),
        *misfits(manifest, icons()),
        *misspelt(data),
        *unsaid(manifest, _words([path]), path.stem),
        *borrowed(manifest, vendors),
    )


def icons() -> frozenset[str]:
    """Return the names of the icons that clients have."""
    return frozenset(path.stem for path in (SHIPPED.parent / "icons").glob("*.svg"))


def chain(path: Path) -> tuple[str, ...]:
    """Return the names of the files a manifest is made of: itself first, then what it extends, one after the other."""
    files: list[Path] = []
    resolve(path.name, reader(path.parent, files.append))
    return tuple(file.stem for file in files)


def reader(folder: Path, seen: Callable[[Path], object]) -> Callable[[str], dict[str, Any]]:
    """Return what reads files by their names: beside the first one, or those that ship. `seen` hears which."""

    def read(name: str) -> dict[str, Any]:
        beside, ships = folder / name, SHIPPED / f"{name.removesuffix('.toml')}.toml"
        path = beside if beside.is_file() or not ships.is_file() else ships
        seen(path)
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}. Those that ship are: {', '.join(PORTALS)}.")
        return _toml(path)

    return read


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OverlayProblem(path.name, "", f"It is no TOML: {error}.", "Correct it.") from None


def _words(files: list[Path]) -> dict[str, dict[str, str]]:
    """The words beside these files, by language; what a later file says goes before an earlier one's."""
    found: dict[str, dict[str, str]] = {}
    for file in files:
        for path, language in words_of(file):
            found_there = _toml(path)
            said = found_there.get(_WORDS)
            if not isinstance(said, dict) or len(found_there) > 1:
                cause = "It is no file of words."
                remedy = 'Let it have one table, [words], with lines such as "Visit" = "Besuch".'
                raise OverlayProblem(f"{_WORDS}/{path.name}", "", cause, remedy)
            wrong = [text for text, value in said.items() if not isinstance(value, str)]
            if wrong:
                raise OverlayProblem(f"{_WORDS}/{path.name}", wrong[0], "It is no text.", "Write it as one.")
            found.setdefault(language, {}).update(said)
    return found


def words_of(file: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files with a manifest's words, and the language of each."""
    for path in sorted((file.parent / _WORDS).glob(f"{file.stem}.*.toml")):
        yield path, path.name.removeprefix(f"{file.stem}.").removesuffix(".toml")
