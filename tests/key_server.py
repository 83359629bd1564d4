"""Where public keys are published: as certificates, as a JWKS, with rotation and outages."""

import base64
import json
from collections import Counter
from enum import StrEnum
from threading import Event
from typing import Any, Self

from cryptography import x509

from local.cloudtasks.identity import SigningKey
from local.serving.http import HANG_UP, HttpServer

CERTS, JWKS = "/certs", "/v1/jwks"
HANG_S = 60


class Mood(StrEnum):
    """How the server answers."""

    WELL = "well"
    FAILING = "failing"  # 503
    CUT = "cut"  # The connection closes without an answer.
    GARBAGE = "garbage"
    SILENT = "silent"  # It never answers, until the server stops.


class KeyServer:
    """Publishes `keys` under every path: as JWKS under JWKS, as certificates elsewhere."""

    def __init__(self, *keys: SigningKey, max_age_s: int = 3600) -> None:
        self.keys = keys
        self.max_age_s = max_age_s
        self.mood = Mood.WELL
        self.garbage = b"<html>Sorry</html>"
        self.hits: Counter[str] = Counter()
        self.consumed: set[str] = set()
        self._stopping = Event()
        self._server = HttpServer(self._answer, port=0, setting="none")

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.stop()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def certs_url(self) -> str:
        return self.url + CERTS

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._server.port

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        self.hits[path] += 1
        headers = [
            ("Content-Type", "application/json"),
            ("Cache-Control", f"public, max-age={self.max_age_s}, must-revalidate"),
        ]
        if self.mood is Mood.SILENT:
            self._stopping.wait(HANG_S)
        if self.mood in (Mood.CUT, Mood.SILENT):
            environ[HANG_UP]()
        if self.mood is Mood.FAILING:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
            return [b"Later."]
        start_response("200 OK", headers)
        return [self.garbage if self.mood is Mood.GARBAGE else self._body(path, environ)]

    def _body(self, path: str, environ: dict[str, Any]) -> bytes:
        if path.endswith(":verifyAppCheckToken"):
            token = json.load(environ["wsgi.input"])["app_check_token"]
            was_consumed = token in self.consumed
            self.consumed.add(token)
            return json.dumps({"alreadyConsumed": True} if was_consumed else {}).encode()
        if path == JWKS:
            return json.dumps({"keys": [jwk(key) for key in self.keys]}).encode()
        return json.dumps({key.key_id: key.certificate_pem for key in self.keys}).encode()


def jwk(key: SigningKey) -> dict[str, str]:
    """Return the public half of a key as a JSON Web Key."""
    certificate = x509.load_pem_x509_certificate(key.certificate_pem.encode())
    numbers = certificate.public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key.key_id,
        "n": _integer(numbers.n),
        "e": _integer(numbers.e),
    }


def _integer(value: int) -> str:
    content = value.to_bytes((value.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
