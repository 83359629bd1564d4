"""`Push` over a few HTTP/2 connections: thousands of messages a second on one core."""

from collections.abc import Sequence
from typing import Protocol

from google.auth.exceptions import GoogleAuthError
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from backend.adapters.push import PAUSED, Dismissal, Outcome, PushMessage, PushResult
from backend.adapters.push_answers import Sorted, sort_answer
from backend.adapters.push_loop import NOT_SENT, UNREACHABLE, Answer
from backend.adapters.push_pausing import Pause
from backend.adapters.push_payload import body_of
from backend.adapters.push_wire import Wire
from backend.kit.clock import Clock

REFUSED_BY_AUTH = "UNAUTHENTICATED"


class Authority(Protocol):
    """Gives the `Authorization` header: `push_credentials.py`."""

    def header(self) -> str:
        """Return the header's value; GoogleAuthError without credentials."""

    def replacing(self, refused: str) -> str | None:
        """Return another one than that which was refused, or None."""


class FastPush:
    """
    `Push` over FCM's HTTP v1 API at `url`, with lasting connections and no hidden retry.

    The one thing sent again by itself is what FCM refused for an outdated access token: it can not
    have arrived.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        authority: Authority,
        pause: Pause,
        *,
        app_url: str,
        ca_file: str = "",
    ) -> None:
        self._clock, self._authority, self._pause = clock, authority, pause
        self._app_url = app_url
        self._wire = Wire(
            url,
            ca_file=ca_file or DEFAULT_CA_BUNDLE_PATH,
            on_answer=self._hear,
            is_held=lambda: pause.left_s() > 0,
        )

    def send_all(self, messages: Sequence[PushMessage | Dismissal]) -> list[PushResult]:
        """Send each once over the lasting connections, and sort the answers."""
        if self._pause.left_s():
            return [self._paused()] * len(messages)
        bodies = [body_of(message, self._app_url) for message in messages]
        try:
            authorization = self._authority.header()
        except GoogleAuthError:
            return [PushResult(Outcome.MISCONFIGURED, "CREDENTIALS")] * len(messages)
        results = self._post(authorization, bodies)
        refused = [place for place, result in enumerate(results) if _is_unauthenticated(result)]
        renewed = self._authority.replacing(authorization) if refused else None
        if renewed is not None:
            again = self._post(renewed, [bodies[place] for place in refused])
            for place, result in zip(refused, again, strict=True):
                results[place] = result
        return results

    def _post(self, authorization: str, bodies: Sequence[bytes]) -> list[PushResult]:
        return [self._result(each) for each in self._wire.post_all(authorization, bodies)]

    def _result(self, answer: Answer) -> PushResult:
        return self._sorted(answer).result

    def _sorted(self, answer: Answer) -> Sorted:
        if answer.failure == NOT_SENT:
            return Sorted(self._paused())
        if answer.failure == UNREACHABLE:
            return Sorted(PushResult(Outcome.BUSY, answer.failure))
        if answer.failure:
            return Sorted(PushResult(Outcome.UNKNOWN, answer.failure))
        retry_after = str(answer.retry_after or "")
        return sort_answer(answer.status, retry_after, answer.body, self._clock.now())

    def _hear(self, answer: Answer) -> None:
        """Hold back what has not gone out yet, the moment FCM says so."""
        if answer.status in (429, 503):
            self._pause.begin(self._sorted(answer).pause_s)

    def _paused(self) -> PushResult:
        return PushResult(Outcome.THROTTLED, PAUSED, self._pause.left_s())


def _is_unauthenticated(result: PushResult) -> bool:
    is_ours = result.error_code == REFUSED_BY_AUTH
    return result.outcome is Outcome.MISCONFIGURED and is_ours
