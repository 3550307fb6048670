"""Logs: on stderr, as text for people or JSON for machines, with the request they belong to and without secrets."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from dassie.config import Config

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|private_key|^code$|claim", re.IGNORECASE)
_SECRET_TEXT = re.compile(r"((?:access_token|code|client_secret|token)=)[^&\s\"']+")
_BEARER = re.compile(r"(Bearer\s+)\S+", re.IGNORECASE)


def set_up(config: Config, *, level: str | None = None) -> None:
    """Send our logs and those of the libraries to stderr."""
    number = LEVELS.get((level or config.log_level).lower(), logging.INFO)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    if config.log_format == "json":
        last: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(sort_keys=True)]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_plain_traceback)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_logger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


class _Logger(structlog.WriteLogger):
    """Writes a line, or loses it: a log that cannot be written (its disk is full) must not stop the work."""

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


def _logger(*_args: Any) -> _Logger:
    return _Logger(sys.stderr)


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: nothing that lets somebody in ends up in a log."""
    for name, value in event.items():
        if _SECRET_NAMES.search(name) and not isinstance(value, int):  # a number is HTTP's `code`
            event[name] = "***"
        elif isinstance(value, str) and ("=" in value or "earer" in value):
            event[name] = _BEARER.sub(r"\1***", _SECRET_TEXT.sub(r"\1***", value))
    return event


def _plain_traceback(file: Any, found: Any) -> None:
    """Python's own traceback: rich ones print the values of variables, and those may be secrets."""
    structlog.dev.plain_traceback(file, found)
