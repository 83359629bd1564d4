"""What the staff may do, and that nobody else learns that they exist."""

from datetime import timedelta

import pytest

from backend.admin.model import StaffRole
from tests.api.world import Caller, World

SECOND = timedelta(seconds=1)  # Two jobs of one timer at one instant would be one job.
REASON = {"reason": "Sends unwanted invitations."}


@pytest.fixture
def ada(world: World) -> Caller:
    """An admin, appointed from the command line."""
    ada = world.person("Ada")
    world.services.admin.appoint_first(ada.uid, StaffRole.ADMIN)
    world.settle()
    return ada


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


def auth_record(world: World, uid: str) -> dict:
    (found,) = world.at_auth("accounts:lookup", localId=[uid])["users"]
    return found


class TestWhoIsStaff:
    """Caller.STAFF"""

    def test_others_find_nothing_there(self, world: World, bob: Caller):
        """Also with a claim that says otherwise: only the document counts (T50)."""
        token = world.token(bob.uid, role="admin", admin=True)

        plain = bob.get(f"/admin/users/{bob.uid}")
        claimed = bob.get("/admin/audit", headers={"Authorization": f"Bearer {token}"})

        assert [404, 404] == [plain.status_code, claimed.status_code]
        assert "not-found" == claimed.json()["code"]

    def test_an_old_sign_in_is_not_enough(self, world: World, ada: Caller):
        """Security check 20: an admin's stolen phone is no admin."""
        an_hour_ago = world.clock.now() - timedelta(hours=1)
        token = world.token(ada.uid, auth_time=int(an_hour_ago.timestamp()))

        answer = ada.get("/admin/audit", headers={"Authorization": f"Bearer {token}"})

        assert (401, "reauthentication-required") == (answer.status_code, answer.json()["code"])

    def test_a_role_holds_at_the_next_request(self, ada: Caller, bob: Caller):
        """Given and taken, with the same token in hand all the while."""
        before = bob.get(f"/admin/users/{ada.uid}")
        ada.patch(f"/admin/users/{bob.uid}", {"role": "support"})
        during = bob.get(f"/admin/users/{ada.uid}")
        ada.patch(f"/admin/users/{bob.uid}", {"role": None})
        after = bob.get(f"/admin/users/{ada.uid}")

        assert [404, 200, 404] == [each.status_code for each in (before, during, after)]

    def test_support_sees_people_and_changes_nothing(self, world: World, ada: Caller, bob: Caller):
        """The smaller role."""
        eve = world.person("Eve")
        ada.patch(f"/admin/users/{bob.uid}", {"role": "support"})

        answers = [
            bob.get(f"/admin/users/{eve.uid}"),
            bob.patch(f"/admin/users/{eve.uid}", {"role": "admin"}),
            bob.post(f"/admin/users/{eve.uid}/disablement", REASON),
            bob.delete(f"/admin/users/{eve.uid}/disablement"),
            bob.get("/admin/audit"),
        ]

        assert [200, 403, 403, 403, 403] == [each.status_code for each in answers]
        assert "active" == world.document(f"users/{eve.uid}")["state"]

    def test_nobody_acts_on_themselves(self, world: World, ada: Caller):
        """So there is always an admin left."""
        answers = [
            ada.patch(f"/admin/users/{ada.uid}", {"role": None}),
            ada.post(f"/admin/users/{ada.uid}/disablement", REASON),
        ]

        assert [409, 409] == [each.status_code for each in answers]
        assert "admin" == world.document(f"staff/{ada.uid}")["role"]

    def test_unknown_people_and_roles(self, ada: Caller):
        """A clear problem, and nothing is written."""
        answers = [
            ada.get("/admin/users/nobody"),
            ada.patch("/admin/users/nobody", {"role": "admin"}),
            ada.patch(f"/admin/users/{ada.uid}", {"role": "superuser"}),
            ada.patch(f"/admin/users/{ada.uid}", {}),
            ada.post("/admin/users/nobody/disablement", REASON),
        ]

        assert [404, 404, 422, 422, 404] == [each.status_code for each in answers]


class TestClaim:
    """The custom claim repeats the document, for apps to show what they may."""

    def test_the_claim_follows_the_document(self, world: World, ada: Caller, bob: Caller):
        """Other claims stay."""
        world.at_auth("accounts:update", localId=bob.uid, customAttributes='{"plan":"pro"}')

        ada.patch(f"/admin/users/{bob.uid}", {"role": "support"})
        world.settle()
        given = auth_record(world, bob.uid)["customAttributes"]
        world.clock.advance(SECOND)
        ada.patch(f"/admin/users/{bob.uid}", {"role": None})
        world.settle()
        taken = auth_record(world, bob.uid)["customAttributes"]

        assert '{"plan": "pro", "role": "support"}' == given.replace('":"', '": "').replace(
            '","', '", "'
        )
        assert '{"plan": "pro"}' == taken.replace('":"', '": "')

    def test_telling_twice_and_late_is_the_same(self, world: World, ada: Caller, bob: Caller):
        """The timer says who, never what: whenever it fires, the document decides."""
        ada.patch(f"/admin/users/{bob.uid}", {"role": "support"})
        world.clock.advance(SECOND)
        ada.patch(f"/admin/users/{bob.uid}", {"role": None})

        world.settle(times=2)

        assert "{}" == auth_record(world, bob.uid).get("customAttributes", "{}")
        assert [] == world.documents("timers")


class TestDisabling:
    """/api/v1/admin/users/{uid}/disablement"""

    def test_a_disabled_person_is_out_everywhere(self, world: World, ada: Caller, bob: Caller):
        """403 `account-disabled`, within a minute also where nobody asks Firebase Auth at once."""
        disabled = ada.post(f"/admin/users/{bob.uid}/disablement", REASON)
        world.settle()
        world.clock.advance(timedelta(seconds=61))

        refused = bob.get("/users/me")

        assert (200, "disabled") == (disabled.status_code, disabled.json()["state"])
        assert (403, "account-disabled") == (refused.status_code, refused.json()["code"])
        assert auth_record(world, bob.uid)["disabled"] is True

    def test_an_enabled_person_signs_in_again(self, world: World, ada: Caller, bob: Caller):
        """With a new token: those of before stay revoked."""
        ada.post(f"/admin/users/{bob.uid}/disablement", REASON)
        world.settle()
        world.clock.advance(SECOND)
        ada.delete(f"/admin/users/{bob.uid}/disablement")
        world.settle()
        world.clock.advance(timedelta(seconds=61))

        assert 200 == bob.get("/users/me").status_code
        assert "active" == world.document(f"users/{bob.uid}")["state"]

    def test_disabling_twice_is_disabling_once(self, world: World, ada: Caller, bob: Caller):
        """One entry in the audit log, one revision."""
        answers = [ada.post(f"/admin/users/{bob.uid}/disablement", REASON) for _ in range(2)]
        entries = ada.get("/admin/audit", params={"action": "account.disabled"}).json()["items"]

        assert [200, 200] == [each.status_code for each in answers]
        assert 1 == len(entries)
        assert 2 == world.document(f"users/{bob.uid}")["rev"]


class TestAudit:
    """GET /api/v1/admin/audit"""

    def test_every_act_leaves_an_entry(self, world: World, ada: Caller, bob: Caller):
        """Newest first, with who, whom and why."""
        ada.post(f"/admin/users/{bob.uid}/disablement", REASON)
        world.clock.advance(SECOND)
        ada.delete(f"/admin/users/{bob.uid}/disablement")

        entries = ada.get("/admin/audit", params={"subject": bob.uid}).json()["items"]

        assert ["account.enabled", "account.disabled"] == [each["action"] for each in entries]
        assert {ada.uid} == {each["actorUid"] for each in entries}
        assert REASON == entries[1]["details"]

    def test_pages_go_on_and_filters_narrow(self, ada: Caller, bob: Caller):
        """As every list of the API."""
        for role in ("support", None, "support"):
            ada.patch(f"/admin/users/{bob.uid}", {"role": role})

        first = ada.get("/admin/audit", params={"actor": ada.uid, "pageSize": 2}).json()
        rest = ada.get(
            "/admin/audit",
            params={"actor": ada.uid, "pageSize": 2, "pageToken": first["nextPageToken"]},
        ).json()
        operator = ada.get("/admin/audit", params={"actor": "operator"}).json()

        assert [2, 1] == [len(first["items"]), len(rest["items"])]
        assert [{"role": "admin"}] == [each["details"] for each in operator["items"]]
