"""The log: structured lines on standard error, without secrets and without anybody's address.

What libraries log by Python's own means goes the same way as our own lines, so that it is redacted too.
"""

from __future__ import annotations

import logging
import re
import sys
from functools import lru_cache
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_NAMES = re.compile(
    r"passw|token|secret|authorization|cookie|verifier|credential|api_?key|code$", re.IGNORECASE
)
_REMOVED = "[removed]"

_NAMED = re.compile(
    r"(?i)((?:passw(?:or)?d|token|secret|verifier|cookie|credential|api_?key)[\w-]*|\bcode|\bpwd)"
    r"(['\"]?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&'\")\]}]+)"
)

#: What is taken out of texts, and what stays of it, where a text has the sign in lower case. A sign is looked for
#: first because a request's line is full of texts that have none. Whole credentials go before their parts.
_PATTERNS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    # Values of a statement, as SQLAlchemy tells them with an error, and of a field, as pydantic does.
    (
        "[parameters:",
        re.compile(r"\[parameters: .*?\](?=\s*\n|\s*\(Background|$)", re.DOTALL),
        f"[parameters: {_REMOVED}]",
    ),
    (
        "input_value=",
        re.compile(r"input_value=.*?(?=, input_type=)", re.DOTALL),
        f"input_value={_REMOVED}",
    ),
    ("bearer", re.compile(r"(?i)\bBearer\s+[\w.~+/=-]+"), f"Bearer {_REMOVED}"),
    ("basic", re.compile(r"(?i)\bBasic\s+[\w.~+/=-]+"), f"Basic {_REMOVED}"),
    # The user and password in an address.
    ("://", re.compile(r"(?<=://)[^\s/@'\"]+@"), f"{_REMOVED}@"),
    # name=value and "name": value, in queries, forms, JSON and messages.
    ("=", _NAMED, rf"\1\2{_REMOVED}"),
    (":", _NAMED, rf"\1\2{_REMOVED}"),
    ("@", re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), _REMOVED),
    ("eyj", re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), _REMOVED),
)

#: Tokens and codes are 43 characters of this alphabet; cursors are longer. Hashes and ids have other shapes.
_TOKEN_LENGTH = 40
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{40,}(?![\w-])")

#: Libraries that tell what they do in detail: the addresses they call, with their queries, or each
#: page of the console.
_TALKATIVE = (
    "httpx",
    "httpcore",
    "urllib3",
    "botocore",
    "boto3",
    "s3transfer",
    "asyncio",
    "alembic",
    "starlette_admin",
)


def redact(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Take secrets and e-mail addresses out of a line, wherever they stand."""
    return {name: cleaned(value, name) for name, value in event.items()}


def cleaned(value: object, name: str = "") -> object:
    """Return JSON data without secrets and addresses, such as a line's value under a name."""
    return _REMOVED if name and _is_secret(name) else _clean(value)


@lru_cache(maxsize=1_000)
def _is_secret(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, dict):
        return {_clean_text(str(k)): cleaned(v, str(k)) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _clean_text(str(value))  # as the line would show it


def _clean_text(text: str) -> str:
    lower = text.lower()
    for sign, pattern, instead in _PATTERNS:
        if sign in lower:
            text = pattern.sub(instead, text)
    return _TOKEN.sub(_REMOVED, text) if len(text) >= _TOKEN_LENGTH else text


def configure_logs(level: str = "INFO", *, as_json: bool = False) -> None:
    """Set the log up for a process of its own."""
    structlog.configure(
        processors=[*_common(), redact, _renderer(as_json)],
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def adopt_libraries(level: str = "INFO", *, as_json: bool = False) -> None:
    """Have what is logged by Python's own means, uvicorn's lines among them, come out as ours do."""
    out = _Stderr(_number(level))
    out.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_common(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                _renderer(as_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if not isinstance(other, _Stderr)]
    root.addHandler(out)
    root.setLevel(_number(level))
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, _number(level)))
    logging.captureWarnings(True)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is by then."""

    def __init__(self, level: int) -> None:
        logging.Handler.__init__(self, level)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Standard error."""
        return sys.stderr


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Frames and their source lines only: the values of local variables are never told.
        structlog.processors.format_exc_info,
    ]


def _renderer(as_json: bool) -> Processor:
    return structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)


def _number(level: str) -> int:
    found = logging.getLevelNamesMapping().get(level.upper())
    if found is None:
        raise ValueError(f"There is no log level {level}; use DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    return found
