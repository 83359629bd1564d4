"""Asking for a letter with a link: to choose a new password, or to prove an address."""

import structlog

from backend.adapters.firestore import Store
from backend.credentials.allowance import LetterAllowance
from backend.credentials.documents import request_fields, request_path
from backend.credentials.model import ResetRequest
from backend.kit.actor import Actor, Identity
from backend.kit.clock import Clock
from backend.kit.documents import Create, Write
from backend.kit.errors import FailedPrecondition
from backend.kit.ids import random_id
from backend.mailing.model import mail_timer
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

PASSWORD_RESET, EMAIL_VERIFICATION = "passwordReset", "emailVerification"


class CredentialService:
    """
    Takes wishes for letters.

    Firebase Auth is asked for nothing here, only by the letter's job: the answer to the caller does
    not depend on whether there is such an account, and neither does the time it takes.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, allowance: LetterAllowance
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._allowance = allowance

    def ask_for_reset(self, email: str, *, locale: str) -> None:
        """
        Have a link to a new password sent to an address, if an account has it.

        Beyond three an hour for an address nothing happens, and nobody is told: the letters sent
        so far still serve their owner.
        """
        if not self._allowance.allows(PASSWORD_RESET, email):
            log.info("password_reset.left_out", reason="tooMany")
            return
        now = self._clock.now()
        request = ResetRequest(random_id(), email.lower(), locale, now)
        outbox = Outbox(writes=[Create(request_path(request.id), request_fields(request))])
        timer = mail_timer(PASSWORD_RESET, (request.id,), {"requestId": request.id}, now)
        outbox.set(timer, now)
        self._store.create(outbox.writes)
        self._announce(outbox)
        log.info("password_reset.asked_for")

    def ask_for_verification(self, actor: Actor, identity: Identity) -> None:
        """
        Have a link sent to the caller's own address that proves it to be theirs.

        Raises:
            FailedPrecondition: they have no address, or have proved it.
        """
        if identity.email is None:
            raise FailedPrecondition("Your account has no e-mail address.")
        if identity.email_verified:
            raise FailedPrecondition("Your e-mail address is verified already.")
        if not self._allowance.allows(EMAIL_VERIFICATION, identity.email):
            log.info("email_verification.left_out", reason="tooMany")
            return
        now = self._clock.now()
        outbox = Outbox()
        # Set again before it was sent, it is the same letter.
        outbox.set(mail_timer(EMAIL_VERIFICATION, (actor.uid,), {"uid": actor.uid}, now), now)

        def plan() -> tuple[None, list[Write]]:
            return None, outbox.writes

        self._store.commit(plan)
        self._announce(outbox)

    def _announce(self, outbox: Outbox) -> None:
        now = self._clock.now()
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
