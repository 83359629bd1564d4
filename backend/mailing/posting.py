"""From a mail to a server, marked so that what comes back about it can be understood."""

from backend.adapters.mail import MailResult, MailSender, OutgoingMail
from backend.adapters.metrics import Metrics
from backend.kit.clock import Clock
from backend.kit.errors import Unavailable
from backend.mailing.references import MailReferences, NoticeRef


class Post:
    """Sends mails under references of ours. Whether one may be sent, `Suppressions` knows."""

    def __init__(
        self, sender: MailSender, clock: Clock, references: MailReferences, metrics: Metrics
    ) -> None:
        self._sender = sender
        self._clock = clock
        self._references = references
        self._metrics = metrics

    def send(self, mail: OutgoingMail, *, about: NoticeRef | None = None) -> MailResult:
        """
        Send once, without retry. A bounce of it changes the decision of the notice `about`.

        Raises:
            Unavailable: the server was not reached, was busy, or did not say whether it took the
                mail, or it refuses us: later, perhaps.
        """
        marked = self._references.mark(mail, about=about, at=self._clock.now())
        try:
            result = self._sender.send(marked)
        except Unavailable:
            self._metrics.mail_answered("busy")
            raise
        self._metrics.mail_answered(result.outcome.value)
        return result
