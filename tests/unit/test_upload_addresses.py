"""
What a signed address binds: proved on the request itself, since the emulator checks no signature.

The signature is checked as Cloud Storage does (V4): the canonical request is put together anew
from what a client would send, and compared by the public key.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from google.auth import crypt
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client
from google.oauth2 import service_account

from backend.adapters import blobs as blobs_file
from backend.adapters.blobs import CloudStorageBlobs, UploadAddress
from backend.settings import Settings
from tests.clock import VirtualClock

BUCKET, NAME = "taskflow-files", "uploads/w/t/a"
PNG = "image/png"


@pytest.fixture(scope="module")
def key() -> Any:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def blobs(key: Any, monkeypatch: pytest.MonkeyPatch) -> CloudStorageBlobs:
    """As in production: Google's own address, and a service account with a key."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    signing = service_account.Credentials(
        signer=crypt.RSASigner.from_string(pem),
        service_account_email="taskflow@example.iam.gserviceaccount.com",
        token_uri="https://oauth2.googleapis.com/token",
    )
    monkeypatch.setattr(blobs_file, "signing_credentials", lambda is_emulated: signing)
    monkeypatch.setattr(blobs_file, "Client", _client)
    settings = Settings(
        project_id="p",
        worker_url="https://example.com",
        worker_service_account="w@example.com",
        signing_secret="",
        storage_bucket=BUCKET,
    )
    return CloudStorageBlobs(settings, VirtualClock())


def _client(project: str) -> Client:
    return Client(project, credentials=AnonymousCredentials())


@pytest.fixture
def address(blobs: CloudStorageBlobs) -> UploadAddress:
    return blobs.upload_address(NAME, size=48_213, content_type=PNG)


def is_let_in(public: RSAPublicKey, method: str, url: str, headers: Mapping[str, str]) -> bool:
    """Whether Cloud Storage finds the signature to be that of this very request."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    signature = bytes.fromhex(query.pop("X-Goog-Signature"))
    sent = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    sent["host"] = parts.netloc
    named = query["X-Goog-SignedHeaders"].split(";")
    lines = "".join(f"{name}:{sent.get(name, '')}\n" for name in named)
    asked = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query.items()))
    request = "\n".join([method, parts.path, asked, lines, ";".join(named), "UNSIGNED-PAYLOAD"])
    scope = query["X-Goog-Credential"].partition("/")[2]
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(["GOOG4-RSA-SHA256", query["X-Goog-Date"], scope, digest])
    try:
        public.verify(signature, text.encode(), PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


class TestUploadAddress:
    """One object, one method, one type, one length, a quarter of an hour."""

    def test_as_it_is_meant(self, key: Any, address: UploadAddress):
        """The request that the answer describes is let in."""
        assert is_let_in(key.public_key(), "PUT", address.url, address.headers) is True

    def test_its_headers_are_signed(self, address: UploadAddress):
        """So that Cloud Storage holds the upload to the length: from so many bytes to as many."""
        query = dict(parse_qsl(urlsplit(address.url).query))

        assert "content-type;host;x-goog-content-length-range" == query["X-Goog-SignedHeaders"]
        assert {
            "Content-Type": PNG,
            "x-goog-content-length-range": "48213,48213",
        } == address.headers

    @pytest.mark.parametrize(
        ("header", "value"),
        [
            ("Content-Type", "text/html"),
            ("Content-Type", "image/svg+xml"),
            ("Content-Type", ""),
            ("x-goog-content-length-range", "0,99999999"),
            ("x-goog-content-length-range", "48213,48214"),
            ("x-goog-content-length-range", ""),
        ],
    )
    def test_another_type_or_length(
        self, key: Any, address: UploadAddress, header: str, value: str
    ):
        """Or none: the signature is of another request."""
        headers = {**address.headers, header: value}

        assert is_let_in(key.public_key(), "PUT", address.url, headers) is False

    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD", "PATCH"])
    def test_another_method(self, key: Any, address: UploadAddress, method: str):
        """Nothing is read or deleted by it."""
        assert is_let_in(key.public_key(), method, address.url, address.headers) is False

    @pytest.mark.parametrize(
        ("part", "other"),
        [
            ("/uploads/w/t/a", "/uploads/w/t/b"),
            ("/uploads/w/t/a", "/workspaces/w/tasks/t/attachments/a"),
            (BUCKET, "other-bucket"),
            ("X-Goog-Expires=900", "X-Goog-Expires=604800"),
            ("%2Fauto%2Fstorage", "%2Feu%2Fstorage"),
            ("content-type%3Bhost%3B", "host%3B"),
        ],
    )
    def test_another_object_or_longer(
        self, key: Any, address: UploadAddress, part: str, other: str
    ):
        """Whatever is changed of the address, another would have had to sign it."""
        assert 1 <= address.url.count(part)
        changed = address.url.replace(part, other)

        assert is_let_in(key.public_key(), "PUT", changed, address.headers) is False

    def test_it_holds_for_a_quarter_of_an_hour(self, address: UploadAddress):
        """From now."""
        query = dict(parse_qsl(urlsplit(address.url).query))
        signed_at = datetime.strptime(query["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

        assert "900" == query["X-Goog-Expires"]
        assert abs(datetime.now(UTC) - signed_at) < timedelta(minutes=5)

    def test_at_googles_address(self, address: UploadAddress):
        """Over TLS, in our bucket, under the name we made."""
        url = urlsplit(address.url)

        assert ("https", "storage.googleapis.com") == (url.scheme, url.netloc)
        assert f"/{BUCKET}/{NAME}" == url.path


class TestDownloadAddress:
    """A download of a name and type that are signed, too."""

    def test_disposition_and_type_are_signed(self, key: Any, blobs: CloudStorageBlobs):
        """Nobody makes a page of it by changing the address."""
        url = blobs.download_url(NAME, filename='a";b\u202e日.png', content_type=PNG)
        query = dict(parse_qsl(urlsplit(url).query))
        as_page = url.replace("image%2Fpng", "text%2Fhtml")
        shown = url.replace("attachment%3B", "inline%3B")

        assert query["response-content-disposition"].startswith('attachment; filename="a__b__')
        assert PNG == query["response-content-type"]
        assert [True, False, False] == [
            is_let_in(key.public_key(), "GET", each, {}) for each in (url, as_page, shown)
        ]
        assert url not in (as_page, shown)
