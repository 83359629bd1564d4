"""What `python -m local` says when it cannot start: one sentence, exit code 2, no trace."""

import secrets
import socket

import pytest

from local.data_folder import DataFolder
from local.health import HOST
from tests.local.stack_program import program, settings_in


@pytest.fixture
def settings(tmp_path):
    """A stack that none of these tests gets to start."""
    return settings_in(tmp_path / "data")


def refusal(settings, **environment):
    with program(settings, **environment) as running:
        code, said = running.wait()
    assert 2 == code
    assert "Traceback" not in said
    return said


class TestRefusal:
    """Each with its cause and its remedy."""

    def test_a_taken_port(self, settings):
        """The port, who has it, and the setting to change."""
        with socket.socket() as taken:
            taken.bind((HOST, settings.ports["fcm"]))
            taken.listen()

            said = refusal(settings)

        assert f"Port {settings.ports['fcm']} is taken by " in said
        assert "set LOCAL_FCM_PORT to another" in said

    def test_a_faulty_setting(self, settings):
        """Its name and what is wrong with it."""
        assert "LOCAL_API_PORT: Not a valid integer." in refusal(settings, LOCAL_API_PORT="http")

    def test_a_data_folder_that_cannot_be_written(self, settings, tmp_path):
        """Its path and the setting to change."""
        (tmp_path / "file").touch()

        said = refusal(settings, LOCAL_DATA_DIR=str(tmp_path / "file" / "data"))

        assert f"The data folder {tmp_path}/file/data cannot be used" in said
        assert "LOCAL_DATA_DIR" in said

    def test_a_stack_that_runs_already(self, settings):
        """Two stacks never share a data folder."""
        data = DataFolder(settings.data_dir, mark=secrets.token_hex(6))

        said = refusal(settings)

        assert f"TaskFlow is already running on the data folder {settings.data_dir}" in said
        data.close()

    def test_a_jar_that_is_not_there(self, settings):
        """The setting that names it."""
        said = refusal(settings, FIRESTORE_EMULATOR_BINARY_PATH="/nowhere.jar")

        assert "FIRESTORE_EMULATOR_BINARY_PATH names /nowhere.jar" in said
