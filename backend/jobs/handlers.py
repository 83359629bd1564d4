"""What jobs can do: handlers by name, each with the arguments that it takes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from marshmallow import Schema, ValidationError

from backend.jobs.model import JobRun
from backend.kit.errors import Fault, InvalidArgument

LONGEST_ARGUMENTS = 10_000  # Characters of JSON.
ARGUMENTS = "/arguments"  # Where they stand in a job.


class JobScope(StrEnum):
    """Whose jobs may use a handler."""

    PLATFORM = "platform"
    WORKSPACE = "workspace"

    @classmethod
    def of(cls, workspace_id: str | None) -> "JobScope":
        """Return the scope of jobs of a workspace, or of those of none."""
        return cls.PLATFORM if workspace_id is None else cls.WORKSPACE


@dataclass(frozen=True, slots=True)
class Step:
    """
    What one step did: so many `items`, and where the next one goes on (None: all is done).

    `cursor` and `result` are plain values that Firestore keeps: small, no secrets, no words of
    people. `result` is what the run shows from now on, in place of what it showed before.
    """

    items: int
    cursor: Mapping[str, Any] | None
    result: Mapping[str, Any] = field(default_factory=dict)


class JobHandler(Protocol):
    """One thing that jobs can do."""

    @property
    def name(self) -> str:
        """What jobs call it."""

    @property
    def scope(self) -> JobScope:
        """Whose jobs may use it."""

    @property
    def arguments(self) -> Schema:
        """What it takes."""

    def step(self, run: JobRun, arguments: Mapping[str, Any], cursor: Mapping[str, Any]) -> Step:
        """
        Do some seconds' worth of a run and say how far it is.

        `arguments` are what the schema loads, `cursor` is that of the step before (at first empty).
        A step may run twice, also at once: ids of what it makes follow from `run.job_id` and
        `run.id`, and its own commits bear repetition. Between steps the run can be called off.

        Raises:
            TaskFlowError: retryable ones are tried again after a while, as often as the job says;
                others fail the run.
        """


@runtime_checkable
class NamingPeople(Protocol):
    """A handler whose arguments name people, who must belong to the workspace."""

    def people_named(self, arguments: Mapping[str, Any]) -> Mapping[str, Sequence[str | None]]:
        """Return the uids in what the schema loads, under the pointers of their lists there."""


class Handlers:
    """The registry: every handler there is, by its name."""

    def __init__(self, handlers: Iterable[JobHandler]) -> None:
        self._handlers = {handler.name: handler for handler in handlers}

    def of(self, scope: JobScope) -> list[JobHandler]:
        """Return the handlers that jobs of a scope may use, by name."""
        found = [each for each in self._handlers.values() if each.scope is scope]
        return sorted(found, key=lambda each: each.name)

    def find(self, name: str, scope: JobScope) -> JobHandler | None:
        """Return a handler by its name, if jobs of the scope may use it."""
        handler = self._handlers.get(name)
        return handler if handler is not None and handler.scope is scope else None

    def check(
        self, name: str, scope: JobScope, arguments: Mapping[str, Any]
    ) -> dict[str, Sequence[str | None]]:
        """
        Return whom the arguments name, given as JSON, if jobs of a scope may use a handler so.

        By the pointers of their lists. Whether these people belong to the workspace is not looked
        at here.

        Raises:
            InvalidArgument: there is no such handler for them, or it takes other arguments.
        """
        handler = self.find(name, scope)
        if handler is None:
            raise InvalidArgument("There is no such handler.", pointer="/handler")
        if len(json.dumps(arguments)) > LONGEST_ARGUMENTS:
            raise InvalidArgument("These are too many arguments.", pointer=ARGUMENTS)
        values = loaded(handler, arguments)
        if not isinstance(handler, NamingPeople):
            return {}
        named = handler.people_named(values)
        return {f"{ARGUMENTS}{pointer}": uids for pointer, uids in named.items()}


def loaded(handler: JobHandler, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Return what a handler makes of its arguments.

    Raises:
        InvalidArgument: it does not take them; the faults point below `/arguments`.
    """
    try:
        values: Mapping[str, Any] = handler.arguments.load(dict(arguments))
    except ValidationError as error:
        faults = tuple(_faults(ARGUMENTS, error.messages))
        raise InvalidArgument("The handler does not take these arguments.", faults=faults) from None
    return values


def _faults(pointer: str, messages: Any) -> Iterable[Fault]:
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            yield from _faults(f"{pointer}/{name}", below)
    else:
        for message in messages:
            yield Fault(pointer.removesuffix("/_schema"), "validation-failed", str(message))
