"""Attachments: announced, sent to Cloud Storage, looked at, shown, fetched and deleted."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from backend.attachments.model import MAX_SIZE, TAKEN_FOR
from tests.api.attaching import (
    PIXEL,
    announced,
    attached,
    digest,
    faults,
    files_of,
    finalized,
    new_task,
    room_of,
    send,
)
from tests.api.world import Caller, World
from tests.files import ELF, GOOD, HTML, JAR, MACH_O, PE, SHELL, SVG, png


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def task(ann: Caller) -> str:
    """The path of a task of Ann's own."""
    return f"/workspaces/{ann.uid}/tasks/{new_task(ann)}"


class TestUpload:
    """From the announcement to the file that others see."""

    def test_a_file_comes_as_it_went(self, world: World, ann: Caller, task: str):
        """Acceptance: announce, send, finalize, list, fetch; the bytes never pass through us."""
        made = announced(ann, task, name="Grundriß.png", sha256=digest(PIXEL))
        pending = ann.get(f"{task}/attachments").json()["items"]
        sent = send(made.json()["upload"])
        ready = finalized(ann, task, made.json()["id"])
        (listed,) = ann.get(f"{task}/attachments").json()["items"]
        got = ann.get(f"{task}/attachments/{made.json()['id']}")
        fetched = requests.get(got.json()["download"]["url"], timeout=60)

        assert (201, 200, 200) == (made.status_code, sent.status_code, ready.status_code)
        assert made.headers["Location"].endswith(f"{task}/attachments/{made.json()['id']}")
        assert [] == pending
        assert ("pending", "ready") == (made.json()["state"], ready.json()["state"])
        assert (PIXEL, digest(PIXEL)) == (fetched.content, listed["sha256"])
        assert "download" not in listed
        name = "attachment; filename=\"Grundri_.png\"; filename*=UTF-8''Grundri%C3%9F.png"
        assert name == fetched.headers["Content-Disposition"]
        assert {"attachments": 1} == ann.get(task).json()["counters"]

    @pytest.mark.parametrize("content_type", GOOD)
    def test_every_type_that_is_taken(self, world: World, ann: Caller, task: str, content_type):
        """As its type; a download has that, whatever was sent along."""
        ending, content = GOOD[content_type]

        made = attached(ann, task, content, name=f"a{ending}", contentType=content_type)

        query = parse_qs(urlsplit(made["download"]["url"]).query)
        assert [content_type] == query["response-content-type"]

    def test_what_an_address_is_bound_to(self, ann: Caller, task: str):
        """One object of a name that we made, one method, one type, one length, a quarter hour."""
        made = announced(ann, task, name="../../evil.png").json()
        assert "errors" in made  # No folders in names.
        upload = announced(ann, task).json()["upload"]
        url = urlsplit(upload["url"])
        query = parse_qs(url.query)

        assert "PUT" == upload["method"]
        assert f"/uploads/{ann.uid}/" in url.path
        assert {
            "Content-Type": "image/png",
            "x-goog-content-length-range": f"{len(PIXEL)},{len(PIXEL)}",
        } == upload["headers"]
        assert ["content-type;host;x-goog-content-length-range"] == query["X-Goog-SignedHeaders"]
        assert ["900"] == query["X-Goog-Expires"]

    def test_repeating_changes_nothing(self, world: World, ann: Caller, task: str):
        """The second answer is like the first, without an undo of its own."""
        made = attached(ann, task)

        again = finalized(ann, task, made["id"])

        assert (200, "ready", 2) == (again.status_code, again.json()["state"], again.json()["rev"])
        assert "Undo-Token" not in again.headers
        assert {"attachments": 1} == ann.get(task).json()["counters"]

    def test_several_times_at_once_it_is_one(self, world: World, ann: Caller, task: str, crowd):
        """Counted once, and taken in once."""
        made = announced(ann, task).json()
        send(made["upload"])

        answers = [*crowd.map(lambda _: finalized(ann, task, made["id"]), range(6))]

        assert {200} == {answer.status_code for answer in answers}
        assert any("Undo-Token" in answer.headers for answer in answers)
        assert {"attachments": 1} == ann.get(task).json()["counters"]

    def test_with_a_key_there_is_one(self, world: World, ann: Caller, task: str):
        """A repeated announcement takes no second room."""
        wanted = {"name": "a.png", "contentType": "image/png", "size": 5}
        answers = [
            ann.post(f"{task}/attachments", wanted, headers={"Idempotency-Key": "k"})
            for _ in range(2)
        ]

        assert answers[0].json() == answers[1].json()
        assert (5, 1) == room_of(world, ann.uid)

    def test_a_new_address_for_whoever_announced_it(self, world: World, ann: Caller):
        """Others see that something is coming, and cannot send it."""
        bob = world.person("Bob")
        team = world.team(ann, bob)
        task = ann.post(f"/workspaces/{team}/tasks", {"title": "A"}).json()["id"]
        path = f"/workspaces/{team}/tasks/{task}"
        made = announced(ann, path).json()

        mine, theirs = (who.get(f"{path}/attachments/{made['id']}").json() for who in (ann, bob))

        assert send(mine["upload"]).status_code == 200
        assert ("pending", False, False) == (
            theirs["state"],
            "upload" in theirs,
            "download" in theirs,
        )

    def test_sent_again_it_may_change_until_it_is_taken(self, ann: Caller, task: str):
        """And not any more after that: the file of an attachment never changes."""
        other = png(b"\0\0\0\4tEXta\0bc" + b"\0\0\0\0")
        assert len(other) != len(PIXEL)
        made = announced(ann, task, other, name="b.png").json()
        evil = HTML.ljust(len(other))
        send(made["upload"], evil)
        send(made["upload"], other)
        ready = finalized(ann, task, made["id"]).json()
        late = send(made["upload"], evil)

        fetched = requests.get(ready["download"]["url"], timeout=60)

        assert late.status_code == 200  # The emulator: the address would hold for a while.
        assert other == fetched.content

    def test_of_a_type_that_is_not_taken(self, world: World, ann: Caller, task: str):
        """What came by an import is fetched as bytes of no type."""
        made = attached(ann, task)
        path = f"{task}/attachments/{made['id']}"
        world.database.document(path[1:]).update({"contentType": "text/html", "name": "a.html"})

        download = ann.get(path).json()["download"]

        query = parse_qs(urlsplit(download["url"]).query)
        assert ["application/octet-stream"] == query["response-content-type"]


class TestRefusals:
    """What is not what was announced, and what nobody takes."""

    @pytest.mark.parametrize("content", [HTML, SVG, PE, ELF, MACH_O, SHELL, JAR, PIXEL + JAR])
    def test_dressed_as_an_image(self, world: World, ann: Caller, task: str, content: bytes):
        """Security check 48: nothing of it is ever seen, and it is thrown away at once."""
        made = announced(ann, task, content).json()
        send(made["upload"], content)

        answer = finalized(ann, task, made["id"])

        assert (422, "file-refused") == (answer.status_code, answer.json()["code"])
        assert [("/contentType", "wrong-content")] == faults(answer)
        assert [] == files_of(world)
        assert "download" not in ann.get(f"{task}/attachments/{made['id']}").json()

    @pytest.mark.parametrize(
        ("sent", "headers", "fault"),
        [
            (PIXEL + b"x", {}, ("/size", "wrong-size")),
            (PIXEL[:-1], {}, ("/size", "wrong-size")),
            (PIXEL, {"Content-Type": "text/html"}, ("/contentType", "wrong-type")),
            (PIXEL[:-1] + b"!", {}, ("/sha256", "wrong-hash")),
        ],
    )
    def test_not_what_was_announced(
        self, ann: Caller, task: str, sent: bytes, headers: dict[str, str], fault: Any
    ):
        """The emulator lets through what Cloud Storage would not: it is found nevertheless."""
        made = announced(ann, task, sha256=digest(PIXEL)).json()
        send(made["upload"], sent, **headers)
        refused = finalized(ann, task, made["id"])
        nothing = finalized(ann, task, made["id"])
        send(made["upload"])
        then = finalized(ann, task, made["id"])

        assert (422, [fault]) == (refused.status_code, faults(refused))
        assert (409, "invalid-transition") == (nothing.status_code, nothing.json()["code"])
        assert (200, "ready") == (then.status_code, then.json()["state"])

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"contentType": "text/html"}, "/contentType"),
            ({"contentType": "image/svg+xml", "name": "a.svg"}, "/contentType"),
            ({"contentType": "application/octet-stream"}, "/contentType"),
            ({"contentType": "image/png; charset=x"}, "/contentType"),
            ({"name": "a.exe"}, "/name"),
            ({"name": "a.png.html"}, "/name"),
            ({"name": "a\u202egnp.png"}, "/name"),
            ({"name": "a/b.png"}, "/name"),
            ({"name": "a\\b.png"}, "/name"),
            ({"name": 'a"\r\nX: y.png'}, "/name"),
            ({"name": "a" * 300 + ".png"}, "/name"),
            ({"size": 0}, "/size"),
            ({"size": MAX_SIZE + 1}, "/size"),
            ({"size": 1.0}, "/size"),
            ({"sha256": "A" * 64}, "/sha256"),
            ({"sha256": "a" * 63}, "/sha256"),
            ({"state": "ready"}, "/state"),
        ],
    )
    def test_what_cannot_be_announced(
        self, world: World, ann: Caller, task: str, changes: dict[str, Any], pointer: str
    ):
        """No room is kept for it."""
        answer = announced(ann, task, **changes)

        assert (422, [pointer]) == (answer.status_code, [each for each, _ in faults(answer)])
        assert (0, 0) == room_of(world, ann.uid)

    def test_too_late(self, world: World, ann: Caller, task: str):
        """After forty minutes nobody waits for it any more."""
        made = announced(ann, task).json()
        send(made["upload"])
        world.clock.advance(TAKEN_FOR)

        answer = finalized(ann, task, made["id"])

        assert (409, "invalid-transition") == (answer.status_code, answer.json()["code"])
        assert "upload" not in ann.get(f"{task}/attachments/{made['id']}").json()

    def test_at_tasks_that_are_not_there(self, ann: Caller, task: str):
        """None, or one in the trash."""
        made = attached(ann, task)
        ann.delete(task)

        answers = [
            announced(ann, f"/workspaces/{ann.uid}/tasks/none"),
            announced(ann, task),
            finalized(ann, f"/workspaces/{ann.uid}/tasks/none", "none"),
            ann.delete(f"{task}/attachments/{made['id']}"),
            ann.get(f"{task}/attachments/none"),
        ]

        assert [404] * 5 == [answer.status_code for answer in answers]


class TestNames:
    """Whatever a file is called, its download is a download of that name (RFC 6266, 8187)."""

    @pytest.mark.parametrize(
        ("name", "header"),
        [
            ("plan v2 (1).png", 'filename="plan v2 (1).png"'),
            ("a;b.png", "filename=\"a_b.png\"; filename*=UTF-8''a%3Bb.png"),
            ('a".png', "filename=\"a_.png\"; filename*=UTF-8''a%22.png"),
            ("a%2f.png", "filename=\"a_2f.png\"; filename*=UTF-8''a%252f.png"),
            ("日本.png", "filename=\"__.png\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.png"),
            ("é'*.png", "filename=\"e__.png\"; filename*=UTF-8''%C3%A9%27%2A.png"),
        ],
    )
    def test_hostile_names(self, ann: Caller, task: str, name: str, header: str):
        """Nothing in it ends the header, names a folder or becomes another parameter."""
        made = attached(ann, task, name=name)

        fetched = requests.get(made["download"]["url"], timeout=60)

        assert f"attachment; {header}" == fetched.headers["Content-Disposition"]
        assert name == made["name"]
