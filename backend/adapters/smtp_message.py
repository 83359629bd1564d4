"""From a mail to the message that a server gets (RFC 5322, MIME)."""

import textwrap
import unicodedata
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any

from backend.adapters.mail import OutgoingMail
from backend.kit.ids import derived_id

ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058: these very words.
LONGEST_LINE = 998  # RFC 5322 section 2.1.1, without its end.


class Verbatim:
    """
    A header that is sent as it is, folded at its spaces: neither encoded nor decoded here.

    The standard library would turn a long address into encoded words, which no program reads as
    an address (RFC 2047 section 5 forbids them there). And it decodes what looks like such words,
    line ends and all: whoever named a task so would write headers of ours.
    """

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """
        Take a value as it is.

        Raises:
            ValueError: it is not printable ASCII, or does not fit into lines.
        """
        if not (value.isascii() and value.isprintable()):
            raise ValueError("such a header is printable ASCII")
        if max(map(len, value.split(" "))) > LONGEST_LINE - 1:
            raise ValueError("a line of a mail has at most 998 letters")
        kwds["parse_tree"] = None
        kwds["decoded"] = value

    def fold(self, *, policy: EmailPolicy) -> str:
        """Return the header's lines."""
        name: str = self.name  # type: ignore[attr-defined]
        lines = textwrap.wrap(
            f"{name}: {self}",
            policy.max_line_length or LONGEST_LINE,
            subsequent_indent=" ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        return policy.linesep.join(lines) + policy.linesep


def _policy() -> "EmailPolicy[Any]":
    verbatim: Any = Verbatim  # The registry mixes it with the base class of headers itself.
    headers = HeaderRegistry(default_class=verbatim)
    for name in ("message-id", "subject", "to"):
        headers.map_to_type(name, verbatim)
    return SMTP.clone(header_factory=headers)


POLICY = _policy()


def message_of(mail: OutgoingMail, sender: tuple[str, str], at: datetime) -> EmailMessage:
    """
    Return the message of a mail, from a name and an address.

    Raises:
        ValueError: something in it would begin a header of its own, or cannot be one.
    """
    name, address = sender
    domain = address.rpartition("@")[2]
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = mail.to
    message["Subject"] = encoded(mail.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{derived_id('mail', mail.key)}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes, please.
    message["X-Auto-Response-Suppress"] = "All"  # The same for Exchange.
    for each, value in {**_of_list(mail, domain), **mail.headers}.items():
        message[each] = value
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = mail.locale  # Before, it would go to the first part.
    return message


def encoded(text: str) -> str:
    """
    Return what people wrote as a header says it (RFC 2047): nothing in it means anything else.

    Raises:
        ValueError: it has a linefeed, or another control character.
    """
    if any(unicodedata.category(each) == "Cc" for each in text):
        raise ValueError("a header has no linefeed, and no other control character")
    if text.isascii() and "=?" not in text:
        return text
    return " ".join(Header(text, "utf-8", header_name="Subject").encode().split())


def _of_list(mail: OutgoingMail, domain: str) -> dict[str, str]:
    """Return what mail programs show a button to unsubscribe for (RFC 2369, RFC 8058, RFC 2919)."""
    headers = {}
    if mail.unsubscribe:
        if "<" in mail.unsubscribe or ">" in mail.unsubscribe:
            raise ValueError("no address to unsubscribe at")  # It would end early, or begin anew.
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = ONE_CLICK
    if mail.list_name:
        headers["List-Id"] = f"<{mail.list_name}.{domain}>"
    return headers
