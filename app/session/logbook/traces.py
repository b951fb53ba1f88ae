"""An exception as it may be told to strangers: its classes, our own frames, and a message without anybody's data.

An exception's message may hold whatever was worked on: a record, a file's name, what somebody typed. So a word of it
stays only if it is known not to be data: a word of the Python messages everybody knows, or one that stands in the code
of our own frames. Everything else becomes an ellipsis. Local variables are never looked at.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from types import CodeType, TracebackType
from typing import Any

from pydantic import ValidationError

from app.contract.errors import CounterpartError
from app.contract.said import Said

_LONGEST = 300
_MOST_FRAMES = 60
_MOST_LINKS = 6
_HIDDEN = "…"
_PIECE = re.compile(r"[^\W\d_]\w*|_\w*|\d+|\s+|.", re.DOTALL)
_SIGNS = frozenset("'\"`.,:;()[]{}<>=+-*/!?")

#: Words of messages that Python, SQLite and Qt give, none of which names anything of anybody's.
_KNOWN = frozenset(
    """a already an and any argument arguments as assigned assignment at attribute be been before bool bound buffer but
    bytes call callable called can cannot closed codec column comparison concatenate constraint convert could database
    decode deleted dict dictionary did does due during empty encode end error exceeded expected failed file float for
    format found from full function generator got had has have hashable id in index int integer internal interpreter
    into invalid is it item iterable key keyword length line list literal locked lost malformed maximum memory
    method missing module more must name no none nonetype not number object of on only open operand operation or out
    parameter position positional process range read readonly recursion required returned sequence serializable set
    shape size slice something split started state str string subscriptable substring support supported syntax table
    takes than that the thread to too traceback tuple type types unexpected unhashable unique unpack unsupported
    unterminated used utf valid value values variable was were where with without write wrong zero division by c
    """.split()  # noqa: SIM905  # a list of words is read more easily as words
)


def told(error: BaseException) -> list[dict[str, Any]]:
    """Return the exception and what led to it, the last first: `type`, `message`, `frames` as *app/x.py:12 in name*."""
    return [_link(one) for one in _chain(error)]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen and len(seen) < _MOST_LINKS:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _link(error: BaseException) -> dict[str, Any]:
    frames, words = _frames(error.__traceback__)
    return {"type": type_of(error), "message": message_of(error, words), "frames": frames}


def type_of(error: BaseException) -> str:
    """Return the class's name, with the package it is from."""
    package = type(error).__module__.split(".", 1)[0]
    name = type(error).__qualname__
    return name if package == "builtins" else f"{package}.{name}"


def _frames(trace: TracebackType | None) -> tuple[list[str], frozenset[str]]:
    frames: list[str] = []
    words: set[str] = set()
    elsewhere = 0
    while trace is not None and len(frames) < _MOST_FRAMES:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        code = trace.tb_frame.f_code
        if module == "app" or module.startswith("app.") or _is_main(module, code):
            if elsewhere:
                frames.append(f"({elsewhere} elsewhere)")
                elsewhere = 0
            path = "app/__main__.py" if module == "__main__" else module.replace(".", "/") + ".py"
            frames.append(f"{path}:{trace.tb_lineno} in {code.co_name}")
            words |= _words(code)
        else:
            elsewhere += 1
        trace = trace.tb_next
    if elsewhere:
        frames.append(f"({elsewhere} elsewhere)")
    return frames, frozenset(words)


def _is_main(module: str, code: CodeType) -> bool:
    return module == "__main__" and code.co_filename.replace("\\", "/").endswith("app/__main__.py")


def _words(code: CodeType) -> set[str]:
    names = {*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars}
    texts = " ".join(one for one in code.co_consts if isinstance(one, str))
    return {name.lower() for name in names} | {word.lower() for word in re.findall(r"[^\W\d]\w*", texts)}


def message_of(error: BaseException, words: frozenset[str] = frozenset()) -> str:
    """Return the message with only what is known to be the program's own; `words`: lower case, those of its frames."""
    match error:
        case CounterpartError():
            return _cause(error, words)
        case ValidationError():
            kinds = sorted({str(one["type"]) for one in error.errors(include_input=False, include_url=False)})
            return f"{error.error_count()} × {', '.join(kinds)}"[:_LONGEST]
        case OSError() if error.errno is not None:
            return f"{errno.errorcode.get(error.errno, error.errno)}: {os.strerror(error.errno)}"
        case _:
            return _filtered(_text(error), words)


def _cause(error: CounterpartError, words: frozenset[str]) -> str:
    """What a vendor's gateway wrote may be the cause; a sentence of ours is told as its template."""
    cause = error.cause
    if isinstance(cause, Said):
        return str(cause.template)
    return cause if cause == type(error).default_cause else _filtered(cause, words)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # an exception that cannot even say itself is no reason to lose the report
        return ""


def _filtered(text: str, words: frozenset[str]) -> str:
    kept = [_piece(one, words) for one in _PIECE.findall(text[: 4 * _LONGEST])]
    return re.sub(rf"{_HIDDEN}(?:[\s{_HIDDEN}]*{_HIDDEN})?", _HIDDEN, "".join(kept))[:_LONGEST].strip()


def _piece(piece: str, words: frozenset[str]) -> str:
    if piece.isspace():
        return " "
    if piece in _SIGNS or piece.lower() in _KNOWN or piece.lower() in words:
        return piece
    return _HIDDEN
