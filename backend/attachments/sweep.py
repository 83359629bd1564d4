"""The guarantee behind the attachments' timers: no file stays that no document knows."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from backend.adapters.blobs import Blob, Blobs
from backend.adapters.firestore import Store
from backend.attachments.documents import UPLOADS, is_attachment
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Stored

log = structlog.get_logger()

PATH = "jobs/sweptFiles"  # Not the id of the built-in job, which looks for them, too.
FILES = "workspaces/"
EVERY = timedelta(minutes=50)  # Its job comes once an hour, give or take.
A_ROUND = timedelta(days=1)
# Whatever is younger may be somebody's who is at it.
LEFT_FOR = timedelta(hours=2)
PAGE, MOST_PAGES = 200, 20
LOOKED_UP = 50  # Files in an hour: each costs a read, however many there are.


class FileSweep:
    """
    Looks for files that were left behind by whatever nobody has thought of.

    Uploads that are older than any that is waited for need no look-up: they go. Other files are
    gone through slowly, so many an hour and each once a day at the most, and go where no document
    is of their name. Between its hours it costs nothing.
    """

    def __init__(self, store: Store, clock: Clock, blobs: Blobs | None) -> None:
        """Take the bucket, or None where there is none and so no files."""
        self._store = store
        self._clock = clock
        self._blobs = blobs
        self._not_before: datetime | None = None

    def run(self) -> int:
        """Delete what was left behind; return how many files."""
        now, blobs = self._clock.now(), self._blobs
        if blobs is None or (self._not_before is not None and now < self._not_before):
            return 0
        stored = self._store.get(PATH)
        self._not_before = stored.fields["nextAt"] if stored else now
        if now < self._not_before:  # Another process was there.
            return 0
        lost = [*_old_uploads(blobs, now)]
        found, after, look_at = self._look_up(blobs, stored, now)
        lost += found
        for name in lost:
            blobs.delete(name)
        self._not_before = now + EVERY
        self._note(stored, {"nextAt": self._not_before, "lookAt": look_at, "after": after})
        if lost:
            log.warning("sweep.found_files", missed=len(lost))
        return len(lost)

    def _look_up(
        self, blobs: Blobs, stored: Stored | None, now: datetime
    ) -> tuple[list[str], str, datetime]:
        """Return files without a document, the last one looked at, and when to look on."""
        after, look_at = (stored.fields["after"], stored.fields["lookAt"]) if stored else ("", now)
        if now < look_at:
            return [], after, look_at
        page = blobs.listed(FILES, limit=LOOKED_UP, after=after)
        names = [blob.name for blob in page if _is_old(blob, now) and is_attachment(blob.name)]
        found = self._store.get_all(names) if names else []
        lost = [name for name, known in zip(names, found, strict=True) if known is None]
        if len(page) < LOOKED_UP:
            return lost, "", now + A_ROUND
        return lost, page[-1].name, now

    def _note(self, stored: Stored | None, fields: dict[str, object]) -> None:
        # Where two were at it at once, either note will do.
        self._store.attempt([Change(stored, fields) if stored else Create(PATH, fields)])


def _old_uploads(blobs: Blobs, now: datetime) -> Iterator[str]:
    after = ""
    for _ in range(MOST_PAGES):
        page = blobs.listed(f"{UPLOADS}/", limit=PAGE, after=after)
        yield from (blob.name for blob in page if _is_old(blob, now))
        if len(page) < PAGE:
            return
        after = page[-1].name


def _is_old(blob: Blob, now: datetime) -> bool:
    return blob.made_at < now - LEFT_FOR
