"""
SMTP behind `MailSender`: one connection, one mail, one answer.

Why SMTP, and the standard library: docs/decisions/0018-mail.md.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from threading import Timer as Alarm
from typing import Protocol
from urllib.parse import unquote, urlsplit

from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.email_address import is_email_address
from backend.kit.errors import Unavailable
from backend.kit.ids import derived_id
from backend.settings import Settings

STEP_S = 6.0  # For each answer of the server.
WHOLE_S = 15.0  # For all of them, also of a server that sends a byte now and then.
PORTS = {"smtp": 587, "smtps": 465}


class Outcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"  # The server has taken responsibility for it.
    REFUSED = "refused"  # For good: no such person, or this mail is not wanted.
    OFF = "off"  # This service sends no mail.


@dataclass(frozen=True, slots=True)
class MailResult:
    """An outcome, and the server's codes for a refusal, such as `550 5.1.1`: never its words."""

    outcome: Outcome
    code: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """
    A mail to one person, in plain text and HTML.

    Its Message-ID follows from `key`, so that servers and people see a repetition for what it is.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    locale: str
    key: str


class MailSender(Protocol):
    """Hands mail to a server."""

    def send(self, mail: OutgoingMail) -> MailResult:
        """
        Send once, without retry.

        Raises:
            Unavailable: the server was not reached, was busy, or did not say whether it took the
                mail, or it refuses us: later, perhaps.
        """


class SmtpMail:
    """`MailSender` over SMTP, in TLS from the start (smtps) or from STARTTLS on (smtp)."""

    def __init__(
        self, settings: Settings, clock: Clock, *, trusted: ssl.SSLContext | None = None
    ) -> None:
        """Take the certificates of `trusted`, or those that the machine trusts."""
        self._clock = clock
        self._url = urlsplit(settings.smtp_url)
        self._from_name, self._from = parseaddr(settings.mail_from)
        self._domain = self._from.rpartition("@")[2]
        # A password is said in the clear to nobody.
        self._needs_tls = settings.in_production or bool(self._url.username)
        self._trusted = trusted

    def send(self, mail: OutgoingMail) -> MailResult:
        """Connect, hand the mail over, and sort the answer."""
        if not self._url.hostname:
            return MailResult(Outcome.OFF)
        if not is_email_address(mail.to):
            return MailResult(Outcome.REFUSED, "address")
        message = self._message(mail)
        try:
            self._hand_over(message, mail.to)
        except smtplib.SMTPException as error:
            return _sorted(error)
        except OSError as error:
            raise Unavailable("The mail server did not answer.") from error
        return MailResult(Outcome.SENT)

    def _message(self, mail: OutgoingMail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._from_name, addr_spec=self._from)
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{derived_id('mail', mail.key)}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes, please.
        message["X-Auto-Response-Suppress"] = "All"  # The same for Exchange.
        message.set_content(mail.text, cte="quoted-printable")
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        message["Content-Language"] = mail.locale  # Before, it would go to the first part.
        return message

    def _hand_over(self, message: EmailMessage, to: str) -> None:
        with self._connected() as server:
            if self._url.scheme == "smtp":
                self._begin_tls(server)
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(message, from_addr=self._from, to_addrs=[to])

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        whole_s = left_s(self._clock, longest=WHOLE_S)
        server = self._server(timeout_s=min(STEP_S, whole_s))
        cut = Alarm(whole_s, lambda: _cut(server))
        cut.daemon = True
        cut.start()
        host = self._url.hostname or ""
        # TLS checks it, and `connect` forgets to set it.
        server._host = host  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            code, words = server.connect(host, self._url.port or PORTS[self._url.scheme])
            if code != 220:
                raise smtplib.SMTPConnectError(code, words)
            yield server
            # It has taken the mail: whether it also says good-bye matters to nobody.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            cut.cancel()
            server.close()

    def _server(self, *, timeout_s: float) -> smtplib.SMTP:
        # Without a host it does not connect yet, so that the alarm can be set before.
        # And a name for ourselves, else it asks the resolver for one, which may take seconds.
        if self._url.scheme == "smtps":
            context = self._tls()
            return smtplib.SMTP_SSL(local_hostname=self._domain, timeout=timeout_s, context=context)
        return smtplib.SMTP(local_hostname=self._domain, timeout=timeout_s)

    def _begin_tls(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls(context=self._tls())
        elif self._needs_tls:  # Perhaps somebody on the way has left it out of the answer.
            raise Unavailable("The mail server does not offer TLS.")

    def _tls(self) -> ssl.SSLContext:
        return self._trusted or ssl.create_default_context()


def _cut(server: smtplib.SMTP) -> None:
    """End a conversation whose time is up: whoever waits for an answer gets an error."""
    if server.sock is not None:
        with suppress(OSError):
            # Not `sock.shutdown`, which would take TLS apart under the hands of who reads.
            socket.socket.shutdown(server.sock, socket.SHUT_RDWR)


def _sorted(error: smtplib.SMTPException) -> MailResult:
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            code, words = next(iter(refused.values()))
        case smtplib.SMTPDataError(smtp_code=code, smtp_error=words):
            pass
        case smtplib.SMTPNotSupportedError():  # An address beyond ASCII, and no SMTPUTF8.
            return MailResult(Outcome.REFUSED, "SMTPUTF8")
        case _:  # Greeting, login, our own address: ours or the server's fault, never the mail's.
            raise Unavailable("The mail server did not let us finish.") from error
    if code < 500:
        raise Unavailable("The mail server is busy.") from error
    return MailResult(Outcome.REFUSED, _code(code, words))


def _code(code: int, words: bytes | str) -> str:
    """Return `550 5.1.1`: the words behind it often quote the address."""
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    enhanced = text.partition(" ")[0]
    is_enhanced = len(enhanced) <= 9 and enhanced.replace(".", "").isdigit()
    return f"{code} {enhanced}" if is_enhanced else str(code)
