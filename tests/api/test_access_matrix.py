"""
Every route of the URL map by everybody who may call it. A route without a row here fails.

Callers: N no token, O owner, A admin, M member, C commenter and V viewer of a team, X stranger,
R somebody removed from it, G a guest, E a member whose time is over, W the job queue.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import requests

from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.cli import OFFLINE
from local.cloudtasks.identity import shared_key
from tests.api.world import Caller, World
from tests.tokens import oidc_claims, signed

CALLERS = "NOAMCVXRGEW"
ROLES = {"A": "admin", "M": "member", "C": "commenter", "V": "viewer", "R": "member", "E": "member"}
DONE = range(200, 400)


def _expected(done: str, forbidden: str = "", hidden: str = "", unknown: str = "") -> dict:
    verdicts = dict.fromkeys(done, "done")
    verdicts |= dict.fromkeys(forbidden, 403) | dict.fromkeys(hidden, 404)
    return verdicts | dict.fromkeys(unknown, 401)


EVERYBODY = _expected(CALLERS)
SIGNED_IN = _expected("OAMCVXRGE", unknown="NW")
REGISTERED = _expected("OAMCVXRE", forbidden="G", unknown="NW")
SEE = _expected("OAMCV", hidden="XRGE", unknown="NW")
EDIT = _expected("OAM", forbidden="CV", hidden="XRGE", unknown="NW")
MANAGE = _expected("OA", forbidden="MCV", hidden="XRE", unknown="NW") | {"G": 403}
QUEUE = _expected("W", unknown="NOAMCVXRGE")
NOBODY = _expected("", hidden=CALLERS)


@dataclass(frozen=True)
class Row:
    """Who may, and how to ask: what stands in the path, and the body."""

    verdicts: dict[str, Any]
    path: dict[str, Callable[["Scene"], str]] = field(default_factory=dict)
    body: Callable[["Scene"], Any] = lambda scene: None


class Scene:
    """A team with somebody of each kind. What a call changes is made anew for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = {key: world.person(f"P{key}") for key in CALLERS if key not in "NGW"}
        self.people["G"] = Caller(world, f"guest-{world.project_id[5:]}", "")
        self.newcomer = world.person("New")
        self.owner = self.people["O"]
        self.team = world.team(self.owner)
        for key, role in ROLES.items():
            self.set_role(self.people[key], role)
        member = f"workspaces/{self.team}/members"
        self.owner.delete(f"/{member}/{self.people['R'].uid}")
        past = world.clock.now() - timedelta(seconds=1)
        world.database.document(f"{member}/{self.people['E'].uid}").update({"expireAt": past})

    def set_role(self, person: Caller, role: str) -> str:
        path = f"/workspaces/{self.team}/members/{person.uid}"
        assert self.owner.put(path, {"role": role}).status_code == 200
        return person.uid

    def task(self) -> str:
        return self.owner.post(f"/workspaces/{self.team}/tasks", {"title": "A"}).json()["id"]

    def series(self) -> str:
        return self.owner.post(f"/workspaces/{self.team}/series", WEEKLY).json()["id"]

    def call(self, caller: str, method: str, path: str, body: Any) -> requests.Response:
        url = f"{self.world.url}{path}"
        return requests.request(
            method, url, headers=self._credentials(caller), json=body, timeout=60
        )

    def _credentials(self, caller: str) -> dict[str, str]:
        if caller == "N":
            return {}
        if caller == "W":
            settings, now = self.world.services.settings, self.world.clock.now()
            account, audience = settings.worker_service_account, settings.worker_url
            token = signed(oidc_claims(account, audience, at=now), shared_key())
        else:
            claims = {"firebase": {"sign_in_provider": "anonymous"}} if caller == "G" else {}
            token = self.world.token(self.people[caller].uid, **claims)
        return {"Authorization": f"Bearer {token}"}


WEEKLY = {"title": "A", "rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}
DEVICE = {"token": "t", "platform": "web"}
IN_TEAM = {"workspace": lambda scene: scene.team}
TASK = IN_TEAM | {"task_id": Scene.task}
SERIES = IN_TEAM | {"series_id": Scene.series}
NEWCOMER = IN_TEAM | {"uid": lambda scene: scene.newcomer.uid}
ADDED = IN_TEAM | {"uid": lambda scene: scene.set_role(scene.newcomer, "viewer")}
ME, W = "/api/v1/users/me", "/api/v1/workspaces"

ROUTES = {
    f"GET {ME}": Row(SIGNED_IN),
    f"GET {ME}/devices": Row(SIGNED_IN),
    f"PUT {ME}/devices/<device_id>": Row(
        SIGNED_IN, {"device_id": lambda _: "phone"}, lambda _: DEVICE
    ),
    f"DELETE {ME}/devices/<device_id>": Row(
        _expected("", hidden="OAMCVXRGE", unknown="NW"), {"device_id": lambda _: "nobodys"}
    ),
    f"GET {ME}/workspaces": Row(SIGNED_IN),
    f"POST {W}": Row(REGISTERED, {}, lambda _: {"name": "New"}),
    f"GET {W}/<workspace>": Row(SEE, IN_TEAM),
    f"GET {W}/<workspace>/members": Row(SEE, IN_TEAM),
    f"PUT {W}/<workspace>/members/<uid>": Row(MANAGE, NEWCOMER, lambda _: {"role": "viewer"}),
    f"DELETE {W}/<workspace>/members/<uid>": Row(MANAGE | {"G": 404}, ADDED),
    f"GET {W}/<workspace>/tasks": Row(SEE, IN_TEAM),
    f"POST {W}/<workspace>/tasks": Row(EDIT, IN_TEAM, lambda _: {"title": "A"}),
    f"GET {W}/<workspace>/tasks/<task_id>": Row(SEE, TASK),
    f"PATCH {W}/<workspace>/tasks/<task_id>": Row(EDIT, TASK, lambda _: {"title": "B"}),
    f"DELETE {W}/<workspace>/tasks/<task_id>": Row(EDIT, TASK),
    f"POST {W}/<workspace>/tasks/<task_id>/completion": Row(EDIT, TASK),
    f"DELETE {W}/<workspace>/tasks/<task_id>/completion": Row(EDIT, TASK),
    f"GET {W}/<workspace>/series": Row(SEE, IN_TEAM),
    f"POST {W}/<workspace>/series": Row(EDIT, IN_TEAM, lambda _: WEEKLY),
    f"GET {W}/<workspace>/series/<series_id>": Row(SEE, SERIES),
    f"DELETE {W}/<workspace>/series/<series_id>": Row(EDIT, SERIES),
    "POST /internal/jobs/<handler>": Row(
        QUEUE,
        {"handler": lambda _: "react"},
        lambda scene: {"workspaceId": scene.team, "taskId": "none"},
    ),
    "POST /internal/ticks/<tick>": Row(QUEUE, {"tick": lambda _: "promote"}),
    "GET /healthz": Row(EVERYBODY),
    "GET /livez": Row(EVERYBODY),
    "GET /readyz": Row(EVERYBODY),
    "GET /openapi.json": Row(EVERYBODY),
    "GET /errors": Row(EVERYBODY),
    "GET /errors/<code>": Row(EVERYBODY, {"code": lambda _: "not-found"}),
    "GET /errors/pages.css": Row(EVERYBODY),
}


# Pages about the API, where a deployment wants them: static, and free of any data.
PAGES = {"/docs", "/redoc", "/docs/<name>"}


def _routes() -> set[str]:
    settings = replace(OFFLINE, api_docs=True)
    app = create_app(build_services(settings, build_ports(settings)))
    routes = [(re.sub(r"<[^>]*:", "<", str(rule)), rule) for rule in app.url_map.iter_rules()]
    return {
        f"{method} {path}"
        for path, rule in routes
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if path not in PAGES
    }


class TestMatrix:
    """Security check 21."""

    def test_no_route_is_missing(self):
        """Who adds a route says who may call it."""
        assert _routes() == set(ROUTES)

    def test_everybody_gets_the_verdict_of_the_table(self, world: World):
        """Hidden before forbidden, and nobody unknown learns which it would be."""
        scene = Scene(world)

        found = {route: _verdicts(scene, route) for route in ROUTES}

        assert {route: row.verdicts for route, row in ROUTES.items()} == found


def _verdicts(scene: Scene, route: str) -> dict[str, Any]:
    row = ROUTES[route]
    method, rule = route.split(" ", 1)
    verdicts = {}
    for caller in CALLERS:
        path = rule
        for name, value in row.path.items():
            path = path.replace(f"<{name}>", value(scene))
        answer = scene.call(caller, method, path, row.body(scene))
        verdicts[caller] = "done" if answer.status_code in DONE else answer.status_code
    return verdicts
