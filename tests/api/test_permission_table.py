"""The permission table through the API: every row, as every role, and every field of a body."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from marshmallow import Schema

from backend.accounts.schemas import AccountChangesSchema, RegistrationSchema
from backend.attachments.schemas import NewAttachmentSchema
from backend.boards.schemas import (
    BoardChangesSchema,
    LabelChangesSchema,
    ListChangesSchema,
    NewBoardSchema,
    NewLabelSchema,
    NewListSchema,
    NewProjectSchema,
    ProjectChangesSchema,
)
from backend.comments.schemas import CommentChangesSchema, NewCommentSchema
from backend.inbox.schemas import MarksSchema
from backend.jobs.schemas import JobChangesSchema, NewJobSchema
from backend.kit.ids import random_id
from backend.notifications.settings_schemas import NotificationSettingsChangesSchema
from backend.tasks.schemas import NewTaskSchema, TaskChangesSchema
from backend.workspaces.permissions import AUTHOR, TABLE, Right, Role
from backend.workspaces.schemas import (
    MemberChangesSchema,
    NewInviteSchema,
    NewWorkspaceSchema,
    WantedMemberSchema,
    WorkspaceChangesSchema,
)
from tests.api.access_scene import NIGHTLY
from tests.api.world import Caller, World

WEEKLY = {"title": "A", "rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}
FILE = {"name": "a.png", "contentType": "image/png", "size": 5}
STRANGER = "stranger"


class Scene:
    """A team with one person of each role, and a stranger. Every act gets what it needs anew."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = {role.value: world.person(role.value.title()) for role in Role}
        self.people[STRANGER] = world.person("Stranger")
        self.owner = self.people["owner"]
        self.team = self.new_team()

    def new_team(self) -> str:
        team = self.world.team(self.owner)
        for role in Role:
            if role is not Role.OWNER:
                self.world.join(team, self.people[role.value], role.value)
        return team

    def newcomer(self, team: str) -> str:
        newcomer = self.world.person(f"New{random_id()}")
        self.world.join(team, newcomer, "viewer")
        return newcomer.uid

    def space(self) -> str:
        """A private space of the team, where each is what they are in the team."""
        wanted = {"name": "Salaries", "parentId": self.team}
        space = self.owner.post("/workspaces", wanted).json()["id"]
        for role in Role:
            if role is not Role.OWNER:
                self.world.join(space, self.people[role.value], role.value)
        return space

    def task(self) -> str:
        return self.owner.post(f"/workspaces/{self.team}/tasks", {"title": "A"}).json()["id"]

    def comment(self, author: str = "owner", body: str = "A") -> str:
        """The path of a comment of somebody's."""
        path = f"/workspaces/{self.team}/tasks/{self.task()}/comments"
        made = self.people[author].post(path, {"body": body})
        return f"{path}/{made.json()['id']}"

    def attachments(self) -> str:
        """The path of a task's attachments."""
        return f"/workspaces/{self.team}/tasks/{self.task()}/attachments"

    def group(self, kind: str) -> str:
        """The path of a project, board, list or label."""
        wanted = {"name": "A"} | ({"boardId": self.board()} if kind == "lists" else {})
        made = self.owner.post(f"/workspaces/{self.team}/{kind}", wanted).json()
        return f"/workspaces/{self.team}/{kind}/{made['id']}"

    def board(self) -> str:
        return self.group("boards").rpartition("/")[2]

    def series(self) -> str:
        return self.owner.post(f"/workspaces/{self.team}/series", WEEKLY).json()["id"]

    def job(self) -> str:
        return self.owner.post(f"/workspaces/{self.team}/jobs", NIGHTLY).json()["id"]

    def invite(self) -> str:
        body = {"email": f"{random_id()}@example.com", "role": "viewer"}
        answer = self.owner.post(f"/workspaces/{self.team}/invites", body)
        assert 201 == answer.status_code, answer.text
        return answer.json()["id"]


Act = Callable[[Scene, Caller], requests.Response]


def _at(scene: Scene, rest: str = "") -> str:
    return f"/workspaces/{scene.team}{rest}"


def _transfer(scene: Scene, caller: Caller) -> requests.Response:
    team = scene.new_team()
    return caller.post(f"/workspaces/{team}:transferOwnership", {"uid": scene.people["admin"].uid})


def _delete_attachment(scene: Scene, caller: Caller) -> requests.Response:
    path = scene.attachments()
    made = scene.owner.post(path, FILE).json()["id"]
    return caller.delete(f"{path}/{made}")


ACTS: dict[Right, Act] = {
    Right.READ_WORKSPACE: lambda s, who: who.get(_at(s)),
    Right.CHANGE_WORKSPACE: lambda s, who: who.patch(_at(s), {"name": random_id()}),
    Right.DELETE_WORKSPACE: lambda s, who: who.delete(f"/workspaces/{s.new_team()}"),
    Right.TRANSFER_WORKSPACE: _transfer,
    Right.LEAVE_WORKSPACE: lambda s, who: who.post(f"/workspaces/{s.new_team()}:leave"),
    Right.CREATE_SPACE: lambda s, who: who.post(
        "/workspaces", {"name": "Salaries", "parentId": s.team}
    ),
    Right.READ_MEMBERS: lambda s, who: who.get(_at(s, "/members")),
    Right.ADD_MEMBER: lambda s, who: who.put(
        f"/workspaces/{s.space()}/members/{s.newcomer(s.team)}", {"role": "viewer"}
    ),
    Right.CHANGE_MEMBER: lambda s, who: who.patch(
        _at(s, f"/members/{s.newcomer(s.team)}"), {"role": "member"}
    ),
    Right.REMOVE_MEMBER: lambda s, who: who.delete(_at(s, f"/members/{s.newcomer(s.team)}")),
    Right.READ_INVITES: lambda s, who: who.get(_at(s, "/invites")),
    Right.CREATE_INVITE: lambda s, who: who.post(
        _at(s, "/invites"), {"email": f"{random_id()}@example.com", "role": "viewer"}
    ),
    Right.RESEND_INVITE: lambda s, who: who.post(_at(s, f"/invites/{s.invite()}:resend")),
    Right.REVOKE_INVITE: lambda s, who: who.delete(_at(s, f"/invites/{s.invite()}")),
    Right.READ_TASKS: lambda s, who: who.get(_at(s, "/tasks")),
    Right.READ_HISTORY: lambda s, who: who.get(_at(s, f"/tasks/{s.task()}/history")),
    Right.READ_STATISTICS: lambda s, who: who.get(_at(s, "/stats")),
    Right.READ_EVENTS: lambda s, who: who.get(_at(s, "/events")),
    Right.CREATE_TASK: lambda s, who: who.post(_at(s, "/tasks"), {"title": "A"}),
    Right.CHANGE_TASK: lambda s, who: who.patch(_at(s, f"/tasks/{s.task()}"), {"title": "B"}),
    Right.SEARCH: lambda s, who: who.get(_at(s, "/search?q=word")),
    Right.TRASH_TASK: lambda s, who: who.delete(_at(s, f"/tasks/{s.task()}")),
    Right.READ_COMMENTS: lambda s, who: who.get(_at(s, f"/tasks/{s.task()}/comments")),
    Right.CREATE_COMMENT: lambda s, who: who.post(
        _at(s, f"/tasks/{s.task()}/comments"), {"body": "A"}
    ),
    Right.CHANGE_COMMENT: lambda s, who: who.patch(s.comment("commenter"), {"body": "B"}),
    Right.MODERATE_COMMENTS: lambda s, who: who.delete(s.comment()),
    Right.REACT_TO_COMMENT: lambda s, who: who.put(f"{s.comment()}/reactions/👍"),
    Right.READ_ATTACHMENTS: lambda s, who: who.get(s.attachments()),
    Right.CREATE_ATTACHMENT: lambda s, who: who.post(s.attachments(), FILE),
    Right.DELETE_ATTACHMENT: _delete_attachment,
    Right.READ_PROJECT: lambda s, who: who.get(s.group("projects")),
    Right.CREATE_PROJECT: lambda s, who: who.post(_at(s, "/projects"), {"name": "A"}),
    Right.CHANGE_PROJECT: lambda s, who: who.patch(s.group("projects"), {"name": "B"}),
    Right.DELETE_PROJECT: lambda s, who: who.delete(s.group("projects")),
    Right.READ_BOARD: lambda s, who: who.get(s.group("boards")),
    Right.CREATE_BOARD: lambda s, who: who.post(_at(s, "/boards"), {"name": "A"}),
    Right.CHANGE_BOARD: lambda s, who: who.patch(s.group("boards"), {"name": "B"}),
    Right.DELETE_BOARD: lambda s, who: who.delete(s.group("boards")),
    Right.READ_LIST: lambda s, who: who.get(s.group("lists")),
    Right.CREATE_LIST: lambda s, who: who.post(
        _at(s, "/lists"), {"name": "A", "boardId": s.board()}
    ),
    Right.CHANGE_LIST: lambda s, who: who.patch(s.group("lists"), {"name": "B"}),
    Right.DELETE_LIST: lambda s, who: who.delete(s.group("lists")),
    Right.READ_LABEL: lambda s, who: who.get(s.group("labels")),
    Right.CREATE_LABEL: lambda s, who: who.post(_at(s, "/labels"), {"name": "A"}),
    Right.CHANGE_LABEL: lambda s, who: who.patch(s.group("labels"), {"name": "B"}),
    Right.DELETE_LABEL: lambda s, who: who.delete(s.group("labels")),
    Right.READ_SERIES: lambda s, who: who.get(_at(s, "/series")),
    Right.CREATE_SERIES: lambda s, who: who.post(_at(s, "/series"), WEEKLY),
    Right.CHANGE_SERIES: lambda s, who: who.patch(_at(s, f"/series/{s.series()}"), {"title": "B"}),
    Right.READ_OCCURRENCES: lambda s, who: who.get(_at(s, f"/series/{s.series()}/occurrences")),
    Right.CHANGE_OCCURRENCE: lambda s, who: who.patch(
        _at(s, f"/series/{s.series()}/occurrences/20270301"), {"title": "B"}
    ),
    Right.READ_JOBS: lambda s, who: who.get(_at(s, "/jobs")),
    Right.CREATE_JOB: lambda s, who: who.post(_at(s, "/jobs"), NIGHTLY),
    Right.CHANGE_JOB: lambda s, who: who.patch(_at(s, f"/jobs/{s.job()}"), {"name": "B"}),
    Right.DELETE_JOB: lambda s, who: who.delete(_at(s, f"/jobs/{s.job()}")),
    Right.RUN_JOB: lambda s, who: who.post(_at(s, f"/jobs/{s.job()}:run")),
    Right.END_SERIES: lambda s, who: who.delete(_at(s, f"/series/{s.series()}")),
}


@dataclass(frozen=True)
class Body:
    """What a row's `api` fields are the fields of, and those an act cannot do without."""

    schema: Schema
    row: str


BODIES = [
    Body(WorkspaceChangesSchema(), "workspace.change"),
    Body(NewWorkspaceSchema(), "space.create"),
    Body(WantedMemberSchema(), "member.add"),
    Body(MemberChangesSchema(), "member.change"),
    Body(NewInviteSchema(), "invite.create"),
    Body(NewTaskSchema(), "task.create"),
    Body(TaskChangesSchema(), "task.change"),
    Body(NewAttachmentSchema(), "attachment.create"),
    Body(NewCommentSchema(), "comment.create"),
    Body(CommentChangesSchema(), "comment.change"),
    Body(NewProjectSchema(), "project.create"),
    Body(ProjectChangesSchema(), "project.change"),
    Body(NewBoardSchema(), "board.create"),
    Body(BoardChangesSchema(), "board.change"),
    Body(NewListSchema(), "list.create"),
    Body(ListChangesSchema(), "list.change"),
    Body(NewJobSchema(), "job.create"),
    Body(JobChangesSchema(), "job.change"),
    Body(NewLabelSchema(), "label.create"),
    Body(LabelChangesSchema(), "label.change"),
    Body(AccountChangesSchema(), "profile.change"),
    Body(RegistrationSchema(), "device.change"),
    Body(NotificationSettingsChangesSchema(), "preferences.change"),
    Body(MarksSchema(), "notification.change"),
]


class TestRows:
    """Role x resource x action."""

    def test_no_row_is_missing(self):
        """Each row of the table that the API has a way for, except a person's own, is acted out."""
        workspace_rows = {
            f"{resource}.{action}"
            for resource, rows in TABLE.items()
            for action, row in rows.items()
            if action != "server" and "api" in row and row["roles"] != "self"
        }

        assert workspace_rows == {right.value for right in Right} == set(map(str, ACTS))

    @pytest.mark.parametrize("right", Right, ids=str)
    def test_each_role(self, world: World, right: Right):
        """Done, refused as the table says; who is no member finds nothing."""
        scene = Scene(world)
        resource, action = right.value.split(".")
        allowed = TABLE[resource][action]["roles"]
        expected: dict[str, Any] = {
            role.value: "done" if role.letter in allowed else 403 for role in Role
        }
        if allowed == AUTHOR:  # A commenter, here.
            expected["commenter"] = "done"
        if right is Right.LEAVE_WORKSPACE:  # The last owner is told why, not that they may not.
            expected["owner"] = 409

        found = {name: _verdict(ACTS[right](scene, who)) for name, who in scene.people.items()}

        assert {**expected, STRANGER: 404} == found


class TestFields:
    """Field by field: what a body may hold is what the table says, and nothing else is taken."""

    @pytest.mark.parametrize("body", BODIES, ids=lambda body: body.row)
    def test_a_body_holds_the_fields_of_its_row(self, body: Body):
        """Server fields are therefore unknown ones: 422, not ignored (security check 25)."""
        resource, action = body.row.split(".")

        declared = {field.data_key for field in body.schema.fields.values()}

        assert set(TABLE[resource][action]["api"]) == declared

    @pytest.mark.parametrize(
        "resource",
        [
            "workspace",
            "task",
            "project",
            "board",
            "list",
            "label",
            "comment",
            "profile",
            "member",
        ],
    )
    def test_nobody_sets_what_the_server_does(self, world: World, resource: str):
        """By the owner, with a value that would be right."""
        scene = Scene(world)
        paths = {
            "workspace": _at(scene),
            "task": _at(scene, f"/tasks/{scene.task()}"),
            "comment": scene.comment(),
            **{each: scene.group(f"{each}s") for each in ("project", "board", "list", "label")},
            "profile": "/users/me",
            "member": _at(scene, f"/members/{scene.newcomer(scene.team)}"),
        }

        answers = {
            field: scene.owner.patch(paths[resource], {field: None})
            for field in TABLE[resource]["server"]
        }

        assert {422} == {answer.status_code for answer in answers.values()}
        codes = {error["code"] for answer in answers.values() for error in answer.json()["errors"]}
        assert {"unknown-field"} == codes


def _verdict(answer: requests.Response) -> Any:
    return "done" if answer.status_code < 300 else answer.status_code
