"""What somebody is told by a broadcast, in their language."""

from dataclasses import replace
from datetime import datetime

from backend.broadcasts.model import Broadcast, text_for
from backend.kit.actor import SYSTEM_UID
from backend.notifications.addressees import Addressee
from backend.notifications.model import Category, Notification
from backend.templating.service import Templates


class Wording:
    """Makes notifications of broadcasts."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def notice(self, broadcast: Broadcast, to: Addressee, now: datetime) -> Notification:
        """Return what somebody is told. Whoever of the staff sends it is not named."""
        locale = text_for(to.locale, broadcast.texts)
        said = broadcast.texts[locale]
        values = {"title": said.title, "message": said.body}
        rendered = self._templates.render(Category.ANNOUNCEMENT.value, locale, values)
        notice_id = broadcast.notification_id(to.uid)
        return Notification(
            id=notice_id,
            uid=to.uid,
            category=Category.ANNOUNCEMENT,
            words=replace(rendered, locale=locale),  # Theirs may be another than the frame's.
            link=broadcast.link,
            group_key=f"broadcast:{broadcast.id}",
            actor_uid=SYSTEM_UID,
            workspace_id=None,
            task_id=None,
            created_at=now,
            events=(notice_id,),
        )
