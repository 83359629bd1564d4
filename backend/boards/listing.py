"""
Which lists of projects, boards, lists and labels there are.

A new filter is a row here, an argument of its schema and an index; `tests/rules/test_indexes.py`
builds every query of these tables and says which is missing.
"""

from datetime import UTC, datetime

from backend.boards.model import GroupKind
from backend.kit.documents import Where
from backend.kit.lists import Alone, Filter, ListTable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # Before it nothing was archived.
BY_RANK = ("rank",)
NOT_ARCHIVED = (Where("archivedAt", "==", None),)
ARCHIVE = {"archived": Alone("archived", (Where("archivedAt", ">", EPOCH),), "-archivedAt")}

GROUP_LISTS: dict[GroupKind, ListTable] = {
    GroupKind.PROJECT: ListTable(NOT_ARCHIVED, {}, BY_RANK, ARCHIVE),
    GroupKind.BOARD: ListTable(
        NOT_ARCHIVED, {"project_id": Filter("projectId", "projectId")}, BY_RANK, ARCHIVE
    ),
    GroupKind.LIST: ListTable(
        NOT_ARCHIVED, {"board_id": Filter("boardId", "boardId")}, BY_RANK, ARCHIVE
    ),
    GroupKind.LABEL: ListTable((), {}, BY_RANK, {}),
}
