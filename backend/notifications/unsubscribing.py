"""Out of mail, with one click and without signing in; and back again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from backend.accounts.documents import account_of, account_path
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Fields, Stored, Unchanged, Write, reading
from backend.kit.errors import hidden
from backend.notifications.model import Channel
from backend.notifications.preferences import Preferences, preferences_fields, preferences_path
from backend.notifications.unsubscribe_tokens import (
    DIGESTS,
    Subscription,
    UnsubscribeTokens,
)
from backend.undo.offers import unavailable

log = structlog.get_logger()

EMAIL = Channel.EMAIL.value


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """What somebody gets no longer. `way_back` is "" where they had ended it before."""

    subscription: Subscription
    way_back: str = ""


class Unsubscribing:
    """
    Changes the person's own settings, as they could themselves.

    The token stands for the person, and for this one setting: mail programs, which press the
    button for them, are signed in to nothing.
    """

    def __init__(self, store: Store, clock: Clock, tokens: UnsubscribeTokens) -> None:
        self._store = store
        self._clock = clock
        self._tokens = tokens

    def look(self, token: str) -> Subscription:
        """
        Return what a token would end. Nothing is read, and nothing changes.

        Raises:
            NotFound: it is none of ours.
        """
        subscription = self._tokens.read(token)
        if subscription is None:
            raise hidden()
        return subscription

    def unsubscribe(self, token: str) -> Unsubscribed:
        """
        End a subscription. Whoever has ended it already, or has left for good, has it ended.

        Raises:
            NotFound: the token is none of ours.
        """
        subscription, now = self.look(token), self._clock.now()
        tried = Unsubscribed(subscription)

        def plan() -> tuple[Unsubscribed, list[Write]]:
            nonlocal tried
            account, settings = self._read(subscription)
            was, ended = _state(settings, subscription)
            if was == ended:  # Perhaps by our own commit, and only its answer was lost.
                return tried, []
            if not _is_there(account):
                return Unsubscribed(subscription), []
            way_back = self._tokens.way_back(subscription, was, now=now)
            tried = Unsubscribed(subscription, way_back)
            return tried, _setting(account, settings, subscription, ended, now)

        done = self._store.commit(plan)
        if done.way_back:
            log.info("mail.unsubscribed", kind=subscription.list)
        return done

    def resubscribe(self, token: str, way_back: str) -> Subscription:
        """
        Put back what `unsubscribe` has just ended.

        Raises:
            NotFound: the token is none of ours.
            FailedPrecondition: the way back is not, is older than a day, or the person has
                changed the setting themselves since (`undo-unavailable`).
        """
        subscription, now = self.look(token), self._clock.now()
        known = self._tokens.read_way_back(way_back, subscription, now=now)
        if not known:
            raise unavailable()
        was = known[0]

        def plan() -> tuple[bool, list[Write]]:
            account, settings = self._read(subscription)
            state, ended = _state(settings, subscription)
            if not _is_there(account) or state not in (ended, was):
                raise unavailable()
            if state == was:
                return False, []
            return True, _setting(account, settings, subscription, was, now)

        if self._store.commit(plan):
            log.info("mail.resubscribed", kind=subscription.list)
        return subscription

    def _read(self, subscription: Subscription) -> tuple[Stored | None, Stored | None]:
        uid = subscription.uid
        account, settings = self._store.get_all([account_path(uid), preferences_path(uid)])
        return account, settings


def _is_there(account: Stored | None) -> bool:
    """Whether there is anybody whose settings these are: nothing is written of who has left."""
    return account is not None and not account_of(account).has_ended


def _state(settings: Stored | None, subscription: Subscription) -> tuple[Any, Any]:
    """Return the one value that a subscription hangs on, and what it is once that has ended."""
    if subscription.is_digest:
        was = _digests(settings).get(DIGESTS[subscription.list])
        return dict(was) if isinstance(was, Mapping) else was, None
    return _row(settings, subscription).get(EMAIL), False


def _setting(
    account: Stored | None,
    settings: Stored | None,
    subscription: Subscription,
    value: Any,
    now: datetime,
) -> list[Write]:
    """Return the writes that set it, and leave all else as it is, however old its form."""
    if subscription.is_digest:
        changed: Fields = {
            "digests": {**_digests(settings), DIGESTS[subscription.list]: value},
        }
    else:
        row = {**_row(settings, subscription), EMAIL: value}
        kept = {channel: is_on for channel, is_on in row.items() if is_on is not None}
        matrix = {**_field(settings, "matrix"), subscription.list: kept}
        changed = {"matrix": {category: each for category, each in matrix.items() if each}}
    if settings is not None:
        with reading(settings) as fields:
            rev = fields["rev"] + 1
        return [Change(settings, {**changed, "rev": rev, "updatedAt": now})]
    # The account is guarded: settings of somebody who is just being erased would stay for good.
    guard = [Unchanged(account)] if account is not None else []
    fields = {**preferences_fields(Preferences(rev=1)), **changed, "updatedAt": now}
    return [Create(preferences_path(subscription.uid), fields), *guard]


def _row(settings: Stored | None, subscription: Subscription) -> Fields:
    row = _field(settings, "matrix").get(subscription.list, {})
    return row if isinstance(row, Mapping) else {}


def _digests(settings: Stored | None) -> Fields:
    return {"daily": None, "weekly": None, **_field(settings, "digests")}


def _field(settings: Stored | None, name: str) -> Fields:
    value = settings.fields.get(name) if settings is not None else None
    return value if isinstance(value, Mapping) else {}
