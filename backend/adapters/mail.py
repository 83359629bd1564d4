"""What a mail is to who sends one, and what became of it. `smtp` is how it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

# RFC 3463, 5248: no such mailbox, host or address; moved away; a host without mail; closed.
NOBODY_THERE = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}


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

    @property
    def is_nobody_there(self) -> bool:
        """Whether the server said that there is no such address, whatever is sent to it."""
        return self.outcome is Outcome.REFUSED and is_about_the_address(self.code)


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """
    A mail to one person, in plain text and HTML.

    Its Message-ID follows from `key`, so that servers and people see a repetition for what it is.
    `unsubscribe` is an https address that takes a person off a list at one POST, without sign-in
    (RFC 8058); `list_name` is the list's, such as `digest` (RFC 2919). `headers` are of ours alone.
    `return_path` is where bounces go, where that is not the sender.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    locale: str
    key: str
    unsubscribe: str | None = field(default=None, repr=False)
    list_name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    return_path: str = field(default="", repr=False)


class MailSender(Protocol):
    """Hands mail to a server."""

    def send(self, mail: OutgoingMail) -> MailResult:
        """
        Send once, without retry.

        Raises:
            Unavailable: the server was not reached, was busy, or did not say whether it took the
                mail, or it refuses us: later, perhaps.
        """


def is_about_the_address(code: str) -> bool:
    """Say whether codes such as `550 5.1.1` mean that nobody is, or ever will be, there."""
    return code.rpartition(" ")[2] in NOBODY_THERE
