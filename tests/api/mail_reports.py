"""Mails of ours that come back, for tests of bounces and complaints."""

import requests

from backend.adapters.mail import OutgoingMail
from backend.adapters.smtp import SmtpMail
from backend.kit.ids import random_id
from backend.mailing.posting import Post
from backend.mailing.references import MailReferences, NoticeRef
from backend.mailing.suppression import Suppressions
from backend.notifications.documents import decision_fields, decision_path
from backend.notifications.model import Channel, Decision, Verdict
from local.cloudtasks.identity import shared_key
from tests.api.world import Caller, World
from tests.tokens import oidc_claims, signed

BOUNCES = "bounces@taskflow.example"


def hand_in(world: World, raw: bytes, **headers: str) -> requests.Response:
    """Hand a mail in, as the gateway does that gets mail for the address of bounces."""
    settings = world.services.settings
    claims = oidc_claims(settings.worker_service_account, settings.worker_url, at=world.clock.now())
    return requests.post(
        f"{world.url}/internal/mail/reports",
        data=raw,
        timeout=60,
        headers={
            "Authorization": f"Bearer {signed(claims, shared_key())}",
            "Content-Type": "message/rfc822",
            **headers,
        },
    )


def suppressions(world: World) -> Suppressions:
    """The list, as the service asks it."""
    return Suppressions(
        world.services.ports.store, world.clock, world.services.settings.signing_secret
    )


def post(world: World, *, bounces: str = BOUNCES) -> Post:
    """What sends the service's mails, with an address for bounces or without."""
    settings = world.services.settings
    references = MailReferences(
        settings.signing_secret, bounces=bounces, id_of=suppressions(world).id_of
    )
    return Post(
        SmtpMail(settings, world.clock), world.clock, references, world.services.ports.metrics
    )


def a_notice(world: World, person: Caller, verdict: Verdict = Verdict.SENT) -> NoticeRef:
    """A notification with its decision about e-mail, as sending leaves it."""
    ref = NoticeRef(person.uid, random_id())
    decision = Decision(verdict, "", 1, world.clock.now(), {})
    world.write(decision_of(ref), decision_fields(decision))
    return ref


def decision_of(ref: NoticeRef) -> str:
    """Where the decision about the mail of a notice lies."""
    return decision_path(ref.uid, ref.notification_id, Channel.EMAIL)


def send(world: World, to: str, about: NoticeRef | None = None, **options: str) -> None:
    """Send a mail that tells of a notice, or of nothing."""
    mail = OutgoingMail(to, "Hi", "Hi\n", "<p>Hi</p>", "en", random_id(), list_name="comment")
    post(world, **options).send(mail, about=about)


def returned(world: World) -> list[bytes]:
    """What mail servers have written back so far, as it came."""
    assert world.mail is not None
    return [
        each.raw
        for each in world.mail.messages()
        if "multipart/report" in (each.header("Content-Type") or "")
    ]
