"""
A few lasting connections to the mail server, each lent to one mail at a time.

A greeting, TLS and a login take half a dozen round trips, a mail on an open connection three.
"""

import os
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock, Semaphore
from threading import Timer as Alarm
from urllib.parse import unquote, urlsplit

from backend.kit.clock import Clock
from backend.kit.errors import Unavailable
from backend.settings import Settings

STEP_S = 6.0  # For each answer of the server.
MOST_LINES = 4  # Of one process; servers begin to refuse at ten or twenty from one address.
MOST_MAILS = 100  # On one connection: many servers end it there by themselves.
IDLE_S = 30.0  # Then we say good-bye; servers do after one to five minutes.
SURE_S = 1.0  # Who was silent for longer is asked whether they are still there.
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(slots=True)
class Line:
    """A connection: how many mails it has carried, and since when it waits for the next one."""

    server: smtplib.SMTP
    mails: int = 0
    idle_since: float = 0.0

    @property
    def is_used(self) -> bool:
        """Whether the server may have had enough of it since."""
        return self.mails > 0

    def end(self) -> None:
        """Say good-bye, and be gone whatever the answer is."""
        with suppress(smtplib.SMTPException, OSError), _cut_after(SURE_S, self.server):
            self.server.quit()
        self.server.close()


@dataclass(slots=True)
class _Held:
    """What one process holds: idle lines, the freshest last, and how many may still be lent."""

    pid: int = field(default_factory=os.getpid)
    idle: list[Line] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    free: Semaphore = field(default_factory=lambda: Semaphore(MOST_LINES))
    is_watched: bool = False


class Lines:
    """Opens connections, in TLS from the start (smtps) or from STARTTLS on (smtp); keeps a few."""

    def __init__(
        self, settings: Settings, clock: Clock, *, domain: str, trusted: ssl.SSLContext | None
    ) -> None:
        """Call ourselves `domain`; take the certificates of `trusted`, or those of the machine."""
        self._clock = clock
        self._url = urlsplit(settings.smtp_url)
        self._domain = domain
        # A password is said in the clear to nobody.
        self._needs_tls = settings.in_production or bool(self._url.username)
        self._trusted = trusted
        self._held = _Held()

    @contextmanager
    def lent(self, *, whole_s: float, fresh: bool = False) -> Iterator[Line]:
        """
        Lend a line: an idle one, or a new one where there is none or a `fresh` one is wanted.

        Waiting for one counts too: it is cut after `whole_s` seconds in all. It is kept for the
        next mail if the block ends without an error, and closed if not.

        Raises:
            Unavailable: all are in use, or the server offers no TLS.
            SMTPException: the server does not let us in.
            OSError: it does not answer.
        """
        held, ends_at = self._of_this_process(), self._clock.monotonic() + whole_s
        if not held.free.acquire(timeout=whole_s):
            raise Unavailable("All connections to the mail server are in use.")
        try:
            line = (None if fresh else self._idle(held)) or Line(self._server())
            try:
                with _cut_after(max(0.0, ends_at - self._clock.monotonic()), line.server):
                    if not line.is_used:
                        self._open(line.server)
                    yield line
            except BaseException:
                line.server.close()
                raise
            self._keep(held, line)
        finally:
            held.free.release()

    def close(self) -> None:
        """End all that are idle. The next mail opens another."""
        self._end(self._of_this_process(), idle_for_s=0.0)

    def _of_this_process(self) -> _Held:
        """
        Return what this process holds.

        A child of a fork shares the sockets of its parent, who goes on using them: it lets go of
        them without a word. Its parent's lock may be held by a thread that it does not have.
        """
        held = self._held
        if held.pid == os.getpid():
            return held
        for line in held.idle:
            line.server.close()
        self._held = _Held()
        return self._held

    def _idle(self, held: _Held) -> Line | None:
        while True:
            with held.lock:
                line = held.idle.pop() if held.idle else None
            if line is None or self._is_alive(line):
                return line
            line.server.close()

    def _is_alive(self, line: Line) -> bool:
        silent_s = self._clock.monotonic() - line.idle_since
        if silent_s <= SURE_S:
            return True
        if silent_s > IDLE_S:
            return False
        with suppress(smtplib.SMTPException, OSError), _cut_after(SURE_S, line.server):
            return line.server.rset()[0] == 250
        return False

    def _keep(self, held: _Held, line: Line) -> None:
        line.mails += 1
        if line.server.sock is None:
            return
        if line.mails >= MOST_MAILS:
            line.end()
            return
        line.idle_since = self._clock.monotonic()
        with held.lock:
            held.idle.append(line)
        self._watch(held)

    def _watch(self, held: _Held) -> None:
        """Have somebody look after the idle lines, where nobody does and there are any."""
        with held.lock:
            if held.is_watched or not held.idle:
                return
            held.is_watched = True
        watch = Alarm(IDLE_S, self._look_after, [held])
        watch.daemon = True
        watch.start()

    def _look_after(self, held: _Held) -> None:
        self._end(held, idle_for_s=IDLE_S)
        with held.lock:
            held.is_watched = False
        self._watch(held)

    def _end(self, held: _Held, *, idle_for_s: float) -> None:
        before = self._clock.monotonic() - idle_for_s
        with held.lock:
            ended = [line for line in held.idle if line.idle_since <= before]
            held.idle = [line for line in held.idle if line.idle_since > before]
        for line in ended:
            line.end()

    def _server(self) -> smtplib.SMTP:
        # Without a host it does not connect yet, so that it can be cut from the start. And a name
        # for ourselves, else it asks the resolver for one, which may take seconds.
        if self._url.scheme == "smtps":
            return smtplib.SMTP_SSL(
                local_hostname=self._domain, timeout=STEP_S, context=self._tls()
            )
        return smtplib.SMTP(local_hostname=self._domain, timeout=STEP_S)

    def _open(self, server: smtplib.SMTP) -> None:
        host = self._url.hostname or ""
        # TLS checks it, and `connect` forgets to set it.
        server._host = host  # type: ignore[attr-defined]  # noqa: SLF001
        code, words = server.connect(host, self._url.port or PORTS[self._url.scheme])
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        server.ehlo_or_helo_if_needed()
        if self._url.scheme == "smtp":
            self._begin_tls(server)
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))

    def _begin_tls(self, server: smtplib.SMTP) -> None:
        if server.has_extn("starttls"):
            server.starttls(context=self._tls())
            server.ehlo_or_helo_if_needed()
        elif self._needs_tls:  # Perhaps somebody on the way has left it out of the answer.
            raise Unavailable("The mail server does not offer TLS.")

    def _tls(self) -> ssl.SSLContext:
        if self._trusted is None:  # Once: it reads some hundred certificates.
            self._trusted = ssl.create_default_context()
        return self._trusted


@contextmanager
def patient(server: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """
    Wait so long for each answer in this block, unless the line is cut before.

    Whoever gives up after the end of a mail gets it delivered, and sends it once more (RFC 5321,
    4.5.3.2.6).
    """
    _set_timeout(server, seconds)
    try:
        yield
    finally:
        _set_timeout(server, STEP_S)


def _set_timeout(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)


@contextmanager
def _cut_after(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    """End a conversation whose time is up: whoever waits for an answer gets an error."""
    alarm = Alarm(seconds, _cut, [server])
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _cut(server: smtplib.SMTP) -> None:
    sock = server.sock
    if sock is not None:
        with suppress(OSError):
            # Not `sock.shutdown`, which would take TLS apart under the hands of who reads.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
