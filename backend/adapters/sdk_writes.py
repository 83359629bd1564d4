"""Our writes as the SDK's batches know them."""

from typing import Any

from google.cloud import firestore

from backend.kit.documents import (
    Adjust,
    Bump,
    Change,
    Create,
    Fields,
    Increment,
    Put,
    Remove,
    Stored,
    Unchanged,
    Withdraw,
    Write,
)


def add_write(  # noqa: C901 - a line or two for each kind.
    client: firestore.Client, batch: firestore.WriteBatch, write: Write
) -> None:
    """Add a write to a batch, with its precondition."""
    match write:
        case Create(path, fields):
            batch.create(client.document(path), _sdk(fields))
        case Change(of, fields):
            batch.update(client.document(of.path), _sdk(fields), _unless_moved(client, of))
        case Adjust(path, fields):
            batch.set(client.document(path), _sdk(fields), merge=True)
        case Put(path, fields):
            batch.set(client.document(path), _sdk(fields))
        case Bump(path, fields):
            batch.update(client.document(path), _dotted(fields))
        case Remove(of):
            batch.delete(client.document(of.path), _unless_moved(client, of))
        case Withdraw(path):
            batch.delete(client.document(path))
        case Unchanged(of):
            # A write that changes nothing keeps the update time, and rings no doorbell.
            name = "rev" if "rev" in of.fields else next(iter(of.fields))
            batch.update(
                client.document(of.path), {name: of.fields[name]}, _unless_moved(client, of)
            )


def _unless_moved(client: firestore.Client, seen: Stored) -> Any:
    return client.write_option(last_update_time=seen.updated_at)


def _sdk(value: Any) -> Any:
    """Turn our transforms into the SDK's, at any depth."""
    match value:
        case Increment(by):
            return firestore.Increment(by)
        case dict():
            return {key: _sdk(inner) for key, inner in value.items()}
        case _:
            return value


def _dotted(fields: Fields) -> dict[str, Any]:
    """Name what lies inside of maps by its path, so that the rest of a map stays."""
    found: dict[str, Any] = {}
    for outer, inner in fields.items():
        if isinstance(inner, dict):
            found |= {f"{outer}.{name}": _sdk(value) for name, value in inner.items()}
        else:
            found[outer] = _sdk(inner)
    return found
