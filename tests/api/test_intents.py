"""Intents: commands that were written down offline are carried out once, and answered."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from backend.app import create_app
from backend.intents.commands import commands
from backend.web.requirements import RECENT_SIGN_IN, REGISTERED, VERIFIED
from tests.api.intents import answer, asked, deliver, queue
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World

ME = "me"
DAILY = {"title": "A", "rule": "FREQ=DAILY", "start": {"date": "2027-03-01", "tz": "UTC"}}
# Where the route of a command has another name than the rest.
ENDPOINTS = {
    "undo": "undo.undo",
    "comment.react": "comments.react_to_comment",
    "comment.unreact": "comments.take_back_reaction",
    "series.begin": "series.begin_series",
    "series.end": "series.end_series",
    "task.snooze": "snoozes.snooze_task",
    **{
        f"task.{verb}": f"task_parts.{verb}_task"
        for verb in ("assign", "unassign", "watch", "unwatch", "label", "unlabel")
    },
    **{f"task.{verb}": f"task_relations.{verb}_task" for verb in ("block", "unblock")},
}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def endpoint_of(command: str) -> str:
    """The route that does the same as a command."""
    kind, _, verb = command.partition(".")
    return ENDPOINTS.get(command, f"{kind}s.{verb}_{kind}")


def a_task(person: Caller, **fields: Any) -> dict[str, Any]:
    made = person.post("/workspaces/me/tasks", {"title": "A", **fields})
    found: dict[str, Any] = made.json()
    return found


class TestOnce:
    """Whatever the queue does, and wherever workers die."""

    def test_fifty_delivered_three_times_and_out_of_order(
        self, world: World, ann: Caller, crowd: ThreadPoolExecutor
    ):
        """Each takes effect once."""
        ids = [
            queue(world, ann, "task.create", workspaceId=ME, body={"title": f"Task {n}"})
            for n in range(50)
        ]
        deliveries = ids * 3
        random.Random(5).shuffle(deliveries)

        runs = [(ann.uid, intent_id, commands(world.services)) for intent_id in deliveries]
        list(crowd.map(lambda run: world.services.intents.run(*run), runs))

        tasks = world.documents(f"workspaces/{ann.uid}/tasks")
        assert sorted(f"Task {n}" for n in range(50)) == sorted(each["title"] for each in tasks)
        answers = [answer(world, ann, intent_id) for intent_id in ids]
        assert {"done"} == {each["state"] for each in answers}
        made = world.database.collection(f"workspaces/{ann.uid}/tasks").stream()
        assert {each.id for each in made} == {each["result"]["id"] for each in answers}

    def test_killed_at_each_commit(self, world: World, ann: Caller):
        """Before it nothing was done, after it all of it; the next delivery finds out which."""
        task = a_task(ann)
        survived = 0
        for moment in range(1, 20):
            body = {"description": f"Written {moment}"}
            intent_id = queue(world, ann, "task.edit", workspaceId=ME, taskId=task["id"], body=body)
            mortal = mortal_services(world, Fate(moment), MortalAtEveryCommit)
            try:
                mortal.intents.run(ann.uid, intent_id, commands(mortal))
                survived += 1
            except Killed:
                pass
            deliver(world, ann, intent_id, intent_id)
            now = world.document(f"workspaces/{ann.uid}/tasks/{task['id']}")
            assert (f"Written {moment}", moment + 1) == (now["description"], now["rev"])
            assert "done" == answer(world, ann, intent_id)["state"]
        assert 0 < survived < 19

    def test_a_lost_doorbell_is_healed(self, world: World, ann: Caller):
        """The sweep asks for the job of what has waited for a while."""
        intent_id = queue(world, ann, "task.create", workspaceId=ME, body={"title": "A"})

        world.settle()
        before = answer(world, ann, intent_id)["state"]
        world.pass_time(timedelta(minutes=2))

        assert ("pending", "done") == (before, answer(world, ann, intent_id)["state"])

    def test_what_cannot_be_answered_now_is_answered_later(
        self, world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
    ):
        """An intent waits while its person asks for too much at a time."""
        monkeypatch.setattr(world.services.intents, "_per_minute", 1)
        ids = [
            queue(world, ann, "task.create", workspaceId=ME, body={"title": "A"}) for _ in range(2)
        ]
        deliver(world, ann, *ids)
        assert ["done", "pending"] == sorted(answer(world, ann, each)["state"] for each in ids)

        world.pass_time(timedelta(minutes=2))

        assert ["done", "done"] == [answer(world, ann, each)["state"] for each in ids]

    def test_what_has_waited_for_a_day_is_refused(self, world: World, ann: Caller):
        """Nobody expects any more that it is done, and it must not be tried for ever."""
        intent_id = queue(world, ann, "task.create", workspaceId=ME, body={"title": "A"})
        world.clock.advance(timedelta(hours=24))

        deliver(world, ann, intent_id)

        found = answer(world, ann, intent_id)
        assert ("refused", "deadline-exceeded") == (found["state"], found["problem"]["code"])
        assert [] == world.documents(f"workspaces/{ann.uid}/tasks")


class TestAnswers:
    """What the app finds in its intent."""

    def test_done(self, world: World, ann: Caller):
        """The id and revision of what was made, and the way to take it back."""
        found = asked(world, ann, "task.create", workspaceId=ME, body={"title": "A"})

        assert ("done", None) == (found["state"], found["problem"])
        result = found["result"]
        assert 1 == result["rev"]
        assert world.clock.now() == found["finishedAt"]
        assert 200 == ann.post("/undo", {"token": result["undoToken"]}).status_code

    def test_undone_offline(self, world: World, ann: Caller):
        """The token of one intent is the argument of another."""
        made = asked(world, ann, "task.create", workspaceId=ME, body={"title": "A"})["result"]

        found = asked(world, ann, "undo", body={"token": made["undoToken"]})

        task = world.document(f"workspaces/{ann.uid}/tasks/{made['id']}")
        assert ("done", True) == (found["state"], task["deletedAt"] is not None)

    @pytest.mark.parametrize(
        ("command", "args", "code", "pointers"),
        [
            ("task.explode", {}, "validation-failed", ["/command"]),
            ("task.create", {"workspaceId": "me"}, "validation-failed", ["/args/body/title"]),
            ("task.create", {"body": {"title": "A"}}, "validation-failed", ["/args/workspaceId"]),
            (
                "task.create",
                {"workspaceId": "me", "body": {"title": "A", "rev": 7}},
                "unknown-field",
                ["/args/body/rev"],
            ),
            (
                "task.create",
                {"workspaceId": "me", "body": {"title": "A", "assigneeIds": ["nobody"]}},
                "validation-failed",
                ["/args/body/assigneeIds/0"],
            ),
            (
                "task.complete",
                {"workspaceId": "me", "taskId": "t", "force": True},
                "unknown-field",
                ["/args/force"],
            ),
            (
                "task.complete",
                {"workspaceId": "me", "taskId": "t", "ifMatch": "1"},
                "validation-failed",
                ["/args/ifMatch"],
            ),
            ("task.complete", {"workspaceId": "me", "taskId": "a/b"}, "validation-failed", None),
            ("task.complete", {"workspaceId": "me", "taskId": "nothing"}, "not-found", []),
            (
                "task.edit",
                {"workspaceId": "me", "taskId": "t", "body": b"x"},
                "validation-failed",
                None,
            ),
            (
                "task.edit",
                {"workspaceId": "me", "taskId": "t", "body": {"title": b"x"}},
                "validation-failed",
                ["/args/body/title"],
            ),
        ],
    )
    def test_refused(
        self,
        world: World,
        ann: Caller,
        command: str,
        args: dict[str, Any],
        code: str,
        pointers: list[str] | None,
    ):
        """With the problem as over HTTP; its pointers lead into the intent."""
        found = asked(world, ann, command, **args)

        problem = found["problem"]
        assert ("refused", None, code) == (found["state"], found["result"], problem["code"])
        assert {"code", "detail", "errors"} == set(problem)
        if pointers is not None:
            assert pointers == [each["pointer"] for each in problem["errors"]]

    def test_a_refusal_is_final(self, world: World, ann: Caller):
        """And nothing was written, though the fault has gone since."""
        task = a_task(ann)
        args = {"workspaceId": ME, "taskId": task["id"], "ifMatch": 2}
        intent_id = queue(world, ann, "task.complete", **args)
        deliver(world, ann, intent_id)
        ann.patch(f"/workspaces/me/tasks/{task['id']}", {"title": "B"})

        deliver(world, ann, intent_id)

        found = answer(world, ann, intent_id)
        assert ("refused", "precondition-failed") == (found["state"], found["problem"]["code"])
        assert "open" == world.document(f"workspaces/{ann.uid}/tasks/{task['id']}")["status"]

    def test_an_offline_edit_is_merged(self, world: World, ann: Caller):
        """What somebody else has written meanwhile stays, or is kept in the history."""
        bob = world.person("Bob")
        team = world.team(ann, bob)
        task = ann.post(f"/workspaces/{team}/tasks", {"title": "A"}).json()
        path = f"/workspaces/{team}/tasks/{task['id']}"
        bob.patch(path, {"title": "Bob's", "priority": "high"})

        found = asked(
            world,
            ann,
            "task.edit",
            workspaceId=team,
            taskId=task["id"],
            baseRev=1,
            body={"title": "Ann's"},
        )

        after = world.document(path[1:])
        assert ("done", 3) == (found["state"], found["result"]["rev"])
        assert ("Ann's", 3) == (after["title"], after["priority"])
        assert {"title": "Bob's"} == world.document(f"{path[1:]}/history/3")["lost"]


class TestWhoAsks:
    """An intent is looked at as a request at the front door is."""

    def test_a_strangers_workspace_is_hidden(self, world: World, ann: Caller):
        """Whatever ids somebody writes down, they act as themselves."""
        mallory = world.person("Mallory")
        task = a_task(ann)

        found = asked(world, mallory, "task.complete", workspaceId=ann.uid, taskId=task["id"])

        assert ("refused", "not-found") == (found["state"], found["problem"]["code"])

    def test_a_viewer_may_not(self, world: World, ann: Caller):
        """Roles hold as everywhere."""
        vera = world.person("Vera")
        team = world.team(ann)
        world.join(team, vera, "viewer")

        found = asked(world, vera, "task.create", workspaceId=team, body={"title": "A"})

        assert ("refused", "permission-denied") == (found["state"], found["problem"]["code"])

    def test_a_disabled_account(self, world: World, ann: Caller):
        """What it wrote down before it was disabled is not done any more."""
        world.at_auth("accounts:update", localId=ann.uid, disableUser=True)

        found = asked(world, ann, "task.create", workspaceId=ME, body={"title": "A"})

        assert ("refused", "account-disabled") == (found["state"], found["problem"]["code"])

    def test_an_account_that_is_gone(self, world: World, ann: Caller):
        """Nobody is there for whom to do it."""
        world.at_auth("accounts:delete", localId=ann.uid)

        found = asked(world, ann, "task.create", workspaceId=ME, body={"title": "A"})

        assert ("refused", "unauthenticated") == (found["state"], found["problem"]["code"])

    def test_signed_out_since(self, world: World, ann: Caller):
        """What a stolen phone had written down is not done, and what comes later is."""
        stolen = queue(world, ann, "task.create", workspaceId=ME, body={"title": "A"})
        world.clock.advance(timedelta(minutes=1))
        world.at_auth(
            "accounts:update",
            localId=ann.uid,
            validSince=str(int(world.clock.now().timestamp())),
        )

        deliver(world, ann, stolen)
        later = asked(world, ann, "task.create", workspaceId=ME, body={"title": "B"})

        found = answer(world, ann, stolen)
        assert ("refused", "token-revoked") == (found["state"], found["problem"]["code"])
        assert "done" == later["state"]

    def test_a_guest_whose_time_is_over(self, world: World):
        """24 hours are 24 hours, also for what was written down before."""
        guest = Caller(world, f"guest-{world.project_id[5:]}", "")
        claims = {"firebase": {"sign_in_provider": "anonymous"}}
        token = world.token(guest.uid, **claims)
        guest.get("/users/me", headers={"Authorization": f"Bearer {token}"})
        first = asked(world, guest, "task.create", workspaceId=ME, body={"title": "A"})
        late = queue(world, guest, "task.create", workspaceId=ME, body={"title": "B"})
        world.clock.advance(timedelta(hours=24))

        deliver(world, guest, late)

        assert "done" == first["state"]
        assert "not-found" == answer(world, guest, late)["problem"]["code"]

    def test_of_nobody(self, world: World):
        """A path that no app can have written leads nowhere."""
        ours = world.services

        assert ours.intents.run("nobody", "nothing", commands(ours)) is None


class TestCommands:
    """The table of what can be asked for."""

    def test_names_are_what_the_rules_let_through(self, world: World):
        """Letters and dots."""
        names = list(commands(world.services))

        assert len(names) > 40
        assert [] == [name for name in names if not name.replace(".", "").isalpha()]

    def test_each_asks_of_people_what_its_route_asks(self, world: World):
        """Guests, verified addresses; and what asks for a recent sign-in is no command at all."""
        views = create_app(world.services).view_functions
        found, expected = {}, {}
        for name, command in commands(world.services).items():
            view = views[endpoint_of(name)]
            marks = (REGISTERED, VERIFIED, RECENT_SIGN_IN)
            expected[name] = tuple(getattr(view, mark, False) for mark in marks)
            found[name] = (not command.is_for_guests, command.needs_verified_email, False)

        assert expected == found

    def test_each_works_on_what_is_not_there(self, world: World, ann: Caller):
        """Every service method takes what the table gives it: absent things are refused as such."""
        bodies = {
            "edit": {"name": "A"},
            "move": {},
            "task.edit": {"title": "A"},
            "task.snooze": {"minutes": 5},
            "comment.edit": {"body": "A"},
            "comment.react": {"emoji": "👍"},
            "comment.unreact": {"emoji": "👍"},
            "comment.write": {"body": "A"},
        }
        codes = {}
        for name, command in commands(world.services).items():
            if name in ("undo", "series.begin") or name.endswith(".create"):
                continue
            args: dict[str, Any] = dict.fromkeys(command.ids, "nothing")
            if command.body is not None:
                args["body"] = bodies.get(name, bodies.get(name.partition(".")[2], {}))
            codes[name] = asked(world, ann, name, **args)["problem"]["code"]

        assert {"not-found"} == set(codes.values()), codes

    @pytest.mark.parametrize(
        ("command", "body"),
        [
            ("project.create", {"name": "A"}),
            ("board.create", {"name": "A"}),
            ("label.create", {"name": "A", "color": "#336699"}),
            ("series.begin", DAILY),
        ],
    )
    def test_what_makes_something_makes_it(
        self, world: World, ann: Caller, command: str, body: dict[str, Any]
    ):
        """And says under which id."""
        found = asked(world, ann, command, workspaceId=ME, body=body)

        kind = command.partition(".")[0]
        collection = "series" if kind == "series" else f"{kind}s"
        path = f"workspaces/{ann.uid}/{collection}/{found['result']['id']}"
        assert world.document(path) is not None
