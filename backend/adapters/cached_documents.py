"""Documents read through a cache: for looking at, never for writing on."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.cache import Cache, Tally
from backend.kit.documents import Stored

INSTANT = "$instant"


class CachedDocuments:
    """
    Documents of one kind, each held for at most `ttl_s` seconds.

    Only what exists is held. Whoever was let in a moment ago is found at once; whoever was put out
    is forgotten with the namespace. A document from here is no precondition: it may be old.
    """

    def __init__(
        self, store: Store, cache: Cache, tally: Tally, *, kind: str, ttl_s: float
    ) -> None:
        self._store = store
        self._cache = cache
        self._tally = tally
        self._kind = kind
        self._ttl_s = ttl_s

    def get_all(self, owner_id: str, paths: Sequence[str]) -> list[Stored | None]:
        """
        Read documents that `forget(owner_id)` forgets, in the order asked for.

        Raises:
            Unavailable: the database did not answer. The cache never fails.
        """
        looked = self._cache.look(self._namespace(owner_id), paths)
        held: dict[str, Stored] = {}
        for path, text in looked.texts.items():
            if (stored := _stored(path, text)) is not None:
                held[path] = stored
        missing = [path for path in paths if path not in held]
        self._tally.count(self._kind, hits=len(paths) - len(missing), misses=len(missing))
        if missing:
            read = {each.path: each for each in self._store.get_all(missing) if each is not None}
            written = {path: _text(stored) for path, stored in read.items()}
            texts = {path: text for path, text in written.items() if text is not None}
            self._cache.put(looked, texts, ttl_s=self._ttl_s)
            held |= read
        return [held.get(path) for path in paths]

    def forget(self, owner_id: str) -> None:
        """Forget what `owner_id` has: when a change of it is committed, before it is answered."""
        self._cache.invalidate(self._namespace(owner_id))

    def _namespace(self, owner_id: str) -> str:
        return f"{self._kind}:{owner_id}"


def _text(stored: Stored) -> str | None:
    try:
        return json.dumps([stored.updated_at.isoformat(), stored.fields], default=_tagged)
    except TypeError:  # It holds what none of our documents does: read every time.
        return None


def _stored(path: str, text: str) -> Stored | None:
    try:
        updated_at, fields = json.loads(text, object_hook=_untagged)
        return Stored(path, fields, datetime.fromisoformat(updated_at))
    except (TypeError, ValueError):  # Another version of ours wrote it: read again.
        return None


def _tagged(value: Any) -> dict[str, str]:
    if isinstance(value, datetime):
        return {INSTANT: value.isoformat()}
    raise TypeError(f"a cached document holds no {type(value).__name__}")


def _untagged(value: dict[str, Any]) -> Any:
    return datetime.fromisoformat(value[INSTANT]) if value.keys() == {INSTANT} else value
