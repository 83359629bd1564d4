"""What an archive ends with: schemas, a word for people, and the manifest of it all."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from io import BytesIO
from typing import Any

from backend.adapters.credentials import Credential
from backend.exporting.batches import totals
from backend.exporting.segments import Entry, Segment
from backend.exporting.shapes import schemas
from backend.operations.model import Operation

FORMAT, VERSION = "taskflow-export", 1
MANIFEST, README = "manifest.json", "README.txt"

WORDS = """\
This is everything that TaskFlow keeps about one person.

own/      your account and your personal workspace, a file for each collection, a document a line
shared/   what you wrote, or were asked to do, in workspaces of others, and your memberships
info/     your sign-in, devices and past operations; for reading only
files/    files you attached, under the paths of the attachments they belong to
schemas/  what the lines of each collection look like (JSON Schema)
manifest.json   every other file, with its size and SHA-256

A line is {"path": ..., "data": {...}}. Values that JSON lacks are maps with one tag, such as
{"$timestamp": "2026-11-21T09:30:00.000000Z"}; see docs/export.md of TaskFlow.
Documents were read one after the other, so changes made meanwhile may be in some of them only.
Left out: tokens of your devices, which open doors, and invitations you sent, which hold the
addresses of others.
"""


def write_rest(
    segment: Segment, before: Sequence[Entry], operation: Operation, credential: Credential | None
) -> str:
    """Write what comes last into the last segment; return the manifest's SHA-256."""
    if credential is not None:
        segment.add("info/sign-in.json", _json(_sign_in(credential)), section="info")
    collections = sorted({entry.collection for entry in before if entry.collection})
    known = schemas()
    for collection in collections:
        if collection in known:
            name = f"schemas/{collection}.schema.json"
            segment.add(name, _json(known[collection]), section="schemas")
    segment.add(README, BytesIO(WORDS.encode()), section="text")
    manifest = _manifest([*before, *segment.entries], operation)
    segment.add(MANIFEST, manifest, section="manifest")
    return hashlib.sha256(manifest.getvalue()).hexdigest()


def _manifest(entries: Sequence[Entry], operation: Operation) -> BytesIO:
    listed = sorted((entry.in_manifest() for entry in entries), key=lambda entry: entry["name"])
    return _json(
        {
            "format": FORMAT,
            "version": VERSION,
            "uid": operation.uid,
            "startedAt": operation.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "documents": totals(listed),
            "entries": listed,
        }
    )


def _sign_in(credential: Credential) -> dict[str, Any]:
    return {
        "uid": credential.uid,
        "email": credential.email,
        "emailVerified": credential.email_verified,
        "displayName": credential.display_name,
        "photoUrl": credential.photo_url,
        "createdAt": credential.created_at.astimezone(UTC).isoformat(),
    }


def _json(value: Any) -> BytesIO:
    return BytesIO(json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n")
