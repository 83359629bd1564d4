"""Sending a version of a template to oneself: once, now, and with what became of it."""

from dataclasses import dataclass

import structlog

from backend.accounts.service import AccountService
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.adapters.mail import OutgoingMail
from backend.adapters.push import Outcome, Push, PushMessage
from backend.admin.model import Staff
from backend.kit.errors import Unavailable
from backend.kit.ids import derived_id, random_id
from backend.mailing.posting import Post
from backend.mailing.suppression import Suppressions
from backend.notifications.model import Category
from backend.templating.model import MailText, Rendered, Values
from backend.templating.publishing import HOME, TemplatePublishing

log = structlog.get_logger()

NO_ADDRESS, SUPPRESSED, UNAVAILABLE = "noAddress", "suppressed", "unavailable"


@dataclass(frozen=True, slots=True)
class DeviceTried:
    """What became of the push to one device, in FCM's own words too."""

    id: str
    outcome: Outcome
    error_code: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a test: on each live device of the caller's, and by mail."""

    devices: tuple[DeviceTried, ...]
    mail: str


class TemplateTrying:
    """
    Sends a version to whoever asks, on every device and by mail, past settings and quiet hours.

    At most once, within the request: nothing is filed, and nothing tried again. The caller sees
    what became of it and can ask again.
    """

    def __init__(
        self,
        store: Store,
        publishing: TemplatePublishing,
        accounts: AccountService,
        credentials: Credentials,
        push: Push,
        post: Post,
        suppressions: Suppressions,
    ) -> None:
        self._store = store
        self._publishing = publishing
        self._accounts = accounts
        self._credentials = credentials
        self._push = push
        self._post = post
        self._suppressions = suppressions

    def send(
        self, staff: Staff, name: str, number: int, locale: str, values: Values | None
    ) -> Tried:
        """
        Send a version to the caller's own devices and address.

        Raises:
            NotFound: there is no such version.
            InvalidArgument: the values are not those that the template takes.
            Unavailable: Firebase Auth or the database did not answer; nothing was sent.
        """
        preview = self._publishing.preview(staff, name, number, locale, values)
        credential = self._credentials.find(staff.uid)
        is_proved = credential is not None and credential.email_verified
        address = credential.email if credential is not None and is_proved else None
        devices = self._push_to(staff.uid, preview.rendered)
        tried = Tried(devices, self._mail_to(address, preview.mail) if address else NO_ADDRESS)
        log.info("template.tried", template=name, rev=number, outcome=tried.mail)
        return tried

    def _push_to(self, uid: str, rendered: Rendered) -> tuple[DeviceTried, ...]:
        reachable = self._accounts.reachable(uid)
        messages = [
            PushMessage(
                token=device.token,
                title=rendered.title,
                body=rendered.body,
                collapse_id=derived_id("testSend", uid, rendered.template),
                channel=Category.ANNOUNCEMENT.value,
                data={"category": Category.ANNOUNCEMENT.value, "link": HOME},
                link=HOME,
            )
            for _, device in reachable
        ]
        results = self._push.send_all(messages) if messages else []
        tried = []
        for (stored, device), result in zip(reachable, results, strict=True):
            if result.outcome is Outcome.DEVICE_GONE:
                self._store.attempt([self._accounts.disabling(stored, device)])
            tried.append(DeviceTried(device.id, result.outcome, result.error_code))
        return tuple(tried)

    def _mail_to(self, address: str, text: MailText) -> str:
        if self._suppressions.is_suppressed(address):
            return SUPPRESSED
        mail = OutgoingMail(
            to=address,
            subject=text.subject,
            text=text.text,
            html=text.html,
            locale=text.locale,
            key=random_id(),
        )
        try:
            return self._post.send(mail).outcome.value
        except Unavailable as error:
            log.warning("template.mail_failed", detail=error.detail)
            return UNAVAILABLE
