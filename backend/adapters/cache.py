"""The caches: in this process, in a Redis that all processes share, or none."""

import json
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any, cast

from backend.adapters.redis_link import RedisLink
from backend.kit.cache import Looked
from backend.kit.clock import Clock
from backend.kit.errors import Unavailable

# Another process cannot invalidate this one's memory, so what it changed is seen this much later.
UNSHARED_TTL_S = 5.0
MAX_ENTRIES = 20_000
VERSION_TTL_S = 60 * 60
# The longest time anything is held in Redis: what an invalidation that was lost can cost.
SHARED_TTL_S = 60.0


class NoCache:
    """Holds nothing."""

    def look(self, namespace: str, keys: Sequence[str]) -> Looked:  # noqa: ARG002
        """Return that nothing is held, and nothing may be put in."""
        return Looked(namespace)

    def put(self, looked: Looked, texts: Mapping[str, str], *, ttl_s: float) -> None:
        """Ignore it."""

    def invalidate(self, namespace: str) -> None:
        """Do nothing: there is nothing to forget."""

    def ping(self) -> None:
        """Do nothing: it is off, and therefore well."""


@dataclass(frozen=True, slots=True)
class _Entry:
    version: int
    since: float
    until: float
    text: str

    def is_valid(self, version: int, now: float) -> bool:
        # Not before `since` either: a clock that is set back must not lengthen its life.
        return self.version == version and self.since <= now < self.until


class MemoryCache:
    """Holds the `max_entries` texts used last, at most `UNSHARED_TTL_S` seconds each."""

    def __init__(self, clock: Clock, *, max_entries: int = MAX_ENTRIES) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._versions: OrderedDict[str, int] = OrderedDict()
        self._numbers = count(1)
        self._dropped = 0
        self._lock = Lock()

    def look(self, namespace: str, keys: Sequence[str]) -> Looked:
        """Return what is held of these keys."""
        with self._lock:
            now = self._clock.now().timestamp()
            version = self._versions.get(namespace)
            if version is None:  # Stored with the first text: looking alone takes no room.
                return Looked(namespace, str(next(self._numbers)), now)
            texts = {}
            for key in keys:
                entry = self._entries.get((namespace, key))
                if entry is not None and entry.is_valid(version, now):
                    self._entries.move_to_end((namespace, key))
                    texts[key] = entry.text
            return Looked(namespace, str(version), now, texts)

    def put(self, looked: Looked, texts: Mapping[str, str], *, ttl_s: float) -> None:
        """Hold texts by key for `ttl_s` seconds after `looked`, or for less."""
        if looked.version is None or not texts:
            return
        version, until = int(looked.version), looked.at + min(ttl_s, UNSHARED_TTL_S)
        with self._lock:
            # Below `_dropped`, an invalidation since may have been dropped for want of room.
            if looked.namespace not in self._versions and version > self._dropped:
                self._set_version(looked.namespace, version)
            if self._versions.get(looked.namespace) != version:
                return
            self._versions.move_to_end(looked.namespace)
            for key, text in texts.items():
                self._entries[looked.namespace, key] = _Entry(version, looked.at, until, text)
                self._entries.move_to_end((looked.namespace, key))
            while len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)

    def invalidate(self, namespace: str) -> None:
        """Forget a namespace."""
        with self._lock:
            self._set_version(namespace, next(self._numbers))

    def ping(self) -> None:
        """Do nothing: memory is always there."""

    def _set_version(self, namespace: str, version: int) -> None:
        self._versions[namespace] = version
        self._versions.move_to_end(namespace)
        while len(self._versions) > self._max_entries:
            _, dropped = self._versions.popitem(last=False)
            self._dropped = max(self._dropped, dropped)


class RedisCache:
    """
    Holds texts in Redis, at most `SHARED_TTL_S` seconds each, for all processes.

    While Redis answers, an invalidation holds everywhere once it returns. One that could not be
    delivered holds in this process at once, which believes nothing of that namespace until it is
    delivered; in others when what they hold has grown too old. An entry carries its own end, by
    its writer's clock, because a Redis that stood still for an hour would start its time-to-live
    afresh. Versions are random, so that one Redis forgot is never given out again.
    """

    def __init__(self, link: RedisLink, clock: Clock, *, project_id: str) -> None:
        self._link = link
        self._clock = clock
        # Two deployments that share a Redis must not share memberships.
        self._prefix = f"taskflow:{project_id}:cache"
        self._owed: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def look(self, namespace: str, keys: Sequence[str]) -> Looked:
        """Return what is held of these keys. One round trip."""
        now = self._clock.now().timestamp()
        try:
            self._settle(namespace, now)
            names = [self._version_key(namespace), *(self._key(namespace, key) for key in keys)]
            version, *entries = cast(
                "list[str | None]", self._link.call(lambda redis: redis.mget(names))
            )
            if version is None:  # Stored with the first text: looking alone takes no room.
                return Looked(namespace, _new_version(), now)
        except Unavailable:
            return Looked(namespace)
        texts = {
            key: text
            for key, entry in zip(keys, entries, strict=True)
            if entry is not None and (text := _valid(entry, version, now)) is not None
        }
        return Looked(namespace, version, now, texts)

    def put(self, looked: Looked, texts: Mapping[str, str], *, ttl_s: float) -> None:
        """Hold texts by key for `ttl_s` seconds after `looked`, or for less."""
        if looked.version is None or not texts:
            return
        ttl_s = min(ttl_s, SHARED_TTL_S)
        version_key = self._version_key(looked.namespace)
        entries = {
            self._key(looked.namespace, key): json.dumps([looked.version, looked.at + ttl_s, text])
            for key, text in texts.items()
        }

        def ask(redis: Any) -> None:
            pipeline = redis.pipeline(transaction=False)
            # If there is one by now, it is another: then nobody ever finds these entries.
            pipeline.set(version_key, looked.version, ex=VERSION_TTL_S, nx=True)
            for key, entry in entries.items():
                pipeline.set(key, entry, px=int(ttl_s * 1000))
            pipeline.execute()

        try:
            self._link.call(ask)
        except Unavailable:
            return

    def invalidate(self, namespace: str) -> None:
        """Forget a namespace, in every process."""
        try:
            self._deliver(namespace)
        except Unavailable:
            # All that is held now has ended by then; what is read from now on is right.
            end = self._clock.now().timestamp() + SHARED_TTL_S
            with self._lock:
                self._owed[namespace] = end
                self._owed.move_to_end(namespace)

    def ping(self) -> None:
        """
        See whether Redis answers.

        Raises:
            Unavailable: it does not.
        """
        self._link.ping()

    def _settle(self, namespace: str, now: float) -> None:
        """Deliver an invalidation that is owed. Raises Unavailable while that is not possible."""
        with self._lock:
            while self._owed and next(iter(self._owed.values())) < now:
                self._owed.popitem(last=False)
            owed = self._owed.get(namespace)
        if owed is None:
            return
        self._deliver(namespace)
        with self._lock:
            if self._owed.get(namespace) == owed:  # Else another one failed in the meantime.
                del self._owed[namespace]

    def _deliver(self, namespace: str) -> None:
        key, version = self._version_key(namespace), _new_version()
        self._link.call(lambda redis: redis.set(key, version, ex=VERSION_TTL_S))

    def _version_key(self, namespace: str) -> str:
        return f"{self._prefix}:version:{namespace}"

    def _key(self, namespace: str, key: str) -> str:
        return f"{self._prefix}:entry:{namespace}:{key}"


def _new_version() -> str:
    return secrets.token_hex(8)


def _valid(entry: str, version: str, now: float) -> str | None:
    try:
        held_version, until, text = json.loads(entry)
        return str(text) if held_version == version and now < float(until) else None
    except (TypeError, ValueError):  # Written by something else: as good as nothing.
        return None
