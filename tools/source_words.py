"""Which words the client's source says to people, found by reading it.

Three ways of saying something are known: `self.tr("…")` of a QObject and `QCoreApplication.translate("Context", "…")`
in views, bridge and composition; `tr("…")` and `tr.plural(n, "…", "…")` of a `Words`, and `said`, `counted` of the
contract, whose context is *Services*; and the cause, what is kept and the next step of an error. Small functions that
only call `translate` with a fixed context count as that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: The context of all that is said without Qt.
SERVICES = "Services"

#: Where `self.tr` is Qt's, with the class as its context.
_OF_QT = ("views", "bridge")
#: What only the command line says is English, as its options are.
_COMMAND_LINE = "composition"
#: Where errors are raised whose words a person reads.
_PARTS_OF_ERRORS = ("cause", "kept", "next_step")
_DEFAULTS = tuple(f"default_{part}" for part in _PARTS_OF_ERRORS)


@dataclass(frozen=True, order=True)
class Phrase:
    """One text to translate. `plural`: it has forms by number."""

    context: str
    text: str
    plural: bool = False


@dataclass(frozen=True)
class Trouble:
    """A place that cannot be translated as it is written: `where` is file and line."""

    where: str
    why: str


@dataclass(frozen=True)
class Found:
    """What the source says, and what is wrong with how it says it."""

    phrases: frozenset[Phrase]
    troubles: tuple[Trouble, ...]


def read_source(root: Path) -> Found:
    """Read every module under `root`/app. Raises SyntaxError for one that is not Python."""
    modules = sorted((root / "app").rglob("*.py"))
    trees = {
        path: ast.parse(path.read_text("utf-8")) for path in modules if path.parent.name != _COMMAND_LINE
    }
    errors = _error_names(trees.values())
    phrases: set[Phrase] = set()
    troubles: list[Trouble] = []
    for path, tree in trees.items():
        reader = _Reader(str(path.relative_to(root)), path.relative_to(root).parts[1] in _OF_QT, tree, errors)
        reader.visit(tree)
        phrases |= reader.phrases
        troubles += reader.troubles
    return Found(frozenset(phrases), tuple(troubles))


def _error_names(trees: Iterable[ast.Module]) -> frozenset[str]:
    """The contract's error classes and all that are made from them."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"CounterpartError"}
    while more := {name for name, parents in bases.items() if parents & found} - found:
        found |= more
    return frozenset(found)


class _Reader(ast.NodeVisitor):
    """Walks one module."""

    def __init__(self, where: str, of_qt: bool, tree: ast.Module, errors: frozenset[str]) -> None:
        self.phrases: set[Phrase] = set()
        self.troubles: list[Trouble] = []
        self._where = where
        self._of_qt = of_qt
        self._errors = errors
        self._class = ""
        self._fixed = dict(_fixed_contexts(tree))
        self._of_calls: set[int] = set()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Remember whose methods these are; the default words of an error are words."""
        outer, self._class = self._class, node.name
        if node.name in self._errors:
            for line in node.body:
                targets = line.targets if isinstance(line, ast.Assign) else []
                if any(isinstance(one, ast.Name) and one.id in _DEFAULTS for one in targets):
                    self._take(SERVICES, getattr(line, "value", None))
        self.generic_visit(node)
        self._class = outer

    def visit_Call(self, node: ast.Call) -> None:
        """Take the words of one call."""
        name, owner = _called(node.func)
        self._of_calls.add(id(node.func))
        first = node.args[0] if node.args else None
        if name == "translate" and len(node.args) >= 2 and isinstance(node.args[0], ast.Constant):
            self._take(str(node.args[0].value), node.args[1], plural=len(node.args) >= 4)
        elif name == "tr" and owner == "self" and self._of_qt:
            self._take(self._class, first, plural=len(node.args) >= 3)
        elif name in ("plural", "counted") and len(node.args) >= 3 and (name == "counted" or owner):
            self._take(SERVICES, node.args[2], plural=True)
        elif name in self._fixed:
            self._take(self._fixed[name], first)
        elif name in ("tr", "said", "inside"):
            self._take(SERVICES, first)
        elif name in self._errors:
            self._take_error(node)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Refuse another name for `self.tr`: what it is called with would be looked up in no context."""
        if self._of_qt and _called(node) == ("tr", "self") and id(node) not in self._of_calls:
            self._trouble(node, "self.tr under another name cannot be followed; call self.tr()")
        self.generic_visit(node)

    def _take_error(self, node: ast.Call) -> None:
        for part in (*node.args[:1], *(one.value for one in node.keywords if one.arg in _PARTS_OF_ERRORS)):
            if isinstance(part, ast.JoinedStr):
                self._trouble(part, "an f-string cannot be translated; use said() or tr().format()")
            self._take(SERVICES, part if _is_text(part) else None)

    def _take(self, context: str, node: ast.expr | None, *, plural: bool = False) -> None:
        """Take a literal, or both sides of a choice between literals."""
        if isinstance(node, ast.IfExp):
            self._take(context, node.body, plural=plural)
            self._take(context, node.orelse, plural=plural)
        elif isinstance(node, ast.JoinedStr):
            self._trouble(node, "an f-string cannot be translated; put the values in by format()")
        elif node is not None and _is_text(node):
            text = str(getattr(node, "value", ""))
            if text.strip():
                self.phrases.add(Phrase(context, text, plural))

    def _trouble(self, node: ast.expr, why: str) -> None:
        self.troubles.append(Trouble(f"{self._where}:{node.lineno}", why))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _called(function: ast.expr) -> tuple[str, str]:
    """The name of what is called, and the name of what it belongs to."""
    if isinstance(function, ast.Name):
        return function.id, ""
    if isinstance(function, ast.Attribute):
        owner = function.value
        return function.attr, owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    return "", ""


def _fixed_contexts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Functions that are nothing but `translate` with a context: name and context."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        last = node.body[-1]
        call = last.value if isinstance(last, ast.Return) else None
        if isinstance(call, ast.Call) and _called(call.func)[0] == "translate" and len(call.args) == 2:
            context, words = call.args
            if isinstance(context, ast.Constant) and isinstance(words, ast.Name):
                yield node.name, str(context.value)
