"""What the edge takes as a request: media types, sizes, JSON, ids, queries."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from tests.api.world import World
from tests.tokens import id_token

LIMIT = 1024 * 1024
JSON = "application/json"


@pytest.fixture
def alice(world: World):
    return world.person("Alice")


def send(caller, method, path, body=b"", *, chunked=False, **headers):
    """Send a request exactly as given; return its status and JSON."""
    address = urlsplit(caller.world.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    world = caller.world
    token = id_token(caller.uid, world.project_id, at=world.clock.now(), name=caller.name)
    headers |= {"Authorization": f"Bearer {token}"}
    payload = iter([body[:10], body[10:]]) if chunked else body
    connection.request(method, f"/api/v1{path}", payload or None, headers, encode_chunked=chunked)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, json.loads(content) if content else None


def faults(content) -> list[tuple[str, str]]:
    """The pointer and code of each value at fault."""
    return [(fault["pointer"], fault["code"]) for fault in content.get("errors", [])]


def codes(answers) -> list[tuple[int, str]]:
    """The status and code of each answer."""
    return [(status, (content or {}).get("code", "")) for status, content in answers]


class TestMediaTypes:
    """415: only JSON in UTF-8, as it is."""

    OTHERS = (
        {},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "application/json; charset=utf-16"},
        {"Content_Type": "application/merge-patch+json"},
        {"Content_Type": "application/jsonp"},
        {"Content_Type": "application/json, text/plain"},
        {"Content_Type": "application/json", "Content_Encoding": "gzip"},
        {"Content_Type": "application/json", "Content_Encoding": "identity"},
    )
    SAME = (
        "application/json",
        "APPLICATION/JSON;charset=UTF-8",
        'application/json; charset="utf-8"',
    )

    def test_other_bodies(self, alice):
        """A POST takes application/json without an encoding, and nothing else."""
        found = [
            send(alice, "POST", "/workspaces", b'{"name":"A"}', **headers)
            for headers in self.OTHERS
        ]

        assert [(415, "unsupported-media-type")] * len(self.OTHERS) == codes(found)

    def test_json(self, alice):
        """The type may be spelled as RFC 9110 allows."""
        found = [
            send(alice, "POST", "/workspaces", b'{"name":"A"}', Content_Type=kind)[0]
            for kind in self.SAME
        ]

        assert [201] * len(self.SAME) == found

    @pytest.mark.parametrize("kind", ["application/json", "application/merge-patch+json"])
    def test_merge_patch(self, alice, kind):
        """A PATCH may say what it is (RFC 7396)."""
        task = alice.post("/workspaces/me/tasks", {"title": "Before"}).json()
        path = f"/workspaces/me/tasks/{task['id']}"

        status, content = send(alice, "PATCH", path, b'{"title":"After"}', Content_Type=kind)

        assert (200, "After") == (status, content["title"])


class TestSizes:
    """413, with and without a length."""

    @pytest.mark.parametrize("chunked", [False, True])
    def test_a_byte_too_many(self, alice, chunked):
        """The limit holds for bodies of announced and of unannounced length."""
        body = b'{"name":"A"}'.ljust(LIMIT + 1)

        answer = send(alice, "POST", "/workspaces", body, chunked=chunked, Content_Type=JSON)

        assert [(413, "payload-too-large")] == codes([answer])

    @pytest.mark.parametrize("chunked", [False, True])
    def test_the_limit_itself(self, alice, chunked):
        """A body of just the limit is read."""
        body = b'{"name":"A"}'.ljust(LIMIT)

        status, _ = send(alice, "POST", "/workspaces", body, chunked=chunked, Content_Type=JSON)

        assert 201 == status


class TestJson:
    """400 from the gate, with the place."""

    def test_what_the_gate_refuses(self, alice):
        """The pointer says where."""
        expected = {
            b"": "",
            b" ": "",
            b"{": "",
            b'{"name":"A","name":"B"}': "/name",
            rb'{"name":"\ud800"}': "/name",
            b'{"name":NaN}': "/name",
        }

        found = [send(alice, "POST", "/workspaces", body, Content_Type=JSON) for body in expected]

        assert [(400, "malformed-request")] * len(expected) == codes(found)
        assert [[(pointer, "malformed-request")] for pointer in expected.values()] == [
            faults(content) for _, content in found
        ]

    def test_no_object(self, alice):
        """JSON that is no object is at fault as a whole."""
        bodies = [b"null", b"[]", b'"x"', b"5", b"true", b'[{"name":"A"}]']

        found = [send(alice, "POST", "/workspaces", body, Content_Type=JSON) for body in bodies]

        assert [(422, "validation-failed")] * len(bodies) == codes(found)
        assert [[("", "invalid")]] * len(bodies) == [faults(content) for _, content in found]

    def test_ten_thousand_unknown_keys(self, alice):
        """What nobody reads to the end is not said to the end."""
        body = json.dumps({f"key{n}": n for n in range(10_000)}).encode()

        status, content = send(alice, "POST", "/workspaces", body, Content_Type=JSON)

        assert (422, 50) == (status, len(content["errors"]))


class TestRoutesWithoutBody:
    """A body that nobody asked for."""

    def test_nothing_in_it(self, alice):
        """HTTP libraries send empty objects; no harm is done."""
        task = alice.post("/workspaces/me/tasks", {"title": "Once"}).json()
        path = f"/workspaces/me/tasks/{task['id']}/completion"

        found = [
            send(alice, "POST", path, body, Content_Type=JSON)[0] for body in (b"", b"{}", b" {} ")
        ]

        assert [200, 200, 200] == found

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/users/me"), ("DELETE", "/users/me/devices/none")]
    )
    def test_something_in_it(self, alice, method, path):
        """Whoever sends values believes that they count, and learns that they do not."""
        status, content = send(alice, method, path, b'{"a/b":1,"c":2}', Content_Type=JSON)

        assert (422, "unknown-field") == (status, content["code"])
        assert [("/a~1b", "unknown-field"), ("/c", "unknown-field")] == faults(content)

    def test_no_object_either(self, alice):
        """Nor is anything else taken."""
        answer = send(alice, "GET", "/users/me", b"[1]", Content_Type=JSON)

        assert [(422, "validation-failed")] == codes([answer])


class TestQueries:
    """422 for parameters that do not exist."""

    def test_unknown_parameters(self, alice):
        """Names are checked on every route, also where there are none."""
        expected = {
            "/users/me?fields=uid": "/fields",
            "/users/me?=": "/",
            "/workspaces/me/tasks?pagesize=5": "/pagesize",
            "/users/me?%ff=%fe": "/%FF",
        }

        found = [send(alice, "GET", path) for path in expected]

        assert [(422, "unknown-field")] * len(expected) == codes(found)
        assert [[(pointer, "unknown-field")] for pointer in expected.values()] == [
            faults(content) for _, content in found
        ]

    def test_values_at_fault(self, alice):
        """Numbers are digits, text has no control characters, nothing is said twice."""
        sizes = ("0", "101", "%2B5", "5.0", "1_0", "%D9%A5", "", "9" * 3000, "%205")
        expected = {f"pageSize={size}": "/pageSize" for size in sizes} | {
            "pageSize=5&pageSize=6": "/pageSize",
            "pageToken=%00": "/pageToken",
            "dueAfter=2026-11-20": "/dueAfter",
            "dueAfter=2026-11-20T09:00:00": "/dueAfter",
            "dueBefore=2026-11-20T09:00:00%2B25:00": "/dueBefore",
            "overdue=yes": "/overdue",
            "includeTotal=1": "/includeTotal",
        }

        found = [send(alice, "GET", f"/workspaces/me/tasks?{query}") for query in expected]

        assert [(422, "validation-failed")] * len(expected) == codes(found)
        assert [[(pointer, "invalid")] for pointer in expected.values()] == [
            faults(content) for _, content in found
        ]

    def test_good_queries(self, alice):
        """An empty query is none."""
        paths = ("/users/me?", "/workspaces/me/tasks?pageSize=5")

        assert [200, 200] == [send(alice, "GET", path)[0] for path in paths]

    def test_invalid_utf_8(self, alice):
        """Bytes that are no text make no page token."""
        assert 422 == send(alice, "GET", "/workspaces/me/tasks?pageToken=%ff")[0]


class TestIds:
    """404 for what could never be an id, before anything is read."""

    MALFORMED = (
        *("..", ".", "%2e%2e", "a%2fb", "__x__", "%00", "%ff", "%f0%9f%98%80", "%D0%B0", "a" * 129),
        *("a.b", "%20", "a%0a", "%2525", "-%zz"),
    )

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/workspaces/{}"),
            ("GET", "/workspaces/me/tasks/{}"),
            ("DELETE", "/workspaces/me/members/{}"),
            ("DELETE", "/users/me/devices/{}"),
            ("GET", "/workspaces/me/series/{}"),
        ],
    )
    def test_malformed_ids(self, alice, method, path):
        """Each variable part of each path is checked in one place."""
        found = [send(alice, method, path.format(each)) for each in self.MALFORMED]

        assert [(404, "not-found")] * len(self.MALFORMED) == codes(found)


class TestStrictValues:
    """Values are of their type, and text can be seen."""

    REFUSED = (
        *("", " ", "\t", "\u200b\u200d", "\u3164", "\ufeff", "\u0301", "\u2800", "a\nb", "a\x07"),
        *("a\x7f", "a\u2028b", 5, True, None, ["a"], {"a": 1}),
    )
    KEPT = (
        *(" a ", "\u202eright to left", "Z\u0351\u0350\u0301", "\u0440\u0430y", "=cmd()", "<b>"),
        *("{{7*7}}", "%n", "' OR 1=1", "\U0001f600", "?", "\u0e01\u0e33"),
    )

    def test_titles_refused(self, alice):
        """A title is a line with something to see on it."""
        found = [alice.post("/workspaces/me/tasks", {"title": title}) for title in self.REFUSED]

        assert [(422, ["/title"])] * len(self.REFUSED) == [
            (answer.status_code, sorted({pointer for pointer, _ in faults(answer.json())}))
            for answer in found
        ]

    def test_titles_kept(self, alice):
        """Whatever else people write is theirs, to the letter."""
        found = [alice.post("/workspaces/me/tasks", {"title": title}) for title in self.KEPT]

        assert list(self.KEPT) == [answer.json().get("title") for answer in found]

    def test_lines_of_a_description(self, alice):
        """A description has lines, and keeps them."""
        text = "one\r\n\ttwo"

        answer = alice.post("/workspaces/me/tasks", {"title": "a", "description": text})

        assert (201, text) == (answer.status_code, answer.json()["description"])
