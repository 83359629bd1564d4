"""
Reports as mail servers write them: each has a form of its own, and its own ideas of RFC 3464.

Written for these tests after what Postfix, Exim, Gmail, Exchange, Sendmail and others send.
"""

import base64

TO = "bounces+mark@taskflow.example"
ORIGINAL = f"""\
Return-Path: <{TO}>
X-TaskFlow-Reference: token uid notice
 0011223344556677
From: TaskFlow <no-reply@taskflow.example>
To: robin@example.com
Subject: Hi

Hi
"""


def laid_out(
    *parts: str, kind: str = "delivery-status", head: str = "", boundary: str = "b1"
) -> bytes:
    """A report of these parts, with line ends as they travel."""
    top = (
        f"Return-Path: <>\nDelivered-To: {TO}\nFrom: MAILER-DAEMON@mx.example\n{head}"
        f'Content-Type: multipart/report; report-type={kind};\n\tboundary="{boundary}"\n\n'
    )
    body = "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"
    return (top + body).replace("\n", "\r\n").encode()


def status(text: str, *, kind: str = "message/delivery-status", head: str = "") -> str:
    """The part that programs read."""
    return f"Content-Type: {kind}\n{head}\n{text}"


def recipient(action: str, code: str, told: str = "") -> str:
    """What a server says of one recipient."""
    diagnosis = f"Diagnostic-Code: smtp; {told}\n" if told else ""
    return (
        f"Final-Recipient: rfc822; robin@example.com\nAction: {action}\nStatus: {code}\n{diagnosis}"
    )


WORDS = "Content-Type: text/plain\n\nSorry.\n"
MTA = "Reporting-MTA: dns; mx.example\n\n"
RETURNED = f"Content-Type: message/rfc822\n\n{ORIGINAL}"
HEADERS = f"Content-Type: text/rfc822-headers\n\n{ORIGINAL.partition(chr(10) * 2)[0]}\n"

POSTFIX = laid_out(
    WORDS,
    status(
        f"Reporting-MTA: dns; mail.example\nX-Postfix-Queue-ID: 4BF2\n"
        f"X-Postfix-Sender: rfc822; {TO}\nArrival-Date: Sat, 21 Nov 2026 10:00:00 +0000 (UTC)\n\n"
        "Final-Recipient: rfc822; robin@example.com\n"
        "Original-Recipient: rfc822;robin@example.com\nAction: failed\nStatus: 5.1.1\n"
        "Remote-MTA: dns; mx.example.com\nDiagnostic-Code: smtp; 550 5.1.1 <robin@example.com>:\n"
        "    Recipient address rejected: User unknown\n"
    ),
    RETURNED,
)
EXIM = laid_out(
    WORDS,
    status(
        "Reporting-MTA: dns; exim.example\n\nAction: failed\n"
        "Final-Recipient: rfc822;robin@example.com\nStatus: 5.0.0\n"
        "Remote-MTA: dns; mx.example.com\nDiagnostic-Code: smtp; 550 5.1.1 No such user here\n"
    ),
    RETURNED,
)
GMAIL = (
    laid_out(
        "Content-Type: multipart/RELATED;\n\tboundary=b1x\n\n--b1x\n"
        "Content-Type: TEXT/PLAIN\n\n** Address not found **\n--b1x--\n",
        status(MTA + recipient("failed", "5.1.1", "550-5.1.1 The account does not exist."),
               kind="MESSAGE/DELIVERY-STATUS"),
        RETURNED.replace("message/rfc822", "MESSAGE/RFC822"),
    )
    .replace(b'boundary="b1"', b"boundary=b1")
)  # fmt: skip
EXCHANGE = laid_out(
    "Content-Type: multipart/alternative; differences=Content-Type;\n\tboundary=alt\n\n"
    "--alt\nContent-Type: text/html\n\n<p>Sorry.</p>\n--alt--\n",
    status(
        "Reporting-MTA: dns;EX1.corp.example\nReceived-From-MTA: dns;mx\n\n"
        "Original-Recipient: rfc822;robin@example.com\nFinal-Recipient: rfc822;robin@example.com\n"
        "Action: failed\nStatus: 5.1.10\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found\n\n"
    ),
    RETURNED,
)
HEADERS_ONLY = laid_out(WORDS, status(MTA + recipient("failed", "5.1.1")), HEADERS)
WITHOUT_ORIGINAL = laid_out(WORDS, status(MTA + recipient("failed", "5.1.1")))
BARE_CODE = laid_out(WORDS, status(MTA + recipient("failed", "5.0.0", "550 no mailbox here")))
FULL = laid_out(WORDS, status(MTA + recipient("failed", "5.2.2", "552 5.2.2 over quota")), RETURNED)
EXPIRED = laid_out(WORDS, status(MTA + recipient("failed", "4.4.7")), RETURNED)
SPAM_FILTER = laid_out(WORDS, status(MTA + recipient("failed", "5.7.1", "554 5.7.1 no")), RETURNED)
DELAYED = laid_out(WORDS, status(MTA + recipient("delayed", "4.4.1")), RETURNED)
DELIVERED = laid_out(WORDS, status(MTA + recipient("delivered", "2.0.0")), RETURNED)
CONTRADICTION = laid_out(WORDS, status(MTA + recipient("failed", "2.1.5")), RETURNED)
ALIAS_ALL_DEAD = laid_out(
    WORDS,
    status(MTA + recipient("failed", "5.1.1") + "\n" + recipient("failed", "5.1.2")),
    RETURNED,
)
ALIAS_ONE_FULL = laid_out(
    WORDS,
    status(MTA + recipient("failed", "5.1.1") + "\n" + recipient("failed", "5.2.2")),
    RETURNED,
)
ALIAS_ONE_ALIVE = laid_out(
    WORDS, status(MTA + recipient("failed", "5.1.1") + "\n" + recipient("relayed", "2.0.0")),
    RETURNED,
)  # fmt: skip
WITHOUT_ACTION = laid_out(
    WORDS, status(MTA + "Final-Recipient: rfc822; robin@example.com\nStatus: 5.1.1\n"), RETURNED
)
IN_BASE64 = laid_out(
    WORDS,
    status(
        base64.encodebytes((MTA + recipient("failed", "5.1.1")).encode()).decode(),
        head="Content-Transfer-Encoding: base64\n",
    ),
    RETURNED,
)
IN_UTF8 = laid_out(
    WORDS,
    status(
        MTA + "Final-Recipient: utf-8; jörg@example.com\nAction: failed\nStatus: 5.1.1\n",
        kind="message/global-delivery-status",
    ),
    RETURNED.replace("message/rfc822", "message/global"),
    kind="global-delivery-status",
)
BARE_LINE_FEEDS = POSTFIX.replace(b"\r\n", b"\n")
BROKEN_OFF = POSTFIX.rpartition(b"From: TaskFlow")[0]


def feedback(kind: str, *, about: str = HEADERS, quoted: bool = False) -> bytes:
    """A feedback report (RFC 5965)."""
    part = status(
        f"User-Agent: Loop/1.0\nFeedback-Type: {kind}\nVersion: 1\n"
        f"Original-Mail-From: <{TO}>\nSource-IP: 192.0.2.1\n",
        kind="message/feedback-report",
    )
    named = '"feedback-report"' if quoted else "feedback-report"
    return laid_out(WORDS, part, about, kind=named)
