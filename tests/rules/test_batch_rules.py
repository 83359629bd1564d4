"""What a batch, a repeated write or a bare precondition changes about the verdict: nothing."""

from uuid import uuid4

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import PAST, edit, member, new_task, stored_task
from tests.rules.wire import DELETE, REQUEST_TIME
from tests.rules.work_documents import STORED, new_board, new_list, new_project

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED


def test_several_tasks_in_one_batch(world):
    """One look-up of the membership serves them all: 60 tasks are no more costly than one."""
    app = world.as_("member")
    tasks = [world.new_task("member") for _ in range(60)]

    answer = app.commit([app.writing(path, task, exists=False) for path, task in tasks])

    assert answer.verdict == ALLOWED


def test_an_allowed_and_a_forbidden_write(world):
    """Refused together, and nothing of it is applied."""
    app = world.as_("member")
    path, task = world.new_task("member")

    answer = app.commit(
        [app.writing(path, task, exists=False), app.updating(world.w1, {"name": "Mine"})]
    )

    assert answer.verdict == DENIED
    assert world.server.get(path).documents == []


def test_becoming_a_member_in_the_same_batch(world):
    """Attack 41: permission comes from what is stored before the batch."""
    app, uid = world.as_("stranger"), world.uid("stranger")

    answer = app.commit(
        [
            app.writing(f"{world.w1}/members/{uid}", member(uid, "owner")),
            app.writing(f"{world.w1}/tasks/{uid}", new_task(uid), exists=False),
        ]
    )

    assert answer.verdict == DENIED


def test_a_task_for_someone_who_joins_in_the_same_batch(world):
    """The look-up of an assignee sees the state before the batch, too."""
    app, uid = world.as_("member"), world.uid("stranger")
    path, task = world.new_task("member", assigneeIds=[uid])

    answer = app.commit(
        [
            app.writing(f"{world.w1}/members/{uid}", member(uid, "member")),
            app.writing(path, task, exists=False),
        ]
    )

    assert answer.verdict == DENIED


def test_two_writes_to_one_task(world):
    """They are judged once, from first to last state, so rev jumps by two: one write a batch."""
    app, uid, task = world.as_("member"), world.uid("member"), world.store_task()

    answer = app.commit(
        [
            app.updating(task, edit(uid, rev=4, title="Repot")),
            app.updating(task, edit(uid, rev=5, title="Repot again")),
        ]
    )

    assert answer.verdict == DENIED


def test_two_writes_to_one_task_that_together_are_one(world):
    """The same judgement, seen from the other side: the outcome is a valid single change."""
    app, uid, task = world.as_("member"), world.uid("member"), world.store_task()

    answer = app.commit(
        [
            app.updating(task, edit(uid, rev=9, title="")),
            app.updating(task, edit(uid, rev=4, title="Repot")),
        ]
    )

    assert answer.verdict == ALLOWED


def test_delete_and_create_in_one_batch(world):
    """Attack 85: it counts as an update, so nothing fixed can be reset that way."""
    app, uid, task = world.as_("member"), world.uid("member"), world.store_task()

    answer = app.commit([app.deleting(task), app.writing(task, new_task(uid))])

    assert answer.verdict == DENIED


def test_delete_and_create_in_two_requests(world):
    """Attack 85: the deletion is refused already."""
    assert world.as_("member").delete(world.store_task()).verdict == DENIED


def test_an_update_of_a_missing_task(world):
    """Attack 86: there is nothing to compare with."""
    answer = world.as_("member").update(f"{world.task}-missing", edit(world.uid("member")))

    assert answer.verdict == DENIED


def test_a_set_over_an_existing_task(world):
    """Attack 86: without merge it is an update of every field, and the fixed ones differ."""
    uid = world.uid("member")

    assert world.as_("member").set(world.store_task(), new_task(uid)).verdict == DENIED


def test_a_set_over_an_existing_task_that_keeps_what_is_fixed(world):
    """An app may send the whole document instead of the changed fields."""
    uid, task = world.uid("member"), world.store_task()
    whole = stored_task(world.uid("removed")) | edit(uid, title="Repot")

    assert world.as_("member").set(task, whole).verdict == ALLOWED


def test_a_set_that_drops_a_field_of_the_server(world):
    """Attack 51: leaving a field out of a whole-document write removes it."""
    uid, task = world.uid("member"), world.store_task(counters={"comments": 2})
    whole = stored_task(world.uid("removed")) | edit(uid, title="Repot")

    assert world.as_("member").set(task, whole).verdict == DENIED


def test_a_write_of_transforms_alone(world):
    """Attack 53: without one plain field, a transform is judged like any other change."""
    task = world.store_task()

    answer = world.as_("member").update(task, {"isOverdue": REQUEST_TIME})

    assert answer.verdict == DENIED


def test_a_dotted_path_inside_due(world):
    """Attacks 51 and 52: a change within the map is checked as the whole map."""
    uid, app = world.uid("member"), world.as_("member")
    due = {"kind": "zoned", "date": "2026-03-29", "time": "09:30", "tz": "UTC"}
    task = world.store_task(due=due, dueAt=PAST, dueDay=due["date"])

    good = app.update(task, edit(uid, **{"due.time": "10:00"}))
    bad = [
        app.update(task, edit(uid, rev=5, **{"due.time": "25:00"})),
        app.update(task, edit(uid, rev=5, **{"due.date": "2026-03-30"})),
        app.update(task, edit(uid, rev=5, **{"due.tz": DELETE})),
    ]

    assert good.verdict == ALLOWED
    assert {DENIED} == {answer.verdict for answer in bad}


def test_the_last_of_two_writers_is_refused(world):
    """Both read rev 3; the second would write over what it has not seen."""
    task = world.store_task()

    first = world.as_("member").update(task, edit(world.uid("member"), title="Repot"))
    second = world.as_("admin").update(task, edit(world.uid("admin"), title="Prune"))

    assert [first.verdict, second.verdict] == [ALLOWED, DENIED]


def test_a_new_list_and_its_first_card(world):
    """References are looked up as they are after the commit; a board and a project likewise."""
    app, uid, name = world.as_("member"), world.uid("member"), uuid4().hex
    path, task = world.new_task(
        "member", projectId=name, boardId=name, listId=name, rank="V", parentId=None
    )

    answer = app.commit(
        [
            app.writing(path, task, exists=False),
            app.writing(f"{world.w1}/lists/{name}", new_list(uid, boardId=name), exists=False),
            app.writing(f"{world.w1}/boards/{name}", new_board(uid, projectId=name), exists=False),
            app.writing(f"{world.w1}/projects/{name}", new_project(uid), exists=False),
        ]
    )

    assert answer.verdict == ALLOWED


def test_sixty_tasks_moved_into_one_list(world):
    """The list is looked up once for all of them."""
    app, uid = world.as_("member"), world.uid("member")
    move = edit(uid, boardId="b1", listId="l1", rank="V")

    answer = app.commit([app.updating(world.store_task(), move) for _ in range(60)])

    assert answer.verdict == ALLOWED


@pytest.mark.parametrize(("count", "expected"), [(10, ALLOWED), (19, ALLOWED), (20, DENIED)])
def test_tasks_moved_into_as_many_lists(world, count, expected):
    """Attack 87: one look-up for each list and one for the membership; a batch has twenty."""
    app, uid, name = world.as_("member"), world.uid("member"), uuid4().hex
    lists = [f"{name}-{number}" for number in range(count)]
    board = new_list(uid, **STORED)
    seeds = [world.server.writing(f"{world.w1}/lists/{each}", board) for each in lists]
    world.done(world.server.commit(seeds))

    answer = app.commit(
        [
            app.updating(world.store_task(), edit(uid, boardId="b1", listId=each, rank="V"))
            for each in lists
        ]
    )

    assert expected == answer.verdict


def test_a_transaction_across_workspaces(world):
    """It ends at the read: the SDKs read first, and write what they read if it is unchanged."""
    app, uid, task = world.as_("member"), world.uid("member"), world.store_task()
    foreign = app.batch_get(task, f"{world.w2}/tasks/t1")
    own = app.batch_get(task)

    seen = {"updateTime": own.documents[0]["updateTime"]}
    write = app.updating(task, edit(uid, title="Repot")) | {"currentDocument": seen}
    written = app.commit([write])

    assert [DENIED, ALLOWED, ALLOWED] == [foreign.verdict, own.verdict, written.verdict]


def test_the_dearest_write_stays_within_the_look_ups(world):
    """Two assignees, two watchers, project, list, parent, and oneself: eight look-ups of ten."""
    people = [world.uid(who) for who in ("owner", "admin", "commenter", "viewer")]
    place = {"projectId": "p1", "boardId": "b1", "listId": "l1", "rank": "V", "parentId": "t1"}
    path, task = world.new_task("member", assigneeIds=people[:2], watcherIds=people[2:], **place)

    assert world.as_("member").create(path, task).verdict == ALLOWED


def test_look_ups_add_up_over_a_batch(world):
    """Attack 87: twenty a batch, the caller's membership and nineteen people."""
    app, uid = world.as_("member"), world.uid("member")
    crowd = [f"{uid}-{n}" for n in range(20)]
    people = [app.writing(f"{world.w1}/members/{who}", member(who, "member")) for who in crowd]
    world.done(world.server.commit(people))

    def batch(names):
        pairs = [names[n : n + 2] for n in range(0, len(names), 2)]
        tasks = [world.new_task("member", assigneeIds=pair) for pair in pairs]
        return app.commit([app.writing(path, task, exists=False) for path, task in tasks]).verdict

    assert batch([*crowd[:19], uid]) == ALLOWED
    assert batch(crowd) == DENIED
