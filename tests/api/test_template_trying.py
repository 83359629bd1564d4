"""Test sendings of templates: to whoever asks, and to nobody else."""

import pytest

from backend.adapters.mail import MailResult, Outcome
from backend.admin.model import StaffRole
from backend.mailing.suppression import Suppressions
from tests.api.world import Caller, World

VERSIONS = "/admin/templates/assigned/versions"
ADDRESS = "ada@example.com"
DRAFT = {
    "title": "{{ actor }} has work for you",
    "body": "{{ task }}",
    "subject": "Work: {{ task }}",
    "text": "{{ actor }}: {{ task }}",
}


@pytest.fixture
def ada(world: World) -> Caller:
    """An admin whose address is proved."""
    ada = world.person("Ada", ADDRESS)
    ada.get("/users/me")
    world.at_auth("accounts:update", localId=ada.uid, email=ADDRESS, emailVerified=True)
    world.after_a_change_at_auth()
    # A new address ends sign-ins, of the emulator's time and not of the world's.
    world.at_auth("accounts:update", localId=ada.uid, validSince="1")
    world.services.admin.appoint_first(ada.uid, StaffRole.ADMIN)
    return ada


@pytest.fixture
def bob(world: World) -> Caller:
    bob = world.person("Bob")
    bob.get("/users/me")
    return bob


class TestTestSend:
    """`POST …/versions/{n}:testSend`"""

    def test_it_reaches_the_caller_alone(self, world: World, ada: Caller, bob: Caller):
        """On their device and by mail, at once; nothing is filed."""
        ada.has_phone()
        bob.has_phone()
        ada.post(VERSIONS, {"texts": {"en": DRAFT}})

        answer = ada.post(f"{VERSIONS}/1:testSend", {})

        assert {
            "devices": [{"id": "phone", "outcome": "sent", "errorCode": ""}],
            "mail": "sent",
        } == answer.json()
        (shown,) = world.fcm.tray(f"token-of-{ada.uid}")
        assert "Ann Berger has work for you" == shown.title
        assert ["Work: Book the venue"] == [
            each.headers["Subject"] for each in world.mails(ADDRESS)
        ]
        assert [] == world.fcm.messages(f"token-of-{bob.uid}")
        assert [] == world.inbox(ada)

    def test_what_went_wrong_is_said(self, world: World, ada: Caller):
        """A token that FCM no longer knows stops getting pushes; the mail goes out all the same."""
        world.fcm.script(ada.has_phone(), ["UNREGISTERED"])

        answer = ada.post(f"{VERSIONS}/0:testSend", {}).json()

        assert ("deviceGone", "sent") == (answer["devices"][0]["outcome"], answer["mail"])
        assert world.document(f"users/{ada.uid}/devices/phone")["disabledAt"] is not None

    def test_nobody_writes_to_an_address_that_is_not_proved(self, world: World):
        """There may be somebody else behind it."""
        eve = world.person("Eve")
        eve.get("/users/me")
        world.services.admin.appoint_first(eve.uid, StaffRole.ADMIN)

        answer = eve.post(f"{VERSIONS}/0:testSend", {}).json()

        assert {"devices": [], "mail": "noAddress"} == answer

    def test_a_suppressed_address_is_left_alone(self, world: World, ada: Caller):
        """Staff are people too: what bounced before bounces again."""
        suppressions = Suppressions(
            world.services.ports.store, world.clock, world.services.settings.signing_secret
        )
        result = MailResult(Outcome.REFUSED, "550 5.1.1")
        (put,) = suppressions.after(ADDRESS, result)
        world.write(put.path, put.fields)

        assert "suppressed" == ada.post(f"{VERSIONS}/0:testSend", {}).json()["mail"]
