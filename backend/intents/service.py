"""Carrying intents out: each once, however often and in whatever order it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from backend.accounts.documents import account_of, account_path
from backend.adapters.counters import Counters
from backend.adapters.credentials import Credential, Credentials
from backend.adapters.firestore import Joined, Store
from backend.intents.asking import asked_of, command_of
from backend.intents.documents import answering, intent_path, waiting_or_answered
from backend.intents.model import Answer, Command, Commands, Intent, IntentState
from backend.kit.actor import Actor, Identity
from backend.kit.clock import Clock
from backend.kit.documents import Write
from backend.kit.errors import (
    DataLoss,
    DeadlineExceeded,
    InvalidArgument,
    PermissionDenied,
    TaskFlowError,
    Unauthenticated,
    Unavailable,
    hidden,
)
from backend.kit.ids import checked
from backend.operations.model import Operation
from backend.undo.model import Done
from backend.workspaces.welcome import Welcome

log = structlog.get_logger()

# What could not be carried out for so long is refused: nobody waits for it any more.
GIVES_UP_AFTER = timedelta(hours=24)
WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what Firebase Auth says of them now."""

    actor: Actor
    identity: Identity


class IntentService:
    """
    Answers the intents of people with what became of them.

    The command's writes and the answer are one commit, guarded by the intent: of two that carry
    out the same one, one loses, looks again and finds it answered. Who asks is looked at as at the
    front door: their account must stand, may have been signed out since, a guest's time may be
    over, and some commands ask for more.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        welcome: Welcome,
        credentials: Credentials,
        counters: Counters,
        *,
        per_minute: int,
    ) -> None:
        self._store = store
        self._clock = clock
        self._welcome = welcome
        self._credentials = credentials
        self._counters = counters
        self._per_minute = per_minute

    def run(self, uid: str, intent_id: str, commands: Commands) -> IntentState | None:
        """
        Carry an intent out, unless it is answered; return its state then, None if there is none.

        Raises:
            Unavailable: something does not answer, or the person asks for too much at a time; to
                be tried again.
            Aborted: others kept changing the same documents; likewise.
        """
        now = self._clock.now()
        path = intent_path(checked(uid), checked(intent_id))
        stored = self._store.get(path)
        intent = waiting_or_answered(stored, now)
        if intent is None or not intent.is_pending:
            return intent.state if intent else None
        self._count(uid)
        caller = self._caller(intent, now)
        joined = Joined()

        def plan() -> tuple[IntentState, list[Write]]:
            nonlocal joined, stored
            found, stored = stored or self._store.get(path), None
            current = waiting_or_answered(found, now)
            if found is None or current is None or not current.is_pending:
                joined = Joined()
                return current.state if current else IntentState.DONE, []
            answer, joined = self._answer(current, caller, commands, now)
            return answer.state, [*joined.writes, answering(found, answer, at=now)]

        try:
            state = self._store.commit(plan)
            for act in joined.afterwards:
                act()
        finally:
            for act in joined.eventually:
                act()
        log.info("intent.answered", outcome=state.value)
        return state

    def _answer(
        self,
        intent: Intent,
        caller: Caller | TaskFlowError,
        commands: Commands,
        now: datetime,
    ) -> tuple[Answer, Joined]:
        """Return the answer to an intent, and what its commit writes besides."""
        try:
            if isinstance(caller, TaskFlowError):
                raise caller
            _refuse_old(intent, now)
            command = command_of(intent, commands)
            _check(caller, command)
            asked = asked_of(intent, command)
            with self._store.joining() as joined:
                done = command.run(caller.actor, asked)
        except TaskFlowError as error:
            if error.retryable and intent.created_at + GIVES_UP_AFTER > now:
                raise
            return Answer(IntentState.REFUSED, problem=_problem(error)), Joined()
        return Answer(IntentState.DONE, result=_result(done)), joined

    def _caller(self, intent: Intent, now: datetime) -> Caller | TaskFlowError:
        """Return who asks, or why they may not."""
        try:
            identity = _identity(self._credentials.find(intent.uid), intent, now)
            account = self._store.get(account_path(intent.uid))
            if account is None or not account_of(account).is_usable(now):
                raise hidden()
            return Caller(self._welcome.admit(identity), identity)
        except TaskFlowError as error:
            if error.retryable and intent.created_at + GIVES_UP_AFTER > now:
                raise
            return error

    def _count(self, uid: str) -> None:
        counted = self._counters.add(f"intents:{uid}", 1, window_s=WINDOW_S)
        if counted.used > self._per_minute:
            raise Unavailable("This person has asked for too much at a time.")


def _refuse_old(intent: Intent, now: datetime) -> None:
    if intent.created_at + GIVES_UP_AFTER <= now:
        raise DeadlineExceeded("This could not be done for a day. Ask again, if it is still to be.")


def _check(caller: Caller, command: Command) -> None:
    if caller.actor.is_guest and not command.is_for_guests:
        raise PermissionDenied("This needs an account: guests cannot do it.")
    if command.needs_verified_email and not caller.identity.email_verified:
        raise PermissionDenied("Verify your e-mail address first.", code="email-not-verified")


def _identity(credential: Credential | None, intent: Intent, now: datetime) -> Identity:
    if credential is None:
        raise Unauthenticated("This account does not exist any more.")
    if credential.is_disabled:
        raise PermissionDenied("This account is disabled.", code="account-disabled")
    since = credential.valid_since
    # Firebase Auth counts in whole seconds, and what was written in the same one stands.
    if since is not None and intent.created_at.replace(microsecond=0) < since:
        raise Unauthenticated("You were signed out since.", code="token-revoked")
    return Identity(
        uid=credential.uid,
        name=credential.display_name or "",
        photo_url=credential.photo_url,
        is_guest=credential.is_anonymous,
        issued_at=intent.created_at,
        expires_at=now,
        signed_in_at=intent.created_at,
        email=credential.email,
        email_verified=credential.email_verified,
    )


def _result(done: object) -> dict[str, Any]:
    """Return what an app needs to know of what was done; the rest its listeners show."""
    value, undo = (done.value, done.undo) if isinstance(done, Done) else (done, None)
    result: dict[str, Any] = {"undoToken": undo}
    if isinstance(value, Operation):
        return {**result, "operationId": value.id}
    for name in ("id", "rev"):
        if (known := getattr(value, name, None)) is not None:
            result[name] = known
    return result


def _problem(error: TaskFlowError) -> Mapping[str, Any]:
    """Return a refusal as the API words it, without what only HTTP has."""
    is_ours = isinstance(error, DataLoss)  # Whose words name the document.
    detail = "This is our mistake. It was recorded." if is_ours else error.detail
    faults = error.faults if isinstance(error, InvalidArgument) else ()
    return {
        "code": error.code,
        "detail": detail,
        "errors": [
            {"pointer": _pointer(fault.pointer), "code": fault.code, "detail": fault.detail}
            for fault in faults
        ],
    }


def _pointer(pointer: str) -> str:
    """Return where a value stands in the intent: services speak of the body, and of revisions."""
    if pointer in ("/baseRev", "/ifMatch"):
        return f"/args{pointer}"
    is_ours = pointer == "/command" or pointer.startswith("/args/")
    return pointer if is_ours else f"/args/body{pointer}"
