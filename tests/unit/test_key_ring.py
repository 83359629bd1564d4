"""The ring of public keys: few fetches, no false accept, and outages that pass unnoticed."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event

import pytest

from backend.adapters.key_ring import (
    MAX_BYTES,
    PAUSE_S,
    STALE_S,
    KeyRing,
    UnknownKeyError,
    certificates,
    json_web_keys,
)
from backend.kit.errors import Unavailable
from tests.clock import VirtualClock
from tests.key_server import CERTS, JWKS, KeyServer, Mood, jwk
from tests.tokens import signing_key

MAX_AGE_S = 100
A, B = signing_key("a"), signing_key("b")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with KeyServer(A, max_age_s=MAX_AGE_S) as server:
        yield server


@pytest.fixture
def ring(server: KeyServer, clock: VirtualClock) -> KeyRing:
    return KeyRing(server.certs_url, clock, certificates)


def ask(ring: KeyRing, key_id: object) -> str:
    """What the ring says of a key."""
    try:
        ring.key(key_id)
    except UnknownKeyError:
        return "unknown"
    except Unavailable:
        return "unavailable"
    return "known"


class TestFetching:
    """When the publisher is asked."""

    def test_fifty_first_callers_fetch_once(self, ring: KeyRing, server: KeyServer):
        """All wait for the one that asks."""
        with ThreadPoolExecutor(50) as crowd:
            answers = list(crowd.map(lambda _: ask(ring, A.key_id), range(50)))

        assert (set(answers), server.hits[CERTS]) == ({"known"}, 1)

    def test_max_age_is_honoured(self, ring: KeyRing, server: KeyServer, clock: VirtualClock):
        """Not asked before it has passed; asked once after."""
        for seconds, hits in ((0, 1), (MAX_AGE_S - 1, 1), (1, 2), (1, 2)):
            clock.advance(timedelta(seconds=seconds))
            assert ask(ring, A.key_id) == "known"
            assert server.hits[CERTS] == hits

    @pytest.mark.parametrize(
        ("seconds", "asked"), [(0, 1), (1, 1), (PAUSE_S - 1, 1), (PAUSE_S, 2), (50, 2)]
    )
    def test_unknown_ids_fetch_seldom(
        self, ring: KeyRing, server: KeyServer, clock: VirtualClock, seconds: float, asked: int
    ):
        """A hundred at once count as one."""
        ask(ring, A.key_id)
        clock.advance(timedelta(seconds=seconds))
        with ThreadPoolExecutor(20) as crowd:
            answers = set(crowd.map(lambda n: ask(ring, f"{n:040x}"), range(100)))

        assert (answers, server.hits[CERTS]) == ({"unknown"}, asked)

    @pytest.mark.parametrize(
        "key_id", [None, 5, ["a"], {}, "", "../a", "https://a.example/", "a" * 129, "a\n"]
    )
    def test_what_is_no_id_fetches_nothing(self, ring: KeyRing, server: KeyServer, key_id: object):
        """Not even when the ring is empty."""
        assert (ask(ring, key_id), server.hits[CERTS]) == ("unknown", 0)

    def test_a_rotated_key_is_found(self, ring: KeyRing, server: KeyServer, clock: VirtualClock):
        """Before max-age has passed; the key it replaced goes with it."""
        ask(ring, A.key_id)
        server.keys = (B,)
        clock.advance(timedelta(seconds=PAUSE_S))

        assert [ask(ring, key.key_id) for key in (B, A)] == ["known", "unknown"]


class TestOutage:
    """When the publisher does not answer, or not with keys."""

    @pytest.mark.parametrize("mood", [Mood.FAILING, Mood.CUT, Mood.GARBAGE])
    def test_known_keys_carry_it_for_hours(
        self, ring: KeyRing, server: KeyServer, clock: VirtualClock, mood: Mood
    ):
        """Then nobody knows any more, and once it is over everybody does."""
        ask(ring, A.key_id)
        server.mood = mood
        found = []
        for seconds in (MAX_AGE_S - 1, 1, STALE_S - 1, 1):
            clock.advance(timedelta(seconds=seconds))
            found.append(ask(ring, A.key_id))
        server.mood = Mood.WELL
        clock.advance(timedelta(seconds=PAUSE_S))

        assert [*found, ask(ring, A.key_id)] == [
            "known",
            "known",
            "known",
            "unavailable",
            "known",
        ]

    def test_whether_a_new_key_exists_cannot_be_known(
        self, ring: KeyRing, server: KeyServer, clock: VirtualClock
    ):
        """So its token is not refused as bad."""
        ask(ring, A.key_id)
        server.keys, server.mood = (A, B), Mood.FAILING
        clock.advance(timedelta(seconds=PAUSE_S))

        assert [ask(ring, B.key_id), ask(ring, A.key_id)] == ["unavailable", "known"]

    def test_it_is_asked_again_after_a_pause(
        self, ring: KeyRing, server: KeyServer, clock: VirtualClock
    ):
        """Or every request would wait for the time-out."""
        server.mood = Mood.CUT
        before = [ask(ring, A.key_id) for _ in range(5)]
        hits = server.hits[CERTS]
        server.mood = Mood.WELL
        clock.advance(timedelta(seconds=PAUSE_S))

        assert (before, hits) == (["unavailable"] * 5, 1)
        assert ask(ring, A.key_id) == "known"

    def test_in_a_known_outage_one_waits_and_the_others_go_on(
        self, ring: KeyRing, server: KeyServer, clock: VirtualClock
    ):
        """While the first looks whether it is over, stale keys serve."""
        ask(ring, A.key_id)
        server.mood = Mood.FAILING
        clock.advance(timedelta(seconds=MAX_AGE_S))
        ask(ring, A.key_id)
        server.mood = Mood.SILENT
        clock.advance(timedelta(seconds=PAUSE_S))
        arrived = Event()
        with ThreadPoolExecutor(1) as crowd:
            first = crowd.submit(lambda: (arrived.set(), ask(ring, A.key_id))[1])
            arrived.wait()
            while not ring._fetching.locked() and not first.done():
                pass  # It is about to.
            others = [ask(ring, A.key_id) for _ in range(20)]
            was_still_waiting = not first.done()

        assert (others, first.result()) == (["known"] * 20, "known")
        assert was_still_waiting

    @pytest.mark.parametrize(
        "garbage",
        [
            b"",
            b"[]",
            b"{}",
            b"null",
            b"[" * 100_000,
            b'{"a": "b"}',
            b'{"a": 5}',
            b"\xff\xfe",
            b'{"a": "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----"}',
            b" " * (MAX_BYTES + 1),
        ],
        ids=lambda garbage: repr(garbage[:20]),
    )
    @pytest.mark.parametrize("parse", [certificates, json_web_keys])
    def test_garbage_is_no_answer(
        self, server: KeyServer, clock: VirtualClock, garbage: bytes, parse
    ):
        """Whatever it is: never a crash, never an empty ring taken for the truth."""
        server.mood, server.garbage = Mood.GARBAGE, garbage

        assert ask(KeyRing(server.certs_url, clock, parse), A.key_id) == "unavailable"


class TestRotation:
    """While many ask."""

    def test_no_key_counts_before_it_is_published(
        self, ring: KeyRing, server: KeyServer, clock: VirtualClock
    ):
        """Nor after its max-age has passed: threads ask without pause, keys come and go."""
        keys = [signing_key(f"rotated {number}") for number in range(6)]
        server.max_age_s = 2
        server.keys = (keys[0],)
        false_accepts, done, asked = [], Event(), [0] * 8

        def look(number: int) -> None:
            while not done.is_set():
                index = (number + asked[number]) % len(keys)
                oldest = rotated_at[-1]
                known = ask(ring, keys[index].key_id) == "known"
                newest = rotated_at[-1] + 1  # Perhaps fetched, and not noted yet.
                if known and not oldest <= index <= newest:
                    false_accepts.append((index, oldest, newest))
                if ask(ring, signing_key("never").key_id) != "unknown":
                    false_accepts.append(("never", oldest, newest))
                asked[number] += 1

        rotated_at = [0]
        with ThreadPoolExecutor(8) as crowd:
            looking = [crowd.submit(look, number) for number in range(8)]
            for turn in range(1, len(keys)):
                server.keys = (keys[turn],)
                clock.advance(timedelta(seconds=2))
                hits = server.hits[CERTS]
                while server.hits[CERTS] == hits or ask(ring, keys[turn].key_id) != "known":
                    pass  # The threads fetch the new list.
                rotated_at.append(turn)
                _wait_until_asked(50 * turn, asked, looking)
            done.set()
            for each in looking:
                each.result()

        assert false_accepts == []


def _wait_until_asked(times: int, asked: list[int], looking: list[Future]) -> None:
    """However slow the machine; unless a thread has failed."""
    while sum(asked) < times and not any(each.done() for each in looking):
        wait(looking, timeout=0.005)


class TestJsonWebKeys:
    """RFC 7517"""

    def test_they_are_the_same_keys(self, server: KeyServer, clock: VirtualClock):
        """As the certificates."""
        by_jwk = KeyRing(server.url + JWKS, clock, json_web_keys).key(A.key_id)
        by_certificate = KeyRing(server.certs_url, clock, certificates).key(A.key_id)

        assert by_jwk.public_numbers() == by_certificate.public_numbers()

    def test_keys_of_other_kinds_and_short_ones_do_not_count(self):
        """They are passed over; alone they are no answer."""
        others = [
            {"kty": "EC", "kid": "ec", "crv": "P-256", "x": "AA", "y": "AA"},
            {"kty": "oct", "kid": "secret", "k": "AAAA"},
            {"kty": "RSA", "kid": 5, "n": "AQAB", "e": "AQAB"},
        ]

        assert set(json_web_keys({"keys": [*others, jwk(A)]})) == {A.key_id}
        with pytest.raises(ValueError, match="no key"):
            json_web_keys({"keys": others})
