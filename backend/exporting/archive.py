"""
Opening an archive that may be damaged, or made to do damage.

Nothing in it is believed before it was looked at: names, sizes and hashes first, then every line
against our own schemas, never against those in the archive. Nothing is unpacked onto a disk.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from backend.exporting.chapters import FOR_READING, Section
from backend.exporting.closing import FORMAT, MANIFEST, VERSION
from backend.exporting.shapes import ID, collection_of, schemas, validator
from backend.kit.errors import InvalidArgument
from backend.kit.ids import is_id
from backend.kit.tagged import stored_bytes, untagged_fields

MOST_ENTRIES = 100_000
LARGEST_MANIFEST = 64 * 1024 * 1024
LARGEST_LINE = 8 * 1024 * 1024  # Tags make a document longer than it is stored.
LARGEST_DOCUMENT = 1024 * 1024 - 8192  # What Firestore takes, path and names included.
LARGEST_WHOLE = 200 * 1024 * 1024 * 1024
# Text that compresses better than this is no text anybody wrote.
MOST_SQUEEZED = 200
SMALL, NO_MATTER = 1024 * 1024, 64 * 1024 * 1024
CHUNK = 1024 * 1024
ENCRYPTED = 0x1
FILE_TYPE, REGULAR = 0o170000, 0o100000

PART = rf"{ID}(?:/{ID})*"
NAME = re.compile(
    r"manifest\.json|README\.txt|info/sign-in\.json|schemas/[A-Za-z.]{1,100}\.schema\.json"
    r"|(?:own|shared|info)/[A-Za-z0-9_.-]{1,100}\.ndjson" + rf"|files/{PART}"
)


class Unfit(InvalidArgument):
    """The archive is damaged, or none of ours, or means harm: nothing of it is taken."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of an archive: where it belongs, and Firestore's values."""

    collection: str
    path: str
    fields: Mapping[str, Any]


class Archive:
    """An archive that was found to be whole, and to be of one person."""

    def __init__(self, opened: ZipFile, manifest: Mapping[str, Any], digest: str) -> None:
        self._zip = opened
        self._entries = manifest["entries"]
        self.uid = str(manifest["uid"])
        self.started_at = datetime.fromisoformat(manifest["startedAt"])
        self.manifest_sha256 = digest

    def documents(self) -> Iterator[Document]:
        """
        Return what can be imported, in a fixed order: one collection after the other, by path.

        Raises:
            Unfit: a document is not of the shape of its collection, or of somebody else.
        """
        for entry in self._own():
            last, number = "", 0
            for number, line in enumerate(self._lines(entry["name"]), 1):
                where = f"{entry['name']}, line {number}"
                document = _document(line, where)
                self._check_place(document, entry["collection"], where)
                if document.path <= last:
                    raise Unfit(f"{where}: documents are not in order, or twice there.")
                last = document.path
                yield document
            if number != entry["documents"]:
                raise Unfit(f"{entry['name']}: the manifest counts other documents.")

    def files(self) -> list[str]:
        """Return the names of the person's own files, as they lie in the bucket."""
        homes = (f"files/workspaces/{self.uid}/", f"files/users/{self.uid}/")
        names = [entry["name"] for entry in self._entries if entry["section"] == "files"]
        return sorted(name.removeprefix("files/") for name in names if name.startswith(homes))

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """Open one of the files."""
        with self._zip.open(f"files/{name}") as file:
            yield file

    def _own(self) -> list[Mapping[str, Any]]:
        found = [entry for entry in self._entries if entry["section"] == Section.OWN.value]
        return sorted(found, key=lambda entry: (entry["collection"], _number(entry["name"])))

    def _lines(self, name: str) -> Iterator[bytes]:
        with self._zip.open(name) as entry:
            while line := entry.readline(LARGEST_LINE):
                if not line.endswith(b"\n"):
                    raise Unfit(f"{name}: a line is too long, or has no end.")
                yield line

    def _check_place(self, document: Document, collection: str, where: str) -> None:
        mine = (f"users/{self.uid}", f"workspaces/{self.uid}")
        root = "/".join(document.path.split("/")[:2])
        if root not in mine or document.collection != collection:
            raise Unfit(f"{where}: this document does not belong here.")
        if collection == "workspaces.members" and not document.path.endswith(f"/{self.uid}"):
            raise Unfit(f"{where}: a membership of somebody else.")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """
    Open an archive, after every size and hash in it was found to be right.

    Raises:
        Unfit: it is not to be used, and why.
    """
    try:
        with ZipFile(path) as archive:
            infos = _checked_entries(archive, path.stat().st_size)
            manifest, digest = _manifest(archive, infos)
            _check_hashes(archive, infos, manifest)
            yield Archive(archive, manifest, digest)
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise Unfit(f"This is no whole zip archive ({type(error).__name__}).") from error


def _checked_entries(archive: ZipFile, size: int) -> dict[str, ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        raise Unfit("There are too many entries in it.")
    named = {info.filename: info for info in infos}
    if len(named) != len(infos):
        raise Unfit("Two entries have the same name.")
    for info in infos:
        _check_entry(info)
    unpacked = sum(info.file_size for info in infos)
    # Entries may lie on top of each other, so that each looks harmless.
    if unpacked > LARGEST_WHOLE or unpacked > NO_MATTER + MOST_SQUEEZED * size:
        raise Unfit("It is too large.")
    return named


def _check_entry(info: ZipInfo) -> None:
    # What the entry calls itself before zipfile made it harmless, such as by cutting at a NUL.
    name = info.orig_filename
    if name != info.filename or not NAME.fullmatch(name):
        raise Unfit("An entry has a name that none of ours has.")
    kind = (info.external_attr >> 16) & FILE_TYPE
    if kind not in (0, REGULAR) or info.flag_bits & ENCRYPTED:
        raise Unfit(f"{name}: this is no plain file.")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Unfit(f"{name}: packed in a way that none of ours is.")
    if info.file_size > SMALL and info.file_size > MOST_SQUEEZED * info.compress_size:
        raise Unfit(f"{name}: this would unpack to more than anybody wrote.")


def _manifest(archive: ZipFile, infos: Mapping[str, ZipInfo]) -> tuple[dict[str, Any], str]:
    info = infos.get(MANIFEST)
    if info is None or info.file_size > LARGEST_MANIFEST:
        raise Unfit("It has no manifest of ours.")
    text = archive.read(info)
    try:
        manifest = json.loads(text)
        _check_manifest(manifest)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unfit("Its manifest cannot be read.") from error
    return manifest, hashlib.sha256(text).hexdigest()


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    if manifest["format"] != FORMAT or manifest["version"] != VERSION:
        raise Unfit(f"It is not in version {VERSION} of our format.")
    if not is_id(manifest["uid"]):
        raise ValueError("uid")
    if datetime.fromisoformat(manifest["startedAt"]).tzinfo is None:
        raise ValueError("startedAt")
    for entry in manifest["entries"]:
        if type(entry["bytes"]) is not int or not isinstance(entry["sha256"], str):
            raise TypeError("entry")
        if not entry["name"].startswith(f"{entry['section']}/") and entry["section"] != "text":
            raise ValueError("section")
        if entry["section"] == Section.OWN.value:
            _check_own(entry)


def _check_own(entry: Mapping[str, Any]) -> None:
    name, collection = entry["name"], entry["collection"]
    if collection not in schemas() or collection in FOR_READING:
        raise Unfit(f"{name}: there is no such collection to import.")
    if not re.fullmatch(rf"own/{re.escape(collection)}(\.[1-9][0-9]{{0,8}})?\.ndjson", name):
        raise ValueError("name")
    if type(entry["documents"]) is not int:
        raise TypeError("documents")


def _check_hashes(
    archive: ZipFile, infos: Mapping[str, ZipInfo], manifest: Mapping[str, Any]
) -> None:
    listed = {entry["name"]: entry for entry in manifest["entries"]}
    if set(listed) != set(infos) - {MANIFEST} or len(listed) != len(manifest["entries"]):
        raise Unfit("It does not hold what its manifest lists.")
    for name, entry in listed.items():
        if infos[name].file_size != entry["bytes"] or _sha256(archive, name) != entry["sha256"]:
            raise Unfit(f"{name}: this was changed since it was exported.")


def _sha256(archive: ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as entry:
        while chunk := entry.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _document(line: bytes, where: str) -> Document:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Unfit(f"{where}: this is no line of JSON.") from error
    path = parsed.get("path") if isinstance(parsed, dict) else None
    collection = collection_of(path) if isinstance(path, str) else ""
    if collection not in schemas():
        raise Unfit(f"{where}: there is no such collection.")
    _check_shape(collection, parsed, where)
    try:
        fields = untagged_fields(parsed["data"])
    except ValueError as error:
        raise Unfit(f"{where}: a value that is none of ours.") from error
    if stored_bytes(fields) > LARGEST_DOCUMENT:
        raise Unfit(f"{where}: a document larger than any can be.")
    return Document(collection, parsed["path"], fields)


def _check_shape(collection: str, parsed: Mapping[str, Any], where: str) -> None:
    try:
        fault = next(iter(validator(collection).iter_errors(parsed)), None)
    except RecursionError as error:
        raise Unfit(f"{where}: nested too deeply.") from error
    if fault is not None:  # Where, never what: the words are somebody's.
        raise Unfit(f"{where}: {fault.json_path} is not as its schema says.")
    if not all(map(is_id, parsed["path"].split("/"))):
        raise Unfit(f"{where}: a path that none of ours is.")


def _number(name: str) -> int:
    found = re.search(r"\.([0-9]+)\.ndjson$", name)
    return int(found[1]) if found else 1
