"""Files go where their tasks go: with a guest into an account, and back."""

import requests

from backend.attachments.model import ABANDONED_AFTER, KEPT_FOR
from tests.api.attaching import PIXEL, announced, attached, files_of, room_of, send
from tests.api.guest import guest
from tests.api.guest_merging import merge, undo
from tests.api.leaving import lived
from tests.api.world import Caller, World


def new_task(person: Caller) -> str:
    made = person.post("/workspaces/me/tasks", {"title": "A"}).json()["id"]
    return f"/workspaces/{person.uid}/tasks/{made}"


class TestGuests:
    """What a guest attached moves into the account with its task."""

    def test_files_move_with_their_tasks(self, world: World):
        """And can be opened there; what was never finished stays behind and goes."""
        ann, someone = world.person("Ann"), guest(world, "g")
        task = new_task(someone)
        made = attached(someone, task)
        announced(someone, task)
        deleted = attached(someone, task)
        someone.delete(f"{task}/attachments/{deleted['id']}")
        merge(ann, someone)
        mine = task.replace(someone.uid, ann.uid)
        (listed,) = ann.get(f"{mine}/attachments").json()["items"]
        got = ann.get(f"{mine}/attachments/{made['id']}").json()
        content = requests.get(got["download"]["url"], timeout=60).content
        room, counters = room_of(world, ann.uid), ann.get(mine).json()["counters"]
        world.pass_time(KEPT_FOR)
        world.pass_time(KEPT_FOR)

        assert (made["id"], ann.uid, PIXEL) == (listed["id"], listed["uploadedBy"], content)
        assert ((len(PIXEL), 1), {"attachments": 1}) == (room, counters)
        assert [f"{mine}/attachments/{made['id']}"[1:]] == files_of(world)

    def test_undone_they_are_the_guests_again(self, world: World):
        """And nothing of them is left in the account."""
        ann, someone = world.person("Ann"), guest(world, "g")
        task = new_task(someone)
        made = attached(someone, task)
        undo(ann, merge(ann, someone))
        world.pass_time(ABANDONED_AFTER)
        got = someone.get(f"{task}/attachments/{made['id']}").json()

        assert PIXEL == requests.get(got["download"]["url"], timeout=60).content
        assert (0, 0) == room_of(world, ann.uid)
        assert [f"{task}/attachments/{made['id']}"[1:]] == files_of(world)


class TestLeaving:
    """With whom files go."""

    def test_a_guest_whose_time_is_over(self, world: World):
        """Documents, files, what was sent, and the count."""
        someone = guest(world, "g")
        task = new_task(someone)
        attached(someone, task)
        announced(someone, task)
        world.pass_time(KEPT_FOR)
        world.pass_time(KEPT_FOR)

        assert ([], None) == (files_of(world), world.document(f"fileUsage/{someone.uid}"))

    def test_a_workspace_that_is_emptied(self, world: World):
        """At once, with what was sent a moment ago; the alarms find nothing later."""
        ann = world.person("Ann")
        team = world.team(ann)
        task = ann.post(f"/workspaces/{team}/tasks", {"title": "A"}).json()["id"]
        path = f"/workspaces/{team}/tasks/{task}"
        attached(ann, path)
        send(announced(ann, path).json()["upload"])
        before = len(files_of(world))
        world.services.purge.empty_workspace(team)
        after = files_of(world)
        world.pass_time(KEPT_FOR)

        assert (3, []) == (before, after)
        assert None is world.document(f"fileUsage/{team}")
        assert [] == world.documents("timers")

    def test_who_is_erased_leaves_the_teams_files(self, world: World):
        """Without their name; their own go with them."""
        life = lived(world)
        task = life.bob.post(f"/workspaces/{life.team}/tasks", {"title": "A"}).json()["id"]
        theirs = f"/workspaces/{life.team}/tasks/{task}"
        attached(life.ann, theirs)
        attached(life.ann, new_task(life.ann))
        life.ask()
        life.let_time_pass()
        (listed,) = life.bob.get(f"{theirs}/attachments").json()["items"]
        got = life.bob.get(f"{theirs}/attachments/{listed['id']}").json()

        assert PIXEL == requests.get(got["download"]["url"], timeout=60).content
        assert [] == life.found()
        assert "erased" == listed["uploadedBy"]
