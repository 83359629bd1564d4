"""`/users/me` and the caller's devices."""

from typing import Any

from backend.accounts import examples
from backend.accounts.model import Account, Device
from backend.accounts.schemas import (
    AccountSchema,
    DevicePageSchema,
    DeviceSchema,
    RegistrationSchema,
)
from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services

blueprint = ApiBlueprint(
    "accounts", __name__, url_prefix="/api/v1/users/me", description="The caller's own account."
)

ACCOUNT, REGISTRATION = AccountSchema(), RegistrationSchema()
DEVICE, DEVICES = DeviceSchema(), DevicePageSchema()


@blueprint.get("")
@blueprint.response(200, ACCOUNT, example=examples.ACCOUNT)
def get_me() -> Account:
    """
    Return the caller's account.

    Anybody's first call opens it, with a personal workspace.
    """
    return services().accounts.me(actor())


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

    `token` is the FCM registration token, and is never shown again. Pushes go to the 20 devices
    seen last.
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
