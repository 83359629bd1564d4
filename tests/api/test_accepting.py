"""Accepting an invitation: once, and only by whom it was sent to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from backend.workspaces.invite import OPEN_FOR
from tests.api.test_invites import BOBS, accept, invite, stored, token_of, verdict
from tests.api.world import World


class TestAccept:
    """POST /api/v1/invites:accept"""

    def test_whoever_was_invited_becomes_a_member(self, world: World):
        """As what, and for how long, the invitation says. It is used then."""
        ann, bob = world.person("Ann"), world.person("Bob", "Bob@Example.com")
        team = world.team(ann)
        ends = world.clock.now().replace(microsecond=0) + timedelta(days=30)
        found = invite(world, ann, team, role="commenter", membershipEndsAt=f"{ends:%FT%TZ}")

        answer = accept(bob, token_of(world, team, found["id"]))

        assert {
            "workspaceId": team,
            "role": "commenter",
            "expireAt": f"{ends:%FT%T}.000Z",
        } == answer.json()
        member = world.document(f"workspaces/{team}/members/{bob.uid}")
        assert ("commenter", ends, "Bob") == (
            member["role"],
            member["expireAt"],
            member["displayName"],
        )
        assert ("accepted", bob.uid) == (
            stored(world, team)["state"],
            stored(world, team)["acceptedBy"],
        )
        world.pass_time(timedelta(days=30, minutes=1))
        assert None is world.document(f"workspaces/{team}/members/{bob.uid}")

    def test_only_the_address_it_was_sent_to(self, world: World):
        """Another's looks like none at all, whatever has become of it."""
        ann = world.person("Ann", "ann@example.com")
        bob, eve = world.person("Bob", BOBS), world.person("Eve", "eve@example.com")
        noname = world.person("Noname")
        team = world.team(ann)
        token = token_of(world, team, invite(world, ann, team)["id"])

        before = [accept(eve, token), accept(ann, token)]
        accept(bob, token)
        after = accept(eve, token)

        assert {(404, "not-found")} == {verdict(answer) for answer in (*before, after)}
        assert (403, "email-not-verified") == verdict(accept(noname, token))
        assert BOBS not in "".join(answer.text for answer in (*before, after))

    def test_an_address_must_have_been_proved(self, world: World):
        """Anybody can sign up with somebody else's address."""
        ann = world.person("Ann")
        eve = world.person("Eve")
        team = world.team(ann)
        token = token_of(world, team, invite(world, ann, team)["id"])
        claims = world.token(eve.uid, email=BOBS, email_verified=False)

        answer = requests.post(
            f"{world.url}/api/v1/invites:accept",
            json={"token": token},
            headers={"Authorization": f"Bearer {claims}"},
            timeout=60,
        )

        assert (403, "email-not-verified") == verdict(answer)

    def test_a_guest_accepts_nothing(self, world: World):
        """Nor do they invite: they have no address, and are gone tomorrow."""
        ann, gus = world.person("Ann"), world.person("Gus")
        team = world.team(ann)
        world.join(team, gus, "admin")
        token = token_of(world, team, invite(world, ann, team)["id"])
        anonymous = world.token(
            gus.uid,
            email=BOBS,
            email_verified=True,
            firebase={"sign_in_provider": "anonymous"},
        )

        answers = [
            requests.post(
                f"{world.url}/api/v1{path}",
                json=body,
                headers={"Authorization": f"Bearer {anonymous}"},
                timeout=60,
            )
            for path, body in (
                ("/invites:accept", {"token": token}),
                (f"/workspaces/{team}/invites", {"email": BOBS, "role": "viewer"}),
            )
        ]

        assert [(403, "permission-denied")] * 2 == [verdict(answer) for answer in answers]

    def test_it_is_accepted_once(self, world: World):
        """Again by the same person changes nothing; after they were removed it opens nothing."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        token = token_of(world, team, invite(world, ann, team)["id"])

        first, second = accept(bob, token), accept(bob, token)
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        third = accept(bob, token)

        assert (200, first.json()) == (second.status_code, second.json())
        assert (409, "invalid-transition") == verdict(third)
        assert None is world.document(f"workspaces/{team}/members/{bob.uid}")

    def test_a_member_stays_what_they_are(self, world: World):
        """No invitation raises or lowers a role; it is used all the same."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        world.join(team, bob, "viewer")
        token = token_of(world, team, invite(world, ann, team, role="admin")["id"])

        answer = accept(bob, token)

        assert (200, "viewer") == (answer.status_code, answer.json()["role"])
        assert "accepted" == stored(world, team)["state"]

    def test_whose_time_was_over_comes_back(self, world: World):
        """Their old membership is replaced."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        world.join(team, bob, "viewer", expire_at=world.clock.now() - timedelta(days=1))
        token = token_of(world, team, invite(world, ann, team)["id"])

        answer = accept(bob, token)

        assert ("member", None) == (answer.json()["role"], answer.json()["expireAt"])
        assert 200 == bob.get(f"/workspaces/{team}").status_code

    @pytest.mark.parametrize("by", [OPEN_FOR, timedelta(days=2)], ids=["invitation", "membership"])
    def test_what_is_over_opens_nothing(self, world: World, by: timedelta):
        """The invitation's seven days, or the membership's own end."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        ends = world.clock.now().replace(microsecond=0) + timedelta(days=2)
        more = {} if by == OPEN_FOR else {"membershipEndsAt": f"{ends:%FT%TZ}"}
        token = token_of(world, team, invite(world, ann, team, **more)["id"])
        world.clock.advance(by)

        assert (409, "invalid-transition") == verdict(accept(bob, token))
        assert None is world.document(f"workspaces/{team}/members/{bob.uid}")

    @pytest.mark.parametrize(
        "forged",
        ["x", "a.b.c.d", "{}.{}.1.{}", "../../users", "a" * 256, "{w}.{i}.2.{m}", "{w}.{j}.1.{m}"],
    )
    def test_a_forged_token_is_none(self, world: World, forged: str):
        """Nor one with another's signature."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        invite_id = invite(world, ann, team)["id"]
        mac = token_of(world, team, invite_id).rpartition(".")[2]
        if "{w}" in forged:
            forged = forged.format(w=team, i=invite_id, j="0" * 40, m=mac)

        assert (404, "not-found") == verdict(accept(bob, forged))

    @pytest.mark.parametrize("token", ["", " ", "a" * 257, None, 5, "\u200b"], ids=repr)
    def test_what_is_no_text_is_refused(self, world: World, token: Any):
        """By its form."""
        bob = world.person("Bob", BOBS)

        assert 422 == bob.post("/invites:accept", {"token": token}).status_code

    def test_many_at_once_make_one_member(self, world: World, crowd: ThreadPoolExecutor):
        """Each is answered the same."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        token = token_of(world, team, invite(world, ann, team)["id"])

        answers = list(crowd.map(lambda _: accept(bob, token), range(8)))

        assert {200} == {answer.status_code for answer in answers}
        assert 1 == len({answer.text for answer in answers})
        assert 2 == len(world.documents(f"workspaces/{team}/members"))

    def test_accepted_and_revoked_at_once_is_one_of_both(
        self, world: World, crowd: ThreadPoolExecutor
    ):
        """Whoever was first has the last word."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        found = invite(world, ann, team)
        token = token_of(world, team, found["id"])

        accepted = crowd.submit(accept, bob, token)
        revoked = crowd.submit(ann.delete, f"/workspaces/{team}/invites/{found['id']}")

        statuses = accepted.result().status_code, revoked.result().status_code
        assert statuses in [(200, 409), (409, 204)]
        member = world.document(f"workspaces/{team}/members/{bob.uid}")
        assert (statuses[0] == 200) == (member is not None)

    def test_whoever_invited_may_be_gone(self, world: World):
        """The invitation is the workspace's, and any owner or admin can revoke it."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        cid = world.person("Cid")
        team = world.team(ann)
        world.join(team, cid, "admin")
        token = token_of(world, team, invite(world, cid, team)["id"])
        ann.delete(f"/workspaces/{team}/members/{cid.uid}")

        assert 200 == accept(bob, token).status_code

    def test_a_deleted_workspace_takes_nobody(self, world: World):
        """Until it is restored."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        token = token_of(world, team, invite(world, ann, team)["id"])
        ann.delete(f"/workspaces/{team}")

        refused = accept(bob, token)
        ann.post(f"/workspaces/{team}:restore")

        assert (409, 200) == (refused.status_code, accept(bob, token).status_code)
