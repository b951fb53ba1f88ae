"""The log: structured lines on standard error, without secrets and without anybody's address."""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

_SECRET_NAMES = re.compile(r"password|token|secret|authorization|cookie|verifier|code$", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
#: Tokens and codes are 43 characters of this alphabet; cursors are longer. Hashes and ids have other shapes.
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{40,}(?![\w-])")
_REMOVED = "[removed]"


def redact(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Take secrets and e-mail addresses out of a line, wherever they stand."""
    return {name: cleaned(value, name) for name, value in event.items()}


def cleaned(value: object, name: str = "") -> object:
    """Return JSON data without secrets and addresses, such as a line's value under a name."""
    return _REMOVED if _SECRET_NAMES.search(name) else _clean(value)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _TOKEN.sub(_REMOVED, _ADDRESS.sub(_REMOVED, value))
    if isinstance(value, dict):
        return {k: _REMOVED if _SECRET_NAMES.search(str(k)) else _clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value


def configure_logs(level: str = "INFO", *, as_json: bool = False) -> None:
    """Set the log up for a process of its own."""
    render = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
