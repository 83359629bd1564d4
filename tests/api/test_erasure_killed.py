"""The erasure is killed, doubled and delayed wherever that can happen, and ends the same."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from backend.adapters.firestore import Store
from backend.admin.model import StaffRole
from backend.kit.documents import Write
from backend.kit.errors import Unavailable
from backend.leaving.model import GRACE, erasure_id
from backend.leaving.receipts import receipt_of, receipt_path
from local.cloudtasks import Fault, FaultKind
from tests.api.leaving import Life, lived
from tests.api.world import World

FIRE = "/internal/jobs/fire"


class Killed(Exception):
    """The process is gone."""


@pytest.fixture
def life(world: World) -> Life:
    """Ann has asked to leave, and the queue has lost every job since: the test is the queue."""
    life = lived(world)
    life.ask()
    world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
    world.clock.advance(GRACE)
    return life


class TestInterrupted:
    """One end, on whatever way."""

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_kill_between_any_two_commits_leaves_a_way_on(
        self, life: Life, when: str, monkeypatch: pytest.MonkeyPatch
    ):
        """Each job lives for one commit only, and dies before the next, or right behind its own."""
        before = life.paths()
        jobs = _until_over(life, lambda body: _killed(life, body, when, monkeypatch))

        _assert_all_is_gone(life, before)
        assert jobs > 30

    def test_two_at_once_come_to_the_same_end(self, life: Life, crowd: ThreadPoolExecutor):
        """Every job is delivered twice at the same time, and nothing is counted twice."""
        before = life.paths()

        _until_over(life, lambda body: [*crowd.map(lambda _: _fire(life, body), range(2))])

        _assert_all_is_gone(life, before)

    def test_a_job_after_the_end_finds_nothing(self, life: Life):
        """However late the queue delivers it."""
        _until_over(life, lambda body: _fire(life, body))
        documents = life.paths()

        _fire(life, {"timerId": erasure_id(life.ann.uid), "kind": "erasure", "uid": life.ann.uid})

        assert documents == life.paths()

    def test_weeks_late_is_not_too_late(self, life: Life):
        """Nothing ran for a month."""
        before = life.paths()
        life.world.clock.advance(timedelta(days=30))

        _until_over(life, lambda body: _fire(life, body))

        _assert_all_is_gone(life, before)

    def test_staff_cannot_bring_her_back(self, life: Life):
        """What has begun is carried through, whatever an admin clicks."""
        _fire_all_due(life, lambda body: _fire(life, body))
        admin = life.world.person("Ada")
        life.world.services.admin.appoint_first(admin.uid, StaffRole.ADMIN)

        answer = admin.delete(f"/admin/users/{life.ann.uid}/disablement")

        assert (409, "invalid-transition") == (answer.status_code, answer.json()["code"])

    def test_what_is_written_with_her_last_token_goes_too(self, life: Life):
        """Rules know nothing of a sign-in that has ended: an app may write for up to an hour."""
        _fire_all_due(life, lambda body: _fire(life, body))
        _fire_all_due(life, lambda body: _fire(life, body))
        uid, now = life.ann.uid, life.world.clock.now()
        life.world.write(f"users/{uid}/devices/tablet", {"token": "late", "lastSeenAt": now})
        refused = life.ann.get("/users/me").status_code
        still_there = life.world.document(f"users/{uid}/devices/phone")

        _until_over(life, lambda body: _fire(life, body))

        assert 403 == refused
        assert still_there is not None
        assert [] == life.found()


def _until_over(life: Life, fire: Callable[[dict[str, Any]], object]) -> int:
    """Be the queue until nothing is left to do; return how many jobs it took."""
    jobs = 0
    for _ in range(300):
        if life.is_over():
            return jobs
        jobs += _fire_all_due(life, fire)
    raise AssertionError("the erasure did not come to an end")


def _fire_all_due(life: Life, fire: Callable[[dict[str, Any]], object]) -> int:
    """Let the clock come to the next timer, and fire whatever is due by then."""
    clock = life.world.clock
    timers = {each.id: each.to_dict() for each in life.world.database.collection("timers").stream()}
    first = min(timer["fireAt"] for timer in timers.values() if timer["state"] != "failed")
    clock.advance(max(first - clock.now(), timedelta(milliseconds=1)))
    due = {key: timer for key, timer in timers.items() if timer["fireAt"] <= clock.now()}
    for key, timer in due.items():
        fire({"timerId": key, "kind": timer["kind"], **timer["subject"]})
    return len(due)


def _fire(life: Life, body: dict[str, Any]) -> None:
    with suppress(Unavailable):  # The queue delivers it again.
        life.world.services.firing.fire(body)


def _killed(life: Life, body: dict[str, Any], when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fire, and die `before` the second commit or right `after` the first."""
    commit = Store._commit
    done = 0

    def once(self: Store, writes: Sequence[Write]) -> Any:
        nonlocal done
        if done:
            raise Killed
        result = commit(self, writes)
        done += bool(writes)
        if done and when == "after":
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_commit", once)
        thread = Thread(target=_dying, args=(life, body))
        thread.start()
        thread.join()


def _dying(life: Life, body: dict[str, Any]) -> None:
    with suppress(Killed):
        _fire(life, body)


def _assert_all_is_gone(life: Life, before: Counter[str]) -> None:
    """Nothing is found, and the receipt counts each document once."""
    receipt = receipt_of(life.world.services.ports.store.get(receipt_path(life.ann.uid)))
    gone = before - life.paths()
    assert [] == life.found()
    assert life.world.services.ports.credentials.find(life.ann.uid) is None
    assert life.world.services.receipts.is_genuine(receipt)
    # Timers come and go with the work itself, and the shadow of settings with what they say; a file
    # is deleted by no commit of ours.
    assert _counted(gone) == _counted(receipt.deleted)


def _counted(counts: dict[str, int]) -> dict[str, int]:
    apart = ("timers", "shadows", "files")
    return {name: count for name, count in counts.items() if name not in apart}
