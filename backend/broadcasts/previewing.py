"""What a broadcast would be, before anybody is told: how many, who hears it, in which words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.adapters.firestore import Store
from backend.admin.model import Staff, StaffRight
from backend.broadcasts.audience import Audience
from backend.broadcasts.model import Broadcast, begun, text_for
from backend.broadcasts.telling import AT_ONCE
from backend.broadcasts.wording import Wording
from backend.kit.clock import Clock
from backend.notifications.addressees import Addressee, Addressees
from backend.notifications.deciding import decisions
from backend.notifications.model import Category, Channel
from backend.notifications.preferences import Preferences
from backend.templating.model import Rendered

PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Preview:
    """
    `expected` people, exactly or at most; `samples` of what is said, one in each language.

    `tried` of them were looked at as if they were told now: `outcomes` says what would become of
    it, by channel and verdict, and `languages` how many would read which.
    """

    expected: int
    is_exact: bool
    samples: list[Rendered]
    tried: int
    outcomes: Mapping[str, Mapping[str, int]]
    languages: Mapping[str, int]


class PreviewService:
    """Rehearses broadcasts: by the same rules, on the same people, and without a write."""

    def __init__(
        self, store: Store, clock: Clock, addressees: Addressees, wording: Wording
    ) -> None:
        self._clock = clock
        self._addressees = addressees
        self._wording = wording
        self._audience = Audience(store)

    def preview(self, staff: Staff, wanted: Mapping[str, Any]) -> Preview:
        """
        Say what a broadcast would be if it began now. Its first page of people is tried out.

        Raises:
            PermissionDenied: the role does not allow it.
        """
        staff.must(StaffRight.MANAGE_BROADCASTS)
        now = self._clock.now()
        expected, is_exact = self._audience.expected(wanted["segment"], now)
        broadcast = begun(PREVIEW, by=staff.uid, wanted={**wanted, "expected": expected}, at=now)
        met = self._audience.page(broadcast.segment, {}, most=AT_ONCE, now=now)
        people = self._addressees.of(met.uids)
        return Preview(
            expected=expected,
            is_exact=is_exact,
            samples=self._samples(staff, broadcast),
            tried=len(people),
            outcomes=self._outcomes(broadcast, people),
            languages=Counter(text_for(to.locale, broadcast.texts) for to in people.values()),
        )

    def _samples(self, staff: Staff, broadcast: Broadcast) -> list[Rendered]:
        now = self._clock.now()
        return [
            self._wording.notice(broadcast, _reader(staff.uid, locale), now).words
            for locale in sorted(broadcast.texts)
        ]

    def _outcomes(
        self, broadcast: Broadcast, people: Mapping[str, Addressee]
    ) -> dict[str, Counter[str]]:
        now, category = self._clock.now(), Category.ANNOUNCEMENT
        found = {channel.value: Counter[str]() for channel in Channel}
        for to in people.values():
            each = decisions(category, None, to, now, is_urgent=False, offered=broadcast.offered)
            for channel, decision in each.items():
                found[channel.value][decision.verdict.value] += 1
        return found


def _reader(uid: str, locale: str) -> Addressee:
    """Return somebody who reads a language, and has set nothing."""
    return Addressee(uid, locale, "UTC", Preferences())
