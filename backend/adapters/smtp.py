"""
SMTP (RFC 5321) behind `MailSender`.

Why SMTP, and the standard library: docs/decisions/0018-mail.md. Why connections last, and what
comes back: docs/decisions/0047-mail-out.md.
"""

import smtplib
import ssl
from email.utils import parseaddr
from urllib.parse import urlsplit

from backend.adapters.mail import MailResult, Outcome, OutgoingMail
from backend.adapters.smtp_lines import Line, Lines, patient
from backend.adapters.smtp_message import message_of
from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.email_address import is_email_address
from backend.kit.errors import Unavailable
from backend.settings import Settings

WHOLE_S = 15.0  # For all answers, also of a server that sends a byte now and then.
TAKEN = (250, 251)
CLOSING = 421

Answer = tuple[int, bytes]


class _Worn(Exception):
    """A line that carried mails before takes no more: this mail was not begun on it."""


class SmtpMail:
    """`MailSender` over SMTP, on connections that last. For threads and forked processes."""

    def __init__(
        self, settings: Settings, clock: Clock, *, trusted: ssl.SSLContext | None = None
    ) -> None:
        """Take the certificates of `trusted`, or those that the machine trusts."""
        self._clock = clock
        self._is_on = bool(urlsplit(settings.smtp_url).hostname)
        self._from = parseaddr(settings.mail_from)
        domain = self._from[1].rpartition("@")[2]
        self._lines = Lines(settings, clock, domain=domain, trusted=trusted)

    def send(self, mail: OutgoingMail) -> MailResult:
        """Hand the mail over, and sort the answer."""
        if not self._is_on:
            return MailResult(Outcome.OFF)
        if not is_email_address(mail.to):
            return MailResult(Outcome.REFUSED, "address")
        raw = message_of(mail, self._from, self._clock.now()).as_bytes()
        try:
            answer = self._handed_over(raw, mail.return_path or self._from[1], mail.to)
        except smtplib.SMTPException as error:
            # Greeting, login, our own address: ours or the server's fault, never the mail's.
            raise Unavailable("The mail server did not let us finish.") from error
        except OSError as error:
            raise Unavailable("The mail server did not answer.") from error
        return _sorted(*answer)

    def close(self) -> None:
        """Say good-bye on connections that wait for a next mail."""
        self._lines.close()

    def _handed_over(self, raw: bytes, sender: str, to: str) -> Answer:
        try:
            return self._once(raw, sender, to)
        except _Worn:
            return self._once(raw, sender, to, fresh=True)

    def _once(self, raw: bytes, sender: str, to: str, *, fresh: bool = False) -> Answer:
        with self._lines.lent(whole_s=left_s(self._clock, longest=WHOLE_S), fresh=fresh) as line:
            answer = _announced(line, sender, to)
            if answer[0] in TAKEN:
                answer = _said(line.server, raw)
            if answer[0] not in TAKEN:
                _begin_anew(line.server, answer)
        return answer


def _announced(line: Line, sender: str, to: str) -> Answer:
    """
    Say whom a mail is from and to, and return the answer to the latter.

    Raises:
        _Worn: the line is no good any more. Nothing was said of the mail, so that another can try.
        SMTPException: the server does not take mail from us.
    """
    try:
        code, words = line.server.mail(sender)
        answer = line.server.rcpt(to) if code in TAKEN else None
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        if line.is_used:
            raise _Worn from error
        raise
    if line.is_used and (answer is None or answer[0] == CLOSING):
        raise _Worn  # "Too many mails on this connection", in one of many ways.
    if answer is not None:
        return answer
    raise smtplib.SMTPSenderRefused(code, words, sender)


def _said(server: smtplib.SMTP, raw: bytes) -> Answer:
    """Say the mail, and wait for the answer as long as we may: a server that has it delivers it."""
    with patient(server, WHOLE_S):
        try:
            return server.data(raw)
        except smtplib.SMTPDataError as error:
            words = error.smtp_error
            return error.smtp_code, words if isinstance(words, bytes) else words.encode()


def _begin_anew(server: smtplib.SMTP, answer: Answer) -> None:
    """Make a server forget a mail that it did not take; close the line where it does not say so."""
    try:
        is_ready = answer[0] != CLOSING and server.rset()[0] == 250
    except (smtplib.SMTPException, OSError):
        is_ready = False
    if not is_ready:
        server.close()


def _sorted(code: int, words: bytes) -> MailResult:
    if code in TAKEN:
        return MailResult(Outcome.SENT)
    if code < 500:
        raise Unavailable("The mail server is busy.")
    return MailResult(Outcome.REFUSED, _code(code, words))


def _code(code: int, words: bytes) -> str:
    """Return `550 5.1.1`: the words behind it often quote the address."""
    enhanced = words.decode("ascii", "replace").partition(" ")[0]
    is_enhanced = len(enhanced) <= 9 and enhanced.replace(".", "").isdigit()
    return f"{code} {enhanced}" if is_enhanced else str(code)
