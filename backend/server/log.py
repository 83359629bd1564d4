"""What gunicorn says, as lines like our own. Requests have their own line: see `request_log`."""

from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from backend.kit.logging import library_handler


class ServerLog(Logger):  # type: ignore[misc]
    """gunicorn's logger, writing redacted JSON to stdout."""

    def setup(self, cfg: Config) -> None:
        """Replace the handlers that gunicorn has set up."""
        super().setup(cfg)
        self.error_log.handlers = [library_handler()]
        self.access_log.handlers = []

    def access(self, *_args: Any) -> None:
        """Say nothing: gunicorn's access line holds the path, the query and the user agent."""
