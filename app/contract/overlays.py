"""Files that say only what differs: a manifest or a mapping that extends another one. Pure; files come from `load`.

    extends = "partner"                 # one that ships, by its name, or a file beside this one: "base.toml"
    keep = ["company", "request"]       # of a manifest: only these entity types, and what does not lead to others
    keep = { entities = ["company", "request"], roles = ["admin"], jobs = [], templates = [] }   # or of more than these

    [say]                               # of a manifest: what is said in other words, wherever it stands there
    "Partner company" = "Your company"

Everything else is laid over what the extended file says:

- Tables merge by key; a value replaces a value.
- Lists of tables with a `name` merge by it (form sections by `title`, maps by `entity` and `object`). What is new
  comes at the end, or behind the one that `after` names ("" puts it first); `remove = true` drops one.
- Every other list replaces the list, unless it is given as a table: `{ add = [...], after = "amount" }` puts values
  behind that one (or at the end), `{ remove = [...] }` drops some. In a list of columns a value is named by its field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.contract.manifest import parse_manifest
from app.contract.narrowing import narrowed
from app.contract.spoken import READ

Table = dict[str, Any]

#: Returns what a file says, as data, by its name. Raises OSError or ValueError.
Load = Callable[[str], Table]

#: Most files that may extend one another.
MOST_LAYERS = 8

#: By which of its values a table in a list is told from the others; the first that all of them have.
_IDENTITIES: tuple[tuple[str, ...], ...] = (("name",), ("entity", "object"), ("title",))

#: By which of its values an item of a list that is replaced as a whole is named in `after` and `remove`.
_NAMES = ("field", "value", "label")

#: What `keep` may choose of.
_KEPT = ("entities", "roles", "jobs", "templates")

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
    try:
        data = dict(load(file))
    except FileNotFoundError as error:
        if not above:
            raise
        raise OverlayProblem(above[-1], "extends", str(error), "Correct the name.") from None
    extended = data.pop("extends", None)
    keep = data.pop("keep", None)
    say = data.pop("say", None)
    if extended is None:
        for key, value in (("keep", keep), ("say", say)):
            if value is not None:
                raise OverlayProblem(
                    file, key, "There is nothing it is about.", "Say what the file `extends`."
                )
        return data
    if not isinstance(extended, str):
        raise OverlayProblem(file, "extends", "It is no text.", 'Write it like extends = "partner.toml".')
    base = _resolve(extended, load, (*above, file))
    if keep is not None:
        base = _kept(file, base, keep)
    if say:
        base = _in_other_words(file, base, say)
    return _Layer(file).table(base, data, "")


def _kept(file: str, base: Table, keep: Any) -> Table:
    """Cut a manifest to what is named in `keep`, and leave out whatever leads to something else."""
    wanted = keep if isinstance(keep, dict) else {"entities": keep}
    for kind, names in wanted.items():
        if kind not in _KEPT:
            cause = f"There is nothing called {kind} to keep."
            raise OverlayProblem(file, "keep", cause, f"There are: {', '.join(_KEPT)}.")
        if not isinstance(names, list):
            remedy = 'Write it like keep = ["company", "request"].'
            raise OverlayProblem(file, f"keep.{kind}", "It is no list.", remedy)
        known = [str(item.get("name")) for item in base.get(kind, ())]
        stray = [str(name) for name in names if name not in known]
        if stray:
            cause = f"What it extends has no {', '.join(stray)} among its {kind}."
            raise OverlayProblem(file, f"keep.{kind}", cause, f"It has: {', '.join(known)}.")
    whole = parse_manifest(base)
    entities = wanted.get("entities")
    cut = whole if entities is None else narrowed(whole, frozenset(entities))
    found: Table = cut.model_dump(mode="json", exclude_defaults=True)
    for kind in _KEPT[1:]:
        if kind in wanted:
            found[kind] = [item for item in found.get(kind, ()) if item["name"] in wanted[kind]]
    if "roles" in wanted:
        found = _without_roles(found, frozenset(role.name for role in whole.roles) - set(wanted["roles"]))
    return found


def _without_roles(value: Any, gone: frozenset[str]) -> Any:
    """Take roles out of the lists that say who may; a list that would be left empty stays, since that means all."""
    if isinstance(value, list):
        return [_without_roles(item, gone) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, item in value.items():
        if key in ("roles", "create_roles") and all(isinstance(name, str) for name in item):
            found[key] = [name for name in item if name not in gone] or item
        else:
            found[key] = _without_roles(item, gone)
    return found


def _in_other_words(file: str, base: Table, say: Mapping[str, Any]) -> Table:
    """Put other words in the place of texts that read exactly so."""
    used: set[str] = set()

    def said(value: Any, *, read: bool) -> Any:
        if isinstance(value, dict):
            return {key: said(item, read=key in READ) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [said(item, read=read) for item in value]
        if read and isinstance(value, str) and value in say:
            used.add(value)
            return say[value]
        return value

    found: Table = said(base, read=False)
    unused = [text for text in say if text not in used]
    if unused:
        cause = f"Nothing there reads \u201c{unused[0]}\u201d."
        raise OverlayProblem(
            file, "say", cause, "Write the text exactly as it stands there, or leave the line out."
        )
    return found


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
            edits = over.keys() <= _EDIT
            if edits and (isinstance(base, (list, tuple)) or (base is None and "add" in over)):
                return self._edited(list(base or ()), over, where)
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
        if item["after"] == "":
            before = -1
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
