"""
Search entries: what can be found, as documents of the server's own.

`searchEntries/{id}` follows from a task, comment, board or list and is written in the commit of its
reaction, whole and without being read: the id is derived. Nothing that lies in the trash has one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from backend.kit.documents import Fields, Put, Stored, Withdraw, Write, reading
from backend.kit.ids import derived_id
from backend.search.words import tokens_of, words_of
from backend.tasks.model import Task, TaskRef

ENTRIES = "searchEntries"
# What a search reads of an entry: its tokens are many, and have done their work.
READ = (
    "kind",
    "workspaceId",
    "subjectId",
    "taskId",
    "boardId",
    "title",
    "text",
    "isArchived",
    "updatedAt",
)
MAX_TOKENS = 1000  # Each is an entry of two indexes. Words of the title come first.
MAX_TEXT = 5000  # Characters of a description or comment that are searched.


class Kind(StrEnum):
    """What can be found."""

    TASK = "task"
    COMMENT = "comment"
    BOARD = "board"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Entry:
    """
    Something to be found, and where it is.

    `text` is the part of the description or comment that is searched. `task_id` is the task a
    comment belongs to, `board_id` the board a list belongs to. A comment's title is "".
    `updated_at` is when title, text or place changed last.
    """

    kind: Kind
    workspace_id: str
    id: str
    title: str
    text: str
    is_archived: bool
    updated_at: datetime
    task_id: str | None = None
    board_id: str | None = None


def entry_path(kind: Kind, workspace_id: str, *ids: str) -> str:
    """Return where an entry lies. `ids`: the task's and the comment's, or the one there is."""
    return f"{ENTRIES}/{derived_id('search', kind.value, workspace_id, *ids)}"


def of_task(old: Task | None, task: Task) -> list[Write]:
    """
    Return what keeps a task's entry true, given the task last reacted to (None: never seen).

    Nothing, where neither title nor description changed, nor whether it is in trash or archive.
    The commit needs a guarded write beside it, as that of the shadow is.
    """
    if old is not None and _searched(old) == _searched(task):
        return []
    return [keeping_task(task)]


def keeping_task(task: Task) -> Put | Withdraw:
    """Return what makes a task's entry true, whatever it was."""
    if task.deleted_at is not None:
        return forgetting_task(task.ref)
    return putting(
        Entry(
            kind=Kind.TASK,
            workspace_id=task.workspace_id,
            id=task.id,
            title=task.title,
            text=task.description,
            is_archived=task.archived_at is not None,
            updated_at=task.updated_at,
        )
    )


def comments_move(old: Task | None, task: Task) -> bool:
    """Say whether a task's comments go to the trash or the archive with it, or come back."""
    return (
        old is not None
        and _searched(old)[2:] != _searched(task)[2:]
        and task.counters.get("comments", 0) > 0
    )


def of_comment(
    task: Task, comment_id: str, body: str, *, is_deleted: bool, updated_at: datetime
) -> Write:
    """
    Return what keeps a comment's entry true. Ask for it where `body` or `is_deleted` changed.

    The commit needs a guarded write beside it. Comments of a task in the trash are not found;
    when the task goes there or comes back, `search/following.py` sees to all of its comments.
    """
    if is_deleted or task.deleted_at is not None:
        return forgetting_comment(task.ref, comment_id)
    return putting(comment_entry(task, comment_id, body, updated_at=updated_at))


def comment_entry(task: Task, comment_id: str, body: str, *, updated_at: datetime) -> Entry:
    """Return the entry of a comment that can be found."""
    return Entry(
        kind=Kind.COMMENT,
        workspace_id=task.workspace_id,
        id=comment_id,
        title="",
        text=body,
        is_archived=task.archived_at is not None,
        updated_at=updated_at,
        task_id=task.id,
    )


def forgetting_task(ref: TaskRef) -> Withdraw:
    """Return the write after which a task is found no more. Its comments have their own."""
    return Withdraw(entry_path(Kind.TASK, *ref))


def forgetting_comment(ref: TaskRef, comment_id: str) -> Withdraw:
    """Return the write after which a comment is found no more."""
    return Withdraw(entry_path(Kind.COMMENT, *ref, comment_id))


def forgetting_place(kind: Kind, workspace_id: str, place_id: str) -> Withdraw:
    """Return the write after which a board or a list is found no more; for who deletes it."""
    return Withdraw(entry_path(kind, workspace_id, place_id))


def forgetting(path: str) -> list[Withdraw]:
    """Return the write after which the document at a path is found no more, if it ever was."""
    match path.split("/"):
        case ["workspaces", workspace_id, "tasks", task_id]:
            return [forgetting_task(TaskRef(workspace_id, task_id))]
        case ["workspaces", workspace_id, "tasks", task_id, "comments", comment_id]:
            return [forgetting_comment(TaskRef(workspace_id, task_id), comment_id)]
        case ["workspaces", workspace_id, "boards", board_id]:
            return [forgetting_place(Kind.BOARD, workspace_id, board_id)]
        case ["workspaces", workspace_id, "lists", list_id]:
            return [forgetting_place(Kind.LIST, workspace_id, list_id)]
    return []


def putting(entry: Entry) -> Put:
    """Return the write of an entry. Its commit needs a guarded write beside it."""
    ids = (entry.task_id, entry.id) if entry.task_id else (entry.id,)
    return Put(entry_path(entry.kind, entry.workspace_id, *ids), entry_fields(entry))


def entry_fields(entry: Entry) -> Fields:
    """Return the document of an entry."""
    tokens, text = _indexed(entry.title, entry.text[:MAX_TEXT])
    return {
        "workspaceId": entry.workspace_id,
        "kind": entry.kind.value,
        "subjectId": entry.id,
        "taskId": entry.task_id,
        "boardId": entry.board_id,
        "title": entry.title,
        "text": text,
        "tokens": tokens,
        "isArchived": entry.is_archived,
        "updatedAt": entry.updated_at,
    }


def entry_of(stored: Stored) -> Entry:
    """
    Read an entry.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return Entry(
            kind=Kind(fields["kind"]),
            workspace_id=fields["workspaceId"],
            id=fields["subjectId"],
            title=fields["title"],
            text=fields["text"],
            is_archived=fields["isArchived"],
            updated_at=fields["updatedAt"],
            task_id=fields["taskId"],
            board_id=fields["boardId"],
        )


def _searched(task: Task) -> tuple[str, str, bool, bool]:
    return (
        task.title,
        task.description,
        task.deleted_at is not None,
        task.archived_at is not None,
    )


def _indexed(title: str, text: str) -> tuple[list[str], str]:
    """Return tokens, and as much of the text as they stand for: no more of it is searched."""
    tokens = dict.fromkeys(_title_tokens(title))
    for word in words_of(text):
        more = [token for token in tokens_of(word, in_title=False) if token not in tokens]
        if len(tokens) + len(more) > MAX_TOKENS:
            return list(tokens), text[: word.start]
        tokens |= dict.fromkeys(more)
    return list(tokens), text


def _title_tokens(title: str) -> Iterator[str]:
    found = chain.from_iterable(tokens_of(word, in_title=True) for word in words_of(title))
    for _, token in zip(range(MAX_TOKENS), dict.fromkeys(found), strict=False):
        yield token
