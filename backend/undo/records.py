"""
What commands did that is more than a token can carry, kept beside an operation.

`undoRecords/{id}`: each holds some of what an operation touched. Long work adds a record with each
of its steps; a single command has an operation of its own, which is done when it begins. They are
numbered downwards, so that by their ids the last one comes first: it is put back first.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.kit.documents import Fields, Put, Stored, reading
from backend.kit.people import PEOPLE, people_in
from backend.kit.tagged import tagged
from backend.undo.model import Kind, Touched

RECORDS = "undoRecords"
# Of the 1 MiB of a document, whose names and numbers take more room in Firestore than as JSON.
MOST_BYTES = 300_000
MOST_IN_ONE = 100  # One commit puts as many back.
LAST_STEP, LAST_PART = 999_999, 999


def recording(
    operation_id: str, uid: str, touched: Sequence[Touched], *, step: int, until: datetime
) -> list[Put]:
    """
    Return the writes that keep what one step of an operation touched, for its own commit.

    Steps are numbered as they follow each other, from 0. `until` is when the records may go.
    """
    return [
        Put(
            f"{RECORDS}/{operation_id}-{LAST_STEP - step:06}-{LAST_PART - part:03}",
            {"operationId": operation_id, **_fields(uid, each, until)},
        )
        for part, each in enumerate(_parts(touched))
    ]


def touched_in(stored: Stored) -> list[Touched]:
    """
    Read what a record keeps, in the order in which it was done.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        kept = fields["touched"]
        return [_touched(kept[str(number)]) for number in range(len(kept))]


def _fields(uid: str, touched: Sequence[Touched], until: datetime) -> Fields:
    # A map, and no list: what is told of people who leave goes by names at any depth.
    kept = {str(number): _map(each) for number, each in enumerate(touched)}
    return {"uid": uid, "touched": kept, PEOPLE: people_in(kept), "expireAt": until}


def _map(touched: Touched) -> dict[str, Any]:
    return {
        "path": touched.path,
        "rev": touched.rev,
        "kind": touched.kind.value,
        "before": dict(touched.before),
        "after": dict(touched.after),
    }


def _touched(kept: Mapping[str, Any]) -> Touched:
    return Touched(kept["path"], kept["rev"], Kind(kept["kind"]), kept["before"], kept["after"])


def _parts(touched: Sequence[Touched]) -> Iterator[list[Touched]]:
    part: list[Touched] = []
    size = 0
    for each in touched:
        length = len(json.dumps(tagged(_map(each)), ensure_ascii=False).encode())
        if part and (size + length > MOST_BYTES or len(part) == MOST_IN_ONE):
            yield part
            part, size = [], 0
        part.append(each)
        size += length
    if part:
        yield part
