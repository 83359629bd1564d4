"""A worker that is killed between any two of its steps."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.bootstrap import Ports, Services, build_services
from backend.kit.documents import Write
from tests.api.world import World


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
    """The files, in the hands of fate where they change."""

    def __init__(self, blobs: Any, fate: Fate) -> None:
        self._blobs = blobs
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._blobs, name)
        if name not in ("put", "join", "delete_prefix"):
            return method

        def mortal(*args: Any, **kwargs: Any) -> Any:
            self._fate.moment()
            result = method(*args, **kwargs)
            self._fate.moment()
            return result

        return mortal


def mortal_services(world: World, fate: Fate, kind: type[Store] = MortalStore) -> Services:
    """The services of a world, run by a worker that fate kills."""
    ports: Ports = world.services.ports
    settings = world.services.settings
    store = kind(settings.project_id, ports.clock, emulated=True)
    store.fate = fate
    return build_services(
        settings, replace(ports, store=store, blobs=MortalBlobs(ports.blobs, fate))
    )
