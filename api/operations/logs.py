"""One log for everything: our own lines and the server's, for people or as JSON."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

HIDDEN = "***"

_SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
_SECRET_PARTS = re.compile(
    r"((?:password|secret|token|code|state|key)=)[^&\s\"']+|(Bearer\s+)\S+", re.IGNORECASE
)


def configure_logs(*, form: str, level: str, target: TextIO | None = None) -> None:
    """Sends every logger of this process to one place, in one form.

    Modules log with Python's own ``logging``, facts in ``extra``; the id of the request that
    a line belongs to is added by itself.

    Args:
        form: ``json`` for programs, one object a line; ``console`` for people.
        level: ``debug``, ``info``, ``warning`` or ``error``.
        target: Where to; standard error by default.
    """
    stream = target or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    finish: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if form == "json":
        finish += [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    else:
        plain = structlog.dev.plain_traceback
        finish.append(
            structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)
        )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish)
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = name != "uvicorn.access"  # ours says more
    for name in ("httpx", "httpx2"):
        # these tell whole addresses, and a webhook's may hold its secret
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The last net: what should never have been logged goes no further."""
    for name, value in event.items():
        if _SECRET_NAMES.search(name):
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = _SECRET_PARTS.sub(rf"\1\2{HIDDEN}", value)
    return event
