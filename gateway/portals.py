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
from gateway.manifest_lint import Flaw, lint
from gateway.manifest_spelling import misspelt

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
    """Read a manifest, and say what is wrong with it. Raises OSError, ValueError, UpdateNeeded when it is none."""
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
        first = error.errors(include_input=False, include_url=False)[0]
        where = place_of(data, first["loc"])
        raise OverlayProblem(path.name, where, f"{first['msg']}.", "See docs/manifest.md.") from None
    return manifest, (*lint(manifest), *misspelt(data))


def reader(folder: Path, seen: Callable[[Path], object]) -> Callable[[str], dict[str, Any]]:
    """Return what reads files by their names: beside the first one, or those that ship. `seen` hears which."""

    def read(name: str) -> dict[str, Any]:
        beside = folder / name
        path = beside if beside.is_file() or not (SHIPPED / name).is_file() else SHIPPED / name
        seen(path)
        return _toml(path)

    return read


def place_of(data: Any, location: tuple[str | int, ...]) -> str:
    """Return where something stands, by names instead of numbers: *entities.lead.fields.need*."""
    parts: list[str] = []
    at = data
    for step in location:
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            at = None
        name = at.get("name") if isinstance(at, dict) and isinstance(step, int) else None
        parts.append(str(name or step))
    return ".".join(parts)


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
            said = _toml(path).get(_WORDS, {})
            wrong = [text for text, value in said.items() if not isinstance(value, str)]
            if wrong:
                raise OverlayProblem(f"{_WORDS}/{path.name}", wrong[0], "It is no text.", "Write it as one.")
            found.setdefault(language, {}).update(said)
    return found


def words_of(file: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files with a manifest's words, and the language of each."""
    for path in sorted((file.parent / _WORDS).glob(f"{file.stem}.*.toml")):
        yield path, path.name.removeprefix(f"{file.stem}.").removesuffix(".toml")
