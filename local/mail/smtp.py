"""The SMTP side: aiosmtpd on an event loop of its own thread."""

import asyncio
import socket
import threading
from weakref import WeakKeyDictionary

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from local.mail import reports
from local.mail.catcher import Catcher
from local.serving.http import HOST, port_problem
from local.serving.scripts import Step

_SIZE_LIMIT_BYTES = 10 * 1024 * 1024


class SmtpServer:
    """
    Takes mail on 127.0.0.1 from `start()` to `stop()`; port 0 picks a free one.

    Raises:
        Problem: the port is taken or forbidden. `setting` names what to change.
    """

    def __init__(self, catcher: Catcher, *, port: int, setting: str) -> None:
        try:
            self._socket = socket.create_server((HOST, port))
        except OSError as error:
            raise port_problem(port, setting, error) from error
        self._hooks = _Hooks(catcher)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._stopping: asyncio.Event
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="smtp", daemon=True
        )

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port."""
        return HOST, int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Begin to take mail."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Stop listening and cut the open connections."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self._socket.close()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._conversation, sock=self._socket.dup())
        self._ready.set()
        await self._stopping.wait()
        server.close()  # What is still being said is cancelled as the loop ends.

    def _conversation(self) -> SMTP:
        return SMTP(
            self._hooks,
            hostname="localhost",  # Else it asks the resolver, which may take seconds.
            ident="TaskFlow mail catcher",
            data_size_limit=_SIZE_LIMIT_BYTES,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=lambda *_: AuthResult(success=True),  # Any login is good here.
            loop=self._loop,
        )


class _Hooks:
    """What aiosmtpd calls, under the names it looks for."""

    def __init__(self, catcher: Catcher) -> None:
        self._catcher = catcher
        self._steps: WeakKeyDictionary[Envelope, list[Step]] = WeakKeyDictionary()

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        step = self._catcher.admit(address)
        if step.outcome == "REFUSE_550":
            return "550 5.1.1 Recipient address rejected: user unknown"
        if step.outcome == "BUSY_451":
            return "451 4.3.2 Service temporarily unavailable, try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        self._steps.setdefault(envelope, []).append(step)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        raw, sender = envelope.original_content or b"", envelope.mail_from or ""
        steps = self._steps.pop(envelope, [])
        told = [step.outcome for step in steps if step.outcome in reports.OUTCOMES]
        if set(told) & set(reports.BOUNCES):  # It reached nobody.
            queued_as = "returned"
        else:
            queued_as = self._catcher.receive(sender, envelope.rcpt_tos, raw).id
        for outcome in told:
            self._catcher.answer(outcome, sender, envelope.rcpt_tos[0], raw)
        await asyncio.sleep(sum(step.number or 0 for step in steps))
        drop = any(step.outcome == "ACCEPT_THEN_DROP" for step in steps)
        if drop and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return f"250 2.0.0 Ok: queued as {queued_as}"
