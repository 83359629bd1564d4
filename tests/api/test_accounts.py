"""Accounts and devices."""

from concurrent.futures import ThreadPoolExecutor

from tests.api.world import Caller, World


class TestFirstCall:
    """GET /api/v1/users/me"""

    def test_twenty_first_calls_open_one_account(self, world: World, crowd: ThreadPoolExecutor):
        """Whoever wins creates all three documents; the others find them."""
        ann = Caller(world, "ann", "Ann")

        answers = list(crowd.map(lambda _: ann.get("/users/me"), range(20)))

        assert {200} == {answer.status_code for answer in answers}
        assert len({answer.json()["createdAt"] for answer in answers}) == 1
        assert world.document("users/ann")["displayName"] == "Ann"
        assert world.document("workspaces/ann")["type"] == "personal"
        assert world.document("workspaces/ann/members/ann")["role"] == "owner"

    def test_any_first_call_opens_the_account(self, world: World):
        """An app need not ask for the profile first."""
        ann = Caller(world, "ann", "Ann")

        answer = ann.post("/workspaces/me/tasks", {"title": "Buy milk"})

        assert answer.status_code == 201
        assert world.document("users/ann")["rev"] == 1


class TestDevices:
    """/api/v1/users/me/devices"""

    def test_a_device_is_registered_listed_and_forgotten(self, world: World):
        """The token never comes back out."""
        ann = world.person("Ann")

        ann.has_phone("secret-token")
        listed = ann.get("/users/me/devices")
        forgotten = [ann.delete("/users/me/devices/phone") for _ in range(2)]

        assert [device["id"] for device in listed.json()["items"]] == ["phone"]
        assert "secret-token" not in listed.text
        assert [answer.status_code for answer in forgotten] == [204, 404]
        assert ann.get("/users/me/devices").json()["items"] == []

    def test_a_device_id_is_checked_before_it_joins_a_path(self, world: World):
        """`document("a/b/c")` would write in another collection."""
        ann = world.person("Ann")

        answers = [
            ann.put(f"/users/me/devices/{hostile}", {"token": "t", "platform": "ios"})
            for hostile in ("a%2Fb%2Fc", "..", "a.b", "x" * 129, "%00")
        ]

        assert {404} == {answer.status_code for answer in answers}
        assert world.documents(f"users/{ann.uid}/devices") == []
