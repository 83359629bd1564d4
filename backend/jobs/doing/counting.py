"""Counting the totals of all workspaces again: what has drifted, for whatever reason, is mended."""

from collections.abc import Mapping
from typing import Any

from backend.adapters.firestore import Store
from backend.jobs.doing.nothing import NoArguments
from backend.jobs.handlers import JobScope, Step
from backend.jobs.model import JobRun
from backend.kit.clock import Clock
from backend.kit.documents import NAME, Query
from backend.kit.errors import Aborted, NotFound
from backend.statistics.recounting import Recounting

PAGE = 20
WORK_S = 6.0  # Then the run notes how far it is; one large workspace may take longer.


class RecountTotals:
    """Recounts workspaces by their ids, some seconds' worth a step."""

    name = "recountTotals"
    scope = JobScope.PLATFORM
    arguments = NoArguments()

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._recounting = Recounting(store, clock)

    def step(
        self,
        run: JobRun,  # noqa: ARG002 - every handler's signature.
        arguments: Mapping[str, Any],  # noqa: ARG002
        cursor: Mapping[str, Any],
    ) -> Step:
        """Recount some workspaces; the result says how many had been wrong, or were too busy."""
        told = {"mended": int(cursor.get("mended", 0)), "tooBusy": int(cursor.get("tooBusy", 0))}
        after = cursor.get("after")
        found = self._store.find(
            Query("workspaces", PAGE, order_by=(NAME,), after=(after,) if after else None)
        )
        ends_at, items = self._clock.monotonic() + WORK_S, 0
        for stored in found:
            self._recount(stored.id, told)
            items, after = items + 1, stored.path
            if self._clock.monotonic() >= ends_at:
                break
        is_over = items == len(found) < PAGE
        return Step(items, None if is_over else {**told, "after": after}, told)

    def _recount(self, workspace_id: str, told: dict[str, int]) -> None:
        try:
            told["mended"] += not self._recounting.one(workspace_id).was_right
        except NotFound:
            return  # Deleted meanwhile.
        except Aborted:  # It is counted again in the next run; its own reactions count, too.
            told["tooBusy"] += 1
