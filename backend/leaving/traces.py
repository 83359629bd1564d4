"""What a person leaves in what they shared: who did it becomes a stand-in, the work stays."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from backend.kit.actor import ERASED_UID
from backend.kit.documents import Change, Fields, Query, Remove, Stored, Where, Write
from backend.kit.people import PEOPLE, without_person
from backend.leaving.inventory import INVENTORY, Collection, row_of
from backend.notifications.documents import without_actor
from backend.reactions.documents import shadow_path
from backend.reactions.totals import OPEN
from backend.tasks.documents import task_path
from backend.tasks.model import TaskRef

LEAST = -(2**31)
# Where a uid is no trace: memberships are left, workspaces handed over, both before this.
NO_TRACES = frozenset({("members", "uid"), ("workspaces", "ownerUid")})
# Whom a document was for. Nothing of it is of use to anybody else.
WAS_FOR = {"invites": ("acceptedBy", "emailLower"), "passwordResets": ("email",)}


@dataclass(frozen=True, slots=True)
class Trace:
    """A field by which documents that name a person are found."""

    collection: str
    field: str
    is_group: bool
    is_list: bool = False
    is_total: bool = False

    def query(self, value: str, *, limit: int) -> Query:
        """Return the query that finds some of them."""
        op = "array_contains" if self.is_list else "=="
        where = Where(self.field, op, value)
        if self.is_total:  # By the number that each who is counted has, whatever it is.
            where = Where(f"{self.field}.`{value}`.{OPEN}", ">=", LEAST)
        return Query(self.collection, limit=limit, where=(where,), group=self.is_group)


def _traces() -> Iterator[Trace]:
    for row in INVENTORY:
        for field in row.one if PEOPLE not in row.many else ():  # There it lists them all.
            if (row.name, field) not in NO_TRACES:
                yield Trace(row.name, field, row.is_group)
        for field in row.many:
            yield Trace(row.name, field, row.is_group, is_list=True)


# Behind all others: no shadow names the person any more, so no reaction counts them again.
COUNTED = tuple(
    Trace(row.name, field, row.is_group, is_total=True) for row in INVENTORY for field in row.totals
)
TRACES: tuple[Trace, ...] = (*_traces(), *COUNTED)
BY_ADDRESS = (
    Trace("invites", "emailLower", is_group=True),
    Trace("passwordResets", "email", is_group=False),
)


def counterpart(stored: Stored) -> str | None:
    """Return where the shadow of a task lies, or the task of a shadow; None: it is neither."""
    segments = stored.path.split("/")
    if len(segments) == 4 and segments[::2] == ["workspaces", "tasks"]:
        return shadow_path(TaskRef(segments[1], segments[3]))
    if segments[0] == "shadows" and "task" in stored.fields:
        return task_path(TaskRef(stored.fields["workspaceId"], stored.fields["taskId"]))
    return None


def forgetting(stored: Stored, uid: str, *, address: str | None = None) -> Write | None:
    """
    Return the write by which a document names the person no more; None: it does not name them.

    Nothing else of it changes: not `rev`, not `updatedAt`. It is no edit, and nobody is to hear
    of it. The reactor sees a revision that it has seen before, and so does nothing.
    """
    row = row_of(stored.path)
    if row is None:
        return None
    theirs = {uid} if address is None else {uid, address}
    if any(stored.fields.get(name) in theirs for name in WAS_FOR.get(row.name, ())):
        return Remove(stored)
    special = REWRITTEN.get(row.name)
    after = special(stored.fields, uid) if special else _plainly(row, stored.fields, uid)
    changed = {name: value for name, value in after.items() if stored.fields.get(name) != value}
    return Change(stored, changed) if changed else None


def _plainly(row: Collection, fields: Fields, uid: str) -> Fields:
    return without_person(fields, uid, keeps_places=row.keeps_places)


def _notification(fields: Fields, uid: str) -> Fields:
    return without_actor(fields) if fields.get("actorUid") == uid else fields


def _answer(fields: Fields, uid: str) -> Fields:
    """Return a kept answer that names the person no more; it stays the answer to its request."""
    left = dict(without_person(fields, uid))
    try:
        content = json.loads(fields["body"])
    except ValueError:
        return left
    left["body"] = json.dumps(without_person({"": content}, uid)[""])
    left["headers"] = {
        name: "/".join(ERASED_UID if part == uid else part for part in str(value).split("/"))
        for name, value in fields["headers"].items()
    }
    return left


REWRITTEN: Mapping[str, Callable[[Fields, str], Fields]] = {
    "notifications": _notification,
    "idempotency": _answer,
}
