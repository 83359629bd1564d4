"""
What can be asked for by an intent: the commands of the API, with its schemas and service methods.

A command that needs a recent sign-in, such as whatever touches members, has none here: nobody
knows any more who held the phone when it was written.
"""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError

from backend.boards import schemas as boards
from backend.boards.model import GroupKind, GroupRef
from backend.bootstrap import Services
from backend.comments.model import CommentRef
from backend.comments.schemas import CommentChangesSchema, NewCommentSchema
from backend.intents.model import Asked, Command, Commands
from backend.kit.actor import Actor
from backend.kit.emoji import emoji_of
from backend.recurrence.model import Recurrence
from backend.recurrence.schemas import NewSeriesSchema
from backend.recurrence.series import CatchUp, Mode
from backend.recurrence.template import TaskTemplate
from backend.recurrence.wanted import BLANK, timed
from backend.tasks.model import TaskRef
from backend.tasks.parts import ASSIGNEES, BLOCKERS, LABELS, WATCHERS, Part
from backend.tasks.schemas import NewTaskSchema, TaskChangesSchema
from backend.tasks.snooze_schemas import SnoozeSchema
from backend.undo.schemas import UndoSchema
from backend.web.schemas import CamelSchema, Text
from backend.workspaces.schemas import WorkspaceChangesSchema

WORKSPACE, TASK = ("workspaceId",), ("workspaceId", "taskId")
Run = Callable[[Actor, Asked], object]


def _known_emoji(text: str) -> None:
    if emoji_of(text) is None:
        raise ValidationError("This is no emoji.")


class ReactionSchema(CamelSchema):
    """A reaction to a comment."""

    emoji = Text(64, shortest=1, required=True, validate=[_known_emoji])


NEW_TASK, TASK_CHANGES, UNDO = NewTaskSchema(), TaskChangesSchema(), UndoSchema()
SNOOZE = SnoozeSchema()
NEW_COMMENT, COMMENT_CHANGES = NewCommentSchema(), CommentChangesSchema()
REACTION, PLACE = ReactionSchema(), boards.PlaceSchema()
NEW_SERIES, WORKSPACE_CHANGES = NewSeriesSchema(), WorkspaceChangesSchema()
GROUPS = {
    GroupKind.PROJECT: (boards.NewProjectSchema(), boards.ProjectChangesSchema()),
    GroupKind.BOARD: (boards.NewBoardSchema(), boards.BoardChangesSchema()),
    GroupKind.LIST: (boards.NewListSchema(), boards.ListChangesSchema()),
    GroupKind.LABEL: (boards.NewLabelSchema(), boards.LabelChangesSchema()),
}


def commands(ours: Services) -> Commands:
    """Return every command that intents may name."""
    found = {**_of_tasks(ours), **_of_parts(ours), **_of_comments(ours), **_of_workspaces(ours)}
    for kind in GROUPS:
        found |= _of_groups(ours, kind)
    return found


def _of_tasks(ours: Services) -> dict[str, Command]:
    tasks = ours.tasks

    def create(actor: Actor, asked: Asked) -> object:
        details = dict(asked.body)
        title = details.pop("title")
        return tasks.create(actor, asked.ids["workspaceId"], title=title, details=details)

    def edit(actor: Actor, asked: Asked) -> object:
        return tasks.edit(
            actor,
            _task(asked),
            asked.body,
            expected_rev=asked.if_match,
            base_rev=asked.base_rev,
        )

    def turned(method: Callable[..., object]) -> Command:
        def turn(actor: Actor, asked: Asked) -> object:
            return method(actor, _task(asked), expected_rev=asked.if_match)

        return Command(TASK, turn)

    def snooze(actor: Actor, asked: Asked) -> object:
        return ours.snoozing.snooze(actor, _task(asked), **asked.body, expected_rev=asked.if_match)

    return {
        "task.create": Command(WORKSPACE, create, NEW_TASK),
        "task.snooze": Command(TASK, snooze, SNOOZE),
        "task.edit": Command(TASK, edit, TASK_CHANGES, takes_base=True),
        "task.complete": turned(tasks.complete),
        "task.reopen": turned(tasks.reopen),
        "task.archive": turned(tasks.archive),
        "task.unarchive": turned(tasks.unarchive),
        "task.delete": turned(tasks.delete),
        "task.restore": turned(tasks.restore),
    }


def _of_parts(ours: Services) -> dict[str, Command]:
    def parted(method: Callable[..., object], part: Part, name: str) -> Command:
        def act(actor: Actor, asked: Asked) -> object:
            named = asked.ids[name]
            return method(actor, _task(asked), part, named, expected_rev=asked.if_match)

        return Command((*TASK, name), act)

    put, take = ours.parts.put, ours.parts.take
    return {
        "task.assign": parted(put, ASSIGNEES, "uid"),
        "task.unassign": parted(take, ASSIGNEES, "uid"),
        "task.watch": parted(put, WATCHERS, "uid"),
        "task.unwatch": parted(take, WATCHERS, "uid"),
        "task.label": parted(put, LABELS, "labelId"),
        "task.unlabel": parted(take, LABELS, "labelId"),
        "task.block": parted(put, BLOCKERS, "blockerId"),
        "task.unblock": parted(take, BLOCKERS, "blockerId"),
    }


def _of_comments(ours: Services) -> dict[str, Command]:
    comments, one = ours.comments, (*TASK, "commentId")

    def ref(asked: Asked) -> CommentRef:
        return CommentRef(*_task(asked), asked.ids["commentId"])

    def write(actor: Actor, asked: Asked) -> object:
        return comments.write(actor, _task(asked), **asked.body)

    def edit(actor: Actor, asked: Asked) -> object:
        return comments.edit(actor, ref(asked), asked.body, expected_rev=asked.if_match)

    def delete(actor: Actor, asked: Asked) -> object:
        return comments.delete(actor, ref(asked), expected_rev=asked.if_match)

    def react(actor: Actor, asked: Asked) -> object:
        return comments.react(actor, ref(asked), emoji_of(asked.body["emoji"]) or "")

    def unreact(actor: Actor, asked: Asked) -> object:
        return comments.unreact(actor, ref(asked), emoji_of(asked.body["emoji"]) or "")

    return {
        "comment.write": Command(TASK, write, NEW_COMMENT),
        "comment.edit": Command(one, edit, COMMENT_CHANGES),
        "comment.delete": Command(one, delete),
        "comment.react": Command(one, react, REACTION),
        "comment.unreact": Command(one, unreact, REACTION),
    }


def _of_groups(ours: Services, kind: GroupKind) -> dict[str, Command]:
    groups, name = ours.groups, f"{kind.value}Id"
    one, (new, changes) = (*WORKSPACE, name), GROUPS[kind]

    def ref(asked: Asked) -> GroupRef:
        return GroupRef(asked.ids["workspaceId"], kind, asked.ids[name])

    def create(actor: Actor, asked: Asked) -> object:
        return groups.create(actor, asked.ids["workspaceId"], kind, asked.body)

    def with_body(method: Callable[..., object]) -> Run:
        return lambda actor, asked: method(
            actor, ref(asked), asked.body, expected_rev=asked.if_match
        )

    def turned(method: Callable[..., object]) -> Command:
        return Command(
            one, lambda actor, asked: method(actor, ref(asked), expected_rev=asked.if_match)
        )

    found = {
        "create": Command(WORKSPACE, create, new),
        "edit": Command(one, with_body(groups.edit), changes),
        "move": Command(one, with_body(groups.move), PLACE),
        "delete": turned(ours.removing.delete),
    }
    if kind is not GroupKind.LABEL:
        found |= {"archive": turned(groups.archive), "unarchive": turned(groups.unarchive)}
    return {f"{kind.value}.{verb}": command for verb, command in found.items()}


def _of_workspaces(ours: Services) -> dict[str, Command]:
    def edit(actor: Actor, asked: Asked) -> object:
        workspace_id = asked.ids["workspaceId"]
        return ours.lifecycle.edit(actor, workspace_id, asked.body, expected_rev=asked.if_match)

    def begin(actor: Actor, asked: Asked) -> object:
        workspace_id, wanted = asked.ids["workspaceId"], timed(asked.body)
        if (task_id := wanted.pop("task_id", None)) is not None:
            return ours.adopting.adopt(actor, workspace_id, task_id, wanted)
        return ours.series.begin(actor, workspace_id, **_series(wanted))

    def end(actor: Actor, asked: Asked) -> object:
        workspace_id, series_id = asked.ids["workspaceId"], asked.ids["seriesId"]
        return ours.series.end(actor, workspace_id, series_id, expected_rev=asked.if_match)

    def undo(actor: Actor, asked: Asked) -> object:
        return ours.undo.undo(actor, asked.body["token"])

    return {
        "workspace.edit": Command(WORKSPACE, edit, WORKSPACE_CHANGES),
        "series.begin": Command(WORKSPACE, begin, NEW_SERIES),
        "series.end": Command((*WORKSPACE, "seriesId"), end),
        "undo": Command((), undo, UNDO),
    }


def _series(wanted: dict[str, Any]) -> dict[str, Any]:
    template = {name: wanted.get(name, nothing) for name, nothing in BLANK.items()}
    extra = (wanted.get("rdates", ()), wanted.get("exdates", ()))
    return {
        "template": TaskTemplate(**template),
        "recurrence": Recurrence(wanted["rule"], wanted["start"], *extra),
        "mode": wanted.get("mode", Mode.FIXED),
        "catch_up": wanted.get("catch_up", CatchUp.SKIP),
    }


def _task(asked: Asked) -> TaskRef:
    return TaskRef(asked.ids["workspaceId"], asked.ids["taskId"])
