"""Who vouches for what in a task: stamps, server fields, completion, old shapes."""

import pytest

from tests.rules.documents import NEVER, due, edit, new_task, stored_task, without
from tests.rules.task_cases import (
    ALLOWED,
    CLIENT_FIELDS,
    COMPLETIONS,
    DENIED,
    NOT_ON_CREATE,
    NOT_ON_UPDATE,
    NOW,
    SERVER_FIELDS,
    SHELVING,
)
from tests.rules.wire import DELETE, Increment


class TestStampsAndServerFields:
    """Attacks 25, 37, 38, 51-53: what an app may not decide."""

    @pytest.mark.parametrize("changes", NOT_ON_CREATE.values(), ids=NOT_ON_CREATE)
    def test_refused_on_create(self, world, changes):
        """One false stamp or server field refuses the whole task."""
        path, task = world.new_task("member", **world.named(changes))

        assert world.as_("member").create(path, task).verdict == DENIED

    @pytest.mark.parametrize("changes", NOT_ON_UPDATE.values(), ids=NOT_ON_UPDATE)
    def test_refused_on_update(self, world, changes):
        """One false stamp or server field refuses the whole change."""
        task = world.store_task(**due())

        answer = world.as_("member").update(task, edit(world.uid("member"), **changes))

        assert answer.verdict == DENIED

    @pytest.mark.parametrize("stamp", ["rev", "updatedAt", "updatedBy"])
    def test_a_stamp_left_out_of_an_update_is_refused(self, world, stamp):
        """Attack 38: every change carries all three stamps."""
        task = world.store_task()
        changes = edit(world.uid("member"), title="Repot")

        assert world.as_("member").update(task, without(changes, stamp)).verdict == DENIED

    @pytest.mark.parametrize("name", [*CLIENT_FIELDS, *SERVER_FIELDS])
    def test_a_field_left_out_of_a_create_is_refused(self, world, name):
        """Every field is there from the start, or queries would not find the task."""
        path, task = world.new_task("member")

        assert world.as_("member").create(path, without(task, name)).verdict == DENIED

    @pytest.mark.parametrize("name", [*CLIENT_FIELDS, *SERVER_FIELDS])
    def test_a_field_removed_by_an_update_is_refused(self, world, name):
        """A field may be emptied, not removed."""
        task = world.store_task()
        changes = edit(world.uid("member")) | {name: DELETE}

        assert world.as_("member").update(task, changes).verdict == DENIED

    @pytest.mark.parametrize("name", SERVER_FIELDS)
    def test_a_server_field_sent_with_its_own_value_is_no_change(self, world, name):
        """An app that sends the whole document back changes nothing by that."""
        stored = stored_task(world.uid("removed"))
        task = world.store_task()
        changes = edit(world.uid("member"), title="Repot", **{name: stored[name]})

        assert world.as_("member").update(task, changes).verdict == ALLOWED

    def test_increment_by_one_is_a_valid_rev(self, world):
        """What counts is the outcome, not how the app asked for it."""
        changes = edit(world.uid("member"), title="Repot") | {"rev": Increment(1)}

        assert world.as_("member").update(world.store_task(), changes).verdict == ALLOWED

    def test_the_allow_list_in_the_rules_is_the_one_tested_here(self, rules_text):
        """A field added to the rules without a case here is noticed."""
        functions = rules_text.split("function taskClientFields()")[1].split("function isTask")[0]
        lists = [part.split("]")[0] for part in functions.split("return [")[1:]]
        named = [{name.strip(" \n'") for name in part.split(",")} for part in lists]

        assert [set(CLIENT_FIELDS), set(SERVER_FIELDS)] == named

    def test_the_documents_of_these_tests_hold_exactly_those_fields(self):
        """The factory and the lists above agree."""
        assert {*CLIENT_FIELDS, *SERVER_FIELDS} == set(new_task("someone"))

    @pytest.mark.parametrize("task_id", [".x", "x y", "x:y", "tâche", "\u0430", "x" * 129, "a%2Fb"])
    def test_an_id_the_api_would_not_know_is_refused(self, world, task_id):
        """Such a task could be written by the app, and never reached through the API."""
        _, task = world.new_task("member")

        answer = world.as_("member").create(f"{world.w1}/tasks/{task_id}", task)

        assert answer.verdict == DENIED

    @pytest.mark.parametrize(
        "key", ["20260329", "20260329T0900", "20260329T0700Z", "20260329-7", "20260329T0900-50"]
    )
    def test_an_id_that_belongs_to_an_occurrence_is_refused(self, world, key):
        """Else a member could take the place of the next occurrence before the server makes it."""
        _, task = world.new_task("member")

        answer = world.as_("member").create(f"{world.w1}/tasks/s1-{key}", task)

        assert answer.verdict == DENIED


class TestCompletionAndShelving:
    """The instants of completion, archiving and deletion are the server's."""

    @pytest.mark.parametrize(
        ("before", "change", "expected"), COMPLETIONS.values(), ids=COMPLETIONS
    )
    def test_completion(self, world, before, change, expected):
        """Completing stamps time and name once; reopening clears both."""
        task = world.store_task(**world.named(before))
        changes = edit(world.uid("member"), **world.named(change))

        assert expected == world.as_("member").update(task, changes).verdict

    @pytest.mark.parametrize(("before", "change", "expected"), SHELVING.values(), ids=SHELVING)
    def test_archiving_and_deletion(self, world, before, change, expected):
        """Both are set to now, cleared, or left alone."""
        task = world.store_task(**before)

        answer = world.as_("member").update(task, edit(world.uid("member"), **change))

        assert expected == answer.verdict

    def test_a_task_may_be_born_done(self, world):
        """The app may record something already done."""
        path, task = world.new_task("member", **world.named(NOW))

        assert world.as_("member").create(path, task).verdict == ALLOWED


class TestStoredTasksOfAnOldShape:
    """Attack 84: what the rules do not know denies and does not open."""

    @pytest.mark.parametrize("name", CLIENT_FIELDS)
    def test_a_stored_task_without_a_field_cannot_be_changed(self, world, name):
        """Until the server has mended it."""
        path = f"{world.task}-without-{name}"
        world.store(path, without(stored_task(world.uid("removed")), name))
        changes = without(edit(world.uid("member"), priority=1), name)

        assert world.as_("member").update(path, changes).verdict == DENIED

    @pytest.mark.parametrize("rev", ["3", None, True], ids=["string", "null", "boolean"])
    def test_a_stored_rev_that_is_no_number_denies(self, world, rev):
        """There is no next rev to compare with."""
        task = world.store_task(rev=rev)

        assert world.as_("member").update(task, edit(world.uid("member"))).verdict == DENIED

    def test_a_field_that_only_the_server_knows_does_not_stand_in_the_way(self, world):
        """A later version of the server may store more than these rules name."""
        task = world.store_task(sprintId="s1", counters={"comments": 2})

        answer = world.as_("member").update(task, edit(world.uid("member"), **NEVER))

        assert answer.verdict == ALLOWED
