"""How routes of groups name one, and answer with one."""

from typing import Any

from backend.boards.model import Group, GroupKind, GroupRef, SortedOut
from backend.kit.pages import Page
from backend.undo.model import Done
from backend.web.conditional import revision_tag
from backend.web.context import actor, services, workspace_id
from backend.web.pages import asked, linked
from backend.web.undo_header import undo_header

Answer = tuple[Group, int, dict[str, str]]


def ref_of(workspace: str, kind: GroupKind, group_id: str) -> GroupRef:
    """Return the group that a path names."""
    return GroupRef(workspace_id(workspace), kind, group_id)


def made(done: Done[Group]) -> Answer:
    """Answer with a new group, and say where it is."""
    group, _, headers = changed(done)
    path = f"/api/v1/workspaces/{group.workspace_id}/{group.kind.collection}/{group.id}"
    return group, 201, {"Location": path, **headers}


def changed(done: Done[Group]) -> Answer:
    """Answer with a group, its tag, and the offer to take the command back."""
    return done.value, 200, {**revision_tag(done.value.rev), **undo_header(done.undo)}


def read(group: Group) -> Answer:
    """Answer with a group and its tag."""
    return group, 200, revision_tag(group.rev)


def listed(
    workspace: str, kind: GroupKind, query: dict[str, Any]
) -> tuple[Page[Group], int, dict[str, str]]:
    """Answer with a page of the groups of a kind."""
    page = asked(query)
    found = services().groups.page(actor(), workspace_id(workspace), kind, query, asked=page)
    return linked(found)


def sorted_out(done: Done[SortedOut]) -> tuple[SortedOut, int, dict[str, str]]:
    """Answer how far a change of many tasks has come, and offer to take it back."""
    return done.value, 200, undo_header(done.undo)
