"""Files that say only what differs: a manifest or a mapping that extends another one. Pure; files come from `load`.

    extends = "partner.toml"            # a file beside this one, or the name of one that ships
    keep = ["company", "request"]       # of a manifest: only these entity types, and what does not lead to others

Everything else is laid over what the extended file says:

- Tables merge by key; a value replaces a value.
- Lists of tables with a `name` merge by it (form sections by `title`, maps by `entity` and `object`). What is new
  comes at the end, or behind the one that `after` names; `remove = true` drops one.
- Every other list replaces the list, unless it is given as a table: `{ add = [...], after = "amount" }` puts values
  behind that one (or at the end), `{ remove = [...] }` drops some. In a list of columns a value is named by its field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.contract.manifest import parse_manifest
from app.contract.narrowing import narrowed

Table = dict[str, Any]

#: Returns what a file says, as data, by its name. Raises OSError or ValueError.
Load = Callable[[str], Table]

#: Most files that may extend one another.
MOST_LAYERS = 8

#: By which of its values a table in a list is told from the others; the first that all of them have.
_IDENTITIES: tuple[tuple[str, ...], ...] = (("name",), ("entity", "object"), ("title",))

#: By which of its values an item of a list that is replaced as a whole is named in `after` and `remove`.
_NAMES = ("field", "value", "label")

_EDIT = frozenset({"add", "after", "remove"})


class OverlayProblem(ValueError):
    """A file cannot be laid over what it extends. `where`: the path in the file, such as `entities.lead.list`."""

    def __init__(self, file: str, where: str, cause: str, remedy: str) -> None:
        at = f"{file}, {where}" if where else file
        super().__init__(f"{at}: {cause} {remedy}")
        self.file, self.where, self.cause, self.remedy = file, where, cause, remedy


def resolve(file: str, load: Load) -> Table:
    """Return what a file says together with all that it extends. Raises OverlayProblem, and what `load` raises."""
    return _resolve(file, load, ())


def _resolve(file: str, load: Load, above: tuple[str, ...]) -> Table:
    if file in above:
        chain = " extends ".join((*above[above.index(file) :], file))
        raise OverlayProblem(above[-1], "extends", f"{chain}.", "Let one of them extend nothing.")
    if len(above) >= MOST_LAYERS:
        raise OverlayProblem(above[0], "extends", f"More than {MOST_LAYERS} files.", "Join some of them.")
    data = dict(load(file))
    extended = data.pop("extends", None)
    keep = data.pop("keep", None)
    if extended is None:
        if keep is not None:
            raise OverlayProblem(file, "keep", "There is nothing to keep of.", "Say what it `extends`.")
        return data
    if not isinstance(extended, str):
        raise OverlayProblem(file, "extends", "It is no text.", 'Write it like extends = "partner.toml".')
    base = _resolve(extended, load, (*above, file))
    if keep is not None:
        base = _kept(file, base, keep)
    return _Layer(file).table(base, data, "")


def _kept(file: str, base: Table, keep: Any) -> Table:
    """Cut a manifest to some entity types, and leave out whatever leads to the others."""
    known = [str(item.get("name")) for item in base.get("entities", ())]
    if not known:
        raise OverlayProblem(file, "keep", "What it extends has no entity types.", "Leave `keep` out.")
    if not isinstance(keep, list):
        raise OverlayProblem(file, "keep", "It is no list.", 'Write it like keep = ["company", "request"].')
    stray = [str(name) for name in keep if name not in known]
    if stray:
        cause = f"What it extends has no entity type {', '.join(stray)}."
        raise OverlayProblem(file, "keep", cause, f"It has: {', '.join(known)}.")
    cut = narrowed(parse_manifest(base), frozenset(keep))
    return cut.model_dump(mode="json", exclude_defaults=True)


class _Layer:
    """Lays what one file says over what it extends."""

    def __init__(self, file: str) -> None:
        self._file = file

    def table(self, base: Mapping[str, Any], over: Mapping[str, Any], where: str) -> Table:
        found = dict(base)
        for key, value in over.items():
            found[key] = self._value(found.get(key), value, f"{where}.{key}".lstrip("."))
        return found

    def _value(self, base: Any, over: Any, where: str) -> Any:
        if isinstance(over, dict):
            if isinstance(base, (list, tuple)) and over.keys() <= _EDIT:
                return self._edited(list(base), over, where)
            return self.table(base if isinstance(base, dict) else {}, over, where)
        if isinstance(over, list) and over and all(isinstance(item, dict) for item in over):
            return self._tables(base if isinstance(base, (list, tuple)) else (), over, where)
        return over

    def _tables(self, base: Sequence[Any], over: Sequence[Table], where: str) -> list[Any]:
        keys = next((keys for keys in _IDENTITIES if _tell(keys, over) and _tell(keys, base)), None)
        if keys is None:
            return [self.table({}, item, f"{where}.{number}") for number, item in enumerate(over)]
        found: list[Any] = list(base)
        said: set[tuple[Any, ...]] = set()
        for item in over:
            one = tuple(item[key] for key in keys)
            at = f"{where}.{'/'.join(map(str, one))}"
            if one in said:
                raise OverlayProblem(self._file, at, "It is there twice.", "Say in one place what differs.")
            said.add(one)
            self._put(found, item, keys, at)
        return found

    def _put(self, found: list[Any], item: Table, keys: tuple[str, ...], at: str) -> None:
        rest = {key: value for key, value in item.items() if key not in ("remove", "after")}
        place = next((n for n, old in enumerate(found) if all(old[k] == item[k] for k in keys)), None)
        if item.get("remove") is True:
            if place is None:
                cause = "There is none of that name to remove."
                raise OverlayProblem(self._file, at, cause, f"There are: {_told(found, keys)}.")
            del found[place]
            return
        if place is not None:
            rest = self.table(found.pop(place), rest, at)
        else:
            rest = self.table({}, rest, at)
        if "after" not in item:
            found.insert(len(found) if place is None else place, rest)
            return
        before = next((n for n, old in enumerate(found) if old[keys[0]] == item["after"]), None)
        if before is None:
            cause = f"There is no {item['after']} for it to stand after."
            raise OverlayProblem(self._file, at, cause, f"There are: {_told(found, keys)}.")
        found.insert(before + 1, rest)

    def _edited(self, base: list[Any], edit: Table, where: str) -> list[Any]:
        for gone in edit.get("remove", ()):
            place = self._place(base, gone, where)
            del base[place]
        new = list(edit.get("add", ()))
        place = self._place(base, edit["after"], where) + 1 if "after" in edit else len(base)
        return [*base[:place], *new, *base[place:]]

    def _place(self, items: Sequence[Any], wanted: Any, where: str) -> int:
        for number, item in enumerate(items):
            if item == wanted or (isinstance(item, dict) and _named(item) == wanted):
                return number
            if isinstance(item, list) and wanted in item:
                return number
        names = ", ".join(str(_named(item)) if isinstance(item, dict) else str(item) for item in items)
        raise OverlayProblem(self._file, where, f"There is no {wanted} in it.", f"There are: {names}.")


def _tell(keys: tuple[str, ...], items: Sequence[Any]) -> bool:
    return all(isinstance(item, dict) and all(key in item for key in keys) for item in items)


def _named(item: Mapping[str, Any]) -> Any:
    return next((item[key] for key in _NAMES if key in item), None)


def _told(items: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> str:
    return ", ".join("/".join(str(item[key]) for key in keys) for item in items)
