"""The mail of a notification: in the words of its template, with a way out of such mail."""

from backend.adapters.mail import OutgoingMail
from backend.notifications.model import Notification
from backend.notifications.unsubscribe_tokens import UnsubscribeTokens, subscription_of
from backend.templating.service import Templates


class NoticeLetters:
    """Makes mails of notifications, from what was stored with them."""

    def __init__(self, templates: Templates, tokens: UnsubscribeTokens, *, api_url: str) -> None:
        """Take where links to this service begin, which need no app."""
        self._templates = templates
        self._tokens = tokens
        self._api_url = api_url

    def of(self, notification: Notification, to: str) -> OutgoingMail:
        """
        Return the mail of a notification, as it is now, to an address.

        Its Message-ID follows from the notification and how much it tells of: a repeated attempt
        has the same one, and of a group that has grown since another mail tells.

        Raises:
            DataLoss: nobody knows its template any more, or its link leads nowhere.
            Unavailable: the database did not answer.
        """
        subscription = subscription_of(notification)
        unsubscribe = (
            f"{self._api_url}/unsubscribe/{self._tokens.token(subscription)}"
            if subscription
            else None
        )
        said = self._templates.mail(
            notification.words.template,
            notification.words.locale,
            notification.words.values,
            link=notification.link,
            unsubscribe=unsubscribe,
        )
        return OutgoingMail(
            to=to,
            subject=said.subject,
            text=said.text,
            html=said.html,
            locale=said.locale,
            key=f"notice:{notification.uid}:{notification.id}:{notification.count}",
            unsubscribe=unsubscribe,
            list_name=subscription.list if subscription else None,
        )
