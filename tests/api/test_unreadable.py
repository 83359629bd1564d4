"""Documents that neither our code nor the rules would have written."""

from datetime import timedelta

from backend.adapters.cache import UNSHARED_TTL_S
from tests.api.factories import app_task
from tests.api.world import World


class TestUnreadableTask:
    """Reported and passed over: it must not stand in the way of the others."""

    def test_the_sweep_goes_on_behind_it(self, world: World):
        """The guarantee holds for everybody else."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        world.write(f"workspaces/{team}/tasks/broken", {"updatedAt": world.clock.now(), "rev": 1})
        world.clock.advance(timedelta(seconds=1))

        app_task(world, team, by=ann, assignees=[bob])
        world.settle()

        assert 1 == len(world.inbox(bob))
        assert 500 == ann.get(f"/workspaces/{team}/tasks/broken").status_code

    def test_its_timer_is_kept_as_a_record(self, world: World):
        """Neither the queue nor the repair tries for ever."""
        ann = world.person("Ann")
        task_id = app_task(world, ann.uid, by=ann, due_at=world.clock.now() + timedelta(minutes=9))
        world.settle()
        world.write(f"workspaces/{ann.uid}/tasks/{task_id}", {"status": "nonsense"})

        world.pass_time(timedelta(minutes=10))
        (timer,) = world.documents("timers")

        assert "failed" == timer["state"]
        assert "cannot be read" in timer["problem"]


class TestUnreadableMember:
    """It opens nothing."""

    def test_an_invented_role_is_no_role(self, world: World):
        """Nor is an expiry that is no instant."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        member = world.database.document(f"workspaces/{team}/members/{bob.uid}")

        answers = [bob.get(f"/workspaces/{team}").status_code]
        for change in (
            {"role": "Owner"},
            {"role": "member", "expireAt": "never"},
            {"expireAt": None},
        ):
            member.update(change)
            world.clock.advance(timedelta(seconds=UNSHARED_TTL_S))  # Nobody told the cache.
            answers.append(bob.get(f"/workspaces/{team}").status_code)

        assert [200, 404, 404, 200] == answers
