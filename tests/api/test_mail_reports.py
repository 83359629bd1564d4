"""Mails that come back, over HTTP: what follows for their address and for their notice."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from backend.mailing.references import HEADER, NoticeRef
from backend.notifications.model import Verdict
from tests.api.command_line import run
from tests.api.mail_reports import (
    a_notice,
    decision_of,
    hand_in,
    returned,
    send,
    suppressions,
)
from tests.api.noticing import TEN_MINUTES, has_mail, notice
from tests.api.noticing import outcome as became
from tests.api.world import Caller, World, cost_of

ANN = "ann@example.com"
NEVER = b"From: spam@example.com\r\nSubject: Buy\r\n\r\nNow.\r\n"


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann", email=ANN)


def entry(world: World, address: str = ANN) -> dict[str, Any] | None:
    return world.document(suppressions(world).path(address))


def bounced(world: World, outcome: str, about: NoticeRef | None, **options: str) -> bytes:
    """Send a mail that comes back; what comes."""
    before = len(returned(world))
    world.mail.script(ANN, [outcome])
    send(world, ANN, about, **options)
    (raw,) = returned(world)[before:]
    return raw


class TestFromTheFrontDoor:
    """A comment whose mail comes back, the way it takes through the whole service."""

    @pytest.mark.parametrize(
        ("outcome", "first", "then"),
        [
            ("BOUNCE_HARD", ("failed", "bounced"), ("muted", "hardBounce")),
            ("BOUNCE_SOFT", ("failed", "bounced"), ("muted", "softBounce")),
            ("COMPLAIN", ("sent", "default"), ("muted", "complaint")),
        ],
    )
    def test_the_next_one_is_not_sent(
        self,
        world: World,
        outcome: str,
        first: tuple[str, str],
        then: tuple[str, str],
    ):
        """Each decision says why; nobody but the report told the service."""
        bob = world.person("Bob")
        address = has_mail(world, bob)
        world.mail.script(address, [outcome])
        found = [notice(world, bob)]
        world.pass_time(TEN_MINUTES)
        (raw,) = returned(world)
        hand_in(world, raw)
        sent = len(world.mails(address))
        found.append(notice(world, bob))
        world.pass_time(TEN_MINUTES)

        assert [first, then] == [became(world, bob, each) for each in found]
        assert sent == len(world.mails(address))


class TestHardBounce:
    """There is no such address."""

    @pytest.mark.parametrize("bounces", ["bounces@taskflow.example", ""], ids=["verp", "header"])
    def test_the_address_is_left_alone_and_the_notice_says_so(
        self, world: World, ann: Caller, bounces: str
    ):
        """With an address of its own for bounces, and where they come to the sender's."""
        ref = a_notice(world, ann)

        answer = hand_in(world, bounced(world, "BOUNCE_HARD", ref, bounces=bounces))

        assert (204, (2, 2, 2)) == (answer.status_code, cost_of(answer))
        assert ["hardBounce", "5.1.1", None, None] == [
            entry(world)[name] for name in ("reason", "code", "until", "expireAt")
        ]
        decision = world.document(decision_of(ref))
        assert ["failed", "bounced", 1] == [
            decision[name] for name in ("decision", "reason", "attempts")
        ]
        assert suppressions(world).is_suppressed(ANN)
        assert ANN not in str(entry(world))

    def test_told_again_it_changes_nothing(self, world: World, ann: Caller):
        """The gateway repeats what it was not sure of."""
        raw = bounced(world, "BOUNCE_HARD", a_notice(world, ann))
        hand_in(world, raw)
        before = entry(world)

        again = hand_in(world, raw)

        assert (204, (1, 2, 0)) == (again.status_code, cost_of(again))
        assert before == entry(world)

    def test_it_may_overtake_the_record_of_the_mail(self, world: World, ann: Caller):
        """The mail came back before the sender had written that it was sent."""
        ref = a_notice(world, ann, Verdict.PENDING)

        hand_in(world, bounced(world, "BOUNCE_HARD", ref))

        assert "failed" == world.document(decision_of(ref))["decision"]

    @pytest.mark.parametrize("verdict", [Verdict.SUPPRESSED, Verdict.MERGED, Verdict.FAILED])
    def test_a_decision_that_is_final_stays(self, world: World, ann: Caller, verdict: Verdict):
        """What was never mailed cannot come back; the reason is the older one."""
        ref = a_notice(world, ann, verdict)
        before = world.document(decision_of(ref))

        hand_in(world, bounced(world, "BOUNCE_HARD", ref))

        assert before == world.document(decision_of(ref))
        assert "hardBounce" == entry(world)["reason"]

    def test_a_notice_that_is_gone_is_not_missed(self, world: World, ann: Caller):
        """Its person has deleted it meanwhile: nothing is made anew."""
        ref = NoticeRef(ann.uid, "gone")

        hand_in(world, bounced(world, "BOUNCE_HARD", ref))

        assert "hardBounce" == entry(world)["reason"]
        assert world.document(decision_of(ref)) is None


class TestSoftBounce:
    """A mailbox that is full may be read tomorrow."""

    def test_it_rests_ever_longer(self, world: World, ann: Caller):
        """A day, then two, then four: each after another mail that came back."""
        rests = []
        for _ in range(3):
            hand_in(world, bounced(world, "BOUNCE_SOFT", a_notice(world, ann)))
            rests.append(entry(world)["until"] - world.clock.now())
            assert suppressions(world).is_suppressed(ANN)
            world.clock.advance(rests[-1])
            assert not suppressions(world).is_suppressed(ANN)

        assert [timedelta(days=1), timedelta(days=2), timedelta(days=4)] == rests

    def test_two_reports_of_one_mail_are_one_bounce(self, world: World, ann: Caller):
        """Two servers on the way may both tell."""
        raw = bounced(world, "BOUNCE_SOFT", a_notice(world, ann))
        for _ in range(2):
            hand_in(world, raw)

        assert 1 == entry(world)["bounces"]

    def test_its_notice_has_failed(self, world: World, ann: Caller):
        """The mail did not get there, however soft the reason."""
        ref = a_notice(world, ann)

        hand_in(world, bounced(world, "BOUNCE_SOFT", ref))

        assert "bounced" == world.document(decision_of(ref))["reason"]


class TestComplaint:
    """Somebody has called a mail of ours spam."""

    def test_no_notice_goes_there_again(self, world: World, ann: Caller):
        """The one that was complained of was delivered, and stays so."""
        ref = a_notice(world, ann)

        hand_in(world, bounced(world, "COMPLAIN", ref))

        assert ["complaint", "", None] == [
            entry(world)[name] for name in ("reason", "code", "until")
        ]
        assert "sent" == world.document(decision_of(ref))["decision"]
        assert suppressions(world).is_suppressed(ANN)


class TestNotOurs:
    """Anybody may write to an address."""

    @pytest.mark.parametrize("raw", [NEVER, b"", b"\x00\xff" * 100, b"\r\n\r\n"], ids=repr)
    def test_what_is_no_report_is_taken_and_dropped(self, world: World, raw: bytes):
        """204: the gateway must not send it again."""
        answer = hand_in(world, raw)

        assert (204, (0, 0, 0)) == (answer.status_code, cost_of(answer))
        assert [] == world.documents("suppressions")

    def test_nobody_can_make_a_bounce_up(self, world: World, ann: Caller):
        """A report about Ann's address, with a mark of somebody else's mail or none of ours."""
        raw = bounced(world, "BOUNCE_HARD", a_notice(world, ann))
        (mark,) = [
            line for line in raw.replace(b"\r\n ", b" ").splitlines() if HEADER.encode() in line
        ]
        forged = raw.replace(b"bounces+", b"bounces+a").replace(b"\r\n ", b" ")
        forged = forged.replace(
            mark, HEADER.encode() + b": " + b"a" * 42 + b" - - 0011223344556677"
        )

        assert 204 == hand_in(world, forged).status_code
        assert entry(world) is None
        assert "sent" == world.document(_only_decision(world, ann))["decision"]

    def test_marks_end_after_two_months(self, world: World, ann: Caller):
        """Whoever finds an old mail cannot take an address off us for ever."""
        raw = bounced(world, "BOUNCE_HARD", a_notice(world, ann))
        world.clock.advance(timedelta(days=61))

        hand_in(world, raw)

        assert entry(world) is None

    def test_the_log_says_what_became_of_it(self, world: World, ann: Caller):
        """And not whose it was."""
        raw = bounced(world, "BOUNCE_HARD", a_notice(world, ann))
        with capture_logs() as lines:
            for told in (raw, raw, NEVER):
                hand_in(world, told)

        told = [line for line in lines if line["event"] == "mail.reported"]
        assert [
            ("hardBounce", "taken", "5.1.1"),
            ("hardBounce", "known", "5.1.1"),
            ("noNews", "noReport", ""),
        ] == [(line["kind"], line["outcome"], line["error_code"]) for line in told]
        assert ANN not in str(lines)
        counted = world.services.ports.metrics.text()
        assert 'taskflow_mail_reports_total{kind="hardBounce",outcome="taken"} 1.0' in counted


class TestTheDoor:
    """`POST /internal/mail/reports`"""

    def test_only_a_mail_is_taken(self, world: World):
        """415 for anything else: somebody has set up the gateway wrongly."""
        assert 415 == hand_in(world, b"{}", **{"Content-Type": "application/json"}).status_code

    def test_without_the_queues_token_nobody_gets_in(self, world: World):
        """401, as for jobs."""
        answer = hand_in(world, NEVER, Authorization=f"Bearer {world.token('ann')}")

        assert 401 == answer.status_code

    def test_a_mail_of_more_than_a_megabyte_is_refused(self, world: World):
        """Reports are small; the gateway may cut what it hands on."""
        assert 413 == hand_in(world, NEVER + b"x" * 1024 * 1024).status_code


class TestTheCommand:
    """`python -m backend.cli mail-report`, where a mail server pipes mails into it."""

    def test_it_takes_a_mail_in(self, world: World, ann: Caller):
        """What a request does, without one."""
        ref = a_notice(world, ann)
        raw = bounced(world, "BOUNCE_HARD", ref).decode()

        results = [run(world, "mail-report", given=given) for given in (raw, raw, "Hello")]

        assert [(0, "taken\n"), (0, "known\n"), (0, "noReport\n")] == [
            (each.returncode, each.stdout) for each in results
        ]
        assert "failed" == world.document(decision_of(ref))["decision"]

    def test_the_server_keeps_the_mail_while_we_cannot(self, world: World, ann: Caller):
        """Exit status 75, which mail servers know as "later"."""
        raw = bounced(world, "BOUNCE_HARD", None).decode()

        result = run(world, "mail-report", given=raw, FIRESTORE_EMULATOR_HOST="127.0.0.1:1")

        assert 75 == result.returncode


def _only_decision(world: World, person: Caller) -> str:
    (found,) = world.database.collection_group("decisions").stream()
    assert person.uid in found.reference.path
    return found.reference.path
