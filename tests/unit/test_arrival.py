"""When a request counts as arrived, however it is cut on its way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.errors import InvalidArgument
from backend.server.arrival import MAX_CHUNKS, Arrival

LIMIT = 1000
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = [
    GET,
    b"\r\n" + GET,
    POST + b"Content-Length: 0\r\n\r\n",
    POST + b"content-length:3 \r\n\r\nabc",
    POST + b"Content-Length: 1000\r\n\r\n" + b"a" * 1000,
    CHUNKED + b"0\r\n\r\n",
    CHUNKED + b"3\r\nabc\r\n2;x=y\r\n\r\n\r\n0\r\n\r\n",
    CHUNKED + b"3e8\r\n" + b"a" * 1000 + b"\r\n0\r\nA: b\r\nC: d\r\n\r\n",
]
BROKEN = [
    b"GET /\n",
    POST + b"A: b\n",
    POST + b"Content-Length: 1001\r\n\r\n",
    POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
    POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    POST + b"Content-Length: -1\r\n\r\n",
    POST + b"Transfer-Encoding: gzip\r\n\r\n",
    CHUNKED + b"x\r\n",
    CHUNKED + b"3\n",
]


def arrived(pieces: list[bytes]) -> tuple[bool, bool, int]:
    """Whether the request is ready, and whole, and after how many bytes."""
    arrival = Arrival(LIMIT)
    for piece in pieces:
        arrival.add(piece)
        if arrival.is_ready:
            break
    return arrival.is_ready, arrival.is_whole, len(arrival)


def cut(data: bytes, every: int) -> list[bytes]:
    return [data[at : at + every] for at in range(0, len(data), every)]


class TestArrival:
    """A thread gets a request when it need not wait for any more of it."""

    @pytest.mark.parametrize("request_bytes", WHOLE, ids=lambda data: str(data[:60]))
    @pytest.mark.parametrize("every", [1, 2, 3, 7, 10_000])
    def test_whole_requests(self, request_bytes, every):
        """It has arrived with its last byte, and not before."""
        assert (True, True, len(request_bytes)) == arrived(cut(request_bytes, every))

    @pytest.mark.parametrize("request_bytes", BROKEN, ids=lambda data: str(data[:60]))
    def test_what_will_be_refused(self, request_bytes):
        """What is framed badly is not waited for, nor is its connection used again."""
        assert (True, False, len(request_bytes)) == arrived(cut(request_bytes, 1))

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, "headers-too-large"),
            (CHUNKED + b"3e9\r\n", "payload-too-large"),
            (CHUNKED + b"1f4\r\n" + b"a" * 500 + b"\r\n1f5\r\n", "payload-too-large"),
            (CHUNKED + b"7fffffff\r\n", "payload-too-large"),
        ],
        ids=lambda value: str(value[:60]),
    )
    def test_what_is_too_much(self, data, code):
        """More than anybody would read is refused at once."""
        with pytest.raises(InvalidArgument) as caught:
            arrived(cut(data, 1000))

        assert code == caught.value.code

    def test_too_many_chunks(self):
        """Single bytes in chunks of their own are not read to the end."""
        arrival = Arrival(10 * MAX_CHUNKS)

        with pytest.raises(InvalidArgument, match="chunks"):
            arrival.add(CHUNKED + b"1\r\na\r\n" * MAX_CHUNKS)

    def test_expectations(self):
        """Who waits for a go-ahead gets one, unless there is nothing to wait for."""
        waiting, refused, old, ready = (Arrival(LIMIT) for _ in range(4))

        waiting.add(POST + b"Expect: 100-Continue\r\nContent-Length: 5\r\n\r\n")
        refused.add(POST + b"Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n")
        old.add(b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        ready.add(POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab")

        assert (True, False) == (waiting.awaits_go_ahead, waiting.is_ready)
        assert (False, True) == (refused.awaits_go_ahead, refused.is_ready)
        assert False is old.awaits_go_ahead
        assert True is ready.is_ready

    @given(st.lists(st.sampled_from([*WHOLE, *BROKEN, b"\r\n", b"a", b"0\r\n"])), st.data())
    def test_cuts_do_not_matter(self, parts, data):
        """Whether and what of it has arrived depends on the bytes alone."""
        stream = b"".join(parts)[:3000]
        places = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=20)))
        pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
        arrival, other = Arrival(LIMIT), Arrival(LIMIT)
        for piece in pieces:
            arrival.add(piece)
        other.add(stream)

        assert (arrival.is_ready, arrival.is_whole) == (other.is_ready, other.is_whole)
        assert stream == arrival.everything()
