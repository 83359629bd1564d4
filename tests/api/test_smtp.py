"""`SmtpMail` against real servers, those with faults among them."""

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from backend.adapters import smtp, smtp_lines
from backend.adapters.mail import MailResult, Outcome, OutgoingMail
from backend.adapters.smtp import SmtpMail
from backend.commands.describe import OFFLINE
from backend.kit.errors import Unavailable
from backend.settings import Mode
from local.mail import MailStandIn
from tests.api.conftest import smtp_url
from tests.api.smtp_servers import Inbox, answering, secure_server, talking
from tests.api.smtp_switchboard import Switchboard
from tests.clock import VirtualClock

ANN = "ann@example.com"
NOON = datetime(2027, 3, 28, 12, 0, tzinfo=UTC)
LETTER = OutgoingMail(
    to=ANN, subject="Grüße", text="Ein Brief.\n", html="<p>Ein Brief.</p>", locale="de", key="k"
)


def sender(url: str, *, mode: Mode = Mode.DEVELOPMENT, **options: Any) -> SmtpMail:
    settings = replace(
        OFFLINE, smtp_url=url, mail_from="TaskFlow <no-reply@taskflow.example>", mode=mode
    )
    return SmtpMail(settings, VirtualClock(NOON), **options)


class TestSending:
    """What arrives."""

    def test_a_mail_is_whole(self, mail: MailStandIn):
        """Both forms of the text, and every header that servers and people go by."""
        result = sender(smtp_url(mail)).send(LETTER)

        (received,) = mail.messages(ANN)
        assert MailResult(Outcome.SENT) == result
        assert ("Ein Brief.\n", "<p>Ein Brief.</p>\n") == (received.text, received.html)
        assert "no-reply@taskflow.example" == received.envelope_from
        headers = dict(received.headers)
        assert headers.pop("Message-ID").endswith("@taskflow.example>")
        assert headers.pop("Content-Type").startswith("multipart/alternative;")
        assert {
            "From": "TaskFlow <no-reply@taskflow.example>",
            "To": ANN,
            "Subject": "Grüße",
            "Date": "Sun, 28 Mar 2027 12:00:00 +0000",
            "Content-Language": "de",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "MIME-Version": "1.0",
        } == {name: value for name, value in headers.items() if name != "X-Peer"}

    def test_the_same_letter_keeps_its_id(self, mail: MailStandIn):
        """A repetition is seen for what it is; another letter has another id."""
        ours = sender(smtp_url(mail))
        for key in ("k", "k", "other"):
            ours.send(replace(LETTER, key=key))

        ids = [received.header("Message-ID") for received in mail.messages(ANN)]
        assert ids[0] == ids[1] != ids[2]

    @pytest.mark.parametrize(
        "to",
        ["", "ann", "ann@example.com\r\nBcc: eve@example.com", "ann@example.com, eve@example.com",
         "Ann <ann@example.com>", "ann@example.com\n", "\u0430nn@example.com", "a@b@example.com"],
        ids=repr,
    )  # fmt: skip
    def test_what_is_no_address_is_refused_for_good(self, mail: MailStandIn, to: str):
        """Nothing is sent, and no header is added."""
        assert MailResult(Outcome.REFUSED, "address") == sender(smtp_url(mail)).send(
            replace(LETTER, to=to)
        )
        assert [] == mail.messages()

    def test_a_subject_adds_no_header(self, mail: MailStandIn):
        """Should one with line breaks ever get here, it does not leave."""
        with pytest.raises(ValueError, match="linefeed"):
            sender(smtp_url(mail)).send(replace(LETTER, subject="Hi\r\nBcc: eve@example.com"))

        assert [] == mail.messages()

    @pytest.mark.parametrize(
        "text",
        [
            "=?utf-8?q?=0D=0ABcc:_eve@example.com?=",
            "Ann: =?utf-8?q?=0D=0A=0D=0A<h1>Pay_here</h1>?= now",
            "=?utf-8?b?4oCubW9jLmxpdmU=?=",
            "Grüße =?utf-8?q?=E2=80=AE?=",
            "Schließen für 漢字 = 🎉 und äöü äöü äöü äöü 漢字漢字 漢字漢字 漢字 🎉 🎉🎉 ß.",
            "",
        ],
        ids=ascii,
    )
    def test_a_subject_is_read_as_it_was_written(self, mail: MailStandIn, text: str):
        """Should somebody call a task what headers decode, it stays what it is."""
        sender(smtp_url(mail)).send(replace(LETTER, subject=text))

        (received,) = mail.messages(ANN)
        parsed = message_from_bytes(received.raw, policy=default)
        assert (text, "Ein Brief.\n") == (parsed["Subject"], received.text)
        assert None is parsed["Bcc"]

    def test_an_address_is_not_decoded_either(self, mail: MailStandIn):
        """Of all that its characters could mean, it is an address."""
        to = "=?utf-8?q?=0D=0ABcc=3Aeve?=@example.com"
        sender(smtp_url(mail)).send(replace(LETTER, to=to))

        (received,) = mail.messages()
        assert f"\r\nTo: {to}\r\n" in received.raw.decode()

    def test_a_mail_of_a_list_offers_to_leave_it(self, mail: MailStandIn):
        """RFC 2369, 8058 and 2919, as mail programs look for them: unencoded, in one piece."""
        link = "https://api.taskflow.example/unsubscribe/" + "aB3-_" * 40
        sender(smtp_url(mail)).send(replace(LETTER, unsubscribe=link, list_name="comment"))

        (received,) = mail.messages(ANN)
        raw = received.raw.decode()
        assert f"List-Unsubscribe:\r\n <{link}>\r\n" in raw
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
        assert "List-Id: <comment.taskflow.example>\r\n" in raw

    def test_a_letter_is_of_no_list(self, mail: MailStandIn):
        """Nobody leaves the letters about their account."""
        sender(smtp_url(mail)).send(LETTER)

        (received,) = mail.messages(ANN)
        assert [] == [name for name in received.headers if name.startswith("List-")]

    def test_bounces_may_go_elsewhere(self, mail: MailStandIn):
        """The envelope says whereto, and people still see whom the mail is from."""
        sender(smtp_url(mail)).send(replace(LETTER, return_path="bounces+abc@taskflow.example"))

        (received,) = mail.messages(ANN)
        assert "bounces+abc@taskflow.example" == received.envelope_from
        assert "TaskFlow <no-reply@taskflow.example>" == received.header("From")

    @pytest.mark.parametrize(
        "changes",
        [
            {"unsubscribe": "https://x.example/\r\nBcc: eve@example.com"},
            {"unsubscribe": "https://x.example/>, <mailto:eve@example.com"},
            {"list_name": "a\nBcc: eve@example.com"},
            {"list_name": "ä"},
            {"headers": {"X-Note": "a\r\n\r\nAnother body"}},
            {"headers": {"X-Note": "a" * 998}},
        ],
        ids=str,
    )
    def test_no_header_begins_another(self, mail: MailStandIn, changes: dict[str, Any]):
        """Should one with line breaks ever get here, it does not leave."""
        with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, nothing was sent.
            sender(smtp_url(mail)).send(replace(LETTER, **changes))

        assert [] == mail.messages()

    def test_without_a_server_no_mail_is_sent(self):
        """An answer, not an error: many try the service without one."""
        assert MailResult(Outcome.OFF) == sender("").send(LETTER)


class TestRefusals:
    """What is for good, and what may pass."""

    def test_nobody_of_this_address(self, mail: MailStandIn):
        """The server's codes are kept, and not its words, which often quote the address."""
        mail.script(ANN, ["REFUSE_550"])

        assert MailResult(Outcome.REFUSED, "550 5.1.1") == sender(smtp_url(mail)).send(LETTER)

    @pytest.mark.parametrize(
        ("answers", "code"),
        [
            ({"rcpt": "553 what is that"}, "553"),
            ({"rcpt": "552 5.2.2 full"}, "552 5.2.2"),
            ({"content": "554 5.7.1 ann@example.com wants no such mail"}, "554 5.7.1"),
            ({"data": "550 no"}, "550"),
        ],
        ids=str,
    )
    def test_refused_for_good(self, answers: dict[str, str], code: str):
        """This person, or this mail: another try would end the same way."""
        with talking(answering(**answers)) as url:
            assert MailResult(Outcome.REFUSED, code) == sender(url).send(LETTER)

    @pytest.mark.parametrize(
        "answers",
        [
            {"greeting": "421 too many at once"},
            {"greeting": "554 not today"},
            {"greeting": "what?"},
            {"ehlo": "500 no", "helo": "500 no"},
            {"mail": "451 later"},
            {"mail": "550 5.7.1 you may not send as this"},
            {"rcpt": "450 4.2.0 greylisted"},
            {"rcpt": "421 closing"},
            {"data": "451 later"},
            {"content": "452 no space"},
            {"content": ""},
        ],
        ids=str,
    )
    def test_later_perhaps(self, answers: dict[str, str]):
        """The server is busy, or it is us whom it does not like: the letter is not at fault."""
        with talking(answering(**answers)) as url, pytest.raises(Unavailable):
            sender(url).send(LETTER)

    def test_busy(self, mail: MailStandIn):
        """As the catcher of the local stack says it."""
        mail.script(ANN, ["BUSY_451"])

        with pytest.raises(Unavailable):
            sender(smtp_url(mail)).send(LETTER)
        assert Outcome.SENT is sender(smtp_url(mail)).send(LETTER).outcome

    def test_taken_without_an_answer(self, mail: MailStandIn):
        """It may have been taken: once more, under the same id."""
        mail.script(ANN, ["ACCEPT_THEN_DROP"])
        ours = sender(smtp_url(mail))
        with pytest.raises(Unavailable):
            ours.send(LETTER)
        ours.send(LETTER)

        ids = [received.header("Message-ID") for received in mail.messages(ANN)]
        assert 2 == len(ids)
        assert ids[0] == ids[1]

    def test_a_good_bye_is_not_waited_for(self):
        """What was taken was taken, however the conversation ends."""
        with talking(answering(quit="500 do not go")) as url:
            assert MailResult(Outcome.SENT) == sender(url).send(LETTER)

    def test_nobody_listens(self):
        """A port without a server."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]

        with pytest.raises(Unavailable):
            sender(f"smtp://127.0.0.1:{port}").send(LETTER)

    def test_a_server_that_says_nothing(self, monkeypatch: pytest.MonkeyPatch):
        """Each answer has a deadline."""
        monkeypatch.setattr(smtp_lines, "STEP_S", 0.2)
        with talking(lambda caller: caller.recv(1)) as url, pytest.raises(Unavailable):
            sender(url).send(LETTER)

    def test_a_server_that_looks_at_a_mail_for_long(self, monkeypatch: pytest.MonkeyPatch):
        """Who gives up then has it delivered, and sends it once more."""
        monkeypatch.setattr(smtp_lines, "STEP_S", 0.3)

        def saying(command: str, _connection: int) -> None:
            if command == "CONTENT":
                sleep(0.9)

        board = Switchboard(saying)
        with talking(board) as url:
            assert MailResult(Outcome.SENT) == sender(url).send(LETTER)
        assert [1] == board.mails

    def test_a_server_that_says_a_byte_now_and_then(self, monkeypatch: pytest.MonkeyPatch):
        """All answers together have one too: each byte would begin the other anew."""
        monkeypatch.setattr(smtp, "WHOLE_S", 0.5)
        said = []

        def drip(caller: socket.socket) -> None:
            for _ in range(600):  # A minute, were it not cut.
                caller.sendall(b"2")
                said.append(1)
                caller.settimeout(0.1)
                try:
                    if caller.recv(1) == b"":
                        return
                except TimeoutError:
                    continue

        with talking(drip) as url, pytest.raises(Unavailable):
            sender(url).send(LETTER)
        assert len(said) < 600


class TestTls:
    """Nobody on the way reads along."""

    @pytest.mark.parametrize("scheme", ["smtp", "smtps"])
    def test_login_and_mail_go_through_tls(self, tmp_path: Path, scheme: str):
        """From the start, or from STARTTLS on, as production has it."""
        inbox = Inbox()
        with secure_server(inbox, tmp_path, implicit=scheme == "smtps") as (port, trusted):
            ours = sender(
                f"{scheme}://ann%40x:p%40ss%3Aword@127.0.0.1:{port}",
                mode=Mode.PRODUCTION,
                trusted=trusted,
            )
            result = ours.send(LETTER)

        (envelope,) = inbox.envelopes
        assert MailResult(Outcome.SENT) == result
        assert [("ann@x", "p@ss:word")] == inbox.logins
        subject = message_from_bytes(envelope.original_content, policy=default)["Subject"]
        assert "Grüße" == subject

    @pytest.mark.parametrize("scheme", ["smtp", "smtps"])
    @pytest.mark.parametrize(
        ("name", "is_trusted"), [("mail.example.com", True), ("127.0.0.1", False)]
    )
    def test_a_wrong_certificate_gets_nothing(
        self, tmp_path: Path, scheme: str, name: str, is_trusted: bool
    ):
        """Of another name, or of nobody we trust."""
        inbox = Inbox()
        with secure_server(inbox, tmp_path, name=name, implicit=scheme == "smtps") as server:
            port, trusted = server
            context = trusted if is_trusted else ssl.create_default_context()
            ours = sender(f"{scheme}://a:b@127.0.0.1:{port}", trusted=context)
            with pytest.raises(Unavailable):
                ours.send(LETTER)

        assert ([], []) == (inbox.logins, inbox.envelopes)

    @pytest.mark.parametrize(
        ("login", "mode"), [("", Mode.PRODUCTION), ("user:password@", Mode.DEVELOPMENT)]
    )
    def test_a_server_without_tls_gets_nothing(self, mail: MailStandIn, login: str, mode: Mode):
        """In production no mail, and anywhere no password: the offer may have been left out."""
        url = smtp_url(mail).replace("//", f"//{login}")

        with pytest.raises(Unavailable):
            sender(url, mode=mode).send(LETTER)
        assert [] == mail.messages()

    def test_a_wrong_password_is_no_fault_of_the_letter(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """It goes out once the password was mended."""
        monkeypatch.setattr(
            smtp_lines, "STEP_S", 0.5
        )  # This server stops talking after the second try.
        inbox = Inbox()
        with secure_server(inbox, tmp_path, implicit=False) as (port, trusted):
            ours = sender(f"smtp://ann:wrong@127.0.0.1:{port}", trusted=trusted)
            with pytest.raises(Unavailable):
                ours.send(LETTER)

        assert [] == inbox.envelopes
