"""What follows from a report about a mail: its address is left alone, its notice says so."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog

from backend.adapters.firestore import Store
from backend.adapters.metrics import Metrics
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Stored, Write
from backend.kit.ids import derived_id
from backend.mailing.references import MailReferences, Reference
from backend.mailing.reports import Report, ReportKind, report_of
from backend.mailing.suppression import (
    Cause,
    Suppression,
    merged,
    suppression_fields,
    suppression_of,
    suppression_path,
)
from backend.notifications.documents import decision_fields, decision_of, decision_path
from backend.notifications.model import Channel, Verdict

log = structlog.get_logger()

BOUNCED = "bounced"
OPEN = (Verdict.PENDING, Verdict.SENT)


class Intake(StrEnum):
    """What became of a report."""

    TAKEN = "taken"
    KNOWN = "known"  # It said nothing that was not known: told twice, or of an older bounce.
    NO_NEWS = "noNews"  # A delay, or a delivery.
    UNMARKED = "unmarked"  # About a mail that is not ours, or too old, or that lost its marks.
    NO_REPORT = "noReport"  # A holiday note, spam, anything.


@dataclass(frozen=True, slots=True)
class _Marked:
    """A report about a mail of ours."""

    report: Report
    reference: Reference

    @property
    def id(self) -> str:
        """The mail's: two reports about it are one bounce. Without a notice, one a day counts."""
        about = self.reference.about
        names = (about.uid, about.notification_id) if about else ("", "")
        return derived_id("mail-report", self.reference.sent_on.isoformat(), *names)


class ReportIntake:
    """
    Takes in what comes back about mails.

    Only what carries a signed mark of ours counts: anybody can write that an address is dead.
    Taken twice, late or in any order, reports come to the same.
    """

    def __init__(
        self, store: Store, clock: Clock, references: MailReferences, metrics: Metrics
    ) -> None:
        self._store = store
        self._clock = clock
        self._references = references
        self._metrics = metrics

    def take(self, raw: bytes) -> Intake:
        """Take a mail that came to the address of bounces, whatever it is. Nothing is refused."""
        report, now = report_of(raw), self._clock.now()
        intake = self._taken(report, now) if report else Intake.NO_REPORT
        kind = report.kind if report else ReportKind.NO_NEWS
        self._metrics.mail_reported(kind.value, intake.value)
        log.info(
            "mail.reported",
            kind=kind.value,
            outcome=intake.value,
            error_code=report.code if report else "",
        )
        return intake

    def _taken(self, report: Report, now: datetime) -> Intake:
        if report.kind is ReportKind.NO_NEWS:
            return Intake.NO_NEWS
        reference = self._reference(report, now)
        if reference is None:
            return Intake.UNMARKED
        marked = _Marked(report, reference)
        return self._store.commit(lambda: self._plan(marked, now))

    def _reference(self, report: Report, now: datetime) -> Reference | None:
        """Return what a report is about: a header says more than an address."""
        for value in report.references:
            if found := self._references.of_header(value, now=now):
                return found
        for address in report.addresses:
            if found := self._references.of_address(address, now=now):
                return found
        return None

    def _plan(self, marked: _Marked, now: datetime) -> tuple[Intake, list[Write]]:
        about = marked.reference.about
        paths = [suppression_path(marked.reference.suppression_id)]
        if about is not None:
            paths.append(decision_path(about.uid, about.notification_id, Channel.EMAIL))
        entry, *decisions = self._store.get_all(paths)
        writes = [
            *_suppressing(entry, paths[0], marked, now),
            *(_failing(each, now) for each in decisions if each and _is_open(each, marked.report)),
        ]
        return (Intake.TAKEN if writes else Intake.KNOWN), writes


def _suppressing(entry: Stored | None, path: str, marked: _Marked, now: datetime) -> list[Write]:
    report = marked.report
    new = Suppression(
        id=marked.reference.suppression_id, cause=Cause(report.kind.value), code=report.code, at=now
    )
    old = suppression_of(entry) if entry else None
    became = merged(old, new, report_id=marked.id, now=now)
    if became is None:
        return []
    fields = suppression_fields(became)
    return [Change(entry, fields) if entry else Create(path, fields)]


def _is_open(stored: Stored, report: Report) -> bool:
    """Say whether a notice's decision is overtaken: who complains of a mail has got it."""
    return report.kind is not ReportKind.COMPLAINT and decision_of(stored).verdict in OPEN


def _failing(stored: Stored, now: datetime) -> Write:
    failed = replace(decision_of(stored), verdict=Verdict.FAILED, reason=BOUNCED, at=now)
    fields = decision_fields(failed)
    return Change(stored, {name: fields[name] for name in ("decision", "reason", "at")})
