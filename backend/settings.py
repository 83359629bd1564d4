"""
Every setting of the service, read once from the environment and frozen.

`.env.example` lists each with its meaning and default, and a test keeps the two equal.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, cast

from environs import Env, EnvValidationError, ValidationError, validate

GOOGLE_CERTS_URL = "https://www.googleapis.com/oauth2/v1/certs"
GOOGLE_FCM_URL = "https://fcm.googleapis.com"

# Set to anything, these would point a production process at test material or open a debugger.
TEST_MATERIAL = ("FLASK_DEBUG", "FIREBASE_EMULATOR_HUB", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
AUTH_EMULATOR = "FIREBASE_AUTH_EMULATOR_HOST"
EXACT_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


class Mode(StrEnum):
    """Where the process runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(Exception):
    """The settings cannot be used; `faults` holds one sentence for each reason."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Settings:
    """
    Frozen settings. Names ending in `_s` are seconds; secrets stay out of `repr`.

    What has no default here must be set.
    """

    project_id: str
    worker_url: str
    worker_service_account: str
    page_token_secret: str = field(repr=False)
    mode: Mode = Mode.PRODUCTION
    log_level: str = "info"
    web_workers: int = 1
    firestore_emulator_host: str = ""
    auth_emulator_host: str = ""
    jobs_emulator_host: str = ""
    jobs_location: str = "europe-west1"
    jobs_queue: str = "jobs"
    oidc_certs_url: str = GOOGLE_CERTS_URL
    fcm_base_url: str = GOOGLE_FCM_URL
    cors_origins: tuple[str, ...] = ()
    rate_limit_storage_url: str = field(default="memory://", repr=False)
    rate_limit_per_minute: int = 600
    proxy_hops: int = 0
    promote_interval_s: float = 60.0
    sweep_interval_s: float = 120.0
    repair_interval_s: float = 300.0
    repair_grace_s: float = 60.0
    lease_ttl_s: float = 45.0

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
    if settings.in_production and (unfit := _unfit_for_production(settings)):
        raise SettingsError(unfit)
    return settings


def auth_emulator_appeared() -> bool:
    """
    Say whether the Auth emulator variable is set now.

    firebase-admin reads it on every call and then accepts unsigned tokens, so production asks
    again each time instead of trusting the start-up check.
    """
    return AUTH_EMULATOR in os.environ


def _parse(env: Env) -> dict[str, Any]:
    filled = validate.Length(min=1, error="must not be empty")
    positive = validate.Range(min=0.05, error="must be a positive number of seconds")
    # Twice within the three minutes for which timers are queued ahead.
    often = validate.Range(min=0.05, max=90, error="must be from 0.05 to 90 seconds")
    default: dict[str, Any] = {each.name: each.default for each in fields(Settings)}
    return {
        "mode": env.enum("TASKFLOW_ENV", default["mode"], enum=Mode, by_value=True),
        "project_id": env.str("GOOGLE_CLOUD_PROJECT", validate=filled),
        "log_level": env.str(
            "LOG_LEVEL",
            default["log_level"],
            validate=validate.OneOf(["debug", "info", "warning", "error"]),
        ),
        "web_workers": env.int(
            "WEB_WORKERS", default["web_workers"], validate=validate.Range(min=1, max=64)
        ),
        "firestore_emulator_host": env.str("FIRESTORE_EMULATOR_HOST", ""),
        "auth_emulator_host": env.str(AUTH_EMULATOR, ""),
        "jobs_emulator_host": env.str("JOBS_EMULATOR_HOST", ""),
        "jobs_location": env.str("JOBS_LOCATION", default["jobs_location"], validate=filled),
        "jobs_queue": env.str("JOBS_QUEUE", default["jobs_queue"], validate=filled),
        "worker_url": env.str("WORKER_URL", validate=validate.URL(require_tld=False)),
        "worker_service_account": env.str("WORKER_SERVICE_ACCOUNT", validate=validate.Email()),
        "oidc_certs_url": env.str("OIDC_CERTS_URL", default["oidc_certs_url"]),
        "fcm_base_url": env.str("FCM_BASE_URL", default["fcm_base_url"]),
        "page_token_secret": env.str(
            "PAGE_TOKEN_SECRET", validate=validate.Length(min=32, error="needs 32 characters")
        ),
        "cors_origins": tuple(env.list("CORS_ORIGINS", [], validate=_are_exact_origins) or ()),
        "rate_limit_storage_url": env.str(
            "RATE_LIMIT_STORAGE_URL", default["rate_limit_storage_url"], validate=filled
        ),
        "rate_limit_per_minute": env.int(
            "RATE_LIMIT_PER_MINUTE",
            default["rate_limit_per_minute"],
            validate=validate.Range(min=1),
        ),
        "proxy_hops": env.int(
            "PROXY_HOPS", default["proxy_hops"], validate=validate.Range(min=0, max=5)
        ),
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
    }


def _are_exact_origins(origins: list[str]) -> None:
    # RFC 6454: scheme, host, port. `*` and `null` would let anybody's page in.
    for origin in origins:
        if not EXACT_ORIGIN.fullmatch(origin):
            raise ValidationError(f"{origin!r} is no origin such as https://app.example.com")


def _unfit_for_production(settings: Settings) -> list[str]:
    faults = [
        f"{name} is set, which production refuses"
        for name in sorted(os.environ)
        if "EMULATOR" in name or name in TEST_MATERIAL
    ]
    if settings.project_id.startswith("demo-"):
        faults.append("GOOGLE_CLOUD_PROJECT names a demo project, which only emulators know")
    if settings.oidc_certs_url != GOOGLE_CERTS_URL:
        faults.append("OIDC_CERTS_URL must stay at Google's address in production")
    if settings.fcm_base_url != GOOGLE_FCM_URL:
        faults.append("FCM_BASE_URL must stay at Google's address in production")
    if not settings.worker_url.startswith("https://"):
        faults.append("WORKER_URL must be https in production")
    if settings.log_level == "debug":
        faults.append("LOG_LEVEL debug is refused in production: it may show people's data")
    return faults
