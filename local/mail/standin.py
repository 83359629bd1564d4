"""The mail catcher as an object: what tests and the command line start."""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from local.mail.app import build_mail_app
from local.mail.catcher import Catcher
from local.mail.message import ReceivedMail
from local.mail.smtp import SmtpServer
from local.problems import Problem
from local.serving.clock import Clock, system_clock
from local.serving.http import HttpServer

SMTP_SETTING = "LOCAL_SMTP_PORT"
SETTING = "LOCAL_MAIL_PORT"


class MailStandIn:
    """
    SMTP and an inbox on 127.0.0.1, between `with` and its end. It starts in milliseconds.

    Raises:
        Problem: one of the ports is taken.
    """

    def __init__(self, smtp_port: int = 0, port: int = 0, *, clock: Clock = system_clock) -> None:
        self._catcher = Catcher(clock)
        self._smtp = SmtpServer(self._catcher, port=smtp_port, setting=SMTP_SETTING)
        try:
            self._http = HttpServer(build_mail_app(self._catcher), port=port, setting=SETTING)
        except Problem:
            self._smtp.stop()
            raise

    @property
    def smtp_address(self) -> tuple[str, int]:
        """The host and the port to send mail to."""
        return self._smtp.address

    @property
    def url(self) -> str:
        """The base URL of the inbox."""
        return self._http.url

    def __enter__(self) -> Self:
        self._smtp.start()
        self._http.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop both servers and cut every open connection; delays are not waited for."""
        self._smtp.stop()
        self._http.stop()

    def messages(self, to: str | None = None) -> list[ReceivedMail]:
        """List the mails, oldest first, all or those for one recipient of the envelope."""
        return self._catcher.messages(to)

    def script(
        self, address: str, outcomes: Sequence[str | Mapping[str, Any]], repeat: bool = False
    ) -> None:
        """
        Prescribe the next outcomes of a recipient; none resets it.

        Raises:
            ValueError: an outcome is unknown or lacks its argument.
        """
        self._catcher.script(address, outcomes, repeat=repeat)

    def wait_for(
        self, what: int | Callable[[ReceivedMail], bool], timeout_s: float = 5
    ) -> list[ReceivedMail]:
        """
        Wait for a number of mails, or for one that satisfies a predicate; return what matches.

        Raises:
            TimeoutError: it did not arrive in time. The text says what did.
        """
        return self._catcher.inbox.wait_for(what, timeout_s)

    def clear(self) -> None:
        """Empty the inbox; scripts stay."""
        self._catcher.inbox.clear()
