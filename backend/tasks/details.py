"""
What a task carries besides its words: reminders and a checklist.

Apps write both straight into Firestore, and its rules, which know no loops, look at no element of
them. So reading is forgiving: what is no reminder or no item is passed over, and the reactor then
takes it out of the document.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from backend.kit.ids import is_id

MAX_REMINDERS, MAX_CHECKLIST = 10, 50
MAX_MINUTES_BEFORE = 30 * 24 * 60
MAX_ITEM_TEXT = 500
_SAID, _SAID_AT_TIMES = {"kind", "minutesBefore", "at"}, {"anchor", "uid"}


class ReminderKind(StrEnum):
    """Whether a reminder moves with the dates of its task."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"


class Anchor(StrEnum):
    """What a relative reminder is counted from."""

    DUE = "due"
    START = "start"


@dataclass(frozen=True, slots=True)
class Reminder:
    """
    Some minutes before the task is due or begins (relative), or at an instant (absolute).

    It is for the one person of `uid`; None: for those who should do the task by then. The anchor
    of an absolute one is always `due`, and says nothing.
    """

    kind: ReminderKind
    minutes_before: int | None
    at: datetime | None
    anchor: Anchor = Anchor.DUE
    uid: str | None = None

    def to_fields(self) -> dict[str, Any]:
        """Return the map kept in documents: `anchor` and `uid` where they say something."""
        fields = {"kind": self.kind.value, "minutesBefore": self.minutes_before, "at": self.at}
        if self.anchor is not Anchor.DUE:
            fields["anchor"] = self.anchor.value
        if self.uid is not None:
            fields["uid"] = self.uid
        return fields

    @classmethod
    def from_fields(cls, fields: object) -> "Reminder | None":
        """Read the map back; None if it is no reminder."""
        if not isinstance(fields, Mapping) or not _SAID <= set(fields) <= _SAID | _SAID_AT_TIMES:
            return None
        anchor, uid = fields.get("anchor", Anchor.DUE.value), fields.get("uid")
        if not isinstance(anchor, str) or anchor not in set(Anchor):
            return None
        if uid is not None and not (isinstance(uid, str) and is_id(uid)):
            return None
        match fields["kind"], fields["minutesBefore"], fields["at"]:
            case "relative", int(minutes), None if (
                type(minutes) is int and 0 <= minutes <= MAX_MINUTES_BEFORE
            ):
                return cls(ReminderKind.RELATIVE, minutes, None, Anchor(anchor), uid)
            case "absolute", None, datetime() as at if anchor == Anchor.DUE.value:
                return cls(ReminderKind.ABSOLUTE, None, at, uid=uid)
        return None


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """A line to tick off. Its id is chosen by the app and unique in the task."""

    id: str
    text: str
    is_done: bool

    def to_fields(self) -> dict[str, Any]:
        """Return the map kept in documents."""
        return {"id": self.id, "text": self.text, "isDone": self.is_done}

    @classmethod
    def from_fields(cls, fields: object) -> "ChecklistItem | None":
        """Read the map back; None if it is no item."""
        if not isinstance(fields, Mapping) or set(fields) != {"id", "text", "isDone"}:
            return None
        match fields["id"], fields["text"], fields["isDone"]:
            case str(item_id), str(text), bool(is_done) if is_id(item_id) and (
                1 <= len(text) <= MAX_ITEM_TEXT
            ):
                return cls(item_id, text, is_done)
        return None


def reminders_of(value: object) -> tuple[Reminder, ...]:
    """Read the reminders of a task, each once."""
    found = filter(None, map(Reminder.from_fields, _elements(value)))
    return tuple(dict.fromkeys(found))[:MAX_REMINDERS]


def reminded(reminders: Iterable[Reminder]) -> list[str]:
    """Return the uids of those whom some of the reminders are for alone, each once."""
    return [*dict.fromkeys(each.uid for each in reminders if each.uid is not None)]


def reminding(reminders: Iterable[Reminder], people: Container[str]) -> tuple[Reminder, ...]:
    """Return the reminders that are for nobody alone but these people."""
    return tuple(each for each in reminders if each.uid is None or each.uid in people)


def checklist_of(value: object) -> tuple[ChecklistItem, ...]:
    """Read the checklist of a task; of two items with one id, the first."""
    items: dict[str, ChecklistItem] = {}
    for item in filter(None, map(ChecklistItem.from_fields, _elements(value))):
        items.setdefault(item.id, item)
    return tuple(items.values())[:MAX_CHECKLIST]


def _elements(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else ()
