"""`/admin/jobs`: the pages on which admins look after the platform's jobs."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import requests

from backend.admin.model import StaffRole
from tests.api.console import COOKIE, Browser, words
from tests.api.world import Caller, World

JOBS = "/admin/jobs"
SELECT = re.compile(r'<select id="\w+" name="(\w+)">(.*?)</select>', re.DOTALL)
TEXTAREA = re.compile(r"<textarea[^>]*>(.*?)</textarea>", re.DOTALL)
DAILY = {"kind": "cron", "expression": "30 6 * * *", "tz": "Europe/Berlin"}


@pytest.fixture
def ada(world: World) -> Caller:
    """An admin, appointed from the command line."""
    return staff(world, "Ada", StaffRole.ADMIN)


@pytest.fixture
def browser(world: World, ada: Caller) -> Browser:
    """Ada's, signed in."""
    browser = Browser(world)
    assert 204 == browser.sign_in(ada).status_code
    return browser


@pytest.fixture
def job(ada: Caller) -> dict[str, Any]:
    """A job of the platform."""
    body = {"name": "Tidy <up>", "handler": "purgeExpired", "schedule": DAILY}
    answer = ada.post("/jobs", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def staff(world: World, name: str, role: StaffRole) -> Caller:
    person = world.person(name)
    world.services.admin.appoint_first(person.uid, role)
    world.settle()
    return person


def form_of(page: requests.Response) -> dict[str, str]:
    """What the form for editing would send if nobody changed it."""
    form = page.text[page.text.index('class="fields"') :]
    fields = dict(re.findall(r'<input[^>]*name="(\w+)" value="([^"]*)"', form))
    for name, options in re.findall(
        r'<select id="\w+" name="(\w+)">(.*?)</select>', form, re.DOTALL
    ):
        fields[name] = re.search(r'value="(\w+)" selected', options)[1]
    fields["arguments"] = re.search(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)[1]
    return {name: unescape(value) for name, value in fields.items() if name != "token"}


class TestSigningIn:
    """GET /admin/sign-in, POST /admin/session, POST /admin/sign-out"""

    def test_the_page_runs_only_its_own_script(self, world: World):
        """No inline script or style, no frame, no form; passwords go to Firebase Auth alone."""
        answer = Browser(world).see("/admin/sign-in")

        policy = answer.headers["Content-Security-Policy"]
        assert 200 == answer.status_code
        assert "script-src 'self';" in policy
        assert f"connect-src 'self' http://{world.auth_host};" in policy
        assert "default-src 'none';" in policy
        assert "form-action 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert [] == re.findall(r"<script(?![^>]*src=)|\son\w+=|style=", answer.text)

    @pytest.mark.parametrize("name", ["sign-in.js", "console.css"])
    def test_what_the_page_loads_is_there(self, world: World, name: str):
        """Under the types that `nosniff` demands."""
        answer = Browser(world).see(f"/admin/assets/{name}")

        kind = "text/css" if name.endswith("css") else "text/javascript"
        assert (200, kind) == (answer.status_code, answer.headers["Content-Type"].split(";")[0])

    def test_a_session_is_a_cookie_that_no_script_reads(self, world: World, ada: Caller):
        """Nor does another site send it."""
        answer = Browser(world).sign_in(ada)

        set_cookie = answer.headers["Set-Cookie"]
        assert 204 == answer.status_code
        assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"} <= set(
            set_cookie.split("; ")
        )

    def test_nobody_else_gets_one(self, world: World):
        """A stranger finds nothing, support may not; neither gets a cookie."""
        bob, sue = world.person("Bob"), staff(world, "Sue", StaffRole.SUPPORT)

        answers = [Browser(world).sign_in(each) for each in (bob, sue)]

        assert [404, 403] == [each.status_code for each in answers]
        assert not any("Set-Cookie" in each.headers for each in answers)

    def test_an_old_sign_in_is_not_enough(self, world: World, ada: Caller):
        """As for the API of the staff."""
        an_hour_ago = world.clock.now() - timedelta(hours=1)

        answer = Browser(world).sign_in(ada, auth_time=int(an_hour_ago.timestamp()))

        assert (401, "reauthentication-required") == (answer.status_code, answer.json()["code"])

    @pytest.mark.parametrize("body", [{}, {"idToken": 7}, [], {"idToken": ""}, {"idToken": "x"}])
    def test_what_is_no_token_begins_nothing(self, world: World, body: Any):
        """401 or 422, whatever is sent."""
        answer = Browser(world).call("POST", "/admin/session", json=body)

        assert answer.status_code in (401, 422)
        assert "Set-Cookie" not in answer.headers

    def test_another_sites_page_begins_none(self, world: World, ada: Caller):
        """Browsers say where a request comes from."""
        body = {"idToken": world.token(ada.uid)}
        elsewhere = {"Sec-Fetch-Site": "cross-site"}

        answer = Browser(world).call("POST", "/admin/session", json=body, headers=elsewhere)

        assert 403 == answer.status_code

    def test_signing_out_takes_the_cookie(self, browser: Browser):
        """And leads to where one can sign in again."""
        browser.see(JOBS)

        answer = browser.send("/admin/sign-out")

        assert (303, "/admin/sign-in") == (answer.status_code, answer.headers["Location"])
        assert 303 == browser.see(JOBS).status_code


class TestSession:
    """Caller.CONSOLE"""

    def test_without_one_every_page_leads_to_signing_in(self, world: World):
        """Also a form, which does nothing."""
        browser = Browser(world)

        answers = [browser.see(JOBS), browser.see(f"{JOBS}/x"), browser.send(f"{JOBS}/x/run")]

        assert [(303, "/admin/sign-in")] * 3 == [
            (each.status_code, each.headers["Location"]) for each in answers
        ]

    def test_an_id_token_is_no_session(self, world: World, ada: Caller):
        """T35: another issuer, other keys."""
        browser = Browser(world)
        browser.session.cookies.set(COOKIE, world.token(ada.uid))

        assert 303 == browser.see(JOBS).status_code

    def test_a_session_is_no_id_token(self, world: World, browser: Browser):
        """T34: the API takes no cookie, and no cookie as a token."""
        cookie = browser.session.cookies[COOKIE]
        bearer = {"Authorization": f"Bearer {cookie}"}

        as_token = requests.get(f"{world.url}/api/v1/users/me", headers=bearer, timeout=30)
        as_cookie = browser.call("GET", "/api/v1/users/me")

        assert [401, 401] == [as_token.status_code, as_cookie.status_code]

    def test_it_ends_with_the_working_day(self, world: World, browser: Browser):
        """Eight hours, whatever was done meanwhile."""
        world.clock.advance(timedelta(hours=7, minutes=50))
        before = browser.see(JOBS).status_code
        world.clock.advance(timedelta(minutes=15))

        assert [200, 303] == [before, browser.see(JOBS).status_code]

    def test_who_is_staff_no_more_sees_nothing(self, world: World, ada: Caller, browser: Browser):
        """At the next request: the document counts, and not the cookie."""
        eve = staff(world, "Eve", StaffRole.ADMIN)
        assert eve.patch(f"/admin/users/{ada.uid}", {"role": None}).status_code == 200

        assert 404 == browser.see(JOBS).status_code

    def test_who_was_signed_out_everywhere_is_signed_out_here(
        self, world: World, ada: Caller, browser: Browser
    ):
        """A stolen laptop's pages end with its tokens."""
        world.clock.advance(timedelta(minutes=2))
        assert ada.delete("/users/me/sessions").status_code < 300

        assert 303 == browser.see(JOBS).status_code


class TestPages:
    """GET /admin/jobs, GET /admin/jobs/{j}"""

    def test_the_list_shows_when_each_runs(self, browser: Browser, job: dict[str, Any]):
        """Next and last run, its state; names are text, never HTML."""
        page = browser.see(JOBS)

        next_run = job["nextRunAt"][:16].replace("T", " ")
        assert "Tidy &lt;up&gt;" in page.text
        assert (
            f"Tidy <up> purgeExpired 30 6 * * * Europe/Berlin {next_run} UTC never active"
            in words(page)
        )

    def test_a_job_shows_its_history(self, world: World, browser: Browser, job: dict[str, Any]):
        """Who ran it, when, and what came of it."""
        path = f"{JOBS}/{job['id']}"
        browser.see(path)

        sent = browser.send(f"{path}/run")
        world.settle()
        page = browser.see(path)

        assert (303, path) == (sent.status_code, sent.headers["Location"])
        assert " done " in words(page)
        assert "Retry" not in words(page)

    def test_no_page_has_anything_inline(self, browser: Browser, job: dict[str, Any]):
        """So the policy forbids all of it, and scripts at all."""
        for path in (JOBS, f"{JOBS}/{job['id']}", f"{JOBS}/nothing"):
            page = browser.see(path)

            assert "script-src 'none'" in page.headers["Content-Security-Policy"]
            assert "no-store" == page.headers["Cache-Control"]
            assert [] == re.findall(r"<script|\son\w+=|style=|javascript:", page.text)

    def test_what_is_not_there_is_said_on_a_page(self, browser: Browser):
        """404, with the way back."""
        page = browser.see(f"{JOBS}/nothing")

        assert 404 == page.status_code
        assert "Back to the jobs" in words(page)


class TestActs:
    """POST /admin/jobs/{j}…"""

    def test_pausing_and_resuming(self, ada: Caller, browser: Browser, job: dict[str, Any]):
        """As by the API."""
        path = f"{JOBS}/{job['id']}"
        browser.see(path)

        browser.send(f"{path}/pause")
        paused = ada.get(f"/jobs/{job['id']}").json()
        browser.send(f"{path}/resume")
        resumed = ada.get(f"/jobs/{job['id']}").json()

        assert [("paused", None), ("active", job["nextRunAt"])] == [
            (each["state"], each["nextRunAt"]) for each in (paused, resumed)
        ]

    def test_a_run_that_failed_is_tried_again(self, world: World, ada: Caller, browser: Browser):
        """No bucket is set here, so backups fail."""
        made = ada.post("/jobs", {"name": "B", "handler": "backup", "schedule": DAILY}).json()
        path = f"{JOBS}/{made['id']}"
        browser.see(path)
        browser.send(f"{path}/run")
        world.settle()
        failed = browser.see(path)
        retry = re.search(rf'action="({path}/runs/\w+/retry)"', failed.text)[1]

        answer = browser.send(retry)

        assert "failed" in words(failed)
        assert "backup-failed" in words(failed)
        assert (303, path) == (answer.status_code, answer.headers["Location"])

    def test_editing(self, ada: Caller, browser: Browser, job: dict[str, Any]):
        """What is sent as it was shown changes nothing; what is changed is checked and kept."""
        path = f"{JOBS}/{job['id']}"
        form = form_of(browser.see(path))

        browser.send(path, form)
        untouched = ada.get(f"/jobs/{job['id']}").json()
        browser.send(path, {**form, "name": "Tidy", "expression": "0 7 * * MON", "retries": "1"})
        edited = ada.get(f"/jobs/{job['id']}").json()

        assert job == untouched
        assert ("Tidy", "0 7 * * MON", 1, 2) == (
            edited["name"],
            edited["schedule"]["expression"],
            edited["retries"],
            edited["rev"],
        )

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"expression": "every day"}, "/schedule"),
            ({"kind": "never"}, "/schedule"),
            ({"tz": "Mars"}, "/schedule/tz"),
            ({"retries": "many"}, "/retries"),
            ({"overlap": "both"}, "/overlap"),
            ({"arguments": "{"}, "/arguments"),
            ({"arguments": '{"a": 1}'}, "/arguments/a"),
            ({"name": ""}, "/name"),
        ],
    )
    def test_what_is_wrong_is_said_beside_the_form(
        self,
        ada: Caller,
        browser: Browser,
        job: dict[str, Any],
        changes: dict[str, str],
        pointer: str,
    ):
        """With what was typed still in it."""
        path = f"{JOBS}/{job['id']}"
        form = form_of(browser.see(path)) | changes

        page = browser.send(path, form)

        assert 422 == page.status_code
        assert "Nothing was changed." in words(page)
        assert f"<code>{pointer}" in page.text
        assert job == ada.get(f"/jobs/{job['id']}").json()

    def test_of_two_edits_the_second_is_told(self, browser: Browser, job: dict[str, Any]):
        """It was made on what is no longer so."""
        path = f"{JOBS}/{job['id']}"
        form = form_of(browser.see(path))
        browser.send(path, {**form, "name": "First"})

        page = browser.send(path, {**form, "name": "Second"})

        assert 409 == page.status_code
        assert "Nothing was changed." in words(page)

    @pytest.mark.parametrize("act", ["", "/run", "/pause", "/resume", "/runs/x/retry"])
    def test_a_form_of_another_session_does_nothing(
        self, ada: Caller, browser: Browser, job: dict[str, Any], act: str
    ):
        """CSRF: the token of a form follows from the session's cookie."""
        path = f"{JOBS}/{job['id']}"
        form = form_of(browser.see(path))
        browser.token = "0" * 64

        page = browser.send(f"{path}{act}", {**form, "name": "Taken over"})

        assert 403 == page.status_code
        assert job == ada.get(f"/jobs/{job['id']}").json()

    def test_json_is_no_form(self, browser: Browser, job: dict[str, Any]):
        """Nor does a form without type get as far as its fields."""
        browser.see(JOBS)

        answer = browser.call("POST", f"{JOBS}/{job['id']}/run", json={"token": browser.token})

        assert 415 == answer.status_code

    def test_what_is_no_form_is_refused_before_anybody_is_asked_who_they_are(self, world: World):
        """Without a session there is none to sign out of on that page."""
        answer = Browser(world).call("POST", f"{JOBS}/x/run", json={})

        assert 415 == answer.status_code
        assert "Sign out" not in words(answer)


class TestBuiltIn:
    """The jobs that TaskFlow comes with."""

    def test_all_can_be_run_from_the_list(self, world: World, browser: Browser):
        """Backups are paused where no bucket is set, and fail plainly."""
        world.write("jobs/sweepFiles", {"after": ""})  # Notes that earlier versions kept there.
        world.services.job_sweep.run()
        page = browser.see(JOBS)
        runs = re.findall(rf'action="({JOBS}/(\w+)/run)"', page.text)

        for path, _ in runs:
            browser.send(path)
        world.settle(times=2)

        stored = {name: world.document(f"jobs/{name}") for _, name in runs}
        assert {
            "sweepGuests": "done",
            "sweepFiles": "done",
            "backup": "failed",
            "purgeExpired": "done",
            "recountTotals": "done",
        } == {name: job["lastRun"]["outcome"] for name, job in stored.items()}
        assert ["backup"] == [name for name, job in stored.items() if job["state"] == "paused"]
