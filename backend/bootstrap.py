"""The only file that names concrete classes: from settings to services."""

from dataclasses import dataclass
from datetime import timedelta

from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.adapters.identity import FirebaseIdentity, IdentityProvider
from backend.adapters.job_tokens import JobTokens, OidcJobTokens
from backend.adapters.jobs import CloudTasksJobs, Jobs
from backend.adapters.push import FcmPush, Push
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


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world. Tests replace what they need to, and leave the rest real."""

    store: Store
    clock: Clock
    identity: IdentityProvider
    job_tokens: JobTokens
    jobs: Jobs
    push: Push


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an entry point can call."""

    settings: Settings
    ports: Ports
    welcome: Welcome
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
    return Ports(
        store=Store(settings.project_id, clock, emulated=bool(settings.firestore_emulator_host)),
        clock=clock,
        identity=FirebaseIdentity(settings, clock),
        job_tokens=OidcJobTokens(settings),
        jobs=CloudTasksJobs(settings),
        push=FcmPush(settings),
    )


def build_services(settings: Settings, ports: Ports) -> Services:
    """Return the services over the given outside world."""
    store, clock = ports.store, ports.clock
    accounts = AccountService(store, clock)
    workspaces = WorkspaceService(store, clock, accounts)
    grace = timedelta(seconds=settings.repair_grace_s)
    timers = TimerService(store, clock, ports.jobs, grace=grace)
    series = SeriesService(store, clock, workspaces)
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
        welcome=Welcome(store, clock),
        accounts=accounts,
        workspaces=workspaces,
        tasks=TaskService(store, clock, workspaces, PageTokens(settings.page_token_secret)),
        series=series,
        reactor=reactor,
        sweep=Sweep(store, clock, reactor),
        timers=timers,
        firing=firing,
    )
