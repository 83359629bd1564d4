"""Beside the real API: scripting outcomes, reading the inbox, the tray, the page."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
import requests

from local.fcm import FcmStandIn
from local.serving.inbox import Inbox

START = datetime(2026, 3, 29, 9, tzinfo=UTC)


class Clock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The stand-in's time."""
    return Clock()


@pytest.fixture
def fcm(clock) -> Iterator[FcmStandIn]:
    """A stand-in of the test's own."""
    with FcmStandIn(clock=clock) as fcm:
        yield fcm


def send(fcm: FcmStandIn, token: str = "phone", **message: Any) -> int:
    """Send to a token, and return the status."""
    answer = requests.post(
        f"{fcm.url}/v1/projects/demo/messages:send",
        json={"message": {"token": token, **message}},
        headers={"Authorization": "Bearer any"},
        timeout=60,
    )
    return answer.status_code


def get(fcm: FcmStandIn, path: str, **query: str) -> Any:
    """Read JSON from the control API."""
    answer = requests.get(fcm.url + path, params=query, timeout=60)
    answer.raise_for_status()
    return answer.json()


class TestScripts:
    """PUT /control/tokens/{token}"""

    @pytest.mark.parametrize("token", ["a:b", "a/b", "/a//b/", "a b%2F+?#é", "x/tray"])
    def test_any_token_works_in_the_path(self, fcm, token):
        """Percent-encoded, a token is taken as it is; outcomes come in order, then all is well."""
        url = f"{fcm.url}/control/tokens/{quote(token, safe='')}"

        answer = requests.put(url, json={"outcomes": ["UNREGISTERED", "INTERNAL"]}, timeout=60)

        assert (200, token) == (answer.status_code, answer.json()["token"])
        assert [send(fcm, token) for _ in range(3)] == [404, 500, 200]

    def test_last_outcome_can_repeat(self, fcm):
        """With `repeat` the last outcome stays, until other ones replace it."""
        url = f"{fcm.url}/control/tokens/phone"

        requests.put(url, json={"outcomes": ["OK", "NOT_FOUND"], "repeat": True}, timeout=60)
        repeated = [send(fcm) for _ in range(3)]
        requests.put(url, json={"outcomes": []}, timeout=60)

        assert [*repeated, send(fcm)] == [200, 404, 404, 200]

    @pytest.mark.parametrize(
        "body",
        [
            None,
            {},
            {"outcomes": "OK"},
            {"outcomes": [1]},
            {"outcomes": ["LOST"]},
            {"outcomes": [{"outcome": ["OK"]}]},
            {"outcomes": ["DELAY"]},
            {"outcomes": [{"outcome": "DELAY", "seconds": "1"}]},
            {"outcomes": [{"outcome": "DELAY", "seconds": -1}]},
            {"outcomes": [{"outcome": "OK", "seconds": 1}]},
            {"outcomes": ["OK"], "repeat": "yes"},
            {"outcomes": ["OK"], "times": 2},
        ],
    )
    def test_wrong_script_is_refused(self, fcm, body):
        """A typing error must not look like a passing test."""
        answer = requests.put(f"{fcm.url}/control/tokens/phone", json=body, timeout=60)

        assert (answer.status_code, list(answer.json())) == (400, ["error"])

    def test_concurrent_sends_use_up_one_outcome_each(self, fcm):
        """No step is lost or given twice when sends race."""
        fcm.script("phone", ["UNREGISTERED"] * 10)
        threads = [Thread(target=send, args=(fcm,)) for _ in range(20)]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        outcomes = sorted(push.outcome for push in fcm.messages())
        assert outcomes == ["OK"] * 10 + ["UNREGISTERED"] * 10


class TestInbox:
    """GET and DELETE /control/messages"""

    def test_attempt_is_listed_with_message_and_outcome(self, fcm):
        """What came is shown as it came."""
        send(fcm, "a:b", data={"taskId": "t1"})
        (push,) = get(fcm, "/control/messages")

        expected = {
            "id": push["id"],
            "project": "demo",
            "receivedAt": "2026-03-29T09:00:00.000000Z",
            "token": "a:b",
            "fid": None,
            "message": {"token": "a:b", "data": {"taskId": "t1"}},
            "validateOnly": False,
            "outcome": "OK",
            "delivered": True,
            "error": None,
        }
        assert expected == push

    def test_filters_by_token_and_time(self, fcm, clock):
        """`since` includes the instant itself, so that polling misses nothing."""
        send(fcm, "a")
        clock.now += timedelta(seconds=1)
        send(fcm, "a")
        send(fcm, "b")

        since = "2026-03-29T09:00:01+00:00"
        assert len(get(fcm, "/control/messages", token="a")) == 2
        assert len(get(fcm, "/control/messages", since=since)) == 2
        assert len(get(fcm, "/control/messages", since=since, token="b")) == 1

    def test_wrong_instant_is_refused(self, fcm):
        """A filter that cannot be understood must not filter everything out."""
        answer = requests.get(f"{fcm.url}/control/messages?since=noon", timeout=60)

        assert answer.status_code == 400

    def test_delete_empties_it(self, fcm):
        """Scripts stay."""
        fcm.script("phone", ["OK", "NOT_FOUND"])
        send(fcm)

        answer = requests.delete(f"{fcm.url}/control/messages", timeout=60)

        assert (answer.status_code, get(fcm, "/control/messages")) == (204, [])
        assert send(fcm) == 404

    def test_oldest_are_forgotten(self):
        """Memory is bounded."""
        inbox: Inbox[str] = Inbox(limit=2)
        for item in ("a", "b", "c"):
            inbox.add(item)

        assert inbox.items() == ["b", "c"]

    def test_waiting_sees_what_arrives_later(self, fcm):
        """A waiting test goes on as soon as the push is there."""
        sender = Thread(target=send, args=(fcm,))
        sender.start()

        (push,) = fcm.wait_for(lambda push: push.token == "phone")

        assert [push] == fcm.wait_for(1)
        sender.join()

    def test_waiting_in_vain_says_what_came(self, fcm):
        """The failure of a test explains itself."""
        send(fcm, "a")

        with pytest.raises(TimeoutError, match=r"1 items:\n  ReceivedPush.*'token': 'a'"):
            fcm.wait_for(2, timeout_s=0)


class TestTray:
    """GET /control/devices/{token}/tray"""

    @pytest.mark.parametrize(
        "fields",
        [
            {"android": {"notification": {"tag": "n1"}}},
            {"android": {"collapseKey": "n1"}},
            {"apns": {"headers": {"APNS-Collapse-Id": "n1"}, "payload": {"aps": {"badge": 1}}}},
            {"webpush": {"notification": {"tag": "n1"}}},
        ],
    )
    def test_same_key_replaces(self, fcm, fields):
        """The later push takes the place of the earlier one and counts it."""
        for title in ("one", "two", "three"):
            send(fcm, notification={"title": title}, **fields)
        send(fcm, notification={"title": "other"})

        tray = get(fcm, "/control/devices/phone/tray")

        assert [(n["title"], n["replaced"]) for n in tray] == [("other", 0), ("three", 2)]

    def test_failed_and_silent_pushes_are_not_shown(self, fcm):
        """Only what reached the phone with something to show is in its tray."""
        fcm.script("phone", ["UNREGISTERED", "OK", "ACCEPT_THEN_DROP"])
        send(fcm, notification={"title": "failed"})
        send(fcm, data={"silent": "yes"})
        with pytest.raises(requests.ConnectionError):
            send(fcm, notification={"title": "answer lost"})

        assert [shown.title for shown in fcm.tray("phone")] == ["answer lost"]

    def test_platform_texts_come_before_shared_ones(self, fcm):
        """The notification for a platform overrides the shared one; the category is the app's."""
        send(
            fcm,
            notification={"title": "shared", "body": "shared body"},
            android={"notification": {"title": "android"}},
            data={"category": "assigned"},
        )
        (shown,) = fcm.tray("phone")

        assert (shown.title, shown.body, shown.category) == ("android", "shared body", "assigned")

    def test_apns_alert_is_shown(self, fcm):
        """A message with nothing but an alert shows that."""
        alert = {"title": "Alert", "body": "Text"}
        send(fcm, "a/b", apns={"payload": {"aps": {"alert": alert, "category": "c"}}})
        (shown,) = get(fcm, f"/control/devices/{quote('a/b', safe='')}/tray")

        assert (shown["title"], shown["body"], shown["category"]) == ("Alert", "Text", "c")


class TestPage:
    """GET /"""

    def test_everything_is_escaped(self, fcm):
        """Text from outside stays text: titles, tokens, data."""
        evil = "<script>alert(1)</script>\"'"
        send(fcm, evil, notification={"title": evil, "body": evil}, data={evil: evil})

        page = requests.get(fcm.url, timeout=60)

        assert "<script" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]

    def test_last_addressed_phone_comes_first(self, fcm):
        """Each device has one card."""
        for token in ("first", "second", "first"):
            send(fcm, token, notification={"title": "Hello"})
        page = requests.get(fcm.url, timeout=60).text

        assert page.count('<section class="card phone">') == 2
        assert page.index('title="first"') < page.index('title="second"')

    def test_empty_inbox_and_health(self, fcm):
        """Both answer before anything came."""
        assert "No push has arrived yet" in requests.get(fcm.url, timeout=60).text
        assert get(fcm, "/healthz") == {"status": "ok"}
