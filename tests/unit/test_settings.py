"""Settings: every fault at once, and nothing of the test world in production."""

import pytest

from backend.settings import (
    TEST_MATERIAL,
    AppCheckMode,
    Mode,
    SettingsError,
    Ticks,
    read_settings,
)
from backend.timers.model import HORIZON

GOOD = {
    "TASKFLOW_ENV": "production",
    "GOOGLE_CLOUD_PROJECT": "taskflow",
    "WORKER_URL": "https://worker.example.com",
    "WORKER_SERVICE_ACCOUNT": "jobs@taskflow.iam.gserviceaccount.com",
    "SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A production environment that is in order, and nothing else."""
    for name in TEST_MATERIAL:
        monkeypatch.delenv(name, raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def _faults() -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings()
    return caught.value.faults


class TestReading:
    """`read_settings`"""

    def test_production_in_order_is_accepted(self, environment: pytest.MonkeyPatch):
        """And is the default."""
        environment.delenv("TASKFLOW_ENV")

        assert Mode.PRODUCTION is read_settings().mode

    def test_all_faults_are_told_at_once(self, environment: pytest.MonkeyPatch):
        """Nobody mends one to learn of the next."""
        for name in ("GOOGLE_CLOUD_PROJECT", "WORKER_URL"):
            environment.delenv(name)
        environment.setenv("SIGNING_SECRET", "short")
        environment.setenv("LEASE_TTL_S", "soon")

        faults = " ".join(_faults())

        for name in ("GOOGLE_CLOUD_PROJECT", "WORKER_URL", "SIGNING_SECRET", "LEASE_TTL_S"):
            assert name in faults

    def test_promotion_comes_round_twice_within_the_horizon(self, environment: pytest.MonkeyPatch):
        """Else timers would fire late, without anything being broken."""
        half_s = HORIZON.total_seconds() / 2
        environment.setenv("PROMOTE_INTERVAL_S", str(half_s))
        longest_s = read_settings().promote_interval_s
        environment.setenv("PROMOTE_INTERVAL_S", str(half_s + 1))

        (fault,) = _faults()
        assert half_s == longest_s
        assert fault.startswith("PROMOTE_INTERVAL_S")

    def test_one_of_two_ticks(self, environment: pytest.MonkeyPatch):
        """Our own scheduler, unless Cloud Scheduler is said to."""
        found = [read_settings().ticks]
        environment.setenv("TICKS", "cloudScheduler")
        found.append(read_settings().ticks)
        environment.setenv("TICKS", "both")

        assert [Ticks.SCHEDULER, Ticks.CLOUD_SCHEDULER] == found
        assert ["TICKS"] == [fault.split()[0].rstrip(":") for fault in _faults()]

    def test_app_check_differs_by_group(self, environment: pytest.MonkeyPatch):
        """A group is a blueprint; what is no mode is told with its group."""
        environment.setenv("APP_CHECK", "monitor")
        environment.setenv("APP_CHECK_GROUPS", "tasks=enforce,series=off")
        settings = read_settings()
        environment.setenv("APP_CHECK_GROUPS", "tasks=enforced")

        assert AppCheckMode.MONITOR is settings.app_check
        assert settings.app_check_groups == {
            "tasks": AppCheckMode.ENFORCE,
            "series": AppCheckMode.OFF,
        }
        (fault,) = _faults()
        assert "tasks=enforced" in fault

    def test_secrets_stay_out_of_what_is_printed(self, environment: pytest.MonkeyPatch):
        """Settings end up in logs and traces."""
        for name in ("RATE_LIMIT_STORAGE_URL", "CACHE_URL"):
            environment.setenv(name, "redis://:pass@cache")
        environment.setenv("SMTP_URL", "smtps://us:pass@mail")
        environment.setenv("MAIL_FROM", "TaskFlow <a@example.com>")
        environment.setenv("APP_URL", "https://app.example.com")
        environment.setenv("API_URL", "https://api.example.com")

        printed = repr(read_settings())

        assert GOOD["SIGNING_SECRET"] not in printed
        assert "pass@" not in printed

    def test_several_workers_share_what_they_count_and_hold(self, environment: pytest.MonkeyPatch):
        """Else limits would be as many times wider, and a role change would hold in one of them."""
        environment.setenv("WEB_WORKERS", "2")
        faults = _faults()
        environment.setenv("RATE_LIMIT_STORAGE_URL", "redis://cache:6379/0")
        environment.setenv("CACHE_URL", "off")

        assert ["RATE_LIMIT_STORAGE_URL", "CACHE_URL"] == [fault.split()[0] for fault in faults]
        assert 2 == read_settings().web_workers

    def test_mail_needs_a_sender_and_places_for_links(self, environment: pytest.MonkeyPatch):
        """Told at the start, not with the first letter."""
        environment.setenv("SMTP_URL", "smtp://mail.example.com")

        assert ["MAIL_FROM", "APP_URL", "API_URL"] == [fault.split()[0] for fault in _faults()]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SMTP_URL", "mail.example.com"),
            ("SMTP_URL", "http://mail.example.com"),
            ("SMTP_URL", "smtp://us:pass@"),
            ("SMTP_URL", "smtp://us:pass@host:port"),
            ("SMTP_URL", "smtp://us@host"),
            ("MAIL_FROM", "TaskFlow"),
            ("MAIL_FROM", "a@example.com\r\nBcc: b@example.com"),
            ("MAIL_FROM", "TaskFlow <a@example.com"),
            ("MAIL_FROM", "a@example.com>"),
            ("MAIL_BOUNCES", "Bounces <bounces@example.com>"),
            ("MAIL_BOUNCES", "bounces+already@example.com"),
            ("MAIL_BOUNCES", "a-name-with-too-little-room@example.com"),
            ("APP_URL", "app.example.com"),
            ("APP_URL", "http://app.example.com"),
            ("APP_URL", "https://app.example.com/?next="),
            ("APP_URL", "https://user@app.example.com"),
            ("API_URL", "http://api.example.com"),
            ("API_URL", "https://api.example.com/?token="),
        ],
    )
    def test_faulty_settings_of_mail(self, environment: pytest.MonkeyPatch, name: str, value: str):
        """Each is named, and no password with it."""
        environment.setenv(name, value)

        (fault,) = _faults()
        assert fault.startswith(name)
        assert "pass@" not in fault

    @pytest.mark.parametrize("name", ["RATE_LIMIT_STORAGE_URL", "CACHE_URL"])
    @pytest.mark.parametrize(
        "url",
        ["", "memory", "redis://", "redis://a:port", "http://cache", "memcached://cache", "on"],
    )
    def test_what_is_no_redis_is_refused(
        self, environment: pytest.MonkeyPatch, name: str, url: str
    ):
        """Before the first request finds out. A password that was mistyped is not printed."""
        environment.setenv(name, url)
        faults = _faults()
        environment.setenv(name, "rediss:/:pass@cache")

        assert [name] == [fault.split(":")[0] for fault in faults]
        assert "pass" not in " ".join(_faults())

    def test_a_redis_with_a_password_is_taken(self, environment: pytest.MonkeyPatch):
        """By TLS, with a port and a database."""
        url = "rediss://someone:p%40ss@cache.example.com:6380/2"
        environment.setenv("CACHE_URL", url)

        assert url == read_settings().cache_url

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("FIRESTORE_EMULATOR_HOST", ""),
            ("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099"),
            ("JOBS_EMULATOR_HOST", "127.0.0.1:8123"),
            ("FIREBASE_EMULATOR_HUB", "127.0.0.1:4400"),
            ("FLASK_DEBUG", "1"),
            ("REQUESTS_CA_BUNDLE", "/tmp/ca.pem"),
            ("GOOGLE_CLOUD_PROJECT", "demo-taskflow"),
            ("OIDC_CERTS_URL", "http://127.0.0.1:8124/certs"),
            ("FCM_BASE_URL", "http://127.0.0.1:8125"),
            ("ID_TOKEN_CERTS_URL", "http://127.0.0.1:8127/certs"),
            ("APP_CHECK_URL", "http://127.0.0.1:8127"),
            ("SESSION_CERTS_URL", "http://127.0.0.1:8127/certs"),
            ("FIRESTORE_ADMIN_URL", "http://127.0.0.1:8128"),
            ("WORKER_URL", "http://worker.example.com"),
            ("LOG_LEVEL", "debug"),
        ],
    )
    def test_production_refuses_test_material(
        self, environment: pytest.MonkeyPatch, name: str, value: str
    ):
        """Also a variable that is set to nothing: the SDKs count that as set."""
        environment.setenv(name, value)

        (fault,) = _faults()
        assert fault.startswith(name)
