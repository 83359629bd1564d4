"""The settings of the local stack, and what a faulty one is answered."""

import pytest

from local.addresses import backend_environment
from local.problems import Problem
from local.settings import DEFAULT_DATA_DIR, PORTS, read_settings, setting_of


@pytest.fixture
def dotenv(tmp_path, monkeypatch):
    """A `.env` with these lines, in an environment without any of our settings."""
    for name in ["LOCAL_PROJECT_ID", "LOCAL_DATA_DIR", *map(setting_of, PORTS)]:
        monkeypatch.delenv(name, raising=False)

    def dotenv(*lines):
        file = tmp_path / ".env"
        file.write_text("\n".join(lines))
        return file

    return dotenv


class TestReadSettings:
    """From `.env` and the environment."""

    def test_nothing_needs_to_be_set(self, tmp_path, dotenv):
        """Without a `.env` every setting has its default."""
        settings = read_settings(tmp_path / "none")

        assert ("demo-taskflow", DEFAULT_DATA_DIR) == (settings.project_id, settings.data_dir)
        assert PORTS == settings.ports

    def test_the_environment_wins(self, dotenv, monkeypatch):
        """As everywhere."""
        monkeypatch.setenv("LOCAL_API_PORT", "8003")

        settings = read_settings(dotenv("LOCAL_API_PORT=8001", "LOCAL_FCM_PORT=8002"))

        assert (8003, 8002) == (settings.ports["api"], settings.ports["fcm"])

    def test_all_faults_are_told_at_once(self, dotenv):
        """Each with its name, so that one correction is enough."""
        file = dotenv("LOCAL_API_PORT=http", "LOCAL_FCM_PORT=70000", "LOCAL_PROJECT_ID=real")

        with pytest.raises(Problem) as caught:
            read_settings(file)

        for name in ("LOCAL_API_PORT", "LOCAL_FCM_PORT", "LOCAL_PROJECT_ID"):
            assert name in str(caught.value)

    def test_two_parts_cannot_share_a_port(self, dotenv):
        """Both settings are named."""
        with pytest.raises(Problem, match="LOCAL_API_PORT and LOCAL_FCM_PORT are both 8125"):
            read_settings(dotenv("LOCAL_API_PORT=8125"))

    def test_a_line_that_sets_nothing_is_named(self, dotenv):
        """Instead of being skipped, as libraries do."""
        with pytest.raises(Problem, match=r"line 2 of \.env .*LOCAL_API_PORT 8001"):
            read_settings(dotenv("LOG_LEVEL=info", "LOCAL_API_PORT 8001"))

    def test_the_backends_wishes_are_passed_on_but_not_its_addresses(self, dotenv, monkeypatch):
        """Addresses follow from the ports; a `.env` for another setup must not mix them up."""
        for name in ("LOG_LEVEL", "SWEEP_INTERVAL_S", "WORKER_URL", "FIRESTORE_EMULATOR_HOST"):
            monkeypatch.delenv(name, raising=False)
        settings = read_settings(
            dotenv(
                "LOG_LEVEL=debug",
                "SWEEP_INTERVAL_S=9",
                "WORKER_URL=https://elsewhere.example",
                "FIRESTORE_EMULATOR_HOST=elsewhere:1",
            )
        )

        environment = backend_environment(settings, "secret")

        assert ("debug", "9") == (environment["LOG_LEVEL"], environment["SWEEP_INTERVAL_S"])
        assert "http://127.0.0.1:8000" == environment["WORKER_URL"]
        assert "127.0.0.1:8080" == environment["FIRESTORE_EMULATOR_HOST"]
