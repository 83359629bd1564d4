"""What is done at length, step by step, by kind of operation."""

from backend.attachments.copies import AttachmentCopies
from backend.boards.removing import GroupRemoval
from backend.boards.tidying import DoneTidying
from backend.bootstrap.foundation import Foundation
from backend.bootstrap.reverting import reverting
from backend.broadcasts.telling import Telling
from backend.broadcasts.wording import Wording
from backend.bulk.service import Admission
from backend.bulk.work import Batching
from backend.exporting.exporter import Exporter
from backend.exporting.service import ExportShown
from backend.guests.copying import Copying
from backend.guests.files import GuestFiles
from backend.guests.removal import Removal
from backend.guests.undoing import Undoing
from backend.inbox.clearing import InboxClearing
from backend.operations.model import OperationKind
from backend.operations.running import Work
from backend.operations.service import Showing
from backend.relocation.work import Following
from backend.undo.keeping import Kept, Records
from backend.undo.undoing import Undoing as UndoingCommand


def works(base: Foundation) -> dict[OperationKind, Work]:
    """Return what does the steps of each kind."""
    store, clock, ports = base.store, base.clock, base.ports
    removal = Removal(store, clock, base.reactors.tasks)
    return {
        OperationKind.MERGE_GUEST: Copying(
            store, clock, base.recovery, GuestFiles(store, ports.blobs)
        ),
        OperationKind.UNDO_MERGE: Undoing(store, clock, removal, base.recovery),
        OperationKind.EXPORT: Exporter(store, clock, ports.blobs, ports.credentials),
        OperationKind.DELETE_GROUP: GroupRemoval(store, clock, base.offers),
        OperationKind.ARCHIVE_DONE: DoneTidying(store, clock, base.offers),
        OperationKind.MARK_ALL: InboxClearing(store, clock, base.offers),
        OperationKind.BATCH: Batching(
            store, clock, Admission(base.workspaces, base.quota), base.offers, Records(store)
        ),
        OperationKind.MOVE_TASK: Following(
            store,
            clock,
            AttachmentCopies(store, ports.blobs),
            base.reactors.comments,
            Records(store),
        ),
        OperationKind.BROADCAST: Telling(store, clock, base.addressees, Wording(base.templates)),
        OperationKind.COMMAND: Kept(Records(store)),
        OperationKind.UNDO: UndoingCommand(store, clock, base.offers, reverting(base)),
    }


def shown(base: Foundation) -> dict[OperationKind, Showing]:
    """Return what makes results that are made when they are looked at."""
    return {OperationKind.EXPORT: ExportShown(base.ports.blobs, base.clock)}
