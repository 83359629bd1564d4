"""
Which lists of tasks there are.

A new filter is a row here, an argument of `TaskQuerySchema` and an index for each order that
serves it; `tests/rules/test_indexes.py` builds every query of this table and says which is missing.
"""

from datetime import UTC, datetime

from backend.kit.documents import Where
from backend.kit.lists import CONTAINS, Alone, Filter, ListTable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # Before it nothing was archived or thrown away.
BY_DUE = ("dueAt", "-dueAt")
PLACES = frozenset({"project_id", "board_id", "list_id"})

TASK_LISTS = ListTable(
    always=(Where("deletedAt", "==", None), Where("archivedAt", "==", None)),
    filters={
        "status": Filter("status", "status"),
        "priority": Filter("priority", "priority"),
        # Before the label: of two arrays, which Firestore cannot join, the second is dropped.
        "assignee": Filter("assignee", "assigneeIds", CONTAINS),
        "project_id": Filter("projectId", "projectId"),
        "board_id": Filter("boardId", "boardId"),
        "list_id": Filter("listId", "listId"),
        "label": Filter("label", "labelIds", CONTAINS),
        "overdue": Filter("overdue", "isOverdue", orders=("dueAt",)),
        # Half open, so that neighbouring ranges neither overlap nor leave a gap.
        "due_after": Filter("dueAfter", "dueAt", ">=", orders=BY_DUE),
        "due_before": Filter("dueBefore", "dueAt", "<", orders=BY_DUE),
    },
    orders=("-createdAt", "-updatedAt", "dueAt", "-dueAt", "-priority", "rank"),
    # A rank says where a task stands among its neighbours, and nothing elsewhere.
    within={"rank": PLACES},
    alone={
        "archived": Alone(
            "archived",
            (Where("deletedAt", "==", None), Where("archivedAt", ">", EPOCH)),
            "-archivedAt",
        ),
        "deleted": Alone("deleted", (Where("deletedAt", ">", EPOCH),), "-deletedAt"),
    },
    # What is still to be done: by somebody, under a label, in a project. Apps listen to the same.
    together=frozenset(
        {
            ("dueAt", frozenset({"assigneeIds", "status"})),
            ("dueAt", frozenset({"labelIds", "status"})),
            ("rank", frozenset({"projectId", "status"})),
        }
    ),
)

# One person's tasks in all of their workspaces. One index serves them, whatever the status.
OWN_TASKS = ListTable(
    always=TASK_LISTS.always,
    filters={
        "status": TASK_LISTS.filters["status"],
        "assignee": TASK_LISTS.filters["assignee"],
        "due_after": Filter("dueAfter", "dueAt", ">="),
        "due_before": Filter("dueBefore", "dueAt", "<"),
    },
    orders=("dueAt",),
    alone={},
    together=frozenset({("dueAt", frozenset({"assigneeIds", "status"}))}),
)
