"""/api/v1/rehearsals: what would happen, and what then really does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.admin.documents import staff_fields, staff_path
from backend.admin.model import Staff, StaffRole
from tests.api.world import Caller, World, cost_of

WEEK = timedelta(days=7)
TOLD = {
    "task.dueSoon": "dueSoon",
    "task.overdue": "overdue",
    "task.reminded": "reminder",
    "task.escalated": "escalation",
}


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody with a phone, in whose week something is due."""
    person = world.person("Ann")
    person.has_phone()
    return person


def rehearsed(person: Caller, until: datetime, **more: Any) -> dict[str, Any]:
    """Rehearse up to an instant."""
    answer = person.post("/rehearsals", {"to": written(until), **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


class TestWeek:
    """A week is rehearsed; then it passes, from instant to instant."""

    def test_what_was_rehearsed_is_what_happens(self, world: World, ann: Caller):
        """Reminders, due dates, what is overdue and whom it is told: equal lists, in order."""
        bob = world.person("Bob")
        team = world.team(ann, bob)
        now = world.clock.now()
        furnish(world, ann, team, bob)
        world.settle(times=2)
        expected = rehearsed(ann, now + WEEK, workspaceId=team)
        before = everything(world)

        happened = list(live(world, ann, team, until=now + WEEK))

        assert expected["isComplete"]
        assert {each["kind"] for each in expected["items"]} >= {
            "dueSoon",
            "overdue",
            "reminder",
            "occurrence",
            "notification",
            "job",
        }
        assert sorted(map(key_of, expected["items"])) == sorted(map(key_of, happened))
        instants = [datetime.fromisoformat(each["at"]) for each in expected["items"]]
        assert sorted(instants) == instants
        assert instants == [each["at"] for each in happened]
        assert before != everything(world)

    @pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}])
    def test_a_rehearsal_leaves_no_trace(self, world: World, ann: Caller, headers: dict[str, str]):
        """Every document is as it was, and nothing was sent or queued."""
        furnish(world, ann, ann.uid, ann)
        world.settle(times=2)
        before, sent = everything(world), len(world.fcm.messages())

        asked = {"to": written(world.clock.now() + WEEK)}
        answer = ann.post("/rehearsals", asked, headers=headers)
        world.settle()

        assert answer.json()["items"]

        assert before == everything(world)
        assert sent == len(world.fcm.messages())


class TestAsking:
    """Who may ask, and for what."""

    def test_one_sees_what_only_others_are_told_of_as_an_event(self, world: World, ann: Caller):
        """Of notifications, each their own."""
        bob = world.person("Bob")
        team = world.team(ann, bob)
        due = due_in(world, timedelta(hours=5))
        ann.post(f"/workspaces/{team}/tasks", {"title": "B", "due": due, "assigneeIds": [bob.uid]})
        world.settle(times=2)
        until = world.clock.now() + timedelta(days=1)

        seen = {
            person.uid: [
                each["kind"] for each in rehearsed(person, until, workspaceId=team)["items"]
            ]
            for person in (ann, bob)
        }

        assert {"notification"} & set(seen[ann.uid]) == set()
        assert seen[bob.uid].count("notification") == 2
        assert seen[ann.uid] == [kind for kind in seen[bob.uid] if kind != "notification"]

    def test_a_later_beginning_leaves_out_what_comes_before(self, world: World, ann: Caller):
        """What happens before is rehearsed all the same, since what follows may rest on it."""
        for hours in (5, 50):
            ann.post(
                "/workspaces/me/tasks",
                {"title": "A", "due": due_in(world, timedelta(hours=hours))},
            )
        world.settle()
        now = world.clock.now()
        since = now + timedelta(days=1)

        items = rehearsed(ann, now + WEEK, **{"from": written(since)})["items"]

        assert {"dueSoon", "overdue", "notification"} == {each["kind"] for each in items}
        assert all(each["at"] >= written(since)[:19] for each in items)

    @pytest.mark.parametrize(
        ("since", "until", "pointer"),
        [(-1, 1, "/from"), (2, 1, "/to"), (None, 367 * 24, "/to"), (None, -1, "/to")],
    )
    def test_a_span_must_be_one(
        self, world: World, ann: Caller, since: int | None, until: int, pointer: str
    ):
        """In the future, forward, and no longer than a year."""
        now = world.clock.now()
        hours = [
            None if each is None else written(now + timedelta(hours=each))
            for each in (since, until)
        ]

        answer = ann.post("/rehearsals", {"from": hours[0], "to": hours[1]})

        assert (422, [pointer]) == (
            answer.status_code,
            [each["pointer"] for each in answer.json()["errors"]],
        )

    def test_a_stranger_learns_nothing(self, world: World, ann: Caller):
        """Neither that a workspace exists, nor what would happen anywhere."""
        stranger = world.person("Xaver")
        until = written(world.clock.now() + WEEK)

        statuses = [
            stranger.post("/rehearsals", {"to": until, "workspaceId": ann.uid}).status_code,
            stranger.post("/admin/rehearsals", {"to": until}).status_code,
        ]

        assert [404, 404] == statuses

    def test_staff_who_see_to_jobs_rehearse_everything(self, world: World, ann: Caller):
        """And support, who do not, may not."""
        ann.post("/workspaces/me/tasks", {"title": "A", "due": due_in(world, timedelta(hours=5))})
        world.settle()
        staff, until = world.person("Sam"), world.clock.now() + timedelta(days=1)
        for role in StaffRole:
            appointed = Staff(staff.uid, role, "operator", world.clock.now())
            world.write(staff_path(staff.uid), staff_fields(appointed))
            answer = staff.post("/admin/rehearsals", {"to": written(until)})

            if role is StaffRole.SUPPORT:
                assert answer.status_code == 403
                continue
            found = [each for each in answer.json()["items"] if each["workspaceId"] == ann.uid]
            assert ["dueSoon", "notification", "overdue", "notification"] == [
                each["kind"] for each in found
            ]

    def test_it_costs_reads_alone(self, world: World, ann: Caller):
        """In proportion to what would happen, whatever else is planned for later."""
        ann.post("/workspaces/me/tasks", {"title": "A", "due": due_in(world, timedelta(hours=5))})
        for _ in range(10):
            later = due_in(world, timedelta(days=30))
            ann.post("/workspaces/me/tasks", {"title": "B", "due": later})
        world.settle()
        until = written(world.clock.now() + timedelta(days=1))

        answer = ann.post("/rehearsals", {"to": until})
        _, reads, writes = cost_of(answer)

        assert (4, 0) == (len(answer.json()["items"]), writes)
        assert reads <= 60


def furnish(world: World, person: Caller, home: str, other: Caller) -> None:
    """Plan a week: things due, all day and at an hour, reminders, a daily series and a job."""
    path = f"/workspaces/{home}"
    now = world.clock.now()
    made = [
        person.post(f"{path}/tasks", {"title": "Soon", "due": due_in(world, timedelta(hours=30))}),
        person.post(
            f"{path}/tasks",
            {
                "title": "All day",
                "due": {
                    "kind": "allDay",
                    "date": f"{now + timedelta(days=3):%Y-%m-%d}",
                    "tz": "UTC",
                },
                "assigneeIds": [other.uid],
            },
        ),
        person.post(
            f"{path}/tasks",
            {
                "title": "Reminded",
                "due": due_in(world, timedelta(days=4)),
                "reminders": [
                    {"kind": "relative", "minutesBefore": 90},
                    {
                        "kind": "absolute",
                        "at": written(
                            now.replace(second=0, microsecond=0) + timedelta(days=2, minutes=7)
                        ),
                    },
                ],
            },
        ),
        person.post(
            f"{path}/series",
            {
                "title": "Daily",
                "rule": "FREQ=DAILY",
                "catchUp": "all",
                "start": {
                    "date": f"{now + timedelta(days=1):%Y-%m-%d}",
                    "time": "09:00",
                    "tz": "UTC",
                },
            },
        ),
        person.post(
            f"{path}/jobs",
            {
                "name": "Tidy up",
                "handler": "archiveDone",
                "arguments": {"olderThanDays": 7},
                "schedule": {"kind": "cron", "expression": "30 6 * * *", "tz": "Europe/Berlin"},
            },
        ),
    ]
    assert [201] * len(made) == [each.status_code for each in made], [each.text for each in made]


def due_in(world: World, by: timedelta) -> dict[str, Any]:
    at = world.clock.now() + by
    return {"kind": "zoned", "date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}", "tz": "UTC"}


def everything(world: World) -> dict[str, Any]:
    """Every document there is, but for what lists where sweeps have come."""
    store = world.services.ports.store
    found, after = {}, ""
    while page := store.below("", limit=300, after=after, whole=True):
        found |= {each.path: each.fields for each in page}
        after = page[-1].path
    return {
        path: fields
        for path, fields in found.items()
        if not path.startswith(("jobs/sweep", "idempotency/"))
    }


def live(world: World, person: Caller, home: str, *, until: datetime) -> Iterator[dict[str, Any]]:
    """Let time pass from timer to timer; yield what came to be, as a rehearsal names it."""
    known = set(map(repr, seen(world, person, home)))
    while True:
        instants = [each["fireAt"] for each in world.documents("timers")]
        following = [at for at in instants if world.clock.now() < at <= until]
        if not following:
            return
        world.clock.move_to(min(following))
        world.tasks.wake()
        world.settle(times=2)
        fresh = [each for each in seen(world, person, home) if repr(each) not in known]
        known |= set(map(repr, fresh))
        for each in fresh:
            yield {**each, "at": world.clock.now()}


def seen(world: World, person: Caller, home: str) -> Iterator[dict[str, Any]]:
    """What there is of what a rehearsal tells of."""
    for event in world.documents(f"workspaces/{home}/events"):
        if event["type"] in TOLD:
            task = event["subject"]["id"]
            yield {
                "kind": TOLD[event["type"]],
                "taskId": task,
                "people": event["audience"],
                "of": event["cause"],
            }
    for series in world.database.collection(f"workspaces/{home}/series").stream():
        for entry in world.documents(f"{series.reference.path}/occurrences"):
            if entry["state"] == "open":
                yield {"kind": "occurrence", "taskId": entry["taskId"]}
    for run in world.database.collection_group("runs").stream():
        yield {"kind": "job", "taskId": None, "of": run.id}
    for each in world.inbox(person):
        yield {
            "kind": "notification",
            "taskId": each["taskId"],
            "category": each["category"],
            "of": (each["count"], each["createdAt"]),
        }


def key_of(item: dict[str, Any]) -> tuple[Any, ...]:
    at = item["at"] if isinstance(item["at"], datetime) else datetime.fromisoformat(item["at"])
    people = () if item["kind"] == "notification" else tuple(item.get("people") or ())
    return at, item["kind"], item.get("taskId") or "", item.get("category") or "", people
