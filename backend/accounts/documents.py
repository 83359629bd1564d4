"""Accounts and devices as documents."""

from backend.accounts.model import Account, Device, Platform
from backend.kit.documents import Fields, Stored


def account_path(uid: str) -> str:
    """Return where the account of `uid` lies."""
    return f"users/{uid}"


def devices_path(uid: str) -> str:
    """Return the collection of somebody's devices."""
    return f"users/{uid}/devices"


def account_fields(account: Account) -> Fields:
    """Return the document of an account."""
    return {
        "displayName": account.display_name,
        "photoUrl": account.photo_url,
        "locale": account.locale,
        "timezone": account.timezone,
        "weekStart": account.week_start,
        "state": account.state,
        "isGuest": account.is_guest,
        "expireAt": account.expire_at,
        "eraseAt": account.erase_at,
        "createdAt": account.created_at,
        "updatedAt": account.updated_at,
        "rev": account.rev,
    }


def account_of(stored: Stored) -> Account:
    """Read an account from its document."""
    fields = stored.fields
    return Account(
        uid=stored.id,
        display_name=fields["displayName"],
        photo_url=fields["photoUrl"],
        locale=fields["locale"],
        timezone=fields["timezone"],
        week_start=fields["weekStart"],
        state=fields["state"],
        is_guest=fields["isGuest"],
        expire_at=fields.get("expireAt"),
        erase_at=fields.get("eraseAt"),
        created_at=fields["createdAt"],
        updated_at=fields["updatedAt"],
        rev=fields["rev"],
    )


def device_fields(device: Device) -> Fields:
    """Return the document of a device."""
    return {
        "token": device.token,
        "platform": device.platform.value,
        "locale": device.locale,
        "timezone": device.timezone,
        "lastSeenAt": device.last_seen_at,
        "disabledAt": device.disabled_at,
    }


def device_of(stored: Stored) -> Device:
    """Read a device from its document, which the app may have written itself under the rules."""
    fields = stored.fields
    return Device(
        id=stored.id,
        token=fields["token"],
        platform=Platform(fields["platform"]),
        locale=fields["locale"],
        timezone=fields["timezone"],
        last_seen_at=fields["lastSeenAt"],
        disabled_at=fields["disabledAt"],
    )
