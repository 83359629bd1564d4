"""From the form on a job's page to the changes it asks for."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from backend.jobs.model import Job
from backend.jobs.schedule import schedule_of
from backend.jobs.schemas import JobChangesSchema
from backend.kit.errors import Fault, InvalidArgument
from backend.web.faults import faults_of
from backend.web.json_gate import read_json

CHANGES = JobChangesSchema()
WHOLE = re.compile(r"[0-9]{1,9}")
OF_KIND = {"cron": ("expression", "tz"), "interval": ("everyMinutes",), "once": ("at", "tz")}


def form_of(job: Job) -> dict[str, object]:
    """Return the fields of the form as a job fills them."""
    schedule = job.schedule
    return {
        "rev": job.rev,
        "name": job.name,
        "kind": schedule.kind.value,
        "expression": schedule.expression or "",
        "everyMinutes": schedule.every_minutes or "",
        "at": schedule.at or "",
        "tz": schedule.tz,
        "overlap": job.overlap.value,
        "catchUp": job.catch_up.value,
        "maxRuntimeS": job.max_runtime_s,
        "retries": job.retries,
        "arguments": json.dumps(dict(job.arguments), ensure_ascii=False, indent=2),
    }


def wanted(form: Mapping[str, str], job: Job, now: datetime) -> tuple[dict[str, Any], int]:
    """
    Return what a form asks to be changed, as `JobService.edit` takes it, and of which revision.

    A schedule that is the present one stays: an interval would else begin to count anew.

    Raises:
        InvalidArgument: something in the form is not what it should be.
    """
    asked = {
        "name": form.get("name", ""),
        "schedule": _schedule(form),
        "overlap": form.get("overlap", ""),
        "catchUp": form.get("catchUp", ""),
        "maxRuntimeS": _number(form, "maxRuntimeS"),
        "retries": _number(form, "retries"),
        "arguments": _arguments(form),
    }
    try:
        changes: dict[str, Any] = CHANGES.load(asked)
    except ValidationError as error:
        faults = tuple(faults_of({"json": error.messages}))
        raise InvalidArgument("See each value at fault.", faults=faults) from None
    if _is_same(changes["schedule"], job, now):
        del changes["schedule"]
    return changes, int(_number(form, "rev"))


def _is_same(schedule: Mapping[str, Any], job: Job, now: datetime) -> bool:
    new, old = schedule_of(schedule, now), job.schedule
    return (new.kind, new.tz, new.expression, new.every_minutes, new.at) == (
        old.kind,
        old.tz,
        old.expression,
        old.every_minutes,
        old.at,
    )


def _schedule(form: Mapping[str, str]) -> dict[str, Any]:
    kind = form.get("kind", "")
    values: dict[str, Any] = {name: form.get(name, "") for name in OF_KIND.get(kind, ())}
    if "everyMinutes" in values:
        values["everyMinutes"] = _number(form, "everyMinutes")
    return {"kind": kind, **values}


def _arguments(form: Mapping[str, str]) -> Any:
    try:
        return read_json(form.get("arguments", "").encode() or b"{}")
    except InvalidArgument as error:
        fault = Fault("/arguments", error.code, error.detail)
        raise InvalidArgument(error.detail, faults=(fault,)) from None


def _number(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "").strip()
    if WHOLE.fullmatch(text) is None:
        raise InvalidArgument("Send a whole number.", pointer=f"/{name}")
    return int(text)
