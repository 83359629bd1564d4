"""Where the Firestore emulator's jar is found."""

import zipfile

import pytest

from local.emulator_jar import IN_CLOUD_CLI, MAIN_CLASS, find_jar, wrap
from local.problems import Problem


@pytest.fixture
def home(tmp_path):
    """The home folder of a machine without any jar."""
    return tmp_path / "home"


@pytest.fixture
def find(home, tmp_path):
    """Look for the jar with this environment, and perhaps a download."""

    def find(download=None, **environment):
        environment = {"HOME": str(home), "PATH": ""} | environment
        return find_jar(
            environment,
            project_cache=tmp_path / "project",
            cloud_cli_places=["~/google-cloud-sdk"],
            download=download,
        )

    return find


@pytest.fixture
def jar():
    """Make a jar at a path, and its folders."""

    def jar(path, manifest="Manifest-Version: 1.0\n"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("META-INF/MANIFEST.MF", manifest)
        return path

    return jar


def in_cache(home, version):
    return home / ".cache/firebase/emulators" / f"cloud-firestore-emulator-v{version}.jar"


class TestFindJar:
    """The order of design.md, section 8."""

    def test_the_named_one_wins(self, find, jar, home, tmp_path):
        """Who names a jar gets that one."""
        jar(in_cache(home, "1.22.0"))
        named = jar(tmp_path / "named.jar")

        assert named == find(FIRESTORE_EMULATOR_BINARY_PATH=str(named))

    def test_a_named_one_that_is_not_there_is_refused(self, find, home, jar):
        """A wrong name is not passed over in silence."""
        jar(in_cache(home, "1.22.0"))

        with pytest.raises(Problem, match=r"FIRESTORE_EMULATOR_BINARY_PATH names /nowhere\.jar"):
            find(FIRESTORE_EMULATOR_BINARY_PATH="/nowhere.jar")

    def test_the_newest_of_what_firebase_tools_downloaded_comes_next(self, find, home, jar):
        """1.22 is newer than 1.9, whatever the alphabet says; the Cloud CLI's is not asked."""
        jar(in_cache(home, "1.9.4"))
        newest = jar(in_cache(home, "1.22.0"))
        jar(home / "google-cloud-sdk" / IN_CLOUD_CLI)

        assert newest == find()

    def test_then_an_installed_cloud_cli(self, find, home, jar):
        """In one of the usual places."""
        expected = jar(home / "google-cloud-sdk" / IN_CLOUD_CLI)

        assert expected == find()

    def test_the_cloud_cli_is_found_through_its_link_on_the_path(self, find, jar, tmp_path):
        """Packages link `gcloud` into a folder of programs; its own folder is behind the link."""
        expected = jar(tmp_path / "sdk" / IN_CLOUD_CLI)
        gcloud = tmp_path / "sdk/bin/gcloud"
        gcloud.parent.mkdir()
        gcloud.write_text("#!/bin/sh\n")
        gcloud.chmod(0o755)
        programs = tmp_path / "programs"
        programs.mkdir()
        (programs / "gcloud").symlink_to(gcloud)

        assert expected.resolve() == find(PATH=str(programs))

    def test_the_cloud_cli_named_in_the_environment(self, find, jar, tmp_path):
        """CLOUDSDK_ROOT_DIR is Google's own name for its folder."""
        expected = jar(tmp_path / "elsewhere" / IN_CLOUD_CLI)

        assert expected == find(CLOUDSDK_ROOT_DIR=str(tmp_path / "elsewhere"))

    def test_a_download_comes_last(self, find, jar, tmp_path):
        """It is made only where nothing else was found."""
        target = tmp_path / "project/cloud-firestore-emulator-v1.22.0.jar"

        assert target == find(download=lambda: jar(target))

    def test_without_any_it_says_what_to_do(self, find):
        """The sentence names each way out."""
        with pytest.raises(Problem) as caught:
            find()

        for way in ("internet", "Google Cloud CLI", "FIRESTORE_EMULATOR_BINARY_PATH"):
            assert way in str(caught.value)


class TestWrap:
    """The jar that the Suite is given."""

    def test_it_leads_to_the_jar_and_its_main_class(self, jar, tmp_path):
        """Long paths are folded as manifests demand: 72 bytes a line, then a blank."""
        target = jar(tmp_path / ("very-" * 30) / "emulator with blank.jar")

        wrapper = wrap(target, tmp_path / "wrapper.jar")

        manifest = zipfile.ZipFile(wrapper).read("META-INF/MANIFEST.MF").decode()
        assert 72 >= max(len(line) for line in manifest.split("\r\n"))
        unfolded = manifest.replace("\r\n ", "")
        assert f"Main-Class: {MAIN_CLASS}\r\n" in unfolded
        assert f"Class-Path: {target.resolve().as_uri()}\r\n" in unfolded

    def test_a_main_class_that_the_jar_names_is_kept(self, jar, tmp_path):
        """Should a later emulator call its main class otherwise."""
        target = jar(tmp_path / "emulator.jar", "Manifest-Version: 1.0\r\nMain-Class: a.B\r\n")

        wrapper = wrap(target, tmp_path / "wrapper.jar")

        assert b"Main-Class: a.B\r\n" in zipfile.ZipFile(wrapper).read("META-INF/MANIFEST.MF")

    def test_a_download_that_was_cut_off_is_named(self, tmp_path):
        """Java would only say that the main class is missing."""
        target = tmp_path / "emulator.jar"
        target.write_bytes(b"PK\x03\x04 and no more")

        with pytest.raises(Problem, match="cannot be read"):
            wrap(target, tmp_path / "wrapper.jar")
