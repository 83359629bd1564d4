"""Where workspaces and memberships are kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import structlog

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import DataLoss, InvalidArgument
from backend.kit.pages import Asked, Page, PageTokens
from backend.workspaces.documents import (
    invite_of,
    invite_path,
    invites_path,
    member_of,
    member_path,
    workspace_of,
    workspace_path,
)
from backend.workspaces.invite import Invite, InviteState
from backend.workspaces.model import Member, Workspace
from backend.workspaces.permissions import Role

log = structlog.get_logger()

MAX_MEMBERSHIPS = 50
MOST_SPACES = 60  # Of one person in one team, or of a team: what one commit can take along.

Found = tuple[Stored, Member]


class Look(NamedTuple):
    """A workspace and members as they were read, each with what was stored, by uid."""

    workspace: tuple[Stored, Workspace] | None
    members: dict[str, Found]


class Workspaces:
    """Reads of workspaces and members."""

    def __init__(self, store: Store, held: CachedDocuments, tokens: PageTokens) -> None:
        self._store = store
        self._held = held
        self._tokens = tokens

    def get(self, *, seen_by: Member) -> Workspace | None:
        """Return the workspace that a member belongs to."""
        stored = self._store.get(workspace_path(seen_by.workspace_id))
        return workspace_of(stored) if stored else None

    def memberships(self, workspace_id: str, uids: Sequence[str]) -> list[Member | None]:
        """Return the memberships of several people, in their order. An unreadable one is none."""
        found = self._store.get_all([member_path(workspace_id, uid) for uid in uids])
        return [_member(stored) if stored else None for stored in found]

    def memberships_held(self, workspace_id: str, uids: Sequence[str]) -> list[Member | None]:
        """
        As `memberships`, from the cache where it holds them.

        A change made here (`changing`) is seen at once by whoever shares the cache, and by others
        when what they hold has ended: 5 s after it was read without Redis, 60 s with it.
        """
        paths = [member_path(workspace_id, uid) for uid in uids]
        found = self._held.get_all(workspace_id, paths)
        return [_member(stored) if stored else None for stored in found]

    @contextmanager
    def changing(self, *workspace_ids: str) -> Iterator[set[str]]:
        """
        Forget the memberships of workspaces after the enclosed commit, and before its answer.

        Also where it failed: a commit that was not answered may have taken place. The plan may
        add workspaces to the set that it finds.
        """
        touched = set(workspace_ids)

        def forget() -> None:
            for workspace_id in touched:
                self._held.forget(workspace_id)

        try:
            yield touched
        finally:
            self._store.eventually(forget)

    def look(self, workspace_id: str, *uids: str) -> "Look":
        """Read a workspace and some of its members in one round trip, to write on them."""
        paths = [workspace_path(workspace_id), *(member_path(workspace_id, uid) for uid in uids)]
        stored, *members = self._store.get_all(paths)
        return Look(
            (stored, workspace_of(stored)) if stored else None,
            {each.id: (each, member_of(each)) for each in members if each},
        )

    def both(self, parent_id: str, space_id: str, uid: str) -> tuple[Found | None, Found | None]:
        """Return somebody's memberships in a team and in a space of it, to write on them."""
        paths = [member_path(parent_id, uid), member_path(space_id, uid)]
        in_team, in_space = self._store.get_all(paths)
        return (
            (in_team, member_of(in_team)) if in_team else None,
            (in_space, member_of(in_space)) if in_space else None,
        )

    def forget(self, workspace_id: str) -> None:
        """Forget what the cache holds of the members of a workspace."""
        self._held.forget(workspace_id)

    def membership(self, workspace_id: str, uid: str) -> Found | None:
        """Return one membership, with what was stored."""
        stored = self._store.get(member_path(workspace_id, uid))
        return (stored, member_of(stored)) if stored else None

    def members(self, asked: Asked, *, seen_by: Member) -> Page[Member]:
        """
        Return a page of the members of a member's workspace, who joined first first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        members = f"workspaces/{seen_by.workspace_id}/members"
        query = Query(members, limit=asked.size, order_by=("createdAt",))
        return self._tokens.page(self._store, query, member_of, asked=asked, caller=seen_by.uid)

    def memberships_of(self, uid: str) -> list[Member]:
        """Return where somebody belongs, `MAX_MEMBERSHIPS` at the most."""
        found = self._store.find(
            Query("members", limit=MAX_MEMBERSHIPS, where=(Where("uid", "==", uid),), group=True)
        )
        return [member_of(stored) for stored in found]

    def refuse_one_more(self, uid: str) -> None:
        """
        Refuse another membership of somebody who has as many as apps and lists show.

        Raises:
            InvalidArgument: they have, code `limit-exceeded`.
        """
        mine = Query("members", limit=1, where=(Where("uid", "==", uid),), group=True)
        if self._store.count(mine) >= MAX_MEMBERSHIPS:
            raise InvalidArgument(
                f"Nobody belongs to more than {MAX_MEMBERSHIPS} workspaces: leave one first.",
                code="limit-exceeded",
            )

    def in_spaces(self, parent_id: str, uid: str) -> list[Found]:
        """Return somebody's memberships in the spaces of a workspace, `MOST_SPACES` at the most."""
        where = (Where("uid", "==", uid), Where("parentId", "==", parent_id))
        found = self._store.find(Query("members", limit=MOST_SPACES, where=where, group=True))
        return [(stored, member_of(stored)) for stored in found]

    def spaces_of(self, parent_id: str) -> list[Workspace]:
        """Return spaces of a workspace, `MOST_SPACES` at the most."""
        where = (Where("parentId", "==", parent_id),)
        found = self._store.find(Query("workspaces", limit=MOST_SPACES, where=where))
        return [workspace_of(stored) for stored in found]

    def owned_by(self, uid: str, *, after: Workspace | None = None) -> list[Workspace]:
        """Return workspaces that somebody owns, by id, `MAX_MEMBERSHIPS` behind `after`."""
        query = Query(
            "workspaces",
            limit=MAX_MEMBERSHIPS,
            where=(Where("ownerUid", "==", uid),),
            order_by=("createdAt",),
            after=(after.created_at, workspace_path(after.id)) if after else None,
        )
        return [workspace_of(stored) for stored in self._store.find(query)]

    def longest(self, workspace_id: str, role: Role, *, limit: int) -> list[Member]:
        """Return who has had a role without an end, or what they were before, for longest."""
        where = (Where("role", "==", role.value), Where("expireAt", "==", None))
        members = f"workspaces/{workspace_id}/members"
        query = Query(members, limit=limit, where=where, order_by=("createdAt",))
        return [member for each in self._store.find(query) if (member := _member(each))]

    def first(self, workspace_id: str, *, limit: int) -> list[Member]:
        """Return who joined a workspace first."""
        members = f"workspaces/{workspace_id}/members"
        found = self._store.find(Query(members, limit=limit, order_by=("createdAt",)))
        return [member for each in found if (member := _member(each))]

    def invite(self, workspace_id: str, invite_id: str) -> tuple[Stored, Invite] | None:
        """Return an invitation, with what was stored."""
        stored = self._store.get(invite_path(workspace_id, invite_id))
        return (stored, invite_of(stored)) if stored else None

    def pending_invites(self, asked: Asked, *, seen_by: Member) -> Page[Invite]:
        """
        Return a page of the invitations that are open, those that expire first first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        query = Query(
            invites_path(seen_by.workspace_id),
            limit=asked.size,
            where=(Where("state", "==", InviteState.PENDING.value),),
            order_by=("expireAt",),
        )
        return self._tokens.page(self._store, query, invite_of, asked=asked, caller=seen_by.uid)

    def count_pending_invites(self, workspace_id: str, *, at: datetime) -> int:
        """Count the invitations that can still be accepted."""
        where = (
            Where("state", "==", InviteState.PENDING.value),
            Where("expireAt", ">", at),
        )
        return self._store.count(
            Query(invites_path(workspace_id), limit=1, where=where, order_by=("expireAt",))
        )


def _member(stored: Stored) -> Member | None:
    try:
        return member_of(stored)
    except DataLoss as error:  # It opens nothing, as under the rules.
        log.exception("member.unreadable", detail=error.detail)
        return None
