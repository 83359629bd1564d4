"""Connections to the mail server that last: what they spare, and how they end."""

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from subprocess import run

import pytest

from backend.adapters import smtp, smtp_lines
from backend.adapters.mail import MailResult, Outcome, OutgoingMail
from backend.adapters.smtp import SmtpMail
from backend.commands.describe import OFFLINE
from backend.kit.errors import Unavailable
from tests.api.smtp_servers import Inbox, secure_server, talking
from tests.api.smtp_switchboard import Switchboard, until
from tests.clock import VirtualClock

SENT = MailResult(Outcome.SENT)
MAIL = OutgoingMail("ann@example.com", "Hi", "Hi\n", "<p>Hi</p>", "en", "key")


@contextmanager
def sender(url: str, clock: VirtualClock | None = None, **options: object) -> Iterator[SmtpMail]:
    """A sender to a server, whose connections end with the block."""
    settings = replace(OFFLINE, smtp_url=url, mail_from="no-reply@taskflow.example")
    with closing(SmtpMail(settings, clock or VirtualClock(), **options)) as ours:  # type: ignore[arg-type]
        yield ours


def once(command: str, answer: str, *, on: int = 1, number: int = 1) -> Switchboard:
    """A server that gives an answer to the `number`-th such command on one of its connections."""
    seen = []

    def saying(said: str, connection: int) -> str | None:
        if (said, connection) != (command, on):
            return None
        seen.append(said)
        return answer if len(seen) == number else None

    return Switchboard(saying)


class TestLasting:
    """Many mails, few greetings."""

    def test_mails_follow_each_other_on_one_connection(self):
        """Three round trips each, after the first."""
        board = Switchboard()
        with talking(board) as url, sender(url) as ours:
            for _ in range(3):
                assert SENT == ours.send(MAIL)

            mail = ["MAIL", "RCPT", "DATA", "CONTENT"]
            assert [["EHLO", *mail, *mail, *mail]] == board.conversations

    @pytest.mark.parametrize("scheme", ["smtp", "smtps"])
    def test_one_login_serves_many(self, tmp_path: Path, scheme: str):
        """So does one TLS handshake."""
        inbox = Inbox()
        with (
            secure_server(inbox, tmp_path, implicit=scheme == "smtps") as (port, trusted),
            sender(f"{scheme}://ann%40x:p%40ss%3Aword@127.0.0.1:{port}", trusted=trusted) as ours,
        ):
            results = [ours.send(replace(MAIL, key=str(each))) for each in range(3)]

        assert ([SENT] * 3, 3) == (results, len(inbox.envelopes))
        assert [("ann@x", "p@ss:word")] == inbox.logins

    def test_a_hundred_mails_are_enough_for_one(self, monkeypatch: pytest.MonkeyPatch):
        """Servers end a connection sooner or later: we do it in a place that suits us."""
        monkeypatch.setattr(smtp_lines, "MOST_MAILS", 3)
        board = Switchboard()
        with talking(board) as url, sender(url) as ours:
            for _ in range(7):
                ours.send(MAIL)

            assert [3, 3, 1] == board.mails
            assert ["QUIT", "QUIT", "CONTENT"] == [each[-1] for each in board.conversations]

    def test_a_crowd_shares_a_few(self):
        """Twelve threads, four connections at the most, every mail sent."""
        board = Switchboard()
        with talking(board) as url, sender(url) as ours, ThreadPoolExecutor(12) as crowd:
            results = list(crowd.map(ours.send, [replace(MAIL, key=str(n)) for n in range(60)]))

        assert [SENT] * 60 == results
        assert 60 == sum(board.mails)
        assert board.most_at_once <= smtp_lines.MOST_LINES

    def test_who_finds_all_in_use_comes_back_later(self, monkeypatch: pytest.MonkeyPatch):
        """The mail is tried again; no thread waits for long."""
        monkeypatch.setattr(smtp_lines, "MOST_LINES", 1)
        is_asked, may_answer = threading.Event(), threading.Event()

        def saying(command: str, _connection: int) -> str | None:
            if command == "CONTENT":
                is_asked.set()
                may_answer.wait(10)
            return None

        with (
            talking(Switchboard(saying)) as url,
            sender(url) as ours,
            ThreadPoolExecutor(1) as other,
        ):
            first = other.submit(ours.send, MAIL)
            assert is_asked.wait(10)
            monkeypatch.setattr(smtp, "WHOLE_S", 0.1)
            with pytest.raises(Unavailable):
                ours.send(MAIL)
            may_answer.set()
            assert SENT == first.result(10)


class TestWorn:
    """A connection that was good for the last mail, and is not for this one."""

    @pytest.mark.parametrize(
        ("command", "answer"),
        [
            ("MAIL", ""),
            ("MAIL", "421 4.4.2 idle for too long"),
            ("MAIL", "451 4.7.0 too many messages on this connection"),
            ("MAIL", "550 5.7.0 one mail each"),
            ("RCPT", ""),
            ("RCPT", "421 4.3.2 going down"),
        ],
        ids=str,
    )
    def test_another_is_opened_for_the_mail(self, command: str, answer: str):
        """Once, and nothing is sent twice: the first has not seen the mail yet."""
        board = once(command, answer, number=2)
        with talking(board) as url, sender(url) as ours:
            assert [SENT, SENT] == [ours.send(MAIL), ours.send(MAIL)]

        assert [1, 1] == board.mails

    def test_two_in_a_row_are_a_server_that_is_down(self):
        """The second is new, and its error counts."""
        with (
            talking(Switchboard(lambda said, _: "421 no" if said == "MAIL" else None)) as url,
            sender(url) as ours,
            pytest.raises(Unavailable),
        ):
            ours.send(MAIL)

    @pytest.mark.parametrize("command", ["DATA", "CONTENT"])
    def test_a_mail_that_was_begun_is_not_said_twice(self, command: str):
        """It may have been taken: whoever sends decides, and knows its Message-ID."""
        board = once(command, "", number=2)
        with talking(board) as url, sender(url) as ours:
            ours.send(MAIL)
            with pytest.raises(Unavailable):
                ours.send(MAIL)

            assert 1 == len(board.conversations)
            assert SENT == ours.send(MAIL)

    def test_a_server_that_began_anew_is_found_again(self):
        """All idle connections are dead at once, and none of them costs a mail."""
        board = Switchboard()
        with ExitStack() as ends:
            with talking(board) as url:
                ours = ends.enter_context(sender(url))
                ours.send(MAIL)
            with talking(board, port=int(url.rpartition(":")[2])):
                assert SENT == ours.send(MAIL)

        assert [1, 1] == board.mails


class TestRefused:
    """A mail that is not taken does not cost the connection."""

    @pytest.mark.parametrize(
        ("command", "answer"), [("RCPT", "550 5.1.1 who?"), ("CONTENT", "554 5.7.1 no")]
    )
    def test_the_next_mail_begins_anew(self, command: str, answer: str):
        """By RSET, so that nothing of the first is left."""
        board = once(command, answer)
        with talking(board) as url, sender(url) as ours:
            assert [Outcome.REFUSED, Outcome.SENT] == [
                ours.send(MAIL).outcome,
                ours.send(MAIL).outcome,
            ]

        (said,) = board.conversations
        assert "RSET" == said[said.index(command) + 1]

    def test_a_server_that_cannot_begin_anew_is_left(self):
        """It might add the next mail's recipient to this one's."""
        board = Switchboard(
            lambda said, connection: (
                {"RCPT": "550 5.1.1 who?", "RSET": "500 what?"}.get(said)
                if connection == 1
                else None
            )
        )
        with talking(board) as url, sender(url) as ours:
            ours.send(MAIL)
            assert SENT == ours.send(MAIL)

        assert [0, 1] == board.mails


class TestIdle:
    """Connections that nobody uses."""

    def test_after_a_silence_it_is_asked_first(self):
        """One round trip, and no mail meets a connection that a firewall has forgotten."""
        board, clock = Switchboard(), VirtualClock()
        with talking(board) as url, sender(url, clock) as ours:
            ours.send(MAIL)
            clock.advance(timedelta(seconds=2))
            ours.send(MAIL)

        (said,) = board.conversations
        assert ["CONTENT", "RSET", "MAIL"] == said[4:7]

    def test_after_a_long_silence_another_is_opened(self):
        """The server is about to end it, perhaps just now."""
        board, clock = Switchboard(), VirtualClock()
        with talking(board) as url, sender(url, clock) as ours:
            ours.send(MAIL)
            clock.advance(timedelta(seconds=31))
            ours.send(MAIL)

        assert [1, 1] == board.mails

    def test_one_that_does_not_answer_is_left(self):
        """Within a second, and not within those of a mail."""
        board, clock = once("RSET", ""), VirtualClock()
        with talking(board) as url, sender(url, clock) as ours:
            ours.send(MAIL)
            clock.advance(timedelta(seconds=2))
            assert SENT == ours.send(MAIL)

        assert [1, 1] == board.mails

    def test_it_says_good_bye_by_itself(self, monkeypatch: pytest.MonkeyPatch):
        """Without any next mail."""
        monkeypatch.setattr(smtp_lines, "IDLE_S", 0.1)
        board = Switchboard()
        with talking(board) as url, sender(url) as ours:
            ours.send(MAIL)
            until(lambda: board.conversations[0][-1] == "QUIT")


FORKING = """
import os, sys
from tests.api.test_smtp_lines import MAIL, sender

with sender(sys.argv[1]) as ours:
    ours.send(MAIL)
    child = os.fork()
    if child == 0:
        print("child", ours.send(MAIL).outcome, flush=True)
        os._exit(0)  # As workers do that are stopped: without a word.
    os.waitpid(child, 0)
    print("parent", ours.send(MAIL).outcome, flush=True)
"""


class TestForks:
    """Workers that are forked from a process which has sent already."""

    def test_a_child_opens_its_own(self):
        """And leaves its parent's alone, who goes on with it."""
        board = Switchboard()
        with talking(board) as url:
            ended = run(
                [sys.executable, "-c", FORKING, url],
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
                env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
            )

        assert ("child sent\nparent sent\n", 0) == (ended.stdout, ended.returncode), ended.stderr
        assert [2, 1] == board.mails
        assert "QUIT" not in board.conversations[0][:-1]
