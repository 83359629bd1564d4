"""The FCM stand-in as an object: what tests and the command line start."""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from local.fcm.app import build_fcm_app
from local.fcm.engine import Fcm
from local.fcm.push import ReceivedPush, Shown
from local.serving.clock import Clock, system_clock
from local.serving.http import HttpServer

SETTING = "LOCAL_FCM_PORT"


class FcmStandIn:
    """
    FCM on 127.0.0.1, between `with` and its end. It starts in a few milliseconds.

    Raises:
        Problem: the port is taken.
    """

    def __init__(self, port: int = 0, *, clock: Clock = system_clock) -> None:
        self._fcm = Fcm(clock)
        self._server = HttpServer(build_fcm_app(self._fcm), port=port, setting=SETTING)

    @property
    def url(self) -> str:
        """The base URL, to use in place of https://fcm.googleapis.com."""
        return self._server.url

    @property
    def port(self) -> int:
        return self._server.port

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop answering, and cut every open connection; delayed answers are not waited for."""
        self._fcm.stopping.set()
        self._server.stop()

    def messages(self, token: str | None = None) -> list[ReceivedPush]:
        """List the attempts, oldest first, all or those for one token or installation id."""
        return self._fcm.messages(token)

    def tray(self, token: str) -> list[Shown]:
        """List what the phone would show, newest first."""
        return self._fcm.tray(token)

    def script(
        self, token: str, outcomes: Sequence[str | Mapping[str, Any]], repeat: bool = False
    ) -> None:
        """
        Prescribe the next outcomes of a token or installation id; none resets it.

        Raises:
            ValueError: an outcome is unknown or lacks its argument.
        """
        self._fcm.scripts.set(token, outcomes, repeat=repeat)

    def wait_for(
        self, what: int | Callable[[ReceivedPush], bool], timeout_s: float = 5
    ) -> list[ReceivedPush]:
        """
        Wait for a number of attempts, or for one that satisfies a predicate; return what matches.

        Raises:
            TimeoutError: it did not arrive in time. The text says what did.
        """
        return self._fcm.inbox.wait_for(what, timeout_s)

    def clear(self) -> None:
        """Empty the inbox; scripts stay."""
        self._fcm.inbox.clear()
