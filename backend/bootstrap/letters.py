"""What each letter says, by the name that its timers carry."""

from backend.accounts.letters import NewDeviceLetter
from backend.accounts.timers import NEW_DEVICE
from backend.bootstrap.foundation import Foundation
from backend.credentials.letters import (
    EmailVerificationLetter,
    Languages,
    PasswordChangedLetter,
    PasswordResetLetter,
)
from backend.exporting.service import ExportReadyLetter
from backend.leaving.letters import ErasedLetter, ScheduledLetter
from backend.mailing.model import Composer
from backend.workspaces.invitation_letter import InvitationLetter
from backend.workspaces.timers import LETTER as INVITATION


def composers(base: Foundation) -> dict[str, Composer]:
    """Return who composes which letter."""
    store, clock, credentials = base.store, base.clock, base.ports.credentials
    languages = Languages(base.accounts)
    return {
        "passwordReset": PasswordResetLetter(store, clock, base.timers, credentials, languages),
        "passwordChanged": PasswordChangedLetter(credentials, languages),
        "emailVerification": EmailVerificationLetter(credentials, languages),
        INVITATION: InvitationLetter(
            store, clock, base.accounts, base.invite_tokens, app_url=base.settings.app_url
        ),
        "exportReady": ExportReadyLetter(store, credentials),
        NEW_DEVICE: NewDeviceLetter(store, clock, credentials),
        "erasureScheduled": ScheduledLetter(store, credentials),
        "erased": ErasedLetter(base.receipts, credentials),
    }
