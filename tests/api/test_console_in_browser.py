"""The admin pages in a real browser: its policies, its cookies, and the script of the sign-in."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.admin.model import StaffRole
from tests.api.firebase_person import FirebasePerson
from tests.api.world import World
from tests.chromium import Chromium, Event, program

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
SIGN_IN = "document.querySelector('#sign-in button').click()"


@pytest.fixture
def ada(world: World) -> FirebasePerson:
    """An admin with a password."""
    ada = FirebasePerson(world, EMAIL, PASSWORD)
    assert ada.get("/users/me", ada.token(PASSWORD)).status_code == 200
    world.services.admin.appoint_first(ada.uid, StaffRole.ADMIN)
    world.services.job_sweep.run()
    return ada


@pytest.fixture
def page(world: World, tmp_path: Path) -> Iterator[Chromium]:
    """A browser on the sign-in page."""
    if (found := program()) is None:
        pytest.skip("There is no Chromium here.")
    with Chromium(tmp_path / "profile", found) as browser:
        _name_the_project(browser, world)
        browser.open(f"{world.url}/admin/jobs")
        yield browser


def _name_the_project(browser: Chromium, world: World) -> None:
    """The emulator would take another project than ours without being told."""

    def answer(event: Event) -> None:
        if event["method"] != "Fetch.requestPaused":
            return
        request, more = event["params"]["request"], {}
        if "postData" in request:
            body = {**json.loads(request["postData"]), "targetProjectId": world.project_id}
            headers = {**request["headers"], "Authorization": "Bearer owner"}
            more = {
                "postData": base64.b64encode(json.dumps(body).encode()).decode(),
                "headers": [{"name": name, "value": value} for name, value in headers.items()],
            }
        browser.send("Fetch.continueRequest", requestId=event["params"]["requestId"], **more)

    browser.answer = answer
    browser.ask("Fetch.enable", patterns=[{"urlPattern": "*accounts:signInWithPassword*"}])


def _fill(page: Chromium, password: str) -> None:
    page.look(f"document.getElementById('email').value = {json.dumps(EMAIL)}")
    page.look(f"document.getElementById('password').value = {json.dumps(password)}")
    page.look(SIGN_IN)


def test_signing_in_acting_and_signing_out(world: World, ada: FirebasePerson, page: Chromium):
    """The whole way of an admin, with nothing that the browser has to refuse."""
    assert "/admin/sign-in" == page.look("location.pathname")
    _fill(page, PASSWORD)
    page.wait_for("location.pathname === '/admin/jobs' && document.readyState === 'complete'")
    listed = page.look("document.body.innerText")
    seen_by_scripts = page.look("document.cookie")
    page.look("document.querySelector('form[action=\"/admin/jobs/purgeExpired/run\"]').submit()")
    page.wait_for("location.pathname === '/admin/jobs/purgeExpired'")
    world.settle()
    page.open(f"{world.url}/admin/jobs/purgeExpired")
    runs = page.look("document.querySelector('table').innerText")
    page.look("document.querySelector('form[action=\"/admin/sign-out\"]').submit()")
    page.wait_for("location.pathname === '/admin/sign-in'")
    page.open(f"{world.url}/admin/jobs")

    assert "Delete what has expired" in listed
    assert "" == seen_by_scripts
    assert "done" in runs
    assert ada.uid in runs
    assert "/admin/sign-in" == page.look("location.pathname")
    assert [] == page.complaints()


def test_a_wrong_password_is_said_on_the_page(ada: FirebasePerson, page: Chromium):
    """And leads nowhere; the field is empty again."""
    _fill(page, "wrong")
    page.wait_for("document.getElementById('problem').textContent !== ''")

    assert ada.email == EMAIL
    assert "E-mail or password is not right." == page.look(
        "document.getElementById('problem').textContent"
    )
    assert "" == page.look("document.getElementById('password').value")
    assert "/admin/sign-in" == page.look("location.pathname")
