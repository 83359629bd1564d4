"""Everything an entry point can call."""

from dataclasses import dataclass
from datetime import timedelta

from backend.accounts.service import AccountService
from backend.accounts.sessions import Sessions
from backend.accounts.standing import Standing
from backend.activity.service import ActivityService
from backend.admin.service import AdminService
from backend.attachments.service import AttachmentService
from backend.attachments.sweep import FileSweep
from backend.boards.removing import Removing
from backend.boards.service import GroupService
from backend.boards.tidying import Tidying
from backend.bootstrap.alarms import alarms
from backend.bootstrap.foundation import lay_foundation
from backend.bootstrap.job_handlers import job_handlers
from backend.bootstrap.ports import Ports
from backend.bootstrap.rehearsing import stages
from backend.bootstrap.reverting import reverting
from backend.bootstrap.works import shown
from backend.broadcasts.previewing import PreviewService as BroadcastPreviewService
from backend.broadcasts.repair import BroadcastRepair
from backend.broadcasts.service import BroadcastService
from backend.broadcasts.wording import Wording
from backend.bulk.service import Admission, BulkService
from backend.comments.service import CommentService
from backend.credentials.allowance import LetterAllowance
from backend.credentials.service import CredentialService
from backend.deliveries.healing import Healing
from backend.deliveries.service import DeliveryService
from backend.exporting.importer import Importer
from backend.exporting.service import ExportService
from backend.guests.service import GuestService
from backend.guests.sweep import GuestSweep
from backend.inbox.clearing import Clearing
from backend.inbox.repair import SnoozeRepair
from backend.inbox.service import InboxService
from backend.intents.service import IntentService
from backend.jobs.built_in import Seeding
from backend.jobs.service import JobService
from backend.jobs.sweep import JobSweep
from backend.jobs.triggering import JobTriggering
from backend.kit.cache import Tally
from backend.leaving.purge import Purge
from backend.leaving.receipts import Receipts
from backend.leaving.service import LeavingService
from backend.mailing.report_intake import ReportIntake
from backend.mailing.suppression_service import SuppressionService
from backend.notifications.settings_service import SettingsService
from backend.notifications.unsubscribing import Unsubscribing
from backend.operations.model import OperationKind
from backend.operations.service import OperationService
from backend.reactions.reactors import Reactors
from backend.reactions.service import Reactor
from backend.reactions.sweep import Sweep
from backend.recurrence.adopting import Adopting
from backend.recurrence.alteration import Altering
from backend.recurrence.arriving import OccurrenceRepair
from backend.recurrence.changing import SeriesChanging
from backend.recurrence.occurrences import OccurrenceService
from backend.recurrence.previewing import PreviewService
from backend.recurrence.service import SeriesService
from backend.rehearsal.service import RehearsalService
from backend.relocation.service import Relocation
from backend.search.service import SearchService
from backend.settings import Settings
from backend.statistics.service import StatisticsService
from backend.tasks.duplicating import Duplicating
from backend.tasks.moving import Moving
from backend.tasks.own import OwnTasks
from backend.tasks.parts import Parts
from backend.tasks.restoring import HistoryService
from backend.tasks.service import TaskService
from backend.tasks.snoozing import Snoozing
from backend.templating.publishing import TemplatePublishing
from backend.templating.trying import TemplateTrying
from backend.timers.firing import Firing
from backend.timers.service import TimerService
from backend.undo.service import UndoService
from backend.workspaces.accepting import Accepting
from backend.workspaces.handover import Handover
from backend.workspaces.inviting import Inviting
from backend.workspaces.lifecycle import Lifecycle
from backend.workspaces.membership import Memberships
from backend.workspaces.service import WorkspaceService
from backend.workspaces.spaces import Spaces
from backend.workspaces.welcome import Welcome


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an entry point can call."""

    settings: Settings
    ports: Ports
    tally: Tally
    welcome: Welcome
    standing: Standing
    accounts: AccountService
    sessions: Sessions
    notification_settings: SettingsService
    credentials: CredentialService
    workspaces: WorkspaceService
    lifecycle: Lifecycle
    memberships: Memberships
    spaces: Spaces
    inviting: Inviting
    accepting: Accepting
    handover: Handover
    tasks: TaskService
    moving: Moving
    snoozing: Snoozing
    own_tasks: OwnTasks
    bulk: BulkService
    duplicating: Duplicating
    relocation: Relocation
    parts: Parts
    statistics: StatisticsService
    search: SearchService
    history: HistoryService
    activity: ActivityService
    comments: CommentService
    attachments: AttachmentService
    groups: GroupService
    removing: Removing
    tidying: Tidying
    series: SeriesService
    series_changing: SeriesChanging
    adopting: Adopting
    occurrences: OccurrenceService
    jobs: JobService
    job_triggering: JobTriggering
    job_sweep: JobSweep
    previews: PreviewService
    reactor: Reactor
    reactors: Reactors
    sweep: Sweep
    timers: TimerService
    firing: Firing
    inbox: InboxService
    inbox_clearing: Clearing
    operations: OperationService
    exports: ExportService
    importer: Importer
    guests: GuestService
    undo: UndoService
    unsubscribing: Unsubscribing
    intents: IntentService
    rehearsals: RehearsalService
    occurrence_repair: OccurrenceRepair
    guest_sweep: GuestSweep
    file_sweep: FileSweep
    admin: AdminService
    template_publishing: TemplatePublishing
    template_trying: TemplateTrying
    broadcasts: BroadcastService
    broadcast_previews: BroadcastPreviewService
    broadcast_repair: BroadcastRepair
    snooze_repair: SnoozeRepair
    deliveries: DeliveryService
    delivery_healing: Healing
    mail_reports: ReportIntake
    suppression_list: SuppressionService
    leaving: LeavingService
    purge: Purge
    receipts: Receipts


def build_services(settings: Settings, ports: Ports) -> Services:
    """Return the services over the given outside world."""
    base = lay_foundation(settings, ports)
    store, clock, timers = base.store, base.clock, base.timers
    members, tokens, workspaces = base.members, base.tokens, base.workspaces
    held = (base.profiles, members)
    allowance = LetterAllowance(ports.counters, settings.signing_secret)
    operations = OperationService(store, clock, timers, shown(base))
    guests = GuestService(store, clock, timers, base.recovery, held, base.offers)
    altering = Altering(store, base.offers, timers)
    welcome = Welcome(store, clock, held, base.receipts)
    handlers = job_handlers(base)
    # A backup that has nowhere to go would only fail.
    paused = () if settings.backup_bucket else ("backup",)
    seeding = Seeding(store, clock, timers, handlers, paused=paused)
    publishing = TemplatePublishing(store, clock, tokens, base.templates)
    return Services(
        settings=settings,
        ports=ports,
        tally=base.tally,
        welcome=welcome,
        standing=base.standing,
        accounts=base.accounts,
        sessions=base.sessions,
        notification_settings=SettingsService(store, clock, base.offers),
        credentials=CredentialService(store, clock, timers, allowance),
        workspaces=workspaces,
        lifecycle=Lifecycle(store, clock, workspaces, timers, base.offers),
        memberships=Memberships(store, clock, workspaces, timers, members, tokens),
        spaces=Spaces(store, clock, workspaces, members, tokens),
        inviting=Inviting(store, clock, workspaces, timers, members, tokens, base.invite_tokens),
        accepting=Accepting(
            store, clock, base.accounts, timers, members, tokens, base.invite_tokens
        ),
        handover=base.handover,
        tasks=TaskService(store, clock, workspaces, tokens, base.quota, base.desk),
        history=HistoryService(store, workspaces, tokens, base.desk),
        activity=ActivityService(store, workspaces, tokens),
        moving=Moving(base.desk),
        snoozing=Snoozing(clock, base.desk),
        own_tasks=OwnTasks(store, workspaces, tokens),
        relocation=Relocation(store, clock, timers, workspaces, base.quota, base.offers),
        duplicating=Duplicating(clock, workspaces, base.quota, base.desk),
        bulk=BulkService(
            store, clock, timers, Admission(workspaces, base.quota), base.desk, base.offers
        ),
        parts=Parts(base.desk),
        statistics=StatisticsService(store, workspaces),
        search=SearchService(store, workspaces),
        comments=CommentService(store, clock, workspaces, tokens, base.offers),
        attachments=AttachmentService(store, clock, ports.blobs, workspaces, tokens, base.offers),
        groups=GroupService(store, clock, workspaces, tokens, base.offers),
        removing=Removing(store, clock, workspaces, timers, base.offers),
        tidying=Tidying(store, clock, workspaces, timers, base.offers),
        series=base.series,
        series_changing=SeriesChanging(store, clock, workspaces, tokens, altering),
        adopting=Adopting(store, clock, workspaces, altering),
        occurrences=OccurrenceService(store, clock, workspaces, tokens, altering),
        jobs=JobService(store, clock, timers, workspaces, tokens, base.offers, handlers),
        job_triggering=JobTriggering(store, clock, timers, tokens),
        job_sweep=JobSweep(store, clock, timers, seeding),
        previews=PreviewService(clock, workspaces, base.series),
        reactor=base.reactors.tasks,
        reactors=base.reactors,
        sweep=Sweep(store, clock, ports.metrics, base.reactors.swept()),
        timers=timers,
        firing=Firing(timers, alarms(base)),
        inbox=InboxService(store, clock, timers, tokens, base.offers),
        inbox_clearing=Clearing(store, clock, timers, base.offers),
        operations=operations,
        exports=ExportService(clock, operations),
        importer=Importer(store, clock, timers, ports.blobs, base.receipts),
        guests=guests,
        intents=IntentService(
            store,
            clock,
            welcome,
            ports.credentials,
            ports.counters,
            per_minute=settings.rate_limit_person_per_minute,
        ),
        undo=UndoService(
            store,
            clock,
            timers,
            base.offers,
            reverting(base),
            {OperationKind.MERGE_GUEST: guests.undo},
        ),
        unsubscribing=Unsubscribing(store, clock, base.unsubscribe_tokens),
        rehearsals=RehearsalService(clock, workspaces, stages(settings, ports)),
        occurrence_repair=OccurrenceRepair(
            store, clock, timers, grace=timedelta(seconds=settings.repair_grace_s)
        ),
        guest_sweep=GuestSweep(store, clock, timers),
        file_sweep=FileSweep(store, clock, ports.blobs if settings.storage_bucket else None),
        admin=AdminService(store, clock, timers, tokens),
        template_publishing=publishing,
        template_trying=TemplateTrying(
            store,
            publishing,
            base.accounts,
            ports.credentials,
            ports.push,
            base.post,
            base.suppressions,
        ),
        broadcasts=BroadcastService(store, clock, timers, tokens),
        broadcast_previews=BroadcastPreviewService(
            store, clock, base.addressees, Wording(base.templates)
        ),
        broadcast_repair=BroadcastRepair(store, clock, timers),
        snooze_repair=SnoozeRepair(store, clock, timers),
        deliveries=DeliveryService(store, clock, timers, tokens),
        delivery_healing=Healing(store, clock, timers, tokens, ports.metrics),
        mail_reports=ReportIntake(store, clock, base.references, ports.metrics),
        suppression_list=SuppressionService(store, clock, tokens, base.suppressions),
        leaving=LeavingService(store, clock, timers, base.accounts),
        purge=base.purge,
        receipts=base.receipts,
    )
