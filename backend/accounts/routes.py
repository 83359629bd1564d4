"""`/users/me` and the caller's devices."""

from typing import Any

from backend.accounts.model import Account, Device
from backend.accounts.schemas import AccountSchema, DeviceListSchema, DeviceSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services

blueprint = ApiBlueprint(
    "accounts", __name__, url_prefix="/api/v1/users/me", description="The caller's own account."
)

ACCOUNT, DEVICE, DEVICES = AccountSchema(), DeviceSchema(), DeviceListSchema()


@blueprint.get("")
@blueprint.response(200, ACCOUNT)
def get_me() -> Account:
    """Return the caller's account. Anybody's first call opens it, with a personal workspace."""
    return services().accounts.me(actor())


@blueprint.get("/devices")
@blueprint.response(200, DEVICES)
def list_devices() -> dict[str, list[Device]]:
    """List the caller's devices, those seen last first."""
    return {"items": services().accounts.devices(actor())}


@blueprint.put("/devices/<device_id>")
@blueprint.arguments(DEVICE)
@blueprint.response(200, DEVICE)
def register_device(registration: dict[str, Any], device_id: str) -> Device:
    """Register a device for pushes, or refresh its registration."""
    return services().accounts.register_device(actor(), device_id, **registration)


@blueprint.delete("/devices/<device_id>")
@blueprint.response(204)
def forget_device(device_id: str) -> None:
    """End pushes to a device."""
    services().accounts.forget_device(actor(), device_id)
