"""The examples in the description are sent to the service, and its answers compared with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from backend.workspaces.invite_tokens import InviteRef, InviteTokens
from tests.api.attaching import PIXEL, send
from tests.openapi.service import SIGNING_SECRET, Person, Service
from tests.openapi.test_document import operations

OPERATIONS = list(operations())
NAMES = [operation["operationId"] for _, _, operation in OPERATIONS]
NEXT_WEEK = {"to": f"{datetime.now(UTC) + timedelta(days=7):%FT%TZ}"}
STAFF_TAGS = {
    "admin",
    "broadcasts",
    "deliveries",
    "jobs",
    "platform_rehearsals",
    "suppressions",
    "templates",
}
WORKSPACES, TEAM = "/api/v1/workspaces", "/api/v1/workspaces/{workspace}"


class Things:
    """A workspace with one of everything that a path can name, made anew for each example."""

    def __init__(self, service: Service, owner: Person, document: dict[str, Any]) -> None:
        self._service = service
        self._owner = owner
        self._paths = document["paths"]
        member = service.person("bob")
        self.ids = {"uid": member.uid, "device_id": "phone", "template": "assigned"}
        self.ids["workspace"] = self._make("post", WORKSPACES)["id"]
        self.join(member, "member")
        self.ids["invite_id"] = self._make("post", f"{TEAM}/invites")["id"]
        self._make("put", "/api/v1/users/me/devices/{device_id}")
        self.ids["notification_id"] = service.told(owner)
        self.ids["task_id"] = self._make("post", f"{TEAM}/tasks")["id"]
        self.ids["blocker_id"] = self._make("post", f"{TEAM}/tasks")["id"]
        comments = f"{TEAM}/tasks/{{task_id}}/comments"
        self.ids |= {"comment_id": self._make("post", comments)["id"], "emoji": "👍"}
        self.ids["attachment_id"] = self._announced()
        begun = self._make("post", f"{TEAM}/series")
        self.ids |= {"series_id": begun["id"], "key": begun["lastKey"]}
        self.ids |= {"job_id": self._make("post", f"{TEAM}/jobs")["id"]}
        for kind in ("project", "board", "list", "label"):
            self.ids[f"{kind}_id"] = self._make("post", f"{TEAM}/{kind}s")["id"]

    def join(self, person: Person, role: str) -> None:
        """Make somebody a member of the workspace."""
        token = self._invitation(self._owner, self.ids["workspace"], person, role)
        accepted = person.call("post", "/api/v1/invites:accept", json={"token": token})
        assert accepted.status_code == 200, accepted.text

    def path_of(self, path: str, operation: dict[str, Any]) -> str:
        """The path of an operation, to things of ours it can be done to."""
        ids = {**self.ids, **self._elsewhere(operation["operationId"])}
        if operation["operationId"] == "addMember":
            body = {"name": "Corner", "parentId": ids["workspace"]}
            space = self._owner.call("post", WORKSPACES, json=body).json()["id"]
            ids = {**ids, "workspace": space}
        if "{rev}" in path:
            self._make("patch", f"{TEAM}/tasks/{{task_id}}")
            ids = {**ids, "rev": "2"}
        if path.startswith("/api/v1/jobs"):
            self._service.appoint(self._owner)
            ids = {**ids, "job_id": self._make("post", "/api/v1/jobs")["id"]}
        if path.startswith("/api/v1/admin"):
            ids = {**ids, **self._for_staff(path)}
        if "{run_id}" in path:
            ids = {**ids, **self._replaced(path.partition("/{job_id}")[0].format(**ids))}
        if "{operation_id}" in path:
            ids = {**ids, "operation_id": self._merging()}
        return path.format(**ids)

    def _elsewhere(self, operation_id: str) -> dict[str, str]:
        """Another's team, for what nobody does in their own: to join it, and to leave it."""
        if operation_id not in ("acceptKnownInvite", "leaveWorkspace"):
            return {}
        team, token = self._invited()
        if operation_id == "leaveWorkspace":
            self._owner.call("post", "/api/v1/invites:accept", json={"token": token})
        return {"workspace": team, "invite_id": token.split(".")[1]}

    def _for_staff(self, path: str) -> dict[str, str]:
        """What staff have made, as far as the path of an operation names it."""
        made = {
            "/admin/suppressions": ("suppression_id", "id", "/suppressions"),
            "{template}": ("version", "number", "/templates/{template}/versions"),
            "{broadcast_id}": ("broadcast_id", "id", "/broadcasts"),
        }
        self._service.appoint(self._owner)
        return {
            name: str(self._make("post", f"/api/v1/admin{home}")[field])
            for part, (name, field, home) in made.items()
            if part in path
        }

    def caller_of(self, operation: dict[str, Any]) -> Person:
        """Who calls: the owner of it all, but where owners may not."""
        if STAFF_TAGS & {*operation["tags"]}:
            self._service.appoint(self._owner)
        is_leaving = operation["operationId"] == "eraseMe"
        return self._service.person("dot") if is_leaving else self._owner

    def body_of(self, operation: dict[str, Any]) -> Any:
        """The example of a request body, where people and invitations are ours."""
        made: dict[str, Callable[[], dict[str, Any]]] = {
            "transferOwnership": lambda: {"uid": self.ids["uid"]},
            "acceptInvite": lambda: {"token": self._invited()[1]},
            "mergeGuest": lambda: {"guestToken": self._service.guest_token()},
            "undoMerge": lambda: {"operationId": self._merged()},
            "undo": lambda: {"token": self._undo_token()},
            "backfillJob": _a_minute_ago,
            "backfillWorkspaceJob": _a_minute_ago,
            "rehearse": lambda: NEXT_WEEK,
            "rehearsePlatform": lambda: NEXT_WEEK,
        }
        name = operation["operationId"]
        return made[name]() if name in made else self._on_our_board(example_body(operation))

    def _on_our_board(self, body: Any) -> Any:
        """A body whose list is to be on a board of ours."""
        is_of_board = isinstance(body, dict) and body.get("boardId")
        return {**body, "boardId": self.ids["board_id"]} if is_of_board else body

    def _undo_token(self) -> str:
        """What a command of the owner's answered with."""
        made = self._owner.call("post", f"{WORKSPACES}/me/tasks", json={"title": "A mistake"})
        return str(made.headers["Undo-Token"])

    def _merging(self) -> str:
        """An operation that is running."""
        body = {"guestToken": self._service.guest_token()}
        merge = self._owner.call("post", "/api/v1/users/me:mergeGuest", json=body)
        assert merge.status_code == 202, merge.text
        return str(merge.json()["id"])

    def _replaced(self, jobs: str) -> dict[str, str]:
        """A job and a run of it that was replaced by another, which no queue delivers here."""
        example = example_body(
            self._paths[jobs.replace(self.ids["workspace"], "{workspace}")]["post"]
        )
        made = self._owner.call("post", jobs, json={**example, "overlap": "replace"})
        job_id = made.json()["id"]
        run, _ = (self._owner.call("post", f"{jobs}/{job_id}:run") for _ in range(2))
        return {"job_id": job_id, "run_id": str(run.json()["id"])}

    def _merged(self) -> str:
        """A merge that is at an end: called off, as no queue delivers here."""
        merge = self._merging()
        assert self._owner.call("post", f"/api/v1/operations/{merge}:cancel").ok
        return merge

    def _invited(self) -> tuple[str, str]:
        """Another's team, and the token of an invitation to it."""
        other = self._service.person("cid")
        team = other.call("post", WORKSPACES, json={"name": "Theirs"}).json()["id"]
        return team, self._invitation(other, team, self._owner)

    def _invitation(self, by: Person, team: str, guest: Person, role: str = "member") -> str:
        """Invite somebody; return what the link in their mail carries."""
        path, wanted = TEAM.format(workspace=team), {"email": guest.email, "role": role}
        made = by.call("post", f"{path}/invites", json=wanted)
        assert made.status_code == 201, made.text
        return InviteTokens(SIGNING_SECRET).token(InviteRef(team, made.json()["id"], 1))

    def _announced(self) -> str:
        """A file that was sent, and waits to be taken in."""
        wanted = {"name": "a.png", "contentType": "image/png", "size": len(PIXEL)}
        path = f"{TEAM}/tasks/{{task_id}}/attachments".format(**self.ids)
        made = self._owner.call("post", path, json=wanted)
        assert made.status_code == 201, made.text
        assert send(made.json()["upload"]).ok
        return str(made.json()["id"])

    def _make(self, method: str, path: str) -> dict[str, Any]:
        body = self._on_our_board(example_body(self._paths[path][method]))
        answer = self._owner.call(method, path.format(**self.ids), json=body)
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture
def ann(service: Service) -> Person:
    return service.person("ann")


def _a_minute_ago() -> dict[str, str]:
    at = f"{datetime.now(UTC) - timedelta(minutes=1):%FT%TZ}"
    return {"from": at, "to": at}


def example_body(operation: dict[str, Any]) -> Any:
    """The example of a request body, or None where there is no body."""
    content = operation.get("requestBody", {}).get("content", {})
    return content["application/json"]["example"] if content else None


def required_query(operation: dict[str, Any]) -> dict[str, str]:
    """The examples of the query parameters that an operation cannot do without."""
    return {
        each["name"]: each["x-example"]
        for each in operation["parameters"]
        if each.get("in") == "query" and each.get("required")
    }


def success(operation: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status of an operation that succeeds at once, and how its answer is described."""
    return min(
        (int(status), answer)
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    )


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Say what in `value` is not as `schema` describes it, properties it does not name too."""
    whole = {"$ref": "#/$defs/it", "$defs": {"it": schema}, "components": _closed(document)}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _closed(document: dict[str, Any]) -> dict[str, Any]:
    closed = {
        name: {**schema, "additionalProperties": False}
        for name, schema in document["components"]["schemas"].items()
    }
    return {"schemas": closed}


class TestExamples:
    """What stands in the reference works when it is tried."""

    @pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=NAMES)
    def test_the_service_takes_and_gives_what_the_example_shows(
        self, service, document, ann, path, method, operation
    ):
        """Sent by the owner of everything the path names, it succeeds in the form described."""
        things = Things(service, ann, document)
        status, described = success(operation)

        where, body = things.path_of(path, operation), things.body_of(operation)
        has_proof = operation["operationId"] != "askForVerification"
        caller = things.caller_of(operation)
        answer = replace(caller, is_verified=has_proof).call(
            method, where, json=body, params=required_query(operation)
        )

        assert status == answer.status_code, answer.text
        assert set() == {name for name in described["headers"] if name not in answer.headers} - {
            "Idempotent-Replayed",
            "Undo-Token",
        }
        if "content" not in described:
            assert b"" == answer.content
            return
        ((media_type, content),) = described["content"].items()
        assert media_type == answer.headers["Content-Type"]
        assert [] == faults(document, content["schema"], answer.json())
        assert [] == faults(document, content["schema"], content["example"])

    @pytest.mark.parametrize(
        ("path", "operation"),
        [(path, each) for path, method, each in OPERATIONS if method == "patch"],
        ids=[each["operationId"] for _, method, each in OPERATIONS if method == "patch"],
    )
    def test_a_merge_patch_may_say_what_it_is(self, service, document, ann, path, operation):
        """`application/merge-patch+json` is taken like `application/json`."""
        things = Things(service, ann, document)
        caller = things.caller_of(operation)

        answer = caller.call(
            "patch",
            things.path_of(path, operation),
            json=example_body(operation),
            headers={"Content-Type": "application/merge-patch+json"},
        )

        assert success(operation)[0] == answer.status_code, answer.text

    @pytest.mark.parametrize(
        ("path", "operation", "parameter"),
        [
            pytest.param(path, operation, parameter, id=f"{path}-{parameter['name']}")
            for path, method, operation in OPERATIONS
            for parameter in operation["parameters"]
            if method == "get" and parameter.get("in") == "query" and "x-example" in parameter
        ],
    )
    def test_the_examples_of_filters_are_served(
        self, service, document, ann, path, operation, parameter
    ):
        """Each alone, with what must stand beside it, on a list of a few things."""
        things = Things(service, ann, document)
        query = required_query(operation) | {parameter["name"]: parameter["x-example"]}

        caller = things.caller_of(operation)
        answer = caller.call("get", things.path_of(path, operation), params=query)

        assert 200 == answer.status_code, answer.text
