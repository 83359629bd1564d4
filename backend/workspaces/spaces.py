"""Spaces: workspaces inside a team, for some of its people."""

from dataclasses import replace

import structlog

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Write
from backend.kit.errors import FailedPrecondition, InvalidArgument, hidden
from backend.kit.ids import checked, random_id
from backend.kit.pages import PageTokens
from backend.workspaces.documents import changing, member_fields, member_path
from backend.workspaces.model import Member, Workspace, WorkspaceType
from backend.workspaces.permissions import Right, Role
from backend.workspaces.records import role_set
from backend.workspaces.repository import Found, Workspaces
from backend.workspaces.service import WorkspaceService, founding

log = structlog.get_logger()


class Spaces:
    """
    Founding spaces and adding people of the team to them.

    Everybody in a space is a member of its team, and both memberships end together. So whoever
    joins a space gets a mark on their membership of the team: of a joining and a leaving at once
    one loses the race for that document, and looks again.

    Every method raises NotFound for what the caller may not see, and PermissionDenied for what
    they see but may not do.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        access: WorkspaceService,
        held: CachedDocuments,
        tokens: PageTokens,
    ) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._workspaces = Workspaces(store, held, tokens)

    def found(self, actor: Actor, *, name: str, parent_id: str) -> Workspace:
        """
        Found a space in a team. The caller owns it.

        Raises:
            InvalidArgument: the caller belongs to 50 workspaces already.
            FailedPrecondition: the parent is no team, or waits to be deleted.
        """
        now = self._clock.now()
        self._access.admit(actor, parent_id, to=Right.CREATE_SPACE)
        self._workspaces.refuse_one_more(actor.uid)
        space = Workspace.founded(
            random_id(),
            name=name,
            kind=WorkspaceType.TEAM,
            by=actor.uid,
            at=now,
            parent_id=parent_id,
        )

        def plan() -> tuple[None, list[Write]]:
            parent, members = self._workspaces.look(parent_id, actor.uid)
            mine = members.get(actor.uid)
            if parent is None or mine is None or not mine[1].is_current(now):
                raise hidden()
            refuse_unless_team(parent[1])
            owner = replace(
                mine[1],
                workspace_id=space.id,
                role=Role.OWNER,
                parent_id=parent_id,
                created_at=now,
            )
            if self._workspaces.membership(space.id, actor.uid) is not None:
                return None, []  # Our own commit took place; only its answer was lost.
            return None, [*founding(space, owner), _marked(mine)]

        self._store.commit(plan)
        self._store.afterwards(lambda: log.info("space.founded", workspace_id=space.id))
        return space

    def add(self, actor: Actor, space_id: str, uid: str, *, role: Role) -> Member:
        """
        Add somebody of the team to a space, or give them another role there.

        Raises:
            InvalidArgument: the role is owner, or the person belongs to 50 workspaces already.
            FailedPrecondition: this is no space, the person owns it, or is not in the team.
        """
        now = self._clock.now()
        mine = self._access.admit(actor, space_id, to=Right.ADD_MEMBER)
        if mine.parent_id is None:
            raise FailedPrecondition("People are invited to a team: POST …/invites.")
        if role is Role.OWNER:
            raise InvalidArgument(
                "A workspace gets another owner by a transfer of ownership.", pointer="/role"
            )
        parent_id = mine.parent_id

        def plan() -> tuple[Member, list[Write]]:
            in_team, in_space = self._workspaces.both(parent_id, space_id, checked(uid))
            if in_team is None or not in_team[1].is_current(now):
                raise FailedPrecondition("Only people of the team can be added to its spaces.")
            if in_space is not None:
                stored, member = in_space
                if member.is_owner:
                    raise FailedPrecondition("The owner's role changes by a transfer of ownership.")
                changed = replace(member, role=role, expire_at=in_team[1].expire_at)
                if changed == member:
                    return member, []
                record = role_set(changed, before=member.role.value, by=actor.uid, at=now)
                writes: list[Write] = [
                    changing(stored, member_fields(changed)),
                    record,
                    _marked(in_team),
                ]
                return changed, writes
            self._workspaces.refuse_one_more(uid)
            joining = replace(
                in_team[1],
                workspace_id=space_id,
                role=role,
                parent_id=parent_id,
                created_at=now,
            )
            creating = Create(member_path(space_id, uid), member_fields(joining))
            record = role_set(joining, before="none", by=actor.uid, at=now)
            return joining, [creating, record, _marked(in_team)]

        with self._workspaces.changing(space_id):
            member = self._store.commit(plan)
        self._store.afterwards(
            lambda: log.info("member.added", workspace_id=space_id, role=role.value)
        )
        return member


def refuse_unless_team(workspace: Workspace) -> None:
    """
    Refuse what only a team has: spaces, and people who are invited.

    Raises:
        FailedPrecondition: it is personal, a space, or waits to be deleted.
    """
    if workspace.is_personal:
        raise FailedPrecondition("A personal workspace has its owner as only member.")
    if workspace.is_space:
        raise FailedPrecondition("This is a space: it takes its people from its team.")
    if workspace.purge_at is not None:
        raise FailedPrecondition("This workspace is deleted: restore it first.")


def _marked(found: Found) -> Write:
    # A write that changes nothing would be no guard: Firestore leaves the update time as it was.
    # Nor is it a count, since everybody in the team reads it, and spaces are private.
    return Change(found[0], {"guard": random_id()})
