"""Commands in bulk in JSON."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import fields, post_load, validate

from backend.bulk.model import MAX_COMMANDS, Command, Mode, Op, Outcome
from backend.tasks.move_schemas import MoveSchema
from backend.tasks.query_schemas import DeleteQuerySchema
from backend.tasks.schemas import NewTaskSchema, TaskChangesSchema, TaskSchema
from backend.web.schemas import CamelSchema, FaultSchema, Id, OneOf, Whole

IF_MATCH = {"description": "The `rev` that you have seen. `precondition-failed` if it moved on."}
PLAINLY = (Op.COMPLETE, Op.REOPEN, Op.ARCHIVE, Op.UNARCHIVE, Op.RESTORE)
OP = {"description": "What to do, as the route of its own would."}


def _op(*ops: Op) -> "fields.Field[Any]":
    names = [op.value for op in ops]
    return fields.String(required=True, validate=validate.OneOf(names), metadata=OP)


def _if_match() -> Whole:
    return Whole(validate=validate.Range(min=1, max=2**53), metadata=IF_MATCH)


class CreateCommandSchema(NewTaskSchema):
    """Create a task."""

    op = _op(Op.CREATE)


class UpdateCommandSchema(TaskChangesSchema):
    """Change the fields given of a task (merge patch)."""

    op = _op(Op.UPDATE)
    task_id = Id(required=True)
    if_match = _if_match()


class MoveCommandSchema(MoveSchema):
    """Put a task elsewhere in the workspace."""

    op = _op(Op.MOVE)
    task_id = Id(required=True)
    if_match = _if_match()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        about = {name: data.pop(name) for name in ("op", "task_id", "if_match") if name in data}
        return {**about, "move": super()._make(data)}


class DeleteCommandSchema(DeleteQuerySchema):
    """Put a task in the trash."""

    op = _op(Op.DELETE)
    task_id = Id(required=True)
    if_match = _if_match()


class PlainCommandSchema(CamelSchema):
    """Do something to a task that needs no more words."""

    op = _op(*PLAINLY)
    task_id = Id(required=True)
    if_match = _if_match()


PLAIN = PlainCommandSchema()
OTHERS = {
    Op.DELETE: DeleteCommandSchema(),
    Op.CREATE: CreateCommandSchema(),
    Op.UPDATE: UpdateCommandSchema(),
    Op.MOVE: MoveCommandSchema(),
}
COMMAND = OneOf("op", {op.value: OTHERS.get(op, PLAIN) for op in Op})


class BatchSchema(CamelSchema):
    """Commands on tasks, carried out in their order."""

    mode = fields.Enum(
        Mode,
        by_value=True,
        required=True,
        metadata={
            "description": "`atomic`: all of them or none. `perItem`: each for itself, with a "
            "verdict on each."
        },
    )
    operations = fields.List(
        COMMAND,
        required=True,
        validate=validate.Length(min=1),
        metadata={
            "description": "Up to 100 are answered at once; more become an operation.",
            "maxItems": MAX_COMMANDS,
        },
    )


class VerdictSchema(CamelSchema):
    """What became of one command."""

    index = fields.Integer(metadata={"description": "Its place in the request."})
    op = fields.Enum(Op, by_value=True)
    task_id = fields.String(allow_none=True, metadata={"description": "Null: none was created."})
    outcome = fields.Enum(
        Outcome,
        by_value=True,
        metadata={"description": "`unchanged`: it was so already. `refused`: `code` says why."},
    )
    rev = fields.Integer(allow_none=True)
    code = fields.String(allow_none=True, metadata={"description": "The code of the problem."})
    detail = fields.String(allow_none=True)
    errors = fields.List(fields.Nested(FaultSchema), attribute="faults")
    task = fields.Nested(
        TaskSchema,
        allow_none=True,
        metadata={"description": "Where it was refused, only after `precondition-failed`."},
    )


class ReportSchema(CamelSchema):
    """What became of each command, in the order given."""

    mode = fields.Enum(Mode, by_value=True)
    done = fields.Integer()
    unchanged = fields.Integer()
    refused = fields.Integer()
    results = fields.List(fields.Nested(VerdictSchema))


def commands_of(loaded: Iterable[Mapping[str, Any]], new_id: Callable[[int], str]) -> list[Command]:
    """Return commands as `BatchSchema` has read them. `new_id` names the task of each place."""
    return [_command(dict(values), new_id(index)) for index, values in enumerate(loaded)]


def read_commands(
    written: Iterable[Mapping[str, Any]], new_id: Callable[[int], str]
) -> list[Command]:
    """
    Read commands from their JSON once more.

    Raises:
        ValueError: one of them is none, by the schemas of today.
    """
    return commands_of([COMMAND.deserialize(each) for each in written], new_id)


def _command(values: dict[str, Any], new_id: str) -> Command:
    op = Op(values.pop("op"))
    task_id = values.pop("task_id", new_id)
    return Command(op, task_id, expected_rev=values.pop("if_match", None), values=values)
