"""Mail servers with faults and with TLS, for what the local stack's catcher does not do."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Talk = Callable[[socket.socket], None]
HOST = "127.0.0.1"


@contextmanager
def talking(talk: Talk, *, port: int = 0) -> Iterator[str]:
    """A server that says to each caller what `talk` says; its URL."""
    server = socket.create_server((HOST, port))
    callers: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                caller, _ = server.accept()
                callers.append(caller)
                threading.Thread(target=converse, args=[caller], daemon=True).start()

    def converse(caller: socket.socket) -> None:
        with caller, suppress(OSError):
            talk(caller)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"smtp://{HOST}:{server.getsockname()[1]}"
    finally:
        for each in (server, *callers):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(timeout=5)


def answering(**answers: str) -> Talk:
    """Be a simple server, but for these commands; `greeting` and `content` are such too."""

    def talk(caller: socket.socket) -> None:
        lines = caller.makefile("rb")

        def say(name: str, otherwise: str) -> None:
            caller.sendall((answers.get(name, otherwise) + "\r\n").encode())

        say("greeting", "220 here")
        while line := lines.readline():
            name = line[:4].strip().decode("ascii", "replace").lower()
            say(name, "354 go on" if name == "data" else "250 2.0.0 fine")
            if name == "data" and answers.get("data", "354")[0] == "3":
                while lines.readline() not in (b".\r\n", b""):
                    pass
                say("content", "250 2.0.0 taken")

    return talk


class Inbox:
    """What aiosmtpd hands over, and how people logged in."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.logins: list[tuple[str, str]] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 2.0.0 taken"

    def log_in(self, server: SMTP, session: Any, envelope: Any, way: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"p@ss:word")


@contextmanager
def secure_server(
    inbox: Inbox, folder: Path, *, name: str = HOST, implicit: bool
) -> Iterator[tuple[int, ssl.SSLContext]]:
    """A real server with TLS and login; its port, and whom to trust for it."""
    certificate = _certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    options: dict[str, Any] = {"ssl_context": context} if implicit else {"tls_context": context}
    controller = Controller(
        inbox,
        hostname=HOST,
        port=_free_port(),
        server_hostname="localhost",
        authenticator=inbox.log_in,
        auth_require_tls=not implicit,  # It does not see TLS that was there from the start.
        require_starttls=not implicit,
        **options,
    )
    controller.start()
    try:
        yield controller.port, ssl.create_default_context(cafile=str(certificate))
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as free:
        return int(free.getsockname()[1])


def _certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a mail server")])
    now = datetime.now(UTC)
    other: x509.GeneralName = (
        x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([other]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
