"""What happens when a timer fires, by its kind."""

from backend.admin.mirror import Mirror
from backend.attachments.tidying import AttachmentTidying
from backend.boards.mending import RankMending
from backend.boards.settling import GroupSettling
from backend.bootstrap.foundation import Foundation
from backend.bootstrap.job_handlers import job_handlers
from backend.bootstrap.letters import composers
from backend.bootstrap.works import works
from backend.credentials.watching import PasswordWatching
from backend.digests.firing import Digests
from backend.guests.expiry import GuestExpiry
from backend.guests.removal import Removal
from backend.inbox.closing import Closing
from backend.inbox.dismissing import Dismissing
from backend.inbox.waking import Waking
from backend.jobs.alerting import Alerting
from backend.jobs.firing import JobsDue
from backend.jobs.running import JobsRunning
from backend.leaving.erasure import Erasure
from backend.leaving.forgetting import Forgetting
from backend.leaving.memberships import Farewell
from backend.mailing.letters import load_letters
from backend.mailing.service import Mailing
from backend.notifications.bundling import Bundling
from backend.notifications.filing import Filing
from backend.notifications.invited import Invited
from backend.notifications.mail_records import MailRecords
from backend.notifications.mailing import NoticeMailing
from backend.notifications.notice_letters import NoticeLetters
from backend.notifications.notices import NewDevice
from backend.notifications.pushing import Pushing
from backend.notifications.recipients import Recipients
from backend.notifications.releasing import Releasing
from backend.operations.running import Running
from backend.reactions.dependents import Dependents
from backend.reactions.escalation import Escalation, Patience
from backend.reactions.growth import Growth
from backend.reactions.hastening import Hastening
from backend.reactions.lateness import DueSoon, Overdue
from backend.reactions.reminding import Reminding
from backend.reactions.rezoning import Rezoning
from backend.recurrence.arriving import Arriving
from backend.recurrence.withdrawing import Withdrawing
from backend.search.following import CommentEntries
from backend.timers.firing import TimerHandler
from backend.timers.model import TimerKind
from backend.trash.comments import CommentEmptying
from backend.trash.emptying import TrashEmptying
from backend.trash.remains import Remains
from backend.workspaces.departed import Departure, MembershipEnd
from backend.workspaces.lifecycle import WorkspacePurge


def alarms(base: Foundation) -> dict[TimerKind, TimerHandler]:
    """Return the handlers of all timers."""
    return {**_of_tasks(base), **_of_people(base), **_of_workspaces(base)}


def _of_tasks(base: Foundation) -> dict[TimerKind, TimerHandler]:
    store, clock, timers, ports = base.store, base.clock, base.timers, base.ports
    files = ports.blobs if base.settings.storage_bucket else None
    return {
        TimerKind.OVERDUE: Overdue(store, clock, timers, Patience(base.members)),
        TimerKind.ESCALATION: Escalation(store, clock, timers),
        TimerKind.PATIENCE: Hastening(store, clock, timers),
        TimerKind.DUE_SOON: DueSoon(store, clock, timers),
        TimerKind.REMINDER: Reminding(store, clock, timers),
        TimerKind.TREE: Growth(store, clock, timers),
        TimerKind.DEPENDENTS: Dependents(store, clock, timers),
        TimerKind.NOTIFY: Filing(
            store, clock, timers, base.workspaces, base.addressees, base.templates
        ),
        TimerKind.BUNDLE: Bundling(store, clock, timers, base.addressees, base.templates),
        TimerKind.NOTICE: NewDevice(store, clock, timers, base.addressees, base.templates),
        TimerKind.RELEASE: Releasing(store, clock, timers, base.addressees),
        TimerKind.PUSH: Pushing(store, clock, timers, base.accounts, ports.push, base.templates),
        TimerKind.SNOOZED: Waking(store, clock, timers, base.addressees),
        TimerKind.DISMISS: Dismissing(store, clock, timers, base.accounts, ports.push),
        TimerKind.TASK_CLOSED: Closing(store, clock, timers),
        TimerKind.MAIL: Mailing(
            store, clock, timers, base.post, base.suppressions, load_letters(), composers(base)
        ),
        TimerKind.NOTICE_MAIL: _notice_mailing(base),
        TimerKind.COMMENT: CommentEmptying(store, clock),
        TimerKind.COMMENT_ENTRIES: CommentEntries(store, clock),
        TimerKind.ATTACHMENT: AttachmentTidying(store, clock, timers, ports.blobs),
        TimerKind.RANKS: RankMending(store, clock),
        TimerKind.GROUP: GroupSettling(store, clock, timers),
        TimerKind.TRASH: TrashEmptying(
            store, clock, timers, base.reactors.tasks, Remains(store, clock, files)
        ),
        TimerKind.WITHDRAWAL: Withdrawing(
            store, clock, timers, Removal(store, clock, base.reactors.tasks)
        ),
        TimerKind.OCCURRENCE: Arriving(store, clock, timers, base.workspaces),
        TimerKind.OPERATION: Running(store, clock, timers, works(base)),
    }


def _notice_mailing(base: Foundation) -> NoticeMailing:
    store, clock, suppressions = base.store, base.clock, base.suppressions
    return NoticeMailing(
        store,
        clock,
        MailRecords(store, base.timers),
        Recipients(store, clock, base.accounts, base.ports.credentials, suppressions),
        NoticeLetters(base.templates, base.unsubscribe_tokens, api_url=base.settings.api_url),
        base.post,
        suppressions,
    )


def _of_people(base: Foundation) -> dict[TimerKind, TimerHandler]:
    store, clock, timers, credentials = (
        base.store,
        base.clock,
        base.timers,
        base.ports.credentials,
    )
    farewell = Farewell(store, base.handover, base.purge, base.members)
    return {
        TimerKind.SIGN_OUT: base.sessions,
        TimerKind.REZONING: Rezoning(store, clock, base.reactors.tasks),
        TimerKind.DIGEST: Digests(
            store, clock, base.timers, base.addressees, base.templates, base.ports.metrics
        ),
        TimerKind.ACCOUNT_STATE: Mirror(store, clock, credentials),
        TimerKind.PASSWORD_WATCH: PasswordWatching(store, clock, timers, credentials),
        TimerKind.GUEST_EXPIRY: GuestExpiry(
            store,
            clock,
            timers,
            credentials,
            base.purge,
            base.receipts,
            base.recovery,
            (base.profiles, base.members),
        ),
        TimerKind.ERASURE: Erasure(
            store,
            clock,
            timers,
            credentials,
            base.receipts,
            farewell,
            Forgetting(store, clock),
            base.purge,
        ),
    }


def _of_workspaces(base: Foundation) -> dict[TimerKind, TimerHandler]:
    store, clock, timers = base.store, base.clock, base.timers
    members, tokens = base.members, base.tokens
    return {
        TimerKind.INVITED: Invited(
            store,
            clock,
            timers,
            base.ports.credentials,
            base.accounts,
            base.workspaces,
            base.addressees,
            base.templates,
        ),
        TimerKind.DEPARTURE: Departure(store, clock, timers, members, tokens),
        TimerKind.MEMBERSHIP_END: MembershipEnd(store, clock, timers, members, tokens),
        TimerKind.JOB_ALERT: Alerting(
            store, clock, timers, base.addressees, base.templates, base.ports.metrics
        ),
        TimerKind.JOB: JobsDue(store, clock, timers),
        TimerKind.JOB_RUN: JobsRunning(store, clock, timers, job_handlers(base)),
        TimerKind.WORKSPACE_PURGE: WorkspacePurge(
            store, clock, timers, base.purge, members, tokens
        ),
    }
