"""Where unhandled errors go besides the log."""

from typing import Protocol


class ErrorReports(Protocol):
    """Takes the errors nobody expected."""

    def report(self, error: BaseException, **tags: str) -> None:
        """Hand over an error. Never raises, never waits for an answer."""


class NoErrorReports:
    """`ErrorReports` of a service whose log is enough."""

    def report(self, error: BaseException, **tags: str) -> None:
        """Do nothing: the log has it."""
