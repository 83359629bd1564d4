"""
What comes back about a mail: that it could not be delivered, or that its reader called it spam.

Delivery status notifications (RFC 3464, RFC 6533 for those in UTF-8) and feedback reports (RFC
5965). Anybody can send us anything here: nothing in this module fails, whatever bytes it gets.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from backend.adapters.mail import is_about_the_address
from backend.mailing.mime import Headers, Part, parts_of, read_blocks, read_part
from backend.mailing.references import HEADER

MOST_MARKS = 40
MOST_RECIPIENTS = 50
MOST_ALIKE = 5  # Fields of one name.

STATUS_PARTS = {"message/delivery-status", "message/global-delivery-status"}
FEEDBACK_PARTS = {"message/feedback-report"}
RETURNED_PARTS = {
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
}
# Where a report says to which address it came, or that the mail had come from.
BOUNCES_TO = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
CAME_FROM = ("return-path", "original-mail-from", "x-postfix-sender")

# What its readers want no more of. `other`, `virus` and `auth-failure` say nothing of the kind.
COMPLAINTS = {"abuse", "fraud", "opt-out", "opt-out-list"}

_STATUS = re.compile(r"\b([245])\.([0-9]{1,3})\.([0-9]{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>,;:()\"]{1,64}@[^\s<>,;:()\"]{1,255}")


class ReportKind(StrEnum):
    """What a report says."""

    HARD_BOUNCE = "hardBounce"
    SOFT_BOUNCE = "softBounce"
    COMPLAINT = "complaint"
    NO_NEWS = "noNews"  # Delivered, late, or something that we need not act upon.


@dataclass(frozen=True, slots=True)
class Report:
    """
    A report. `code` is an enhanced status code (RFC 3463) such as `5.1.1`, or empty.

    `addresses` and `references` may hold a mark of ours, and much else.
    """

    kind: ReportKind
    code: str
    addresses: tuple[str, ...]
    references: tuple[str, ...]


def report_of(raw: bytes) -> Report | None:
    """Return what a mail reports; None: it is no report, but a holiday note, say."""
    whole = read_part(raw)
    parts = parts_of(whole)
    about = next((each for each in parts if each.kind in STATUS_PARTS | FEEDBACK_PARTS), None)
    if about is None:
        return None
    blocks = list(read_blocks(about.decoded()))
    kind, code = _feedback(blocks) if about.kind in FEEDBACK_PARTS else _delivery(blocks)
    returned = [read_part(part.decoded()).headers for part in parts if part.kind in RETURNED_PARTS]
    return Report(
        kind=kind,
        code=code,
        addresses=tuple(islice(_addresses(whole, [*blocks, *returned]), MOST_MARKS)),
        references=tuple(
            value for headers in (*returned, *blocks) for value in headers.all(HEADER.lower())
        )[:MOST_MARKS],
    )


def _addresses(whole: Part, others: list[Headers]) -> Iterator[str]:
    for headers, names in ((whole.headers, BOUNCES_TO), *((each, CAME_FROM) for each in others)):
        for name in names:
            for value in islice(headers.all(name), MOST_ALIKE):
                yield from _ADDRESS.findall(value)


def _feedback(blocks: list[Headers]) -> tuple[ReportKind, str]:
    kinds = {block.first("feedback-type").strip().lower() for block in blocks}
    return (ReportKind.COMPLAINT if kinds & COMPLAINTS else ReportKind.NO_NEWS), ""


def _delivery(blocks: list[Headers]) -> tuple[ReportKind, str]:
    """
    Judge by the recipients that a report names: a mail of ours has one, an alias may be several.

    The address is dead only if all of them are: then the mildest code is the one to keep.
    """
    recipients = [each for each in blocks if each.first("final-recipient") or each.first("action")]
    verdicts = [_recipient(each) for each in recipients[:MOST_RECIPIENTS]]
    bounces = [(kind, code) for kind, code in verdicts if kind is not ReportKind.NO_NEWS]
    if not bounces:
        return ReportKind.NO_NEWS, ""
    soft = [each for each in bounces if each[0] is ReportKind.SOFT_BOUNCE]
    if soft:
        return soft[0]
    if len(bounces) < len(verdicts):
        return ReportKind.SOFT_BOUNCE, bounces[0][1]
    return bounces[0]


def _recipient(fields: Headers) -> tuple[ReportKind, str]:
    code = _code(fields)
    action = fields.first("action").partition(";")[0].strip().lower()
    has_failed = action == "failed" or (not action and code.startswith("5"))
    if not has_failed or code.startswith("2"):
        return ReportKind.NO_NEWS, code
    if is_about_the_address(code):
        return ReportKind.HARD_BOUNCE, code
    return ReportKind.SOFT_BOUNCE, code


def _code(fields: Headers) -> str:
    """
    Return the status of a recipient.

    Some servers write a general `5.0.0`, and the other server's own code into the diagnosis.
    """
    status = _STATUS.search(fields.first("status"))
    if status is not None and status[0].partition(".")[2] != "0.0":
        return status[0]
    told = _STATUS.search(fields.first("diagnostic-code"))
    if told is not None and (status is None or told[1] == status[1]):
        return told[0]
    return status[0] if status else ""
