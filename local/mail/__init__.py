"""
A mail catcher: it takes any mail over SMTP, sends none on, and shows what came.

The last 1,000 mails are kept in memory; each is at most 10 MiB.

Control API
-----------
`PUT /control/recipients/{address}`  `{"outcomes": [...], "repeat": false}`: what becomes of the
    next mails to a recipient; one is used up per RCPT command, then ACCEPT.
    ACCEPT · REFUSE_550 and BUSY_451 answer the RCPT · ACCEPT_THEN_DROP takes the mail and closes
    the connection without an answer · `{"outcome": "DELAY", "seconds": 2}` takes the mail at once
    and answers late · BOUNCE_HARD and BOUNCE_SOFT take the mail, and put into the inbox what a
    server would send back to the envelope's sender instead (RFC 3464) · COMPLAIN delivers it, and
    puts a complaint (RFC 5965) beside it.
`GET /control/messages?to=`  every mail, oldest first · `GET /control/messages/{id}` ·
`GET /control/messages/{id}/raw` · `DELETE /control/messages` · `GET /healthz` ·
`GET /`, a page to look at, and `GET /messages/{id}`.

Gaps: how it differs from a real mail server
--------------------------------------------
- No TLS, neither STARTTLS nor from the start; any login is good, and none is needed.
- Nothing is delivered, so nothing bounces later by itself: only what a script asks for does.
- No greylisting, rate limits, SPF, DKIM or DMARC; headers are neither added nor checked.
- If a mail has several recipients with scripts, it is dropped if one of them says so, and the
  delays add up. RSET forgets the recipients but not the outcomes they used up.
"""

from local.mail.message import ReceivedMail
from local.mail.standin import MailStandIn

__all__ = ["MailStandIn", "ReceivedMail"]
