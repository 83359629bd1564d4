"""What is done at length, step by step, by kind of operation."""

from backend.bootstrap.foundation import Foundation
from backend.exporting.exporter import Exporter
from backend.exporting.service import ExportShown
from backend.guests.copying import Copying
from backend.guests.removal import Removal
from backend.guests.undoing import Undoing
from backend.operations.model import OperationKind
from backend.operations.running import Work
from backend.operations.service import Showing


def works(base: Foundation) -> dict[OperationKind, Work]:
    """Return what does the steps of each kind."""
    store, clock, ports = base.store, base.clock, base.ports
    removal = Removal(store, base.reactors.tasks)
    return {
        OperationKind.MERGE_GUEST: Copying(store, clock, base.recovery),
        OperationKind.UNDO_MERGE: Undoing(store, clock, removal, base.recovery),
        OperationKind.EXPORT: Exporter(store, clock, ports.blobs, ports.credentials),
    }


def shown(base: Foundation) -> dict[OperationKind, Showing]:
    """Return what makes results that are made when they are looked at."""
    return {OperationKind.EXPORT: ExportShown(base.ports.blobs, base.clock)}
