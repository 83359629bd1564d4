"""Archives that are damaged, forged or hostile: nothing of them is taken."""

import struct
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZipFile, ZipInfo

import pytest

from backend.exporting import archive as archives
from backend.exporting.archive import Unfit, opened
from tests.unit.forging import (
    DOCUMENTS,
    FILE,
    LONG,
    NOW,
    TASKS,
    added,
    replaced,
    rewritten,
    take,
    write,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive as the exporter writes it."""
    return write(tmp_path / "ann.zip", DOCUMENTS)


class TestOurs:
    """What the exporter wrote."""

    def test_it_is_taken(self, path: Path):
        """Every document, values and all, and the files."""
        with opened(path) as archive:
            found = {document.path: dict(document.fields) for document in archive.documents()}
            with archive.file(FILE) as file:
                content = file.read()

        assert DOCUMENTS == found
        assert (b"a plan", [FILE]) == (content, archive.files())
        assert ("ann", NOW) == (archive.uid, archive.started_at)

    def test_made_to_fit_it_is_still_taken(self, path: Path):
        """The forger below forges well: it is not for its mistakes that the others are refused."""
        assert sorted(DOCUMENTS) == sorted(take(rewritten(path, lambda entries: None)))


class TestDamage:
    """What happens on the way."""

    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
    def test_a_part_of_it_is_refused(self, path: Path, share: float):
        """A download that ended early."""
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

        with pytest.raises(Unfit):
            take(path)

    def test_any_flipped_byte_of_a_file_is_found(self, path: Path):
        """By its CRC, or by the manifest."""
        content = bytearray(path.read_bytes())
        content[content.index(b"a plan") + 2] ^= 1
        path.write_bytes(content)

        with pytest.raises(Unfit):
            take(path)

    def test_something_else_is_refused(self, path: Path):
        """No zip at all."""
        path.write_bytes(b"%PDF-1.7 " * 1000)

        with pytest.raises(Unfit, match="no whole zip"):
            take(path)

    def test_a_file_that_is_not_there_is_refused(self, path: Path):
        """In words, not with a trace."""
        with pytest.raises(Unfit):
            take(path.with_name("nothing.zip"))

    @pytest.mark.parametrize("name", [TASKS, f"files/{FILE}", "README.txt", "manifest.json"])
    def test_a_missing_entry_is_found(self, path: Path, name: str):
        """Whichever it is."""
        with pytest.raises(Unfit, match=r"manifest"):
            take(rewritten(path, lambda entries: entries.pop(name), is_listed=False))

    def test_an_added_entry_is_found(self, path: Path):
        """One that the manifest does not list."""
        change = added("own/workspaces.boards.ndjson", b"")

        with pytest.raises(Unfit, match="manifest lists"):
            take(rewritten(path, change, is_listed=False))

    def test_a_changed_entry_is_found(self, path: Path):
        """Of the same length, with a CRC to match."""
        change = replaced(TASKS, b"Water the plants", b"Water the planet")

        with pytest.raises(Unfit, match="was changed"):
            take(rewritten(path, change, is_listed=False))


class TestNames:
    """Entries that want to be somewhere else."""

    @pytest.mark.parametrize(
        "name",
        [
            "../own/users.ndjson",
            "own/../../etc/passwd",
            "/etc/passwd",
            "C:\\autoexec.bat",
            "own\\users.ndjson",
            "own/users.ndjson/",
            "files/../../../root/.bashrc",
            "files/workspaces/ann/tasks/t1/attachments/..",
            "files//workspaces",
            "files/a%2e%2e/b",
            "schemas/evil.py",
            ".hidden",
            "own/üsers.ndjson",
        ],
    )
    def test_a_name_none_of_ours_has_is_refused(self, path: Path, name: str):
        """Nothing is unpacked anyway; who tries it means no good."""
        with pytest.raises(Unfit):
            take(rewritten(path, added(name, b"x\n")))

    def test_a_name_that_ends_early_is_refused(self, path: Path):
        """One that some readers cut at its NUL."""
        rewritten(path, added("own/users.settings.ndjson?.txt", b"x\n"), is_listed=False)
        path.write_bytes(path.read_bytes().replace(b"ndjson?", b"ndjson\0"))

        with pytest.raises(Unfit, match="name that none"):
            take(path)

    def test_the_same_name_twice_is_refused(self, path: Path):
        """One to be checked, the other to be read."""
        with ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(TASKS, b"{}\n")

        with pytest.raises(Unfit, match="same name"):
            take(path)

    def test_a_link_is_refused(self, path: Path):
        """Something that is no plain file."""
        info = ZipInfo("own/users.settings.ndjson")
        info.external_attr = 0o120777 << 16
        with ZipFile(path, "a") as archive:
            archive.writestr(info, "/etc/passwd")

        with pytest.raises(Unfit, match="no plain file"):
            take(path)

    def test_an_encrypted_entry_is_refused(self, path: Path):
        """Its flag is set in the directory."""
        content = bytearray(path.read_bytes())
        at = content.index(b"PK\x01\x02") + 8
        struct.pack_into("<H", content, at, 1)
        path.write_bytes(content)

        with pytest.raises(Unfit, match="no plain file"):
            take(path)

    def test_another_packing_is_refused(self, path: Path):
        """Decoders nobody needs here are not run."""
        with ZipFile(path, "a", ZIP_BZIP2) as archive:
            archive.writestr("own/users.settings.ndjson", b"{}\n")

        with pytest.raises(Unfit, match="packed"):
            take(path)


class TestSize:
    """Little that becomes much."""

    def test_a_bomb_is_refused(self, path: Path):
        """Before a byte of it is unpacked."""
        with pytest.raises(Unfit, match="unpack"):
            take(rewritten(path, added("own/users.settings.ndjson", b" " * 30_000_000)))

    def test_a_size_that_is_a_lie_is_found(self, path: Path):
        """An entry that says it is small unpacks to no more than that."""
        rewritten(path, added("own/users.settings.ndjson", b" " * 30_000_000))
        content = path.read_bytes()
        path.write_bytes(content.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 1000)))

        with pytest.raises(Unfit):
            take(path)

    def test_many_entries_are_refused(self, path: Path, monkeypatch: pytest.MonkeyPatch):
        """More than an export could have."""
        monkeypatch.setattr(archives, "MOST_ENTRIES", 3)

        with pytest.raises(Unfit, match="too many"):
            take(path)

    def test_entries_on_top_of_each_other_are_refused(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """Each looks harmless, and all together unpack to more than there is room for."""
        monkeypatch.setattr(archives, "MOST_SQUEEZED", 1)
        monkeypatch.setattr(archives, "NO_MATTER", 0)

        with pytest.raises(Unfit, match="too large"):
            take(path)

    def test_a_large_whole_is_refused(self, path: Path, monkeypatch: pytest.MonkeyPatch):
        """By the sum of what its entries say."""
        monkeypatch.setattr(archives, "LARGEST_WHOLE", 100)

        with pytest.raises(Unfit, match="too large"):
            take(path)

    def test_a_long_line_is_refused(self, path: Path, monkeypatch: pytest.MonkeyPatch):
        """Longer than a document can be."""
        monkeypatch.setattr(archives, "LARGEST_LINE", 100)

        with pytest.raises(Unfit, match="too long"):
            take(path)

    def test_a_large_manifest_is_refused(self, path: Path, monkeypatch: pytest.MonkeyPatch):
        """It is the one thing read at once."""
        monkeypatch.setattr(archives, "LARGEST_MANIFEST", 10)

        with pytest.raises(Unfit, match="no manifest"):
            take(path)


class TestManifests:
    """Manifests that are none."""

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"null",
            b"[]",
            b"{}",
            b"{" * 100_000,
            b"[" * 100_000,
            b'{"format": "taskflow-export", "version": 1, "uid": "ann"}',
            b"\xff\xfe",
        ],
    )
    def test_what_cannot_be_read_is_refused(self, path: Path, content: bytes):
        """In words."""
        with pytest.raises(Unfit):
            take(rewritten(path, added("manifest.json", content), is_listed=False))

    @pytest.mark.parametrize(
        "changes",
        [
            {"format": "other"},
            {"version": 2},
            {"uid": "a/b"},
            {"uid": ".."},
            {"uid": None},
            {"uid": ["ann"]},
            {"startedAt": "yesterday"},
            {"startedAt": "2026-11-21T09:30:00"},
        ],
        ids=str,
    )
    def test_another_format_is_refused(self, path: Path, changes: dict[str, Any]):
        """A version we do not know, or a person who cannot be."""
        with pytest.raises(Unfit):
            take(rewritten(path, lambda entries: None, **changes))

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("own/timers.ndjson", b'{"path":"timers/t1","data":{}}\n'),
            ("own/shadows.ndjson", b'{"path":"shadows/t1","data":{}}\n'),
            ("own/users.devices.ndjson", b'{"path":"users/ann/devices/d","data":{}}\n'),
            ("own/staff.ndjson", b'{"path":"staff/ann","data":{"role":"admin"}}\n'),
        ],
    )
    def test_a_collection_that_is_not_imported_is_refused(
        self, path: Path, name: str, content: bytes
    ):
        """Nobody becomes an admin by an archive."""
        with pytest.raises(Unfit, match="no such collection"):
            take(rewritten(path, added(name, content)))


class TestDocuments:
    """Lines that are well hashed and still wrong."""

    @pytest.mark.parametrize(
        ("old", "new", "why"),
        [
            (b"workspaces/ann/tasks/t2", b"workspaces/bob/tasks/t2", "does not belong"),
            (b"workspaces/ann/tasks/t2", b"workspaces/ann2/tasks/t2", "does not belong"),
            (b"workspaces/ann/tasks/t2", b"workspaces/ann/boards/b2", "not as its schema|belong"),
            (b"workspaces/ann/tasks/t2", b"workspaces/ann/tasks/../t2", "no such|not as"),
            (b"workspaces/ann/tasks/t2", b"workspaces/ann/tasks/__t__", "a path"),
            (b"workspaces/ann/tasks/t2", b"timers/t2", "no such collection"),
            (b"workspaces/ann/tasks/t2", b"workspaces/ann/tasks/t1", "twice"),
            (b"workspaces/ann/tasks/t2", b"workspaces/ann/tasks/t0", "order"),
            (b'"priority":2', b'"priority":"high"', "not as its schema"),
            (b'"priority":2', b'"priority":NaN', "not as its schema"),
            (b'"rev":3', b'"rev":{"$integer":"5"}', "not as its schema"),
            (b'"counters":{}', b'"counters":{"$unknown":"x"}', "none of ours"),
            (b'"counters":{}', b'"counters":{"$timestamp":"now"}', "none of ours"),
            (b'"counters":{}', b'"counters":' + b'{"a":' * 40 + b"1" + b"}" * 40, "none of ours"),
            (b'"counters":{}', b'"counters":' + b"[" * 60_000, "no line of JSON"),
            (b'"counters":{}', b'"counters":{"__name__":1}', "none of ours"),
            (b'"counters":{}', b'"counters":{"a":"\\ud800"}', "none of ours"),
            (b'"counters":{}', b'"counters":{"a":[[1]]}', "none of ours"),
            (b'"counters":{}', b'"counters":{"a":"' + LONG + b'"}', "larger than"),
            (b'"data":', b'"date":', "not as its schema"),
            (b'{"data"', b'["data"', "no line of JSON"),
            (b'"isOverdue":false', b'"isOverdue":false,"role":"owner"', "not as its schema"),
        ],
        ids=range(22),
    )
    def test_a_wrong_document_is_refused(self, path: Path, old: bytes, new: bytes, why: str):
        """With the place where it stands, and none of its words."""
        with pytest.raises(Unfit, match=why) as refused:
            take(rewritten(path, replaced(TASKS, old, new)))

        assert "Water" not in refused.value.detail

    def test_a_membership_of_somebody_else_is_refused(self, path: Path):
        """It would let them in."""
        change = replaced("own/workspaces.members.ndjson", b"members/ann", b"members/eve")

        with pytest.raises(Unfit, match="somebody else"):
            take(rewritten(path, change))

    def test_a_last_line_without_an_end_is_refused(self, path: Path):
        """Somebody cut it."""
        with pytest.raises(Unfit, match="no end"):
            take(rewritten(path, added(TASKS, b'{"path": "workspaces/ann/tasks/t1"')))

    def test_a_wrong_count_is_found(self, path: Path):
        """The manifest says how many lines there are."""
        with ZipFile(path) as archive:
            manifest = archive.read("manifest.json")
        assert manifest.count(b'"documents": 2') == 1
        forged = manifest.replace(b'"documents": 2', b'"documents": 3')

        with pytest.raises(Unfit, match="other documents"):
            take(rewritten(path, added("manifest.json", forged), is_listed=False))

    def test_an_empty_collection_is_one_of_none(self, path: Path):
        """Counted as what it is, whatever came before it."""
        without_tasks = [where for where in sorted(DOCUMENTS) if "/tasks/t" not in where]
        comments = "own/workspaces.tasks.comments.ndjson"

        def change(entries: dict[str, bytes]) -> None:
            entries[TASKS] = entries[comments] = b""

        assert without_tasks == sorted(take(rewritten(path, change)))

    def test_files_of_others_are_left_where_they_are(self, path: Path):
        """Only those of the own account and workspace are taken along."""
        rewritten(path, added("files/workspaces/team/tasks/t/attachments/a", b"theirs"))

        with opened(path) as archive:
            assert [FILE] == archive.files()
