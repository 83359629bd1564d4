"""The work of a merge: a guest's documents appear in the account, each once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from backend.accounts.documents import account_of, account_path
from backend.adapters.firestore import Store
from backend.guests.contents import COUNTED, MOVES, handed_over, kind_of, top_of
from backend.guests.documents import listing_copies, merge_fields, merge_of, merge_path
from backend.guests.duplicates import duplicates
from backend.guests.files import ATTACHMENTS, GuestFiles
from backend.guests.model import MAX_GUEST_TASKS, MergeState, written
from backend.guests.place import Place
from backend.guests.recovery import Recovery
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Fields, Put, Query, Stored, Where, Write
from backend.kit.errors import DataLoss, hidden
from backend.operations.model import Operation
from backend.operations.running import Step
from backend.tasks.documents import task_of, tasks_path
from backend.tasks.model import Task
from backend.timers.outbox import Outbox
from backend.workspaces.documents import workspace_path

PAGE = 150  # Documents for one commit, which takes 400 and 10 MiB.
# So many of the account's tasks, the newest, are compared with those that came.
COMPARED = 1_000
REPORTED = 100


class Copying:
    """
    Copies page by page, in the order of paths, under the ids things have.

    Each page is one commit with the progress of the operation, so that none is copied twice. What
    the account has under the same id stays as it is, and the guest's document stays out.
    """

    def __init__(self, store: Store, clock: Clock, recovery: Recovery, files: GuestFiles) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._recovery = recovery

    def step(self, operation: Operation) -> Step:
        """
        Copy a page; after the last one, look for duplicates and finish.

        Raises:
            NotFound: the account is not there any more.
        """
        place = Place.at(operation.cursor)
        if self._account_ended(operation.uid):
            raise hidden()
        home = workspace_path(place.guest_uid)
        page = self._store.below(home, limit=PAGE, after=place.after, whole=True)
        if not page:
            return self._finished(operation, place)
        return self._copied(operation, place, _whole_units(page, home))

    def tidy(self, uid: str, operation_id: str) -> bool:
        """Undo a merge that was called off half-way, so that the guest has everything again."""
        self._recovery.undo_unfinished(uid, operation_id)
        return True

    def _account_ended(self, uid: str) -> bool:
        stored = self._store.get(account_path(uid))
        return stored is None or account_of(stored).has_ended

    def _copied(self, operation: Operation, place: Place, page: Sequence[Stored]) -> Step:
        now = self._clock.now()
        home = f"{workspace_path(place.guest_uid)}/"
        found = {each.path.removeprefix(home): each.fields for each in page}
        moving = {name: fields for name, fields in found.items() if kind_of(name) in MOVES}
        taken = self._taken(operation.uid, [name for name in moving if top_of(name) == name])
        staying = taken | ({place.skipping} - {""})
        target = workspace_path(operation.uid)
        outbox = Outbox()
        copies: list[tuple[str, int | None]] = []
        made = {
            f"{target}/{name}": handed_over(
                name, fields, guest=place.guest_uid, to=operation.uid, at=now
            )
            for name, fields in moving.items()
            if top_of(name) not in staying
        }
        attached = self._attached(made, home, target, now)
        for path, mine in made.items():
            name = path.removeprefix(f"{target}/")
            if kind_of(name) == ATTACHMENTS and path not in attached:
                continue
            outbox.writes.append(Create(path, mine) if top_of(name) == name else Put(path, mine))
            copies.append((name, moving[name].get("rev")))
        outbox.writes += self._files.counting(operation.uid, attached)
        if copies:
            outbox.writes.append(
                listing_copies(place.guest_uid, operation.id, place.copied, copies)
            )
        last = top_of(list(found)[-1])
        after = Place(
            guest_uid=place.guest_uid,
            after=page[-1].path,
            copied=place.copied + bool(copies),
            skipping=last if last in staying else "",
            skipped=place.skipped + len(taken),
            moved=_counted(place.moved, copies),
        )
        done = operation.done + len(copies)
        progressed = operation.progressed(done=done, at=now, cursor=after.cursor)
        return Step(progressed, outbox)

    def _attached(
        self, made: Mapping[str, Fields], home: str, target: str, now: datetime
    ) -> dict[str, Fields]:
        """Copy the files of attachments; return those of the documents that have one."""
        wanted = {
            path: (f"{home}{path.removeprefix(f'{target}/')}", fields)
            for path, fields in made.items()
            if kind_of(path.removeprefix(f"{target}/")) == ATTACHMENTS
        }
        there = self._files.move(wanted, now=now)
        return {path: made[path] for path in wanted if path in there}

    def _taken(self, workspace_id: str, names: Sequence[str]) -> set[str]:
        """Return those documents whose ids the account has given to others."""
        if not names:
            return set()
        target = workspace_path(workspace_id)
        found = self._store.get_all([f"{target}/{name}" for name in names])
        return {name for name, stored in zip(names, found, strict=True) if stored is not None}

    def _finished(self, operation: Operation, place: Place) -> Step:
        now = self._clock.now()
        stored = self._store.get(merge_path(place.guest_uid))
        if stored is None:
            raise hidden()
        merge = merge_of(stored).put_in_state(MergeState.MERGED)
        pairs = self._duplicates(operation.uid, place)
        result = {
            "moved": {name: place.moved.get(name, 0) for name in COUNTED},
            "leftBehind": place.skipped,
            "duplicates": [
                {"taskId": task_id, "duplicateOf": other} for task_id, other in pairs[:REPORTED]
            ],
            "undoUntil": written(merge.undo_until),
        }
        writes: list[Write] = [Change(stored, merge_fields(merge))]
        return Step(operation.finished(result, at=now), Outbox(writes))

    def _duplicates(self, uid: str, place: Place) -> list[tuple[str, str]]:
        originals = {task.id for task in self._live(place.guest_uid, most=2 * MAX_GUEST_TASKS)}
        tasks = self._live(uid, most=COMPARED + len(originals))
        moved = [task for task in tasks if task.id in originals]
        return duplicates(moved, (task for task in tasks if task.id not in originals))

    def _live(self, workspace_id: str, *, most: int) -> list[Task]:
        """Return the newest tasks that are neither in the trash nor in the archive."""
        live = (Where("deletedAt", "==", None), Where("archivedAt", "==", None))
        tasks: list[Task] = []
        after: tuple[Any, ...] | None = None
        while len(tasks) < most:
            query = Query(
                tasks_path(workspace_id), PAGE, where=live, order_by=("-createdAt",), after=after
            )
            found = self._store.find(query)
            tasks += _readable(found)
            if len(found) < PAGE:
                break
            after = (found[-1].fields["createdAt"], found[-1].path)
        return tasks[:most]


def _whole_units(page: Sequence[Stored], home: str) -> Sequence[Stored]:
    """Leave what may go on after the page to the next one, unless it is larger than a page."""
    tops = [top_of(each.path.removeprefix(f"{home}/")) for each in page]
    whole = [each for each, top in zip(page, tops, strict=True) if top != tops[-1]]
    return whole if whole and len(page) == PAGE else page


def _readable(found: Sequence[Stored]) -> Iterator[Task]:
    for stored in found:
        with suppress(DataLoss):  # The reactor reports it; a merge is not the place.
            yield task_of(stored)


def _counted(moved: Mapping[str, int], copies: Sequence[tuple[str, int | None]]) -> dict[str, int]:
    counts = dict(moved)
    for name, _ in copies:
        kind = kind_of(name).rpartition("/")[2]
        counts[kind] = counts.get(kind, 0) + 1
    return counts
