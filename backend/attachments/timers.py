"""The timer that each attachment has while there may be something of it to throw away."""

from datetime import datetime

from backend.attachments.model import AttachmentRef
from backend.kit.ids import derived_id
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind


def attachment_timer(ref: AttachmentRef, *, at: datetime, attempts: int = 0) -> Timer:
    """Return the timer at which an attachment, and what lies of it in the bucket, is looked at."""
    subject = {
        "workspaceId": ref.workspace_id,
        "taskId": ref.task_id,
        "attachmentId": ref.attachment_id,
    }
    return Timer(timer_id(ref), TimerKind.ATTACHMENT, subject, at, attempts)


def timer_id(ref: AttachmentRef) -> str:
    """Return the id of an attachment's timer."""
    return derived_id(TimerKind.ATTACHMENT.value, *ref)


def ref_in(alarm: Alarm) -> AttachmentRef:
    """
    Return which attachment an alarm is about.

    Raises:
        InvalidArgument: it does not say.
    """
    return AttachmentRef(*(alarm.id_of(name) for name in ("workspaceId", "taskId", "attachmentId")))
