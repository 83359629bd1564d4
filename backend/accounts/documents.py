"""Accounts and devices as documents."""

from collections.abc import Sequence
from datetime import datetime

from backend.accounts.model import (
    MAX_KNOWN_DEVICES,
    Account,
    Device,
    KnownDevice,
    Platform,
)
from backend.kit.documents import Change, Fields, Stored, reading
from backend.kit.ids import derived_id


def account_path(uid: str) -> str:
    """Return where the account of `uid` lies."""
    return f"users/{uid}"


def devices_path(uid: str) -> str:
    """Return the collection of somebody's devices."""
    return f"users/{uid}/devices"


def device_path(uid: str, device_id: str) -> str:
    """Return where a device lies."""
    return f"{devices_path(uid)}/{device_id}"


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
    """
    Read an account from its document, parts of which the app writes itself under the rules.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
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


def changing(stored: Stored, account: Account) -> Change:
    """Return the write of what differs between an account and what was stored of it."""
    fields = account_fields(account)
    differing = {n: value for n, value in fields.items() if stored.fields.get(n) != value}
    return Change(stored, differing)


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
    """
    Read a device from its document, which the app may have written itself under the rules.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        token, last_seen_at = fields["token"], fields["lastSeenAt"]
        if not isinstance(token, str) or not isinstance(last_seen_at, datetime):
            raise TypeError("a device has a token, and was seen at some time")
        return Device(
            id=stored.id,
            token=token,
            platform=Platform(fields["platform"]),
            locale=fields["locale"],
            timezone=fields["timezone"],
            last_seen_at=last_seen_at,
            disabled_at=fields["disabledAt"],
        )


def known_devices_path(uid: str) -> str:
    """Return where it stands which devices somebody has been told of."""
    return f"shadows/{derived_id('devices', uid)}"


def known_devices_fields(uid: str, known: Sequence[KnownDevice]) -> Fields:
    """Return that document: the newest last, and the oldest forgotten in the end."""
    listed = [{"id": each.id, "platform": each.platform.value, "at": each.at} for each in known]
    return {"uid": uid, "known": listed[-MAX_KNOWN_DEVICES:]}


def known_devices_of(stored: Stored | None) -> tuple[KnownDevice, ...]:
    """
    Read which devices somebody has been told of; none where nothing is stored.

    Raises:
        DataLoss: what is stored is no such list.
    """
    if stored is None:
        return ()
    with reading(stored) as fields:
        return tuple(
            KnownDevice(each["id"], Platform(each["platform"]), each["at"])
            for each in fields["known"]
        )
