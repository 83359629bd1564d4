"""Deleting everything of a workspace or a person: below them, and what follows from them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from backend.accounts.documents import account_path
from backend.adapters.blobs import Blobs
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import MAX_WRITES, Store
from backend.kit.clock import Clock
from backend.kit.documents import Adjust, Increment, Query, Remove, Stored, Where, Withdraw, Write
from backend.leaving.inventory import Collection, Whose, following
from backend.timers.model import TimerKind
from backend.workspaces.documents import workspace_path

log = structlog.get_logger()

WORK_S = 12.0  # A job has 25 s, other work too, and the last commit begun may take its time.
FILES_AT_ONCE = 50  # Each is a request of its own.
PAGE = MAX_WRITES - 1  # One write of each commit counts the others.
# Timers that purging is done for. Their handlers remove them, last of all.
DRIVING = frozenset(
    kind.value for kind in (TimerKind.WORKSPACE_PURGE, TimerKind.GUEST_EXPIRY, TimerKind.ERASURE)
)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many documents went, by collection, and whether nothing was found to be left."""

    deleted: Mapping[str, int]
    is_done: bool


class Purge:
    """
    Deletes for good.

    Every method can be killed anywhere and called again: it looks for what is there, and needs no
    memory of what it has done. One call works for `WORK_S` at the most; where `is_done` is false
    the timer's job must come again (raise Unavailable, or set the timer anew). What is stored
    elsewhere does not slow it: it reads what it deletes, and one empty answer for each place.

    `counted_at` is the path of a receipt: each commit adds to its counts what it deletes, so that
    they are exact however often the work was interrupted.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        profiles: CachedDocuments,
        members: CachedDocuments,
        blobs: Blobs | None,
    ) -> None:
        """Take the bucket, or None where there is none and so no files."""
        self._store = store
        self._clock = clock
        self._profiles = profiles
        self._members = members
        self._blobs = blobs

    def empty_workspace(self, workspace_id: str, *, counted_at: str | None = None) -> Purged:
        """
        Delete a workspace, everything below it, and the server's documents that follow from it.

        Its own document and memberships go first: from then on neither the API nor the rules let
        anybody in. What had been let in before may still write for some seconds, so whoever must be
        sure calls again a minute later.
        """
        run = _Run(self._store, self._clock, counted_at)
        while run.finds_more():
            self._empty_workspace(run, workspace_id)
        return run.purged()

    def empty_person(
        self, uid: str, *, counted_at: str | None = None, keeping_account: bool = False
    ) -> Purged:
        """
        Delete all that lies below a person and follows from them, and their personal workspace.

        Their account goes last: it is the caller who sees to it that none is opened again
        (`Receipts.opening`). Memberships and traces elsewhere are the caller's business, too.
        """
        run = _Run(self._store, self._clock, counted_at)
        root = account_path(uid)
        while run.finds_more():
            self._empty_workspace(run, uid)
            run.delete_found(lambda: self._store.below(root, limit=PAGE))
            for row, field in following(Whose.PERSON):
                run.delete_found(self._followers(row, field, uid))
            for folder in (f"{root}/", f"exports/{uid}/"):
                self._delete_files(run, folder)
        if not keeping_account:
            run.delete_found(lambda: self._there([root]))
        self._profiles.forget(uid)
        return run.purged()

    def _empty_workspace(self, run: "_Run", workspace_id: str) -> None:
        root = workspace_path(workspace_id)
        run.delete_found(lambda: self._there([root]))
        run.delete_found(lambda: self._page(Query(f"{root}/members", limit=PAGE)))
        self._members.forget(workspace_id)
        run.delete_found(lambda: self._store.below(root, limit=PAGE))
        for row, field in following(Whose.WORKSPACE):
            run.delete_found(self._followers(row, field, workspace_id))
        for folder in (f"{root}/", f"uploads/{workspace_id}/"):
            self._delete_files(run, folder)
        self._members.forget(workspace_id)

    def _delete_files(self, run: "_Run", folder: str) -> None:
        if (blobs := self._blobs) is not None:
            run.delete_files(lambda: blobs.delete_prefix(folder, FILES_AT_ONCE))

    def _there(self, paths: Sequence[str]) -> list[Stored]:
        return [stored for stored in self._store.get_all(paths) if stored is not None]

    def _page(self, query: Query) -> list[Stored]:
        return self._store.find(query)

    def _followers(self, row: Collection, field: str, of: str) -> Callable[[], list[Stored]]:
        where = (Where(field, "==", of),)
        query = Query(row.name, limit=PAGE, where=where, group=row.is_group)

        def found() -> list[Stored]:
            return [each for each in self._page(query) if each.fields.get("kind") not in DRIVING]

        return found


class _Run:
    """One call's share of the work: what it has deleted, and whether its time is up."""

    def __init__(self, store: Store, clock: Clock, counted_at: str | None) -> None:
        self._store = store
        self._clock = clock
        self._counted_at = counted_at
        self._ends_at = clock.monotonic() + WORK_S
        self._deleted: Counter[str] = Counter()
        self._is_done = True
        self._deleted_before: int | None = None

    def finds_more(self) -> bool:
        """
        Whether it is worth looking through all places (again): until a whole look finds nothing.

        A reaction that had read before may have written behind our back.
        """
        before, self._deleted_before = self._deleted_before, self._deleted.total()
        return self._is_done and before != self._deleted_before

    def delete_found(self, find: Callable[[], list[Stored]]) -> None:
        """Delete what `find` finds, page by page, until it finds nothing or time is up."""
        while self._is_done and (found := find()):
            self._delete(found)
            self._is_done = self._clock.monotonic() < self._ends_at

    def delete_files(self, delete: Callable[[], int]) -> None:
        """Let `delete` delete some files and say how many, until there are none or time is up."""
        while self._is_done and (count := delete()):
            self._count(Counter(files=count))
            self._is_done = self._clock.monotonic() < self._ends_at

    def purged(self) -> Purged:
        """Return what has come of it."""
        if self._deleted:
            log.info("purge.deleted", done=sum(self._deleted.values()))
        return Purged(dict(self._deleted), self._is_done)

    def _delete(self, found: Sequence[Stored]) -> None:
        # The deepest first: nothing is ever left below a document that is gone.
        first, *others = sorted(found, key=lambda each: -each.path.count("/"))
        counts = Counter(each.path.split("/")[-2] for each in found)
        # The first is the guard: a commit whose answer was lost is not counted a second time.
        writes: list[Write] = [Remove(first), *(Withdraw(each.path) for each in others)]
        if self._counted_at is not None:
            writes.append(self._counting(self._counted_at, counts))
        if self._store.attempt(writes):
            self._deleted += counts

    def _count(self, counts: Counter[str]) -> None:
        self._deleted += counts
        # Files know no commit: killed here, these are not counted.
        if self._counted_at is not None:
            self._store.attempt([self._counting(self._counted_at, counts)])

    def _counting(self, path: str, counts: Counter[str]) -> Write:
        return Adjust(path, {"deleted": {name: Increment(count) for name, count in counts.items()}})
