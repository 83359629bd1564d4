"""What became of a broadcast: for each person by each channel, and how often in all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from backend.adapters.firestore import Store
from backend.broadcasts.documents import Recipient, recipient_of, recipients_of
from backend.broadcasts.model import Broadcast
from backend.kit.documents import NAME, Query
from backend.notifications.documents import decision_of, decision_path
from backend.notifications.model import Channel, Decision

PAGE = 100
GONE = "gone"  # Deleted since, with its decisions.


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether somebody was told, and what became of it by each channel; none where it is gone."""

    recipient: Recipient
    decisions: Mapping[Channel, Decision]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each verdict was found by each channel so far; where to go on, None: at the end."""

    outcomes: Mapping[str, Counter[str]] = field(default_factory=dict)
    after: str | None = None

    @classmethod
    def going_on(cls, cursor: Mapping[str, Any]) -> Self:
        """Return the tally that a cursor holds: at first an empty one."""
        counted = cursor.get("outcomes", {})
        return cls(
            {name: Counter(verdicts) for name, verdicts in counted.items()}, cursor.get("at")
        )

    def cursor(self) -> dict[str, Any]:
        """Return it as the cursor of an operation."""
        return {"outcomes": {k: dict(v) for k, v in self.outcomes.items()}, "at": self.after}


class Outcomes:
    """Reads what became of broadcasts, as it is now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, recipients: Sequence[Recipient]) -> list[Outcome]:
        """Return what became of it for each of these, in one round trip."""
        keys = [
            (each, channel, decision_path(each.uid, each.notification_id, channel))
            for each in recipients
            if each.notification_id is not None
            for channel in Channel
        ]
        found = self._store.get_all([path for _, _, path in keys]) if keys else []
        decided: dict[str, dict[Channel, Decision]] = {each.uid: {} for each in recipients}
        for (each, channel, _), stored in zip(keys, found, strict=True):
            if stored is not None:
                decided[each.uid][channel] = decision_of(stored)
        return [Outcome(each, decided[each.uid]) for each in recipients]

    def counted(self, broadcast: Broadcast, so_far: Tally) -> Tally:
        """Return a tally with the next page of people counted. Two round trips."""
        found = self._store.find(
            Query(
                recipients_of(broadcast.id),
                PAGE,
                order_by=(NAME,),
                after=(so_far.after,) if so_far.after else None,
            )
        )
        outcomes = {channel.value: Counter[str]() for channel in Channel}
        outcomes |= {name: Counter(verdicts) for name, verdicts in so_far.outcomes.items()}
        told = [each for each in map(recipient_of, found) if each.notification_id is not None]
        for outcome in self.of(told):
            for channel in Channel:
                decision = outcome.decisions.get(channel)
                outcomes[channel.value][decision.verdict.value if decision else GONE] += 1
        return Tally(outcomes, found[-1].path if len(found) == PAGE else None)
