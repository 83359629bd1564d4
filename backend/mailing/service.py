"""From a timer to a mail that a server has taken."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.adapters.mail import MailResult, Outcome, OutgoingMail
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Withdraw, Write
from backend.kit.errors import DataLoss, Unavailable
from backend.mailing.letters import Letters
from backend.mailing.model import LETTER, Composer, Mail
from backend.mailing.posting import Post
from backend.mailing.suppression import Suppressions
from backend.timers.documents import is_due, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import TimerState
from backend.timers.service import TimerService

log = structlog.get_logger()

# Eleven attempts within five and a half hours: a server that asks to come back later means minutes.
MAX_ATTEMPTS = 11
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
REFUSAL_KEPT_FOR = timedelta(days=30)


class Mailing:
    """
    Sends letters: composed when they are sent, from the documents as they are then.

    At least once: an attempt whose record was lost is repeated under the same Message-ID. A
    refusal for good is recorded with the timer, and ends it; so is a letter to an address that is
    suppressed, which nobody is asked to take.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        post: Post,
        suppressions: Suppressions,
        letters: Letters,
        composers: Mapping[str, Composer],
    ) -> None:
        """Take the composer of each letter, by the name that its timers carry."""
        self._store = store
        self._clock = clock
        self._timers = timers
        self._post = post
        self._suppressions = suppressions
        self._letters = letters
        self._composers = composers

    def fire(self, alarm: Alarm) -> None:
        """
        Compose and send the letter; set the timer anew where another try can help.

        Raises:
            DataLoss: it can never be sent.
        """
        now = self._clock.now()
        timer = self._store.get(timer_path(alarm.timer_id))
        if timer is None or not is_due(timer, alarm, now):
            return
        name = alarm.id_of(LETTER)
        try:
            mail = self._composed(name, alarm)
            if mail is None:
                log.info("mail.not_wanted", letter=name)
                self._store.attempt([Remove(timer)])
                return
            result = self._send(mail)
        except Unavailable as error:
            self._postpone(timer, name, now, error)
            return
        log.info("mail.answered", letter=name, outcome=result.outcome.value, error_code=result.code)
        self._record(timer, mail, result)

    def _composed(self, name: str, alarm: Alarm) -> Mail | None:
        composer = self._composers.get(name)
        if composer is None:
            raise DataLoss(f"Nobody composes letters of the kind {name}.")
        return composer.compose(alarm)

    def _send(self, mail: Mail) -> MailResult:
        if found := self._suppressions.of(mail.to, mail.purpose):
            return MailResult(Outcome.REFUSED, f"suppressed {found.cause.value}")
        try:
            letter = self._letters.render(mail)
        except ValueError as error:  # Its own words might hold a link: they stay here.
            raise DataLoss(f"The letter {mail.template} got words that it cannot use.") from error
        return self._post.send(
            OutgoingMail(
                to=mail.to,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                locale=letter.locale,
                key=mail.message_id_key,
            )
        )

    def _record(self, timer: Stored, mail: Mail, result: MailResult) -> None:
        done: Write = Remove(timer)
        if result.outcome is Outcome.REFUSED:
            done = Change(
                timer,
                {
                    "state": TimerState.FAILED.value,
                    "problem": f"It was refused for good: {result.code}",
                    "expireAt": self._clock.now() + REFUSAL_KEPT_FOR,
                },
            )
        # If another delivery of this job was faster, its record stands.
        listed = self._suppressions.after(mail.to, result)
        self._store.attempt([done, *listed, *map(Withdraw, mail.spent)])

    def _postpone(self, timer: Stored, name: str, now: datetime, error: Unavailable) -> None:
        attempts = timer_of(timer).attempts + 1
        log.warning("mail.postponed", letter=name, attempt=attempts, detail=error.detail)
        if attempts >= MAX_ATTEMPTS:
            raise DataLoss(f"The letter {name} was not taken in {attempts} attempts.") from error
        wait: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
        self._timers.again(timer, now + wait)
