"""Whether an account may still be used: not deleted, not disabled, not signed out everywhere."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import structlog

from backend.adapters.account_states import AccountState, AccountStates
from backend.kit.actor import Identity
from backend.kit.clock import Clock
from backend.kit.errors import PermissionDenied, Unauthenticated, Unavailable

log = structlog.get_logger()

MAX_AGE_S = 60.0
PAUSE_S = 5.0  # In an outage, ordinary requests wait for Firebase Auth this seldom.
REMEMBERED = 50_000
LOCKS = 64
WORKING = float("-inf")


@dataclass(frozen=True, slots=True)
class _Known:
    state: AccountState
    looked_up_at: float


class Standing:
    """
    Refuses people whose ID token is good and whose account no longer is.

    Firebase Auth is asked at most once a minute and person, and at once for dangerous acts.
    """

    def __init__(self, states: AccountStates, clock: Clock) -> None:
        self._states = states
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._signed_out: OrderedDict[str, datetime] = OrderedDict()
        self._known_lock = Lock()
        # One of them per person: of many requests at once, one asks for all.
        self._asking = [Lock() for _ in range(LOCKS)]
        self._silent_until = WORKING

    def check(self, identity: Identity, *, at_once: bool) -> None:
        """
        Return if the account behind a verified ID token is in good standing.

        Raises:
            Unauthenticated: it was deleted, or the token revoked; code `token-revoked`.
            PermissionDenied: it is disabled, code `account-disabled`.
            Unavailable: `at_once` is set, and it cannot be known now.
        """
        uid = identity.uid
        state = self._looked_up(uid) if at_once else self._remembered(uid)
        if not state.exists:
            raise Unauthenticated("This account does not exist any more.")
        if state.is_disabled:
            raise PermissionDenied("This account is disabled.", code="account-disabled")
        since = [state.valid_since, self._signed_out.get(uid)]
        if any(instant is not None and identity.issued_at < instant for instant in since):
            raise Unauthenticated("You were signed out. Sign in again.", code="token-revoked")

    def sign_out(self, uid: str, *, before: datetime) -> None:
        """
        Refuse tokens issued before an instant, in this process, at once and for good.

        Whole seconds, as tokens carry them: one of the same second stands.
        """
        with self._known_lock:
            self._signed_out[uid] = before.replace(microsecond=0)
            self._signed_out.move_to_end(uid)
            if len(self._signed_out) > REMEMBERED:
                self._signed_out.popitem(last=False)

    def _remembered(self, uid: str) -> AccountState:
        fresh = self._fresh(uid)
        if fresh is not None:
            return fresh
        with self._asking[hash(uid) % LOCKS]:
            fresh = self._fresh(uid)
            if fresh is not None:
                return fresh
            if self._clock.monotonic() >= self._silent_until:
                try:
                    return self._probed(uid)
                except Unavailable as error:
                    self._silent_until = self._clock.monotonic() + PAUSE_S
                    log.warning("account_state.not_known", detail=error.detail)
        # Without Firebase Auth, ordinary work goes on with what was last known of a person.
        known = self._known.get(uid)
        return AccountState(exists=True) if known is None else known.state

    def _probed(self, uid: str) -> AccountState:
        if self._silent_until > WORKING:  # One request looks whether the outage is over.
            self._silent_until = self._clock.monotonic() + PAUSE_S
        state = self._looked_up(uid)
        self._silent_until = WORKING
        return state

    def _fresh(self, uid: str) -> AccountState | None:
        known = self._known.get(uid)
        if known is None or self._clock.monotonic() - known.looked_up_at >= MAX_AGE_S:
            return None
        return known.state

    def _looked_up(self, uid: str) -> AccountState:
        asked_at = self._clock.monotonic()  # Before, so that nothing counts as newer than it is.
        state = self._states.look_up(uid)
        with self._known_lock:
            self._known[uid] = _Known(state, asked_at)
            self._known.move_to_end(uid)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return state
