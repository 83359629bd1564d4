"""Every bad token of the matrix on every route there is: no view forgets to ask who calls."""

from collections.abc import Iterator

import pytest
import requests
from flask import Flask

from backend.app import CALLERS, create_app
from backend.web.auth import Caller
from backend.web.requirements import RECENT_SIGN_IN, REGISTERED
from local.suite import EmulatorSuite
from tests.api.strict import StrictWorld, strict_world
from tests.token_cases import CASES
from tests.tokens import signed, signing_key

SENSITIVE = {
    "admin.appoint",
    "admin.disable",
    "admin.enable",
    "admin.get_person",
    "admin.list_audit",
    "broadcasts.begin_broadcast",
    "broadcasts.cancel_broadcast",
    "broadcasts.get_broadcast",
    "broadcasts.list_broadcasts",
    "broadcasts.list_recipients",
    "broadcasts.pause_broadcast",
    "broadcasts.preview_broadcast",
    "broadcasts.resume_broadcast",
    "deliveries.list_deliveries",
    "deliveries.redrive_deliveries",
    "deliveries.show_delivery_health",
    "exporting.export_me",
    "jobs.backfill_job",
    "jobs.create_job",
    "jobs.delete_job",
    "jobs.edit_job",
    "jobs.get_job",
    "jobs.list_job_handlers",
    "jobs.list_job_runs",
    "jobs.list_jobs",
    "jobs.pause_job",
    "jobs.rehearse_job",
    "jobs.resume_job",
    "jobs.retry_job_run",
    "jobs.run_job",
    "leaving.erase_me",
    "members.add_member",
    "members.change_member",
    "members.remove_member",
    "platform_rehearsals.rehearse_platform",
    "suppressions.add_suppression",
    "suppressions.find_suppression",
    "suppressions.get_suppression",
    "suppressions.lift_suppression",
    "suppressions.list_suppressions",
    "templates.get_template",
    "templates.get_template_version",
    "templates.list_template_versions",
    "templates.list_templates",
    "templates.preview_template",
    "templates.publish_template",
    "templates.save_template_version",
    "templates.test_send_template",
    "workspaces.delete_workspace",
    "workspaces.transfer_ownership",
}
FOR_REGISTERED_PEOPLE = {
    "accounts.end_sessions",
    "addresses.ask_for_verification",
    "guests.merge_guest",
    "guests.undo_merge",
    "leaving.cancel_erasure",
    "leaving.erase_me",
    "members.add_member",
    "members.change_member",
    "workspaces.found_workspace",
    "workspaces.transfer_ownership",
    "invites.create_invite",
    "invites.resend_invite",
    "invites.accept_invite",
    "invites.accept_known_invite",
    "workspace_jobs.create_workspace_job",
}


@pytest.fixture(scope="module")
def world(suite: EmulatorSuite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StrictWorld]:
    """One for all: nothing that is refused changes anything."""
    folder = tmp_path_factory.mktemp("routes")
    with strict_world(suite, folder, "demo-token-routes") as world:
        world.sign_up("ann")
        yield world


@pytest.fixture(scope="module")
def app(world: StrictWorld) -> Flask:
    """The same application once more, to ask it for its routes."""
    return create_app(world.services)


def routes_for(app: Flask, caller: Caller) -> list[tuple[str, str, str]]:
    """Endpoint, method and path of every route of these callers."""
    return [
        (rule.endpoint, method, app.url_map.bind("x").build(rule.endpoint, _ids(rule), method))
        for rule in app.url_map.iter_rules()
        if CALLERS.get(rule.endpoint.partition(".")[0]) is caller
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def statuses(world: StrictWorld, routes: list, headers: dict) -> dict[str, int]:
    """What each route answers to a request with these headers and no body."""
    with requests.Session() as session:
        return {
            f"{method} {path}": session.request(
                method, world.url + path, headers=headers, timeout=60
            ).status_code
            for _, method, path in routes
        }


class TestPeople:
    """Routes for whoever is signed in."""

    @pytest.mark.parametrize("case", [case for case in CASES if case.user == 401], ids=str)
    def test_a_bad_token_opens_nothing(self, world: StrictWorld, app: Flask, case):
        """Whatever else is wrong with the request, or is not there."""
        routes = routes_for(app, Caller.PERSON) + routes_for(app, Caller.STAFF)
        token = case.token(world.stage(member="ann"))

        found = statuses(world, routes, dict(case.headers(token)))

        assert len(found) > 20
        assert found == dict.fromkeys(found, 401)
        assert world.document("users/ann") is None

    def test_an_old_sign_in_opens_all_but_the_dangerous(self, world: StrictWorld, app: Flask):
        """And a guest's token all but what is for registered people. The lists are here."""
        marked = {
            mark: {
                endpoint
                for endpoint, view in app.view_functions.items()
                if getattr(view, mark, False)
            }
            for mark in (RECENT_SIGN_IN, REGISTERED)
        }

        assert marked == {RECENT_SIGN_IN: SENSITIVE, REGISTERED: FOR_REGISTERED_PEOPLE}

    def test_guests_found_no_team_and_invite_nobody(self, world: StrictWorld):
        """Security check 80: an anonymous provider never counts as registered."""
        world.sign_up("guest")
        guest = world.token("guest", firebase={"sign_in_provider": "anonymous"})
        headers = {"Authorization": f"Bearer {guest}"}
        asked = [
            ("GET", "/users/me", None),
            ("POST", "/workspaces/me/tasks", {"title": "Mine"}),
            ("POST", "/workspaces", {"name": "Team"}),
            ("POST", "/workspaces/me/invites", {"email": "a@example.com", "role": "member"}),
        ]

        answers = [
            requests.request(
                method, f"{world.url}/api/v1{path}", json=body, headers=headers, timeout=60
            )
            for method, path, body in asked
        ]

        assert [answer.status_code for answer in answers] == [200, 201, 403, 403]
        assert {answer.json()["code"] for answer in answers[2:]} == {"permission-denied"}
        assert world.document("users/guest")["isGuest"] is True


class TestQueue:
    """Routes for the job queue."""

    @pytest.mark.parametrize("case", [case for case in CASES if case.internal == 401], ids=str)
    def test_a_bad_token_opens_nothing(self, world: StrictWorld, app: Flask, case):
        """Nor do the headers that Cloud Tasks sends besides."""
        routes = routes_for(app, Caller.QUEUE)
        headers = dict(case.headers(case.token(world.stage(member="ann"))))

        found = statuses(world, routes, {**headers, "X-CloudTasks-QueueName": "jobs"})

        assert len(found) >= 2
        assert found == dict.fromkeys(found, 401)


class TestAnyone:
    """Routes that ask for nothing."""

    def test_no_token_is_looked_at(self, world: StrictWorld, app: Flask):
        """A broken one is no reason to hide that the service is alive."""
        routes = routes_for(app, Caller.ANYONE)
        forged = signed(world.stage().claims(), signing_key("stranger"))

        bare = statuses(world, routes, {})
        shown = statuses(world, routes, {"Authorization": f"Bearer {forged}"})

        assert bare == shown
        assert 401 not in bare.values()
        assert bare["GET /livez"] == 200


def _ids(rule) -> dict[str, str]:
    return dict.fromkeys(rule.arguments, "some-id")
