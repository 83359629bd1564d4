"""
A stand-in for Firebase Cloud Messaging (HTTP v1), which has no emulator.

It takes `POST /v1/projects/{project}/messages:send` from the real clients, checks the message as
FCM documents it, answers with FCM's own errors, and keeps what came in memory (the last 5,000).

Control API
-----------
`PUT /control/tokens/{token}`  `{"outcomes": [...], "repeat": false}`: what becomes of the next
    sends to a token or installation id (percent-encoded); one is used up per send, then OK.
    UNREGISTERED NOT_FOUND SENDER_ID_MISMATCH INVALID_ARGUMENT UNAUTHENTICATED THIRD_PARTY_AUTH
    INTERNAL OK · QUOTA_EXCEEDED and UNAVAILABLE, also as `{"outcome": …, "retryAfter": 2}` ·
    `{"outcome": "DELAY", "seconds": 2}` accepts at once and answers late · ACCEPT_THEN_DROP
    accepts and closes the connection without an answer · MALFORMED accepts and answers junk.
`GET /control/messages?token=&since=`  every attempt with its outcome, oldest first.
`GET /control/devices/{token}/tray`  what the phone would show, newest first.
`DELETE /control/messages` · `GET /healthz` · `GET /`, a page to look at.

Gaps: how it differs from the real service
------------------------------------------
- Any bearer token, any project and any non-empty device token is good: only scripts refuse one.
- HTTP/1.1 without TLS, no HTTP/2. The Admin SDK's `_async` methods have not been tried with it.
- Topics and conditions are checked and kept, but have no subscribers; conditions are checked
  lightly; the subscription methods and the old batch endpoint are missing.
- No quotas, no per-device rates, no four-collapse-keys limit, no TTL expiry, no offline storage:
  a push is shown at once or not at all.
- The tray does not know the platform: the first of Android tag, apns-collapse-id, collapse key
  and web tag decides what replaces what. A real Android lets a collapse key replace only what is
  still waiting on the server. Data-only messages show nothing; localisation keys are not resolved.
- The payload's size is counted as documented (keys and values; for APNs its JSON); the real one
  counts its own encoding. Reserved data keys are refused by the stricter of the documented lists.
- Where FCM's wording for a broken rule is not public, the wording is ours; codes and shapes are
  FCM's. One rule is reported at a time. `validate_only` also uses up a scripted outcome.
"""

from local.fcm.push import ReceivedPush, Shown
from local.fcm.standin import FcmStandIn

__all__ = ["FcmStandIn", "ReceivedPush", "Shown"]
