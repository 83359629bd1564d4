"""Deliveries as documents: decisions, found wherever they lie."""

from backend.deliveries.model import Delivery, DeliveryRef
from backend.kit.documents import Stored, reading
from backend.notifications.documents import decision_of, decision_path
from backend.notifications.model import Channel

DECISIONS = "decisions"


def delivery_of(stored: Stored) -> Delivery:
    """
    Read a delivery from the document of its decision.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored):
        _, uid, _, notification_id, _, channel = stored.path.split("/")
        ref = DeliveryRef(uid, notification_id, Channel(channel))
        return Delivery(ref, decision_of(stored))


def delivery_path(ref: DeliveryRef) -> str:
    """Return where the decision about a delivery lies."""
    return decision_path(ref.uid, ref.notification_id, ref.channel)
