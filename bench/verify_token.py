"""
What it costs to check an ID token: our verifier beside firebase-admin's, in one run.

`python -m bench.verify_token`: the numbers are this machine's, the ratios travel. Certificates
come from a local server, for firebase-admin by way of a throw-away certificate authority.
"""

import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import firebase_admin
from firebase_admin import auth
from google.auth.credentials import AnonymousCredentials

from backend.adapters.identity import FirebaseIdentity
from backend.kit.clock import SystemClock
from backend.settings import Settings
from tests.key_server import KeyServer
from tests.local.https_redirect import https_redirected
from tests.tokens import id_claims, signed, signing_key

PROJECT = "bench"
TOKENS, ROUNDS = 200, 7


class _Credential(firebase_admin.credentials.Base):  # type: ignore[misc]
    def get_credential(self) -> AnonymousCredentials:
        return AnonymousCredentials()


def main() -> None:
    """Print CPU µs per token, the median of several rounds, interleaved."""
    key = signing_key("bench")
    with tempfile.TemporaryDirectory() as folder, KeyServer(key) as keys:
        settings = Settings(
            project_id=PROJECT,
            worker_url="https://worker.example.test",
            worker_service_account="jobs@example.test",
            signing_secret=secrets.token_hex(),
            id_token_certs_url=keys.certs_url,
        )
        now = SystemClock().now()
        tokens = [signed(id_claims(f"u{n}", PROJECT, at=now), key) for n in range(TOKENS)]
        sdk = firebase_admin.initialize_app(_Credential(), {"projectId": PROJECT}, "bench")
        with https_redirected("www.googleapis.com", keys.address, Path(folder)):
            report(settings, sdk, tokens)
        firebase_admin.delete_app(sdk)


def report(settings: Settings, sdk: firebase_admin.App, tokens: list[str]) -> None:
    """Measure the three ways and print them."""
    warm = FirebaseIdentity(settings, SystemClock())
    warm.verify(tokens[0])
    known = FirebaseIdentity(settings, SystemClock())
    for token in tokens:
        known.verify(token)
        auth.verify_id_token(token, sdk)

    def firsts() -> Callable[[str], object]:
        warm._remembered.clear()  # noqa: SLF001 - Each token is to be new again.
        return warm.verify

    ways: dict[str, Callable[[], Callable[[str], object]]] = {
        "firebase-admin": lambda: lambda token: auth.verify_id_token(token, sdk),
        "ours, first sight": firsts,
        "ours, remembered": lambda: known.verify,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(_micros(way(), tokens))
    medians = {name: statistics.median(each) for name, each in times.items()}
    slowest = medians["firebase-admin"]
    for name, micros in medians.items():
        sys.stdout.write(f"{name:20} {micros:7.1f} µs  1/{slowest / micros:.1f}\n")


def _micros(verify: Callable[[str], object], tokens: list[str]) -> float:
    began = time.process_time()
    for token in tokens:
        verify(token)
    return (time.process_time() - began) / len(tokens) * 1e6


if __name__ == "__main__":
    main()
