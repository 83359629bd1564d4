"""
Every route of the URL map by everybody who may call it. A route without a row here fails.

Callers: N no token, O owner, A admin, M member, C commenter and V viewer of a team, X stranger,
R somebody removed from it, G a guest, E a member whose time is over, W the job queue.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.commands.describe import OFFLINE
from backend.kit.ids import random_id
from tests.api.access_scene import CALLERS, NIGHTLY, WEEKLY, Scene
from tests.api.access_verdicts import (
    DONE,
    EDIT,
    EVERYBODY,
    MANAGE,
    QUEUE,
    REGISTERED,
    SEE,
    SIGNED_IN,
    SPEAK,
    STAFF,
    UNPROVED,
    Row,
    expected,
)
from tests.api.guest import guest
from tests.api.world import World

DEVICE = {"token": "t", "platform": "web"}
IN_TEAM = {"workspace": lambda scene: scene.team}
TASK = IN_TEAM | {"task_id": Scene.task}
CHANGE = IN_TEAM | {"task_id": Scene.changed_task, "rev": lambda _: "2"}
LABEL = IN_TEAM | {"label_id": Scene.label}
BLOCKER = {"blocker_id": Scene.task}
ATTACHMENT = IN_TEAM | {
    "task_id": lambda scene: scene.attached_task,
    "attachment_id": Scene.announced_attachment,
}
COMMENT = IN_TEAM | {"task_id": Scene.commented_task, "comment_id": lambda _: Scene.COMMENT_ID}
THUMB = {"emoji": lambda _: "👍"}
JOB = IN_TEAM | {"job_id": Scene.job}
FAILED_RUN = IN_TEAM | {"job_id": Scene.job_that_failed, "run_id": lambda _: Scene.RUN_ID}
PLATFORM_JOB = {"job_id": lambda _: "backup"}
PASSED = "2026-11-20T09:00:00Z"
SERIES = IN_TEAM | {"series_id": Scene.series}
OCCURRENCE = SERIES | {"key": lambda _: "20270301"}
IN_SPACE = {"workspace": Scene.space, "uid": lambda scene: scene.set_role(scene.newcomer, "viewer")}
ANEW = {"workspace": Scene.team_like_this}
INVITE = IN_TEAM | {"invite_id": Scene.invite}
WAY_OUT = {"token": Scene.way_out_of_mail}
LEAVE = expected("AMCV", hidden="XRGE", unknown="NW") | {"O": 409}
# Nobody here has an address that could be verified; guests never have.
NO_ADDRESS = expected("", forbidden="G", unknown="NW") | dict.fromkeys("OAMCVXRE", 409)
OWN = expected("O", forbidden="AMCV", hidden="XRGE", unknown="NW")
SEE_INVITES = expected("OA", forbidden="MCV", hidden="XRGE", unknown="NW")
ADDED = IN_TEAM | {"uid": lambda scene: scene.set_role(scene.newcomer, "viewer")}
SUPPRESSED = {"suppression_id": lambda _: "0" * 32}
SOMEBODY = {"uid": lambda scene: scene.newcomer.uid}
THEIRS = expected("O", hidden="AMCVXRGE", unknown="NW")
OPERATION = {"operation_id": Scene.operation}
NOTIFICATION = {"notification_id": Scene.notification}
ME, W = "/api/v1/users/me", "/api/v1/workspaces"


def _job_rows() -> dict[str, Row]:
    home, one = f"{W}/<workspace>/jobs", f"{W}/<workspace>/jobs/<job_id>"
    name, passed = {"name": "B"}, {"from": PASSED, "to": PASSED}
    ours = {
        f"GET {home}": Row(SEE_INVITES, IN_TEAM),
        f"GET {home}:handlers": Row(SEE_INVITES, IN_TEAM),
        f"POST {home}": Row(OWN | {"G": 403}, IN_TEAM, lambda _: NIGHTLY),
        f"GET {one}": Row(SEE_INVITES, JOB),
        f"PATCH {one}": Row(OWN, JOB, lambda _: name),
        f"DELETE {one}": Row(OWN, JOB),
        f"POST {one}/pause": Row(OWN, JOB),
        f"DELETE {one}/pause": Row(OWN, JOB),
        f"POST {one}:run": Row(OWN, JOB),
        f"POST {one}:rehearse": Row(SEE_INVITES, JOB, lambda _: {}),
        f"POST {one}:backfill": Row(OWN, JOB, lambda scene: scene.a_minute_ago()),
        f"GET {one}/runs": Row(SEE_INVITES, JOB),
        f"POST {one}/runs/<run_id>:retry": Row(OWN, FAILED_RUN),
    }
    platform = "/api/v1/jobs"
    bodies = {
        f"POST {platform}": NIGHTLY,
        f"PATCH {platform}/<job_id>": name,
        f"POST {platform}/<job_id>:rehearse": {},
        f"POST {platform}/<job_id>:backfill": passed,
    }
    staff = {}
    for route in ours:
        method, _, path = route.partition(" ")
        moved = f"{method} {path.replace(home, platform)}"
        named = {name: FAILED_RUN[name] for name in ("run_id",) if f"<{name}>" in path}
        staff[moved] = Row(STAFF, PLATFORM_JOB | named, partial(_given, bodies.get(moved)))
    return ours | staff


def _given(body: Any, _: Scene) -> Any:
    return body


def _broadcast_rows() -> dict[str, Row]:
    every, deliveries = "/api/v1/admin/broadcasts", "/api/v1/admin/deliveries"
    one, named = f"{every}/<broadcast_id>", {"broadcast_id": lambda _: "nobodys"}
    wanted = partial(_given, {"texts": {"en": {"title": "A", "body": "B"}}})
    redriven = {"deliveries": [{"uid": "u", "notificationId": "n", "channel": "push"}]}
    return {
        f"GET {every}": Row(STAFF),
        f"POST {every}": Row(STAFF, {}, wanted),
        f"POST {every}:preview": Row(STAFF, {}, wanted),
        f"GET {one}": Row(STAFF, named),
        f"GET {one}/recipients": Row(STAFF, named),
        f"POST {one}:cancel": Row(STAFF, named),
        f"POST {one}/pause": Row(STAFF, named),
        f"DELETE {one}/pause": Row(STAFF, named),
        f"GET {deliveries}": Row(STAFF),
        f"GET {deliveries}:health": Row(STAFF),
        f"POST {deliveries}:redrive": Row(STAFF, {}, partial(_given, redriven)),
    }


def _template_rows() -> dict[str, Row]:
    home, one = "/api/v1/admin/templates", "/api/v1/admin/templates/<template>"
    template = {"template": lambda _: "assigned"}
    version = template | {"version": lambda _: "0"}
    parts = dict.fromkeys(("title", "body", "subject", "text"), "A")
    trial = partial(_given, {})
    return {
        f"GET {home}": Row(STAFF),
        f"GET {one}": Row(STAFF, template),
        f"GET {one}/versions": Row(STAFF, template),
        f"POST {one}/versions": Row(STAFF, template, partial(_given, {"texts": {"en": parts}})),
        f"GET {one}/versions/<version>": Row(STAFF, version),
        f"POST {one}/versions/<version>:preview": Row(STAFF, version, trial),
        f"POST {one}/versions/<version>:testSend": Row(STAFF, version, trial),
        f"POST {one}/versions/<version>:publish": Row(STAFF, version),
    }


def _group_rows() -> dict[str, Row]:
    rows = {f"GET {W}/<workspace>/boards/<board_id>/contents": Row(SEE, _group("board"))}
    rows[f"POST {W}/<workspace>/lists/<list_id>:archiveDone"] = Row(EDIT, _group("list"))
    for kind in ("project", "board", "list", "label"):
        every, one = f"{W}/<workspace>/{kind}s", f"{W}/<workspace>/{kind}s/<{kind}_id>"
        rows |= {
            f"GET {every}": Row(SEE, IN_TEAM),
            f"POST {every}": Row(EDIT, IN_TEAM, lambda scene, kind=kind: scene.new_group(kind)),
            f"GET {one}": Row(SEE, _group(kind)),
            f"PATCH {one}": Row(EDIT, _group(kind), lambda _: {"name": "B"}),
            f"DELETE {one}": Row(EDIT, _group(kind)),
            f"POST {one}:move": Row(EDIT, _group(kind), lambda _: {"rank": "V"}),
        }
        if kind != "label":
            rows |= {
                f"{verb} {one}/archive": Row(EDIT, _group(kind)) for verb in ("POST", "DELETE")
            }
    return rows


def _group(kind: str) -> dict[str, Callable[[Scene], str]]:
    return IN_TEAM | {f"{kind}_id": lambda scene: scene.group(kind)}


ROUTES = {
    f"GET {ME}": Row(SIGNED_IN),
    f"PATCH {ME}": Row(SIGNED_IN, {}, lambda _: {"weekStart": 7}),
    f"GET {ME}/settings/notifications": Row(SIGNED_IN),
    f"PATCH {ME}/settings/notifications": Row(SIGNED_IN, {}, lambda _: {"bundleMinutes": 9}),
    f"DELETE {ME}/sessions": Row(REGISTERED),
    f"POST {ME}/emailVerification": Row(NO_ADDRESS),
    "POST /api/v1/auth/passwordReset": Row(EVERYBODY, {}, lambda _: {"email": "a@example.com"}),
    f"POST {ME}:mergeGuest": Row(
        REGISTERED, {}, lambda scene: {"guestToken": guest(scene.world, random_id()).token()}
    ),
    f"POST {ME}:undoMerge": Row(
        expected("", forbidden="G", hidden="OAMCVXRE", unknown="NW"),
        {},
        lambda _: {"operationId": "nobodys"},
    ),
    "POST /api/v1/undo": Row(
        dict.fromkeys("OAMCVXRGE", 409) | dict.fromkeys("NW", 401), {}, lambda _: {"token": "none"}
    ),
    "POST /api/v1/admin/rehearsals": Row(STAFF, {}, lambda _: {"to": "2027-01-01T00:00:00Z"}),
    "POST /api/v1/rehearsals": Row(
        SEE,
        {},
        lambda scene: {
            "to": f"{scene.world.clock.now():%Y-%m-%dT23:59:59Z}",
            "workspaceId": scene.team,
        },
    ),
    f"POST {ME}:export": Row(SIGNED_IN),
    "GET /api/v1/operations/<operation_id>": Row(THEIRS, OPERATION),
    "POST /api/v1/operations/<operation_id>:cancel": Row(THEIRS, OPERATION),
    f"DELETE {ME}": Row(expected("AMCVXRE", forbidden="G", unknown="NW") | {"O": 409}),
    f"POST {ME}:cancelErasure": Row(REGISTERED),
    f"GET {ME}/devices": Row(SIGNED_IN),
    f"PUT {ME}/devices/<device_id>": Row(
        SIGNED_IN, {"device_id": lambda _: "phone"}, lambda _: DEVICE
    ),
    f"DELETE {ME}/devices/<device_id>": Row(
        expected("", hidden="OAMCVXRGE", unknown="NW"), {"device_id": lambda _: "nobodys"}
    ),
    f"GET {ME}/notifications": Row(SIGNED_IN),
    f"GET {ME}/notifications/<notification_id>": Row(THEIRS, NOTIFICATION),
    f"PATCH {ME}/notifications/<notification_id>": Row(
        THEIRS, NOTIFICATION, lambda _: {"readAt": True}
    ),
    f"DELETE {ME}/notifications/<notification_id>": Row(THEIRS, NOTIFICATION),
    f"GET {ME}/notifications/<notification_id>/decisions": Row(THEIRS, NOTIFICATION),
    **{f"POST {ME}/notifications:{act}": Row(SIGNED_IN) for act in ("markAllRead", "archiveAll")},
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
    "POST /api/v1/invites:accept": Row(UNPROVED, {}, lambda _: {"token": "x"}),
    f"POST {W}/<workspace>/invites/<invite_id>:accept": Row(UNPROVED, INVITE),
    f"GET {W}/<workspace>/tasks": Row(SEE, IN_TEAM),
    "GET /api/v1/tasks": Row(SIGNED_IN, query="?assignee=me"),
    f"GET {W}/<workspace>/search": Row(SEE, IN_TEAM, query="?q=word"),
    f"POST {W}/<workspace>/tasks": Row(EDIT, IN_TEAM, lambda _: {"title": "A"}),
    f"POST {W}/<workspace>/tasks/<task_id>:duplicate": Row(EDIT, TASK, lambda _: {}),
    f"POST {W}/<workspace>/tasks:batch": Row(
        EDIT,
        IN_TEAM,
        lambda _: {"mode": "atomic", "operations": [{"op": "create", "title": "A"}]},
    ),
    f"GET {W}/<workspace>/tasks/<task_id>": Row(SEE, TASK),
    f"PATCH {W}/<workspace>/tasks/<task_id>": Row(EDIT, TASK, lambda _: {"title": "B"}),
    f"DELETE {W}/<workspace>/tasks/<task_id>": Row(EDIT, TASK),
    f"POST {W}/<workspace>/tasks/<task_id>/completion": Row(EDIT, TASK),
    f"DELETE {W}/<workspace>/tasks/<task_id>/completion": Row(EDIT, TASK),
    f"POST {W}/<workspace>/tasks/<task_id>/archive": Row(EDIT, TASK),
    f"DELETE {W}/<workspace>/tasks/<task_id>/archive": Row(EDIT, TASK),
    f"POST {W}/<workspace>/tasks/<task_id>:restore": Row(
        EDIT, IN_TEAM | {"task_id": Scene.deleted_task}
    ),
    f"PUT {W}/<workspace>/tasks/<task_id>/assignees/<uid>": Row(EDIT, TASK | ADDED),
    f"DELETE {W}/<workspace>/tasks/<task_id>/assignees/<uid>": Row(EDIT, TASK | ADDED),
    f"PUT {W}/<workspace>/tasks/<task_id>/watchers/<uid>": Row(EDIT, TASK | ADDED),
    f"DELETE {W}/<workspace>/tasks/<task_id>/watchers/<uid>": Row(EDIT, TASK | ADDED),
    f"PUT {W}/<workspace>/tasks/<task_id>/labels/<label_id>": Row(EDIT, TASK | LABEL),
    f"DELETE {W}/<workspace>/tasks/<task_id>/labels/<label_id>": Row(EDIT, TASK | LABEL),
    f"GET {W}/<workspace>/tasks/<task_id>/tree": Row(SEE, TASK),
    f"PUT {W}/<workspace>/tasks/<task_id>/blockers/<blocker_id>": Row(EDIT, TASK | BLOCKER),
    f"DELETE {W}/<workspace>/tasks/<task_id>/blockers/<blocker_id>": Row(EDIT, TASK | BLOCKER),
    f"GET {W}/<workspace>/tasks/<task_id>/history": Row(SEE, TASK),
    f"POST {W}/<workspace>/tasks/<task_id>/history/<rev>:revert": Row(EDIT, CHANGE, lambda _: {}),
    f"GET {W}/<workspace>/events": Row(SEE, IN_TEAM),
    f"GET {W}/<workspace>/stats": Row(SEE, IN_TEAM),
    f"GET {W}/<workspace>/tasks/<task_id>/attachments": Row(SEE, TASK),
    f"POST {W}/<workspace>/tasks/<task_id>/attachments": Row(
        EDIT, TASK, lambda _: {"name": "a.png", "contentType": "image/png", "size": 5}
    ),
    f"GET {W}/<workspace>/tasks/<task_id>/attachments/<attachment_id>": Row(SEE, ATTACHMENT),
    f"DELETE {W}/<workspace>/tasks/<task_id>/attachments/<attachment_id>": Row(EDIT, ATTACHMENT),
    f"POST {W}/<workspace>/tasks/<task_id>/attachments/<attachment_id>:finalize": Row(
        EDIT, ATTACHMENT
    ),
    f"GET {W}/<workspace>/tasks/<task_id>/comments": Row(SEE, TASK),
    f"POST {W}/<workspace>/tasks/<task_id>/comments": Row(SPEAK, TASK, lambda _: {"body": "A"}),
    f"GET {W}/<workspace>/tasks/<task_id>/comments/<comment_id>": Row(SEE, COMMENT),
    # The owner's: nobody else changes it, and admins may delete it.
    f"PATCH {W}/<workspace>/tasks/<task_id>/comments/<comment_id>": Row(
        OWN, COMMENT, lambda _: {"body": "B"}
    ),
    f"DELETE {W}/<workspace>/tasks/<task_id>/comments/<comment_id>": Row(SEE_INVITES, COMMENT),
    f"PUT {W}/<workspace>/tasks/<task_id>/comments/<comment_id>/reactions/<emoji>": Row(
        SPEAK, COMMENT | THUMB
    ),
    f"DELETE {W}/<workspace>/tasks/<task_id>/comments/<comment_id>/reactions/<emoji>": Row(
        SPEAK, COMMENT | THUMB
    ),
    **_group_rows(),
    f"POST {W}/<workspace>/tasks/<task_id>:move": Row(EDIT, TASK, lambda _: {"rank": "V"}),
    f"POST {W}/<workspace>/tasks/<task_id>:snooze": Row(EDIT, TASK, lambda _: {"minutes": 60}),
    f"GET {W}/<workspace>/series": Row(SEE, IN_TEAM),
    f"POST {W}/<workspace>/series": Row(EDIT, IN_TEAM, lambda _: WEEKLY),
    f"GET {W}/<workspace>/series/<series_id>": Row(SEE, SERIES),
    f"DELETE {W}/<workspace>/series/<series_id>": Row(EDIT, SERIES),
    f"PATCH {W}/<workspace>/series/<series_id>": Row(EDIT, SERIES, lambda _: {"title": "B"}),
    f"POST {W}/<workspace>/series/<series_id>/pause": Row(EDIT, SERIES),
    f"DELETE {W}/<workspace>/series/<series_id>/pause": Row(EDIT, SERIES),
    f"POST {W}/<workspace>/series/<series_id>:skipMissed": Row(EDIT, SERIES),
    f"GET {W}/<workspace>/series/<series_id>/occurrences": Row(SEE, SERIES),
    f"PATCH {W}/<workspace>/series/<series_id>/occurrences/<key>": Row(
        EDIT, OCCURRENCE, lambda _: {"title": "B"}
    ),
    f"POST {W}/<workspace>/series/<series_id>/occurrences/<key>:skip": Row(EDIT, OCCURRENCE),
    f"GET {W}/<workspace>/series/<series_id>/preview": Row(SEE, SERIES),
    f"POST {W}/<workspace>/series:preview": Row(
        SEE, IN_TEAM, lambda _: {"rule": WEEKLY["rule"], "start": WEEKLY["start"]}
    ),
    **_job_rows(),
    **_broadcast_rows(),
    **_template_rows(),
    "GET /api/v1/admin/users/<uid>": Row(STAFF, SOMEBODY),
    "PATCH /api/v1/admin/users/<uid>": Row(STAFF, SOMEBODY, lambda _: {"role": "admin"}),
    "POST /api/v1/admin/users/<uid>/disablement": Row(
        STAFF, SOMEBODY, lambda _: {"reason": "None."}
    ),
    "DELETE /api/v1/admin/users/<uid>/disablement": Row(STAFF, SOMEBODY),
    "GET /api/v1/admin/audit": Row(STAFF),
    "GET /api/v1/admin/suppressions": Row(STAFF),
    "POST /api/v1/admin/suppressions": Row(STAFF, {}, lambda _: {"email": "a@example.com"}),
    "POST /api/v1/admin/suppressions:find": Row(STAFF, {}, lambda _: {"email": "a@example.com"}),
    "GET /api/v1/admin/suppressions/<suppression_id>": Row(STAFF, SUPPRESSED),
    "DELETE /api/v1/admin/suppressions/<suppression_id>": Row(STAFF, SUPPRESSED),
    "POST /internal/jobs/<handler>": Row(
        QUEUE,
        {"handler": lambda _: "react"},
        lambda scene: {"workspaceId": scene.team, "taskId": "none"},
    ),
    "POST /internal/mail/reports": Row(QUEUE),
    "POST /internal/ticks/<tick>": Row(QUEUE, {"tick": lambda _: "promote"}),
    "GET /healthz": Row(EVERYBODY),
    "GET /livez": Row(EVERYBODY),
    "GET /readyz": Row(EVERYBODY),
    "GET /openapi.json": Row(EVERYBODY),
    "GET /errors": Row(EVERYBODY),
    "GET /errors/<code>": Row(EVERYBODY, {"code": lambda _: "not-found"}),
    "GET /errors/pages.css": Row(EVERYBODY),
    "GET /unsubscribe/<token>": Row(EVERYBODY, WAY_OUT),
    "POST /unsubscribe/<token>": Row(EVERYBODY, WAY_OUT),
    # What it takes, the page knows that a click leads to, and nobody else.
    "POST /unsubscribe/<token>:undo": Row(dict.fromkeys(CALLERS, 409), WAY_OUT),
}


# Pages about the API, where a deployment wants them: static, and free of any data.
PAGES = {"/docs", "/redoc", "/docs/<name>"}
CONSOLE = "/admin/"  # Pages for the staff, by a cookie: see test_console_cookies.py.


def _routes() -> set[str]:
    settings = replace(OFFLINE, api_docs=True)
    app = create_app(build_services(settings, build_ports(settings)))
    routes = [(re.sub(r"<[^>]*:", "<", str(rule)), rule) for rule in app.url_map.iter_rules()]
    return {
        f"{method} {path}"
        for path, rule in routes
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if path not in PAGES and not path.startswith(CONSOLE)
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
        answer = scene.call(caller, method, path + row.query, row.body(scene))
        verdicts[caller] = "done" if answer.status_code in DONE else answer.status_code
    return verdicts
