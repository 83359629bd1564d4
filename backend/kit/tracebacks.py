"""An exception as text that shows where it happened, and nothing of what passed through there."""

from collections.abc import Iterator
from traceback import StackSummary, walk_tb

from backend.kit.redaction import redacted, without_quotations

# Whose messages speak of connections, ids and states. Any other message may quote what a person
# sent: `ValueError: invalid literal for int(): 'their text'`. It is dropped; the type, the place
# and the line of code remain.
TRUSTED = (
    "backend.kit.errors",
    "google.api_core.exceptions",
    "grpc",
    "requests.exceptions",
    "urllib3.exceptions",
    "redis.exceptions",
)
DEEPEST_FRAMES = 40
LONGEST_CHAIN = 5

_BECAUSE = "\nThe above exception was the direct cause of the following exception:\n"
_WHILE = "\nDuring handling of the above exception, another exception occurred:\n"


def described(error: BaseException) -> str:
    """Return the traceback of `error` and of what caused it, without locals or foreign messages."""
    return redacted("\n".join(_lines(error, LONGEST_CHAIN)))


def message_of(error: BaseException) -> str:
    """Return an exception's message if it can be shown, else an empty text."""
    kind = type(error)
    if not any(base.__module__.startswith(TRUSTED) for base in kind.__mro__):
        return ""
    return without_quotations(str(error))


def _lines(error: BaseException, chain: int) -> Iterator[str]:
    if chain:
        if error.__cause__ is not None:
            yield from _lines(error.__cause__, chain - 1)
            yield _BECAUSE
        elif error.__context__ is not None and not error.__suppress_context__:
            yield from _lines(error.__context__, chain - 1)
            yield _WHILE
    yield "Traceback (most recent call last):"
    # Extracted without locals: they are what people sent.
    frames = StackSummary.extract(walk_tb(error.__traceback__), capture_locals=False)
    for frame in frames[-DEEPEST_FRAMES:]:
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        if frame.line:
            yield f"    {frame.line}"
    yield _headline(error)
    if isinstance(error, BaseExceptionGroup):
        yield from (f"  | {_headline(inner)}" for inner in error.exceptions)


def _headline(error: BaseException) -> str:
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    message = message_of(error)
    return f"{module}{kind.__qualname__}: {message}" if message else f"{module}{kind.__qualname__}"
