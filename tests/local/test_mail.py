"""The mail catcher, through Python's own SMTP client and its inbox."""

import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

import pytest
import requests

from local.mail import MailStandIn

NOW = datetime(2026, 3, 29, 9, tzinfo=UTC)


@pytest.fixture
def mail() -> Iterator[MailStandIn]:
    """A catcher of the test's own."""
    with MailStandIn(clock=lambda: NOW) as mail:
        yield mail


@pytest.fixture
def client(mail) -> Iterator[smtplib.SMTP]:
    """An SMTP client connected to it."""
    with smtplib.SMTP(*mail.smtp_address, timeout=60) as client:
        yield client


def a_mail(to: str = "bob@example.com", **headers: str) -> EmailMessage:
    """A mail with a text and an HTML part."""
    message = EmailMessage()
    message["From"] = "TaskFlow <no-reply@example.com>"
    message["To"] = to
    message["Subject"] = "Zoë assigned “Paint the fence”"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Grüße! See https://example.com/t/1?a=1&b=2.\n")
    message.add_alternative(
        '<p>Hello <a href="https://example.com/t/1?a=1&amp;b=2">open</a> '
        '<a href="mailto:x@example.com">write</a></p>\n',
        subtype="html",
    )
    return message


def get(mail: MailStandIn, path: str, **query: str) -> Any:
    """Read JSON from the control API."""
    answer = requests.get(mail.url + path, params=query, timeout=60)
    answer.raise_for_status()
    return answer.json()


class TestInbox:
    """GET and DELETE /control/messages"""

    def test_mail_is_taken_apart(self, mail, client):
        """Headers and both bodies are decoded, and every link is found once."""
        client.send_message(a_mail(X_Trace="one"), to_addrs=["bob@example.com", "cc@example.com"])
        (caught,) = get(mail, "/control/messages")

        headers = caught.pop("headers")
        expected = {
            "id": mail.messages()[0].id,
            "receivedAt": "2026-03-29T09:00:00.000000Z",
            "envelope": {
                "from": "no-reply@example.com",
                "to": ["bob@example.com", "cc@example.com"],
            },
            "subject": "Zoë assigned “Paint the fence”",
            "text": "Grüße! See https://example.com/t/1?a=1&b=2.\n",
            "html": '<p>Hello <a href="https://example.com/t/1?a=1&amp;b=2">open</a> '
            '<a href="mailto:x@example.com">write</a></p>\n',
            "links": ["https://example.com/t/1?a=1&b=2", "mailto:x@example.com"],
            "attachments": [],
        }
        assert expected == caught
        assert (headers["X-Trace"], headers["To"]) == ("one", "bob@example.com")

    def test_filters_by_envelope_recipient(self, mail, client):
        """The envelope counts, not the To header, and case does not."""
        client.send_message(a_mail(), to_addrs=["Bob@Example.com"])
        client.send_message(a_mail(), to_addrs=["eve@example.com"])

        assert len(get(mail, "/control/messages", to="bob@example.COM")) == 1
        assert len(mail.messages(to="eve@example.com")) == 1
        assert len(mail.messages()) == 2

    def test_one_mail_by_id_and_raw(self, mail, client):
        """The raw mail is what came over the wire."""
        client.send_message(a_mail())
        (caught,) = mail.wait_for(1)

        raw = requests.get(f"{mail.url}/control/messages/{caught.id}/raw", timeout=60)

        assert caught.to_json() == get(mail, f"/control/messages/{caught.id}")
        assert caught.raw == raw.content
        assert raw.content.startswith(b"From: TaskFlow <no-reply@example.com>\r\n")

    @pytest.mark.parametrize("path", ["/control/messages/x", "/control/messages/x/raw"])
    def test_unknown_id_is_not_found(self, mail, path):
        """There is no such mail."""
        assert requests.get(mail.url + path, timeout=60).status_code == 404

    def test_delete_empties_it(self, mail, client):
        """Nothing is left."""
        client.send_message(a_mail())

        answer = requests.delete(f"{mail.url}/control/messages", timeout=60)

        assert (answer.status_code, get(mail, "/control/messages")) == (204, [])

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"no headers at all",
            b"Subject: =?utf-8?B?!!!?=\r\n =?x-none?Q?a=FF?=\r\n\r\nbody",
            b"Subject: \xff\xfe raw bytes\r\nContent-Type: text/plain; charset=none\r\n\r\n\xff",
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nunfinished",
            b"Content-Type: text/plain; name*=a''b; name*0=c\r\n\r\nodd parameters",
            b"Content-Type: text/html\r\n\r\n<a href='x'></a><![cdata[<![x[",
            b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n***",
            b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\n\xe9",
        ],
    )
    def test_broken_mail_is_caught_all_the_same(self, mail, client, raw):
        """Whatever arrives can be listed, read and looked at."""
        client.sendmail("a@example.com", ["b@example.com"], raw)
        (caught,) = mail.messages()

        paths = [
            "/",
            f"/messages/{caught.id}",
            "/control/messages",
            f"/control/messages/{caught.id}/raw",
        ]
        assert [requests.get(mail.url + path, timeout=60).status_code for path in paths] == [
            200
        ] * 4

    def test_attachments_and_repeated_headers_are_named(self, mail, client):
        """A header that occurs twice keeps both values."""
        message = a_mail()
        message["Received"], message["received"] = "from a", "from b"
        message.add_attachment(b"x", maintype="image", subtype="png", filename="fënce.png")
        client.send_message(message)
        (caught,) = mail.messages()

        assert caught.attachments == ("fënce.png",)
        assert caught.header("RECEIVED") == "from a\nfrom b"


class TestScripts:
    """PUT /control/recipients/{address}"""

    def test_refusal_and_busy_answer_the_recipient(self, mail, client):
        """One outcome is used up per recipient command, whatever the address's case."""
        url = f"{mail.url}/control/recipients/{quote('b+x/y@example.com', safe='')}"
        requests.put(url, json={"outcomes": ["REFUSE_550", "BUSY_451"]}, timeout=60)

        codes = []
        for _ in range(2):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                client.send_message(a_mail(), to_addrs=["B+x/Y@example.com"])
            codes.append(refused.value.recipients["B+x/Y@example.com"][0])
        client.send_message(a_mail(), to_addrs=["b+x/y@example.com"])

        assert (codes, len(mail.messages())) == ([550, 451], 1)

    def test_refused_recipient_does_not_hinder_the_others(self, mail, client):
        """The envelope keeps those that were accepted."""
        mail.script("gone@example.com", ["REFUSE_550"], repeat=True)

        refused = client.send_message(a_mail(), to_addrs=["gone@example.com", "ok@example.com"])

        assert list(refused) == ["gone@example.com"]
        assert [caught.envelope_to for caught in mail.messages()] == [("ok@example.com",)]

    def test_accepted_mail_whose_answer_is_lost(self, mail, client):
        """The sender cannot know that the mail was taken; other connections go on."""
        mail.script("bob@example.com", ["ACCEPT_THEN_DROP"])
        with smtplib.SMTP(*mail.smtp_address, timeout=60) as neighbour:
            with pytest.raises(smtplib.SMTPServerDisconnected):
                client.send_message(a_mail())
            neighbour.send_message(a_mail(to="eve@example.com"))

        assert len(mail.messages()) == 2

    @pytest.mark.parametrize(
        ("outcome", "kind", "field", "value"),
        [
            ("BOUNCE_HARD", "delivery-status", "Status", "5.1.1"),
            ("BOUNCE_SOFT", "delivery-status", "Status", "5.2.2"),
            ("COMPLAIN", "feedback-report", "Feedback-Type", "abuse"),
        ],
    )
    def test_something_comes_back(
        self, mail, client, outcome: str, kind: str, field: str, value: str
    ):
        """To the envelope's sender, as Python's own parser reads RFC 3464 and RFC 5965."""
        mail.script("bob@example.com", [outcome])

        client.send_message(a_mail(), from_addr="bounces@example.com")

        (told,) = mail.messages("bounces@example.com")
        words, about, returned = message_from_bytes(told.raw).get_payload()
        assert f"message/{kind}" == about.get_content_type()
        assert [value] == [part[field] for part in about.get_payload() if part[field]]
        assert "text/plain" == words.get_content_type()
        assert "TaskFlow <no-reply@example.com>" == returned.get_payload(0)["From"]
        assert ("bob@example.com" in str(returned)) is (outcome != "COMPLAIN")

    @pytest.mark.parametrize(("outcome", "count"), [("BOUNCE_HARD", 0), ("COMPLAIN", 1)])
    def test_what_bounces_reaches_nobody(self, mail, client, outcome: str, count: int):
        """And who complains has got the mail."""
        mail.script("bob@example.com", [outcome])

        client.send_message(a_mail(), from_addr="bounces@example.com")

        assert count == len(mail.messages("bob@example.com"))

    def test_late_answer_runs_into_the_senders_time_out(self, mail):
        """The mail is taken at once; a patient sender would get its answer."""
        mail.script("bob@example.com", [{"outcome": "DELAY", "seconds": 60}])
        client = smtplib.SMTP(*mail.smtp_address, timeout=0.2)

        with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
            client.send_message(a_mail())

        assert len(mail.messages("bob@example.com")) == 1
        client.close()

    @pytest.mark.parametrize("body", [None, {"outcomes": ["BOUNCE"]}, {"outcomes": ["DELAY"]}])
    def test_wrong_script_is_refused(self, mail, body):
        """A typing error must not look like a passing test."""
        url = f"{mail.url}/control/recipients/bob@example.com"

        assert requests.put(url, json=body, timeout=60).status_code == 400


class TestProtocol:
    """What senders may ask for."""

    def test_login_is_welcome_and_tls_is_not_there(self, mail, client):
        """A sender configured with a password works; one that insists on TLS does not."""
        client.login("anyone", "anything")
        client.send_message(a_mail())

        assert len(mail.messages()) == 1
        with pytest.raises(smtplib.SMTPNotSupportedError):
            client.starttls(context=ssl.create_default_context())

    def test_international_address_is_kept(self, mail, client):
        """SMTPUTF8 addresses arrive unharmed."""
        client.send_message(a_mail(to="zoë@example.com"))

        assert [caught.envelope_to for caught in mail.messages()] == [("zoë@example.com",)]


class TestPages:
    """GET / and /messages/{id}"""

    def test_everything_is_escaped_and_html_is_caged(self, mail, client):
        """Mail cannot run scripts or load anything on the inbox's page."""
        evil = "<script>alert(1)</script>"
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", evil
        message.set_content(evil)
        message.add_alternative(f'{evil}"><a href="javascript:alert(1)">x</a>', subtype="html")
        client.send_message(message)
        (caught,) = mail.messages()

        for path in ("/", f"/messages/{caught.id}"):
            page = requests.get(mail.url + path, timeout=60)
            assert "<script" not in page.text
            assert 'href="javascript:' not in page.text
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert '<iframe sandbox=""' in page.text

    def test_newest_mail_comes_first(self, mail, client):
        """The list has a line for each."""
        for subject in ("Older", "Newer"):
            message = a_mail()
            message.replace_header("Subject", subject)
            client.send_message(message)
        page = requests.get(mail.url, timeout=60).text

        assert page.index("Newer") < page.index("Older")

    def test_empty_inbox_and_health(self, mail):
        """Both answer before anything came."""
        assert "No mail has arrived yet" in requests.get(mail.url, timeout=60).text
        assert get(mail, "/healthz") == {"status": "ok"}
