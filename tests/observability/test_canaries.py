"""Secrets and people's own words, put wherever they can be put: no line of log may hold them."""

import json
import secrets
import socket
from urllib.parse import quote

import pytest
import requests
from google.cloud import tasks_v2

from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.commands.describe import OFFLINE, OPENAPI_PATH
from tests.api.world import Caller
from tests.observability.canaries import Canaries, addresses_of, fields_of
from tests.observability.conftest import NOBODY_THERE, Serve, Served
from tests.observability.test_request_log import CANONICAL

APP = create_app(build_services(OFFLINE, build_ports(OFFLINE)))
FIELDS = fields_of(json.loads(OPENAPI_PATH.read_text()))


@pytest.fixture
def canaries() -> Canaries:
    return Canaries(f"zq{secrets.token_hex(6)}")


class Sender:
    """Sends requests, and remembers what each answer was called."""

    def __init__(self, served: Served, canaries: Canaries) -> None:
        self.served = served
        self.canaries = canaries
        self.answered: list[str] = []
        self.statuses: set[int] = set()
        self._session = requests.Session()

    def send(self, method: str, path: str, **options) -> requests.Response:
        url = f"{self.served.url}{path}"
        answer = self._session.request(method, url, timeout=60, allow_redirects=False, **options)
        self.answered.append(answer.headers["X-Request-Id"])
        self.statuses.add(answer.status_code)
        return answer

    def job(self, path: str, body: dict) -> None:
        """Have the job queue call an internal address, with its token."""
        settings = self.served.world.services.settings
        client = self.served.world.services.ports.jobs._client
        client.create_task(
            parent=settings.queue_path,
            task=tasks_v2.Task(
                http_request=tasks_v2.HttpRequest(
                    http_method=tasks_v2.HttpMethod.POST,
                    url=f"{self.served.url}{path}",
                    headers={"Content-Type": "application/json"},
                    body=json.dumps(body).encode(),
                    oidc_token=tasks_v2.OidcToken(
                        service_account_email=settings.worker_service_account,
                        audience=settings.worker_url,
                    ),
                )
            ),
        )

    def raw(self, text: str) -> None:
        """Send what no client library would."""
        host, port = self.served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(text.encode())
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass

    def headers(self, person: Caller, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.served.world.token(person.uid)}", **more}


class TestCanaries:
    """Security check 56."""

    def test_none_gets_through(self, served: Served, canaries: Canaries):
        """From path, query, headers, bodies, documents and jobs, however the request ends."""
        sender, ann = Sender(served, canaries), served.world.person("Ann")
        every_field = {name: dict.fromkeys(FIELDS, text) for name, text in canaries.all.items()}
        for name, text in canaries.all.items():
            everywhere = addresses_of(APP, quote(text, safe=""))
            within = addresses_of(APP, quote(text, safe=""), workspace=ann.uid)
            for method, path in {*everywhere, *within}:
                _try(sender, ann, method, path, text, every_field[name])
        _hand_in_what_is_valid(sender, ann)
        _spoil_documents(sender, ann)
        _speak_no_http(sender)
        requests_sent = len(sender.answered)

        served.process.wait_until(
            lambda: (
                set(sender.answered)
                <= {line.get("request_id") for line in served.process.lines(*CANONICAL)}
            )
        )

        assert requests_sent > 500
        assert {200, 201, 401, 404, 415, 422, 500} <= sender.statuses
        _check(served, sender)
        told = [line["request_id"] for line in served.process.lines(*CANONICAL)]
        assert len(told) == len(set(told))
        assert {"http.request_broke", "job.refused", "http.request_refused"} <= {
            line["message"] for line in served.process.lines()
        }

    def test_none_gets_through_when_nothing_answers(self, serve: Serve, canaries: Canaries):
        """Errors of connections name what was being sent."""
        served = serve(JOBS_EMULATOR_HOST=NOBODY_THERE, FIRESTORE_EMULATOR_HOST=NOBODY_THERE)
        sender, text = Sender(served, canaries), canaries.mark
        served.world.sign_up(text)
        headers = {"Authorization": f"Bearer {served.world.token(text)}"}

        for method, path in (
            ("GET", f"/api/v1/workspaces/{text}/tasks/{text}"),
            ("PUT", f"/api/v1/users/me/devices/{text}"),
            ("GET", "/readyz"),
        ):
            sender.send(method, path, headers=headers, json={"token": text, "platform": "android"})

        assert {503} == sender.statuses
        served.process.line_of(sender.answered[-1], *CANONICAL)
        _check(served, sender)


def _try(sender: Sender, ann: Caller, method: str, path: str, text: str, body: dict) -> None:
    """One route, in every way one might call it."""
    query = {"q": text, "pageToken": text, "filter": text, "sort": text, text: "1"}
    clean = text.encode("ascii", "replace").decode()
    as_ann = sender.headers(ann)
    sender.send(method, path, params=query, headers=as_ann)
    sender.send(method, path, headers=sender.canaries.headers(clean) | as_ann)
    sender.send(method, path, headers={"Authorization": f"Bearer {clean}"})
    if method in ("POST", "PUT", "PATCH"):
        sender.send(method, path, headers=as_ann, json=body)
        sender.send(method, path, headers=as_ann, json={text: text})
        sender.send(method, path, headers=as_ann, data=text)
        mangled = {**as_ann, "Content-Type": "application/json"}
        sender.send(method, path, headers=mangled, data=json.dumps(body)[:-1].encode())


def _hand_in_what_is_valid(sender: Sender, ann: Caller) -> None:
    """What is stored comes by again: in the reaction, in notifications, in pushes."""
    world, all_ = sender.served.world, sender.canaries.all
    bob = world.person("Bob")
    team = world.team(ann, bob)
    for text in all_.values():
        device = "/api/v1/users/me/devices/phone"
        body = {"token": text, "platform": "android"}
        sender.send("PUT", device, headers=sender.headers(bob), json=body)
        made = sender.send(
            "POST",
            f"/api/v1/workspaces/{team}/tasks",
            headers=sender.headers(ann),
            json={"title": text, "description": text, "assigneeIds": [bob.uid]},
        )
        assert 201 == made.status_code
        world.ring(team, made.json()["id"])
    world.settle(times=2)
    assert world.fcm.messages()


def _spoil_documents(sender: Sender, ann: Caller) -> None:
    """What our code would never have written, read by requests, jobs and ticks."""
    world, text = sender.served.world, sender.canaries.all["words"]
    made = ann.post(f"/workspaces/{ann.uid}/tasks", {"title": text}).json()
    sound = world.document(f"workspaces/{ann.uid}/tasks/{made['id']}")
    for name in ("status", "priority", "rev", "dueAt", "createdAt"):
        spoilt = {**sound, "updatedAt": world.clock.now(), "due": {"kind": text}, name: text}
        world.write(f"workspaces/{ann.uid}/tasks/spoilt-{name}", spoilt)
        path = f"/api/v1/workspaces/{ann.uid}/tasks/spoilt-{name}"
        assert 500 == sender.send("GET", path, headers=sender.headers(ann)).status_code
        world.ring(ann.uid, f"spoilt-{name}")
    world.write(f"users/{ann.uid}/devices/spoilt", {"token": text, "platform": text})
    sender.send("GET", "/api/v1/users/me/devices", headers=sender.headers(ann))
    world.ring(text, text)
    sender.job("/internal/jobs/fire", {"timerId": text, "kind": text, text: text})
    sender.job(f"/internal/jobs/{quote(text)}", {})
    world.write("jobs/sweepReactions", {"fence": text})
    for tick in ("promote", "repair", "sweep"):
        sender.job(f"/internal/ticks/{tick}", {})
    world.tasks.settle()


def _speak_no_http(sender: Sender) -> None:
    mark = sender.canaries.mark
    sender.raw(f"GET /{mark} HTTP/9.9\r\nHost: x\r\n\r\n")
    sender.raw(f"{mark} / HTTP/1.1\r\nHo st {mark}: {mark}\r\n\r\n")
    sender.raw(f"GET /{mark}?{mark} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {mark}\r\n\r\n")
    sender.raw(f"POST /{mark} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{mark}\r\n")


def _check(served: Served, sender: Sender) -> None:
    mark = sender.canaries.mark
    assert [] == [line for line in served.process.output().splitlines() if mark in line]
    for line in served.process.stdout_lines():
        assert {"time", "severity", "message"} <= set(json.loads(line))
