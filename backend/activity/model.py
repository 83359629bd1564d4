"""Something that happened, as whoever belongs to the workspace may read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from backend.kit.documents import Stored, reading


class Subject(NamedTuple):
    """What something happened to: its kind, such as `task`, and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Happening:
    """`workspaces/{w}/events/{id}`, without who was told of it."""

    id: str
    type: str
    subject: Subject
    actor_uid: str
    rev: int
    at: datetime


def happening_of(stored: Stored) -> Happening:
    """
    Read it from its document.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return Happening(
            id=stored.id,
            type=fields["type"],
            subject=Subject(fields["subject"]["kind"], fields["subject"]["id"]),
            actor_uid=fields["actorUid"],
            rev=fields["rev"],
            at=fields["at"],
        )
