"""Reminding the members of a workspace of something: an announcement in their inboxes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from marshmallow import fields, validate

from backend.adapters.firestore import Store
from backend.jobs.handlers import JobScope, Step
from backend.jobs.model import JobRun
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import NAME, Query, Stored, Write
from backend.kit.ids import derived_id
from backend.notifications.delivery import deliver
from backend.notifications.documents import notification_path
from backend.notifications.model import Category, Notification
from backend.notifications.templates import MAX_BODY, MAX_TITLE, Words, render
from backend.tasks.detail_schemas import each_once
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.web.schemas import CamelSchema, Text
from backend.workspaces.documents import member_of
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right, Role
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

PAGE = 50  # Of each person six documents are written: at most 300 in a commit.
ROLES = {"description": "Only those of these roles; all by default."}


class RemindMembersArguments(CamelSchema):
    """What is said, and to whom."""

    title = Text(MAX_TITLE, shortest=1, load_default="Reminder")
    message = Text(MAX_BODY, shortest=1, required=True)
    roles = fields.List(
        fields.Enum(Role, by_value=True),
        load_default=(),
        validate=[validate.Length(max=len(Role)), each_once],
        metadata=ROLES,
    )


class RemindMembers:
    """Files an announcement for each member once a run, a page of members a step."""

    name = "remindMembers"
    scope = JobScope.WORKSPACE
    arguments = RemindMembersArguments()

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, workspaces: WorkspaceService
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._workspaces = workspaces

    def step(self, run: JobRun, arguments: Mapping[str, Any], cursor: Mapping[str, Any]) -> Step:
        """
        File a page of announcements. Whoever joins behind the page is told, whoever left is not.

        Raises:
            NotFound: whoever set the job up belongs to the workspace no longer.
            PermissionDenied: they may not tell its members anything any more.
        """
        caller = self._workspaces.admit(Actor(run.by), str(run.workspace_id), to=Right.CHANGE_JOB)
        now, after = self._clock.now(), cursor.get("after")
        page = self._store.find(
            Query(
                f"workspaces/{caller.workspace_id}/members",
                PAGE,
                order_by=(NAME,),
                after=(after,) if after else None,
            )
        )
        told = self._tell(run, arguments, _audience(page, arguments["roles"], now), now)
        is_over = len(page) < PAGE
        return Step(told, None if is_over else {"after": page[-1].path})

    def _tell(
        self, run: JobRun, arguments: Mapping[str, Any], people: Sequence[Member], now: datetime
    ) -> int:
        notices = [_notice(run, arguments, each.uid, now) for each in people]
        paths = [notification_path(notice.uid, notice.id) for notice in notices]

        def plan() -> tuple[tuple[int, Outbox], list[Write]]:
            filed = Outbox()
            there = self._store.get_all(paths) if paths else []
            for notice, stored in zip(notices, there, strict=True):
                if stored is None:  # Else a step that was killed has told them.
                    deliver(filed, notice, now)
            return (len(notices), filed), filed.writes

        told, filed = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        if filed.timers:
            log.info("notice.filed", people=len(filed.timers))
        return told


def _audience(page: Sequence[Stored], roles: Sequence[Role], now: datetime) -> list[Member]:
    members = [member_of(stored) for stored in page]
    return [each for each in members if each.is_current(now) and (not roles or each.role in roles)]


def _notice(run: JobRun, arguments: Mapping[str, Any], uid: str, now: datetime) -> Notification:
    words = Words(job=arguments["title"], message=arguments["message"])
    rendered = render(Category.ANNOUNCEMENT.value, words)
    return Notification(
        id=derived_id("announcement", run.job_id, run.id, uid),
        uid=uid,
        category=Category.ANNOUNCEMENT,
        template=rendered.template,
        title=rendered.title,
        body=rendered.body,
        link=f"/workspaces/{run.workspace_id}",
        group_key=f"job:{run.job_id}",
        actor_uid=run.by,
        workspace_id=run.workspace_id,
        task_id=None,
        created_at=now,
    )
