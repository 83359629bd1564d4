"""Who may be put on a task, and how many at once. Attacks 39, 43 and 53."""

import pytest

from tests.rules.documents import edit
from tests.rules.task_cases import ALLOWED, DENIED, STRANGERS
from tests.rules.wire import ArrayUnion

PEOPLE_LISTS = pytest.mark.parametrize("name", ["assigneeIds", "watcherIds"])


@PEOPLE_LISTS
class TestPeople:
    """Attacks 39 and 43: who may be put on a task, and how many."""

    @pytest.mark.parametrize(
        "added",
        [["member"], ["viewer"], ["owner", "guest"], ["member", "admin"]],
        ids=["self", "another", "two-others", "self-and-another"],
    )
    @pytest.mark.parametrize("verb", ["create", "update"])
    def test_up_to_two_members_are_added_in_one_write(self, world, name, added, verb):
        """Oneself, another, or both."""
        assert self._write(world, verb, {name: world.named(added)}) == ALLOWED

    @pytest.mark.parametrize("added", STRANGERS.values(), ids=STRANGERS)
    @pytest.mark.parametrize("verb", ["create", "update"])
    def test_anyone_else_is_refused(self, world, name, added, verb):
        """Non-members, three at once, repetitions, and what is no uid."""
        assert self._write(world, verb, {name: world.named(added)}) == DENIED

    def test_people_already_there_are_not_looked_up_again(self, world, name):
        """A removed person stays on the task until someone takes them off."""
        task = world.store_task(**{name: [f"gone-{n}" for n in range(10)]})
        people = [f"gone-{n}" for n in range(9)] + world.named(["viewer"])

        answer = world.as_("member").update(task, edit(world.uid("member"), **{name: people}))

        assert answer.verdict == ALLOWED

    def test_people_already_there_cannot_be_repeated(self, world, name):
        """A repetition adds nobody, and still may not fill the list."""
        task = world.store_task(**{name: ["gone"]})

        answer = world.as_("member").update(
            task, edit(world.uid("member"), **{name: ["gone", "gone"]})
        )

        assert answer.verdict == DENIED

    def test_the_list_is_bounded(self, world, name):
        """Attacks 43 and 53: the 21st assignee, the 51st watcher, as a list and by arrayUnion."""
        most = {"assigneeIds": 20, "watcherIds": 50}[name]
        crowd = [f"gone-{n}" for n in range(most - 1)]
        task = world.store_task(**{name: crowd})
        app, uid = world.as_("member"), world.uid("member")

        full = app.update(task, edit(uid, **{name: [*crowd, uid]}))
        above = app.update(task, edit(uid, rev=5, **{name: [*crowd, uid, world.uid("viewer")]}))
        union = app.update(task, edit(uid, rev=5, **{name: ArrayUnion((world.uid("viewer"),))}))

        assert [full.verdict, above.verdict, union.verdict] == [ALLOWED, DENIED, DENIED]

    def test_array_union_of_a_member(self, world, name):
        """Adding without reading the list first works as well."""
        changes = edit(world.uid("member"), **{name: ArrayUnion((world.uid("viewer"),))})

        assert world.as_("member").update(world.store_task(), changes).verdict == ALLOWED

    @staticmethod
    def _write(world, verb, people):
        app = world.as_("member")
        if verb == "create":
            path, task = world.new_task("member", **{"watcherIds": []} | people)
            return app.create(path, task).verdict
        task = world.store_task(watcherIds=[])
        return app.update(task, edit(world.uid("member"), **people)).verdict
