"""The history of a task in JSON."""

from typing import Any

from marshmallow import fields, validate

from backend.kit.documents import Fields
from backend.tasks.documents import task_fields, task_from
from backend.tasks.history import Change
from backend.tasks.model import TaskRef, new_task
from backend.tasks.restoring import SET_BY_PEOPLE
from backend.tasks.schemas import TaskSchema
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Instant

TASK = TaskSchema()


class Values(fields.Dict):
    """Some fields of a task with their values, as the API shows them."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return shown(value, obj)


class ChangeSchema(CamelSchema):
    """A change of a task."""

    rev = fields.Integer(metadata={"description": "The revision that it made."})
    from_rev = fields.Integer(
        metadata={
            "description": "The one before it. What an app wrote several times in a row may be one."
        }
    )
    actor_uid = fields.String(metadata={"description": "Who did it; `system` is TaskFlow itself."})
    at = Instant()
    patch = Values(metadata={"description": "The fields it changed, as it made them."})
    previous = Values(metadata={"description": "The same fields, as they were."})
    lost = Values(
        metadata={
            "description": (
                "Of `previous`, what somebody else had set meanwhile, unseen by who made this "
                "change on an older revision. `:revert` brings it back."
            )
        }
    )


class ChangePageSchema(PageSchema):
    """A page of the history of a task, newest first."""

    items = fields.List(fields.Nested(ChangeSchema))


class RevertSchema(CamelSchema):
    """Which fields of a change to take back."""

    fields_ = fields.List(
        fields.String(validate=validate.OneOf(sorted(SET_BY_PEOPLE))),
        data_key="fields",
        attribute="fields",
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=len(SET_BY_PEOPLE)),
        metadata={"description": "Names of fields; without them, all that people set."},
    )


def shown(values: Fields, change: Change) -> dict[str, Any]:
    """Return fields of a task document as the API shows them."""
    blank = new_task(TaskRef("-", "-"), title="", by=change.actor_uid, at=change.at)
    task = task_from(blank.ref, {**task_fields(blank), **values})
    dumped: dict[str, Any] = TASK.dump(task)
    return {name: dumped[name] for name in values if name in dumped}
