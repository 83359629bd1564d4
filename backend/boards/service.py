"""What people do with projects, boards, lists and labels."""

from collections.abc import Mapping
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.boards.desk import GroupDesk, Outcome, Sheet
from backend.boards.documents import creating, group_of, group_path
from backend.boards.model import BoardContents, Group, GroupKind, GroupRef
from backend.boards.repository import MOST_CARDS, MOST_LISTS, Groups
from backend.boards.rights import right
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Stored
from backend.kit.errors import Fault, InvalidArgument
from backend.kit.ids import random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.kit.placing import Place, place
from backend.kit.ranks import NoRoom, between
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

BELONGING = {"project_id": GroupKind.PROJECT, "board_id": GroupKind.BOARD}


class GroupService:
    """
    Projects, boards, lists and labels of the workspaces the caller belongs to.

    Every method raises NotFound for what the caller may not see, and PermissionDenied for what
    they see but may not do. `expected_rev` is the revision the caller believes to change: Stale
    if it is another by now. Aborted: others kept changing it at the same time. What changes
    something returns it with the token that takes it back.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        workspaces: WorkspaceService,
        tokens: PageTokens,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._offers = offers
        self._desk = GroupDesk(store, clock, workspaces, offers)
        self._groups = Groups(store, tokens)

    def create(
        self, actor: Actor, workspace_id: str, kind: GroupKind, wanted: Mapping[str, Any]
    ) -> Done[Group]:
        """
        Create a group, behind the others of its kind unless `wanted` holds a `rank`.

        Raises:
            InvalidArgument: what it is to belong to is not there (`unknown-reference`).
        """
        now = self._clock.now()
        member = self._workspaces.admit(actor, workspace_id, to=right(kind, "create"))
        ref = GroupRef(member.workspace_id, kind, random_id())
        belonging = belonging_paths(ref, wanted)
        if belonging:
            check_belonging(dict(zip(belonging, self._store.get_all(belonging), strict=True)))
        rank = wanted.get("rank") or self._last_rank(ref, wanted.get("board_id"))
        group = Group.made(ref, rank=rank, by=actor.uid, at=now, wanted=wanted)
        offered = self._offers.offer(actor, [Touched.created(group_path(ref))], now=now)
        self._store.create([creating(group), *offered.writes])
        self._store.afterwards(
            lambda: log.info("group.created", kind=kind.value, group_id=group.id)
        )
        return Done(group, offered.token)

    def get(self, actor: Actor, ref: GroupRef) -> Group:
        """Return a group, archived or not."""
        member = self._workspaces.admit(actor, ref.workspace_id, to=right(ref.kind, "read"))
        return self._groups.get(ref.kind, ref.id, seen_by=member)

    def page(
        self,
        actor: Actor,
        workspace_id: str,
        kind: GroupKind,
        wanted: Mapping[str, Any],
        *,
        asked: Asked,
    ) -> Page[Group]:
        """
        Return a page of the groups of a kind, by rank.

        Raises:
            InvalidArgument: no index serves these filters together, or the page token belongs to
                another list.
        """
        member = self._workspaces.admit(actor, workspace_id, to=right(kind, "read"))
        return self._groups.page(kind, wanted, asked=asked, seen_by=member)

    def contents(self, actor: Actor, ref: GroupRef) -> BoardContents:
        """Return a board with what stands on it: three round trips, a read for each document."""
        member = self._workspaces.admit(actor, ref.workspace_id, to=right(ref.kind, "read"))
        board = self._groups.get(ref.kind, ref.id, seen_by=member)
        lists, tasks = self._groups.lists_of(board), self._groups.cards_of(board)
        is_whole = len(lists) < MOST_LISTS and len(tasks) < MOST_CARDS
        return BoardContents(board, lists, tasks, is_whole)

    def edit(
        self,
        actor: Actor,
        ref: GroupRef,
        changes: Mapping[str, Any],
        *,
        expected_rev: int | None = None,
    ) -> Done[Group]:
        """
        Change some fields of a group.

        Raises:
            InvalidArgument: what it is to belong to is not there (`unknown-reference`).
        """
        naming = belonging_paths(ref, changes)

        def act(sheet: Sheet) -> Outcome:
            group = sheet.group.edited(
                changes, by=actor.uid, at=sheet.now, expected_rev=expected_rev
            )
            if group.project_id != sheet.group.project_id:
                check_belonging({path: sheet.beside[path] for path in naming})
            return Outcome(group)

        return self._desk.change(actor, ref, act, reading=naming, done="group.edited")

    def archive(
        self, actor: Actor, ref: GroupRef, *, expected_rev: int | None = None
    ) -> Done[Group]:
        """Put a group out of the way, with its tasks in it as they are."""

        def act(sheet: Sheet) -> Outcome:
            return Outcome(
                sheet.group.archived(by=actor.uid, at=sheet.now, expected_rev=expected_rev)
            )

        return self._desk.change(actor, ref, act, done="group.archived")

    def unarchive(
        self, actor: Actor, ref: GroupRef, *, expected_rev: int | None = None
    ) -> Done[Group]:
        """Take a group back out of the archive."""

        def act(sheet: Sheet) -> Outcome:
            return Outcome(
                sheet.group.unarchived(by=actor.uid, at=sheet.now, expected_rev=expected_rev)
            )

        return self._desk.change(actor, ref, act, done="group.unarchived")

    def move(
        self, actor: Actor, ref: GroupRef, to: Place, *, expected_rev: int | None = None
    ) -> Done[Group]:
        """
        Put a group elsewhere among those of its kind; a list among those of its board.

        Raises:
            InvalidArgument: what it is to stand beside is not there (`unknown-reference`).
            FailedPrecondition: there is no room, even if a hundred neighbours move.
        """
        named = {name: group_path(ref._replace(id=other)) for name, other in to.named.items()}

        def act(sheet: Sheet) -> Outcome:
            beside = {name: _sibling(sheet, path, name) for name, path in named.items()}
            siblings = self._groups.siblings(ref.workspace_id, ref.kind, sheet.group.board_id)
            placing = place(siblings, group_path(ref), to, beside)
            others = [
                (each, group_of(each).edited({"rank": rank}, by=actor.uid, at=sheet.now))
                for each, rank in placing.others
            ]
            changes = {"rank": placing.rank}
            return Outcome(
                sheet.group.edited(changes, by=actor.uid, at=sheet.now, expected_rev=expected_rev),
                tuple(others),
            )

        return self._desk.change(actor, ref, act, reading=named.values(), done="group.moved")

    def _last_rank(self, ref: GroupRef, board_id: str | None) -> str:
        siblings = self._groups.siblings(ref.workspace_id, ref.kind, board_id)
        found = siblings.near(None, 1, before=True)
        last = group_of(found[0]).rank if found else None
        try:
            return between(last, None)
        except NoRoom:  # Behind "zzz…" there is nothing: beside it then, until either is moved.
            return last or between(None, None)


def belonging_paths(ref: GroupRef, wanted: Mapping[str, Any]) -> list[str]:
    """Return the paths of what a group is to belong to."""
    return [
        group_path(GroupRef(ref.workspace_id, kind, wanted[name]))
        for name, kind in BELONGING.items()
        if wanted.get(name) is not None
    ]


def check_belonging(found: Mapping[str, Stored | None]) -> None:
    """
    Check that what groups are to belong to is there.

    Raises:
        InvalidArgument: it is not, code `unknown-reference`.
    """
    for path, stored in found.items():
        kind = path.split("/")[2].removesuffix("s")
        if stored is None:
            detail = f"There is no such {kind} in this workspace."
            fault = Fault(f"/{kind}Id", "unknown-reference", detail)
            raise InvalidArgument(detail, faults=(fault,))


def _sibling(sheet: Sheet, path: str, pointer: str) -> Stored:
    stored = sheet.beside[path]
    if stored is None or group_of(stored).board_id != sheet.group.board_id:
        detail = f"There is no such {sheet.group.kind.value} beside this one."
        raise InvalidArgument(detail, faults=(Fault(f"/{pointer}", "unknown-reference", detail),))
    return stored
