"""The collections whose changes have consequences, and who looks at each."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.inbox.reacting import InboxReactor
from backend.intents.waiting import PENDING, WaitingIntents
from backend.kit.documents import Stored
from backend.reactions.accounts import AccountReactor
from backend.reactions.comments import CommentReactor
from backend.reactions.devices import DeviceReactor
from backend.reactions.places import PlaceReactor
from backend.reactions.service import Reactor
from backend.reactions.settings import SettingsReactor
from backend.reactions.sweep import Swept

LESS_OFTEN = 5  # Turns: every ten minutes, where tasks are looked at every two.


@dataclass(frozen=True, slots=True)
class Reactors:
    """One for each kind of document that apps write themselves."""

    tasks: Reactor
    accounts: AccountReactor
    settings: SettingsReactor
    devices: DeviceReactor
    inboxes: InboxReactor
    comments: CommentReactor
    places: PlaceReactor
    intents: WaitingIntents

    def swept(self) -> list[Swept]:
        """Return what a sweep goes through, since doorbells may be lost."""
        return [
            Swept("tasks", "updatedAt", self.tasks.look, "sweepReactions"),
            Swept(
                "intents",
                "createdAt",
                self.intents.look,
                "sweepIntents",
                every=LESS_OFTEN,
                waiting=PENDING,
            ),
            _less_often("comments", "updatedAt", self.comments.look, "sweepComments"),
            _less_often("users", "updatedAt", self.accounts.look, "sweepAccounts", group=False),
            _less_often("settings", "updatedAt", self.settings.look, "sweepSettings"),
            _less_often("devices", "lastSeenAt", self.devices.look, "sweepDevices"),
            _less_often("notifications", "updatedAt", self.inboxes.look, "sweepInboxes"),
            _less_often("boards", "updatedAt", self.places.look_at_board, "sweepBoards"),
            _less_often("lists", "updatedAt", self.places.look_at_list, "sweepLists"),
        ]


def _less_often(
    collection: str,
    field: str,
    react: Callable[[Stored], bool],
    cursor_id: str,
    *,
    group: bool = True,
) -> Swept:
    return Swept(collection, field, react, cursor_id, group=group, every=LESS_OFTEN)
