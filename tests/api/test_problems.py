"""Problems as people and programs see them, and the pages that explain them."""

import re

import pytest
import requests

from backend.web.catalogue import english
from tests.api.world import World

LINK = re.compile(r'href="(/errors/[a-z-]+)"')


class TestProblems:
    """RFC 9457, in the caller's language."""

    def test_a_problem_says_everything_there_is_to_say(self, world: World):
        """For programs, for people, and for support."""
        answer = world.person("Ann").post("/workspaces/me/tasks", {"title": "x" * 501})
        problem = answer.json()

        assert "application/problem+json" == answer.headers["Content-Type"]
        assert {
            "type": "/errors/validation-failed",
            "title": "Something in the request is not valid",
            "status": 422,
            "detail": problem["detail"],
            "instance": "/api/v1/workspaces/me/tasks",
            "code": "validation-failed",
            "requestId": answer.headers["X-Request-Id"],
            "errors": [
                {
                    "pointer": "/title",
                    "code": "invalid",
                    "detail": "Length must be between 1 and 500.",
                }
            ],
        } == problem

    @pytest.mark.parametrize(
        ("asked", "language", "title"),
        [
            (None, "en", "Not found"),
            ("de", "de", "Nicht gefunden"),
            ("de-AT, en;q=0.5", "de", "Nicht gefunden"),
            ("en-GB, de;q=0.9", "en", "Not found"),
            ("fr, tlh", "en", "Not found"),
            ("fr, de;q=0.3", "de", "Nicht gefunden"),
            ("*", "en", "Not found"),
            ("de;q=nonsense, \x7f", "en", "Not found"),
        ],
    )
    def test_it_speaks_the_callers_language(self, world: World, asked, language, title):
        """Where we have it, and English otherwise; caches are told."""
        headers = {"Accept-Language": asked} if asked else {}
        answer = world.person("Ann").get("/workspaces/absent", headers=headers)

        assert (404, language) == (answer.status_code, answer.headers["Content-Language"])
        assert title == answer.json()["title"]
        assert "Accept-Language" in answer.headers["Vary"]

    def test_also_of_each_value_at_fault(self, world: World):
        """The pointer and the code stay what they are."""
        answer = world.person("Ann").post(
            "/workspaces/me/tasks",
            {"title": "", "colour": "red"},
            headers={"Accept-Language": "de"},
        )

        assert [
            (
                "/colour",
                "unknown-field",
                "Dieses Feld gibt es nicht, oder nur der Server setzt es.",
            ),
            ("/title", "invalid", "Dieser Wert ist nicht gültig."),
        ] == sorted(tuple(fault.values()) for fault in answer.json()["errors"])

    def test_the_address_keeps_its_form_and_loses_its_query(self, world: World):
        """A URI reference, so that nothing in it breaks out of the document or a log."""
        answer = requests.get(f"{world.url}/nothing/%22%0a%3Cb%3E?token=secret", timeout=60)

        assert "/nothing/%22%0A%3Cb%3E" == answer.json()["instance"]
        assert "secret" not in answer.text

    def test_a_thousand_faults_are_told_as_fifty(self, world: World):
        """An answer does not grow with its request."""
        body = {f"field{number}": 1 for number in range(1000)}
        answer = world.person("Ann").post("/workspaces/me/tasks", body)

        assert (422, 50) == (answer.status_code, len(answer.json()["errors"]))


class TestErrorPages:
    """Where the `type` of a problem leads."""

    def test_every_code_has_a_page(self, world: World):
        """Found from the list of all, and from the problem itself."""
        listing = requests.get(f"{world.url}/errors", timeout=60)
        pages = {
            path: requests.get(world.url + path, timeout=60) for path in LINK.findall(listing.text)
        }

        assert {f"/errors/{code}" for code in english().problems} == set(pages)
        assert {200} == {page.status_code for page in pages.values()}

    @pytest.mark.parametrize("path", ["/errors", "/errors/conflict", "/errors/pages.css"])
    def test_pages_run_nothing_and_load_nothing_from_elsewhere(self, world: World, path: str):
        """And may be kept for an hour, by anybody."""
        answer = requests.get(world.url + path, timeout=60)
        policy = answer.headers["Content-Security-Policy"]

        assert policy.startswith("default-src 'none'; style-src 'self';")
        assert "public, max-age=3600" == answer.headers["Cache-Control"]
        assert "<script" not in answer.text
        assert "http" not in answer.text

    def test_a_page_speaks_the_readers_language(self, world: World):
        """And says which one it is, for screen readers."""
        url = f"{world.url}/errors/conflict"
        answer = requests.get(url, headers={"Accept-Language": "de"}, timeout=60)

        assert "de" == answer.headers["Content-Language"]
        assert '<html lang="de">' in answer.text
        assert "<h1>Andere waren schneller</h1>" in answer.text
        assert "Accept-Language" in answer.headers["Vary"]

    def test_text_between_backticks_is_code(self, world: World):
        """Everything else is escaped."""
        answer = requests.get(f"{world.url}/errors/unauthenticated", timeout=60)

        assert "<code>Authorization: Bearer &lt;token&gt;</code>" in answer.text

    @pytest.mark.parametrize(
        "code", ["no-such-code", "%3Cscript%3E", "..%2f..%2fsettings.py", "pages.css.bak"]
    )
    def test_an_unknown_code_is_a_problem_itself(self, world: World, code: str):
        """Not a page with whatever stood in the address."""
        answer = requests.get(f"{world.url}/errors/{code}", timeout=60)

        assert (404, "not-found") == (answer.status_code, answer.json()["code"])
