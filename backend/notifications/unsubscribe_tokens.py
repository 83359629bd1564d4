"""What the link out of a mail carries: whose it is, which mail it ends, and that it is ours."""

import base64
import hmac
import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from itsdangerous import BadData, URLSafeSerializer

from backend.kit.ids import is_id
from backend.notifications.model import Category, Notification

DAILY, WEEKLY = "dailyDigest", "weeklyDigest"
CATEGORIES = frozenset(each.value for each in Category if each is not Category.SECURITY)
DIGESTS = {DAILY: "daily", WEEKLY: "weekly"}  # Each by its name in the settings.
LISTS = CATEGORIES | DIGESTS.keys()
TOKEN = re.compile(r"([A-Za-z0-9_-]{1,128})\.([A-Za-z]{1,32})\.([A-Za-z0-9_-]{43})")
WAY_BACK_FOR = timedelta(hours=24)  # As long as every other undo.


class Subscription(NamedTuple):
    """Some mail that somebody gets: `list` is a category, or one of the two digests."""

    uid: str
    list: str

    @property
    def is_digest(self) -> bool:
        """Whether it is one of the two: they end on every channel, having nothing to tell of."""
        return self.list in DIGESTS


def subscription_of(notification: Notification) -> Subscription | None:
    """Return what a notification's mail belongs to; None: it cannot be unsubscribed from."""
    if notification.category is Category.SECURITY:
        return None
    template = notification.words.template.partition("@")[0]
    is_digest = notification.category is Category.DIGEST and template in DIGESTS
    return Subscription(notification.uid, template if is_digest else notification.category.value)


class UnsubscribeTokens:
    """
    Derives tokens from the signing secret, so that none is stored.

    A link out of a mail holds as long as the secret does: who finds an old mail gets out as well.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"unsubscribe", "sha256")
        self._way_back = URLSafeSerializer(secret, salt="unsubscribe-way-back")

    def token(self, subscription: Subscription) -> str:
        """Return the token that ends a subscription."""
        told = "".join(f"{len(part)}:{part};" for part in subscription).encode()
        mac = base64.urlsafe_b64encode(hmac.digest(self._key, told, "sha256"))
        return f"{subscription.uid}.{subscription.list}.{mac.rstrip(b'=').decode()}"

    def read(self, token: str) -> Subscription | None:
        """Return what a token stands for, or None if it is none of ours."""
        found = TOKEN.fullmatch(token)
        if found is None or not is_id(found[1]) or found[2] not in LISTS:
            return None
        subscription = Subscription(found[1], found[2])
        is_ours = hmac.compare_digest(self.token(subscription), token)
        return subscription if is_ours else None

    def way_back(self, subscription: Subscription, was: Any, *, now: datetime) -> str:
        """
        Return what lets whoever has just ended a subscription have it again, for a day.

        `was` is the setting as it had been. Only the answer to the unsubscribing carries this: a
        mail that was passed on lets nobody switch on what its owner has switched off.
        """
        until = int((now + WAY_BACK_FOR).timestamp())
        told = {"of": list(subscription), "was": was, "until": until}
        return str(self._way_back.dumps(told))

    def read_way_back(self, text: str, subscription: Subscription, *, now: datetime) -> list[Any]:
        """Return the setting as it had been, in a list; an empty one if this is no way back."""
        try:
            told = self._way_back.loads(text)
        except BadData:
            return []
        is_good = told["of"] == list(subscription) and told["until"] > now.timestamp()
        return [told["was"]] if is_good else []
