"""Logs as JSON lines, in the keys that Cloud Logging knows: ours and those of every library."""

import contextlib
import json
import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.types import EventDict

from backend.kit.redaction import redacted_event, without_quotations
from backend.kit.trace import Trace
from backend.kit.tracebacks import described, message_of

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

log = structlog.get_logger()


def configure_logging(level: str) -> None:
    """
    Write one JSON object a line to stdout: `time`, `severity`, `message`, and what varies.

    Libraries speak from `warning` on, through the same redaction; so do uncaught exceptions.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _with_exception,
            _in_cloud_logging_keys,
            _without_secrets,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(_Lasting(sys.stdout)),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    # Libraries' own handlers would write plain text, and so would the report of a failed write.
    logging.raiseExceptions = False
    logging.basicConfig(level=logging.WARNING, handlers=[library_handler()], force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _report_uncaught
    threading.excepthook = _report_uncaught_in_thread


def library_handler() -> logging.Handler:
    """Return a handler for standard loggers that writes lines like our own."""
    handler = logging.StreamHandler(_Lasting(sys.stdout))
    handler.setFormatter(LibraryFormatter())
    return handler


def trace_keys(trace: Trace, project_id: str) -> dict[str, Any]:
    """Return the keys by which Cloud Logging files a line under its trace."""
    return {
        "logging.googleapis.com/trace": f"projects/{project_id}/traces/{trace.trace_id}",
        "logging.googleapis.com/spanId": trace.span_id,
        "logging.googleapis.com/trace_sampled": trace.is_sampled,
    }


class _Lasting:
    """
    An output that may fail, such as a full disk, without failing whoever has something to say.

    Each line is one write, so that those of several threads do not mix.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):  # ValueError: closed, as the process ends.
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


class LibraryFormatter(logging.Formatter):
    """
    A library's log record as a JSON line.

    The record's template is the library's own text; its arguments may be anything a person sent,
    so of them only numbers and types are shown.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            **structlog.contextvars.get_contextvars(),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "severity": record.levelname,
            "message": "library.complained",
            "logger": record.name,
            "said": _said(record),
        }
        if record.exc_info and (error := record.exc_info[1]) is not None:
            line["exception"] = described(error)
        return json.dumps(redacted_event(line))


def _said(record: logging.LogRecord) -> str:
    template = str(record.msg)
    if not record.args:
        return without_quotations(template)
    arguments = (
        {name: _shown(value) for name, value in record.args.items()}
        if isinstance(record.args, Mapping)
        else tuple(map(_shown, record.args))
    )
    try:
        return without_quotations(template % arguments)
    except (TypeError, ValueError):  # `%d` of what is no number.
        return without_quotations(template)


def _shown(value: object) -> object:
    if isinstance(value, BaseException):
        message = message_of(value)
        return f"{type(value).__name__}({message})"
    return value if isinstance(value, bool | int | float | None) else "…"


def _with_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error is True:
        error = sys.exception()
    if isinstance(error, BaseException):
        event["exception"] = described(error)
    return event


def _in_cloud_logging_keys(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event["severity"] = str(event.pop("level")).upper()
    event["message"] = event.pop("event")
    return event


def _without_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return redacted_event(event)


def _report_uncaught(
    _kind: type[BaseException], error: BaseException, _traceback: TracebackType | None
) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    log.error("process.broke", exc_info=error)


def _report_uncaught_in_thread(thread: threading.ExceptHookArgs) -> None:
    if thread.exc_value is not None and thread.exc_type is not SystemExit:
        log.error("thread.broke", exc_info=thread.exc_value)
