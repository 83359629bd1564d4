"""The port to Cloud Storage, over the SDK and the emulator that the local stack uses."""

import io
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from backend.adapters.blobs import CloudStorageBlobs
from backend.kit.deadline import deadline
from backend.kit.errors import DeadlineExceeded, NotFound, Unavailable
from backend.settings import Settings
from tests.clock import VirtualClock
from tests.storage import StorageStandIn

BUCKET = "demo-blobs.appspot.com"
TEXT = "text/plain"


@pytest.fixture
def settings(storage: StorageStandIn) -> Settings:
    if BUCKET not in requests.get(f"{storage.url}/storage/v1/b", timeout=30).text:
        storage.make_bucket(BUCKET)
    return Settings(
        project_id="demo-blobs",
        worker_url="http://127.0.0.1",
        worker_service_account="jobs@demo-blobs.iam.gserviceaccount.com",
        signing_secret="",
        storage_bucket=BUCKET,
        storage_emulator_host=storage.url,
    )


@pytest.fixture
def blobs(settings: Settings, clock: VirtualClock) -> CloudStorageBlobs:
    blobs = CloudStorageBlobs(settings, clock)
    while blobs.delete_prefix("tests/all/", 1000):
        pass
    return blobs


def name(of: str) -> str:
    return f"tests/all/{of}"


def read(blobs: CloudStorageBlobs, of: str) -> bytes:
    file = io.BytesIO()
    blobs.read_into(name(of), file)
    return file.getvalue()


class TestContent:
    """What goes in comes out."""

    @pytest.mark.parametrize("size", [0, 1, 300_000, 9_000_000])
    def test_bytes_and_files(self, blobs: CloudStorageBlobs, size: int):
        """Small ones in one request, large ones in several."""
        content = bytes(range(250)) * (size // 250 + 1)
        content = content[:size]

        blobs.put(name("bytes"), content, content_type=TEXT)
        file = io.BytesIO(content)
        file.read()  # Wherever it stands: it is written from its beginning.
        blobs.put(name("file"), file, content_type=TEXT)

        assert (content, content) == (read(blobs, "bytes"), read(blobs, "file"))

    def test_the_last_one_holds(self, blobs: CloudStorageBlobs):
        """Writing again replaces."""
        blobs.put(name("a"), b"old", content_type=TEXT)
        blobs.put(name("a"), b"new", content_type=TEXT)

        assert b"new" == read(blobs, "a")

    def test_what_is_not_there(self, blobs: CloudStorageBlobs):
        """Reading says so; deleting is content."""
        with pytest.raises(NotFound):
            read(blobs, "nothing")
        blobs.delete(name("nothing"))

        assert blobs.exists(name("nothing")) is False

    def test_what_is_known_of_one(self, blobs: CloudStorageBlobs):
        """Without reading it."""
        blobs.put(name("a"), b"abc", content_type=TEXT)

        found = blobs.find(name("a"))

        assert found is not None
        assert (name("a"), 3, TEXT) == (found.name, found.size, found.content_type)
        assert found.made_at.tzinfo is not None
        assert blobs.find(name("nothing")) is None

    def test_only_the_first_one_holds(self, blobs: CloudStorageBlobs):
        """Where nothing may be written over."""
        written = [
            blobs.put_new(name("once"), io.BytesIO(content), content_type=TEXT)
            for content in (b"first", b"second")
        ]

        assert ([True, False], b"first") == (written, read(blobs, "once"))

    def test_a_copy(self, blobs: CloudStorageBlobs):
        """Of content and type; of nothing comes nothing."""
        blobs.put(name("a"), b"abc", content_type=TEXT)

        blobs.copy(name("a"), name("b"))
        with pytest.raises(NotFound):
            blobs.copy(name("nothing"), name("c"))

        copy = blobs.find(name("b"))
        assert copy is not None
        assert (b"abc", TEXT) == (read(blobs, "b"), copy.content_type)
        assert blobs.exists(name("c")) is False

    def test_joined_they_follow_each_other(self, blobs: CloudStorageBlobs):
        """In the order given; the parts stay."""
        for part in ("x", "y", "z"):
            blobs.put(name(part), part.encode() * 2, content_type=TEXT)

        blobs.join(name("whole"), [name("z"), name("x"), name("y")], content_type=TEXT)

        assert b"zzxxyy" == read(blobs, "whole")
        assert blobs.exists(name("x")) is True

    def test_joining_what_is_not_there(self, blobs: CloudStorageBlobs):
        """Nothing comes of it."""
        blobs.put(name("x"), b"x", content_type=TEXT)

        with pytest.raises(NotFound):
            blobs.join(name("whole"), [name("x"), name("nothing")], content_type=TEXT)

        assert blobs.exists(name("whole")) is False

    @pytest.mark.parametrize("count", [0, 33])
    def test_joining_has_its_bounds(self, blobs: CloudStorageBlobs, count: int):
        """Those of Cloud Storage, which the emulator does not have."""
        with pytest.raises(ValueError, match="can be joined"):
            blobs.join(name("whole"), [name("x")] * count, content_type=TEXT)


class TestLists:
    """By the beginning of names."""

    def test_pages_follow_each_other(self, blobs: CloudStorageBlobs):
        """In the order of names, after the last of the page before."""
        for each in ("c", "a", "e", "b", "d"):
            blobs.put(name(each), each.encode() * 3, content_type=TEXT)

        first = blobs.listed("tests/all/", limit=2)
        second = blobs.listed("tests/all/", limit=9, after=first[-1].name)

        assert [name("a"), name("b")] == [blob.name for blob in first]
        assert [name("c"), name("d"), name("e")] == [blob.name for blob in second]
        assert (3, TEXT) == (first[0].size, first[0].content_type)

    def test_a_folder_is_deleted_in_bounds(self, blobs: CloudStorageBlobs):
        """So many at once; what only begins alike stays."""
        for each in ("f/1", "f/2", "f/3", "g/1"):
            blobs.put(name(each), b"x", content_type=TEXT)

        deleted = [blobs.delete_prefix(name("f/"), 2) for _ in range(3)]

        assert [2, 1, 0] == deleted
        assert [name("g/1")] == [blob.name for blob in blobs.listed("tests/all/", limit=9)]

    @pytest.mark.parametrize("prefix", ["", "/", "users", "users/", "users/ann", "exports/ann"])
    def test_more_than_a_folder_of_a_folder_is_not_deleted(
        self, blobs: CloudStorageBlobs, prefix: str
    ):
        """A mistake must not empty the bucket, nor delete `ann2` with `ann`."""
        with pytest.raises(ValueError, match="folder"):
            blobs.delete_prefix(prefix, 10)


class TestAddresses:
    """Addresses that apps may fetch from."""

    def test_it_is_a_download(self, blobs: CloudStorageBlobs):
        """Of the type we say, whatever was stored, and under the name we give."""
        blobs.put(name("page.html"), b"<script>", content_type="text/html")

        url = blobs.download_url(
            name("page.html"), filename="a b.zip", content_type="application/zip"
        )
        answer = requests.get(url, timeout=30)

        assert (200, b"<script>") == (answer.status_code, answer.content)
        assert 'attachment; filename="a b.zip"' == answer.headers["Content-Disposition"]
        query = parse_qs(urlsplit(url).query)
        assert ["application/zip"] == query["response-content-type"]
        assert (["900"], ["host"]) == (query["X-Goog-Expires"], query["X-Goog-SignedHeaders"])

    def test_where_to_send_something(self, blobs: CloudStorageBlobs):
        """With the headers it says, and nothing more."""
        where = blobs.upload_address(name("up"), size=3, content_type="image/png")

        answer = requests.put(where.url, b"abc", headers={**where.headers}, timeout=30)

        found = blobs.find(name("up"))
        assert answer.ok
        assert found is not None
        assert (3, "image/png") == (found.size, found.content_type)

    def test_each_object_and_moment_has_its_own(self, blobs: CloudStorageBlobs):
        """A signature opens nothing else."""
        one, other = (
            parse_qs(urlsplit(blobs.download_url(name(of), filename="a", content_type=TEXT)).query)
            for of in ("a", "b")
        )

        assert one["X-Goog-Signature"] != other["X-Goog-Signature"]


class TestSilence:
    """Cloud Storage that does not answer."""

    def test_a_closed_port(self, settings: Settings, clock: VirtualClock):
        """Unavailable within the deadline of whoever asks, not after a minute."""
        deaf = CloudStorageBlobs(
            replace(settings, storage_emulator_host="http://127.0.0.1:9"), clock
        )
        calls = [
            lambda: deaf.put(name("a"), b"x", content_type=TEXT),
            lambda: deaf.exists(name("a")),
            lambda: deaf.find(name("a")),
            lambda: deaf.put_new(name("a"), io.BytesIO(b"x"), content_type=TEXT),
            lambda: deaf.copy(name("a"), name("b")),
            lambda: deaf.listed("tests/", limit=1),
            lambda: deaf.delete(name("a")),
            lambda: deaf.read_into(name("a"), io.BytesIO()),
            lambda: deaf.join(name("a"), [name("b")], content_type=TEXT),
        ]

        for call in calls:
            began_at = clock.monotonic()
            with deadline(clock, 0.5), pytest.raises((Unavailable, DeadlineExceeded)):
                call()
            assert clock.monotonic() - began_at < 5

    def test_without_a_bucket(self, settings: Settings, clock: VirtualClock):
        """Whatever needs files says that they are not there."""
        with pytest.raises(Unavailable, match="No bucket"):
            CloudStorageBlobs(replace(settings, storage_bucket=""), clock).exists("a")
