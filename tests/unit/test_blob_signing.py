"""Who signs addresses of files: a key, IAM in its place, or nobody."""

import base64
import json
from typing import Any

import google.auth
import pytest
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError
from google.cloud.storage import Client

from backend.adapters import blob_signing
from backend.adapters.blob_signing import signing_credentials

EMAIL = "taskflow@example.iam.gserviceaccount.com"


class MachineCredentials(Credentials):
    """As of Cloud Run: a token, no key, and its name only after the first refresh."""

    service_account_email: str | None = "default"

    def __init__(self, email: str | None = EMAIL) -> None:
        super().__init__()
        self._email = email

    def refresh(self, request: Any) -> None:
        self.token = "of-this-machine"
        self.service_account_email = self._email


class Iam:
    """What IAM answers, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, **request: Any) -> Any:
        self.asked.append(request)
        signed = base64.b64encode(b"signature").decode()
        data = json.dumps({"signedBlob": signed}).encode()
        return type("Answer", (), {"status": 200, "data": data})()


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iam:
    iam = Iam()
    monkeypatch.setattr(blob_signing, "Request", lambda: iam)
    return iam


class TestSigning:
    """Without a key at hand, IAM signs."""

    def test_on_a_machine_without_keys(self, iam: Iam, monkeypatch: pytest.MonkeyPatch):
        """`signBlob` of the machine's own service account, with a deadline."""
        monkeypatch.setattr(google.auth, "default", lambda scopes: (MachineCredentials(), "p"))
        signing = signing_credentials(is_emulated=False)

        url = (
            Client("p", credentials=MachineCredentials())
            .bucket("b")
            .blob("a")
            .generate_signed_url(version="v4", expiration=900, credentials=signing)
        )

        (asked,) = iam.asked
        assert asked["url"].endswith(f"/serviceAccounts/{EMAIL}:signBlob")
        assert "Bearer of-this-machine" == asked["headers"]["authorization"]
        assert asked["timeout"] <= 5
        payload = base64.b64decode(json.loads(asked["body"])["payload"])
        assert payload.startswith(b"GOOG4-RSA-SHA256\n")
        assert b"signature".hex() in url
        assert EMAIL.replace("@", "%40") in url

    def test_a_person_cannot_sign(self, iam: Iam, monkeypatch: pytest.MonkeyPatch):
        """Credentials without a service account say so when an address is wanted."""
        monkeypatch.setattr(google.auth, "default", lambda scopes: (MachineCredentials(None), "p"))

        with pytest.raises(DefaultCredentialsError, match="service account"):
            signing_credentials(is_emulated=False)

    def test_for_an_emulator_a_key_is_made_up(self):
        """Another one each time: it opens nothing anywhere."""
        one, other = (signing_credentials(is_emulated=True) for _ in range(2))

        assert one.sign_bytes(b"x") != other.sign_bytes(b"x")
