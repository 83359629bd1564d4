"""The only file that names concrete classes: from settings to services."""

from dataclasses import dataclass
from datetime import timedelta

from backend.accounts.service import AccountService
from backend.accounts.standing import Standing
from backend.adapters.account_states import AccountStates, FirebaseAccountStates
from backend.adapters.app_check import AppCheck, FirebaseAppCheck
from backend.adapters.cache import MemoryCache, NoCache, RedisCache
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.counters import Counters, MemoryCounters, RedisCounters
from backend.adapters.error_reports import ErrorReports, NoErrorReports
from backend.adapters.firestore import Store
from backend.adapters.identity import FirebaseIdentity, IdentityProvider
from backend.adapters.job_tokens import JobTokens, OidcJobTokens
from backend.adapters.jobs import CloudTasksJobs, Jobs
from backend.adapters.metrics import Metrics
from backend.adapters.push import FcmPush, Push
from backend.adapters.redis_link import RedisLinks
from backend.adapters.tracing import NoTracing, Tracing
from backend.kit.cache import Cache, Tally
from backend.kit.clock import Clock, SystemClock
from backend.kit.pages import PageTokens
from backend.notifications.filing import Filing
from backend.notifications.pushing import Pushing
from backend.reactions.lateness import DueSoon, Overdue
from backend.reactions.service import Reactor
from backend.reactions.sweep import Sweep
from backend.recurrence.service import SeriesService
from backend.settings import Settings
from backend.tasks.service import TaskService
from backend.timers.firing import Firing
from backend.timers.model import TimerKind
from backend.timers.service import TimerService
from backend.workspaces.service import WorkspaceService
from backend.workspaces.welcome import Welcome

# What was read is believed for so long where a cache is shared, and for less where it is not.
HELD_S = 60.0


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world. Tests replace what they need to, and leave the rest real."""

    store: Store
    clock: Clock
    identity: IdentityProvider
    account_states: AccountStates
    app_check: AppCheck
    job_tokens: JobTokens
    jobs: Jobs
    push: Push
    metrics: Metrics
    tracing: Tracing
    error_reports: ErrorReports
    cache: Cache
    counters: Counters


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an entry point can call."""

    settings: Settings
    ports: Ports
    tally: Tally
    welcome: Welcome
    standing: Standing
    accounts: AccountService
    workspaces: WorkspaceService
    tasks: TaskService
    series: SeriesService
    reactor: Reactor
    sweep: Sweep
    timers: TimerService
    firing: Firing


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
        account_states=FirebaseAccountStates(settings, clock),
        app_check=FirebaseAppCheck(settings, clock),
        job_tokens=OidcJobTokens(settings, clock),
        jobs=CloudTasksJobs(settings),
        push=FcmPush(settings),
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


def build_services(settings: Settings, ports: Ports) -> Services:
    """Return the services over the given outside world."""
    store, clock = ports.store, ports.clock
    tally = Tally()
    ports.metrics.watch_caches(tally.counts)
    profiles = CachedDocuments(store, ports.cache, tally, kind="profiles", ttl_s=HELD_S)
    members = CachedDocuments(store, ports.cache, tally, kind="members", ttl_s=HELD_S)
    accounts = AccountService(store, clock, profiles)
    tokens = PageTokens(settings.signing_secret)
    workspaces = WorkspaceService(store, clock, accounts, members, tokens)
    grace = timedelta(seconds=settings.repair_grace_s)
    timers = TimerService(store, clock, ports.jobs, ports.metrics, grace=grace)
    series = SeriesService(store, clock, workspaces, tokens)
    reactor = Reactor(store, clock, timers, series)
    firing = Firing(
        timers,
        {
            TimerKind.OVERDUE: Overdue(store, clock),
            TimerKind.DUE_SOON: DueSoon(store, clock, timers),
            TimerKind.NOTIFY: Filing(store, clock, timers, workspaces),
            TimerKind.PUSH: Pushing(store, clock, timers, accounts, ports.push),
        },
    )
    return Services(
        settings=settings,
        ports=ports,
        tally=tally,
        welcome=Welcome(store, clock),
        standing=Standing(ports.account_states, clock),
        accounts=accounts,
        workspaces=workspaces,
        tasks=TaskService(store, clock, workspaces, tokens),
        series=series,
        reactor=reactor,
        sweep=Sweep(store, clock, reactor, ports.metrics),
        timers=timers,
        firing=firing,
    )
