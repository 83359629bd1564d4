"""Broadcasts, pure: which text is whose, who belongs, and the pace."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from backend.accounts.model import EXPIRED, Account
from backend.broadcasts.model import (
    AT_ONCE,
    Broadcast,
    BroadcastState,
    Message,
    People,
    Segment,
    begun,
    text_for,
)
from backend.kit.errors import FailedPrecondition

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PAGE = 45


def a_broadcast(per_minute: int = 600) -> Broadcast:
    return begun(
        "b",
        by="ada",
        wanted={
            "segment": Segment(),
            "texts": {"en": Message("A", "B")},
            "link": "/",
            "channels": (),
            "per_minute": per_minute,
            "expected": 1,
        },
        at=NOW,
    )


def an_account(**fields: object) -> Account:
    account = Account(
        uid="ann",
        display_name="",
        photo_url=None,
        locale="de-AT",
        timezone="UTC",
        week_start=1,
        state="active",
        is_guest=False,
        expire_at=None,
        erase_at=None,
        created_at=NOW,
        updated_at=NOW,
        rev=1,
    )
    return replace(account, **fields)


class TestTexts:
    """text_for"""

    @pytest.mark.parametrize(
        ("locale", "text"),
        [
            ("de", "de"),
            ("de-AT", "de-AT"),
            ("de-CH", "de"),
            ("DE-ch", "de"),
            ("de_CH", "de"),
            ("del", "en"),
            ("pt-BR", "en"),
            ("", "en"),
        ],
    )
    def test_the_closest_one_is_read(self, locale: str, text: str):
        """A language serves its countries, never the other way around."""
        assert text == text_for(locale, ["en", "de", "de-AT", "pt-PT"])


class TestSegments:
    """Segment.has"""

    @pytest.mark.parametrize(
        ("segment", "fields", "belongs"),
        [
            (Segment(), {}, True),
            (Segment(), {"state": "disabled"}, False),
            (Segment(), {"state": EXPIRED}, False),
            (Segment(), {"is_guest": True, "expire_at": NOW}, False),
            (Segment(people=People.GUESTS), {}, False),
            (Segment(people=People.GUESTS), {"is_guest": True}, True),
            (Segment(people=People.REGISTERED), {"is_guest": True}, False),
            (Segment(locale="de"), {}, True),
            (Segment(locale="de-CH"), {}, False),
            (Segment(locale="de"), {"locale": "del"}, False),
        ],
    )
    def test_who_belongs(self, segment: Segment, fields: dict[str, object], belongs: bool):
        """By what the account says now."""
        assert belongs is segment.has(an_account(**fields), NOW)


class TestPace:
    """further, waits_until"""

    @pytest.mark.parametrize("seed", range(200))
    def test_nobody_is_told_too_fast(self, seed: int):
        """In any minute no more than the limit, a second's worth and a page, whatever delays it."""
        chance = Random(seed)
        per_minute = chance.choice([1, 7, 45, 600, 5_000, 60_000])
        broadcast, now = a_broadcast(per_minute), NOW
        told: list[tuple[datetime, int]] = []
        for _ in range(300):
            until = broadcast.waits_until(now)
            if until is None:
                count = chance.randint(0, PAGE)
                told.append((now, count))
                broadcast = broadcast.further(told=count, left_out=0, at=now)
                now += timedelta(milliseconds=chance.randint(1, 50))
            else:
                late = chance.choice([0, 0, 0.5, 30, 4000])
                now = until + timedelta(seconds=late)
        allowed = per_minute * (1 + AT_ONCE / timedelta(minutes=1)) + PAGE

        for began_at, _ in told:
            ends_at = began_at + timedelta(minutes=1)
            assert sum(count for at, count in told if began_at <= at < ends_at) <= allowed

    def test_the_limit_is_reached(self):
        """Where nothing delays it: a thousand in a thousand minutes at one a minute."""
        broadcast, now = a_broadcast(per_minute=1), NOW
        while broadcast.told < 1000:
            broadcast = broadcast.further(told=10, left_out=0, at=now)
            now = broadcast.waits_until(now) or now

        assert timedelta(minutes=1000) == now - NOW


class TestStates:
    """What may follow what."""

    def test_an_end_is_for_good(self):
        """Nothing brings it back; calling it off twice is calling it off."""
        for state in (BroadcastState.DONE, BroadcastState.FAILED, BroadcastState.CANCELLED):
            ended = a_broadcast().ended(state, at=NOW)
            for act in (ended.paused, ended.resumed):
                with pytest.raises(FailedPrecondition):
                    act(at=NOW)
            if state is BroadcastState.CANCELLED:
                assert ended is ended.cancelled(at=NOW)
            else:
                with pytest.raises(FailedPrecondition):
                    ended.cancelled(at=NOW)

    def test_who_counts_cannot_pause(self):
        """Nobody is left to be told."""
        with pytest.raises(FailedPrecondition):
            a_broadcast().counting(at=NOW).paused(at=NOW)
