"""Operations as documents."""

from backend.kit.documents import Change, Create, Fields, Stored, reading
from backend.operations.model import Operation, OperationKind, OperationState


def operation_path(operation_id: str) -> str:
    """Return where an operation lies."""
    return f"operations/{operation_id}"


def operation_fields(operation: Operation) -> Fields:
    """Return the document of an operation."""
    return {
        "kind": operation.kind.value,
        "uid": operation.uid,
        "state": operation.state.value,
        "done": operation.done,
        "total": operation.total,
        "cursor": dict(operation.cursor),
        "result": None if operation.result is None else dict(operation.result),
        "problem": operation.problem,
        "createdAt": operation.created_at,
        "updatedAt": operation.updated_at,
        "expireAt": operation.expire_at,
        "rev": operation.rev,
    }


def operation_of(stored: Stored) -> Operation:
    """
    Read an operation from its document.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return Operation(
            id=stored.id,
            kind=OperationKind(fields["kind"]),
            uid=fields["uid"],
            state=OperationState(fields["state"]),
            done=fields["done"],
            total=fields["total"],
            cursor=fields["cursor"],
            result=fields["result"],
            problem=fields["problem"],
            created_at=fields["createdAt"],
            updated_at=fields["updatedAt"],
            expire_at=fields["expireAt"],
            rev=fields["rev"],
        )


def creating(operation: Operation) -> Create:
    """Return the write of a new operation."""
    return Create(operation_path(operation.id), operation_fields(operation))


def changing(stored: Stored, operation: Operation) -> Change:
    """Return the write of an operation that went on, provided nobody else changed it."""
    return Change(stored, operation_fields(operation))
