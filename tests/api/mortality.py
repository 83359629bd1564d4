"""A worker that is killed between any two of its steps."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.bootstrap import Ports, Services, build_services
from backend.kit.documents import Write
from tests.api.world import World

CHANGING = ("put", "join", "delete_prefix")  # The methods that change files.


class Killed(BaseException):
    """What SIGKILL is to a test: nothing of ours catches it."""


class Fate:
    """Kills at the `at`-th moment: each call to the outside has one before and one after it."""

    def __init__(self, at: int) -> None:
        self.left = at

    def moment(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class MortalStore(Store):
    """The store, in the hands of fate where it writes."""

    def attempt(self, writes: Sequence[Write]) -> bool:
        self.fate.moment()
        done = super().attempt(writes)
        self.fate.moment()
        return done


class MortalAtEveryCommit(Store):
    """The store, in the hands of fate wherever it commits, plans of use cases included."""

    def _commit(self, writes: Sequence[Write]) -> list[datetime]:
        self.fate.moment()
        written = super()._commit(writes)
        self.fate.moment()
        return written


class MortalBlobs:
    """The files, in the hands of fate in the methods named, which change them."""

    def __init__(self, blobs: Any, fate: Fate, changing: Collection[str] = CHANGING) -> None:
        self._blobs = blobs
        self._fate = fate
        self._changing = changing

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._blobs, name)
        if name not in self._changing:
            return method

        def mortal(*args: Any, **kwargs: Any) -> Any:
            self._fate.moment()
            result = method(*args, **kwargs)
            self._fate.moment()
            return result

        return mortal


def mortal_services(
    world: World,
    fate: Fate,
    kind: type[Store] = MortalStore,
    changing: Collection[str] = CHANGING,
) -> Services:
    """The services of a world, run by a worker that fate kills."""
    ports: Ports = world.services.ports
    settings = world.services.settings
    store = kind(settings.project_id, ports.clock, emulated=True)
    store.fate = fate
    blobs = MortalBlobs(ports.blobs, fate, changing)
    return build_services(settings, replace(ports, store=store, blobs=blobs))
