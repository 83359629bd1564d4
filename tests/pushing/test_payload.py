"""What FCM is handed for Android, iOS and the web."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.push import IDS_A_DISMISSAL, Dismissal, Interruption, PushMessage
from backend.adapters.push_payload import body_of, encode
from backend.adapters.push_sdk import typed_message
from local.fcm.rules import check_message

APP = "https://app.example.com"
MESSAGE = PushMessage(
    token="a-token",
    title="Ann assigned you a task",
    body="Paint the fence",
    collapse_id="n1",
    channel="assigned",
    data={"notificationId": "n1", "link": "/workspaces/w1/tasks/t1"},
    badge=3,
    link="/workspaces/w1/tasks/t1",
)
texts = st.text(st.characters(codec="utf-8"), max_size=4000)
ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=128)
messages = st.builds(
    PushMessage,
    token=ids,
    title=st.text(st.characters(codec="utf-8"), min_size=1, max_size=400),
    body=texts.filter(len),
    collapse_id=ids,
    channel=ids,
    data=st.dictionaries(st.sampled_from(["notificationId", "link", "taskId"]), ids),
    badge=st.none() | st.integers(0, 10**6),
    count=st.integers(1, 300),
    interruption=st.sampled_from(Interruption),
    is_update=st.booleans(),
    link=ids.map("/{}".format) | st.just(""),
)
dismissals = st.builds(
    Dismissal,
    token=ids,
    notification_ids=st.lists(ids.map(lambda text: text[:40]), min_size=1, max_size=60).map(tuple),
    badge=st.integers(0, 10**6),
)


class TestEncoding:
    """Our own encoding is firebase-admin's, and FCM takes it."""

    @given(messages | dismissals, st.sampled_from([APP, "http://127.0.0.1:8080", ""]))
    @settings(max_examples=300, deadline=None)
    def test_it_is_the_sdks(self, message: PushMessage | Dismissal, app_url: str):
        """Field by field, for whatever there is to send."""
        theirs = json.loads(str(typed_message(message, app_url)))

        assert theirs == {"token": message.token, **encode(message, app_url)}

    @given(messages | dismissals)
    @settings(max_examples=300, deadline=None)
    def test_it_fits(self, message: PushMessage | Dismissal):
        """Within 4,096 bytes for each platform, whatever the texts are; none raises."""
        body = json.loads(body_of(message, APP))

        check_message(body["message"])


class TestPlatforms:
    """Each is told in its own words."""

    def test_android(self):
        """Its channel, the tag that replaces, and no collapse key: FCM keeps four of them only."""
        assert {
            "priority": "high",
            "ttl": "86400s",
            "notification": {"tag": "n1", "channel_id": "assigned", "notification_count": 1},
        } == encode(MESSAGE, APP)["android"]

    def test_ios(self):
        """Thread, sound and exact badge, and the id that replaces."""
        assert {
            "headers": {
                "apns-collapse-id": "n1",
                "apns-push-type": "alert",
                "apns-priority": "10",
            },
            "payload": {
                "aps": {
                    "thread-id": "assigned",
                    "interruption-level": "active",
                    "badge": 3,
                    "sound": "default",
                }
            },
        } == encode(MESSAGE, APP)["apns"]

    def test_web(self):
        """A topic replaces what was not delivered yet, the tag what was; a click opens the link."""
        assert {
            "headers": {
                "TTL": "86400",
                "Urgency": "normal",
                "Topic": "Z2uLuEznJn3VIN7KSBHI8QpT5jY1LwaY",
            },
            "notification": {"tag": "n1"},
            "fcm_options": {"link": "https://app.example.com/workspaces/w1/tasks/t1"},
        } == encode(MESSAGE, APP)["webpush"]

    def test_what_presses_breaks_through(self):
        """A focus on iOS, and a browser's rest."""
        pressing = encode(replace(MESSAGE, interruption=Interruption.TIME_SENSITIVE), APP)

        assert "time-sensitive" == pressing["apns"]["payload"]["aps"]["interruption-level"]
        assert "high" == pressing["webpush"]["headers"]["Urgency"]

    def test_what_can_wait_wakes_nobody(self):
        """Of low priority everywhere."""
        quiet = encode(replace(MESSAGE, interruption=Interruption.PASSIVE), APP)

        assert ("normal", "5", "low") == (
            quiet["android"]["priority"],
            quiet["apns"]["headers"]["apns-priority"],
            quiet["webpush"]["headers"]["Urgency"],
        )

    def test_a_group_replaces_its_earlier_push(self):
        """Also one that still waits for the phone, and without a sound: it has rung before."""
        group = encode(replace(MESSAGE, count=5, is_update=True), APP)

        assert ("n1", 5) == (
            group["android"]["collapse_key"],
            group["android"]["notification"]["notification_count"],
        )
        assert "sound" not in group["apns"]["payload"]["aps"]

    def test_several_at_once_ring(self):
        """Nobody has heard of them yet, however many they are."""
        first = encode(replace(MESSAGE, count=3), APP)

        assert "default" == first["apns"]["payload"]["aps"]["sound"]
        assert "collapse_key" not in first["android"]

    def test_an_id_too_long_for_apns_is_replaced_by_its_digest(self):
        """Two that begin alike stay apart."""
        tags = {
            encode(replace(MESSAGE, collapse_id="n" * 90 + end), APP)["apns"]["headers"][
                "apns-collapse-id"
            ]
            for end in "ab"
        }

        assert [40, 40] == [len(tag) for tag in tags]

    def test_a_long_text_is_cut(self):
        """At its end, and visibly."""
        notification = encode(replace(MESSAGE, body="ä" * 5000), APP)["notification"]

        assert ("Ann assigned you a task", "…") == (notification["title"], notification["body"][-1])


class TestDismissal:
    """Read here, gone there."""

    def test_it_shows_nothing(self):
        """It is data that wakes the app, and the badge, which iOS sets by itself."""
        assert {
            "data": {"dismiss": "n1,n2", "badge": "4"},
            "android": {"priority": "normal", "ttl": "86400s"},
            "apns": {
                "headers": {"apns-push-type": "alert", "apns-priority": "5"},
                "payload": {"aps": {"content-available": 1, "badge": 4}},
            },
            "webpush": {"headers": {"TTL": "86400", "Urgency": "low"}},
        } == encode(Dismissal("a-token", ("n1", "n2"), 4), APP)

    def test_it_names_as_many_as_fit(self):
        """Who has more sends several."""
        many = tuple(str(number) for number in range(IDS_A_DISMISSAL + 5))

        dismissed = encode(Dismissal("a-token", many, 0), APP)["data"]["dismiss"]

        assert IDS_A_DISMISSAL == len(dismissed.split(","))
