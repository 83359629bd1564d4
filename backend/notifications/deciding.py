"""Whether a notification goes out by a channel: a pure function, and what it is decided from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.notifications.addressees import Addressee
from backend.notifications.model import Category, Channel, Decision, Verdict
from backend.notifications.preferences import Level
from backend.notifications.quiet import quiet_until

# What a push did not bring to somebody, and they have not seen by themselves, is mailed then.
MAILED_AFTER = timedelta(minutes=10)
MAILED_AT_ONCE = frozenset({Category.DIGEST, Category.INVITATION})
# What they asked for themselves, or was said to them.
PERSONAL = frozenset({Category.REMINDER, Category.DIGEST, Category.FOCUS_FINISHED})
ADDRESSED = PERSONAL | {Category.MENTION}
# Why nothing reaches somebody any more, for now or for good.
LOCKED_OUT, ENDED = "accountDisabled", "accountEnded"


@dataclass(frozen=True, slots=True)
class Inputs:
    """
    All that a decision rests on, as it was at the instant `at`.

    `is_on` is what the matrix says, `level` how much the person wants to hear of the workspace,
    `quiet_until` when their quiet hours end, if it is quiet. `passes` says whether it may break
    the quiet, `gets_mail` whether this service sends mail. `is_offered` says whether whoever sends
    it does so by this channel at all, `is_disabled` whether the person is locked out.
    """

    category: Category
    channel: Channel
    at: datetime
    is_on: bool
    workspace_id: str | None
    level: Level
    quiet_until: datetime | None
    passes: bool
    gets_mail: bool
    is_offered: bool = True
    is_disabled: bool = False

    def fields(self) -> Mapping[str, Any]:
        """Return them as they are stored with the decision."""
        return {
            "category": self.category.value,
            "channel": self.channel.value,
            "at": self.at,
            "isOn": self.is_on,
            "workspaceId": self.workspace_id,
            "level": self.level.value,
            "quietUntil": self.quiet_until,
            "passes": self.passes,
            "getsMail": self.gets_mail,
            "isOffered": self.is_offered,
            "isDisabled": self.is_disabled,
        }


def inputs_of(fields: Mapping[str, Any]) -> Inputs:
    """Read what was stored with a decision, so that it can be taken again."""
    return Inputs(
        category=Category(fields["category"]),
        channel=Channel(fields["channel"]),
        at=fields["at"],
        is_on=fields["isOn"],
        workspace_id=fields["workspaceId"],
        level=Level(fields["level"]),
        quiet_until=fields["quietUntil"],
        passes=fields["passes"],
        gets_mail=fields["getsMail"],
        is_offered=fields.get("isOffered", True),
        is_disabled=fields.get("isDisabled", False),
    )


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict, its reason, the setting that is it, and until when something waits."""

    verdict: Verdict
    reason: str
    setting: str | None = None
    until: datetime | None = None


def decide(inputs: Inputs) -> Ruling:
    """Return what becomes of a notification on one channel. The same inputs, the same ruling."""
    if inputs.is_disabled and inputs.channel is not Channel.INBOX:
        return Ruling(Verdict.SUPPRESSED, LOCKED_OUT)
    if inputs.category is Category.SECURITY:
        return _about_security(inputs)
    if (kept_back := _kept_back(inputs)) is not None:
        return kept_back
    match inputs.channel:
        case Channel.INBOX:
            return Ruling(Verdict.SENT, "default")
        case Channel.PUSH:
            return _pushed(inputs)
        case Channel.EMAIL:
            return _mailed(inputs)


def is_wanted(category: Category, level: Level) -> bool:
    """Say whether somebody wants to hear of a category who wants so much of its workspace."""
    match level:
        case Level.ALL:
            return True
        case Level.MENTIONS:
            return category in ADDRESSED
        case Level.NONE:
            return category in PERSONAL


def decisions(
    category: Category,
    workspace_id: str | None,
    to: Addressee,
    now: datetime,
    *,
    is_urgent: bool,
    offered: Collection[Channel] = tuple(Channel),
) -> dict[Channel, Decision]:
    """
    Return the decision about each channel, for somebody as they are now.

    `offered` are the channels that it is sent by, whatever they have chosen.
    """
    found = {}
    preferences = to.preferences
    until = quiet_until(preferences, to.zone, now)
    for channel in Channel:
        inputs = Inputs(
            category=category,
            channel=channel,
            at=now,
            is_on=preferences.is_on(category, channel),
            workspace_id=workspace_id,
            level=preferences.level(workspace_id),
            quiet_until=until,
            passes=is_urgent and preferences.urgent_passes,
            gets_mail=to.gets_mail,
            is_offered=channel in offered,
            is_disabled=to.is_disabled,
        )
        found[channel] = decision_from(inputs)
    return found


def decision_from(inputs: Inputs) -> Decision:
    """Return the decision that follows from its inputs, before anything was tried."""
    ruling = decide(inputs)
    attempts = 1 if ruling.verdict is Verdict.SENT else 0
    return Decision(
        verdict=ruling.verdict,
        reason=ruling.reason,
        attempts=attempts,
        at=inputs.at,
        devices={},
        setting=ruling.setting,
        until=ruling.until,
        inputs=inputs.fields(),
    )


def _about_security(inputs: Inputs) -> Ruling:
    """Security is told at once, whatever somebody has chosen: it may not have been them."""
    match inputs.channel:
        case Channel.INBOX:
            return Ruling(Verdict.SENT, "security")
        case Channel.PUSH:
            return Ruling(Verdict.PENDING, "security")
        case Channel.EMAIL:  # A letter of its own, which says more.
            return Ruling(Verdict.MERGED, "letter")


def _kept_back(inputs: Inputs) -> Ruling | None:
    """Return why it does not go out by this channel at all; None: it does."""
    if not inputs.is_offered:
        return Ruling(Verdict.SUPPRESSED, "notOffered")
    if not is_wanted(inputs.category, inputs.level):
        return Ruling(Verdict.MUTED, "workspace", f"/workspaces/{inputs.workspace_id}")
    if not inputs.is_on:
        setting = f"/matrix/{inputs.category.value}/{inputs.channel.value}"
        return Ruling(Verdict.MUTED, "category", setting)
    return None


def _pushed(inputs: Inputs) -> Ruling:
    if inputs.quiet_until is None or inputs.passes:
        return Ruling(Verdict.PENDING, "default")
    return Ruling(Verdict.HELD, "quietHours", "/quietHours", inputs.quiet_until)


def _mailed(inputs: Inputs) -> Ruling:
    if not inputs.gets_mail:
        return Ruling(Verdict.MUTED, "mailOff")
    if inputs.category in MAILED_AT_ONCE:
        return Ruling(Verdict.PENDING, "default", until=inputs.at)
    # After the push that is held, which may bring it.
    is_held = inputs.quiet_until is not None and not inputs.passes
    begins = inputs.quiet_until if is_held and inputs.quiet_until else inputs.at
    return Ruling(Verdict.PENDING, "default", until=begins + MAILED_AFTER)
