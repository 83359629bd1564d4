"""The mail catcher without its servers: what becomes of recipients and mails."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from local.mail import reports
from local.mail.message import ReceivedMail, read_mail
from local.serving.clock import Clock
from local.serving.inbox import Inbox
from local.serving.scripts import Argument, Scripts, Step

INBOX_LIMIT = 1000

OUTCOMES: dict[str, Argument | None] = {
    "ACCEPT": None,
    "REFUSE_550": None,
    "BUSY_451": None,
    "ACCEPT_THEN_DROP": None,
    "DELAY": Argument("seconds", required=True, maximum=300),
    **dict.fromkeys(reports.OUTCOMES),
}


class Catcher:
    """The state of the stand-in. Safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scripts = Scripts(OUTCOMES, default="ACCEPT")
        self.inbox: Inbox[ReceivedMail] = Inbox(INBOX_LIMIT)

    def script(
        self, address: str, outcomes: Sequence[str | Mapping[str, Any]], *, repeat: bool = False
    ) -> None:
        """
        Prescribe the next outcomes of a recipient, whatever the case of its address.

        Raises:
            ValueError: an outcome is unknown or lacks its argument.
        """
        self._scripts.set(address.casefold(), outcomes, repeat=repeat)

    def admit(self, address: str) -> Step:
        """Use up the recipient's next outcome."""
        return self._scripts.take(address.casefold())

    def answer(self, outcome: str, sender: str, recipient: str, raw: bytes) -> None:
        """Put into the inbox what a mail server writes back to a sender: see `reports`."""
        told = reports.report(outcome, raw, sender=sender, recipient=recipient)
        self.receive("", [sender], told)

    def receive(self, sender: str, recipients: list[str], raw: bytes) -> ReceivedMail:
        """Put a mail into the inbox."""
        mail = read_mail(
            raw,
            mail_id=secrets.token_hex(8),
            received_at=self._clock(),
            sender=sender,
            recipients=recipients,
        )
        self.inbox.add(mail)
        return mail

    def messages(self, to: str | None = None) -> list[ReceivedMail]:
        """List the mails, oldest first, all or those for one recipient of the envelope."""
        return [mail for mail in self.inbox.items() if to is None or mail.is_for(to)]

    def message(self, mail_id: str) -> ReceivedMail | None:
        """Find a mail by its id."""
        return next((mail for mail in self.inbox.items() if mail.id == mail_id), None)
