"""
Makes an HTTPS host that is hard-coded in an SDK lead to a local plain HTTP server.

Names are resolved to a local port that ends TLS with a certificate for that host, signed by a
throw-away authority, which the SDK trusts through its usual variables. Neither the SDK nor our
code is patched, and the connection is like the real one. (Through a CONNECT proxy it would not
be: urllib3 then takes a lost answer for the proxy's fault, and repeats ten times instead of once.)
Only clients that use the port they are given by the resolver come along: requests, not httpx.
"""

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_AUTHORITY = "A throw-away authority"


@contextmanager
def https_redirected(host: str, upstream: tuple[str, int], folder: Path) -> Iterator[None]:
    """Lead `https://{host}` to `upstream` within this process, keeping certificates in `folder`."""
    ca_file, chain_file = folder / "ca.pem", folder / "chain.pem"
    certify(host, ca_file, chain_file)
    with pytest.MonkeyPatch.context() as patch, _TlsFront(upstream, chain_file) as front:
        patch.setattr(socket, "getaddrinfo", resolver(host, front.server_address))
        patch.setenv("NO_PROXY", "*")
        for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
            patch.setenv(name, str(ca_file))
        thread = threading.Thread(target=front.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            front.shutdown()
            thread.join()


class _TlsFront(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: tuple[str, int], chain_file: Path) -> None:
        self.upstream = upstream
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(chain_file)
        super().__init__(("127.0.0.1", 0), _Connection)

    def handle_error(self, *_: object) -> None:
        """Either side may go at any time: that is what some tests are about."""


class _Connection(BaseRequestHandler):
    server: _TlsFront

    def handle(self) -> None:
        with (
            self.server.tls.wrap_socket(self.request, server_side=True) as client,
            socket.create_connection(self.server.upstream) as upstream,
        ):
            _pump(client, upstream)


def _pump(client: ssl.SSLSocket, upstream: socket.socket) -> None:
    """Copy both ways until one side ends. One thread: an SSL socket must not be shared."""
    while True:
        ready = [client] if client.pending() else select.select([client, upstream], [], [])[0]
        for source, sink in ((client, upstream), (upstream, client)):
            if source in ready:
                data = source.recv(65536)
                if not data:
                    return
                sink.sendall(data)


def resolver(host: str, address: tuple[str, int]):
    """Return `socket.getaddrinfo`, but for one host that is found at `address`."""
    resolve = socket.getaddrinfo

    def getaddrinfo(asked: str | bytes | None, port: object, *rest: object, **options: object):
        if asked in (host, host.encode()):
            return resolve(*address, *rest, **options)
        return resolve(asked, port, *rest, **options)

    return getaddrinfo


def certify(host: str, ca_file: Path, chain_file: Path) -> None:
    """Write a throw-away authority, and a key with its certificate for `host` and localhost."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    ca = (
        _certificate(_AUTHORITY, ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(authority_id, critical=False)
    )
    leaf = (
        _certificate(host, key)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host), x509.DNSName("localhost")]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_id),
            critical=False,
        )
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    ca_file.write_bytes(_signed(ca, ca_key))
    chain_file.write_bytes(private + _signed(leaf, ca_key))


def _certificate(subject: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _AUTHORITY)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _signed(certificate: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> bytes:
    return certificate.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
