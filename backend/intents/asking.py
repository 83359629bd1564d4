"""From what an app wrote to what a command is asked: as strict as the API is with a body."""

import math
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from backend.intents.model import (
    Asked,
    Command,
    Commands,
    Intent,
    checked_revision,
    unknown_fields,
)
from backend.kit.errors import Fault, InvalidArgument
from backend.kit.ids import is_id
from backend.web.faults import faults_of

SAFE = 2**53
DEEPEST = 10
BODY, IF_MATCH, BASE_REV = "body", "ifMatch", "baseRev"


def command_of(intent: Intent, commands: Commands) -> Command:
    """
    Return the command that an intent names.

    Raises:
        InvalidArgument: there is none of this name.
    """
    command = commands.get(intent.command)
    if command is None:
        raise InvalidArgument("There is no such command.", pointer="/command")
    return command


def asked_of(intent: Intent, command: Command) -> Asked:
    """
    Return what an intent asks of its command. Pointers lead into the intent.

    Raises:
        InvalidArgument: ids are missing or none, the body is not as the command takes it, or
            something is there that it does not know.
    """
    args = intent.args
    known = {*command.ids, IF_MATCH}
    known |= {BODY} if command.body else set()
    known |= {BASE_REV} if command.takes_base else set()
    if faults := unknown_fields(args, known):
        raise InvalidArgument(
            "See `errors` for each value at fault.", code="unknown-field", faults=faults
        )
    ids = {name: _id(args.get(name), name, intent.uid) for name in command.ids}
    body = _body(command, args.get(BODY, {})) if command.body else None
    return Asked(ids, body, checked_revision(args, IF_MATCH), checked_revision(args, BASE_REV))


def _id(value: Any, name: str, uid: str) -> str:
    if not isinstance(value, str) or not is_id(value):
        raise InvalidArgument("This is the id of something.", pointer=f"/args/{name}")
    return uid if name == "workspaceId" and value == "me" else value


def _body(command: Command, body: Any) -> Any:
    if command.body is None or not isinstance(body, Mapping):
        raise InvalidArgument("A body is a map.", pointer=f"/args/{BODY}")
    try:
        return command.body.load(_plain(body, f"/args/{BODY}"))
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> InvalidArgument:
    faults = tuple(
        Fault(f"/args/{BODY}{fault.pointer}", fault.code, fault.detail)
        for fault in faults_of(error.messages)
    )
    is_unknown = all(fault.code == "unknown-field" for fault in faults)
    code = "unknown-field" if is_unknown else None
    return InvalidArgument("See `errors` for each value at fault.", code=code, faults=faults)


def _plain(value: Any, pointer: str, depth: int = 0) -> Any:
    """Return a value if JSON has it: what Firestore knows besides, no schema of ours expects."""
    match value:
        case None | bool() | str():
            return value
        case int() if abs(value) <= SAFE:
            return value
        case float() if math.isfinite(value):
            return value
        case Mapping() if depth < DEEPEST:
            return {
                name: _plain(inner, f"{pointer}/{name}", depth + 1) for name, inner in value.items()
            }
        case list() if depth < DEEPEST:
            return [_plain(inner, f"{pointer}/{n}", depth + 1) for n, inner in enumerate(value)]
    raise InvalidArgument("This value is none of JSON's, or too deep.", pointer=pointer)
