"""Who signs the OIDC tokens: one RSA key with its certificate, kept beside the database."""

import hashlib
import os
import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

from local.cloudtasks.clock import Clock, SystemClock
from local.cloudtasks.errors import CannotStartError
from local.cloudtasks.model import OidcToken

ISSUER = "https://accounts.google.com"
TOKEN_LIFETIME_S = 3600
CERTIFICATE_LIFETIME = timedelta(days=3650)
_generating = threading.Lock()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its certificate, both PEM. The private half stays out of `repr`."""

    certificate_pem: str
    key_id: str
    private_pem: bytes

    def __repr__(self) -> str:
        """Name the key without showing it."""
        return f"SigningKey({self.key_id})"


@cache
def _key_of_this_process() -> SigningKey:
    return new_key()


def shared_key() -> SigningKey:
    """Return one key for the whole process: making one takes longer than a test should."""
    with _generating:
        return _key_of_this_process()


def new_key() -> SigningKey:
    """Make a 2048-bit RSA key and a self-signed certificate for it."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "local Cloud Tasks stand-in")])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + CERTIFICATE_LIFETIME)
        .sign(private, hashes.SHA256())
    )
    return _assembled(pem, certificate)


def load_or_keep(path: Path) -> SigningKey:
    """
    Return the key stored at `path`, storing this process's shared key if there is none.

    Raises:
        CannotStartError: what is stored there is no key.
    """
    if path.exists():
        try:
            return _read(path)
        except ValueError as error:
            raise CannotStartError(
                f"{path} is not a signing key. Delete it for a new one."
            ) from error
    key = shared_key()
    # Written aside and renamed, so that a kill in between leaves no half key behind.
    aside = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_pem + key.certificate_pem.encode())
    aside.replace(path)
    return key


def _read(path: Path) -> SigningKey:
    stored = path.read_bytes()
    certificate = x509.load_pem_x509_certificate(stored)
    begin = stored.index(b"-----BEGIN CERTIFICATE")
    return _assembled(stored[:begin], certificate)


def _assembled(private_pem: bytes, certificate: x509.Certificate) -> SigningKey:
    fingerprint = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
    return SigningKey(
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key_id=fingerprint[:40],
        private_pem=private_pem,
    )


@cache
def _signer(key: SigningKey) -> crypt.Signer:
    # Reading a private key takes 80 ms, for OpenSSL checks it: once per process is enough.
    signer: crypt.Signer = crypt.RSASigner.from_string(key.private_pem, key.key_id)
    return signer


class Identity:
    """Issues the tokens that go with tasks."""

    def __init__(self, key: SigningKey, clock: Clock) -> None:
        self._clock = clock
        self._key = key
        self.certificates = {key.key_id: key.certificate_pem}

    def token(self, oidc: OidcToken, *, url: str) -> str:
        """Return a signed token, good for an hour, for the audience asked for or the URL."""
        issued_at = int(self._clock.now().timestamp())
        email = oidc.service_account_email
        # An account's numeric id: Google never reuses one, so it follows from the e-mail here.
        subject = str(int(hashlib.sha256(email.encode()).hexdigest(), 16) % 10**20 + 10**20)
        claims = {
            "iss": ISSUER,
            "aud": oidc.audience or url,
            "azp": subject,
            "sub": subject,
            "email": email,
            "email_verified": True,
            "iat": issued_at,
            "exp": issued_at + TOKEN_LIFETIME_S,
        }
        encoded: bytes = jwt.encode(_signer(self._key), claims)
        return encoded.decode()
