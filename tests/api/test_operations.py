"""Operations over HTTP: whose they are, how long they are kept, and calling them off."""

from datetime import timedelta

import pytest

from backend.app import create_app
from tests.api.exports import export, finished, start_export
from tests.api.world import World, cost_of

DAY = timedelta(days=1)


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestLooking:
    """`GET /operations/{o}`."""

    def test_a_running_one_says_how_far_it_is(self, world: World):
        """And holds no result yet, nor anything that is the worker's alone."""
        ann = world.person("Ann")

        operation = ann.get(f"/operations/{start_export(ann)}").json()

        assert {
            "kind": "export",
            "state": "running",
            "done": 0,
            "total": None,
            "result": None,
            "problem": None,
        } == {name: operation[name] for name in operation if name != "id" and "At" not in name}

    def test_looking_reads_one_document(self, world: World):
        """Also where there is a result to show."""
        ann = world.person("Ann")
        operation_id = start_export(ann)
        finished(world, ann, operation_id)

        assert (1, 1, 0) == cost_of(ann.get(f"/operations/{operation_id}"))

    def test_another_persons_is_hidden(self, world: World):
        """As if there were none, to look at and to call off."""
        ann, eve = world.person("Ann"), world.person("Eve")
        operation_id = start_export(ann)

        assert (404, "not-found") == code(eve.get(f"/operations/{operation_id}"))
        assert (404, "not-found") == code(eve.post(f"/operations/{operation_id}:cancel"))
        assert (404, "not-found") == code(eve.get("/operations/nothing"))
        assert "running" == ann.get(f"/operations/{operation_id}").json()["state"]

    def test_an_old_one_is_hidden_before_it_is_deleted(self, world: World):
        """Seven days after its end, to the second; deletion comes when the queue gets to it."""
        ann = world.person("Ann")
        operation_id = start_export(ann)
        finished(world, ann, operation_id)

        world.clock.advance(7 * DAY - timedelta(seconds=1))
        assert 200 == ann.get(f"/operations/{operation_id}").status_code
        world.clock.advance(timedelta(seconds=1))

        assert (404, "not-found") == code(ann.get(f"/operations/{operation_id}"))
        assert world.document(f"operations/{operation_id}") is not None

    def test_an_old_one_is_deleted(self, world: World):
        """By its timer, which leaves nothing behind."""
        ann = world.person("Ann")
        operation_id = start_export(ann)
        finished(world, ann, operation_id)

        world.pass_time(8 * DAY)

        assert world.document(f"operations/{operation_id}") is None
        assert [] == [each for each in world.documents("timers") if each["kind"] == "operation"]


class TestCallingOff:
    """`POST /operations/{o}:cancel`."""

    def test_a_running_one_stops(self, world: World):
        """Its worker finds nothing left to do."""
        ann = world.person("Ann")
        operation_id = start_export(ann)

        answer = ann.post(f"/operations/{operation_id}:cancel")
        world.settle()

        assert (200, "cancelled") == (answer.status_code, answer.json()["state"])
        assert "cancelled" == ann.get(f"/operations/{operation_id}").json()["state"]

    @pytest.mark.parametrize("ended", ["done", "cancelled"])
    def test_an_ended_one_stays_as_it_is(self, world: World, ended: str):
        """409: there is nothing to call off."""
        ann = world.person("Ann")
        operation_id = start_export(ann)
        if ended == "cancelled":
            ann.post(f"/operations/{operation_id}:cancel")
        world.settle()

        answer = ann.post(f"/operations/{operation_id}:cancel")

        assert (409, "invalid-transition") == code(answer)
        assert ended == ann.get(f"/operations/{operation_id}").json()["state"]

    def test_twice_at_once_it_is_called_off_once(self, world: World, crowd):
        """Who comes second finds it ended, or as they wanted it in the same instant."""
        ann = world.person("Ann")
        operation_id = start_export(ann)
        path = f"/operations/{operation_id}:cancel"

        statuses = set(crowd.map(lambda _: ann.post(path).status_code, range(6)))

        assert 200 in statuses
        assert statuses <= {200, 409}
        operation = world.document(f"operations/{operation_id}")
        assert ("cancelled", 2) == (operation["state"], operation["rev"])

    def test_another_may_be_started_at_once(self, world: World):
        """Whether or not the first has been tidied away."""
        ann = world.person("Ann")
        first = start_export(ann)
        ann.post(f"/operations/{first}:cancel")

        second = start_export(ann)
        world.settle()

        assert "cancelled" == ann.get(f"/operations/{first}").json()["state"]
        assert "done" == ann.get(f"/operations/{second}").json()["state"]


class TestOneAtATime:
    """Of what a person may have one of."""

    def test_a_second_one_is_refused_with_the_first(self, world: World):
        """409 `already-running`, where it is found, and how far it is."""
        ann = world.person("Ann")
        first = start_export(ann)

        answer = ann.post("/users/me:export")

        assert (409, "already-running") == code(answer)
        assert f"/api/v1/operations/{first}" == answer.headers["Location"]
        assert (first, "running") == (
            answer.json()["current"]["id"],
            answer.json()["current"]["state"],
        )

    def test_of_many_at_once_one_begins(self, world: World, crowd):
        """The timer that works at it lets only one through."""
        ann = world.person("Ann")

        answers = list(crowd.map(lambda _: ann.post("/users/me:export"), range(8)))

        assert [202] + 7 * [409] == sorted(answer.status_code for answer in answers)
        assert 1 == len(world.documents("operations"))

    def test_others_may_have_theirs(self, world: World):
        """One at a time for each person."""
        ann, bob = world.person("Ann"), world.person("Bob")
        start_export(ann)

        assert 202 == bob.post("/users/me:export").status_code

    def test_a_repeated_request_is_answered_as_the_first(self, world: World):
        """With an `Idempotency-Key`, even while the first is running."""
        ann = world.person("Ann")
        headers = {"Idempotency-Key": "mine"}

        first = ann.post("/users/me:export", headers=headers)
        again = ann.post("/users/me:export", headers=headers)

        assert (202, first.json()) == (again.status_code, again.json())
        assert first.headers["Location"] == again.headers["Location"]

    def test_after_its_end_the_next_may_begin(self, world: World):
        """As often as a person likes, one after the other."""
        ann = world.person("Ann")

        first, second = export(world, ann), export(world, ann)

        assert first.own() == second.own()


class TestAsking:
    """Who may ask, and what it costs."""

    def test_it_needs_a_recent_sign_in(self, world: World):
        """A stolen phone must not be able to carry everything away."""
        ann = world.person("Ann")
        an_hour_ago = int((world.clock.now() - timedelta(hours=1)).timestamp())
        token = world.token(ann.uid, auth_time=an_hour_ago)

        answer = ann.post("/users/me:export", headers={"Authorization": f"Bearer {token}"})

        assert (401, "reauthentication-required") == code(answer)
        assert [] == world.documents("operations")

    def test_it_is_recorded(self, world: World):
        """Who was asked for what, in the audit log; a refused one is none."""
        ann = world.person("Ann")
        ann.post("/users/me:export")
        ann.post("/users/me:export")

        (entry,) = world.documents("audit")

        assert ("account.exportAskedFor", ann.uid) == (entry["action"], entry["actorUid"])

    def test_it_is_started_in_two_round_trips(self, world: World):
        """One read, and one commit of operation, timers and the entry in the audit log."""
        ann = world.person("Ann")

        assert (2, 1, 4) == cost_of(ann.post("/users/me:export"))

    def test_it_counts_as_many_requests(self, world: World):
        """Five a minute, whatever the limit of ordinary requests."""
        app = create_app(world.services)

        assert 60 == app.view_functions["exporting.export_me"].costs_requests
