"""Archives as the exporter writes them, and as a forger would: with hashes and counts that fit."""

import hashlib
import io
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from backend.exporting.archive import opened
from backend.exporting.batches import Batch, Place
from backend.exporting.chapters import Placed, Section
from backend.exporting.closing import write_rest
from backend.exporting.segments import Segment
from backend.operations.model import Operation, OperationKind
from tests.rules.documents import member, stored_task, user, workspace
from tests.rules.work_documents import STORED, new_comment

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TASKS = "own/workspaces.tasks.ndjson"
LONG = random.Random(1).randbytes(550_000).hex().encode()  # Hardly to be squeezed.
FILE = "workspaces/ann/tasks/t1/attachments/a1"
DOCUMENTS: dict[str, dict[str, Any]] = {
    "users/ann": user("ann"),
    "workspaces/ann": workspace("ann", "personal"),
    "workspaces/ann/members/ann": member("ann", "owner"),
    "workspaces/ann/tasks/t1": stored_task("ann"),
    "workspaces/ann/tasks/t2": stored_task("ann"),
    "workspaces/ann/tasks/t1/comments/c1": new_comment("ann", **STORED),
}


def write(path: Path, documents: dict[str, dict[str, Any]]) -> Path:
    batch = Batch(1, Place())
    for where, data in sorted(documents.items()):
        batch.take(Placed(Section.OWN, ".".join(where.split("/")[::2]), where, data))
    segment = Segment(begins_at=0, dated=NOW)
    batch.write_into(segment)
    segment.add(f"files/{FILE}", io.BytesIO(b"a plan"), section="files")
    operation = Operation.started("o1", OperationKind.EXPORT, uid="ann", at=NOW)
    write_rest(segment, [], operation, None)
    file, _ = segment.closed([])
    file.seek(0)
    path.write_bytes(file.read())
    return path


def rewritten(
    path: Path,
    change: Callable[[dict[str, bytes]], None],
    *,
    is_listed: bool = True,
    **manifest: Any,
) -> Path:
    """The archive with other entries; its manifest is made to fit them, as a forger would."""
    with ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    if is_listed and "manifest.json" in entries:
        entries["manifest.json"] = _fitting(entries, manifest)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def _fitting(entries: dict[str, bytes], changes: dict[str, Any]) -> bytes:
    manifest = json.loads(entries["manifest.json"])
    known = {entry["name"]: entry for entry in manifest["entries"]}
    manifest["entries"] = []
    for name, content in entries.items():
        if name == "manifest.json":
            continue
        section = name.split("/")[0] if "/" in name else "text"
        is_lines = "/" in name and name.endswith(".ndjson")
        entry = known.get(name) or {
            "name": name,
            "section": section,
            "collection": name.split("/")[1].removesuffix(".ndjson") if is_lines else None,
        }
        documents = content.count(b"\n") if is_lines else None
        digest = hashlib.sha256(content).hexdigest()
        manifest["entries"].append(
            entry | {"documents": documents, "bytes": len(content), "sha256": digest}
        )
    return json.dumps(manifest | changes).encode()


def replaced(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        assert old in entries[name]
        entries[name] = entries[name].replace(old, new)

    return change


def added(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda entries: entries.update({name: content})


def take(path: Path) -> list[str]:
    """Read all that an import would, and return the paths of the documents."""
    with opened(path) as archive:
        for name in archive.files():
            with archive.file(name) as file:
                file.read()
        return [document.path for document in archive.documents()]
