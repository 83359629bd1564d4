"""The evaluator's edges. That it agrees with Firestore is shown on the emulator."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.kit.documents import Query, Stored, Where
from backend.kit.pages import MOST_READ, gather
from backend.kit.queries import answer, is_met, sort_key

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class TestEvaluator:
    """What it refuses to guess."""

    def test_an_operator_that_is_none_of_ours(self):
        """`!=` drops null and missing fields in Firestore: a trap, so we do without."""
        with pytest.raises(ValueError, match="!="):
            is_met(Where("a", "!=", 1), {"a": 2})

    def test_a_value_that_no_document_has(self):
        """It would sort by chance."""
        with pytest.raises(TypeError, match="object"):
            sort_key(object())


class TestGather:
    """Reading on behind what was dropped."""

    @pytest.fixture
    def shelf(self) -> list[Stored]:
        """A thousand documents, one in fifty of them rare."""
        return [
            Stored(f"things/{number:04}", {"n": number, "rare": number % 50 == 49}, NOON)
            for number in range(1000)
        ]

    @pytest.mark.parametrize("size", [1, 4, 5, 20, 100])
    def test_bounds_hold_and_nothing_is_lost(self, shelf: list[Stored], size: int):
        """At most 200 documents a page, in at most four questions."""
        query = Query("things", size, order_by=("n",), dropped=(Where("rare", "==", True),))
        found: list[str] = []
        after = None
        while True:
            asked: list[Query] = []

            def find(question: Query, asked: list[Query] = asked) -> list[Stored]:
                asked.append(question)
                return answer(question, shelf)

            page = gather(find, replace(query, after=after))
            found += [stored.id for stored in page.documents]

            assert len(page.documents) <= size
            assert sum(question.limit for question in asked) <= MOST_READ
            assert len(asked) <= 4
            if page.last is None:
                break
            after = (page.last.fields["n"], page.last.path)

        assert [f"{number:04}" for number in range(49, 1000, 50)] == found

    def test_what_is_not_to_be_kept_is_read_over(self, shelf: list[Stored]):
        """Exactly as many are read as are wanted, where all may be kept; else on behind them."""
        asked: list[int] = []

        def find(question: Query) -> list[Stored]:
            asked.append(question.limit)
            return answer(question, shelf)

        query = Query("things", 5, order_by=("n",))
        whole = gather(find, query, lambda stored: True)
        behind = gather(find, query, lambda stored: stored.fields["n"] >= 7)

        assert [0, 1, 2, 3, 4] == [stored.fields["n"] for stored in whole.documents]
        assert [7, 8, 9, 10, 11] == [stored.fields["n"] for stored in behind.documents]
        assert (4, 11) == (whole.last.fields["n"], behind.last.fields["n"])
        assert [5, 5, 10] == asked
