"""What a letter is before it has words: whom it goes to, which template, what it speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from backend.kit.ids import derived_id
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind

LETTER = "letter"


class Purpose(StrEnum):
    """What a mail is for, which decides whether a complaint stops it."""

    NOTICE = "notice"  # What happened, a digest, an invitation: it can be done without.
    ACCOUNT = "account"  # A password, a sign-in, the end of an account: it must reach its person.


@dataclass(frozen=True, slots=True)
class Mail:
    """
    A letter to one person. `message_id_key` is the same for every attempt at the same letter.

    `words` are those the template declares, in `templates/letters.toml`. `spent` are the paths of
    documents that only this letter needed: they are deleted with its timer.
    """

    to: str = field(repr=False)
    template: str
    words: Mapping[str, str | int] = field(repr=False)
    locale: str
    message_id_key: str
    spent: tuple[str, ...] = ()
    purpose: Purpose = Purpose.ACCOUNT


class Composer(Protocol):
    """Knows what letters of one kind say. It reads the documents as they are when one is sent."""

    def compose(self, alarm: Alarm) -> Mail | None:
        """
        Return the letter that a timer asks for; None: it is no longer wanted.

        Raises:
            Unavailable: it cannot be known now. The letter is tried again later.
        """


def mail_timer(
    letter: str, key_parts: tuple[str, ...], subject: Mapping[str, str], now: datetime
) -> Timer:
    """
    Return the timer that sends a letter as soon as its commit has taken place.

    The id follows from letter and `key_parts`: set twice, it is one letter. `subject` holds ids
    only; `letter` names the composer.
    """
    return Timer(
        id=derived_id(TimerKind.MAIL.value, letter, *key_parts),
        kind=TimerKind.MAIL,
        subject={LETTER: letter, **subject},
        fire_at=now,
    )
