"""`/users/me` and the caller's devices."""

from typing import Any

from backend.accounts import examples
from backend.accounts.model import Account, Device
from backend.accounts.schemas import (
    AccountChangesSchema,
    AccountSchema,
    DevicePageSchema,
    DeviceSchema,
    RegistrationSchema,
)
from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match, revision_tag
from backend.web.context import actor, services
from backend.web.limits import costs
from backend.web.requirements import registered_only
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "accounts", __name__, url_prefix="/api/v1/users/me", description="The caller's own account."
)

ACCOUNT, ACCOUNT_CHANGES = AccountSchema(), AccountChangesSchema()
REGISTRATION, DEVICE, DEVICES = RegistrationSchema(), DeviceSchema(), DevicePageSchema()

Answer = tuple[Account, int, dict[str, str]]

blueprint.register_error_handler(Stale, answering_stale(ACCOUNT))


@blueprint.get("")
@blueprint.response(200, ACCOUNT, example=examples.ACCOUNT)
def get_me() -> Answer:
    """
    Return the caller's account.

    Anybody's first call opens it, with a personal workspace. `ETag` is its revision, which any
    change counts up.
    """
    return _tagged(services().accounts.me(actor()))


@blueprint.patch("")
@blueprint.arguments(ACCOUNT_CHANGES, example=examples.ACCOUNT_CHANGES)
@blueprint.response(200, ACCOUNT, example=examples.CHANGED_ACCOUNT)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_me(changes: dict[str, Any]) -> Answer:
    """
    Change the fields given.

    A JSON merge patch: what is left out stays; `"photoUrl": null` takes the photo away. A new name
    or photo reaches the members of every workspace within moments. Changes that change nothing
    leave `rev` as it is.
    """
    done = services().accounts.edit(actor(), changes, expected_rev=if_match())
    account, status, headers = _tagged(done.value)
    return account, status, {**headers, **undo_header(done.undo)}


@blueprint.delete("/sessions")
@costs(5)
@registered_only
@blueprint.response(204)
def end_sessions() -> None:
    """
    Sign out everywhere, here too.

    ID tokens of before are refused with `token-revoked`: at once where an act is dangerous, within
    a minute elsewhere. All devices are forgotten. Guests could never sign in again: 403.
    """
    services().sessions.end(actor())


@blueprint.get("/devices")
@blueprint.response(200, DEVICES, example=examples.DEVICES)
def list_devices() -> Page[Device]:
    """
    List the caller's devices, those seen last first.

    All on one page, 20 at the most. `disabledAt` tells since when FCM takes nothing for a device.
    """
    return Page(services().accounts.devices(actor()))


@blueprint.put("/devices/<device_id>")
@blueprint.arguments(REGISTRATION, example=examples.REGISTRATION)
@blueprint.response(200, DEVICE, example=examples.DEVICE)
def register_device(registration: dict[str, Any], device_id: str) -> Device:
    """
    Register a device for pushes, or refresh its registration.

    `token` is the FCM registration token, and is never shown again. Who has 20 devices loses the
    one not seen for longest; a token that somebody else registered before is theirs no longer. The
    person's other devices are told of a new one.
    """
    return services().accounts.register_device(actor(), device_id, **registration)


@blueprint.delete("/devices/<device_id>")
@blueprint.response(204)
def forget_device(device_id: str) -> None:
    """
    End pushes to a device.

    Where there is none of this id: 404.
    """
    services().accounts.forget_device(actor(), device_id)


def _tagged(account: Account) -> Answer:
    return account, 200, revision_tag(account.rev)
