"""What mail servers write back about a mail: bounces (RFC 3464) and complaints (RFC 5965)."""

import secrets
from collections.abc import Mapping

HOST = "mx.local.test"

BOUNCES: Mapping[str, tuple[str, str]] = {
    "BOUNCE_HARD": ("5.1.1", "550 5.1.1 user unknown"),
    "BOUNCE_SOFT": ("5.2.2", "552 5.2.2 mailbox full"),
}
COMPLAINT = "COMPLAIN"
OUTCOMES = (*BOUNCES, COMPLAINT)


def report(outcome: str, raw: bytes, *, sender: str, recipient: str) -> bytes:
    """Return what comes back to the `sender` of the envelope about a mail to `recipient`."""
    if outcome == COMPLAINT:
        about = (
            "Feedback-Type: abuse\nUser-Agent: local-catcher/1\nVersion: 1\n"
            f"Original-Mail-From: <{sender}>\n"
        )
        # Those who run such loops take out who complained.
        returned = raw.replace(recipient.encode(), b"redacted@example.invalid")
        words = "Somebody has called this mail spam."
        return _laid_out("feedback-report", "Abuse report", sender, words, about, returned)
    status, told = BOUNCES[outcome]
    about = (
        f"Reporting-MTA: dns; {HOST}\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\n"
        f"Status: {status}\nDiagnostic-Code: smtp; {told}\n"
    )
    subject, words = "Undelivered Mail Returned to Sender", f"<{recipient}>: {told}"
    return _laid_out("delivery-status", subject, sender, words, about, raw)


def _laid_out(kind: str, subject: str, to: str, words: str, about: str, returned: bytes) -> bytes:
    boundary = f"=_{secrets.token_hex(12)}"
    head = f"""\
From: Mail Delivery Subsystem <mailer-daemon@{HOST}>
To: <{to}>
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind};
\tboundary="{boundary}"

--{boundary}
Content-Type: text/plain; charset=us-ascii

{words}

--{boundary}
Content-Type: message/{kind}

{about}
--{boundary}
Content-Type: message/rfc822

"""
    whole = (head.replace("\n", "\r\n").encode(), returned, f"\r\n--{boundary}--\r\n".encode())
    return b"".join(whole)
