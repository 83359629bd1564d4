"""`/users/me/settings/notifications`."""

from typing import Any

from backend.kit.errors import Stale
from backend.notifications import settings_examples as examples
from backend.notifications.settings_schemas import (
    NotificationSettingsChangesSchema,
    NotificationSettingsSchema,
)
from backend.notifications.settings_service import NotificationSettings
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match, revision_tag
from backend.web.context import actor, services
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "settings",
    __name__,
    url_prefix="/api/v1/users/me/settings",
    description="What the caller wants to be told of, by which channel, and when.",
)

SETTINGS, SETTINGS_CHANGES = NotificationSettingsSchema(), NotificationSettingsChangesSchema()

Answer = tuple[NotificationSettings, int, dict[str, str]]

blueprint.register_error_handler(Stale, answering_stale(SETTINGS))


@blueprint.get("/notifications")
@blueprint.response(200, SETTINGS, example=examples.SETTINGS)
def get_notification_settings() -> Answer:
    """
    Return the caller's notification settings.

    `matrix` is complete: where nothing was chosen it shows what holds. `ETag` is their revision.
    """
    return _tagged(services().notification_settings.get(actor()))


@blueprint.patch("/notifications")
@blueprint.arguments(SETTINGS_CHANGES, example=examples.SETTINGS_CHANGES)
@blueprint.response(200, SETTINGS, example=examples.CHANGED_SETTINGS)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_notification_settings(changes: dict[str, Any]) -> Answer:
    """
    Change the settings given.

    A JSON merge patch, also inside of `matrix`, `quietHours`, `digests` and `workspaces`: what is
    left out stays, and null is the default again. The next notification goes by it. Changes that
    change nothing leave `rev` as it is.
    """
    done = services().notification_settings.edit(actor(), changes, expected_rev=if_match())
    settings, status, headers = _tagged(done.value)
    return settings, status, {**headers, **undo_header(done.undo)}


def _tagged(settings: NotificationSettings) -> Answer:
    return settings, 200, revision_tag(settings.rev)
