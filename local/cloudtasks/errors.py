"""Errors under gRPC's canonical names. Each way out (gRPC, HTTP) has its own table."""

from enum import StrEnum


class Kind(StrEnum):
    """The canonical kinds that this service answers with."""

    ALREADY_EXISTS = "ALREADY_EXISTS"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    UNIMPLEMENTED = "UNIMPLEMENTED"


class ApiError(Exception):
    """A refusal that the caller may read: a canonical kind and one sentence."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class CannotStartError(Exception):
    """A port, a directory or a file cannot be had; the message is a sentence for a person."""


def invalid(message: str) -> ApiError:
    """Return an INVALID_ARGUMENT error."""
    return ApiError(Kind.INVALID_ARGUMENT, message)


def not_built(what: str) -> ApiError:
    """Return an UNIMPLEMENTED error that names what is missing."""
    return ApiError(Kind.UNIMPLEMENTED, f"{what} is not built in the local Cloud Tasks stand-in.")


def queue_not_found() -> ApiError:
    """Return the service's NOT_FOUND error for a queue."""
    return ApiError(
        Kind.NOT_FOUND,
        "Queue does not exist. If you just created the queue, wait at least a minute for the "
        "queue to initialize.",
    )


def task_not_found(*, existed_recently: bool) -> ApiError:
    """Return the service's NOT_FOUND error for a task."""
    if existed_recently:
        return ApiError(
            Kind.NOT_FOUND,
            "The task no longer exists, though a task with this name existed recently. The task "
            "either successfully completed or was deleted.",
        )
    return ApiError(Kind.NOT_FOUND, "Requested entity was not found.")
