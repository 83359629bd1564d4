"""What can go wrong, in gRPC's canonical kinds. Each way out has one table into its own words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One faulty value: a JSON pointer (RFC 6901) into the request, a stable code, a sentence."""

    pointer: str
    code: str
    detail: str


class TaskFlowError(Exception):
    """
    An expected failure, worded for the person who called.

    `code` is stable and documented; `retryable` says whether the same call can succeed later.
    """

    default_code = "internal"
    retryable = False

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code


class InvalidArgument(TaskFlowError):
    """The request can never succeed as it stands; `faults` names every faulty value."""

    default_code = "validation-failed"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        pointer: str | None = None,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        super().__init__(detail, code=code)
        if pointer is not None:
            faults = (*faults, Fault(pointer, self.code, detail))
        self.faults = faults


class Unauthenticated(TaskFlowError):
    """The caller did not prove who they are."""

    default_code = "unauthenticated"


class PermissionDenied(TaskFlowError):
    """The caller may see the thing, but not do this to it."""

    default_code = "permission-denied"


class NotFound(TaskFlowError):
    """Absent, hidden from the caller, or expired: the three look the same."""

    default_code = "not-found"


class FailedPrecondition(TaskFlowError):
    """The thing is not in a state that allows this."""

    default_code = "invalid-transition"


class Stale(TaskFlowError):
    """The caller's `If-Match` names a revision that is not the one of `current`."""

    default_code = "precondition-failed"

    def __init__(self, detail: str, *, current: object) -> None:
        super().__init__(detail)
        self.current = current


class Aborted(TaskFlowError):
    """Other writers were faster, every time."""

    default_code = "conflict"
    retryable = True


class Unavailable(TaskFlowError):
    """Something we depend on did not answer."""

    default_code = "unavailable"
    retryable = True


class DeadlineExceeded(TaskFlowError):
    """The work took longer than whoever asked for it waits."""

    default_code = "deadline-exceeded"
    retryable = True


class DataLoss(TaskFlowError):
    """A stored document cannot be read, and no repetition will change that."""

    default_code = "internal"


NOT_THERE = "There is no such thing here, or you may not see it."


def hidden() -> NotFound:
    """Build the one answer for absent and hidden things, so that they cannot be told apart."""
    return NotFound(NOT_THERE)
