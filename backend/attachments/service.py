"""What people do with attachments."""

from typing import Any

import structlog

from backend.adapters.blobs import Blobs
from backend.adapters.firestore import Store
from backend.attachments.addresses import Addresses, Shown
from backend.attachments.documents import (
    COUNTER,
    attachment_of,
    attachment_path,
    attachments_path,
    changing,
    counting,
    creating,
)
from backend.attachments.looking import Intake
from backend.attachments.model import (
    ABANDONED_AFTER,
    KEPT_FOR,
    MAX_OF_TASK,
    Attachment,
    AttachmentRef,
    State,
    Wanted,
    refuse_size,
)
from backend.attachments.timers import attachment_timer
from backend.attachments.usage import MAX_BYTES, MAX_GUEST_BYTES, taking, usage_path
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Query, Stored, Where, Write
from backend.kit.errors import InvalidArgument, hidden
from backend.kit.ids import checked, random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.timers.documents import setting
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


class AttachmentService:
    """
    Files of the tasks of the workspaces the caller belongs to.

    Files never pass through the service: apps send them to Cloud Storage, and fetch them from
    there, at signed addresses. Every method raises NotFound for what the caller may not see,
    PermissionDenied for what they see but may not do, and Unavailable where Cloud Storage is
    silent or there is no bucket.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        blobs: Blobs,
        workspaces: WorkspaceService,
        tokens: PageTokens,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._addresses = Addresses(blobs)
        self._workspaces = workspaces
        self._tokens = tokens
        self._offers = offers
        self._intake = Intake(blobs)

    def announce(self, actor: Actor, task: TaskRef, wanted: Wanted) -> Done[Shown]:
        """
        Keep room for a file, and say where it can be sent.

        Raises:
            InvalidArgument: its name and type do not go together; or it is too large, the task
                has as many files as a task may, or the workspace has no room: `limit-exceeded`.
        """
        now = self._clock.now()
        task = self._admitted(actor, task, Right.CREATE_ATTACHMENT)
        refuse_size(wanted.size, is_guest=actor.is_guest)
        ref = AttachmentRef(*task, random_id())
        attachment = Attachment.announced(ref, wanted, by=actor.uid, at=now)
        offered = self._offers.offer(actor, [Touched.created(attachment_path(ref))], now=now)
        most = MAX_GUEST_BYTES if actor.is_guest else MAX_BYTES
        may_be_there = False

        def plan() -> tuple[Attachment, list[Write]]:
            nonlocal may_be_there
            paths = [task_path(task), usage_path(task.workspace_id)]
            # Our own commit may have taken place, and only its answer was lost.
            paths += [attachment_path(ref)] * may_be_there
            above, usage, *made = self._store.get_all(paths)
            may_be_there = True
            if made and made[0] is not None:
                return attachment, []
            _refuse_one_more(_live(above))
            return attachment, [
                creating(attachment),
                taking(usage, task.workspace_id, wanted.size, most=most),
                setting(attachment_timer(ref, at=now + ABANDONED_AFTER), now=now),
                *offered.writes,
            ]

        shown = self._addresses.to_send(attachment, now)
        self._store.commit(plan)
        self._log("attachment.announced", attachment)
        return Done(shown, offered.token)

    def finalize(self, actor: Actor, ref: AttachmentRef) -> Done[Shown]:
        """
        Look at a file that was sent, and let others see it.

        Raises:
            FailedPrecondition: nothing has been sent, it was deleted, or its time is over.
            InvalidArgument: what was sent is not what was announced, code `file-refused`; or the
                task has as many files as a task may, code `limit-exceeded`.
        """
        now = self._clock.now()
        ref = self._known(actor, ref, Right.CREATE_ATTACHMENT)
        found = self._read(ref)
        before = _attachment(found[0])
        _live(found[1])
        if before.state is State.READY:
            return Done(self._addresses.to_fetch(before, now), None)
        before.finalized("", at=now)  # Refused before anything is fetched.
        sha256 = self._intake.take(before)
        read: list[Stored | None] | None = found
        tried: Done[Attachment] | None = None

        def plan() -> tuple[Done[Attachment], list[Write]]:
            nonlocal read, tried
            (stored, task), read = read or self._read(ref), None
            attachment, above = _attachment(stored), _live(task)
            if tried is not None and attachment == tried.value:
                return tried, []  # Our own commit took place; only its answer was lost.
            ready = attachment.finalized(sha256, at=now)
            if ready is attachment or stored is None or task is None:
                return Done(attachment, None), []
            _refuse_one_more(above)
            change = changing(stored, ready)
            offered = self._offers.offer(actor, [Touched.changed(stored, change.fields)], now=now)
            tried = Done(ready, offered.token)
            return tried, [
                change,
                # Exactly so many: of two at once, one looks again.
                Change(task, {"counters": _one_more(task)}),
                *offered.writes,
            ]

        done = self._store.commit(plan)
        self._log("attachment.finalized", done.value)
        return Done(self._addresses.to_fetch(done.value, now), done.undo)

    def get(self, actor: Actor, ref: AttachmentRef) -> Shown:
        """Return an attachment; if it is ready, with the address to fetch its file from."""
        ref = self._known(actor, ref, Right.READ_ATTACHMENTS)
        attachment = _attachment(self._store.get(attachment_path(ref)))
        if attachment.state is State.DELETED:
            raise hidden()
        now = self._clock.now()
        is_theirs = attachment.uploaded_by == actor.uid and attachment.takes_file(now)
        if is_theirs:
            return self._addresses.to_send(attachment, now)
        return self._addresses.to_fetch(attachment, now)

    def page(self, actor: Actor, task: TaskRef, asked: Asked) -> Page[Shown]:
        """
        Return a page of a task's attachments that are ready, oldest first.

        Without addresses: each is signed by a call of its own.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        task = self._admitted(actor, task, Right.READ_ATTACHMENTS)
        query = Query(
            attachments_path(task),
            limit=asked.size,
            where=(Where("state", "==", State.READY.value),),
            order_by=("createdAt",),
        )
        return self._tokens.page(
            self._store,
            query,
            lambda stored: Shown(attachment_of(stored)),
            asked=asked,
            caller=actor.uid,
        )

    def delete(self, actor: Actor, ref: AttachmentRef) -> Done[None]:
        """Delete an attachment. Its file goes when this can be undone no more."""
        now = self._clock.now()
        ref = self._known(actor, ref, Right.DELETE_ATTACHMENT)

        tried: Done[Attachment] | None = None

        def plan() -> tuple[Done[Attachment], list[Write]]:
            nonlocal tried
            stored, task = self._read(ref)
            attachment = _attachment(stored)
            _live(task)
            if tried is not None and attachment == tried.value:
                return tried, []  # As above.
            gone = attachment.deleted(at=now)
            if gone is attachment or stored is None:
                return Done(attachment, None), []
            change = changing(stored, gone)
            offered = self._offers.offer(actor, [Touched.changed(stored, change.fields)], now=now)
            writes: list[Write] = [change, *offered.writes]
            writes.append(setting(attachment_timer(ref, at=now + KEPT_FOR), now=now))
            if attachment.state is State.READY:
                writes.append(counting(ref.task, -1))
            tried = Done(gone, offered.token)
            return tried, writes

        done = self._store.commit(plan)
        self._log("attachment.deleted", done.value)
        return Done(None, done.undo)

    def _admitted(self, actor: Actor, task: TaskRef, right: Right) -> TaskRef:
        member = self._workspaces.admit(actor, task.workspace_id, to=right)
        return TaskRef(member.workspace_id, checked(task.task_id))

    def _known(self, actor: Actor, ref: AttachmentRef, right: Right) -> AttachmentRef:
        task = self._admitted(actor, ref.task, right)
        return AttachmentRef(*task, checked(ref.attachment_id))

    def _read(self, ref: AttachmentRef) -> list[Stored | None]:
        return self._store.get_all([attachment_path(ref), task_path(ref.task)])

    def _log(self, done: str, attachment: Attachment) -> None:
        ids: dict[str, Any] = {"task_id": attachment.ref.task_id, "attachment_id": attachment.id}
        self._store.afterwards(lambda: log.info(done, **ids, rev=attachment.rev))


def _attachment(stored: Stored | None) -> Attachment:
    if stored is None:
        raise hidden()
    return attachment_of(stored)


def _live(stored: Stored | None) -> Task:
    task = task_of(stored) if stored else None
    if task is None or task.deleted_at is not None:
        raise hidden()
    return task


def _one_more(task: Stored) -> dict[str, int]:
    counters: dict[str, int] = dict(task.fields.get("counters", {}))
    return {**counters, COUNTER: counters.get(COUNTER, 0) + 1}


def _refuse_one_more(task: Task) -> None:
    if task.counters.get(COUNTER, 0) >= MAX_OF_TASK:
        raise InvalidArgument(f"A task can have {MAX_OF_TASK} attachments.", code="limit-exceeded")
