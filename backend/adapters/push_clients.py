"""Which client speaks to FCM, as the settings want it."""

from collections.abc import Sequence

from backend.adapters.metrics import Metrics
from backend.adapters.push import Dismissal, Push, PushMessage, PushResult
from backend.adapters.push_credentials import Bearer, EmulatorBearer
from backend.adapters.push_fast import FastPush
from backend.adapters.push_pausing import Pause
from backend.adapters.push_sdk import SdkPush
from backend.kit.clock import Clock
from backend.settings import GOOGLE_FCM_URL, FcmClient, Settings


def fcm_push(settings: Settings, clock: Clock, metrics: Metrics) -> Push:
    """Return the sender that FCM_CLIENT names. Nothing is connected to before it is used."""
    pause = Pause(clock)
    metrics.watch_push_pause(pause.left_s)
    if settings.fcm_client is FcmClient.SDK:
        return CountedPush(
            SdkPush(settings.project_id, clock, pause, app_url=settings.app_url), metrics
        )
    is_google = settings.fcm_base_url == GOOGLE_FCM_URL
    url = f"{settings.fcm_base_url}/v1/projects/{settings.project_id}/messages:send"
    authority = Bearer() if is_google else EmulatorBearer()
    fast = FastPush(url, clock, authority, pause, app_url=settings.app_url)
    return CountedPush(fast, metrics)


class CountedPush:
    """A sender whose answers are counted: a spike of one kind is an alarm."""

    def __init__(self, push: Push, metrics: Metrics) -> None:
        self._push, self._metrics = push, metrics

    def send_all(self, messages: Sequence[PushMessage | Dismissal]) -> list[PushResult]:
        """Send, and count what became of each."""
        results = self._push.send_all(messages)
        for result in results:
            self._metrics.push_answered(result.outcome.value)
        return results
