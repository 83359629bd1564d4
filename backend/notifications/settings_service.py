"""What people set about their notifications, by the API; apps also write it themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Fields, Stored, Write
from backend.kit.errors import Stale
from backend.notifications.preferences import (
    Preferences,
    preferences_fields,
    preferences_of,
    preferences_path,
)
from backend.notifications.settings_changes import changed
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """What somebody has set, and when; None and rev 0: they never have."""

    preferences: Preferences
    updated_at: datetime | None

    @property
    def rev(self) -> int:
        """How often they were changed."""
        return self.preferences.rev


class SettingsService:
    """Own notification settings. Every method acts for the person who calls, on their own."""

    def __init__(self, store: Store, clock: Clock, offers: UndoOffers) -> None:
        self._store = store
        self._clock = clock
        self._offers = offers

    def get(self, actor: Actor) -> NotificationSettings:
        """Return the caller's settings; what holds by default where they have set none."""
        return settings_of(self._store.get(preferences_path(actor.uid)))

    def edit(
        self, actor: Actor, changes: Mapping[str, Any], *, expected_rev: int | None = None
    ) -> Done[NotificationSettings]:
        """
        Change some of the caller's settings: `changes` as `settings_changes.changed` takes them.

        What was filed before stays decided as it was.

        Raises:
            Stale: the settings are no longer at `expected_rev`.
            InvalidArgument: what would be left of them makes no sense.
        """
        now = self._clock.now()
        path = preferences_path(actor.uid)
        tried: Done[NotificationSettings] | None = None

        def plan() -> tuple[Done[NotificationSettings], list[Write]]:
            nonlocal tried
            stored = self._store.get(path)
            before = settings_of(stored)
            if tried is not None and before == tried.value:
                return tried, []  # Our own commit took place; only its answer was lost.
            _refuse_stale(before, expected_rev)
            after = changed(before.preferences, changes)
            if after is before.preferences:
                return Done(before, None), []
            after = replace(after, rev=before.rev + 1)
            fields = settings_fields(after, at=now)
            touched = Touched.changed(_as_written(path, before, now), fields)
            offered = self._offers.offer(actor, [touched], now=now)
            tried = Done(NotificationSettings(after, now), offered.token)
            write = Change(stored, fields) if stored else Create(path, fields)
            return tried, [write, *offered.writes]

        done = self._store.commit(plan)
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("settings.edited", rev=done.value.rev))
        return done


def settings_of(stored: Stored | None) -> NotificationSettings:
    """Read settings from their document, which the app may have written under the rules."""
    if stored is None:
        return NotificationSettings(Preferences(), None)
    preferences = preferences_of(stored)
    # Of a document that makes no sense the revision is counted on, or no app could follow it.
    rev, updated_at = stored.fields.get("rev"), stored.fields.get("updatedAt")
    return NotificationSettings(
        replace(preferences, rev=rev if isinstance(rev, int) else 0),
        updated_at if isinstance(updated_at, datetime) else None,
    )


def settings_fields(preferences: Preferences, *, at: datetime) -> Fields:
    """Return the document of settings that were changed at an instant."""
    return {**preferences_fields(preferences), "updatedAt": at}


def _refuse_stale(before: NotificationSettings, expected_rev: int | None) -> None:
    if expected_rev is not None and expected_rev != before.rev:
        raise Stale(
            f"The settings are at revision {before.rev}, not {expected_rev}.", current=before
        )


def _as_written(path: str, before: NotificationSettings, now: datetime) -> Stored:
    """
    Return settings as they would be written today.

    So that an undo puts nothing back that no app may write: no document but the defaults, and no
    former shape. The defaults go on counting revisions, as no tag may stand for two contents.
    """
    return Stored(path, preferences_fields(before.preferences), now)
