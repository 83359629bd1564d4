"""The fields of FCM's SendMessageRequest, after the public reference and the Admin SDK."""

from local.fcm.proto_json import (
    duration,
    enum,
    flag,
    message,
    real,
    repeated,
    struct,
    text,
    text_map,
    timestamp,
    whole,
)

TARGETS = ("fid", "token", "topic", "condition")

_COLOR = message("Color", dict.fromkeys(("red", "green", "blue", "alpha"), real))

_LIGHT_SETTINGS = message(
    "LightSettings",
    {"color": _COLOR, "light_on_duration": duration, "light_off_duration": duration},
)

_ANDROID_NOTIFICATION = message(
    "AndroidNotification",
    {
        "title": text,
        "body": text,
        "icon": text,
        "color": text,
        "sound": text,
        "tag": text,
        "click_action": text,
        "body_loc_key": text,
        "body_loc_args": repeated(text),
        "title_loc_key": text,
        "title_loc_args": repeated(text),
        "channel_id": text,
        "ticker": text,
        "sticky": flag,
        "event_time": timestamp,
        "local_only": flag,
        "notification_priority": enum(
            "AndroidNotification.NotificationPriority",
            "PRIORITY_UNSPECIFIED",
            "PRIORITY_MIN",
            "PRIORITY_LOW",
            "PRIORITY_DEFAULT",
            "PRIORITY_HIGH",
            "PRIORITY_MAX",
        ),
        "default_sound": flag,
        "default_vibrate_timings": flag,
        "default_light_settings": flag,
        "vibrate_timings": repeated(duration),
        "visibility": enum(
            "AndroidNotification.Visibility",
            "VISIBILITY_UNSPECIFIED",
            "PRIVATE",
            "PUBLIC",
            "SECRET",
        ),
        "notification_count": whole,
        "light_settings": _LIGHT_SETTINGS,
        "image": text,
        "bypass_proxy_notification": flag,
        "proxy": enum(
            "AndroidNotification.Proxy", "PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"
        ),
    },
)

_ANDROID = message(
    "AndroidConfig",
    {
        "collapse_key": text,
        "priority": enum("AndroidMessagePriority", "NORMAL", "HIGH"),
        "ttl": duration,
        "restricted_package_name": text,
        "data": text_map,
        "notification": _ANDROID_NOTIFICATION,
        "fcm_options": message("AndroidFcmOptions", {"analytics_label": text}),
        "direct_boot_ok": flag,
        "bandwidth_constrained_ok": flag,
        "restricted_satellite_ok": flag,
    },
)

_APNS = message(
    "ApnsConfig",
    {
        "headers": text_map,
        "payload": struct,
        "fcm_options": message("ApnsFcmOptions", {"analytics_label": text, "image": text}),
        "live_activity_token": text,
    },
)

_WEBPUSH = message(
    "WebpushConfig",
    {
        "headers": text_map,
        "data": text_map,
        "notification": struct,
        "fcm_options": message("WebpushFcmOptions", {"link": text, "analytics_label": text}),
    },
)

_MESSAGE = message(
    "Message",
    {
        "name": text,
        "data": text_map,
        "notification": message("Notification", {"title": text, "body": text, "image": text}),
        "android": _ANDROID,
        "webpush": _WEBPUSH,
        "apns": _APNS,
        "fcm_options": message("FcmOptions", {"analytics_label": text}),
        **dict.fromkeys(TARGETS, text),
    },
    target=TARGETS,
)

SEND_MESSAGE_REQUEST = message("SendMessageRequest", {"validate_only": flag, "message": _MESSAGE})
