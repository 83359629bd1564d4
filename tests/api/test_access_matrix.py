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
from backend.commands.describe import OFFLINE
from backend.kit.ids import random_id
from backend.operations.documents import operation_fields, operation_path
from backend.operations.model import Operation, OperationKind
from local.cloudtasks.identity import shared_key
from tests.api.guest import guest
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
STAFF = _expected("", hidden="OAMCVXRGE", unknown="NW")  # None of these: tests/api/test_admin.py.


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
        self.owner.delete(f"/workspaces/{self.team}/members/{self.people['R'].uid}")
        past = world.clock.now() - timedelta(seconds=1)
        world.join(self.team, self.people["E"], "member", expire_at=past)

    def set_role(self, person: Caller, role: str) -> str:
        return self.world.join(self.team, person, role)

    def team_like_this(self) -> str:
        """Another team of the same people, to be changed for good."""
        team = self.world.team(self.owner)
        for key, role in ROLES.items():
            if key != "R":
                member = self.world.document(f"workspaces/{self.team}/members/{self.uid(key)}")
                ends = member and member["expireAt"]
                self.world.join(team, self.people[key], role, expire_at=ends)
        return team

    def space(self) -> str:
        """A space of the team, where everybody is what they are in it."""
        body = {"name": "Space", "parentId": self.team}
        space = self.owner.post("/workspaces", body).json()["id"]
        for key, role in ROLES.items():
            if key != "R":
                member = self.world.document(f"workspaces/{self.team}/members/{self.uid(key)}")
                ends = member and member["expireAt"]
                self.world.join(space, self.people[key], role, expire_at=ends)
        return space

    def uid(self, key: str) -> str:
        return self.people[key].uid

    def invite(self) -> str:
        body = {"email": "somebody@example.com", "role": "member"}
        return self.owner.post(f"/workspaces/{self.team}/invites", body).json()["id"]

    def task(self) -> str:
        return self.owner.post(f"/workspaces/{self.team}/tasks", {"title": "A"}).json()["id"]

    def series(self) -> str:
        return self.owner.post(f"/workspaces/{self.team}/series", WEEKLY).json()["id"]

    def operation(self) -> str:
        """Something of the owner's that is running, and that nobody works at."""
        now = self.world.clock.now()
        begun = Operation.started(random_id(), OperationKind.EXPORT, uid=self.owner.uid, at=now)
        self.world.write(operation_path(begun.id), operation_fields(begun))
        return begun.id

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
IN_SPACE = {"workspace": Scene.space, "uid": lambda scene: scene.set_role(scene.newcomer, "viewer")}
ANEW = {"workspace": Scene.team_like_this}
INVITE = IN_TEAM | {"invite_id": Scene.invite}
LEAVE = _expected("AMCV", hidden="XRGE", unknown="NW") | {"O": 409}
# Nobody here has an address that could be verified; guests never have.
NO_ADDRESS = _expected("", forbidden="G", unknown="NW") | dict.fromkeys("OAMCVXRE", 409)
OWN = _expected("O", forbidden="AMCV", hidden="XRGE", unknown="NW")
SEE_INVITES = _expected("OA", forbidden="MCV", hidden="XRGE", unknown="NW")
ADDED = IN_TEAM | {"uid": lambda scene: scene.set_role(scene.newcomer, "viewer")}
SOMEBODY = {"uid": lambda scene: scene.newcomer.uid}
THEIRS = _expected("O", hidden="AMCVXRGE", unknown="NW")
OPERATION = {"operation_id": Scene.operation}
ME, W = "/api/v1/users/me", "/api/v1/workspaces"

ROUTES = {
    f"GET {ME}": Row(SIGNED_IN),
    f"PATCH {ME}": Row(SIGNED_IN, {}, lambda _: {"weekStart": 7}),
    f"DELETE {ME}/sessions": Row(REGISTERED),
    f"POST {ME}/emailVerification": Row(NO_ADDRESS),
    "POST /api/v1/auth/passwordReset": Row(EVERYBODY, {}, lambda _: {"email": "a@example.com"}),
    f"POST {ME}:mergeGuest": Row(
        REGISTERED, {}, lambda scene: {"guestToken": guest(scene.world, random_id()).token()}
    ),
    f"POST {ME}:undoMerge": Row(
        _expected("", forbidden="G", hidden="OAMCVXRE", unknown="NW"),
        {},
        lambda _: {"operationId": "nobodys"},
    ),
    f"POST {ME}:export": Row(SIGNED_IN),
    "GET /api/v1/operations/<operation_id>": Row(THEIRS, OPERATION),
    "POST /api/v1/operations/<operation_id>:cancel": Row(THEIRS, OPERATION),
    f"DELETE {ME}": Row(_expected("AMCVXRE", forbidden="G", unknown="NW") | {"O": 409}),
    f"POST {ME}:cancelErasure": Row(REGISTERED),
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
    f"PATCH {W}/<workspace>": Row(SEE_INVITES, IN_TEAM, lambda _: {"name": "B"}),
    f"DELETE {W}/<workspace>": Row(OWN, ANEW),
    f"POST {W}/<workspace>:restore": Row(OWN, IN_TEAM),
    f"POST {W}/<workspace>:leave": Row(LEAVE, ANEW),
    f"POST {W}/<workspace>:transferOwnership": Row(
        OWN | {"G": 403}, ANEW, lambda scene: {"uid": scene.uid("V")}
    ),
    f"GET {W}/<workspace>/members/<uid>": Row(SEE, ADDED),
    f"PUT {W}/<workspace>/members/<uid>": Row(MANAGE, IN_SPACE, lambda _: {"role": "viewer"}),
    f"PATCH {W}/<workspace>/members/<uid>": Row(MANAGE, ADDED, lambda _: {"role": "viewer"}),
    f"DELETE {W}/<workspace>/members/<uid>": Row(MANAGE | {"G": 404}, ADDED),
    f"GET {W}/<workspace>/invites": Row(SEE_INVITES, IN_TEAM),
    f"POST {W}/<workspace>/invites": Row(
        MANAGE, IN_TEAM, lambda _: {"email": "a@example.com", "role": "viewer"}
    ),
    f"DELETE {W}/<workspace>/invites/<invite_id>": Row(SEE_INVITES, INVITE),
    f"POST {W}/<workspace>/invites/<invite_id>:resend": Row(MANAGE, INVITE),
    # Accepted by the one who was invited, and nobody here has shown an address.
    "POST /api/v1/invites:accept": Row(
        _expected("", forbidden="OAMCVXRGE", unknown="NW"), {}, lambda _: {"token": "x"}
    ),
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
    "GET /api/v1/admin/users/<uid>": Row(STAFF, SOMEBODY),
    "PATCH /api/v1/admin/users/<uid>": Row(STAFF, SOMEBODY, lambda _: {"role": "admin"}),
    "POST /api/v1/admin/users/<uid>/disablement": Row(
        STAFF, SOMEBODY, lambda _: {"reason": "None."}
    ),
    "DELETE /api/v1/admin/users/<uid>/disablement": Row(STAFF, SOMEBODY),
    "GET /api/v1/admin/audit": Row(STAFF),
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
