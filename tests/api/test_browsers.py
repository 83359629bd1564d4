"""CORS, security headers, OPTIONS, HEAD, and the forms an answer comes in."""

import gzip
from dataclasses import replace

import pytest
import requests

from tests.api.conftest import serving
from tests.api.world import Caller, World

ORIGIN = "https://app.example.com"
TASKS = "/workspaces/me/tasks"


@pytest.fixture
def open_world(world: World):
    """The same service, for the pages of one origin."""
    settings = replace(world.services.settings, cors_origins=(ORIGIN,))
    with serving(settings, world.clock) as (services, url):
        yield World(services, url, world.clock, world.tasks, world.fcm)


class TestCors:
    """Origins are compared exactly."""

    def test_a_page_of_ours_may_ask_and_read(self, open_world: World):
        """The preflight carries no token, and may be kept for a while."""
        preflight = _preflight(open_world, ORIGIN)
        answer = open_world.person("Ann").get(TASKS, headers={"Origin": ORIGIN})

        assert 204 == preflight.status_code
        assert ORIGIN == preflight.headers["Access-Control-Allow-Origin"]
        assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
        assert {"authorization", "if-match"} <= set(
            preflight.headers["Access-Control-Allow-Headers"].lower().split(", ")
        )
        assert "7200" == preflight.headers["Access-Control-Max-Age"]
        assert ORIGIN == answer.headers["Access-Control-Allow-Origin"]
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers

    def test_errors_can_be_read_too(self, open_world: World):
        """Else an app could not tell a problem from a broken line."""
        answer = requests.get(
            f"{open_world.url}/api/v1/users/me", headers={"Origin": ORIGIN}, timeout=60
        )

        assert (401, ORIGIN) == (answer.status_code, answer.headers["Access-Control-Allow-Origin"])

    @pytest.mark.parametrize(
        "origin",
        [
            "null",
            "*",
            "http://app.example.com",
            "https://app.example.com.evil.test",
            "https://evil.test/https://app.example.com",
            "https://app.example.com:8443",
            "https://sub.app.example.com",
            "https://appXexample.com",
        ],
    )
    def test_other_pages_get_no_header(self, open_world: World, origin: str):
        """Nor does anything that merely looks like ours."""
        ann = open_world.person("Ann")
        answers = [_preflight(open_world, origin), ann.get(TASKS, headers={"Origin": origin})]

        for answer in answers:
            assert not [h for h in answer.headers if h.startswith("Access-Control")]

    def test_no_origin_is_allowed_by_default(self, world: World):
        """A deployment names its own."""
        assert "Access-Control-Allow-Origin" not in _preflight(world, ORIGIN).headers


class TestHeaders:
    """On every answer."""

    @pytest.mark.parametrize("path", ["/api/v1/users/me", "/api/v1/nothing", "/healthz", "/none"])
    def test_answers_are_secured(self, world: World, path: str):
        """Errors as well; and no word of what serves them."""
        answer = requests.get(f"{world.url}{path}", timeout=60)

        assert "nosniff" == answer.headers["X-Content-Type-Options"]
        assert "no-referrer" == answer.headers["Referrer-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
        assert "no-store" == answer.headers["Cache-Control"]
        assert "X-Powered-By" not in answer.headers


class TestMethods:
    """OPTIONS, HEAD, and what an address does not take."""

    def test_options_tells_what_an_address_takes(self, world: World):
        """Without a token."""
        ann = world.person("Ann")
        task_id = ann.post(TASKS, {"title": "A"}).json()["id"]

        answer = requests.options(f"{world.url}/api/v1{TASKS}/{task_id}", timeout=60)

        assert (204, b"") == (answer.status_code, answer.content)
        assert {"GET", "HEAD", "OPTIONS", "PATCH", "DELETE"} == set(
            answer.headers["Allow"].split(", ")
        )
        assert "application/merge-patch+json" in answer.headers["Accept-Patch"]

    def test_options_of_nothing_is_not_found(self, world: World):
        """The address must exist."""
        assert 404 == requests.options(f"{world.url}/api/v1/nothing", timeout=60).status_code

    def test_head_is_get_without_the_body(self, world: World):
        """Down to the length and the tag."""
        ann = world.person("Ann")
        ann.post(TASKS, {"title": "A"})
        headers = {"Accept-Encoding": "identity"}

        get, head = (ann.call(method, TASKS, headers=headers) for method in ("GET", "HEAD"))

        assert (200, b"") == (head.status_code, head.content)
        for name in ("Content-Length", "Content-Type", "ETag"):
            assert get.headers[name] == head.headers[name]

    def test_head_needs_a_token_too(self, world: World):
        """It is a read."""
        assert 401 == requests.head(f"{world.url}/api/v1{TASKS}", timeout=60).status_code

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
    def test_another_method_is_told_what_would_do(self, world: World, method: str):
        """405 with Allow."""
        answer = world.person("Ann").call(method, TASKS)

        assert (405, "method-not-allowed") == (answer.status_code, answer.json()["code"])
        assert {"GET", "HEAD", "OPTIONS", "POST"} == set(answer.headers["Allow"].split(", "))


class TestForms:
    """Accept and Accept-Encoding."""

    @pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0"])
    def test_who_takes_no_json_is_refused(self, world: World, accept: str):
        """406, before anything is done."""
        ann = world.person("Ann")

        answer = ann.post(TASKS, {"title": "A"}, headers={"Accept": accept})

        assert (406, "not-acceptable") == (answer.status_code, answer.json()["code"])
        assert "application/problem+json" == answer.headers["Content-Type"]
        assert [] == world.documents(f"workspaces/{ann.uid}/tasks")

    @pytest.mark.parametrize(
        "accept",
        [
            "*/*",
            "application/*",
            "text/html, */*;q=0.1",
            "application/problem+json",
            "",
        ],
    )
    def test_who_takes_json_gets_it(self, world: World, accept: str):
        """Also among other things."""
        assert 200 == world.person("Ann").get(TASKS, headers={"Accept": accept}).status_code

    def test_a_long_answer_is_compressed(self, world: World):
        """From 1 kB on, and the same when unpacked."""
        ann = world.person("Ann")
        ann.post(TASKS, {"title": "A", "description": "word " * 400})

        plain, packed = (
            _raw(ann, {"Accept-Encoding": encoding}) for encoding in ("identity", "gzip")
        )

        assert ("gzip", None) == tuple(a.headers.get("Content-Encoding") for a in (packed, plain))
        assert len(packed.raw_body) * 3 < len(plain.raw_body)
        assert plain.raw_body == gzip.decompress(packed.raw_body)
        assert "Accept-Encoding" in packed.headers["Vary"]

    def test_a_short_answer_is_not(self, world: World):
        """It would cost more than it saves."""
        answer = world.person("Ann").get("/users/me", headers={"Accept-Encoding": "gzip"})

        assert "Content-Encoding" not in answer.headers

    def test_a_tag_serves_in_both_forms(self, world: World):
        """A task read compressed can be changed and asked for again."""
        ann = world.person("Ann")
        path = f"{TASKS}/{ann.post(TASKS, {'title': 'A', 'description': 'x' * 2000}).json()['id']}"
        tag = ann.get(path, headers={"Accept-Encoding": "gzip"}).headers["ETag"]

        unchanged = ann.get(path, headers={"If-None-Match": tag})
        changed = ann.patch(path, {"title": "B"}, headers={"If-Match": tag})

        assert [304, 200] == [unchanged.status_code, changed.status_code]


def _preflight(world: World, origin: str) -> requests.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, if-match",
    }
    return requests.options(f"{world.url}/api/v1{TASKS}/x", headers=headers, timeout=60)


def _raw(person: Caller, headers: dict[str, str]) -> requests.Response:
    answer = person.get(TASKS, headers=headers, stream=True)
    answer.raw_body = answer.raw.read(decode_content=False)
    return answer
