"""Every command there is, done once in a team that has something of each kind."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests

from tests.api.attaching import announced, attached, send
from tests.api.world import Caller, World

WEEKLY = {"title": "Weekly", "rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}
SOMEDAY = {
    "name": "Tidy up",
    "handler": "emptyTrash",
    "arguments": {"olderThanDays": 30},
    "schedule": {"kind": "once", "at": "2031-01-01T09:00", "tz": "Europe/Berlin"},
}
HOURLY = {"kind": "interval", "everyMinutes": 60}
FIRST = "20270301"  # The key of its first occurrence.
THUMB = "%F0%9F%91%8D"  # A thumb up.


@dataclass
class Place:
    """A team, and the ids of what is in it."""

    world: World
    ann: Caller
    bob: Caller
    home: str
    ids: dict[str, str] = field(default_factory=dict)

    def path(self, written: str) -> str:
        """Return a path in the team: `tasks/{card}` with the ids of what is named."""
        return f"{self.home}/{written.format(**self.ids)}"

    def make(self, name: str, collection: str, /, **fields: Any) -> str:
        """Make something as Ann, and remember it by a name."""
        answer = self.ann.post(self.path(collection), fields)
        assert answer.status_code == 201, answer.text
        self.ids[name] = answer.json()["id"]
        return self.ids[name]


def furnished(world: World) -> Place:
    """Return a team of Ann and Bob with something of each kind, settled."""
    ann, bob = world.person("Ann"), world.person("Bob")
    team = world.team(ann, bob)
    place = Place(world, ann, bob, f"/workspaces/{team}", {"bob": bob.uid, "team": team})
    make = place.make
    for name in ("project", "archived_project"):
        make(name, "projects", name=name)
    for name in ("board", "archived_board"):
        make(name, "boards", name=name, projectId=place.ids["project"])
    for name in ("list", "other_list", "archived_list"):
        make(name, "lists", name=name, boardId=place.ids["board"])
    for name in ("label", "other_label"):
        make(name, "labels", name=name, color="#336699")
    card = {"projectId": place.ids["project"], "listId": place.ids["list"]}
    people = {"assigneeIds": [bob.uid], "watcherIds": [bob.uid], "labelIds": [place.ids["label"]]}
    make("card", "tasks", title="Card", description="As it was", **card, **people)
    make("free", "tasks", title="Free")
    make("below", "tasks", title="Below")
    for name in ("done", "archived", "trashed", "blocked", "blocker"):
        make(name, "tasks", title=name, **card)
    make("comment", "tasks/{card}/comments", body="Well?")
    place.ids["attachment"] = attached(ann, place.path("tasks/{card}"))["id"]
    announcement = announced(ann, place.path("tasks/{card}")).json()
    send(announcement["upload"])
    place.ids["sent"] = announcement["id"]
    begun = ann.post(place.path("series"), WEEKLY).json()
    for name in ("job", "paused_job"):
        make(name, "jobs", **SOMEDAY)
    place.ids |= {"series": begun["id"], "occurrence": begun["firstTaskId"]}
    make("paused_series", "series", **WEEKLY)
    for method, path in (
        ("POST", "jobs/{paused_job}/pause"),
        ("POST", "series/{paused_series}/pause"),
        ("POST", "tasks/{done}/completion"),
        ("POST", "tasks/{archived}/archive"),
        ("DELETE", "tasks/{trashed}"),
        ("PUT", "tasks/{blocked}/blockers/{blocker}"),
        ("POST", "projects/{archived_project}/archive"),
        ("POST", "boards/{archived_board}/archive"),
        ("POST", "lists/{archived_list}/archive"),
        ("PUT", f"tasks/{{card}}/comments/{{comment}}/reactions/{THUMB}"),
    ):
        answer = ann.call(method, place.path(path))
        assert answer.ok, (path, answer.text)
    moved = ann.post(place.path("tasks/{below}:move"), {"parentId": place.ids["card"]})
    assert moved.ok, moved.text
    calm(world)
    return place


def calm(world: World) -> None:
    """Let whatever follows happen, also what waits for a minute or two."""
    for _ in range(2):
        world.pass_time(timedelta(minutes=3))


Scene = Callable[[Place], requests.Response]


def call(method: str, path: str, /, **body: Any) -> Scene:
    """Return a scene that is one request of Ann's; `{name}` in the path is the id of a thing."""
    takes_body = bool(body) or path.endswith((":duplicate", ":revert"))

    def scene(place: Place) -> requests.Response:
        filled = {
            name: value.format(**place.ids) if isinstance(value, str) else value
            for name, value in body.items()
        }
        return place.ann.call(method, place.path(path), json=filled if takes_body else None)

    return scene


def edit_workspace(place: Place) -> requests.Response:
    return place.ann.patch(place.home, {"name": "Another", "settings": {"weekStart": 7}})


def delete_workspace(place: Place) -> requests.Response:
    return place.ann.delete(place.home)


def batch(place: Place) -> requests.Response:
    operations = [
        {"op": "create", "title": "One of many"},
        {"op": "complete", "taskId": place.ids["free"]},
        {"op": "delete", "taskId": place.ids["blocked"]},
        {"op": "update", "taskId": place.ids["card"], "title": "Changed", "priority": "high"},
    ]
    body = {"mode": "atomic", "operations": operations}
    return place.ann.post(f"{place.home}/tasks:batch", body)


W = "/api/v1/workspaces/<workspace>"
T = f"{W}/tasks/<task_id>"
C = f"{T}/comments/<comment_id>"
S = f"{W}/series/<series_id>"

SCENES: dict[str, Scene] = {
    # First, since an upload is waited for an hour only.
    f"POST {T}/attachments": call(
        "POST", "tasks/{card}/attachments", name="a.png", contentType="image/png", size=70
    ),
    f"POST {T}/attachments/<attachment_id>:finalize": call(
        "POST", "tasks/{card}/attachments/{sent}:finalize"
    ),
    f"PATCH {W}": edit_workspace,
    f"DELETE {W}": delete_workspace,
    f"POST {W}/series": call("POST", "series", **WEEKLY),
    f"PATCH {S}": call("PATCH", "series/{series}", title="Other", repeat="every 2 days"),
    f"DELETE {S}": call("DELETE", "series/{series}"),
    f"POST {S}/pause": call("POST", "series/{series}/pause"),
    f"DELETE {S}/pause": call("DELETE", "series/{paused_series}/pause"),
    f"PATCH {S}/occurrences/<key>": call(
        "PATCH", f"series/{{series}}/occurrences/{FIRST}", title="Other", date="2027-03-02"
    ),
    f"POST {S}/occurrences/<key>:skip": call("POST", f"series/{{series}}/occurrences/{FIRST}:skip"),
    f"POST {W}/jobs": call("POST", "jobs", **SOMEDAY),
    f"PATCH {W}/jobs/<job_id>": call("PATCH", "jobs/{job}", name="Every hour", schedule=HOURLY),
    f"DELETE {W}/jobs/<job_id>": call("DELETE", "jobs/{job}"),
    f"POST {W}/jobs/<job_id>/pause": call("POST", "jobs/{job}/pause"),
    f"DELETE {W}/jobs/<job_id>/pause": call("DELETE", "jobs/{paused_job}/pause"),
    f"POST {W}/tasks": call("POST", "tasks", title="New", assigneeIds=[]),
    f"POST {W}/tasks:batch": batch,
    f"PATCH {T}": call("PATCH", "tasks/{card}", title="Other", description="", labelIds=[]),
    f"DELETE {T}": call("DELETE", "tasks/{card}"),
    f"POST {T}/archive": call("POST", "tasks/{card}/archive"),
    f"DELETE {T}/archive": call("DELETE", "tasks/{archived}/archive"),
    f"POST {T}/completion": call("POST", "tasks/{occurrence}/completion"),
    f"DELETE {T}/completion": call("DELETE", "tasks/{done}/completion"),
    f"POST {T}:restore": call("POST", "tasks/{trashed}:restore"),
    f"POST {T}:duplicate": call("POST", "tasks/{card}:duplicate"),
    f"POST {T}:snooze": call("POST", "tasks/{card}:snooze", minutes=60),
    f"POST {T}:move": call("POST", "tasks/{card}:move", listId="{other_list}"),
    f"POST {T}/history/<rev>:revert": call("POST", "tasks/{blocked}/history/2:revert"),
    f"PUT {T}/assignees/<uid>": call("PUT", "tasks/{free}/assignees/{bob}"),
    f"DELETE {T}/assignees/<uid>": call("DELETE", "tasks/{card}/assignees/{bob}"),
    f"PUT {T}/watchers/<uid>": call("PUT", "tasks/{free}/watchers/{bob}"),
    f"DELETE {T}/watchers/<uid>": call("DELETE", "tasks/{card}/watchers/{bob}"),
    f"PUT {T}/labels/<label_id>": call("PUT", "tasks/{card}/labels/{other_label}"),
    f"DELETE {T}/labels/<label_id>": call("DELETE", "tasks/{card}/labels/{label}"),
    f"PUT {T}/blockers/<blocker_id>": call("PUT", "tasks/{card}/blockers/{blocker}"),
    f"DELETE {T}/blockers/<blocker_id>": call("DELETE", "tasks/{blocked}/blockers/{blocker}"),
    f"POST {T}/comments": call("POST", "tasks/{card}/comments", body="Hm"),
    f"PATCH {C}": call("PATCH", "tasks/{card}/comments/{comment}", body="Well!"),
    f"DELETE {C}": call("DELETE", "tasks/{card}/comments/{comment}"),
    f"PUT {C}/reactions/<emoji>": call(
        "PUT", "tasks/{card}/comments/{comment}/reactions/%F0%9F%8E%89"
    ),
    f"DELETE {C}/reactions/<emoji>": call(
        "DELETE", f"tasks/{{card}}/comments/{{comment}}/reactions/{THUMB}"
    ),
    f"DELETE {T}/attachments/<attachment_id>": call(
        "DELETE", "tasks/{card}/attachments/{attachment}"
    ),
    f"POST {W}/projects": call("POST", "projects", name="New"),
    f"POST {W}/boards": call("POST", "boards", name="New"),
    f"POST {W}/lists": call("POST", "lists", name="New", boardId="{board}"),
    f"POST {W}/labels": call("POST", "labels", name="New", color="#112233"),
    f"POST {W}/lists/<list_id>:archiveDone": call("POST", "lists/{list}:archiveDone"),
    f"POST {W}/lists/<list_id>:move": call("POST", "lists/{list}:move", after="{other_list}"),
    f"POST {W}/projects/<project_id>:move": call(
        "POST", "projects/{project}:move", after="{archived_project}"
    ),
    f"POST {W}/boards/<board_id>:move": call(
        "POST", "boards/{board}:move", after="{archived_board}"
    ),
    f"POST {W}/labels/<label_id>:move": call("POST", "labels/{label}:move", after="{other_label}"),
    **{
        f"PATCH {W}/{kind}s/<{kind}_id>": call("PATCH", f"{kind}s/{{{kind}}}", name="Renamed")
        for kind in ("project", "board", "list", "label")
    },
    **{
        f"DELETE {W}/{kind}s/<{kind}_id>": call("DELETE", f"{kind}s/{{{kind}}}")
        for kind in ("project", "board", "list", "label")
    },
    **{
        f"POST {W}/{kind}s/<{kind}_id>/archive": call("POST", f"{kind}s/{{{kind}}}/archive")
        for kind in ("project", "board", "list")
    },
    **{
        f"DELETE {W}/{kind}s/<{kind}_id>/archive": call(
            "DELETE", f"{kind}s/{{archived_{kind}}}/archive"
        )
        for kind in ("project", "board", "list")
    },
}

# Commands whose undo has tests of its own.
ELSEWHERE = {
    f"POST {S}:skipMissed": (
        "tests/api/test_series_pauses.py::TestSkippingMissed::test_taken_back_it_is_as_before"
    ),
    "POST /api/v1/undo": "tests/api/test_undo.py::TestEdits::test_an_undo_is_undone",
    "PATCH /api/v1/users/me/notifications/<notification_id>": (
        "tests/api/test_inbox_undo.py::TestTakenBack::test_marks"
    ),
    "DELETE /api/v1/users/me/notifications/<notification_id>": (
        "tests/api/test_inbox_undo.py::TestTakenBack::test_a_deletion"
    ),
    "POST /api/v1/users/me/notifications:markAllRead": (
        "tests/api/test_inbox_clearing.py::TestAtOnce::test_taken_back"
    ),
    "POST /api/v1/users/me/notifications:archiveAll": (
        "tests/api/test_inbox_clearing.py::TestAtOnce::test_taken_back"
    ),
    "PATCH /api/v1/users/me": "tests/api/test_undo_others.py::TestProfiles::test_an_edit",
    "PATCH /api/v1/users/me/settings/notifications": (
        "tests/api/test_settings_undone.py::TestUndo::test_an_edit"
    ),
    "POST /api/v1/users/me:mergeGuest": "tests/api/test_undo_others.py::TestMerges::test_merged",
}

SIGN_IN = "Its opposite asks for a recent sign-in, which a token must not stand in for."
ACCESS = "It decides who gets in, with a recent sign-in; its opposite is a command that asks, too."
LETTER = "A letter cannot be called back."
BY_STAFF = "Staff acts are recorded in the audit log, and their opposites are acts as well."
HAS_RUN = "What a job has done stays done; each thing it did can be taken back by itself."
REASONS = {
    "POST /api/v1/jobs": BY_STAFF,
    "PATCH /api/v1/jobs/<job_id>": BY_STAFF,
    "POST /api/v1/admin/broadcasts": "Who was told was told; the others are spared by `:cancel`.",
    "POST /api/v1/admin/broadcasts:preview": "It changes nothing.",
    "POST /api/v1/admin/broadcasts/<broadcast_id>/pause": BY_STAFF,
    "DELETE /api/v1/admin/broadcasts/<broadcast_id>/pause": BY_STAFF,
    "POST /api/v1/admin/broadcasts/<broadcast_id>:cancel": BY_STAFF,
    "POST /api/v1/admin/deliveries:redrive": "What was sent cannot be called back.",
    "DELETE /api/v1/jobs/<job_id>": BY_STAFF,
    "POST /api/v1/jobs/<job_id>/pause": BY_STAFF,
    "DELETE /api/v1/jobs/<job_id>/pause": BY_STAFF,
    **{
        f"POST {home}/<job_id>{act}": reason
        for home in ("/api/v1/jobs", f"{W}/jobs")
        for act, reason in {
            ":run": HAS_RUN,
            ":backfill": HAS_RUN,
            "/runs/<run_id>:retry": HAS_RUN,
            ":rehearse": "It changes nothing.",
        }.items()
    },
    "PATCH /api/v1/admin/users/<uid>": ACCESS,
    "POST /api/v1/admin/templates/<template>/versions": "A draft that nobody gets.",
    "POST /api/v1/admin/templates/<template>/versions/<version>:preview": "It changes nothing.",
    "POST /api/v1/admin/templates/<template>/versions/<version>:testSend": (
        "What was sent cannot be called back."
    ),
    "POST /api/v1/admin/templates/<template>/versions/<version>:publish": (
        "Publishing the version before takes it back."
    ),
    "POST /api/v1/admin/suppressions": "Whoever added an address can lift it.",
    "POST /api/v1/admin/suppressions:find": "It changes nothing.",
    "DELETE /api/v1/admin/suppressions/<suppression_id>": "It can be added again.",
    "POST /api/v1/admin/users/<uid>/disablement": ACCESS,
    "DELETE /api/v1/admin/users/<uid>/disablement": ACCESS,
    "POST /api/v1/auth/passwordReset": LETTER,
    "POST /api/v1/users/me/emailVerification": LETTER,
    "POST /api/v1/invites:accept": "Whoever has joined can leave.",
    f"POST {W}/invites/<invite_id>:accept": "Whoever has joined can leave.",
    f"POST {W}/invites": "An invitation is revoked; its letter has gone out.",
    f"DELETE {W}/invites/<invite_id>": "Its secret is forgotten: another invitation is made.",
    f"POST {W}/invites/<invite_id>:resend": LETTER,
    "POST /api/v1/operations/<operation_id>:cancel": "What it had made so far is deleted.",
    "DELETE /api/v1/users/me": "`:cancelErasure` takes it back for seven days.",
    "POST /api/v1/users/me:cancelErasure": SIGN_IN,
    "PUT /api/v1/users/me/devices/<device_id>": "An app registers itself, nobody commands it.",
    "DELETE /api/v1/users/me/devices/<device_id>": "An app registers itself anew.",
    "DELETE /api/v1/users/me/sessions": "Who was signed out must sign in: that is its purpose.",
    "POST /api/v1/rehearsals": "It changes nothing.",
    "POST /api/v1/admin/rehearsals": "It changes nothing.",
    "POST /api/v1/workspaces/<workspace>/series:preview": "It changes nothing.",
    "POST /api/v1/users/me:export": "It changes nothing, and can be called off.",
    "POST /api/v1/users/me:undoMerge": "The guest can be merged again.",
    "POST /api/v1/workspaces": SIGN_IN,
    f"POST {W}:restore": SIGN_IN,
    f"POST {W}:leave": "Only an invitation brings somebody back.",
    f"POST {W}:transferOwnership": ACCESS,
    f"PUT {W}/members/<uid>": ACCESS,
    f"PATCH {W}/members/<uid>": ACCESS,
    f"DELETE {W}/members/<uid>": ACCESS,
}
