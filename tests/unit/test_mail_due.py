"""Whether a mail is still to be sent: pure, by what else is known when it is due."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from backend.kit.documents import Stored
from backend.notifications.deciding import MAILED_AFTER, Inputs, decide, decision_from, inputs_of
from backend.notifications.mail_due import (
    LOOKS_AGAIN_AFTER,
    WAITS_AT_MOST,
    DueMail,
    Wait,
    known_before_sending,
)
from backend.notifications.model import Category, Channel, Decision, Notification, Verdict
from backend.notifications.preferences import Level, Preferences, Weekly
from backend.templating.model import Rendered

FILED = datetime(2026, 11, 20, 9, tzinfo=UTC)
NOW = FILED + MAILED_AFTER
A_DOCUMENT = Stored("timers/t", {}, FILED)


def decision(category: Category = Category.COMMENT) -> Decision:
    """The decision as it was filed: to be mailed ten minutes later."""
    inputs = Inputs(
        category=category,
        channel=Channel.EMAIL,
        at=FILED,
        is_on=True,
        workspace_id="launch",
        level=Level.ALL,
        quiet_until=None,
        passes=False,
        gets_mail=True,
    )
    return decision_from(inputs)


def due(
    category: Category = Category.COMMENT,
    push: Verdict | None = Verdict.NO_DEVICE,
    *,
    template: str = "comment@0",
    push_until: datetime | None = None,
    **fields: Any,
) -> DueMail:
    """A mail whose instant has come."""
    words = Rendered(template, "T", "B", "en")
    notification = Notification(
        "n", "ann", category, words, "/tasks", "g", "bob", "launch", "t", FILED
    )
    pushed = Decision(push, "default", 1, FILED, {}, until=push_until) if push else None
    found = DueMail(
        timer=A_DOCUMENT,
        stored=A_DOCUMENT,
        notification=notification,
        decision=decision(category),
        push=pushed,
        preferences=Preferences(),
        snoozed_until=None,
        has_account=True,
    )
    return replace(found, **fields)


class TestPushes:
    """What the push came to decides whether there is a mail."""

    @pytest.mark.parametrize(
        "verdict",
        [
            None,
            Verdict.NO_DEVICE,
            Verdict.MUTED,
            Verdict.FAILED,
            Verdict.THROTTLED,
            Verdict.SUPPRESSED,
        ],
    )
    def test_what_reached_nobody_is_mailed(self, verdict: Verdict | None):
        """Whyever it did not."""
        assert known_before_sending(due(push=verdict), NOW) is None

    @pytest.mark.parametrize("verdict", [Verdict.SENT, Verdict.MERGED])
    def test_what_reached_them_is_not(self, verdict: Verdict):
        """By itself, or together with others."""
        known = known_before_sending(due(push=verdict), NOW)

        assert isinstance(known, Decision)
        assert (Verdict.MERGED, "push", NOW) == (known.verdict, known.reason, known.at)
        assert known.until is None

    def test_what_is_on_its_way_is_waited_for(self):
        """For some hours, and not for ever: something may have gone wrong for good."""
        known = [
            known_before_sending(due(push=Verdict.PENDING), at)
            for at in (NOW, NOW + WAITS_AT_MOST - timedelta(seconds=1), NOW + WAITS_AT_MOST)
        ]

        assert known == [
            Wait(NOW + LOOKS_AGAIN_AFTER),
            Wait(NOW + WAITS_AT_MOST - timedelta(seconds=1) + LOOKS_AGAIN_AFTER),
            None,
        ]

    def test_what_is_held_is_waited_for_until_it_is_released(self):
        """However long their quiet lasts; and no longer if nobody releases it."""
        until = NOW + timedelta(hours=60)
        held = due(push=Verdict.HELD, push_until=until)
        known = [
            known_before_sending(held, at)
            for at in (NOW, until + timedelta(minutes=1), until + WAITS_AT_MOST)
        ]

        assert known == [
            Wait(until + MAILED_AFTER),
            Wait(until + timedelta(minutes=1) + MAILED_AFTER),
            None,
        ]

    @pytest.mark.parametrize("verdict", [Verdict.SENT, Verdict.PENDING, Verdict.HELD])
    def test_a_digest_asks_no_push(self, verdict: Verdict):
        """A push says that there is one; what is in it, only the mail does."""
        digest = due(Category.DIGEST, verdict, template="dailyDigest@0", push_until=NOW)
        wanted = replace(digest, preferences=Preferences(daily=time(8)))

        assert known_before_sending(wanted, NOW) is None


class TestPeople:
    """What the person has done since, and what they want by now."""

    @pytest.mark.parametrize(
        ("marks", "reason"),
        [
            ({"read_at": NOW}, "seenAlready"),
            ({"archived_at": NOW}, "seenAlready"),
            ({"archived_at": FILED, "read_at": NOW}, "seenAlready"),
            ({"archived_at": FILED}, None),
        ],
        ids=["read", "archived", "muted and read", "muted in the inbox"],
    )
    def test_what_they_have_seen(self, marks: Mapping[str, datetime], reason: str | None):
        """Filed as archived, because they muted the inbox, is not seen."""
        found = due()
        known = known_before_sending(
            replace(found, notification=replace(found.notification, **marks)), NOW
        )

        assert reason == (known.reason if isinstance(known, Decision) else known)

    def test_what_they_have_put_off(self):
        """Until the hour that they chose."""
        known = [
            known_before_sending(due(snoozed_until=until), NOW)
            for until in (NOW + timedelta(seconds=1), NOW)
        ]

        assert ["snoozed", None] == [each.reason if each else None for each in known]

    @pytest.mark.parametrize(
        ("preferences", "setting"),
        [
            (
                Preferences(matrix={Category.COMMENT: {Channel.EMAIL: False}}),
                "/matrix/comment/email",
            ),
            (Preferences(workspaces={"launch": Level.NONE}), "/workspaces/launch"),
            (Preferences(workspaces={"launch": Level.MENTIONS}), "/workspaces/launch"),
        ],
    )
    def test_what_they_do_not_want_any_more(self, preferences: Preferences, setting: str):
        """The decision holds what it rests on by now: taken again, it comes out the same."""
        known = known_before_sending(due(preferences=preferences), NOW)

        assert isinstance(known, Decision)
        assert (Verdict.MUTED, setting) == (known.verdict, known.setting)
        again = decide(inputs_of(known.inputs))
        assert (again.verdict, again.reason, again.setting) == (
            known.verdict,
            known.reason,
            known.setting,
        )

    @pytest.mark.parametrize(
        ("template", "preferences", "setting"),
        [
            ("dailyDigest@0", Preferences(weekly=Weekly(1, time(8))), "/digests/daily"),
            ("weeklyDigest@2", Preferences(daily=time(8)), "/digests/weekly"),
        ],
    )
    def test_a_digest_they_do_not_want_any_more(
        self, template: str, preferences: Preferences, setting: str
    ):
        """Each by itself."""
        known = known_before_sending(
            due(Category.DIGEST, template=template, preferences=preferences), NOW
        )

        assert isinstance(known, Decision)
        assert (Verdict.MUTED, "digest", setting) == (known.verdict, known.reason, known.setting)

    def test_who_has_no_account_any_more(self):
        """Before anything else is looked at."""
        known = known_before_sending(due(has_account=False, push=Verdict.PENDING), NOW)

        assert isinstance(known, Decision)
        assert (Verdict.SUPPRESSED, "accountEnded") == (known.verdict, known.reason)

    def test_decisions_of_before_have_no_inputs(self):
        """They are taken at their word."""
        found = due()
        old = replace(found, decision=replace(found.decision, inputs={}))

        assert known_before_sending(old, NOW) is None
