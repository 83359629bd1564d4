"""Firestore's values as JSON and back."""

import json
import math
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.tagged import line_of, renamed, tagged, untagged, untagged_fields

INSTANTS = st.datetimes().map(lambda at: at.replace(tzinfo=UTC))
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = (
    st.none()
    | st.booleans()
    | TEXT
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.binary()
    | INSTANTS
)
KEYS = TEXT.filter(
    lambda name: name and not re.fullmatch("__.*__", name, re.DOTALL)
) | st.sampled_from(["$timestamp", "$map", "$x", "$bytes", "$integer"])
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner.filter(lambda value: not isinstance(value, list)), max_size=4)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=12,
)


class TestBothWays:
    """Nothing is lost."""

    @settings(deadline=None)
    @given(VALUES)
    def test_every_value_comes_back_as_it_was(self, value):
        """Whatever Firestore can hold, by way of JSON text."""
        text = json.dumps(tagged(value))

        assert _same(value, untagged(json.loads(text)))

    @settings(deadline=None)
    @given(st.dictionaries(KEYS, VALUES, max_size=4))
    def test_a_line_is_one_line(self, data):
        """Of canonical JSON: read and written again it is the same."""
        line = line_of(path="users/ann", data=data)

        assert 1 == line.count(b"\n")
        read = json.loads(line.decode("utf-8", "surrogatepass"))
        assert line == line_of(path=read["path"], data=untagged_fields(read["data"]))

    def test_what_it_looks_like(self):
        """JSON where JSON will do, and tags for the rest."""
        at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

        assert {
            "at": {"$timestamp": "2026-11-21T09:30:00.000000Z"},
            "photo": {"$bytes": "AAE="},
            "big": {"$integer": "9007199254740993"},
            "no": {"$double": "NaN"},
            "odd": {"$map": {"$timestamp": "mine"}},
            "list": [1, 1.0, "x", None, True],
        } == tagged(
            {
                "at": at,
                "photo": b"\x00\x01",
                "big": 2**53 + 1,
                "no": math.nan,
                "odd": {"$timestamp": "mine"},
                "list": [1, 1.0, "x", None, True],
            }
        )


class TestRefusal:
    """What none of ours is."""

    @pytest.mark.parametrize(
        "value",
        [
            {"$timestamp": "2026-11-21"},
            {"$timestamp": "2026-13-21T09:30:00.000000Z"},
            {"$timestamp": "2026-11-21T09:30:00.000000+00:00"},
            {"$timestamp": 5},
            {"$bytes": "no base64!"},
            {"$double": "1.5"},
            {"$double": "inf"},
            {"$integer": "5"},
            {"$integer": "99999999999999999999"},
            {"$integer": "+9007199254740993"},
            {"$integer": "9_007_199_254_740_993"},
            {"$map": []},
            {"$unknown": "GeoPoint"},
            {"$reference": "users/ann"},
            2**60,
            math.inf,
            [{"a": [{"$what": 1}]}],
            {"$integer": "9223372036854775808"},
            {"": 1},
            {"a": {"__name__": 1}},
            {"$map": {"__x__": 1}},
            [[1]],
            "\ud800",
            {"\udc00": 1},
            {"x" * 1501: 1},
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_it_is_refused(self, value):
        """A tag that does not exist, or a value that would be written otherwise."""
        with pytest.raises(ValueError, match=r"\w"):
            untagged(value)

    def test_depth_is_bounded(self):
        """Before the interpreter's own stack is."""
        value: object = 1
        for _ in range(100):
            value = {"a": value}

        with pytest.raises(ValueError, match="deep"):
            untagged(value)


class TestRenaming:
    """Another uid in the same places."""

    def test_a_uid_is_found_wherever_it_stands_alone(self):
        """In values, lists, keys and links of the app; never inside of other words."""
        document = {
            "createdBy": "ann",
            "assigneeIds": ["ann", "bob"],
            "byMember": {"ann": 1},
            "link": "/workspaces/ann/tasks/t1",
            "title": "ann wrote to anna",
        }

        assert {
            "createdBy": "eve",
            "assigneeIds": ["eve", "bob"],
            "byMember": {"eve": 1},
            "link": "/workspaces/eve/tasks/t1",
            "title": "ann wrote to anna",
        } == renamed(document, "ann", "eve")


def _same(one, other) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return (math.isnan(one) and math.isnan(other)) or repr(one) == repr(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
