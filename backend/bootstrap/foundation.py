"""What most of the services stand on, made once."""

from dataclasses import dataclass
from datetime import timedelta

from backend.accounts.service import AccountService
from backend.accounts.sessions import Sessions
from backend.accounts.standing import Standing
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.bootstrap.ports import Ports
from backend.guests.quota import GuestQuota
from backend.guests.recovery import Recovery
from backend.inbox.reacting import InboxReactor
from backend.intents.waiting import WaitingIntents
from backend.kit.cache import Tally
from backend.kit.clock import Clock
from backend.kit.pages import PageTokens
from backend.leaving.purge import Purge
from backend.leaving.receipts import Receipts
from backend.mailing.posting import Post
from backend.mailing.references import MailReferences
from backend.mailing.suppression import Suppressions
from backend.notifications.addressees import Addressees
from backend.notifications.unsubscribe_tokens import UnsubscribeTokens
from backend.reactions.accounts import AccountReactor
from backend.reactions.comments import CommentReactor
from backend.reactions.devices import DeviceReactor
from backend.reactions.places import PlaceReactor
from backend.reactions.reactors import Reactors
from backend.reactions.service import Reactor
from backend.reactions.settings import SettingsReactor
from backend.recurrence.service import SeriesService
from backend.recurrence.turning import Turning
from backend.settings import Settings
from backend.tasks.desk import Desk
from backend.templating.service import Templates
from backend.timers.service import TimerService
from backend.undo.offers import UndoOffers
from backend.workspaces.handover import Handover
from backend.workspaces.invite_tokens import InviteTokens
from backend.workspaces.service import WorkspaceService

# What was read is believed for so long where a cache is shared, and for less where it is not.
HELD_S = 60.0


@dataclass(frozen=True, slots=True)
class Foundation:
    """Parts that several services share. `profiles` and `members` are caches."""

    settings: Settings
    ports: Ports
    store: Store
    clock: Clock
    tally: Tally
    tokens: PageTokens
    invite_tokens: InviteTokens
    profiles: CachedDocuments
    members: CachedDocuments
    timers: TimerService
    accounts: AccountService
    workspaces: WorkspaceService
    standing: Standing
    sessions: Sessions
    quota: GuestQuota
    series: SeriesService
    reactors: Reactors
    purge: Purge
    receipts: Receipts
    handover: Handover
    recovery: Recovery
    offers: UndoOffers
    desk: Desk
    templates: Templates
    addressees: Addressees
    unsubscribe_tokens: UnsubscribeTokens
    suppressions: Suppressions
    references: MailReferences
    post: Post


def lay_foundation(settings: Settings, ports: Ports) -> Foundation:
    """Return the shared parts over the given outside world."""
    store, clock = ports.store, ports.clock
    tally = Tally()
    ports.metrics.watch_caches(tally.counts)
    profiles = CachedDocuments(store, ports.cache, tally, kind="profiles", ttl_s=HELD_S)
    members = CachedDocuments(store, ports.cache, tally, kind="members", ttl_s=HELD_S)
    tokens = PageTokens(settings.signing_secret)
    grace = timedelta(seconds=settings.repair_grace_s)
    timers = TimerService(store, clock, ports.jobs, ports.metrics, grace=grace)
    offers = UndoOffers(settings.signing_secret)
    accounts = AccountService(store, clock, profiles, offers)
    workspaces = WorkspaceService(store, clock, accounts, members, tokens)
    standing = Standing(ports.account_states, clock)
    quota = GuestQuota(store)
    series = SeriesService(store, clock, workspaces, tokens, quota, offers, timers)
    files = ports.blobs if settings.storage_bucket else None
    suppressions = Suppressions(store, clock, settings.signing_secret)
    references = MailReferences(
        settings.signing_secret, bounces=settings.mail_bounces, id_of=suppressions.id_of
    )
    return Foundation(
        settings=settings,
        ports=ports,
        store=store,
        clock=clock,
        tally=tally,
        tokens=tokens,
        invite_tokens=InviteTokens(settings.signing_secret),
        profiles=profiles,
        members=members,
        timers=timers,
        accounts=accounts,
        workspaces=workspaces,
        standing=standing,
        sessions=Sessions(store, clock, timers, ports.credentials, standing),
        quota=quota,
        series=series,
        reactors=Reactors(
            tasks=Reactor(store, clock, timers, Turning(store, workspaces)),
            accounts=AccountReactor(store, clock, timers, accounts, workspaces),
            settings=SettingsReactor(store, clock, timers),
            devices=DeviceReactor(store, clock, timers),
            inboxes=InboxReactor(store, clock, timers),
            comments=CommentReactor(store, clock, timers),
            places=PlaceReactor(store),
            intents=WaitingIntents(clock, ports.jobs),
        ),
        purge=Purge(store, clock, profiles, members, files),
        receipts=Receipts(store, settings.signing_secret),
        handover=Handover(store, clock, members, tokens),
        recovery=Recovery(store, clock, timers),
        offers=offers,
        desk=Desk(store, clock, workspaces, offers),
        suppressions=suppressions,
        references=references,
        post=Post(ports.mail, clock, references, ports.metrics),
        templates=Templates(store, clock, app_url=settings.app_url),
        addressees=Addressees(store, clock, sends_mail=bool(settings.smtp_url)),
        unsubscribe_tokens=UnsubscribeTokens(settings.signing_secret),
    )
