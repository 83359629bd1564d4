"""However often, late or at once somebody looks at a comment: each consequence once, in budget."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from backend.adapters.firestore import metered
from backend.comments.model import KEPT_DELETED
from backend.notifications.deciding import MAILED_AFTER
from backend.reactions.comments import MOST_TOLD
from local.cloudtasks import Fault, FaultKind
from tests.api.commenting import (
    app_changes,
    app_says,
    count,
    events,
    heard,
    new_task,
    react,
    ring_comment,
    say,
    stored,
)
from tests.api.wishes import prefers
from tests.api.world import Caller, World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def people(world: World) -> dict[str, Caller]:
    """Ann, who made the team; Bob, Cid and Dot, who are in it."""
    return {name: world.person(name) for name in ("Ann", "Bob", "Cid", "Dot")}


@pytest.fixture
def team(world: World, people: dict[str, Caller]) -> str:
    return world.team(people["Ann"], *(people[name] for name in ("Bob", "Cid", "Dot")))


@pytest.fixture
def task(people: dict[str, Caller], team: str) -> str:
    """Made by Ann, given to Bob, watched by Cid; Dot has nothing to do with it."""
    wanted = {"assigneeIds": [people["Bob"].uid], "watcherIds": [people["Cid"].uid]}
    return new_task(people["Ann"], team, **wanted)


class TestOnce:
    """Doorbells may be doubled, late, out of order, or lost; reactors race and are killed."""

    def test_lost_doorbells(self, world, people, task):
        """The sweep finds what nobody rang for."""
        prefers(world, people["Ann"], bundleMinutes=0)
        for number in range(3):
            app_says(world, people["Bob"], task, f"{number}")
            world.clock.advance(MINUTE)

        world.settle(times=2)

        assert (3, 3) == (count(world, task), len(heard(world, people)["Ann"]))

    def test_doubled_and_simultaneous_doorbells(
        self, world, people, team, task, crowd: ThreadPoolExecutor
    ):
        """The shadow is the guard of the count, of the events, and of who was told."""
        world.tasks.script(Fault(FaultKind.DUPLICATE, count=0, copies=3, concurrent=True))
        for person in people.values():
            prefers(world, person, bundleMinutes=0)
        said = [
            app_says(world, people["Bob"], task, f"{number}", people["Dot"]) for number in range(3)
        ]

        list(crowd.map(lambda path: react(world, path), said * 6))
        world.settle(times=2)

        assert 3 == count(world, task)
        assert [3, 3, 3] == [len(heard(world, people)[name]) for name in ("Ann", "Cid", "Dot")]
        assert 6 == len(events(world, team))
        world.pass_time(MAILED_AFTER)
        assert [] == world.documents("timers")

    def test_reacting_again_does_nothing(self, world, people, task):
        """However often, and whatever changed that has no consequence."""
        said = say(people["Bob"], task)

        done = [react(world, said) for _ in range(3)]
        people["Ann"].put(f"{said}/reactions/👍")

        assert [True, False, False, False] == [*done, react(world, said)]

    def test_deleted_before_anybody_looked(self, world, people, team, task):
        """Nobody is told of it, and it is not counted."""
        said = say(people["Bob"], task, "oops", people["Dot"])
        people["Bob"].delete(said)

        world.settle(times=2)

        assert ({}, [], 0) == (heard(world, people), events(world, team), count(world, task))

    def test_deleted_before_it_was_delivered(self, world, people, task):
        """The event was there already, the notices wait for a job that was lost."""
        said = say(people["Bob"], task, "oops", people["Dot"])
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=2))
        react(world, said)
        people["Bob"].delete(said)

        world.pass_time(timedelta(minutes=10))

        assert ({}, 0) == (heard(world, people), count(world, task))
        assert ["comment"] == [each["kind"] for each in world.documents("timers")]  # Of its end.

    def test_deleted_before_it_was_pushed(self, world, people, task):
        """A phone that could not be reached for a while shows nothing that was taken back."""
        phone = people["Dot"].has_phone()
        world.fcm.script(phone, ["UNAVAILABLE"])
        said = say(people["Bob"], task, "oops", people["Dot"])
        world.settle(times=2)
        inbox = heard(world, people)["Dot"]
        people["Bob"].delete(said)

        world.pass_time(timedelta(minutes=10))

        assert ["mention Ship it: oops"] == inbox
        assert [] == world.fcm.tray(phone)
        decision = world.only_decision(people["Dot"], "push")
        assert ("suppressed", "takenBack") == (decision["decision"], decision["reason"])

    def test_deleted_and_restored(self, world, people, task):
        """Counted once again; who was told is not told again."""
        said = say(people["Bob"], task, "Hello", people["Dot"])
        world.settle(times=2)
        before = heard(world, people)
        for deleted_at in (world.clock.now(), None, world.clock.now(), None):
            app_changes(world, people["Bob"], said, deletedAt=deleted_at)
            world.settle()

        world.settle(times=2)

        assert (before, 1) == (heard(world, people), count(world, task))

    def test_restored_before_anybody_heard_of_it(self, world, people, task):
        """Then it is news."""
        said = app_says(world, people["Bob"], task, "Hello")
        app_changes(world, people["Bob"], said, deletedAt=world.clock.now())
        world.settle(times=2)
        quiet = heard(world, people)

        world.clock.advance(MINUTE)
        app_changes(world, people["Bob"], said, deletedAt=None)
        world.settle(times=2)

        assert ({}, {"Ann", "Cid"}) == (quiet, heard(world, people).keys())

    def test_a_mention_taken_out_and_put_in_again(self, world, people, task):
        """Is no way to call somebody again and again."""
        said = say(people["Ann"], task, "Hello", people["Dot"])
        for mentioned in ([], [people["Dot"].uid], [], [people["Dot"].uid]):
            world.settle()
            people["Ann"].patch(said, {"mentionIds": mentioned})

        world.settle(times=2)

        assert ["mention Ship it: Hello"] == heard(world, people)["Dot"]

    def test_one_comment_calls_so_many_people_and_no_more(self, world, people, task):
        """Whoever edits it on and on to mention all the world is heard no more at some point."""
        said = app_says(world, people["Ann"], task)
        world.settle()
        for start in range(0, MOST_TOLD + 40, 20):
            uids = [f"u{number}" for number in range(start, start + 20)]
            app_changes(world, people["Ann"], said, mentionIds=uids)
            react(world, said)
        app_changes(world, people["Ann"], said, mentionIds=[people["Dot"].uid])

        world.settle(times=2)

        assert "Dot" not in heard(world, people)
        (shadow,) = [each for each in world.documents("shadows") if "commentId" in each]
        assert MOST_TOLD == len(shadow["told"]["mentionIds"])

    def test_gone_for_good(self, world, people, task):
        """A comment that was purged leaves neither count, nor shadow, nor search entry."""
        said = app_says(world, people["Bob"], task, "Hello")
        world.settle(times=2)
        counted = count(world, task)

        world.database.document(said[1:]).delete()
        ring_comment(world, said)
        world.settle()

        assert (1, 0) == (counted, count(world, task))
        assert [] == [each for each in world.documents("shadows") if "commentId" in each]
        assert [] == [each for each in world.documents("searchEntries") if each["text"]]

    def test_what_was_deleted_goes_for_good(self, world, people, task):
        """After 30 days, with all that followed from it; not before, and not if it came back."""
        gone, back = (say(people["Bob"], task, text) for text in ("gone", "back"))
        for said in (gone, back):
            people["Bob"].delete(said)
        world.settle(times=2)
        app_changes(world, people["Bob"], back, deletedAt=None)
        world.settle(times=2)
        world.pass_time(KEPT_DELETED - MINUTE)
        before = stored(world, gone)["body"]

        world.pass_time(2 * MINUTE)

        assert ("gone", None) == (before, world.document(gone[1:]))
        assert "back" == stored(world, back)["body"]
        assert 1 == count(world, task)
        assert ["back"] == [
            each["text"] for each in world.documents("searchEntries") if each["text"]
        ]
        assert 1 == len([each for each in world.documents("shadows") if "commentId" in each])
        assert [] == world.documents("timers")

    def test_deleted_and_restored_while_its_time_came(self, world, people, task):
        """An alarm that comes late, twice, or for nothing deletes nothing."""
        said = say(people["Bob"], task, "Hello")
        people["Bob"].delete(said)
        react(world, said)
        (timer,) = [
            each
            for each in world.database.collection("timers").stream()
            if each.get("kind") == "comment"
        ]
        world.clock.advance(KEPT_DELETED + MINUTE)
        app_changes(world, people["Bob"], said, deletedAt=None)

        for _ in range(2):
            world.services.firing.fire(
                {"timerId": timer.id, "kind": "comment", **timer.get("subject")}
            )

        assert "Hello" == stored(world, said)["body"]
        assert None is world.document(f"timers/{timer.id}")

    def test_a_task_that_is_gone(self, world, people, team, task):
        """What is left of its comments breaks nothing, and tells nobody."""
        said = app_says(world, people["Bob"], task, "Hello", people["Dot"])
        world.database.document(task[1:]).delete()

        done = [react(world, said) for _ in range(2)]
        world.settle(times=2)

        assert [True, False] == done
        assert ({}, []) == (heard(world, people), events(world, team))

    def test_a_task_in_the_trash(self, world, people, team, task):
        """What is said of it there is nobody's news."""
        people["Ann"].delete(task)
        app_says(world, people["Bob"], task, "Hello", people["Dot"])

        world.settle(times=2)

        assert ({}, 1) == (heard(world, people), count(world, task))


class TestCost:
    """One round trip to read, one to commit."""

    def test_reactions_stay_within_their_budget(self, world, people, task):
        """However many there are already."""
        for _ in range(3):
            say(people["Dot"], task)
        world.settle(times=2)
        plain = say(people["Dot"], task, "plain")
        calling = app_says(world, people["Dot"], task, "calling", people["Bob"])
        costs = {}
        costs["plain"] = _cost(world, plain)
        costs["again"] = _cost(world, plain)
        costs["by an app, with a mention"] = _cost(world, calling)
        people["Dot"].patch(plain, {"body": "other words"})
        costs["edited"] = _cost(world, plain)
        people["Ann"].put(f"{plain}/reactions/👍")
        costs["an emoji"] = _cost(world, plain)
        people["Dot"].delete(plain)
        costs["deleted"] = _cost(world, plain)

        # Shadow, count, search, event, outbox; then also HTML, and event and outbox of the mention.
        # Edited: shadow and search. Deleted: also the count, and the timer of its end.
        assert {
            "plain": (2, 3, 5),
            "again": (1, 3, 0),
            "by an app, with a mention": (2, 3, 8),
            "edited": (2, 3, 2),
            "an emoji": (1, 3, 0),
            "deleted": (2, 3, 4),
        } == costs

    def test_telling_stays_within_its_budget(self, world, people, team, task):
        """For one person: inbox, badge, three decisions, push, mail; and its timer goes."""
        # Which templates are published is asked once a minute, by whatever is told first: this.
        new_task(people["Ann"], team, assigneeIds=[people["Dot"].uid])
        world.settle()
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))
        said = say(people["Bob"], task, "Hello", people["Dot"])
        react(world, said)
        timers = {
            timer.id: timer.to_dict()
            for timer in world.database.collection("timers").stream()
            if timer.get("kind") == "notify"
        }
        costs = []
        for timer_id, timer in timers.items():
            with metered() as usage:
                world.services.firing.fire(
                    {"timerId": timer_id, "kind": "notify", **timer["subject"]}
                )
            costs.append((usage.rpcs, usage.reads, usage.writes))

        # Timer, event, task, comment; author and people; account and settings of each, and the
        # notifications that those of comments could join. Dot alone; then Ann and Cid.
        assert [(4, 8, 8), (5, 15, 15)] == sorted(costs)


def _cost(world: World, path: str) -> tuple[int, int, int]:
    with metered() as usage:
        react(world, path)
    return usage.rpcs, usage.reads, usage.writes
