"""What operators do at a command line."""

from tests.api.command_line import run
from tests.api.world import World


class TestAppoint:
    """`python -m backend.cli appoint`"""

    def test_the_first_admin_comes_from_here(self, world: World):
        """Nobody is there yet who could appoint them through the API."""
        ada = world.person("Ada")

        done = run(world, "appoint", ada.uid, "admin")

        assert (0, "") == (done.returncode, done.stderr)
        assert 200 == ada.get("/admin/audit").status_code

    def test_mistakes_are_told(self, world: World):
        """Somebody who never called, and a role that there is not."""
        unknown = run(world, "appoint", "nobody", "admin")
        superuser = run(world, "appoint", "nobody", "superuser")

        assert (1, 2) == (unknown.returncode, superuser.returncode)
        assert "call the API once before" in unknown.stderr
        assert "invalid choice" in superuser.stderr
        assert [] == world.documents("staff")
