"""From a filed notification to the person's mailbox, where nothing else has told them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from backend.accounts.documents import account_of, account_path
from backend.adapters.firestore import Store
from backend.adapters.mail import MailResult, Outcome, OutgoingMail
from backend.kit.clock import Clock
from backend.kit.documents import Stored
from backend.kit.errors import DataLoss, Unavailable
from backend.mailing.posting import Post
from backend.mailing.references import NoticeRef
from backend.mailing.suppression import Suppressions
from backend.notifications.documents import (
    decision_of,
    decision_path,
    notification_of,
    notification_path,
)
from backend.notifications.holding import ABOUT_COMMENT
from backend.notifications.mail_due import SENDING, DueMail, Wait, known_before_sending
from backend.notifications.mail_records import MailRecords
from backend.notifications.model import Channel, Decision, Verdict
from backend.notifications.notice_letters import NoticeLetters
from backend.notifications.preferences import preferences_of, preferences_path
from backend.notifications.recipients import NotMailed, Recipients
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm

log = structlog.get_logger()

# As for letters: eleven attempts within five and a half hours.
MAX_ATTEMPTS = 11
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
# Longer than a job may take: whoever claimed a mail then has died over it.
CLAIMED_FOR = timedelta(minutes=1)


class NoticeMailing:
    """
    Sends a notification by mail, unless the person has seen it, or a push has told them.

    A claim, made in the decision, comes before the mail: of two who are to send it, one does. Who
    dies between the server's yes and our record leaves a mail that is sent again, under the same
    Message-ID: at least once, and seen for what it is.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        records: MailRecords,
        recipients: Recipients,
        letters: NoticeLetters,
        post: Post,
        suppressions: Suppressions,
    ) -> None:
        self._store = store
        self._clock = clock
        self._records = records
        self._recipients = recipients
        self._letters = letters
        self._post = post
        self._suppressions = suppressions

    def fire(self, alarm: Alarm) -> None:
        """Send the mail, or record why not; set the timer anew where another try can help."""
        now = self._clock.now()
        timer, *found = self._store.get_all(_paths(alarm))
        if timer is None or not is_due(timer, alarm, now):
            return
        due = _due(timer, found, now)
        if due is None:  # Deleted with its decisions, or settled by a commit whose answer was lost.
            self._records.drop(timer)
            return
        if due.decision.reason == SENDING and due.decision.at > now - CLAIMED_FOR:
            return  # Another one is at it. Should it have died, the repair of timers comes back.
        try:
            self._go_on(due, alarm.subject.get(ABOUT_COMMENT), now)
        except Unavailable as error:
            self._postpone(due, now, error)

    def _go_on(self, due: DueMail, comment_id: str | None, now: datetime) -> None:
        known = self._known(due, now)
        if isinstance(known, Wait):
            self._records.look_again(due, known.until, now)
            return
        if known is not None:
            self._records.settle(due, known)
            return
        address = self._recipients.address(due.notification, comment_id)
        if isinstance(address, NotMailed):
            self._records.settle(due, due.ended(address.verdict, address.reason, now))
            return
        mail = self._written(due, address, now)
        if mail is not None:
            self._send(due, mail, now)

    def _known(self, due: DueMail, now: datetime) -> Decision | Wait | None:
        known = known_before_sending(due, now)
        is_by_push = isinstance(known, Decision) and known.verdict is Verdict.MERGED
        if not is_by_push or due.push is None or due.push.verdict is not Verdict.MERGED:
            return known
        # Released together with others, to whatever devices there were: perhaps to none.
        return known if self._recipients.has_device(due.notification.uid) else None

    def _written(self, due: DueMail, address: str, now: datetime) -> OutgoingMail | None:
        """Return the mail; None: it can never be sent, and this is recorded."""
        reason = "unreachable"
        if due.decision.attempts < MAX_ATTEMPTS:  # Else each attempt has died over it.
            try:
                return self._letters.of(due.notification, address)
            except DataLoss as error:
                reason = "template"
                log.exception("notice_mail.unwritable", detail=error.detail)
        self._records.settle(due, due.ended(Verdict.FAILED, reason, now))
        return None

    def _send(self, due: DueMail, mail: OutgoingMail, now: datetime) -> None:
        claim = due.decision.became(Verdict.PENDING, SENDING, at=now)
        claimed = self._records.claim(due, claim)
        if claimed is None:
            return
        due = replace(due, stored=claimed)
        about = NoticeRef(due.notification.uid, due.notification.id)
        try:
            result = self._post.send(mail, about=about)
        except Unavailable as error:
            self._postpone(due, now, error)
            return
        log.info(
            "notice_mail.answered",
            outcome=result.outcome.value,
            error_code=result.code,
            notification_id=due.notification.id,
        )
        more = self._suppressions.after(mail.to, result)
        self._records.settle(due, due.ended(*_verdict(result), now), more)

    def _postpone(self, due: DueMail, now: datetime, error: Unavailable) -> None:
        """Let it be tried again, ever later, and in the end no more."""
        attempts = due.decision.attempts + 1
        log.warning(
            "notice_mail.postponed",
            attempt=attempts,
            detail=error.detail,
            notification_id=due.notification.id,
        )
        if attempts >= MAX_ATTEMPTS:
            self._records.settle(due, due.ended(Verdict.FAILED, "unreachable", now))
            return
        wait: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
        retrying = due.decision.became(Verdict.PENDING, "retrying", at=now)
        self._records.look_again(due, now + wait, now, retrying)


def _paths(alarm: Alarm) -> list[str]:
    uid, notification_id = alarm.id_of("uid"), alarm.id_of("notificationId")
    return [
        timer_path(alarm.timer_id),
        notification_path(uid, notification_id),
        decision_path(uid, notification_id, Channel.EMAIL),
        decision_path(uid, notification_id, Channel.PUSH),
        preferences_path(uid),
        account_path(uid),
    ]


def _due(timer: Stored, found: Sequence[Stored | None], now: datetime) -> DueMail | None:
    filed, stored, push, settings, account = found
    if filed is None or stored is None:
        return None
    decision = decision_of(stored)
    if decision.verdict is not Verdict.PENDING:
        return None
    return DueMail(
        timer=timer,
        stored=stored,
        notification=notification_of(filed),
        decision=decision,
        push=decision_of(push) if push else None,
        preferences=preferences_of(settings),
        snoozed_until=filed.fields.get("snoozedUntil"),
        has_account=account is not None and account_of(account).is_usable(now),
    )


def _verdict(result: MailResult) -> tuple[Verdict, str]:
    match result.outcome:
        case Outcome.SENT:
            return Verdict.SENT, "default"
        case Outcome.REFUSED:
            return Verdict.FAILED, result.code or "refused"
        case Outcome.OFF:
            return Verdict.MUTED, "mailOff"
