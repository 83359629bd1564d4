"""Putting notification settings back as they were before a command."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Change, Fields, Stored
from backend.kit.errors import hidden
from backend.notifications.preferences import preferences_fields
from backend.notifications.settings_service import settings_of
from backend.undo.model import Reverted, Touched, digest

NAMES = ("matrix", "quietHours", "urgentPasses", "bundleMinutes", "digests", "workspaces")


class SettingsReverter:
    """Puts back what people set about their notifications; each field not changed since."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def reverting(
        self, actor: Actor, uid: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts the actor's own settings back.

        Raises:
            NotFound: they are another's, or gone with the account.
        """
        reverted = Reverted()
        for each in touched:
            stored = self._store.get(each.path)
            if stored is None or uid != actor.uid:
                raise hidden()
            shown = _as_written(stored)
            change = _back(shown, each, now)
            if change is not None:
                reverted.writes.append(Change(stored, change))
                reverted.touched.append(Touched.changed(shown, change))
            is_back = change is not None or _is_back(shown, each)
            (reverted.undone if is_back else reverted.kept).append(each.path)
        return reverted


def _as_written(stored: Stored) -> Stored:
    """Return the document as it would be written today, whatever app wrote it, and when."""
    return replace(stored, fields=preferences_fields(settings_of(stored).preferences))


def _back(shown: Stored, touched: Touched, now: datetime) -> Fields | None:
    fields = shown.fields
    wanted = {
        name: touched.before[name]
        for name in NAMES
        if name in touched.before and digest(fields[name]) == touched.after[name]
    }
    if not wanted:
        return None
    return {**fields, **wanted, "updatedAt": now, "rev": fields["rev"] + 1}


def _is_back(shown: Stored, touched: Touched) -> bool:
    names = [name for name in NAMES if name in touched.before]
    return any(shown.fields[name] == touched.before[name] for name in names)
