"""What scheduled jobs can do: the registry of their handlers."""

from backend.attachments.sweep import FileSweep
from backend.bootstrap.foundation import Foundation
from backend.guests.sweep import GuestSweep
from backend.jobs.doing.acting import Acting
from backend.jobs.doing.archiving import ArchiveDone
from backend.jobs.doing.backing_up import Backup
from backend.jobs.doing.counting import RecountTotals
from backend.jobs.doing.creating import CreateTask
from backend.jobs.doing.emptying import EmptyTrash
from backend.jobs.doing.purging import PurgeExpired
from backend.jobs.doing.reminding import RemindMembers
from backend.jobs.doing.sweeping import Sweeping
from backend.jobs.handlers import Handlers, JobHandler
from backend.trash.emptying import TrashEmptying
from backend.trash.remains import Remains


def job_handlers(base: Foundation) -> Handlers:
    """Return every handler there is, of the platform's jobs and of workspaces'."""
    return Handlers([*_of_platform(base), *_of_workspaces(base)])


def _of_platform(base: Foundation) -> list[JobHandler]:
    store, clock, ports = base.store, base.clock, base.ports
    files = ports.blobs if base.settings.storage_bucket else None
    return [
        PurgeExpired(store, clock),
        RecountTotals(store, clock),
        Sweeping("sweepGuests", GuestSweep(store, clock, base.timers).run),
        Sweeping("sweepFiles", FileSweep(store, clock, files).run),
        Backup(clock, ports.backups),
    ]


def _of_workspaces(base: Foundation) -> list[JobHandler]:
    store, clock, timers = base.store, base.clock, base.timers
    acting = Acting(clock, base.accounts, base.workspaces)
    files = base.ports.blobs if base.settings.storage_bucket else None
    remains = Remains(store, clock, files)
    trash = TrashEmptying(store, clock, timers, base.reactors.tasks, remains)
    return [
        ArchiveDone(store, clock, acting),
        CreateTask(store, clock, acting),
        RemindMembers(store, clock, timers, acting, base.addressees, base.templates),
        EmptyTrash(store, clock, timers, acting, trash),
    ]
