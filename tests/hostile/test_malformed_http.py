"""Requests that no library would send, as bytes."""

import json

import pytest

from tests.hostile.corpus.wire import REQUESTS
from tests.hostile.verdicts import faults_of
from tests.hostile.wire import exchange
from tests.openapi.service import Person, Service


@pytest.fixture(scope="module")
def mallory(service: Service) -> Person:
    """Somebody with an account and bad intentions."""
    return service.person("mallory")


class TestWhatIsHardlyHttp:
    """Requests that no library would send."""

    @pytest.mark.parametrize("name", REQUESTS)
    def test_wire(self, service, mallory, name):
        """The server answers with a problem, or serves what can be read only one way."""
        token = mallory.headers["Authorization"].encode()
        data = REQUESTS[name].replace(
            b"Host: here\r\n", b"Host: here\r\nAuthorization: " + token + b"\r\n", 1
        )

        answer = exchange(service.url, data, data.split(b" ")[0].decode("latin-1"))

        assert answer.status < 500, answer.body
        assert [] == faults_of(answer)

    def test_long_tokens_are_no_error(self, service):
        """A token of 16 kB reaches the check that refuses it (T41)."""
        request = b"GET /api/v1/users/me HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer %s\r\n\r\n"

        answer = exchange(service.url, request % (b"a" * 16_384))

        assert (401, "unauthenticated") == (answer.status, json.loads(answer.body)["code"])

    def test_no_request_is_smuggled(self, service):
        """Of two lengths none is believed, and what follows is not taken for a request."""
        both = REQUESTS["length and chunks"] + b"GET /livez HTTP/1.1\r\nHost: here\r\n\r\n"

        answer = exchange(service.url, both, "POST")

        assert (400, True) == (answer.status, answer.closes)
