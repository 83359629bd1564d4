"""Reminding the members of a workspace of something: an announcement in their inboxes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from marshmallow import fields, validate

from backend.adapters.firestore import Store
from backend.jobs.doing.acting import Acting
from backend.jobs.handlers import JobScope, Step
from backend.jobs.model import JobRun
from backend.kit.clock import Clock
from backend.kit.documents import NAME, Query, Stored, Write
from backend.kit.ids import derived_id
from backend.notifications.addressees import Addressee, Addressees
from backend.notifications.delivery import deliver
from backend.notifications.documents import notification_path
from backend.notifications.model import Category, Notification
from backend.tasks.detail_schemas import each_once
from backend.templating.model import MAX_BODY, MAX_TITLE
from backend.templating.service import Templates
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.web.schemas import CamelSchema, Text
from backend.workspaces.documents import member_of
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right, Role

log = structlog.get_logger()

PAGE = 40  # Of each person up to nine documents are written: at most 360 in a commit.
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
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        acting: Acting,
        addressees: Addressees,
        templates: Templates,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._acting = acting
        self._addressees = addressees
        self._templates = templates

    def step(self, run: JobRun, arguments: Mapping[str, Any], cursor: Mapping[str, Any]) -> Step:
        """
        File a page of announcements. Whoever joins behind the page is told, whoever left is not.

        Raises:
            NotFound: whoever set the job up belongs to the workspace no longer.
            PermissionDenied: they may not tell its members anything any more.
        """
        caller = self._acting.admit(run, to=Right.CHANGE_JOB)
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
        ids = {
            each.uid: derived_id("announcement", run.job_id, run.id, each.uid) for each in people
        }
        paths = [notification_path(uid, notice_id) for uid, notice_id in ids.items()]

        def plan() -> tuple[tuple[int, Outbox], list[Write]]:
            filed = Outbox()
            there = self._store.get_all(paths) if paths else []
            present = self._addressees.of(ids)
            for (uid, notice_id), stored in zip(ids.items(), there, strict=True):
                # Else a step that was killed has told them, or they are gone for good.
                if stored is None and (to := present.get(uid)) is not None:
                    deliver(filed, self._notice(run, arguments, to, notice_id, now), to, now)
            return (len(ids), filed), filed.writes

        told, filed = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        if filed.timers:
            log.info("notice.filed", people=len(filed.timers))
        return told

    def _notice(
        self,
        run: JobRun,
        arguments: Mapping[str, Any],
        to: Addressee,
        notice_id: str,
        now: datetime,
    ) -> Notification:
        values = {"title": arguments["title"], "message": arguments["message"]}
        rendered = self._templates.render(Category.ANNOUNCEMENT.value, to.locale, values)
        return Notification(
            id=notice_id,
            uid=to.uid,
            category=Category.ANNOUNCEMENT,
            words=rendered,
            link=f"/workspaces/{run.workspace_id}",
            group_key=f"job:{run.job_id}",
            actor_uid=run.by,
            workspace_id=run.workspace_id,
            task_id=None,
            created_at=now,
        )


def _audience(page: Sequence[Stored], roles: Sequence[Role], now: datetime) -> list[Member]:
    members = [member_of(stored) for stored in page]
    return [each for each in members if each.is_current(now) and (not roles or each.role in roles)]
