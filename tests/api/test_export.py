"""Everything of a person in one archive: what is in it, and what must not be."""

import hashlib
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import requests
from jsonschema import Draft202012Validator

from backend.adapters.firestore import Usage, metered
from tests.api.belongings import FILE, furnish
from tests.api.exports import download, export, finished, start_export, unattended_export
from tests.api.factories import stored_tasks
from tests.api.world import Caller, World
from tests.storage import StorageStandIn

OWN = {
    "users",
    "users.counters",
    "users.focus",
    "users.focusSessions",
    "users.notifications",
    "users.notifications.decisions",
    "users.settings",
    "users.stats",
    "workspaces",
    "workspaces.boards",
    "workspaces.events",
    "workspaces.labels",
    "workspaces.lists",
    "workspaces.members",
    "workspaces.projects",
    "workspaces.series",
    "workspaces.series.occurrences",
    "workspaces.stats",
    "workspaces.tasks",
    "workspaces.tasks.attachments",
    "workspaces.tasks.comments",
    "workspaces.tasks.history",
}


class TestContent:
    """What is in it."""

    def test_every_collection_has_its_lines(self, world: World):
        """Each document of the person once, in the file of its collection."""
        ann, bob = world.person("Ann"), world.person("Bob")
        furnish(world, ann, bob)

        archive = export(world, ann)

        assert {f"own/{name}.ndjson" for name in OWN} == {
            name for name in archive.names if name.startswith("own/")
        }
        below = world.services.ports.store.below
        stored = {f"users/{ann.uid}", f"workspaces/{ann.uid}"} | {
            each.path
            for root in ("users", "workspaces")
            for each in below(f"{root}/{ann.uid}", limit=1000)
        }
        lines = [path for name in OWN for path in archive.paths(f"own/{name}")]
        reading = ("users.devices", "users.intents")
        lines += [path for name in reading for path in archive.paths(f"info/{name}")]
        assert sorted(stored) == sorted(lines)

    def test_it_is_what_its_manifest_says(self, world: World):
        """Every entry with its size and SHA-256, and the documents counted."""
        ann = world.person("Ann")
        furnish(world, ann, world.person("Bob"))
        operation = finished(world, ann, start_export(ann))

        archive = download(operation)

        manifest = archive.manifest
        assert archive.zip.testzip() is None
        assert archive.names - {"manifest.json"} == {e["name"] for e in manifest["entries"]}
        for entry in manifest["entries"]:
            content = archive.zip.read(entry["name"])
            assert (entry["bytes"], entry["sha256"]) == (len(content), _sha256(content))
            if entry["documents"] is not None:
                assert entry["documents"] == len(content.splitlines())
        assert _sha256(archive.zip.read("manifest.json")) == operation["result"]["manifestSha256"]
        assert len(archive.content) == operation["result"]["bytes"]
        assert 3 == manifest["documents"]["own"]["workspaces.tasks"]
        assert operation["done"] == sum(
            count for section in manifest["documents"].values() for count in section.values()
        )

    def test_lines_are_as_the_schemas_in_it_say(self, world: World):
        """Any JSON Schema validator can check an archive."""
        ann = world.person("Ann")
        furnish(world, ann, world.person("Bob"))

        archive = export(world, ann)

        collections = [e for e in archive.manifest["entries"] if e["documents"] is not None]
        assert len(collections) > 25
        for entry in collections:
            schema = json.loads(archive.zip.read(f"schemas/{entry['collection']}.schema.json"))
            validator = Draft202012Validator(schema)
            for line in archive.lines(entry["name"].removesuffix(".ndjson")):
                faults = [fault.message for fault in validator.iter_errors(line)]
                assert (entry["name"], []) == (entry["name"], faults)

    def test_values_keep_what_they_are(self, world: World):
        """Instants to the microsecond, words in any script, numbers with and without a point."""
        ann = world.person("Ann")
        furnish(world, ann, world.person("Bob"))

        archive = export(world, ann)

        (intent,) = archive.lines("info/users.intents")
        now = f"{world.clock.now() - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S.%fZ}"
        assert {"$timestamp": now} == intent["data"]["createdAt"]
        assert 2.5 == intent["data"]["args"]["$weird"]
        titles = {line["data"]["title"] for line in archive.lines("own/workspaces.tasks")}
        assert "Call the gärtner 🌱" in titles

    def test_files_come_along(self, world: World):
        """Byte by byte, under the path of the attachment they belong to."""
        ann = world.person("Ann")
        made = furnish(world, ann, world.person("Bob"))

        archive = export(world, ann)

        assert FILE == archive.zip.read(f"files/{made.attachment}")

    def test_a_file_that_is_gone_is_no_obstacle(self, world: World):
        """The document of an upload that never came says so itself."""
        ann = world.person("Ann")
        made = furnish(world, ann, world.person("Bob"))
        world.services.ports.blobs.delete(made.attachment)

        archive = export(world, ann)

        assert [] == [name for name in archive.names if name.startswith("files/")]
        assert [made.attachment] == archive.paths("own/workspaces.tasks.attachments")


class TestShared:
    """What a person wrote, or was asked to do, in workspaces of others."""

    def test_their_share_and_no_more(self, world: World):
        """Own tasks and comments, tasks given to them, their membership; nothing of others."""
        ann, bob = world.person("Ann"), world.person("Bob")
        made = furnish(world, ann, bob)

        archive = export(world, ann)

        tasks = f"workspaces/{made.team}/tasks"
        assert {f"{tasks}/{made.mine}", f"{tasks}/{made.assigned}"} == set(
            archive.paths("shared/workspaces.tasks")
        )
        assert [f"{tasks}/{made.mine}/comments/c2"] == archive.paths(
            "shared/workspaces.tasks.comments"
        )
        assert [f"workspaces/{made.team}/members/{ann.uid}"] == archive.paths(
            "shared/workspaces.members"
        )
        assert {"workspaces.members", "workspaces.tasks", "workspaces.tasks.comments"} == set(
            archive.manifest["documents"]["shared"]
        )
        assert b"Secret of others" not in _everything(archive)

    def test_what_stays_in_a_team_after_leaving_is_still_theirs(self, world: World):
        """Who was removed gets what they wrote, and no membership."""
        ann, bob = world.person("Ann"), world.person("Bob")
        made = furnish(world, ann, bob)
        world.database.document(f"workspaces/{made.team}/members/{ann.uid}").delete()

        archive = export(world, ann)

        assert f"workspaces/{made.team}/tasks/{made.mine}" in archive.paths(
            "shared/workspaces.tasks"
        )
        assert "shared/workspaces.members.ndjson" not in archive.names

    def test_no_tokens_and_no_addresses_of_others(self, world: World):
        """Devices without what pushes go by; invitations, which name others, not at all."""
        ann = world.person("Ann", "ann@example.com")
        bob = world.person("Bob", "bob@example.com")
        made = furnish(world, ann, bob)
        for workspace in (ann.uid, made.team):
            world.write(
                f"workspaces/{workspace}/invites/i1",
                {"emailLower": "carl@example.com", "tokenHash": "f" * 64, "invitedBy": ann.uid},
            )
        world.write(
            f"workspaces/{ann.uid}/members/{bob.uid}",
            world.document(f"workspaces/{made.team}/members/{bob.uid}"),
        )

        archive = export(world, ann)

        everything = _everything(archive)
        for secret in (b"carl@example.com", b"f" * 64, f"token-of-{ann.uid}".encode()):
            assert secret not in everything
        assert [f"workspaces/{ann.uid}/members/{ann.uid}"] == archive.paths(
            "own/workspaces.members"
        )
        assert ["android"] == [
            line["data"]["platform"] for line in archive.lines("info/users.devices")
        ]

    def test_the_own_address_is_in_it(self, world: World):
        """What Firebase Auth knows of the person is theirs, too."""
        ann = world.person("Ann", "ann@example.com")
        world.at_auth("accounts:update", localId=ann.uid, email="ann@example.com")
        world.after_a_change_at_auth()

        archive = export(world, ann)

        assert "ann@example.com" == json.loads(archive.zip.read("info/sign-in.json"))["email"]


class TestFetching:
    """The address of an archive, and how long it is kept."""

    def test_it_is_a_download_of_one_type(self, world: World):
        """Nothing that a browser would open as a page."""
        ann = world.person("Ann")

        archive = export(world, ann)

        assert "application/zip" == archive.headers["Content-Type"]
        day = f"{world.clock.now():%Y-%m-%d}"
        assert (
            f'attachment; filename="taskflow-{day}.zip"' == archive.headers["Content-Disposition"]
        )

    def test_each_reading_makes_an_address_of_its_own(self, world: World):
        """Signed, and good for a quarter of an hour; the document holds none."""
        ann = world.person("Ann")
        operation_id = start_export(ann)

        operation = finished(world, ann, operation_id)

        query = parse_qs(urlsplit(operation["result"]["downloadUrl"]).query)
        assert (["GOOG4-RSA-SHA256"], ["900"]) == (
            query["X-Goog-Algorithm"],
            query["X-Goog-Expires"],
        )
        in_15_minutes = world.clock.now() + timedelta(minutes=15)
        expected = in_15_minutes.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert expected == operation["result"]["downloadUrlExpiresAt"]
        stored = world.document(f"operations/{operation_id}")
        assert {"archive", "bytes", "manifestSha256"} == set(stored["result"])

    def test_it_is_kept_for_a_week(self, world: World, storage: StorageStandIn):
        """Then archive and operation are gone, and nothing is left in the bucket."""
        ann = world.person("Ann")
        operation = finished(world, ann, start_export(ann))
        bucket = world.services.settings.storage_bucket

        world.pass_time(timedelta(days=6, hours=23))
        assert 1 == len(storage.names(bucket))
        assert 200 == ann.get(f"/operations/{operation['id']}").status_code
        world.pass_time(timedelta(hours=2))

        assert [] == storage.names(bucket)
        assert 404 == ann.get(f"/operations/{operation['id']}").status_code
        assert 404 == requests.get(operation["result"]["downloadUrl"], timeout=30).status_code

    def test_nothing_but_the_archive_is_left_in_the_bucket(
        self, world: World, storage: StorageStandIn
    ):
        """The parts it was made of are swept before it counts as done."""
        ann = world.person("Ann")

        operation = finished(world, ann, start_export(ann))

        (name,) = storage.names(world.services.settings.storage_bucket)
        assert name.startswith(f"exports/{ann.uid}/{operation['id']}/")
        assert "parts" not in name

    def test_a_letter_says_that_it_is_ready(self, world: World):
        """To the person's address, once, and without any address of the archive."""
        ann = world.person("Ann", "ann@example.com")
        world.at_auth("accounts:update", localId=ann.uid, email="ann@example.com")
        world.after_a_change_at_auth()

        export(world, ann)
        world.settle()

        (letter,) = world.mails("ann@example.com")
        assert "X-Goog" not in str(letter)


class TestCost:
    """Reads are documents."""

    def test_each_document_is_read_once(self, world: World):
        """More of them cost as many reads more, and a few round trips."""
        ann, bob = world.person("Ann"), world.person("Bob")
        stored_tasks(world, ann, [{} for _ in range(10)])
        stored_tasks(world, bob, [{} for _ in range(250)])

        few, many = _cost_of_export(world, ann), _cost_of_export(world, bob)

        assert 240 == many.reads - few.reads  # Also those made by or given to the person.
        assert many.rpcs - few.rpcs <= 3
        assert 13 <= few.reads <= 10 + 3 + 20
        assert few.writes == many.writes


def _cost_of_export(world: World, person: Caller) -> Usage:
    job = unattended_export(world, person)
    with metered() as usage:
        world.services.firing.fire(job)
    return usage


def _everything(archive) -> bytes:
    return b"".join(archive.zip.read(name) for name in archive.names)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
