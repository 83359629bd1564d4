"""What every answer must be, whatever was asked."""

import json
import re
from collections.abc import Iterator
from typing import Any

from backend.web.catalogue import english
from tests.hostile.wire import Answer

POINTER = re.compile(r"(/([^~/]|~[01])*)*", re.DOTALL)
MEMBERS = {"type", "title", "status", "detail", "code", "requestId"}
TIMING = re.compile(r"total;dur=([0-9.]+)")
WRITES = re.compile(r"writes=([0-9]+)")
SLOW_MS = 2000.0


def faults_of(answer: Answer) -> list[str]:
    """Say what is wrong with an answer; nothing is said of a good one."""
    if answer.status == 0:
        return []
    found = []
    if answer.status >= 500:
        found.append(f"status {answer.status}: {answer.body[:300]!r}")
    if "server" in answer.headers:
        found.append(f"it names its server: {answer.headers['server']}")
    if answer.status >= 400:
        found += problem_faults(answer)
        if writes(answer):
            found.append(f"refused with {answer.status}, but wrote {writes(answer)} documents")
    if milliseconds(answer) > SLOW_MS:
        found.append(f"slow: {milliseconds(answer)} ms")
    return found


def problem_faults(answer: Answer) -> list[str]:
    """Say how far an error is from a problem document (RFC 9457) as we promise it."""
    if "x-request-id" not in answer.headers:
        return ["an error without X-Request-Id"]
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return [f"an error of type {answer.headers.get('content-type')}"]
    if not answer.body:
        return []  # To HEAD.
    try:
        problem = json.loads(answer.body)
    except ValueError:
        return ["an error that is not JSON"]
    return [*_member_faults(problem, answer.status), *_error_faults(problem.get("errors", []))]


def _member_faults(problem: dict[str, Any], status: int) -> Iterator[str]:
    if missing := MEMBERS - problem.keys():
        yield f"a problem without {sorted(missing)}"
    if problem.get("status") != status:
        yield f"a problem of status {problem.get('status')} in a {status}"
    known = english().problems.get(problem.get("code", ""))
    if known is None or known.status != status:
        yield f"the code {problem.get('code')!r} with {status}"


def _error_faults(errors: list[dict[str, str]]) -> Iterator[str]:
    for fault in errors:
        if fault.keys() != {"pointer", "code", "detail"} or not fault["detail"]:
            yield f"a fault like {fault}"
        elif not POINTER.fullmatch(fault["pointer"]):
            yield f"no JSON pointer: {fault['pointer']!r}"
    if len(errors) > 50:
        yield "more than 50 faults"


def milliseconds(answer: Answer) -> float:
    """The time the server says it took."""
    timed = TIMING.search(answer.headers.get("server-timing", ""))
    return float(timed[1]) if timed else 0.0


def writes(answer: Answer) -> int:
    """The documents the server says it wrote."""
    counted = WRITES.search(answer.headers.get("server-timing", ""))
    return int(counted[1]) if counted else 0
