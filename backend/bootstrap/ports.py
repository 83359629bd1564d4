"""The outside world, as the settings want it."""

from dataclasses import dataclass

from backend.adapters.account_states import AccountStates, FirebaseAccountStates
from backend.adapters.app_check import AppCheck, FirebaseAppCheck
from backend.adapters.backups import Backups, FirestoreBackups
from backend.adapters.blobs import Blobs, CloudStorageBlobs
from backend.adapters.cache import MemoryCache, NoCache, RedisCache
from backend.adapters.counters import Counters, MemoryCounters, RedisCounters
from backend.adapters.credentials import Credentials, FirebaseCredentials
from backend.adapters.error_reports import ErrorReports, NoErrorReports
from backend.adapters.firestore import Store
from backend.adapters.identity import FirebaseIdentity, IdentityProvider
from backend.adapters.job_tokens import JobTokens, OidcJobTokens
from backend.adapters.jobs import CloudTasksJobs, Jobs
from backend.adapters.mail import MailSender
from backend.adapters.metrics import Metrics
from backend.adapters.push import Push
from backend.adapters.push_clients import fcm_push
from backend.adapters.redis_link import RedisLinks
from backend.adapters.session_cookies import FirebaseSessionCookies, SessionCookies
from backend.adapters.smtp import SmtpMail
from backend.adapters.tracing import NoTracing, Tracing
from backend.kit.cache import Cache
from backend.kit.clock import Clock, SystemClock
from backend.settings import Settings


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world. Tests replace what they need to, and leave the rest real."""

    store: Store
    clock: Clock
    identity: IdentityProvider
    session_cookies: SessionCookies
    account_states: AccountStates
    app_check: AppCheck
    job_tokens: JobTokens
    jobs: Jobs
    push: Push
    blobs: Blobs
    mail: MailSender
    credentials: Credentials
    backups: Backups
    metrics: Metrics
    tracing: Tracing
    error_reports: ErrorReports
    cache: Cache
    counters: Counters


def build_ports(settings: Settings, clock: Clock | None = None) -> Ports:
    """Return the real outside world. Nothing is connected to before it is used."""
    clock = clock or SystemClock()
    redis = RedisLinks(clock)
    metrics = Metrics(release=settings.release)
    metrics.watch_redis(redis.is_any_silent)
    return Ports(
        store=Store(settings.project_id, clock, emulated=bool(settings.firestore_emulator_host)),
        clock=clock,
        identity=FirebaseIdentity(settings, clock),
        session_cookies=FirebaseSessionCookies(settings, clock),
        account_states=FirebaseAccountStates(settings, clock),
        app_check=FirebaseAppCheck(settings, clock),
        job_tokens=OidcJobTokens(settings, clock),
        jobs=CloudTasksJobs(settings),
        push=fcm_push(settings, clock, metrics),
        blobs=CloudStorageBlobs(settings, clock),
        mail=SmtpMail(settings, clock),
        credentials=FirebaseCredentials(settings, clock),
        backups=FirestoreBackups(settings, clock),
        metrics=metrics,
        tracing=_tracing(settings),
        error_reports=_error_reports(settings),
        cache=_cache(settings, clock, redis),
        counters=_counters(settings, clock, redis),
    )


def _cache(settings: Settings, clock: Clock, redis: RedisLinks) -> Cache:
    if settings.cache_url == "off":
        return NoCache()
    if settings.cache_url == "memory://":
        return MemoryCache(clock)
    return RedisCache(redis.to(settings.cache_url), clock, project_id=settings.project_id)


def _counters(settings: Settings, clock: Clock, redis: RedisLinks) -> Counters:
    if settings.rate_limit_storage_url == "memory://":
        return MemoryCounters(clock)
    link = redis.to(settings.rate_limit_storage_url)
    return RedisCounters(link, clock, project_id=settings.project_id)


def _tracing(settings: Settings) -> Tracing:
    if not settings.otlp_endpoint:
        return NoTracing()
    # Imported here alone: it is not installed everywhere, and costs start-up and memory.
    from backend.adapters.open_telemetry import OpenTelemetryTracing  # noqa: PLC0415

    return OpenTelemetryTracing(settings.otlp_endpoint, release=settings.release)


def _error_reports(settings: Settings) -> ErrorReports:
    if not settings.sentry_dsn:
        return NoErrorReports()
    from backend.adapters.sentry import SentryReports  # noqa: PLC0415 - as above.

    return SentryReports(
        settings.sentry_dsn, release=settings.release, environment=settings.mode.value
    )
