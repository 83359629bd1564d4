"""What the server asks of projects, boards, lists, labels, and of the tasks in them."""

from backend.boards.model import GroupKind
from backend.boards.references import BELONGING, NAMED_BY
from tests.rules.listeners import CONTAINS, EQUAL, IN
from tests.rules.wire import Query

LIVE = (("deletedAt", EQUAL, None), ("archivedAt", EQUAL, None))
NOT_ARCHIVED = ("archivedAt", EQUAL, None)
# What tasks of one order have in common: a list, a board without a list, a project, a parent.
ORDERS = {
    "list": (("listId", EQUAL, "l"),),
    "board": (("boardId", EQUAL, "b"), ("listId", EQUAL, None)),
    "project": (("projectId", EQUAL, "p"),),
    "parent": (("parentId", EQUAL, "t"),),
}

GROUP_QUERIES = {
    **{
        f"neighbours of a task in a {place} {order}": ("tasks", Query((*LIVE, *own), (order,)))
        for place, own in ORDERS.items()
        for order in ("rank", "-rank")
    },
    **{
        f"neighbours of a group {collection} {order}": (collection, Query(where, (order,)))
        for collection, where in {
            "projects": (NOT_ARCHIVED,),
            "boards": (NOT_ARCHIVED,),
            "lists": (NOT_ARCHIVED, ("boardId", EQUAL, "b")),
            "labels": (),
        }.items()
        for order in ("rank", "-rank")
    },
    **{
        f"tasks in a {kind.value}": (
            "tasks",
            Query(((field, CONTAINS if how == "array_contains" else EQUAL, "id"),)),
        )
        for kind, (field, how) in NAMED_BY.items()
    },
    **{
        f"belonging to a {owner.value}": (kind.collection, Query(((field, EQUAL, "id"),)))
        for owner, (kind, field) in BELONGING.items()
    },
    "done tasks of a list": (
        "tasks",
        Query((*LIVE, ("listId", EQUAL, "l"), ("status", EQUAL, "done"))),
    ),
    "open tasks of a list": (
        "tasks",
        Query((*LIVE, ("listId", EQUAL, "l"), ("status", IN, ["open", "in_progress"]))),
    ),
    "tasks counted by a group": ("shadows", Query((("counted", CONTAINS, "mark"),))),
}

# What each filter of the lists of groups is given, by kind.
GIVEN = {
    GroupKind.PROJECT: {},
    GroupKind.BOARD: {"project_id": ["p"]},
    GroupKind.LIST: {"board_id": ["b"]},
    GroupKind.LABEL: {},
}
