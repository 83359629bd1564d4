"""OIDC tokens, checked by google-auth against the stand-in's own certificates."""

import json
import stat
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.request import urlopen

import cachecontrol
import pytest
import requests
from cryptography import x509
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2 import id_token

from local.cloudtasks import CloudTasksStandIn
from local.cloudtasks.clock import SystemClock
from local.cloudtasks.identity import Identity, new_key
from tests.local.cloudtasks_world import World

EMAIL = "jobs@demo-test.iam.gserviceaccount.com"


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as world:
        yield world


def token_of(world, **oidc):
    """The token that arrives with a task."""
    oidc_token = {"service_account_email": EMAIL, **oidc}
    headers = {"Authorization": "Bearer mine", "authorization": "Basic mine"}
    world.create(http_request={"oidc_token": oidc_token, "headers": headers})
    world.settle()
    [sent] = world.receiver.received[-1].headers.get_all("Authorization")
    return sent.removeprefix("Bearer ")


class TestToken:
    """Authorization: Bearer."""

    def test_google_auth_accepts_it(self, world):
        """With the claims that a Google-signed token of a service account has."""
        token = token_of(world, audience="https://worker.test")

        claims = id_token.verify_token(
            token, Request(), audience="https://worker.test", certs_url=world.tasks.certs_url
        )

        assert claims["iss"] == "https://accounts.google.com"
        assert claims["aud"] == "https://worker.test"
        assert claims["email"] == EMAIL
        assert claims["email_verified"] is True
        assert claims["exp"] - claims["iat"] == 3600
        assert abs(claims["iat"] - SystemClock().now().timestamp()) < 60
        assert claims["sub"] == claims["azp"]
        assert claims["sub"].isdecimal()

    def test_without_an_audience_it_is_for_the_url(self, world):
        """The whole URL of the task."""
        token = token_of(world)
        url = f"{world.receiver.url}/work"

        claims = id_token.verify_token(
            token, Request(), audience=url, certs_url=world.tasks.certs_url
        )

        assert url == claims["aud"]

    def test_it_is_refused_elsewhere(self, world):
        """Another audience, another key, an old token, a changed one."""
        token, url = token_of(world), f"{world.receiver.url}/work"
        certs_url = world.tasks.certs_url

        with pytest.raises(ValueError, match="audience"):
            id_token.verify_token(token, Request(), audience="other", certs_url=certs_url)
        header, claims, signature = token.split(".")
        changed = ".".join([header, claims[:-2] + "AA", signature])
        with pytest.raises((ValueError, GoogleAuthError)):
            id_token.verify_token(changed, Request(), audience=url, certs_url=certs_url)
        other_key = Identity(new_key(), SystemClock())
        with CloudTasksStandIn(identity=other_key) as other, pytest.raises(ValueError, match="key"):
            id_token.verify_token(token, Request(), audience=url, certs_url=other.certs_url)

    def test_its_time_may_be_another_clocks(self):
        """An identity under a clock two hours ago signs tokens that have expired."""

        class TwoHoursAgo:
            def now(self):
                return SystemClock().now() - timedelta(hours=2)

        key = new_key()
        with World(identity=Identity(key, TwoHoursAgo())) as world:
            token = token_of(world)
            with pytest.raises(ValueError, match="expired"):
                id_token.verify_token(token, Request(), certs_url=world.tasks.certs_url)


class TestCertificates:
    """GET /oauth2/v1/certs."""

    def test_they_are_x509_by_key_id(self, world):
        """A map of PEM certificates."""
        with urlopen(world.tasks.certs_url, timeout=60) as answer:
            [(key_id, pem)] = json.load(answer).items()

        certificate = x509.load_pem_x509_certificate(pem.encode())
        assert len(key_id) == 40
        assert certificate.not_valid_after_utc > SystemClock().now() + timedelta(days=365)

    def test_a_caching_session_downloads_them_once(self, world):
        """max-age counts only beside a Date, so both are there."""
        session = cachecontrol.CacheControl(requests.Session())
        first = session.get(world.tasks.certs_url, timeout=60)
        second = session.get(world.tasks.certs_url, timeout=60)

        assert "max-age=" in first.headers["Cache-Control"]
        assert parsedate_to_datetime(first.headers["Date"])
        assert (first.from_cache, second.from_cache) == (False, True)

    def test_the_key_survives_a_restart(self, tmp_path):
        """A token of before verifies after; only the owner may read the key."""
        with World(tmp_path) as before:
            token = token_of(before, audience="a")
        key_file = tmp_path / "signing-key.pem"
        with World(tmp_path) as after:
            claims = id_token.verify_token(
                token, Request(), audience="a", certs_url=after.tasks.certs_url
            )

        assert claims["email"] == EMAIL
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert "PRIVATE" not in repr(new_key())
