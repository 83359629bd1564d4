"""Many commands on tasks at once: a few are answered at once, many become an operation."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.bulk.carrying import Circle, carried_out, paths_of
from backend.bulk.model import (
    MAX_AT_ONCE,
    MAX_COMMANDS,
    MAX_PEOPLE,
    BatchRefused,
    Command,
    Mode,
    Op,
    Outcome,
    Report,
    Verdict,
)
from backend.bulk.place import Place
from backend.guests.quota import GuestQuota
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.errors import InvalidArgument, PermissionDenied
from backend.kit.ids import random_id
from backend.operations.model import Operation, OperationKind
from backend.operations.service import starting
from backend.tasks.desk import Desk
from backend.tasks.draft import Draft
from backend.timers.service import TimerService
from backend.undo.model import Done
from backend.undo.offers import UndoOffers
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

TOO_MUCH = "This goes beyond what one commit holds. Send fewer commands together."


class BulkService:
    """
    Commands on the tasks of a workspace, at most `MAX_COMMANDS`, atomic or each for itself.

    Both methods raise NotFound for whom the workspace is hidden from, PermissionDenied where the
    caller's role does not allow one of the commands, and InvalidArgument (`limit-exceeded`) for
    more than is taken.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        admission: "Admission",
        desk: Desk,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._admission = admission
        self._desk = desk
        self._offers = offers

    def carry_out(
        self, actor: Actor, workspace_id: str, mode: Mode, commands: Sequence[Command]
    ) -> Done[Report]:
        """
        Carry out at most `MAX_AT_ONCE` commands in one commit, and say what became of each.

        Raises:
            BatchRefused: the mode is atomic and a command cannot be carried out: none was.
            Aborted: others kept changing the same tasks.
        """
        _refuse_more_than(MAX_AT_ONCE, commands)
        now = self._clock.now()
        circle = self._admission.circle(actor, workspace_id, commands)

        def act(draft: Draft) -> Report:
            verdicts = carried_out(draft, commands, circle)
            verdicts += _left_over(commands, len(verdicts))
            refuse_if_atomic(mode, verdicts)
            return Report(mode, tuple(verdicts))

        done = self._desk.commit(
            actor,
            circle.caller,
            act,
            now=now,
            reading=paths_of(circle.caller.workspace_id, commands),
            bare=True,
        )
        self._store.afterwards(lambda: _log(done.value))
        return done

    def start(
        self,
        actor: Actor,
        workspace_id: str,
        mode: Mode,
        commands: Sequence[Command],
        written: Sequence[Mapping[str, Any]],
    ) -> Done[Operation]:
        """
        Begin an operation that carries commands out; `written` is their JSON, to be read again.

        Its result is the report, as far as it has come. The token takes back all of it.
        """
        _refuse_more_than(MAX_COMMANDS, commands)
        now = self._clock.now()
        circle = self._admission.circle(actor, workspace_id, commands)
        place = Place(circle.caller.workspace_id, mode, actor.is_guest, 0, tuple(written))
        place.refuse_if_too_large()
        begun = Operation.started(
            random_id(),
            OperationKind.BATCH,
            uid=actor.uid,
            at=now,
            total=len(commands),
            cursor=place.cursor,
        )
        outbox = starting(begun, now)
        self._store.create(outbox.writes)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        self._store.afterwards(lambda: log.info("operation.started", kind=begun.kind.value))
        return Done(begun, self._offers.of_operation(actor, begun.id, now=now))


class Admission:
    """Who may send commands, and whom and how much they may name."""

    def __init__(self, workspaces: WorkspaceService, quota: GuestQuota) -> None:
        self._workspaces = workspaces
        self._quota = quota

    def circle(self, actor: Actor, workspace_id: str, commands: Sequence[Command]) -> Circle:
        """
        Return who calls and who of those named is a member, in one round trip or none.

        Raises:
            NotFound: the caller does not belong to the workspace.
            PermissionDenied: their role does not allow one of the commands.
            InvalidArgument: too many people are named.
        """
        named = [uids for each in commands for uids in each.people().values()]
        people = {uid for uids in named for uid in uids if uid is not None}
        if len(people) > MAX_PEOPLE:
            raise InvalidArgument(
                f"At most {MAX_PEOPLE} people may be named in one request.",
                code="limit-exceeded",
                pointer="/operations",
            )
        first, *others = dict.fromkeys(command.op.right for command in commands)
        members = self._workspaces.admit_among(actor, workspace_id, sorted(people), to=first)
        caller = members[actor.uid]
        if not all(map(caller.may, others)):
            raise PermissionDenied("Your role in this workspace does not allow all of this.")
        has_new = any(command.op is Op.CREATE for command in commands)
        room = self._quota.room(actor, caller.workspace_id) if has_new else None
        return Circle(caller, members, room)


def refuse_if_atomic(mode: Mode, verdicts: Sequence[Verdict]) -> None:
    """
    Refuse all commands where one of them cannot be carried out, and all belong together.

    Raises:
        BatchRefused: naming each of those.
    """
    refused = [verdict for verdict in verdicts if verdict.outcome is Outcome.REFUSED]
    if refused and mode is Mode.ATOMIC:
        raise BatchRefused(refused)


def _left_over(commands: Sequence[Command], start: int) -> list[Verdict]:
    error = InvalidArgument(TOO_MUCH, code="limit-exceeded")
    left = enumerate(commands[start:], start)
    return [Verdict.refusing(index, command, error) for index, command in left]


def _refuse_more_than(most: int, commands: Sequence[Command]) -> None:
    if len(commands) > most:
        raise InvalidArgument(
            f"At most {most} operations.", code="limit-exceeded", pointer="/operations"
        )


def _log(report: Report) -> None:
    log.info("batch.carried_out", done=report.done, refused=report.refused)
