"""Previews of series, and of rules that are not yet one."""

from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.recurrence.ledger import passed_until
from backend.recurrence.model import Recurrence
from backend.recurrence.occurrence import INSTANT
from backend.recurrence.preview import Previewed, preview, preview_from_completion
from backend.recurrence.series import Mode, SeriesState
from backend.recurrence.service import SeriesService
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService


class PreviewService:
    """
    When tasks will come, for members of the workspace. Writes nothing.

    Methods raise NotFound for what the caller may not see.
    """

    def __init__(self, clock: Clock, workspaces: WorkspaceService, series: SeriesService) -> None:
        self._clock = clock
        self._workspaces = workspaces
        self._series = series

    def of_series(
        self, actor: Actor, workspace_id: str, series_id: str, *, count: int
    ) -> list[Previewed]:
        """
        Return the next `count` occurrences that have no task yet; none once the series has ended.

        Those whose time has passed are not among them; that of a whole day has when it is over. Of
        a series that counts from completion, each task is taken to be done when it is to start, or
        now if that has passed.
        """
        now = self._clock.now()
        series = self._series.get(actor, workspace_id, series_id)
        if series.state is SeriesState.ENDED:
            return []
        last = series.recurrence.occurrence(series.last_key)
        if series.mode is Mode.AFTER_COMPLETION:
            return preview_from_completion(series.recurrence, last, max(last.at, now), count)
        return preview(series.recurrence, max(last.at, passed_until(series, now)), count)

    def of_rule(
        self, actor: Actor, workspace_id: str, recurrence: Recurrence, *, mode: Mode, count: int
    ) -> list[Previewed]:
        """
        Return the first `count` occurrences that a series of this kind would have.

        Raises:
            InvalidArgument: `invalid-recurrence`; no series can be begun so.
        """
        self._workspaces.admit(actor, workspace_id, to=Right.READ_SERIES)
        first = recurrence.first()
        if mode is Mode.FIXED:
            return preview(recurrence, first.at - INSTANT, count)
        later = preview_from_completion(recurrence, first, first.at, count - 1)
        return [*preview(recurrence, first.at - INSTANT, 1), *later]
