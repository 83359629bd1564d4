"""A digest as a notification: the values of its template, and the words of its title and body."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.digests.contents import Contents
from backend.digests.model import DigestKind, Planned
from backend.kit.actor import SYSTEM_UID
from backend.kit.ids import derived_id
from backend.kit.wallclock import zone
from backend.notifications.addressees import Addressee
from backend.notifications.model import Category, Notification
from backend.tasks.due import Due
from backend.tasks.model import Task
from backend.templating.language import due_value
from backend.templating.model import MAX_TITLE
from backend.templating.service import Templates
from backend.templating.values import shortened

TEMPLATES = {DigestKind.DAILY: "dailyDigest", DigestKind.WEEKLY: "weeklyDigest"}
# What lies ahead is called by what it is: due today, or ahead in the week.
AHEAD = {DigestKind.DAILY: "due", DigestKind.WEEKLY: "ahead"}


def digest_id(uid: str, planned: Planned) -> str:
    """Return the id of the digest of a local day: the same in every zone, so it comes once."""
    return derived_id("digest", uid, planned.kind.value, planned.day.isoformat())


def told(
    templates: Templates, to: Addressee, planned: Planned, contents: Contents, now: datetime
) -> Notification:
    """
    Return the notification that tells somebody of these contents, in their language.

    Raises:
        Unavailable: it cannot be known which texts are published.
    """
    values = _values(planned, contents)
    rendered = templates.render(TEMPLATES[planned.kind], to.locale, values)
    notification_id = digest_id(to.uid, planned)
    return Notification(
        id=notification_id,
        uid=to.uid,
        category=Category.DIGEST,
        words=rendered,
        link="/tasks",
        group_key=f"digest:{planned.kind.value}",
        actor_uid=SYSTEM_UID,
        workspace_id=None,
        task_id=None,
        created_at=now,
        events=(notification_id,),
    )


def _values(planned: Planned, contents: Contents) -> dict[str, Any]:
    ahead = AHEAD[planned.kind]
    return {
        "day": planned.day.isoformat(),
        f"{ahead}Count": contents.ahead.number,
        "overdueCount": contents.late.number,
        "doneCount": contents.done.number,
        ahead: _entries(contents.ahead.tasks, planned.tz),
        "overdue": _entries(contents.late.tasks, planned.tz),
        "done": _entries(contents.done.tasks, planned.tz),
    }


def _entries(tasks: Sequence[Task], tz: str) -> list[dict[str, str]]:
    return [
        {
            "title": shortened(task.title, MAX_TITLE),
            "due": _due_there(task.due, tz) if task.due and task.completed_at is None else "",
            "link": f"/workspaces/{task.workspace_id}/tasks/{task.id}",
        }
        for task in tasks
    ]


def _due_there(due: Due, tz: str) -> str:
    """Return a due date as it is where the person is: 18:00 in New York is midnight in Berlin."""
    if due.travels:
        return due_value(due)
    return f"{due.at.astimezone(zone(tz)):%Y-%m-%dT%H:%M}"
