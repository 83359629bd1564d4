"""Logs as JSON lines, in the keys that Cloud Logging knows."""

import sys
from typing import Any

import structlog
from structlog.types import EventDict

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure_logging(level: str) -> None:
    """Write one JSON object a line to stdout: `time`, `severity`, `message`, and what varies."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            _in_cloud_logging_keys,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )


def _in_cloud_logging_keys(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event["severity"] = str(event.pop("level")).upper()
    event["message"] = event.pop("event")
    return event
