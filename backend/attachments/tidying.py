"""An attachment's timer has fired: what nobody can need any more is thrown away."""

from datetime import datetime

import structlog

from backend.adapters.blobs import Blobs
from backend.adapters.firestore import Store
from backend.attachments.documents import attachment_of, attachment_path, upload_name
from backend.attachments.model import Attachment
from backend.attachments.timers import ref_in
from backend.attachments.usage import leaving, usage_path
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.service import TimerService

log = structlog.get_logger()


class AttachmentTidying:
    """
    Throws away uploads that nobody finished, and files of attachments that were deleted.

    The document goes first, so that nobody takes the file in, or brings it back, while it goes;
    then what lies in the bucket; then the timer. Killed in between, the next alarm goes on.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService, blobs: Blobs) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._blobs = blobs

    def fire(self, alarm: Alarm) -> None:
        """
        Look at an attachment whose time may have come.

        Raises:
            Unavailable: Cloud Storage is silent.
        """
        ref, now = ref_in(alarm), self._clock.now()

        def plan() -> tuple[tuple[Stored | None, Attachment | None], list[Write]]:
            timer, stored, usage = self._store.get_all(
                [timer_path(alarm.timer_id), attachment_path(ref), usage_path(ref.workspace_id)]
            )
            attachment = attachment_of(stored) if stored else None
            if timer is None or not is_due(timer, alarm, now):
                return (None, None), []
            if stored is None or attachment is None or not _is_over(attachment, now):
                return (timer, attachment), []
            return (timer, None), [Remove(stored), *leaving(usage, attachment.size)]

        timer, attachment = self._store.commit(plan)
        if timer is None:
            return
        if attachment is not None and attachment.goes_at is not None:
            self._timers.again(timer, attachment.goes_at)
        else:
            self._throw_away(alarm, timer, attachment, now)

    def _throw_away(
        self, alarm: Alarm, timer: Stored, attachment: Attachment | None, now: datetime
    ) -> None:
        ref = ref_in(alarm)
        self._blobs.delete(upload_name(ref))
        if attachment is None:
            self._blobs.delete(attachment_path(ref))
        self._remove(alarm, timer, now)
        log.info("attachment.tidied", attachment_id=ref.attachment_id)

    def _remove(self, alarm: Alarm, timer: Stored, now: datetime) -> None:
        """Remove the timer, unless somebody has set it anew meanwhile."""
        seen: Stored | None = timer

        def plan() -> tuple[None, list[Write]]:
            nonlocal seen
            found, seen = seen or self._store.get(timer.path), None
            if found is None or not is_due(found, alarm, now):
                return None, []
            return None, [Remove(found)]

        self._store.commit(plan)


def _is_over(attachment: Attachment, now: datetime) -> bool:
    return attachment.goes_at is not None and attachment.goes_at <= now
