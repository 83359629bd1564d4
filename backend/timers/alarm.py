"""What a timer's job says when it comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from backend.kit.errors import InvalidArgument
from backend.timers.model import STAMP


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    What a timer's job says: ids only, and a hint. Whether the timer still stands is for the
    handler to read, together with its subject.

    `generation` is the timer's own when the job was made, or None where the job does not say:
    then it is taken for one of the timer as it stands.
    """

    timer_id: str
    subject: Mapping[str, str]
    generation: str | None = None

    @property
    def due_at(self) -> datetime | None:
        """The instant that the job was made for, or None where it does not say."""
        stamp, _, _ = (self.generation or "").partition("-")
        try:
            return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None

    def id_of(self, name: str) -> str:
        """
        Return an id of the subject.

        Raises:
            InvalidArgument: the job does not carry it, so no repetition of it will.
        """
        if name not in self.subject:
            raise InvalidArgument("The job lacks an id.", pointer=f"/{name}")
        return self.subject[name]
