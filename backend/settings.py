"""
Every setting of the service, read once from the environment and frozen.

`.env.example` lists each with its meaning and default, and a test keeps the two equal.
"""

import importlib.util
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, cast

from environs import Env, EnvValidationError, ValidationError, validate

GOOGLE_CERTS_URL = "https://www.googleapis.com/oauth2/v1/certs"
GOOGLE_FCM_URL = "https://fcm.googleapis.com"
FIREBASE_CERTS_URL = (
    "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
)
GOOGLE_APP_CHECK_URL = "https://firebaseappcheck.googleapis.com"
GOOGLE_FIRESTORE_URL = "https://firestore.googleapis.com"
SESSION_CERTS_URL = "https://www.googleapis.com/identitytoolkit/v3/relyingparty/publicKeys"

# Set to anything, these would point a production process at test material or open a debugger.
TEST_MATERIAL = ("FLASK_DEBUG", "FIREBASE_EMULATOR_HUB", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
AN_ADDRESS = re.compile(r"https?://[^\s@?#]+")
REDIS_URL = re.compile(r"rediss?://([^\s/@]*@)?[^\s/@:]+(:[0-9]{1,5})?(/[0-9]{1,4})?")
SMTP_URL = re.compile(r"smtps?://([^\s/@:]+:[^\s/@:]+@)?[^\s/@:]+(:[0-9]{1,5})?")
ADDRESS = r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
MAIL_FROM = re.compile(rf"{ADDRESS}|[^<>@,;:\r\n\"]{{1,60}} <{ADDRESS}>")
# Before the @ is room for what a bounce is known by: 43 of 64 letters (RFC 5321).
MAIL_BOUNCES = re.compile(r"[A-Za-z0-9_.-]{1,20}@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
APP_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[\w.~-]+)*", re.ASCII)
WEB_API_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")
BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
SENTRY_DSN = re.compile(r"https?://[^\s@/:]+@[^\s@?#]+/[0-9]+")
EXACT_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


class Mode(StrEnum):
    """Where the process runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class AppCheckMode(StrEnum):
    """What happens to a request that does not come from an app of ours."""

    OFF = "off"
    MONITOR = "monitor"  # It is let in and logged: how one learns what enforcing would refuse.
    ENFORCE = "enforce"


class Ticks(StrEnum):
    """Who sees to what is due, again and again. Where both do, each thing is done once anyway."""

    SCHEDULER = "scheduler"  # Our own process: `python -m backend.scheduler`.
    CLOUD_SCHEDULER = "cloudScheduler"  # Google's service, which calls /internal/ticks/*.


class SettingsError(Exception):
    """The settings cannot be used; `faults` holds one sentence for each reason."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class FcmClient(StrEnum):
    """Who speaks to FCM."""

    FAST = "fast"  # Our own, over a few HTTP/2 connections.
    SDK = "sdk"  # firebase-admin, should the other ever be at fault.


@dataclass(frozen=True, kw_only=True)
class Settings:
    """
    Frozen settings. Names ending in `_s` are seconds; secrets stay out of `repr`.

    What has no default here must be set.
    """

    project_id: str
    worker_url: str
    worker_service_account: str
    signing_secret: str = field(repr=False)
    mode: Mode = Mode.PRODUCTION
    log_level: str = "info"
    api_docs: bool = False
    web_workers: int = 1
    arrival_timeout_s: float = 20.0
    keepalive_s: int = 75
    firestore_emulator_host: str = ""
    auth_emulator_host: str = ""
    jobs_emulator_host: str = ""
    jobs_location: str = "europe-west1"
    jobs_queue: str = "jobs"
    oidc_certs_url: str = GOOGLE_CERTS_URL
    id_token_certs_url: str = FIREBASE_CERTS_URL
    session_certs_url: str = SESSION_CERTS_URL
    recent_sign_in_s: float = 900.0
    web_api_key: str = ""
    app_check: AppCheckMode = AppCheckMode.OFF
    app_check_groups: Mapping[str, AppCheckMode] = field(default_factory=dict)
    app_check_url: str = GOOGLE_APP_CHECK_URL
    fcm_base_url: str = GOOGLE_FCM_URL
    fcm_client: FcmClient = FcmClient.FAST
    storage_bucket: str = ""
    backup_bucket: str = ""
    firestore_admin_url: str = GOOGLE_FIRESTORE_URL
    storage_emulator_host: str = ""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    mail_bounces: str = ""
    app_url: str = ""
    api_url: str = ""
    cors_origins: tuple[str, ...] = ()
    rate_limit_storage_url: str = field(default="memory://", repr=False)
    rate_limit_per_minute: int = 600
    rate_limit_person_per_minute: int = 300
    rate_limit_refused_per_minute: int = 60
    cache_url: str = field(default="memory://", repr=False)
    proxy_hops: int = 0
    ticks: Ticks = Ticks.SCHEDULER
    promote_interval_s: float = 240.0
    sweep_interval_s: float = 120.0
    repair_interval_s: float = 300.0
    repair_grace_s: float = 60.0
    lease_ttl_s: float = 45.0
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    otlp_endpoint: str = ""
    sentry_dsn: str = field(default="", repr=False)
    release: str = ""

    @property
    def in_production(self) -> bool:
        """Whether only the real Google services may be spoken to."""
        return self.mode is Mode.PRODUCTION

    @property
    def queue_path(self) -> str:
        """The full name of the Cloud Tasks queue that carries our jobs."""
        location = f"projects/{self.project_id}/locations/{self.jobs_location}"
        return f"{location}/queues/{self.jobs_queue}"


def read_settings() -> Settings:
    """
    Read all settings from the process's environment.

    Raises:
        SettingsError: naming every fault at once, not only the first.
    """
    env = Env(eager=False)
    values = _parse(env)
    try:
        env.seal()
    except EnvValidationError as error:
        faults = cast("Mapping[str, list[str]]", error.error_messages)
        raise SettingsError([f"{name}: {' '.join(faults[name])}" for name in faults]) from None
    settings = Settings(**values)
    unfit = _contradictions(settings)
    if settings.in_production:
        unfit += _unfit_for_production(settings)
    if unfit:
        raise SettingsError(unfit)
    return settings


def _parse(env: Env) -> dict[str, Any]:
    filled = validate.Length(min=1, error="must not be empty")
    positive = validate.Range(min=0.05, error="must be a positive number of seconds")
    # Twice within the eight minutes for which timers are queued ahead.
    often = validate.Range(min=0.05, max=240, error="must be from 0.05 to 240 seconds")
    default: dict[str, Any] = {each.name: each.default for each in fields(Settings)}
    return {
        "mode": env.enum("TASKFLOW_ENV", default["mode"], enum=Mode, by_value=True),
        "project_id": env.str("GOOGLE_CLOUD_PROJECT", validate=filled),
        "log_level": env.str(
            "LOG_LEVEL",
            default["log_level"],
            validate=validate.OneOf(["debug", "info", "warning", "error"]),
        ),
        "api_docs": env.bool("API_DOCS", default["api_docs"]),
        "web_workers": env.int(
            "WEB_WORKERS", default["web_workers"], validate=validate.Range(min=1, max=64)
        ),
        "arrival_timeout_s": env.float(
            "ARRIVAL_TIMEOUT_S", default["arrival_timeout_s"], validate=positive
        ),
        "keepalive_s": env.int(
            "KEEPALIVE_S", default["keepalive_s"], validate=validate.Range(min=1, max=3600)
        ),
        "firestore_emulator_host": env.str("FIRESTORE_EMULATOR_HOST", ""),
        "auth_emulator_host": env.str("FIREBASE_AUTH_EMULATOR_HOST", ""),
        "jobs_emulator_host": env.str("JOBS_EMULATOR_HOST", ""),
        "jobs_location": env.str("JOBS_LOCATION", default["jobs_location"], validate=filled),
        "jobs_queue": env.str("JOBS_QUEUE", default["jobs_queue"], validate=filled),
        "worker_url": env.str("WORKER_URL", validate=validate.URL(require_tld=False)),
        "worker_service_account": env.str("WORKER_SERVICE_ACCOUNT", validate=validate.Email()),
        "oidc_certs_url": env.str("OIDC_CERTS_URL", default["oidc_certs_url"]),
        "id_token_certs_url": env.str("ID_TOKEN_CERTS_URL", default["id_token_certs_url"]),
        "session_certs_url": env.str("SESSION_CERTS_URL", default["session_certs_url"]),
        "web_api_key": env.str("WEB_API_KEY", "", validate=_is_empty_or(WEB_API_KEY)),
        "backup_bucket": env.str("BACKUP_BUCKET", "", validate=_is_empty_or(BUCKET)),
        "firestore_admin_url": env.str("FIRESTORE_ADMIN_URL", default["firestore_admin_url"]),
        "recent_sign_in_s": env.float(
            "RECENT_SIGN_IN_S", default["recent_sign_in_s"], validate=validate.Range(min=1)
        ),
        "app_check": env.enum("APP_CHECK", default["app_check"], enum=AppCheckMode, by_value=True),
        "app_check_groups": _modes(
            env.dict("APP_CHECK_GROUPS", {}, validate=_names_known_modes) or {}
        ),
        "app_check_url": env.str("APP_CHECK_URL", default["app_check_url"]),
        "fcm_base_url": env.str("FCM_BASE_URL", default["fcm_base_url"]),
        "fcm_client": env.enum("FCM_CLIENT", default["fcm_client"], enum=FcmClient, by_value=True),
        "storage_bucket": env.str("STORAGE_BUCKET", "", validate=_is_empty_or(BUCKET)),
        "storage_emulator_host": env.str(
            "STORAGE_EMULATOR_HOST", "", validate=_is_empty_or(AN_ADDRESS)
        ),
        "smtp_url": env.str("SMTP_URL", "", validate=_is_empty_or(SMTP_URL)),
        "mail_from": env.str("MAIL_FROM", "", validate=_is_empty_or(MAIL_FROM)),
        "mail_bounces": env.str("MAIL_BOUNCES", "", validate=_is_empty_or(MAIL_BOUNCES)),
        "app_url": env.str("APP_URL", "", validate=_is_empty_or(APP_URL)),
        "api_url": env.str("API_URL", "", validate=_is_empty_or(APP_URL)),
        "signing_secret": env.str(
            "SIGNING_SECRET", validate=validate.Length(min=32, error="needs 32 characters")
        ),
        "cors_origins": tuple(env.list("CORS_ORIGINS", [], validate=_are_exact_origins) or ()),
        "rate_limit_storage_url": env.str(
            "RATE_LIMIT_STORAGE_URL",
            default["rate_limit_storage_url"],
            validate=_is_redis_or("memory://"),
        ),
        "rate_limit_per_minute": env.int(
            "RATE_LIMIT_PER_MINUTE",
            default["rate_limit_per_minute"],
            validate=validate.Range(min=1),
        ),
        "rate_limit_person_per_minute": env.int(
            "RATE_LIMIT_PERSON_PER_MINUTE",
            default["rate_limit_person_per_minute"],
            validate=validate.Range(min=1),
        ),
        "rate_limit_refused_per_minute": env.int(
            "RATE_LIMIT_REFUSED_PER_MINUTE",
            default["rate_limit_refused_per_minute"],
            validate=validate.Range(min=1),
        ),
        "cache_url": env.str(
            "CACHE_URL", default["cache_url"], validate=_is_redis_or("memory://", "off")
        ),
        "proxy_hops": env.int(
            "PROXY_HOPS", default["proxy_hops"], validate=validate.Range(min=0, max=5)
        ),
        "ticks": env.enum("TICKS", default["ticks"], enum=Ticks, by_value=True),
        "promote_interval_s": env.float(
            "PROMOTE_INTERVAL_S", default["promote_interval_s"], validate=often
        ),
        "sweep_interval_s": env.float(
            "SWEEP_INTERVAL_S", default["sweep_interval_s"], validate=positive
        ),
        "repair_interval_s": env.float(
            "REPAIR_INTERVAL_S", default["repair_interval_s"], validate=positive
        ),
        "repair_grace_s": env.float("REPAIR_GRACE_S", default["repair_grace_s"], validate=positive),
        "lease_ttl_s": env.float("LEASE_TTL_S", default["lease_ttl_s"], validate=positive),
        "metrics_host": env.str("METRICS_HOST", default["metrics_host"], validate=filled),
        "metrics_port": env.int(
            "METRICS_PORT", default["metrics_port"], validate=validate.Range(min=0, max=65535)
        ),
        "otlp_endpoint": env.str(
            "OTEL_EXPORTER_OTLP_ENDPOINT", "", validate=_is_empty_or(AN_ADDRESS)
        ),
        "sentry_dsn": env.str("SENTRY_DSN", "", validate=_is_empty_or(SENTRY_DSN)),
        "release": env.str("RELEASE", ""),
    }


def _are_exact_origins(origins: list[str]) -> None:
    # RFC 6454: scheme, host, port. `*` and `null` would let anybody's page in.
    for origin in origins:
        if not EXACT_ORIGIN.fullmatch(origin):
            raise ValidationError(f"{origin!r} is no origin such as https://app.example.com")


def _names_known_modes(groups: dict[str, str]) -> None:
    for group, mode in groups.items():
        if mode not in list(AppCheckMode):
            raise ValidationError(f"{group}={mode}: the mode is off, monitor or enforce")


def _modes(groups: dict[str, str]) -> dict[str, AppCheckMode]:
    # What is no mode has been reported, and is left out so that reading can go on.
    known = list(AppCheckMode)
    return {group: AppCheckMode(mode) for group, mode in groups.items() if mode in known}


def _is_empty_or(form: re.Pattern[str]) -> Callable[[str], None]:
    def check(text: str) -> None:
        if text and not form.fullmatch(text):
            raise ValidationError("is no such address")  # Unquoted: it may hold a key.

    return check


def _is_redis_or(*others: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if text not in others and not REDIS_URL.fullmatch(text):
            # Unquoted: it may hold a password.
            raise ValidationError(f"must be {' or '.join(others)} or such as redis://host:6379/0")

    return check


def _contradictions(settings: Settings) -> list[str]:
    faults = [
        f"{name} is set, but {module} is not installed: "
        "pip install -r requirements-observability.txt"
        for name, value, module in (
            ("OTEL_EXPORTER_OTLP_ENDPOINT", settings.otlp_endpoint, "opentelemetry"),
            ("SENTRY_DSN", settings.sentry_dsn, "sentry_sdk"),
        )
        if value and not _is_installed(module)
    ]
    if settings.fcm_client is FcmClient.SDK and settings.fcm_base_url != GOOGLE_FCM_URL:
        faults.append("FCM_CLIENT=sdk knows Google's address alone, and FCM_BASE_URL is another")
    if settings.smtp_url:
        faults += [
            f"{name} is needed where SMTP_URL is set"
            for name, value in (
                ("MAIL_FROM", settings.mail_from),
                ("APP_URL", settings.app_url),
                ("API_URL", settings.api_url),
            )
            if not value
        ]
    if settings.metrics_port and settings.web_workers > 1:
        faults.append("METRICS_PORT needs WEB_WORKERS=1: each worker has numbers of its own")
    return faults


def _is_installed(module: str) -> bool:
    # Of OpenTelemetry the API alone comes with Google's libraries.
    wanted = f"{module}.sdk" if module == "opentelemetry" else module
    try:
        return importlib.util.find_spec(wanted) is not None
    except ModuleNotFoundError:
        return False


def _unfit_for_production(settings: Settings) -> list[str]:
    faults = [
        f"{name} is set, which production refuses"
        for name in sorted(os.environ)
        if "EMULATOR" in name or name in TEST_MATERIAL
    ]
    if settings.project_id.startswith("demo-"):
        faults.append("GOOGLE_CLOUD_PROJECT names a demo project, which only emulators know")
    addresses = {
        "OIDC_CERTS_URL": (settings.oidc_certs_url, GOOGLE_CERTS_URL),
        "FCM_BASE_URL": (settings.fcm_base_url, GOOGLE_FCM_URL),
        "ID_TOKEN_CERTS_URL": (settings.id_token_certs_url, FIREBASE_CERTS_URL),
        "APP_CHECK_URL": (settings.app_check_url, GOOGLE_APP_CHECK_URL),
        "SESSION_CERTS_URL": (settings.session_certs_url, SESSION_CERTS_URL),
        "FIRESTORE_ADMIN_URL": (settings.firestore_admin_url, GOOGLE_FIRESTORE_URL),
    }
    faults += [
        f"{name} must stay at Google's address in production"
        for name, (address, googles) in addresses.items()
        if address != googles
    ]
    if not settings.worker_url.startswith("https://"):
        faults.append("WORKER_URL must be https in production")
    if settings.app_url and not settings.app_url.startswith("https://"):
        faults.append("APP_URL must be https in production: people follow it with secrets")
    if settings.api_url and not settings.api_url.startswith("https://"):
        faults.append("API_URL must be https in production: one click unsubscribes there")
    if settings.web_workers > 1:
        per_process = {
            "RATE_LIMIT_STORAGE_URL": settings.rate_limit_storage_url,
            "CACHE_URL": settings.cache_url,
        }
        faults += [
            f"{name} memory:// is one process's own: with several WEB_WORKERS it must be redis://"
            for name, url in per_process.items()
            if url == "memory://"
        ]
    if settings.log_level == "debug":
        faults.append("LOG_LEVEL debug is refused in production: it may show people's data")
    return faults
