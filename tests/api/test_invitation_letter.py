"""The mail that invites somebody: through the real mail catcher, and only while it is wanted."""

import re
from datetime import timedelta

from backend.workspaces.invite import OPEN_FOR
from local.cloudtasks import Fault, FaultKind
from tests.api.test_invites import BOBS, accept, invite, token_of
from tests.api.world import World

LINK = re.compile(r"https://app\.taskflow\.example/invites/accept#([A-Za-z0-9_.-]+)")


class TestLetter:
    """From the invitation to the inbox, and back."""

    def test_the_link_in_the_mail_lets_them_in(self, world: World):
        """Who invites, to what, and as what, are in it."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)

        invite(world, ann, team, role="commenter")
        world.settle()

        (mail,) = world.mails(BOBS)
        assert {"Ann", "Launch"} <= set(re.findall(r"\w+", mail.text or ""))
        assert "comment" in (mail.text or "")
        (token,) = set(LINK.findall(mail.text or ""))
        answer = accept(bob, token)
        assert (200, "commenter") == (answer.status_code, answer.json()["role"])

    def test_it_speaks_the_language_of_whoever_invites(self, world: World):
        """Nothing is known of the other."""
        ann = world.person("Ann")
        world.database.document(f"users/{ann.uid}").update({"locale": "de"})
        team = world.team(ann)

        invite(world, ann, team)
        world.settle()

        (mail,) = world.mails(BOBS)
        assert "de" == mail.header("Content-Language")

    def test_sent_again_it_is_another_mail(self, world: World):
        """With another link, the only one that works."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        found = invite(world, ann, team)
        world.settle()

        ann.post(f"/workspaces/{team}/invites/{found['id']}:resend")
        world.settle()

        old, new = (LINK.findall(mail.text or "")[0] for mail in world.mails(BOBS))
        assert [409, 200] == [accept(bob, token).status_code for token in (old, new)]

    def test_what_was_revoked_or_replaced_before_is_not_sent(self, world: World):
        """The job reads the invitation as it is when it is sent."""
        ann = world.person("Ann")
        team = world.team(ann)
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=3))
        found = invite(world, ann, team)
        invite(world, ann, team, role="viewer")
        revoked = invite(world, ann, team, "cid@example.com")
        ann.delete(f"/workspaces/{team}/invites/{revoked['id']}")

        world.settle()
        world.pass_time(timedelta(minutes=3))
        world.pass_time(timedelta(minutes=3))

        (mail,) = world.mails(BOBS)
        assert token_of(world, team, found["id"], 2) in (mail.text or "")
        assert [] == world.mails("cid@example.com")
        assert [] == world.documents("timers")

    def test_what_has_expired_is_not_sent(self, world: World):
        """After an outage of the mail server, for instance."""
        ann = world.person("Ann")
        team = world.team(ann)
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1))
        invite(world, ann, team)

        world.pass_time(OPEN_FOR)
        world.pass_time(timedelta(minutes=3))

        assert [] == world.mails(BOBS)
        assert [] == world.documents("timers")

    def test_no_address_and_no_token_is_logged(self, world: World, capfd):
        """From the invitation to its acceptance."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        team = world.team(ann)
        token = token_of(world, team, invite(world, ann, team)["id"])
        world.settle()
        accept(bob, token)
        accept(bob, token)

        logged = "".join(capfd.readouterr())

        assert "invite.accepted" in logged
        assert [] == [word for word in (BOBS, token, token[-43:]) if word in logged]
