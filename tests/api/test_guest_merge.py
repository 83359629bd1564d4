"""A guest's work moves into an account the person has already."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.api.factories import app_task, task_fields
from tests.api.guest import Guest, auth_user, guest, let_go, traces
from tests.api.guest_merging import app_documents, ended, home, merge, stored, titles
from tests.api.lateness import window_passes
from tests.api.world import World, cost_of

DAY, MINUTE = timedelta(hours=24), timedelta(minutes=1)
WEEKLY = {"title": "Bins", "rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}


class TestMerge:
    """POST /users/me:mergeGuest"""

    def test_everything_moves_under_its_id(self, world: World):
        """Tasks with comments and history, series with occurrences, boards, lists, labels."""
        ann, someone = world.person("Ann"), guest(world)
        task = someone.post("/workspaces/me/tasks", {"title": "A", "assigneeIds": [someone.uid]})
        task_id = task.json()["id"]
        world.settle()
        someone.patch(f"/workspaces/me/tasks/{task_id}", {"title": "B"})
        series = someone.post("/workspaces/me/series", WEEKLY).json()
        world.settle()
        app_documents(world, someone, task_id)
        before = home(world, someone)

        result = merge(ann, someone)["result"]
        after = home(world, ann)

        moving = {place for place in before if not place.startswith("stats")}
        assert moving == set(after)
        assert {
            "projects": 1,
            "boards": 1,
            "lists": 1,
            "labels": 1,
            "series": 1,
            "tasks": 2,
            "comments": 1,
        } == result["moved"]
        assert ["B", "Bins"] == titles(ann)
        moved = after[f"tasks/{task_id}"]
        assert ([ann.uid], ann.uid, ann.uid) == (
            moved["assigneeIds"],
            moved["createdBy"],
            moved["updatedBy"],
        )
        assert before[f"tasks/{task_id}"]["createdAt"] == moved["createdAt"]
        assert [] == [place for place, each in after.items() if someone.uid in repr(each)]
        assert 2 == world.document(f"workspaces/{ann.uid}")["counters"]["openTasks"]
        assert f"series/{series['id']}" in after

    def test_the_guest_sees_nothing_from_the_answer_on(self, world: World):
        """A guest's data are never in two visible places."""
        ann, someone = world.person("Ann"), guest(world)
        someone.post("/workspaces/me/tasks", {"title": "A"})
        someone.get("/workspaces/me/tasks")

        answer = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()})
        hidden = [someone.get(path).status_code for path in ("/users/me", "/workspaces/me/tasks")]
        member = world.document(f"workspaces/{someone.uid}/members/{someone.uid}")

        assert (202, [404, 404]) == (answer.status_code, hidden)
        assert world.clock.now() >= member["expireAt"]

    def test_what_follows_from_a_task_follows_in_its_new_place(self, world: World):
        """Completing a merged occurrence makes the next; what falls due is told once, to one."""
        ann, someone = world.person("Ann"), guest(world)
        series = someone.post("/workspaces/me/series", WEEKLY).json()
        app_task(world, someone.uid, by=someone, due_at=world.clock.now() + timedelta(hours=3))
        world.settle()
        merge(ann, someone)

        ann.post(f"/workspaces/me/tasks/{series['firstTaskId']}/completion")
        for hours in (2.5, 1.5):
            world.pass_time(timedelta(hours=hours))
        window_passes(world)

        assert ["A task", "Bins", "Bins"] == titles(ann)
        assert ["dueSoon", "overdue"] == [each["category"] for each in world.inbox(ann)]
        assert [] == world.inbox(someone)

    def test_a_second_time_it_is_the_same_merge(self, world: World):
        """The same operation, before and after it has ended; nothing moves twice."""
        ann, someone = world.person("Ann"), guest(world)
        someone.post("/workspaces/me/tasks", {"title": "A"})
        body = {"guestToken": someone.token()}

        first = ann.post("/users/me:mergeGuest", body).json()["id"]
        second = ann.post("/users/me:mergeGuest", body).json()["id"]
        ended(ann, first)
        third = ann.post("/users/me:mergeGuest", body)

        assert (first, first, "done") == (second, third.json()["id"], third.json()["state"])
        assert ["A"] == titles(ann)

    def test_with_an_idempotency_key(self, world: World):
        """Claim, operation and answer are one commit."""
        ann, someone = world.person("Ann"), guest(world)
        someone.post("/workspaces/me/tasks", {"title": "A"})
        body, key = {"guestToken": someone.token()}, {"Idempotency-Key": "k"}

        answers = [ann.post("/users/me:mergeGuest", body, headers=key) for _ in range(2)]
        ended(ann, answers[0].json()["id"])

        assert [202, 202] == [answer.status_code for answer in answers]
        assert answers[0].json() == answers[1].json()
        assert ["A"] == titles(ann)

    def test_two_accounts_at_once(self, world: World, crowd: ThreadPoolExecutor):
        """Security check 78: one claims the guest, the other finds nothing."""
        people = [world.person(f"P{number}") for number in range(6)]
        someone = guest(world)
        someone.post("/workspaces/me/tasks", {"title": "A"})
        body = {"guestToken": someone.token()}

        answers = list(crowd.map(lambda each: each.post("/users/me:mergeGuest", body), people))
        world.settle(times=2)

        assert [202, 404, 404, 404, 404, 404] == sorted(each.status_code for each in answers)
        assert [["A"]] == [found for found in map(titles, people) if found]

    def test_more_than_a_commit_takes(self, world: World):
        """In several commits; the account's own tasks are not touched."""
        ann, someone, count = world.person("Ann"), guest(world), 320
        ann.post("/workspaces/me/tasks", {"title": "Mine"})
        stored(world, someone, count)

        result = merge(ann, someone)["result"]

        assert count == result["moved"]["tasks"]
        assert 1 + count == len(world.documents(f"workspaces/{ann.uid}/tasks"))
        assert 1 + count == world.document(f"workspaces/{ann.uid}")["counters"]["openTasks"]

    def test_an_id_the_account_has_given_stays_the_accounts(self, world: World):
        """A guest chooses ids: none of them writes over anything, nor below it."""
        ann, someone = world.person("Ann"), guest(world)
        task_id = ann.post("/workspaces/me/tasks", {"title": "Mine"}).json()["id"]
        world.write(f"workspaces/{someone.uid}/tasks/{task_id}", task_fields(world, by=someone))
        app_documents(world, someone, task_id)

        result = merge(ann, someone)["result"]

        assert ["Mine"] == titles(ann)
        assert (1, 0, 0) == (
            result["leftBehind"],
            result["moved"]["tasks"],
            result["moved"]["comments"],
        )
        assert [] == world.documents(f"workspaces/{ann.uid}/tasks/{task_id}/comments")

    def test_all_of_the_guest_goes_when_it_can_be_undone_no_longer(self, world: World):
        """Also the merge itself, which names both."""
        ann, someone = world.person("Ann"), guest(world)
        someone.post("/workspaces/me/tasks", {"title": "A"})
        world.clock.advance(23 * DAY / 24)
        merge(ann, someone)
        world.pass_time(DAY - 2 * MINUTE)
        kept = auth_user(world, someone.uid)
        let_go(world, someone)

        assert kept is not None
        assert [] == traces(world.database, someone.uid)
        assert None is auth_user(world, someone.uid)
        assert ["A"] == titles(ann)


class TestRefused:
    """Whose token is no guest's, or whose time is over."""

    def test_only_the_valid_token_of_a_guest_will_do(self, world: World):
        """422 says which value is wrong; the caller's own token was good."""
        ann, bob, someone = world.person("Ann"), world.person("Bob"), guest(world)
        past = world.clock.now() - timedelta(hours=2)
        tokens = [
            "nonsense",
            bob.token(),
            ann.token(),
            world.token(someone.uid, iat=int(past.timestamp()), exp=int(past.timestamp()) + 3600),
            world.token("nobody", firebase={"sign_in_provider": "anonymous"}),
        ]

        answers = [ann.post("/users/me:mergeGuest", {"guestToken": token}) for token in tokens]

        assert [422] * len(tokens) == [answer.status_code for answer in answers]
        assert {"/guestToken"} == {answer.json()["errors"][0]["pointer"] for answer in answers}

    def test_a_guest_cannot_take_over_a_guest(self, world: World):
        """Security check 80."""
        one, other = guest(world, "one"), guest(world, "other")

        answer = one.post("/users/me:mergeGuest", {"guestToken": other.token()})

        assert 403 == answer.status_code
        assert 200 == other.get("/users/me").status_code

    def test_a_guest_who_never_called_has_nothing(self, world: World):
        """There is no account to take over."""
        ann, someone = world.person("Ann"), Guest(world, "quiet", "")

        assert 404 == ann.post("/users/me:mergeGuest", {"guestToken": someone.token()}).status_code

    def test_when_the_time_is_over_nothing_is_left_to_merge(self, world: World):
        """Also before it is deleted."""
        ann, someone = world.person("Ann"), guest(world)
        world.clock.advance(DAY)

        answer = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()})

        assert 404 == answer.status_code

    def test_undoing_what_is_not_ones_own(self, world: World):
        """Hidden and absent look the same."""
        ann, eve, someone = world.person("Ann"), world.person("Eve"), guest(world)
        merged = merge(ann, someone)

        answers = [
            eve.post("/users/me:undoMerge", {"operationId": each}) for each in (merged["id"], "no")
        ]

        assert [404, 404] == [answer.status_code for answer in answers]
        assert answers[0].json()["detail"] == answers[1].json()["detail"]


class TestDuplicates:
    """D10: spotted, reported, and never thrown away."""

    def test_what_looks_the_same_is_reported(self, world: World):
        """Case, width and blanks do not count; day and time do."""
        ann, someone = world.person("Ann"), guest(world)
        due = world.clock.now() + timedelta(days=3)
        same = app_task(world, ann.uid, by=ann, title="Buy  MILK ", due_at=due)
        app_task(world, ann.uid, by=ann, title="Call mum")
        app_task(world, ann.uid, by=ann, title="Pay rent", due_at=due)
        done = app_task(world, ann.uid, by=ann, title="Old one")
        ann.post(f"/workspaces/me/tasks/{done}/completion")
        twin = app_task(world, someone.uid, by=someone, title="buy milk", due_at=due)
        for title in ("Call mum!", "Pay rent", "Old one"):
            app_task(world, someone.uid, by=someone, title=title)

        result = merge(ann, someone)["result"]

        assert [{"taskId": twin, "duplicateOf": same}] == result["duplicates"]
        assert 4 == result["moved"]["tasks"]


class TestBudget:
    """The claim is one commit, whatever there is to move."""

    def test_claiming(self, world: World):
        """Reads: account, merge, membership. Writes: these, the operation and three timers."""
        ann, someone = world.person("Ann"), guest(world)
        stored(world, someone, 50)
        ann.get("/workspaces/me/tasks")

        assert (2, 3, 7) == cost_of(
            ann.post("/users/me:mergeGuest", {"guestToken": someone.token()})
        )
