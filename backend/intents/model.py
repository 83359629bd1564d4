"""An intent, and what may become of it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from backend.kit.actor import Actor
from backend.kit.errors import Fault, InvalidArgument


class IntentState(StrEnum):
    """Whether the server has answered. An answer is final."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Intent:
    """
    `users/{uid}/intents/{i}`: a command as the app wrote it, and perhaps the answer.

    `args` holds ids by name (`workspaceId`, `taskId`), `body` as the same command over HTTP takes
    it, `ifMatch` and `baseRev`. It is whatever an app may write under the rules, so it is looked
    at as a stranger's request is. `created_at` is the server's time of its arrival.
    """

    uid: str
    id: str
    command: str
    args: Mapping[str, Any] = field(repr=False)
    state: IntentState
    created_at: datetime
    expire_at: datetime

    @property
    def is_pending(self) -> bool:
        """Whether nobody has answered it."""
        return self.state is IntentState.PENDING


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command is asked: ids by name, the body as its schema has read it, revisions."""

    ids: Mapping[str, str]
    body: Any
    if_match: int | None
    base_rev: int | None


class Body(Protocol):
    """Reads and checks a body: a schema of the edge."""

    def load(self, data: Mapping[str, Any]) -> Any:
        """Return what the body says, or raise what the schema raises."""


@dataclass(frozen=True, slots=True)
class Command:
    """
    Something that can be asked for by an intent, as by the API.

    `ids` are the names it needs in `args`; `run` is the service method, in its own signature.
    """

    ids: tuple[str, ...]
    run: Callable[[Actor, Asked], object] = field(repr=False)
    body: Body | None = None
    takes_base: bool = False
    is_for_guests: bool = True
    needs_verified_email: bool = False


Commands = Mapping[str, Command]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is written back: done with a `result`, or refused with a `problem`."""

    state: IntentState
    result: Mapping[str, Any] | None = None
    problem: Mapping[str, Any] | None = None


def checked_revision(args: Mapping[str, Any], name: str) -> int | None:
    """
    Return a revision that args may hold.

    Raises:
        InvalidArgument: it is there and is none.
    """
    value = args.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidArgument("A revision is a whole number from 1.", pointer=f"/args/{name}")
    return value


def unknown_fields(args: Mapping[str, Any], known: set[str]) -> tuple[Fault, ...]:
    """Return a fault for each name in args that the command does not know."""
    return tuple(
        Fault(f"/args/{name}", "unknown-field", "This command takes no such field.")
        for name in sorted(args)
        if name not in known
    )
