"""Projects, boards, lists and labels as documents."""

from typing import Any

from backend.boards.model import Group, GroupKind, GroupRef
from backend.kit.documents import Change, Create, Fields, Stored, reading
from backend.kit.ranks import is_rank
from backend.workspaces.documents import workspace_path

# What each kind has besides what all of them have.
OF_KIND: dict[GroupKind, tuple[str, ...]] = {
    GroupKind.PROJECT: ("color", "archivedAt", "counters"),
    GroupKind.BOARD: ("color", "projectId", "archivedAt", "counters"),
    GroupKind.LIST: ("boardId", "wipLimit", "archivedAt", "counters"),
    GroupKind.LABEL: ("color",),
}


def groups_path(workspace_id: str, kind: GroupKind) -> str:
    """Return the collection of a workspace's groups of a kind."""
    return f"{workspace_path(workspace_id)}/{kind.collection}"


def group_path(ref: GroupRef) -> str:
    """Return where a group lies."""
    return f"{groups_path(ref.workspace_id, ref.kind)}/{ref.id}"


def group_fields(group: Group) -> Fields:
    """Return the document of a group."""
    own = {
        "color": group.color,
        "projectId": group.project_id,
        "boardId": group.board_id,
        "wipLimit": group.wip_limit,
        "archivedAt": group.archived_at,
        "counters": {"openTasks": group.open_tasks, "doneTasks": group.done_tasks},
    }
    return {
        "name": group.name,
        "rank": group.rank,
        **{name: own[name] for name in OF_KIND[group.kind]},
        "createdAt": group.created_at,
        "createdBy": group.created_by,
        "updatedAt": group.updated_at,
        "updatedBy": group.updated_by,
        "rev": group.rev,
    }


def group_of(stored: Stored) -> Group:
    """
    Read a group from its document, which the app may have written itself under the rules.

    Raises:
        DataLoss: it is none.
    """
    _, workspace_id, collection, group_id = stored.path.split("/")
    with reading(stored) as fields:
        if not is_rank(fields["rank"]):
            raise ValueError("this is no rank")
        counters = fields.get("counters") or {}
        return Group(
            ref=GroupRef(workspace_id, GroupKind(collection.removesuffix("s")), group_id),
            name=fields["name"],
            rank=fields["rank"],
            color=fields.get("color"),
            project_id=fields.get("projectId"),
            board_id=fields.get("boardId"),
            wip_limit=fields.get("wipLimit"),
            archived_at=fields.get("archivedAt"),
            # Until a recount, what was counted before a deletion was undone may be missing.
            open_tasks=max(0, counters.get("openTasks", 0)),
            done_tasks=max(0, counters.get("doneTasks", 0)),
            created_at=fields["createdAt"],
            created_by=fields["createdBy"],
            updated_at=fields["updatedAt"],
            updated_by=fields["updatedBy"],
            rev=fields["rev"],
        )


def creating(group: Group) -> Create:
    """Return the write of a new group. Nothing is counted in it yet."""
    fields = dict(group_fields(group))
    if "counters" in fields:
        fields["counters"] = {}
    return Create(group_path(group.ref), fields)


def changing(stored: Stored, group: Group) -> Change:
    """Return the write of what differs between a group and what was stored; counters are not."""
    fields: dict[str, Any] = {
        name: value
        for name, value in group_fields(group).items()
        if name != "counters" and stored.fields.get(name) != value
    }
    return Change(stored, fields)
