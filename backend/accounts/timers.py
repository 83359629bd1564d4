"""The timers of an account: sign its person out, and tell them of a new device."""

from datetime import datetime

from backend.kit.ids import derived_id
from backend.mailing.model import mail_timer
from backend.timers.model import Timer, TimerKind

NEW_DEVICE = "newDevice"


def sign_out_timer(uid: str, *, at: datetime) -> Timer:
    """
    Return the timer that revokes the tokens issued before `at`.

    One for each instant: who is done with one must not take away that of a later request.
    """
    timer_id = derived_id(TimerKind.SIGN_OUT.value, uid, at.isoformat())
    return Timer(timer_id, TimerKind.SIGN_OUT, {"uid": uid}, at)


def new_device_timers(uid: str, device_id: str, *, at: datetime) -> tuple[Timer, Timer]:
    """Return the timers that file the notice of a new device, and send the letter about it."""
    subject = {"uid": uid, "deviceId": device_id}
    timer_id = derived_id(TimerKind.NOTICE.value, NEW_DEVICE, uid, device_id)
    notice = Timer(timer_id, TimerKind.NOTICE, subject, at)
    return notice, mail_timer(NEW_DEVICE, (uid, device_id), subject, at)
