"""The public keys that somebody else signs with: fetched, kept as long as allowed, rotated."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import requests
import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.errors import Unavailable

log = structlog.get_logger()

TIMEOUT_S = 3.0
MAX_BYTES = 256 * 1024
PAUSE_S = 5.0  # At least this long between two fetches that a caller can cause.
LEAST_FRESH_S = 1.0
FRESH_BY_DEFAULT_S = 300.0
MOST_FRESH_S = 24 * 3600.0
STALE_S = 6 * 3600.0  # How long keys outlive their max-age while no newer ones can be had.
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})")
LEAST_BITS = 2048

UNUSABLE = (requests.RequestException, UnsupportedAlgorithm, ValueError, RecursionError)

Keys = Mapping[str, RSAPublicKey]
Parser = Callable[[Any], Keys]


class UnknownKeyError(Exception):
    """Nobody published a key of this id."""


@dataclass(frozen=True, slots=True)
class _Held:
    keys: Keys
    fetched_at: float
    fresh_until: float

    def is_fresh(self, now: float) -> bool:
        return now < self.fresh_until

    def is_usable(self, now: float) -> bool:
        return now < self.fresh_until + STALE_S


class KeyRing:
    """
    RSA keys by id, as published under one URL.

    One thread fetches while the others wait for it; in an outage they go on with the keys they
    have, for STALE_S at most. Ids that nobody published cause a fetch every PAUSE_S, no more.
    """

    def __init__(self, url: str, clock: Clock, parse: Parser) -> None:
        self._url = url
        self._clock = clock
        self._parse = parse
        self._session = requests.Session()
        self._fetching = Lock()
        self._held: _Held | None = None
        self._failed_at: float | None = None  # None as long as the last fetch succeeded.

    def key(self, key_id: object) -> RSAPublicKey:
        """
        Return the key of this id.

        Raises:
            UnknownKeyError: there is none.
            Unavailable: whether there is one cannot be known now.
        """
        if not isinstance(key_id, str) or not KEY_ID.fullmatch(key_id):
            raise UnknownKeyError
        held = self._held
        if held is None or key_id not in held.keys or not held.is_fresh(self._clock.monotonic()):
            held = self._renewed(held, key_id)
        found = held.keys.get(key_id)
        if found is not None:
            return found
        if self._failed_at is not None:
            raise Unavailable("The keys that check tokens cannot be had now.")
        raise UnknownKeyError

    def _renewed(self, seen: _Held | None, key_id: str) -> _Held:
        # Where an outage is known, only one thread at a time pays for looking whether it is over.
        must_wait = seen is None or self._failed_at is None
        patience_s = left_s(self._clock, longest=TIMEOUT_S) if must_wait else 0
        if self._fetching.acquire(timeout=patience_s):
            try:
                if self._held is seen and self._is_worth_fetching(key_id):
                    self._fetch()
            finally:
                self._fetching.release()
        held = self._held
        if held is None or not held.is_usable(self._clock.monotonic()):
            raise Unavailable("The keys that check tokens cannot be had now.")
        return held

    def _is_worth_fetching(self, key_id: str) -> bool:
        now = self._clock.monotonic()
        if self._failed_at is not None and now < self._failed_at + PAUSE_S:
            return False
        held = self._held
        if held is None or not held.is_fresh(now):
            return True
        return key_id not in held.keys and now >= held.fetched_at + PAUSE_S

    def _fetch(self) -> None:
        try:
            headers, body = self._download()
            keys = self._parse(json.loads(body))
        except UNUSABLE as error:
            self._failed_at = self._clock.monotonic()
            log.warning("keys.not_fetched", url=self._url, error=type(error).__name__)
            return
        now = self._clock.monotonic()
        self._held = _Held(keys, now, now + _fresh_s(headers))
        self._failed_at = None

    def _download(self) -> tuple[Mapping[str, str], bytes]:
        timeout_s = left_s(self._clock, longest=TIMEOUT_S)
        give_up_at = self._clock.monotonic() + timeout_s
        with self._session.get(
            self._url, timeout=timeout_s, stream=True, allow_redirects=False
        ) as answer:
            if answer.status_code != 200:
                raise ValueError(f"status {answer.status_code}")
            body = b""
            for chunk in answer.iter_content(16 * 1024):
                body += chunk
                if len(body) > MAX_BYTES or self._clock.monotonic() > give_up_at:
                    raise ValueError("too much, or too slow")
            return answer.headers, body


def certificates(published: Any) -> Keys:
    """
    Read X.509 certificates by key id, as Google publishes them.

    Raises:
        ValueError: there is not one RSA key among them.
    """
    keys: dict[str, RSAPublicKey] = {}
    for key_id, pem in _entries(published):
        key = x509.load_pem_x509_certificate(str(pem).encode()).public_key()
        if isinstance(key, RSAPublicKey) and key.key_size >= LEAST_BITS:
            keys[key_id] = key
    return _at_least_one(keys)


def json_web_keys(published: Any) -> Keys:
    """
    Read a JSON Web Key Set (RFC 7517), as App Check publishes it.

    Raises:
        ValueError: there is not one RSA key in it.
    """
    keys: dict[str, RSAPublicKey] = {}
    found = dict(_entries(published)).get("keys")
    for each in found if isinstance(found, list) else []:
        entry = dict(_entries(each))
        if entry.get("kty") == "RSA" and isinstance(entry.get("kid"), str):
            key = RSAPublicNumbers(_integer(entry.get("e")), _integer(entry.get("n"))).public_key()
            if key.key_size >= LEAST_BITS:
                keys[entry["kid"]] = key
    return _at_least_one(keys)


def _entries(published: Any) -> list[tuple[str, Any]]:
    if not isinstance(published, dict):
        raise ValueError("not an object")  # noqa: TRY004 - It is data that is wrong, not a type.
    return list(published.items())


def _at_least_one(keys: Keys) -> Keys:
    if not keys:
        raise ValueError("no key")
    return keys


def _integer(text: Any) -> int:
    encoded = str(text).encode()
    return int.from_bytes(base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)))


def _fresh_s(headers: Mapping[str, str]) -> float:
    found = MAX_AGE.search(headers.get("Cache-Control", ""))
    age = headers.get("Age", "")
    fresh_s = float(found[1]) if found else FRESH_BY_DEFAULT_S
    fresh_s -= float(age) if age.isascii() and age.isdigit() else 0.0
    return min(max(fresh_s, LEAST_FRESH_S), MOST_FRESH_S)
