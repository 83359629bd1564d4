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

TASK_LISTS = ListTable(
    always=(Where("deletedAt", "==", None), Where("archivedAt", "==", None)),
    filters={
        "status": Filter("status", "status"),
        "priority": Filter("priority", "priority"),
        "assignee": Filter("assignee", "assigneeIds", CONTAINS),
        "overdue": Filter("overdue", "isOverdue", orders=("dueAt",)),
        # Half open, so that neighbouring ranges neither overlap nor leave a gap.
        "due_after": Filter("dueAfter", "dueAt", ">=", orders=BY_DUE),
        "due_before": Filter("dueBefore", "dueAt", "<", orders=BY_DUE),
    },
    orders=("-createdAt", "-updatedAt", "dueAt", "-dueAt", "-priority"),
    alone={
        "archived": Alone(
            "archived",
            (Where("deletedAt", "==", None), Where("archivedAt", ">", EPOCH)),
            "-archivedAt",
        ),
        "deleted": Alone("deleted", (Where("deletedAt", ">", EPOCH),), "-deletedAt"),
    },
    # What somebody still has to do. The app listens to the same list.
    together=frozenset({("dueAt", frozenset({"assigneeIds", "status"}))}),
)
