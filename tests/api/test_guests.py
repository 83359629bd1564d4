"""Guests: everything for 24 hours, an account for whoever links one, and nothing left otherwise."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from backend.accounts.model import GUEST_TIME
from backend.guests.model import MAX_GUEST_TASKS
from backend.kit.documents import Create
from backend.leaving.inventory import INVENTORY
from backend.leaving.scan import Scan
from backend.workspaces.welcome import GUEST_MAX_AGE_S
from tests.api.factories import app_task, task_fields
from tests.api.guest import Guest, auth_user, everything, guest, let_go, traces
from tests.api.test_access_matrix import ROUTES, Row
from tests.api.world import World, cost_of

DAY, MINUTE = timedelta(hours=24), timedelta(minutes=1)
WEEKLY = {"title": "A", "rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}


def asks_for_a_person(row: Row) -> bool:
    """Whether a route of the matrix is closed to who shows no token, and to the queue."""
    return row.verdicts["N"] == 401 == row.verdicts["W"]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


class TestFirstCall:
    """M071: usable at once, with a countdown that the app can show."""

    def test_a_guest_can_work_at_once(self, world: World):
        """Create, read, change and delete, without an account."""
        someone = Guest(world, "guest", "")

        created = someone.post("/workspaces/me/tasks", {"title": "Try this"})
        path = f"/workspaces/me/tasks/{created.json()['id']}"
        answers = [
            created,
            someone.get(path),
            someone.patch(path, {"title": "Tried"}),
            someone.delete(path),
        ]

        assert [201, 200, 200, 204] == [answer.status_code for answer in answers]

    def test_the_end_stands_on_account_membership_and_timer(self, world: World):
        """One commit; the app shows the countdown from it."""
        someone = guest(world)
        end = world.clock.now() + GUEST_TIME

        me = someone.get("/users/me").json()
        member = world.document(f"workspaces/{someone.uid}/members/{someone.uid}")
        (timer,) = world.documents("timers")

        assert (True, end.replace(microsecond=0)) == (
            me["isGuest"],
            instant(me["expireAt"]).replace(microsecond=0),
        )
        assert end == member["expireAt"] == world.document(f"users/{someone.uid}")["expireAt"]
        assert ("guestExpiry", {"uid": someone.uid}) == (timer["kind"], timer["subject"])
        assert end <= timer["fireAt"] <= end + 2 * MINUTE

    def test_people_with_an_account_have_no_end(self, world: World):
        """Neither on the account nor on the membership."""
        ann = world.person("Ann")

        assert ann.get("/users/me").json()["expireAt"] is None
        assert world.document(f"workspaces/{ann.uid}/members/{ann.uid}")["expireAt"] is None
        assert [] == world.documents("timers")

    def test_a_warm_process_asks_nothing(self, world: World):
        """That the time is not over is known without a read; once a minute it is looked up."""
        ann, someone = world.person("Ann"), guest(world)
        costs = []
        for wait_s in (0, 0, GUEST_MAX_AGE_S):
            world.clock.advance(timedelta(seconds=wait_s))
            costs.append([cost_of(person.get("/workspaces/me/tasks")) for person in (ann, someone)])

        # The membership, the list; both held; then the membership anew, and the guest's account.
        assert [[(2, 2, 0)] * 2, [(1, 1, 0)] * 2, [(2, 2, 0), (3, 3, 0)]] == costs


class TestTimeOver:
    """M072, security check 78: on the second, on every route, whatever is remembered or held."""

    def test_every_route_answers_404(self, world: World):
        """Also those for registered people only: 403 would say that there is something."""
        someone = guest(world)
        before = [someone.get(path).status_code for path in ("/users/me", "/workspaces/me/tasks")]
        routes = [route.split(" ") for route, row in ROUTES.items() if asks_for_a_person(row)]
        world.clock.advance(DAY)

        answers = {
            f"{method} {path}": someone.call(
                method, re.sub("<.*?>", "me", path).removeprefix("/api/v1"), json={}
            ).status_code
            for method, path in routes
        }

        assert [200, 200] == before
        assert len(answers) > 40
        assert answers == dict.fromkeys(answers, 404)

    def test_one_second_before_it_is_not_over(self, world: World):
        """Twenty-four hours are not twenty-three."""
        someone = guest(world)

        world.clock.advance(DAY - timedelta(seconds=1))

        assert 200 == someone.get("/workspaces/me/tasks").status_code

    def test_calling_does_not_prolong_it(self, world: World):
        """The time runs from the first call."""
        someone = guest(world)
        for _ in range(3):
            world.clock.advance(DAY / 4)
            assert 200 == someone.get("/users/me").status_code
        world.clock.advance(DAY / 4)

        assert 404 == someone.get("/users/me").status_code


class TestExpiry:
    """After expiry a scan by uid finds no document, no file, no Auth user."""

    def test_nothing_is_left(self, world: World):
        """Whatever a guest can leave behind: tasks, history, series, devices, answers, files."""
        someone, blobs = guest(world), world.services.ports.blobs
        someone.has_phone()
        once = {"Idempotency-Key": "one"}
        task = someone.post("/workspaces/me/tasks", {"title": "A"}, headers=once).json()["id"]
        someone.post("/workspaces/me/series", WEEKLY)
        app_task(world, someone.uid, by=someone, due_at=world.clock.now() + timedelta(hours=2))
        world.settle()
        someone.patch(f"/workspaces/me/tasks/{task}", {"title": "B"})
        world.pass_time(timedelta(hours=3))
        for folder in (f"workspaces/{someone.uid}/attachments", f"exports/{someone.uid}"):
            blobs.put(f"{folder}/a.txt", b"theirs", content_type="text/plain")
        before = traces(world.database, someone.uid)
        world.clock.advance(DAY)
        let_go(world, someone)

        assert len(before) > 15
        assert [] == traces(world.database, someone.uid)
        assert [] == list(Scan(world.services.ports.store, blobs).find([someone.uid]))
        assert [] == blobs.listed("", limit=10)
        assert None is auth_user(world, someone.uid)
        assert {"receipts", "jobs"} >= {path.split("/")[0] for path in everything(world.database)}

    def test_it_ends_in_a_receipt(self, world: World):
        """Signed, with counts, and without the uid."""
        someone = guest(world)
        someone.post("/workspaces/me/tasks", {"title": "A"})
        world.clock.advance(DAY)
        let_go(world, someone)

        _, receipt = world.services.receipts.find(someone.uid)

        assert "guestExpired" == receipt.kind.value
        assert world.services.receipts.is_genuine(receipt)
        assert (1, 1, 1) == tuple(receipt.deleted[name] for name in ("users", "members", "tasks"))

    def test_an_old_token_opens_nothing(self, world: World):
        """It holds for an hour, and perhaps another process remembers the person."""
        someone = guest(world)
        world.clock.advance(DAY - MINUTE)
        old = someone.token()
        world.clock.advance(MINUTE)
        let_go(world, someone)
        headers = {"Authorization": f"Bearer {old}"}

        answers = [
            someone.get(path, headers=headers).status_code
            for path in ("/users/me", "/workspaces/me/tasks")
        ]
        world.sign_up(someone.uid)  # Firebase Auth would not; then only the receipt stands there.
        world.services.standing._known.clear()
        again = someone.get("/users/me", headers=headers).status_code

        assert {401, 404} >= {*answers}
        assert 404 == again
        assert [] == traces(world.database, someone.uid)

    def test_who_comes_back_starts_anew(self, world: World):
        """D10: return after expiry is a new uid, with a new day."""
        first = guest(world, "first")
        world.clock.advance(DAY)
        let_go(world, first)
        second = guest(world, "second")

        assert 200 == second.get("/workspaces/me/tasks").status_code
        assert [] == traces(world.database, first.uid)


class TestPromotion:
    """M073: linking keeps the uid and all tasks."""

    def test_linking_keeps_everything(self, world: World):
        """Account, membership and timer change in one commit, at the first call."""
        someone = guest(world)
        task = someone.post("/workspaces/me/tasks", {"title": "A"}).json()["id"]

        ann = someone.linked(name="Ann")
        me = ann.get("/users/me").json()
        member = world.document(f"workspaces/{ann.uid}/members/{ann.uid}")
        world.pass_time(2 * DAY)

        assert (False, None, "Ann") == (me["isGuest"], me["expireAt"], me["displayName"])
        assert (None, "Ann") == (member["expireAt"], member["displayName"])
        assert "A" == ann.get(f"/workspaces/me/tasks/{task}").json()["title"]
        assert [] == [each for each in world.documents("timers") if each["kind"] == "guestExpiry"]

    def test_many_first_calls_at_once_promote_once(self, world: World, crowd: ThreadPoolExecutor):
        """The account's revision moves by one."""
        someone = guest(world)
        ann = someone.linked()

        answers = list(crowd.map(lambda _: ann.get("/users/me"), range(20)))

        assert {200} == {answer.status_code for answer in answers}
        assert 2 == world.document(f"users/{ann.uid}")["rev"]

    def test_a_promoted_person_may_found_a_team(self, world: World):
        """Whatever the process remembers of the guest."""
        someone = guest(world)
        refused = someone.post("/workspaces", {"name": "Team"}).status_code

        founded = someone.linked().post("/workspaces", {"name": "Team"}).status_code

        assert (403, 201) == (refused, founded)

    def test_who_linked_and_never_called_again_stays(self, world: World):
        """The expiry asks Firebase Auth before it deletes anything."""
        someone = guest(world)
        task = someone.post("/workspaces/me/tasks", {"title": "A"}).json()["id"]
        ann = someone.linked(name="Ann")

        world.pass_time(DAY + MINUTE)
        world.pass_time(3 * MINUTE)
        account = world.document(f"users/{ann.uid}")

        assert (False, None, "Ann") == (
            account["isGuest"],
            account["expireAt"],
            account["displayName"],
        )
        assert 200 == ann.get(f"/workspaces/me/tasks/{task}").status_code
        assert None is world.services.receipts.find(ann.uid)

    def test_an_anonymous_token_never_promotes(self, world: World):
        """Security check 80: not even with an address in it."""
        someone = guest(world)

        someone.get(
            "/users/me",
            headers={
                "Authorization": "Bearer "
                + world.token(
                    someone.uid,
                    email="g@example.com",
                    email_verified=True,
                    firebase={"sign_in_provider": "anonymous", "identities": {"email": ["g"]}},
                )
            },
        )

        assert world.document(f"users/{someone.uid}")["isGuest"] is True


class TestImmediateNotes:
    """M070: they never leave the phone."""

    def test_there_is_nowhere_to_send_them(self):
        """No route, and no collection that the rules could open."""
        places = [*ROUTES, *(row.path for row in INVENTORY)]

        assert [] == [each for each in places if re.search(r"notes?\b", each, re.IGNORECASE)]


class TestQuota:
    """Security check 79: what the API lets a guest store."""

    @pytest.mark.parametrize(
        ("path", "body"), [("tasks", {"title": "One more"}), ("series", WEEKLY)], ids=str
    )
    def test_a_guest_has_no_more_than_the_quota(self, world: World, path: str, body: dict):
        """The trash counts: it is stored, too. Whoever has an account has no such bound."""
        ann, someone = world.person("Ann"), guest(world)
        for owner in (ann, someone):
            fields = {**task_fields(world, by=owner), "deletedAt": world.clock.now()}
            for part in range(2):
                tasks = f"workspaces/{owner.uid}/tasks/{part}"
                half = MAX_GUEST_TASKS // 2
                assert world.services.ports.store.attempt(
                    [Create(f"{tasks}-{number}", fields) for number in range(half)]
                )

        refused = someone.post(f"/workspaces/me/{path}", body)

        assert (422, "limit-exceeded") == (refused.status_code, refused.json()["code"])
        assert 201 == ann.post(f"/workspaces/me/{path}", body).status_code

    def test_it_costs_one_read_of_guests_only(self, world: World):
        """A count; nobody else pays for it."""
        ann, someone = world.person("Ann"), guest(world)
        for person in (ann, someone):
            person.get("/workspaces/me/tasks")

        costs = [
            cost_of(person.post("/workspaces/me/tasks", {"title": "A"}))
            for person in (ann, someone)
        ]

        assert [(1, 0, 1), (2, 1, 1)] == costs
