"""Invitations: made, listed, sent again and revoked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from backend.kit.documents import Put
from backend.workspaces.invite import MAX_PENDING, OPEN_FOR
from backend.workspaces.invite_tokens import InviteRef, InviteTokens
from tests.api.world import Caller, World

BOBS = "bob@example.com"


def invite(world: World, by: Caller, team: str, email: str = BOBS, **more: Any) -> dict[str, Any]:
    """Invite an address; return the invitation."""
    answer = by.post(f"/workspaces/{team}/invites", {"email": email, "role": "member", **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def token_of(world: World, team: str, invite_id: str, generation: int = 1) -> str:
    """What stands in the link that was sent."""
    tokens = InviteTokens(world.services.settings.signing_secret)
    return tokens.token(InviteRef(team, invite_id, generation))


def accept(person: Caller, token: str) -> requests.Response:
    return person.post("/invites:accept", {"token": token})


def verdict(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def stored(world: World, team: str) -> dict[str, Any]:
    (only,) = world.documents(f"workspaces/{team}/invites")
    return only


class TestInvite:
    """POST /api/v1/workspaces/{w}/invites"""

    def test_an_address_is_invited(self, world: World):
        """Only the hash of the token is stored, and nothing of it is answered."""
        ann = world.person("Ann")
        team = world.team(ann)

        found = invite(world, ann, team, "Bob@Example.COM", role="commenter")

        assert ("bob@example.com", "commenter") == (found["email"], found["role"])
        assert set(found) == {
            "id",
            "email",
            "role",
            "membershipEndsAt",
            "invitedBy",
            "createdAt",
            "expireAt",
        }
        document = stored(world, team)
        assert ("pending", 1, world.clock.now() + OPEN_FOR) == (
            document["state"],
            document["generation"],
            document["expireAt"],
        )
        token = token_of(world, team, found["id"])
        assert token not in str(document)
        assert token not in str(world.documents("timers"))
        assert BOBS not in str(world.documents("timers"))

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"role": "owner"}, "/role"),
            ({"role": "superuser"}, "/role"),
            ({"role": None}, "/role"),
            ({"email": "nobody"}, "/email"),
            ({"email": ""}, "/email"),
            ({"email": "a@b@example.com"}, "/email"),
            ({"email": "bob@example.com\r\nBcc: eve@example.com"}, "/email"),
            ({"email": "x" * 250 + "@example.com"}, "/email"),
            ({"membershipEndsAt": "2020-01-01T00:00:00Z"}, "/membershipEndsAt"),
            ({"tokenHash": "x"}, "/tokenHash"),
            ({"expireAt": "2099-01-01T00:00:00Z"}, "/expireAt"),
        ],
        ids=str,
    )
    def test_a_bad_invitation_is_refused(self, world: World, body: dict, pointer: str):
        """Nobody is invited as owner, to what is over, or through a mail header."""
        ann = world.person("Ann")
        team = world.team(ann)

        answer = ann.post(f"/workspaces/{team}/invites", {"email": BOBS, "role": "member", **body})

        assert (422, [pointer]) == (
            answer.status_code,
            [fault["pointer"] for fault in answer.json()["errors"]],
        )
        assert [] == world.documents(f"workspaces/{team}/invites")

    def test_inviting_again_replaces_the_invitation(self, world: World):
        """One for each address, whatever its case; the old link is dead."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)

        first = invite(world, ann, team)
        second = invite(world, ann, team, "BOB@example.com", role="viewer")

        assert first["id"] == second["id"]
        assert (2, "viewer") == (stored(world, team)["generation"], stored(world, team)["role"])
        assert (409, "invalid-transition") == verdict(
            accept(bob, token_of(world, team, first["id"]))
        )
        assert 200 == accept(bob, token_of(world, team, first["id"], 2)).status_code

    def test_nothing_tells_whether_somebody_is_a_member(self, world: World):
        """Inviting the address of a member looks like any other."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann, bob)

        member, stranger = invite(world, ann, team), invite(world, ann, team, "eve@example.com")
        accepted = accept(bob, token_of(world, team, member["id"]))

        assert set(member) == set(stranger)
        assert "member" == accepted.json()["role"]

    def test_a_hundred_are_open_at_the_most(self, world: World):
        """Until some expire; replacing one is no new one."""
        ann = world.person("Ann")
        team = world.team(ann)
        invite(world, ann, team)
        document = stored(world, team)
        path = f"workspaces/{team}/invites"
        world.services.ports.store.attempt(
            [
                Put(f"{path}/{n}", {**document, "emailLower": f"{n}@x"})
                for n in range(MAX_PENDING - 1)
            ]
        )

        refused = ann.post(f"/workspaces/{team}/invites", {"email": "new@x.org", "role": "viewer"})
        replaced = ann.post(f"/workspaces/{team}/invites", {"email": BOBS, "role": "viewer"})
        world.clock.advance(OPEN_FOR)
        later = ann.post(f"/workspaces/{team}/invites", {"email": "new@x.org", "role": "viewer"})

        assert (422, "limit-exceeded") == verdict(refused)
        assert [201, 201] == [replaced.status_code, later.status_code]

    def test_two_at_once_leave_one(self, world: World, crowd: ThreadPoolExecutor):
        """Whichever was last, its link is the one that holds."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)

        found = list(crowd.map(lambda _: invite(world, ann, team)["id"], range(6)))

        assert 1 == len(set(found))
        generation = stored(world, team)["generation"]
        assert 200 == accept(bob, token_of(world, team, found[0], generation)).status_code


class TestList:
    """GET /api/v1/workspaces/{w}/invites"""

    def test_those_nobody_has_accepted_are_listed(self, world: World):
        """In pages, those that expire first first; neither accepted nor revoked ones."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        ids = []
        for name in ("bob", "cid", "dan", "eve"):
            ids.append(invite(world, ann, team, f"{name}@example.com")["id"])
            world.clock.advance(timedelta(minutes=1))
        accept(bob, token_of(world, team, ids[0]))
        ann.delete(f"/workspaces/{team}/invites/{ids[1]}")
        path = f"/workspaces/{team}/invites"

        first = ann.get(path, params={"pageSize": 1}).json()
        rest = ann.get(path, params={"pageToken": first["nextPageToken"]}).json()

        assert ids[2:] == [each["id"] for page in (first, rest) for each in page["items"]]
        assert None is rest["nextPageToken"]


class TestResendAndRevoke:
    """POST …/invites/{i}:resend and DELETE …/invites/{i}"""

    def test_sent_again_it_has_a_new_link_and_new_time(self, world: World):
        """Also where it had expired. The old link is dead."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        found = invite(world, ann, team)
        world.clock.advance(OPEN_FOR)
        expired = accept(bob, token_of(world, team, found["id"]))

        answer = ann.post(f"/workspaces/{team}/invites/{found['id']}:resend")

        assert (409, 200) == (expired.status_code, answer.status_code)
        assert f"{world.clock.now() + OPEN_FOR:%FT%T}" == answer.json()["expireAt"][:19]
        assert 409 == accept(bob, token_of(world, team, found["id"])).status_code
        assert 200 == accept(bob, token_of(world, team, found["id"], 2)).status_code

    def test_a_revoked_one_is_dead(self, world: World):
        """Revoking again changes nothing; it is not sent again, but the address can be invited."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        found = invite(world, ann, team)
        path = f"/workspaces/{team}/invites/{found['id']}"

        answers = [ann.delete(path), ann.delete(path), ann.post(f"{path}:resend")]
        refused = accept(bob, token_of(world, team, found["id"]))
        invite(world, ann, team)
        accepted = accept(bob, token_of(world, team, found["id"], 2))

        assert [204, 204, 409] == [answer.status_code for answer in answers]
        assert (409, "invalid-transition") == verdict(refused)
        assert 200 == accepted.status_code

    def test_an_accepted_one_stays_accepted(self, world: World):
        """It is a membership by now."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        found = invite(world, ann, team)
        accept(bob, token_of(world, team, found["id"]))
        path = f"/workspaces/{team}/invites/{found['id']}"

        assert [409, 409] == [
            each.status_code for each in (ann.delete(path), ann.post(f"{path}:resend"))
        ]

    def test_another_workspace_has_it_not(self, world: World):
        """404, as for one that never was."""
        ann = world.person("Ann")
        team, other = world.team(ann), world.team(ann)
        found = invite(world, ann, team)

        answers = [
            ann.call(method, f"/workspaces/{other}/invites/{invite_id}{verb}")
            for invite_id in (found["id"], "nothing")
            for method, verb in (("DELETE", ""), ("POST", ":resend"))
        ]

        assert [404] * 4 == [answer.status_code for answer in answers]
        assert "pending" == stored(world, team)["state"]
