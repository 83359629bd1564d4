"""
Who signs the addresses of objects.

A key file, or impersonation, signs by itself. On Cloud Run there is no key: the service account
asks IAM to sign for it, for which it needs the role Service Account Token Creator on itself
(`roles/iam.serviceAccountTokenCreator`). An emulator checks no signature: there a key made up on
the spot signs, so that addresses look, and are made, as in production.
"""

from functools import partial
from typing import Any

import google.auth
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, iam
from google.auth.credentials import Credentials, Signing
from google.auth.exceptions import DefaultCredentialsError
from google.auth.transport.requests import Request
from google.oauth2 import service_account

CLOUD = "https://www.googleapis.com/auth/cloud-platform"
TIMEOUT_S = 4.0


class IamSigning(Signing):
    """A service account without a key at hand, for which IAM signs (`signBlob`)."""

    def __init__(self, credentials: Credentials, email: str, request: Any) -> None:
        self._signer = iam.Signer(request, credentials, email)
        self._email = email

    @property
    def signer(self) -> Any:
        """Return what signs."""
        return self._signer

    @property
    def signer_email(self) -> str:
        """Return whose signature it is."""
        return self._email

    def sign_bytes(self, message: bytes) -> Any:
        """Return the signature."""
        return self._signer.sign(message)


def signing_credentials(*, is_emulated: bool) -> Signing:
    """
    Return what signs the addresses of objects.

    Raises:
        GoogleAuthError: there are no credentials, or those of a person, who cannot sign.
    """
    if is_emulated:
        return _made_up()
    credentials, _ = google.auth.default(scopes=[CLOUD])
    if isinstance(credentials, Signing):
        return credentials
    request = partial(Request(), timeout=TIMEOUT_S)
    credentials.refresh(request)  # Only then does the machine tell whose they are.
    email = getattr(credentials, "service_account_email", None)
    if not email:
        raise DefaultCredentialsError("Only a service account can sign addresses of files.")
    return IamSigning(credentials, email, request)


def _made_up() -> Signing:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return service_account.Credentials(
        signer=crypt.RSASigner.from_string(pem),
        service_account_email="files@emulated.iam.gserviceaccount.com",
        token_uri="https://oauth2.googleapis.com/token",  # noqa: S106 - an address.
    )
