"""The suppression list: what it stops, what servers add to it, and what staff do with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from backend.admin.model import StaffRole
from tests.api.firebase_person import FirebasePerson
from tests.api.mail_reports import a_notice, hand_in, returned, send, suppressions
from tests.api.world import Caller, World, cost_of

ANN = "ann@example.com"
LIST, FIND = "/admin/suppressions", "/admin/suppressions:find"


@pytest.fixture
def ada(world: World) -> Caller:
    """An admin of the staff."""
    ada = world.person("Ada")
    world.services.admin.appoint_first(ada.uid, StaffRole.ADMIN)
    world.settle()
    return ada


def suppress(world: World, outcome: str, address: str = ANN) -> str:
    """Have an address put on the list by a mail that comes back; the entry's id."""
    assert world.mail is not None
    world.mail.script(address, [outcome])
    before = len(returned(world))
    send(world, address, a_notice(world, Caller(world, "somebody", "Somebody")))
    assert hand_in(world, returned(world)[before]).status_code == 204
    return suppressions(world).id_of(address)


def ask_for_password(world: World, email: str = ANN) -> None:
    """Have a link to a new password sent."""
    url = f"{world.url}/api/v1/auth/passwordReset"
    assert requests.post(url, json={"email": email}, timeout=60).status_code == 202
    world.settle()


def invite(world: World, email: str = ANN) -> None:
    """Have an invitation sent."""
    owner = world.person("Olga", email="olga@example.com")
    team = world.team(owner)
    wanted = {"email": email, "role": "member"}
    assert owner.post(f"/workspaces/{team}/invites", wanted).status_code == 201
    world.settle()


def subjects(world: World) -> list[str]:
    """What Ann got, but for the mail that began it."""
    return [mail.subject for mail in world.mails(ANN) if mail.subject != "Hi"]


class TestLetters:
    """Which letters still go out."""

    @pytest.mark.parametrize("letter", [ask_for_password, invite])
    def test_to_nobody_nothing_is_sent(self, world: World, letter: Callable[[World], None]):
        """After a hard bounce no server is bothered; the timer says why."""
        FirebasePerson(world, ANN, "correct horse")
        suppress(world, "BOUNCE_HARD")

        letter(world)

        assert [] == subjects(world)
        (timer,) = (each for each in world.documents("timers") if each["kind"] == "mail")
        assert ["failed", "It was refused for good: suppressed hardBounce"] == [
            timer["state"],
            timer["problem"],
        ]

    @pytest.mark.parametrize("outcome", ["COMPLAIN", "BOUNCE_SOFT"])
    def test_a_password_reaches_who_complained(self, world: World, outcome: str):
        """An account must not be lost over a digest."""
        FirebasePerson(world, ANN, "correct horse")
        suppress(world, outcome)

        ask_for_password(world)

        assert 1 == len(subjects(world))

    @pytest.mark.parametrize("outcome", ["COMPLAIN", "BOUNCE_SOFT"])
    def test_an_invitation_does_not(self, world: World, outcome: str):
        """It is what somebody else wants of them."""
        suppress(world, outcome)

        invite(world)

        assert [] == subjects(world)

    def test_after_its_rest_a_soft_bounce_is_over(self, world: World):
        """The next day all is as before."""
        suppress(world, "BOUNCE_SOFT")
        world.clock.advance(timedelta(days=1))

        invite(world)

        assert 1 == len(subjects(world))

    def test_a_server_that_knows_nobody_adds_to_the_list(self, world: World):
        """Refused in the conversation itself: no report comes, and none is needed."""
        FirebasePerson(world, ANN, "correct horse")
        assert world.mail is not None
        world.mail.script(ANN, ["REFUSE_550"])

        ask_for_password(world)

        (entry,) = world.documents("suppressions")
        assert ["hardBounce", "550 5.1.1", None] == [
            entry[name] for name in ("reason", "code", "until")
        ]
        assert suppressions(world).is_suppressed(ANN)


class TestStaff:
    """`/admin/suppressions`"""

    def test_an_address_is_found_and_lifted(self, world: World, ada: Caller):
        """Whatever its case; mail goes there again then, and the audit log says who did it."""
        entry_id = suppress(world, "BOUNCE_HARD")

        found = ada.post(FIND, {"email": ANN.upper()})
        lifted = ada.delete(f"{LIST}/{entry_id}")

        assert (200, entry_id, "hardBounce") == (
            found.status_code,
            found.json()["id"],
            found.json()["reason"],
        )
        assert (204, (3, 2, 2)) == (lifted.status_code, cost_of(lifted))
        assert 404 == ada.post(FIND, {"email": ANN}).status_code
        assert not suppressions(world).is_suppressed(ANN)
        (told,) = ada.get("/admin/audit?action=suppression.lifted").json()["items"]
        assert {"suppression": entry_id, "reason": "hardBounce"} == told["details"]

    def test_it_comes_back_if_it_is_still_dead(self, world: World, ada: Caller):
        """Lifting is a guess, and the next mail shows whether it was right."""
        entry_id = suppress(world, "BOUNCE_HARD")
        ada.delete(f"{LIST}/{entry_id}")

        suppress(world, "BOUNCE_HARD")

        assert 200 == ada.get(f"{LIST}/{entry_id}").status_code

    def test_the_list_is_latest_first_and_by_reason(self, world: World, ada: Caller):
        """Without addresses: there are none in it."""
        wanted = [
            ("BOUNCE_HARD", ANN),
            ("COMPLAIN", "bob@example.com"),
            ("BOUNCE_HARD", "c@d.example"),
        ]
        ids = []
        for outcome, address in wanted:
            ids.append(suppress(world, outcome, address))
            world.clock.advance(timedelta(seconds=1))

        def listed(query: str) -> list[str]:
            return [each["id"] for each in ada.get(f"{LIST}{query}").json()["items"]]

        assert ids[::-1] == listed("")
        assert [ids[2], ids[0]] == listed("?reason=hardBounce")
        page = ada.get(f"{LIST}?pageSize=2").json()
        assert ids[:1] == listed(f"?pageSize=2&pageToken={page['nextPageToken']}")
        assert "@" not in ada.get(LIST).text

    def test_somebody_asks_to_be_left_alone(self, world: World, ada: Caller):
        """With an account or without; told twice it is one entry, and one line in the log."""
        answers = [ada.post(LIST, {"email": ANN}) for _ in range(2)]
        invite(world)

        assert [200, 200] == [each.status_code for each in answers]
        assert answers[0].json() == answers[1].json()
        assert "request" == answers[0].json()["reason"]
        assert [] == subjects(world)
        assert 1 == len(ada.get("/admin/audit?action=suppression.added").json()["items"])

    def test_a_stronger_reason_stays(self, world: World, ada: Caller):
        """An address that is dead is dead, also if somebody asks not to be written to."""
        suppress(world, "BOUNCE_HARD")

        assert "hardBounce" == ada.post(LIST, {"email": ANN}).json()["reason"]

    @pytest.mark.parametrize("path", [LIST, FIND])
    @pytest.mark.parametrize(
        "email", ["", "ann", "a@b", "a@b.example\r\nBcc: c@d.example"], ids=repr
    )
    def test_what_is_no_address_is_refused(self, ada: Caller, path: str, email: str):
        """422, with a pointer to it."""
        answer = ada.post(path, {"email": email})

        assert (422, "/email") == (answer.status_code, answer.json()["errors"][0]["pointer"])

    def test_support_may_not(self, world: World, ada: Caller):
        """Admins alone: 403 for other staff."""
        bob = world.person("Bob")
        ada.patch(f"/admin/users/{bob.uid}", {"role": "support"})

        calls: list[requests.Response] = [
            bob.get(LIST),
            bob.post(FIND, {"email": ANN}),
            bob.post(LIST, {"email": ANN}),
            bob.get(f"{LIST}/x"),
            bob.delete(f"{LIST}/x"),
        ]

        assert [403] * 5 == [each.status_code for each in calls]

    def test_what_is_not_there(self, ada: Caller):
        """404 for ids that are none, or nobody's."""
        paths: list[Any] = [f"{LIST}/nobody", f"{LIST}/{'0' * 32}"]

        assert [404] * 4 == [
            call(path).status_code for call in (ada.get, ada.delete) for path in paths
        ]
