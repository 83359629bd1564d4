"""
What the history of a task does not hold yet: what apps wrote themselves.

Edits through the API write their own entries. Between two reactions there may have been some of
these, and direct writes before, between and after them. From the entries that are there follows
what each stretch of direct writes has changed, so that everybody is named for their own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.kit.documents import Stored, Write, reading
from backend.tasks.documents import task_fields, task_from
from backend.tasks.history import before, remembering
from backend.tasks.model import Task


def unrecorded(old: Task, written: Task, entries: Sequence[Stored]) -> list[Write]:
    """
    Return the writes of the history between two states of a task that `entries` leave out.

    `entries` are documents of its history after `old`, in any order. Where several stretches of
    direct writes lie between two reactions, a field that no entry speaks of counts as changed in
    the last of them.

    Raises:
        DataLoss: one of them is none.
    """
    writes: list[Write] = []
    state = old
    for block in _blocks(entries):
        first, last = block[0].fields, block[-1].fields
        if first["fromRev"] > state.rev:
            if last["rev"] == written.rev:
                then = before(written, block[::-1])
            else:
                then = _before(state, block[0])
            writes.append(remembering(state, then))
            state = then
        for entry in block:
            state = _after(state, entry)
    if state.rev < written.rev:
        writes.append(remembering(state, written))
    return writes


def _blocks(entries: Sequence[Stored]) -> list[list[Stored]]:
    """Return the entries in order, together where one begins at the revision the other ends at."""
    blocks: list[list[Stored]] = []
    for entry in sorted(entries, key=lambda each: int(each.id)):
        with reading(entry) as fields:
            if blocks and blocks[-1][-1].fields["rev"] == fields["fromRev"]:
                blocks[-1].append(entry)
            else:
                blocks.append([entry])
    return blocks


def _before(state: Task, entry: Stored) -> Task:
    with reading(entry) as fields:
        since = fields["since"]
        return _with(state, fields["previous"], fields["fromRev"], since["at"], since["actorUid"])


def _after(state: Task, entry: Stored) -> Task:
    with reading(entry) as fields:
        return _with(state, fields["patch"], fields["rev"], fields["at"], fields["actorUid"])


def _with(task: Task, values: Mapping[str, Any], rev: int, at: datetime, by: str) -> Task:
    stamps = {"rev": rev, "updatedAt": at, "updatedBy": by}
    return task_from(task.ref, {**task_fields(task), **values, **stamps})
