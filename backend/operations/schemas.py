"""What the API says of an operation."""

from marshmallow import fields

from backend.operations.model import OperationKind, OperationState
from backend.web.schemas import CamelSchema, Instant


class OperationSchema(CamelSchema):
    """Work that goes on after the answer."""

    id = fields.String()
    kind = fields.Enum(OperationKind, by_value=True, metadata={"description": "What is done."})
    state = fields.Enum(
        OperationState,
        by_value=True,
        metadata={"description": "Only what is running can still change."},
    )
    done = fields.Integer(metadata={"description": "How many steps lie behind it."})
    total = fields.Integer(
        allow_none=True,
        metadata={"description": "Of how many steps; null: nobody knows yet."},
    )
    result = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata={
            "description": (
                "What came of it, once it is done. Of an export: `downloadUrl`, good until "
                "`downloadUrlExpiresAt` and made anew by each reading, `bytes`, and "
                "`manifestSha256`. Of a merge: `moved` (counts), `leftBehind`, `duplicates` "
                "(`taskId`, `duplicateOf`) and `undoUntil`. Of its undoing: `takenBack`, `kept`, "
                "`keptTaskIds` and `guestExpireAt`. Of a batch, as far as it has come: the report, "
                "without the tasks. Of a move to another workspace, from the beginning: `taskId` "
                "and `workspaceId` there, `people` who do not belong to it, `leftBehind` (fields), "
                "and the counts `tasks`, `comments`, `attachments` and `history`. Of an undo: "
                "`undone` and `kept` (counts), and `keptPaths`, the first of these documents. Of a "
                "broadcast: `told`, `leftOut`, and `outcomes` by channel and decision."
            )
        },
    )
    problem = fields.String(
        allow_none=True,
        metadata={"description": "The code of the problem it failed with."},
    )
    created_at = Instant()
    updated_at = Instant()
    expire_at = Instant(
        metadata={"description": "When it is forgotten, with whatever it left to download."}
    )
