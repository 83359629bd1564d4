"""What the JSON gate lets through, and where it says the fault is."""

import json
import math
import re
import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.kit.errors import InvalidArgument
from backend.web.json_gate import MAX_DEPTH, MAX_INTEGER, MAX_KEY_BYTES, MAX_VALUES, read_json

STORABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(STORABLE)
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(STORABLE), inner)
)


def refusal(body: bytes) -> tuple[str, str]:
    """The code and the pointer a body is refused with."""
    with pytest.raises(InvalidArgument) as caught:
        read_json(body)
    (fault,) = caught.value.faults
    return caught.value.code, fault.pointer


class TestWhatComesThrough:
    """Every JSON document an app has reason to send."""

    @given(VALUES, st.booleans())
    def test_what_a_writer_of_json_writes(self, value, is_ascii):
        """Whatever `json.dumps` makes of storable values comes back as it was."""
        body = json.dumps(value, ensure_ascii=is_ascii).encode()

        assert value == read_json(body)

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (b" {} \r\n", {}),
            (b"-0", 0),
            (b"9007199254740992", 2**53),
            (b"-9007199254740992", -(2**53)),
            (rb'"\ud83d\ude00"', "\U0001f600"),
            (rb'"[[{\"["', '[[{"['),
            (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, None),
            (b'{"' + b"k" * MAX_KEY_BYTES + b'":1}', {"k" * MAX_KEY_BYTES: 1}),
        ],
    )
    def test_the_edge_of_what_is_allowed(self, body, expected):
        """What just fits does fit."""
        value = read_json(body)

        assert expected is None or expected == value


class TestWhatIsRefused:
    """Everything that would break, or be read differently by, what comes after."""

    @given(st.binary())
    @example(b"\xff")
    @example(b'"\\')
    @example(b"[" * 60_000)
    @example(b'{"a":' * 20_000)
    @example(b"1" * 5_000)
    def test_bytes_of_any_kind(self, body):
        """Arbitrary bytes are read, or refused as an invalid argument; nothing else happens."""
        with suppress(InvalidArgument):
            read_json(body)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" \r\n\t",
            b"\xef\xbb\xbf{}",
            '{"a":1}'.encode("utf-16"),
            b'"\xff"',
            b'"\xed\xa0\x80"',
            b'{"a":1,}',
            b"{}{}",
            b"{} x",
            b"'a'",
            b"[1 2]",
            b"01",
            b"+1",
            b"0x1",
            b'"a\nb"',
            b'"a\x00b"',
            b'"never ends',
            b"\xc2\xa0",
            b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
            b"[" + b"0," * MAX_VALUES + b"0]",
        ],
        ids=repr,
    )
    def test_what_is_not_json(self, body):
        """A body that cannot be read is at fault as a whole."""
        assert ("malformed-request", "") == refusal(body[:200_000])

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (b'{"a":1,"a":2}', "/a"),
            (b'{"b":[0,{"a":1,"a":1}]}', "/b/1/a"),
            (rb'{"a":1,"\u0061":2}', "/a"),
            (b'{"a":NaN}', "/a"),
            (b"[1,-Infinity]", "/1"),
            (b"Infinity", ""),
            (b'{"a":{"b":1e999}}', "/a/b"),
            (b"9007199254740993", ""),
            (b'{"n":-9223372036854775808}', "/n"),
            (b'{"n":' + b"1" * 5_000 + b"}", "/n"),
            (rb'{"s":"\ud800"}', "/s"),
            (rb'["\udc00\ud800"]', "/0"),
            (rb'{"s":"a\u0000"}', "/s"),
            (rb'{"o":{"\ud800":1}}', "/o"),
            (rb'{"o":{"\u0000":1}}', "/o"),
            (rb'{"o":{"\ud800":1,"\ud800":1}}', "/o"),
            (b'{"o":{"' + b"k" * (MAX_KEY_BYTES + 1) + b'":1}}', "/o"),
            (('{"o":{"' + "\u00e4" * MAX_KEY_BYTES + '":1}}').encode(), "/o"),
            (b'{"a/b":{"c~d":{"":NaN}}}', "/a~1b/c~0d/"),
        ],
        ids=lambda value: str(value[:40]),
    )
    def test_the_pointer_names_the_value(self, body, pointer):
        """Where the body can be read, the fault has its place."""
        assert ("malformed-request", pointer) == refusal(body)

    def test_many_duplicates(self):
        """The first key that stands twice is named, however many follow."""
        body = "{" + ",".join(f'"k{n // 2}":{n}' for n in range(10_000)) + "}"

        assert ("malformed-request", "/k0") == refusal(body.encode())


class TestEffort:
    """The time a body takes is in proportion to its length; the bound is very generous."""

    @pytest.mark.parametrize(
        "piece",
        [
            b'"',
            b'\\"',
            b'"\\',
            b"[",
            b"[]",
            b"{}",
            b'"":',
            b'{"":',
            b"1,",
            b"1",
            b"[1,",
            b"\\",
            b"-",
        ],
        ids=repr,
    )
    def test_a_megabyte_of_the_same(self, piece):
        """No body of a megabyte keeps a thread busy."""
        body = b'"' + piece * (1024 * 1024 // len(piece))
        began_at = time.monotonic()

        for each in (body, body[1:]):
            with pytest.raises(InvalidArgument):
                read_json(each)

        assert time.monotonic() - began_at < 20

    def test_the_largest_text(self):
        """A megabyte in one string is read."""
        body = b'"' + b"a" * 1024 * 1024 + b'"'

        assert 1024 * 1024 == len(read_json(body))

    def test_numbers_are_floats_or_exact(self):
        """What is read has no infinity, and keeps the difference between 1 and 1.0."""
        read = read_json(b"[1, 1.0, 1e3, -0.0]")

        assert [int, float, float, float] == [type(each) for each in read]
        assert all(math.isfinite(each) for each in read)

    def test_details_are_sentences(self):
        """What a person reads has a full stop, and no wording of Python's."""
        with pytest.raises(InvalidArgument, match=re.compile(r"^The body is not JSON: .*\.$")):
            read_json(b"{x}")
