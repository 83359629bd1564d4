"""Ranks: there is always one between two, and they stay short."""

import random
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

import pytest

from backend.kit.ranks import (
    LONG_RANK,
    MAX_RANK,
    TIDY_RANK,
    NoRoom,
    between,
    is_rank,
    mended,
    spread,
)

ODD = [None, "0", "00", "V", "V0", "V00", "Vz", "z" * 30, "W" * TIDY_RANK, "A" + "0" * 20 + "1"]


def is_in_order(ranks: Sequence[str | None]) -> bool:
    return all(low is not None and high is not None and low < high for low, high in _pairs(ranks))


def _pairs(ranks: Sequence[str | None]) -> list[tuple[str | None, str | None]]:
    return list(pairwise(ranks))


class TestBetween:
    """One more between two."""

    @pytest.mark.parametrize(
        ("low", "high"),
        [
            (None, None),
            (None, "1"),
            (None, "01"),
            ("z", None),
            ("zzz", None),
            ("A", "B"),
            ("A", "A01"),
            ("A0", "A1"),
            ("Az", "B"),
            ("Azzzz", "B"),
            ("A", "z"),
            ("Z", "a"),
            ("9", "A"),
        ],
    )
    def test_it_lies_between(self, low: str | None, high: str | None):
        """As text, for all of a hundred at random, and never with a zero at its end."""
        found = [between(low, high) for _ in range(100)]

        assert [] == [
            rank
            for rank in found
            if not (is_rank(rank) and (low or "") < rank and (high is None or rank < high))
            or rank.endswith("0")
        ]

    @pytest.mark.parametrize(
        ("low", "high"),
        [("V", "V"), ("W", "V"), ("V", "V0"), (None, "0"), (None, "00"), ("V0", "V00")],
    )
    def test_where_nothing_lies_between(self, low: str | None, high: str):
        """`V` and `V0` are neighbours: that is for `mended`."""
        with pytest.raises(NoRoom):
            between(low, high)

    def test_two_who_aim_at_one_gap_hit_different_ranks(self):
        """In nearly all cases: of a hundred pairs into a narrow gap at most three are the same."""
        pairs = [(between("V", "W"), between("V", "W")) for _ in range(100)]

        assert sum(one == other for one, other in pairs) <= 3

    def test_ten_thousand_random_places(self):
        """Each behind, before or between any two: the longest has a few characters."""
        choice = random.Random(11)
        ranks = [between(None, None)]
        for _ in range(10_000):
            place = choice.randrange(len(ranks) + 1)
            low = ranks[place - 1] if place else None
            high = ranks[place] if place < len(ranks) else None
            ranks.insert(place, between(low, high))

        assert is_in_order(ranks)
        assert max(map(len, ranks)) <= LONG_RANK / 2

    def test_always_the_same_gap(self):
        """Some hundred fit into one, then there is no room; ranks never grow beyond the longest."""
        low, found = "A", ["B"]
        with suppress(NoRoom):
            while len(found) < 1_000:
                found.append(between(low, found[-1]))

        assert 150 < len(found) < 1_000
        assert sorted(found, reverse=True) == found
        assert max(map(len, found)) <= MAX_RANK


class TestSpread:
    """Many at once."""

    @pytest.mark.parametrize("count", [0, 1, 2, 100, 300])
    @pytest.mark.parametrize(
        ("low", "high"), [(None, None), ("V", "W"), ("Vzz", None), (None, "1")]
    )
    def test_they_follow_each_other(self, count: int, low: str | None, high: str | None):
        """Between both ends, and with room for others."""
        ranks = [low or "", *spread(count, low, high), high or "zzzzz"]

        assert is_in_order(ranks)
        assert all(between(one or None, other) for one, other in _pairs(ranks[:-1]))

    def test_too_many_for_the_length(self):
        """Refused, not squeezed."""
        with pytest.raises(NoRoom):
            spread(10, longest=1)


class TestMended:
    """Making room."""

    def test_what_is_in_order_stays(self):
        """Nothing is written for nothing."""
        assert {} == mended(["A", "B", "C"])

    def test_only_what_must_gets_another(self):
        """Of two at one rank the second; what has none; what is too long."""
        assert [2] == [*mended(["A", "V", "V", "W"])]
        assert [1] == [*mended(["A", None, "W"])]
        assert [1] == [*mended(["A", "V" * 30, "W"])]

    def test_neighbours_go_along_where_there_is_no_room(self):
        """Nothing lies between `V` and `V0`."""
        assert {1} < set(mended(["A", "V", None, "V0", "W"]))

    def test_any_order_can_be_mended(self):
        """Of two thousand random ones: all in order afterwards, all short, between both ends."""
        choice = random.Random(7)
        faults = []
        for _ in range(2_000):
            ranks = [
                choice.choice([*ODD, between(None, None)]) for _ in range(choice.randrange(1, 40))
            ]
            low, high = choice.choice([(None, None), ("3", None), (None, "x"), ("3", "x")])
            found = mended(ranks, low, high)
            after = [found.get(place, rank) for place, rank in enumerate(ranks)]
            whole = [*([low] if low else []), *after, *([high] if high else [])]
            if not is_in_order(whole) or any(len(rank or "") > TIDY_RANK for rank in after):
                faults.append(ranks)

        assert [] == faults


class TestDrags:
    """Ten people drag, each by what they saw a while ago."""

    def test_ten_thousand_drags_of_forty_cards(self):
        """Of any card between any two neighbours as one sees them: ranks keep a few characters."""
        choice = random.Random(13)
        ranks = dict(zip(range(40), spread(40), strict=True))
        views = [dict(ranks) for _ in range(10)]
        longest, refused = 0, 0
        for _ in range(10_000):
            view = choice.choice(views)
            card = choice.randrange(40)
            order = sorted((rank, other) for other, rank in view.items() if other != card)
            place = choice.randrange(40)
            low = order[place - 1][0] if place else None
            high = order[place][0] if place < 39 else None
            try:
                ranks[card] = view[card] = between(low, high)
            except NoRoom:  # Two of one rank: the API would make room.
                refused += 1
            longest = max(longest, len(ranks[card]))
            if choice.random() < 0.2:
                view.update(ranks)

        assert longest <= LONG_RANK
        assert refused < 100
