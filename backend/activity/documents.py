"""Events as documents, read."""

from backend.activity.model import Happening, Subject
from backend.kit.documents import Fields, Stored, reading


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
            subject=_subject(fields["subject"]),
            actor_uid=fields["actorUid"],
            rev=fields["rev"],
            at=fields["at"],
        )


def _subject(fields: Fields) -> Subject:
    return Subject(fields["kind"], fields["id"], fields.get("taskId"))
