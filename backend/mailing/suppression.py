"""
The suppression list: addresses that are not written to, and why.

Kept under a keyed hash of the address. Who reads the list learns nobody's address, and cannot find
out by guessing. What stops which letter, and for how long: docs/decisions/0047-mail-out.md.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from backend.adapters.firestore import Store
from backend.adapters.mail import MailResult
from backend.kit.clock import Clock
from backend.kit.documents import Fields, Put, Stored, Write, reading
from backend.mailing.model import Purpose

SUPPRESSIONS = "suppressions"

# A mailbox that is full today may be read tomorrow: a day, then two, four, at most thirty.
FIRST_REST = timedelta(days=1)
LONGEST_REST = timedelta(days=30)
# Soft bounces count together if the next one comes within so long after the last rest.
REMEMBERED = timedelta(days=30)
REPORTS_REMEMBERED = 10


class Cause(StrEnum):
    """Why an address is on the list, the weakest first."""

    SOFT_BOUNCE = "softBounce"  # Full, greylisted for days, unreachable: it may pass.
    REQUEST = "request"  # Its owner has asked our staff to be left alone.
    COMPLAINT = "complaint"  # Its owner has called a mail of ours spam.
    HARD_BOUNCE = "hardBounce"  # There is no such address.


STRENGTH = {cause: number for number, cause in enumerate(Cause)}


@dataclass(frozen=True, slots=True)
class Suppression:
    """
    `suppressions/{hash}`: one address.

    `code` is the server's, such as `5.1.1`; empty for complaints. `until` ends a soft bounce; None
    is for good. `bounces` counts soft ones in a row; `reports` are the ids of the last reports
    that were counted, so that none counts twice.
    """

    id: str
    cause: Cause
    code: str
    at: datetime
    until: datetime | None = None
    bounces: int = 0
    reports: tuple[str, ...] = ()

    def stops(self, purpose: Purpose, now: datetime) -> bool:
        """
        Say whether a mail for this purpose is held back.

        A hard bounce stops all, the others only what can be done without: who called a digest
        spam, or has a full mailbox, still gets a link to a new password.
        """
        if self.until is not None and self.until <= now:
            return False
        return self.cause is Cause.HARD_BOUNCE or purpose is Purpose.NOTICE


class Suppressions:
    """Asks the list, and says what to write into it."""

    def __init__(self, store: Store, clock: Clock, secret: str) -> None:
        self._store = store
        self._clock = clock
        self._secret = secret.encode()

    def id_of(self, address: str) -> str:
        """Return the name an address goes by on the list: 32 hex digits, whatever its case."""
        told = f"suppression:{address.lower()}".encode()
        return hmac.new(self._secret, told, "sha256").hexdigest()[:32]

    def path(self, address: str) -> str:
        """Return where an address would lie, for who reads it together with other documents."""
        return suppression_path(self.id_of(address))

    def in_force(
        self, stored: Stored | None, purpose: Purpose = Purpose.NOTICE
    ) -> Suppression | None:
        """Return what stops a mail, from what was read at `path`; None: nothing does."""
        if stored is None:
            return None
        found = suppression_of(stored)
        return found if found.stops(purpose, self._clock.now()) else None

    def of(self, address: str, purpose: Purpose = Purpose.NOTICE) -> Suppression | None:
        """Return what stops a mail to an address, or None. One document read."""
        return self.in_force(self._store.get(self.path(address)), purpose)

    def is_suppressed(self, address: str, purpose: Purpose = Purpose.NOTICE) -> bool:
        """Say whether an address must not be written to. One document read."""
        return self.of(address, purpose) is not None

    def after(self, address: str, result: MailResult) -> list[Write]:
        """
        Return what a server's answer to a mail adds to the list: nothing, unless it said that
        there is no such address. To be written with the record of the mail, which is its guard.
        """
        if not result.is_nobody_there:
            return []
        found = Suppression(self.id_of(address), Cause.HARD_BOUNCE, result.code, self._clock.now())
        return [Put(suppression_path(found.id), suppression_fields(found))]


def merged(
    old: Suppression | None, new: Suppression, *, report_id: str, now: datetime
) -> Suppression | None:
    """
    Return what an address's entry becomes by one more report; None: it stays what it is.

    The strongest cause stays, whatever order reports come in. Soft bounces in a row rest longer
    each time. A report counts once.
    """
    if old is not None and not _is_news(old, new, report_id, now):
        return None
    reports = (*(old.reports if old else ()), report_id)[-REPORTS_REMEMBERED:]
    if new.cause is not Cause.SOFT_BOUNCE:
        return replace(new, reports=reports)
    row = old.bounces if old and old.until and now < old.until + REMEMBERED else 0
    rest: timedelta = min(LONGEST_REST, FIRST_REST * 2 ** min(row, 10))
    return replace(new, bounces=row + 1, until=now + rest, reports=reports)


def _is_news(old: Suppression, new: Suppression, report_id: str, now: datetime) -> bool:
    if old.cause is new.cause is Cause.SOFT_BOUNCE:
        return report_id not in old.reports
    is_over = old.until is not None and old.until <= now
    return is_over or STRENGTH[new.cause] > STRENGTH[old.cause]


def suppression_path(suppression_id: str) -> str:
    """Return where an address's entry lies."""
    return f"{SUPPRESSIONS}/{suppression_id}"


def suppression_fields(suppression: Suppression) -> Fields:
    """Return the document of an entry. TTL takes a soft bounce when it counts no more."""
    until = suppression.until
    return {
        "reason": suppression.cause.value,
        "code": suppression.code,
        "at": suppression.at,
        "until": until,
        "bounces": suppression.bounces,
        "reports": list(suppression.reports),
        "expireAt": until + REMEMBERED if until else None,
    }


def suppression_of(stored: Stored) -> Suppression:
    """
    Read an entry.

    Raises:
        DataLoss: the document is none.
    """
    with reading(stored) as fields:
        reports: Sequence[str] = fields["reports"]
        return Suppression(
            id=stored.id,
            cause=Cause(fields["reason"]),
            code=fields["code"],
            at=fields["at"],
            until=fields["until"],
            bounces=fields["bounces"],
            reports=tuple(reports),
        )
