"""What a log line may say: nothing secret, and everything one needs to follow it up."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from backend.kit.errors import FailedPrecondition
from backend.kit.ids import derived_id, random_id
from backend.kit.redaction import pseudonym, redacted, redacted_event, without_quotations
from backend.kit.tracebacks import described

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg/kq+hkiG9w0\nBAQEF\n-----END PRIVATE KEY-----\n"
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl-_x"
FCM_TOKEN = (
    "dJ8xkq3lT0uZfQ1v2b3n4m:APA91bHPRgkF3JUikC4ENAHEeMrd41Zxv3hVZjC9KtT8OvPVGJ-hQMRKRrZuJAEcl"
)
SIGNED_URL = (
    "https://storage.googleapis.com/bucket/file.png?X-Goog-Algorithm=GOOG4-RSA-SHA256"
    "&X-Goog-Credential=jobs%40p.iam.gserviceaccount.com%2F20261121&X-Goog-Signature=0a1b2c3d"
)
ACTION_LINK = "https://app.firebaseapp.com/__/auth/action?mode=resetPassword&oobCode=s3cr3t-Code_9"

# Each with the part that must be gone.
SECRETS = {
    "an ID token": (JWT, "c2lnbmF0dXJl"),
    "an ID token within a sentence": (f"token {JWT} has expired", "eyJ"),
    "a token cut short": ("eyJhbGciOiJub25lIn0.eyJzdWI", "eyJzdWI"),
    "a bearer header": ("Authorization: Bearer abc.def-ghi", "abc.def"),
    "a bearer value alone": ("bearer  s3cr3t-opaque", "s3cr3t"),
    "a header in a dict": ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "dXNlcjpwYXNz"),
    "a cookie": ("Cookie: __session=s3cr3t; theme=dark", "s3cr3t"),
    "a cookie being set": ("Set-Cookie: a=s3cr3t; Path=/", "s3cr3t"),
    "an App Check header": ("X-Firebase-AppCheck: opaque.value", "opaque"),
    "an FCM token": (FCM_TOKEN, "APA91b"),
    "an FCM token within a sentence": (f"no app for {FCM_TOKEN}!", "dJ8xkq3lT0uZfQ1v2b3n4m"),
    "an FCM token percent-encoded": (FCM_TOKEN.replace(":", "%3A"), "APA91b"),
    "an APNs token": ("a1" * 32, "a1a1a1"),
    "an action link": (ACTION_LINK, "s3cr3t-Code_9"),
    "an oobCode alone": ("oobCode=s3cr3t-Code_9", "s3cr3t-Code_9"),
    "an oobCode in JSON": ('{"oobCode": "s3cr3t-Code_9"}', "s3cr3t-Code_9"),
    "an oobCode in escaped JSON": ('{\\"oobCode\\": \\"s3cr3t-Code_9\\"}', "s3cr3t-Code_9"),
    "a signed URL": (SIGNED_URL, "0a1b2c3d"),
    "who signed a URL": (SIGNED_URL, "jobs%40p"),
    "a relative link": ("GET /v1/objects/x?alt=media&token=s3cr3t", "s3cr3t"),
    "a fragment": ("https://app.example.com/#access_token=s3cr3t", "s3cr3t"),
    "a password in a URL": ("redis://:s3cr3t@cache:6379/0", "s3cr3t"),
    "a user in a URL": ("https://ann:s3cr3t@example.com/x", "ann"),
    "an e-mail address": ("ann.lee+work@mail.example.com", "ann.lee"),
    "an address percent-encoded": ("/lookup/ann.lee%40example.com", "ann.lee"),
    "an address of many letters": ("zoë@exämple.com wrote", "zoë"),
    "an address in brackets": ("To: Ann <ann@example.com>", "ann@"),
    "a telephone number": ("call +4915112345678", "15112345678"),
    "a private key": (PEM, "MIIEvQ"),
    "a private key in one line": (PEM.replace("\n", "\\n"), "MIIEvQ"),
    "a private key without its end": (PEM[:60], "MIIEvQ"),
    "a service account file": ('{"private_key": "x9", "type": "service_account"}', "x9"),
    "an API key": (f"key AIza{'Sy0123456789' * 3}", "Sy0123"),
    "an access token of Google": ("ya29.a0AfH6SMB", "a0AfH6SMB"),
    "a refresh token": ("refresh_token: 1//0abcdef", "0abcdef"),
    "a password in a form": ("user=x&password=hunter2&next=/", "hunter2"),
    "a client secret": ("client_secret='hunter2'", "hunter2"),
    "a DSN": ("https://0123abcd@o1.ingest.sentry.io/42", "0123abcd"),
}

# What a person following up a line needs.
READABLE = [
    "x7Kd02mmQzYk1h2JpWq9sLfA3bC4",  # A uid of Firebase Auth.
    "workspaces/x7Kd02mmQzYk1h2JpWq9sLfA3bC4/tasks/Zq8Wn3Lk5Jh7Gf2Ds9Ap",
    "The document workspaces/w1/tasks/t1 cannot be read (ValueError).",
    "projects/taskflow/traces/0af7651916cd43dd8448eb211c80319c",
    "7ba7a9afb4b0d3845f2320093250914b",  # A trace.
    "64dba13fe831181b",  # A request.
    "0123456789abcdef0123456789abcdef01234567",  # A derived id; a Git commit.
    "2026-03-29T02:30:00+02:00",
    "/api/v1/workspaces/<workspace_id>/tasks/<task_id>",
    "task.reacted",
    "The database did not answer.",
    "Others kept changing this at the same time. Please try again.",
    "assigned@2",
    "bearer",
    "Is it ready? Not yet: 3 = three.",
    'File "/srv/taskflow/backend/adapters/firestore.py", line 203, in _commit',
    "HTTPConnectionPool(host='127.0.0.1', port=8125): Max retries exceeded with url: /v1/p",
    "504 Deadline Exceeded",
    "ipv4:127.0.0.1:8080: Connection refused",
]


class Colour(StrEnum):
    RED = "red"


@dataclass
class Opaque:
    title: str


class TestText:
    """`redacted`"""

    @pytest.mark.parametrize("what", SECRETS)
    def test_a_secret_is_gone(self, what: str):
        """Wherever it stands in a text."""
        text, secret = SECRETS[what]

        assert secret in text
        assert secret not in redacted(text)
        assert secret not in redacted(f"{{'said': {text!r}}} and then")
        assert secret not in redacted(f"https://proxy.example.com/{text}")

    @pytest.mark.parametrize("text", READABLE)
    def test_what_is_needed_stays(self, text: str):
        """Redaction that removes everything would be easy."""
        assert text == redacted(text)

    def test_ids_of_ours_stay(self):
        """Whatever they happen to consist of."""
        made = [random_id() for _ in range(500)] + [derived_id(number) for number in range(500)]

        assert made == [redacted(each) for each in made]

    def test_a_huge_text_is_cut(self):
        """The middle goes first: what happened stands at the beginning or at the end."""
        text = redacted("begin " + "x y " * 100_000 + " end")

        assert len(text) < 20_000
        assert text.startswith("begin")
        assert text.endswith("end")

    def test_a_hostile_text_takes_no_time(self):
        """Patterns are tried on what strangers send."""
        for piece in ("a@", "a.", "eyJ.", "-----BEGIN ", "x=", "token", "?a=", "://", "+1", "\\"):
            redacted(piece * 50_000)

    def test_quotations_of_libraries_are_left_out(self):
        """They quote what they were given."""
        said = without_quotations("Invalid HTTP request line: 'GET /my/diary' from \"me\"")

        assert "Invalid HTTP request line: '…' from '…'" == said


class TestEvent:
    """`redacted_event`"""

    @pytest.mark.parametrize(
        "name",
        ["token", "deviceToken", "Authorization", "set_cookie", "X-Api-Key", "password", "oobCode",
         "client_secret", "email", "owner_email", "phoneNumber", "privateKey", "title", "body"],
    )  # fmt: skip
    def test_a_telling_name_hides_its_value(self, name: str):
        """However harmless the value looks, and however deep it lies."""
        event = redacted_event({name: "x", "inner": [{name: {"x": "x"}}]})

        assert {name: "[left out]", "inner": [{name: "[left out]"}]} == event

    def test_plain_values_pass(self):
        """As JSON knows them."""
        at = datetime(2026, 11, 21, tzinfo=UTC)

        event = redacted_event(
            {"rev": 3, "ok": True, "none": None, "ms": 1.5, "at": at, "colour": Colour.RED,
             "nan": float("nan"), "ids": {"a"}, "task_id": "t1"}
        )  # fmt: skip

        assert {
            "rev": 3, "ok": True, "none": None, "ms": 1.5, "at": "2026-11-21T00:00:00+00:00",
            "colour": "red", "nan": "nan", "ids": ["a"], "task_id": "t1",
        } == event  # fmt: skip

    def test_an_object_is_named_not_shown(self):
        """The `repr` of a task holds its title."""
        event = redacted_event({"task": Opaque("Buy a ring"), "raw": b"Buy a ring"})

        assert {"task": "<Opaque>", "raw": "<bytes>"} == event

    def test_names_are_searched_too(self):
        """A dict of what somebody sent has their words as its keys."""
        assert {"[address]": 1} == redacted_event({"ann@example.com": 1})

    def test_a_person_is_a_pseudonym_everywhere(self):
        """Also where the id of their personal workspace is their uid."""
        uid = "x7Kd02mmQzYk1h2JpWq9sLfA3bC4"

        event = redacted_event(
            {"actor_uid": uid, "workspace_id": uid, "path": f"users/{uid}/devices/d1"}
        )

        hashed = pseudonym(uid)
        assert {
            "actor": hashed, "workspace_id": hashed, "path": f"users/{hashed}/devices/d1"
        } == event  # fmt: skip
        assert 16 == len(hashed)

    def test_something_without_end_ends(self):
        """A structure that holds itself."""
        loop: dict[str, object] = {}
        loop["again"] = loop

        assert "<dict>" in str(redacted_event(loop))


class TestException:
    """`described`"""

    def test_the_place_is_shown_and_the_words_are_not(self):
        """`int("their text")` quotes their text, and so does what is raised because of it."""
        try:
            try:
                _number("Buy a " + "ring")
            except ValueError as error:
                raise LookupError("no ring") from error
        except LookupError as error:
            text = described(error)

        assert "in _number" in text
        assert "ValueError" in text
        assert "LookupError" in text
        assert "ring" not in text.replace('"Buy a " + "ring"', "").replace('"no ring"', "")

    def test_our_own_words_are_shown(self):
        """We know what we put into them."""
        assert described(FailedPrecondition("The task is at revision 3.")).endswith(
            "at revision 3."
        )

    def test_locals_are_not_shown(self):
        """They are what people sent."""
        try:
            secret = "Buy a ring"[::-1]
            _number(secret)
        except ValueError as error:
            text = described(error)

        assert "gnir a yuB" not in text


def _number(text: str) -> int:
    return int(text)
