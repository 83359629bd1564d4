"""Running handlers of scheduled jobs, a step after the other."""

from datetime import timedelta
from typing import Any

from backend.bootstrap import Services
from backend.bootstrap.foundation import lay_foundation
from backend.bootstrap.job_handlers import job_handlers
from backend.jobs.handlers import JobHandler, JobScope, Step, loaded
from backend.jobs.model import RUNS_KEPT_FOR, JobRun, RunOutcome, slot_id
from backend.kit.actor import SYSTEM_UID
from tests.api.world import Caller, World

MOST_STEPS = 300


def handler_of(world: World, name: str, services: Services | None = None) -> JobHandler:
    """Return a handler over the real wiring of a world, or over the wiring given."""
    services = services or world.services
    handlers = job_handlers(lay_foundation(services.settings, services.ports))
    found = handlers.find(name, JobScope.PLATFORM) or handlers.find(name, JobScope.WORKSPACE)
    assert found is not None, name
    return found


def a_run(
    world: World,
    handler: JobHandler,
    owner: Caller | None = None,
    workspace_id: str | None = None,
    **arguments: Any,
) -> JobRun:
    """Return a run for this minute; of the owner's own workspace unless another is named."""
    slot = world.clock.now().replace(second=0, microsecond=0)
    return JobRun(
        id=slot_id(slot),
        job_id="job-1",
        workspace_id=workspace_id or (owner.uid if owner else None),
        handler=handler.name,
        arguments=arguments,
        slot=slot,
        outcome=RunOutcome.RUNNING,
        triggered_by="schedule",
        by=owner.uid if owner else SYSTEM_UID,
        created_at=slot,
        expire_at=slot + RUNS_KEPT_FOR,
        started_at=slot + timedelta(seconds=1),
    )


def one_step(handler: JobHandler, run: JobRun, cursor: Any = None) -> Step:
    """Do one step."""
    return handler.step(run, loaded(handler, run.arguments), cursor or {})


def carried_out(handler: JobHandler, run: JobRun) -> tuple[int, Step]:
    """Do all steps of a run; return how many items they did, and the last of them."""
    items, cursor = 0, {}
    for _ in range(MOST_STEPS):
        step = one_step(handler, run, cursor)
        items += step.items
        if step.cursor is None:
            return items, step
        cursor = dict(step.cursor)
    raise AssertionError("it never ends")
